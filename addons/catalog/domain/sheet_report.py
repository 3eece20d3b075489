"""What an import of a sheet is asked to do and what came of it. Storing it does not belong here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from addons.catalog.domain.sheet_row import CellFault
from kernel.money import BASIS_POINTS

FAULTS_SHOWN_MAX = 200
PREVIEW_ROWS = 20
ARCHIVE_PERCENT_MAX = 20  # of the goods for sale, unless the caller says otherwise


class SheetState(StrEnum):
    """How an import stands.

    CHECKED: the dry run is done, and nothing is stored before it is confirmed. STOPPED: by a person; what
    was stored stays.
    """

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    STORING = "storing"
    DONE = "done"
    REFUSED = "refused"
    STOPPED = "stopped"


RUNNING = (SheetState.CHECKING, SheetState.STORING)


class ErrorPolicy(StrEnum):
    """What one bad row means for the others."""

    REJECT_ALL = "reject_all"
    REJECT_FAILED_ROWS = "reject_failed_rows"


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """replaces_all: goods the file does not name are archived afterwards; refused when they are more than
    archive_percent_max of the goods for sale."""

    policy: ErrorPolicy = ErrorPolicy.REJECT_ALL
    replaces_all: bool = False
    archive_percent_max: int = ARCHIVE_PERCENT_MAX


class RowAction(StrEnum):
    """What becomes of a row."""

    CREATE = "create"
    UPDATE = "update"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as it was understood. before: the price now, where the good is known; prices as text."""

    line: int
    action: RowAction
    code: int | None
    barcode: str
    name: str
    price: str | None
    before: str | None


@dataclass(slots=True)
class SheetReport:
    """Counts of rows; their sum is `read`. to_archive: goods for sale that the file does not name, of
    `for_sale`; both only when it replaces all. faults: the first ones; by_code counts all of them."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    archived: int = 0
    for_sale: int = 0
    to_archive: int = 0
    groups_made: int = 0
    faults: list[CellFault] = field(default_factory=list)
    by_code: Counter[str] = field(default_factory=Counter)
    preview: list[PreviewRow] = field(default_factory=list)

    def fail(self, faults: Iterable[CellFault]) -> None:
        """One row that is refused for these reasons."""
        self.failed += 1
        for fault in faults:
            self.by_code[fault.code] += 1
            if len(self.faults) < FAULTS_SHOWN_MAX:
                self.faults.append(fault)

    @property
    def archives_bp(self) -> int:
        """Share of the goods for sale that would be archived, in basis points."""
        return 0 if not self.for_sale else self.to_archive * BASIS_POINTS // self.for_sale

    def is_over(self, options: SheetOptions) -> bool:
        """Whether more goods would be archived than was allowed."""
        return options.replaces_all and self.to_archive * 100 > self.for_sale * options.archive_percent_max


def read_options(facts: Mapping[str, Any]) -> SheetOptions:
    """The options from their JSON."""
    return SheetOptions(ErrorPolicy(facts["policy"]), facts["replaces_all"], facts["archive_percent_max"])


def report_facts(report: SheetReport) -> dict[str, Any]:
    """The report as JSON; read_report reads it."""
    facts = asdict(report)
    facts["faults"] = [_fault_facts(fault) for fault in report.faults]
    facts["by_code"] = dict(report.by_code)
    return facts


def read_report(facts: Mapping[str, Any]) -> SheetReport:
    """What report_facts made."""
    told = dict(facts)
    told["faults"] = [CellFault(**fault) for fault in facts["faults"]]
    told["by_code"] = Counter(facts["by_code"])
    told["preview"] = [
        PreviewRow(**{**each, "action": RowAction(each["action"])}) for each in facts["preview"]
    ]
    return SheetReport(**told)


def _fault_facts(fault: CellFault) -> dict[str, Any]:
    return {
        "line": fault.line,
        "column": fault.column,
        "code": fault.code,
        "facts": dict(fault.facts),
        "cell": fault.cell,
    }
