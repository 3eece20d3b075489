"""Price labels with barcodes: what stands on one, and the papers they are printed on. Drawing does not belong
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kernel.money import Money
from kernel.values import value

LABELS_MAX = 1_000  # in one file


class LabelPaper(StrEnum):
    """Rolls of thermal printers by their label, and sheets of 21 labels for an office printer."""

    ROLL_58_40 = "58x40"
    ROLL_43_25 = "43x25"
    A4 = "a4"


@dataclass(frozen=True, slots=True)
class LabelGrid:
    """Millimetres of a page and of its labels, which lie side by side without gaps in the middle of it."""

    page: tuple[float, float]
    label: tuple[float, float]
    columns: int = 1
    rows: int = 1

    @property
    def count(self) -> int:
        """Labels on a page."""
        return self.columns * self.rows


GRIDS = {
    LabelPaper.ROLL_58_40: LabelGrid((58, 40), (58, 40)),
    LabelPaper.ROLL_43_25: LabelGrid((43, 25), (43, 25)),
    LabelPaper.A4: LabelGrid((210, 297), (70, 42.3), 3, 7),
}


@value
class Label:
    """One label. price None: typed at the till; barcode "": the code alone identifies the product."""

    name: str
    price: Money | None
    unit_name: str
    code: int
    article: str
    barcode: str
