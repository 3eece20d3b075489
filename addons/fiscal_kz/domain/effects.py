"""What `decide` asks to be done.

Whoever performs effects adds no decision of his own and keeps their order.
"""

from __future__ import annotations

from addons.fiscal_kz.domain.facts import Numbers
from addons.fiscal_kz.domain.kinds import Block, Link
from addons.fiscal_kz.domain.report import Report
from addons.fiscal_kz.domain.state import Exchange
from kernel.values import value


@value
class Refuse:
    """Do not take the document at all."""

    code: str


@value
class Queue:
    """Put the document at the tail of the lane; its outcome is not known yet."""


@value
class Issued:
    """The document is an offline document now, with these numbers: print, count, deliver later.

    is_in_hand: it was being sent when the link was lost. report: the Z report, for a shift close.
    """

    numbers: Numbers
    is_in_hand: bool = False
    report: Report | None = None


@value
class Send:
    """Send the exchange. is_fresh: build its bytes and store them first; else the stored bytes go again.

    period: begin and end of the offline time for service.offline_period, epoch ms.
    """

    exchange: Exchange
    is_fresh: bool
    period: tuple[int, int] | None = None
    report: Report | None = None


@value
class Fiscalized:
    """The OFD took the document online."""

    numbers: Numbers


@value
class Delivered:
    """The OFD acknowledged an offline document."""

    numbers: Numbers


@value
class Rejected:
    """The document is refused for good; it took no number.

    result_code: of the OFD, 0 when we refused ourselves.
    """

    code: str
    result_code: int = 0


@value
class TakenOut:
    """A person took the document out of the queue: ours still, but the OFD does not have it.

    code, result_code: why the OFD refused it, as in Rejected.
    """

    code: str
    result_code: int


@value
class Reported:
    """An X report is ready. is_local: the OFD was not reached."""

    report: Report
    is_local: bool


@value
class ShiftOpened:
    """A shift was opened by the document at hand."""

    number: int
    at_ms: int


@value
class ShiftClosed:
    """The shift was closed; report is our own Z."""

    number: int
    at_ms: int
    report: Report


@value
class IssueBacklog:
    """Turn the documents behind the head into offline documents (events Backlog, then BacklogEnded)."""


@value
class StartPolling:
    """Put a POLL at the lane's tail: nothing in the queue would find out that the OFD is back."""


@value
class LinkChanged:
    """The link was lost, or all offline documents are delivered and it works again."""

    link: Link


@value
class BlockChanged:
    """The register was blocked or released."""

    block: Block
    code: int = 0


@value
class Finish:
    """The head of the lane is done; the next one's turn."""


@value
class Retry:
    """The head keeps its place and gets its turn again after that time."""

    after_ms: int


@value
class Halt:
    """The lane stops at this head until a person releases it."""

    block: Block


Effect = (
    Refuse
    | Queue
    | Issued
    | Send
    | Fiscalized
    | Delivered
    | Rejected
    | TakenOut
    | Reported
    | ShiftOpened
    | ShiftClosed
    | IssueBacklog
    | StartPolling
    | LinkChanged
    | BlockChanged
    | Finish
    | Retry
    | Halt
)
