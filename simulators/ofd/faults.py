"""What can go wrong with the next requests: instead of, before or after their processing."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import StrEnum

from simulators.faults import AnswerFault


class FaultKind(StrEnum):
    """What strikes."""

    CUT_BEFORE = "cut_before"  # the connection breaks, nothing was processed
    CUT_AFTER = "cut_after"  # processed, the answer is lost
    CUT_INSIDE = "cut_inside"  # processed, half of the answer arrives, then the connection breaks
    SILENCE_BEFORE = "silence_before"  # nothing processed, no answer, the connection stays
    SILENCE_AFTER = "silence_after"  # processed, no answer, the connection stays
    DELAY = "delay"  # processed, the answer comes `delay_ms` later
    CODE = "code"  # answered with `code`, nothing processed
    WRONG_TOKEN = "wrong_token"  # processed; the answer's header carries a token that was never issued
    WRONG_REQNUM = "wrong_reqnum"  # processed; the answer carries another request number
    GARBAGE = "garbage"  # processed; bytes come back that are no frame


@dataclass(slots=True)
class Fault(AnswerFault):
    """None in a filter fits all. code: the result code of CODE."""

    kind: FaultKind
    _: KW_ONLY
    ofd_id: int | None = None
    command: int | None = None
    code: int = 254

    def fits(self, ofd_id: int, command: int) -> bool:
        """Requests of its device and its command."""
        return self.ofd_id in (None, ofd_id) and self.command in (None, command)
