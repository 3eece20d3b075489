"""Settings of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class CatalogSettings:
    """vat_periods: changes of the law that the program does not know yet, "medicine 2028-01-01 1200; standard
    2028-01-01 1700"."""

    SECTION: ClassVar[str] = "catalog"

    vat_periods: str = ""
