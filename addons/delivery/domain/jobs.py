"""What a print job is and what may become of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from addons.delivery.domain.printers import PaperState, PrinterId, Problem

PrintJobId = NewType("PrintJobId", str)

COPIES_MAX = 5
TAKE_MAX = 10  # jobs of one printer in one answer
RETRY_FIRST_MS = 2_000
RETRY_MAX_MS = 60_000
RECEIPT = "delivery.receipt"  # kinds of paper; others are registered by their add-ons
TEST_PAGE = "delivery.test"


class JobState(StrEnum):
    """What became of a print job."""

    QUEUED = "queued"
    TAKEN = "taken"  # an agent has it in hand
    PRINTED = "printed"
    CANCELLED = "cancelled"  # by a person
    LATE = "late"  # nobody printed it in time
    IMPOSSIBLE = "impossible"  # the paper could not be made


OPEN_STATES = (JobState.QUEUED, JobState.TAKEN)


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One paper for one printer. is_duplicate: an earlier job printed it, or was to. is_possibly_printed: an
    agent had it in hand and did not say what became of it.
    """

    id: PrintJobId
    outlet_id: str
    printer_id: PrinterId
    register_id: str | None
    number: int  # order in the printer's queue
    kind: str
    subject_id: str
    copies: int
    is_duplicate: bool
    is_possibly_printed: bool
    state: JobState
    attempts: int
    problem: str | None
    holder: str | None
    lease_until_ms: int | None
    due_ms: int
    created_ms: int
    ended_ms: int | None

    @property
    def is_marked(self) -> bool:
        """True when the paper says that it is a duplicate."""
        return self.is_duplicate or self.is_possibly_printed


@dataclass(frozen=True, slots=True)
class PrintPaper:
    """Ask for a paper. printer_id None: the register's own printer, or the only one of its outlet.

    once_key: a company's second job with the same key is not made.
    """

    kind: str
    subject_id: str
    register_id: str
    printer_id: PrinterId | None = None
    copies: int = 1
    once_key: str | None = None


@dataclass(frozen=True, slots=True)
class TakeJobs:
    """An agent asks for work. holder: its memory's own id; whoever has lost his memory is another holder."""

    holder: str
    count: int = 3


@dataclass(frozen=True, slots=True)
class ReportPrinted:
    """An agent says that all of it lies on paper."""

    job_id: PrintJobId
    holder: str
    paper: PaperState = PaperState.UNKNOWN


@dataclass(frozen=True, slots=True)
class ReportFailed:
    """An agent says why it did not print. is_begun: some of it may lie on paper."""

    job_id: PrintJobId
    holder: str
    problem: Problem
    text: str = ""
    is_begun: bool = False
    paper: PaperState = PaperState.UNKNOWN


@dataclass(frozen=True, slots=True)
class ReportPrinter:
    """An agent says how an idle printer is. problem None: it would print."""

    printer_id: PrinterId
    problem: Problem | None = None
    text: str = ""
    paper: PaperState = PaperState.UNKNOWN


def retry_ms(attempts: int) -> int:
    """Pause before a job that was not printed is given out again: 2, 4, 8 … seconds, at most a minute."""
    return min(RETRY_MAX_MS, RETRY_FIRST_MS << min(max(attempts - 1, 0), 10))
