"""Closed sets of delivery as GraphQL enums; declared once."""

import strawberry

from addons.delivery.domain.jobs import JobState
from addons.delivery.domain.printers import Encoding, PaperState, Problem
from addons.trade.api import ReceiptLanguage
from kernel.mail import LetterState

__all__ = ["Encoding", "JobState", "LetterState", "PaperState", "Problem", "ReceiptLanguage"]

strawberry.enum(
    JobState,
    name="PrintJobState",
    description="QUEUED: waits. TAKEN: in an agent's hand. PRINTED. CANCELLED: by a person. "
    "LATE: nobody printed it in time. IMPOSSIBLE: the paper could not be made.",
)
strawberry.enum(
    Problem,
    name="PrinterProblem",
    description="Why a printer does not print. CUT_OFF: the agent ended while printing, "
    "nobody knows how far it came.",
)
strawberry.enum(PaperState, name="PrinterPaper", description="What a printer says about its roll.")
strawberry.enum(
    Encoding,
    name="PrinterEncoding",
    description="How letters reach the printer: by a code page, lines it cannot hold as pictures; "
    "or RASTER, all as pictures.",
)
strawberry.enum(
    LetterState,
    name="LetterState",
    description="WAITING: on its way. SENT: the mail server took it. REFUSED: by a server, for good. "
    "EXPIRED: nobody took it in time.",
)
