"""Sales on their way back to 1C, in no format's words: what was sold in a shift and by which receipts."""

from __future__ import annotations

from enum import StrEnum

from addons.catalog_1c.domain.commands import ConnectionId
from addons.trade.api import CashRecord, SaleRecord, ShiftSummaryFacts, TicketLine
from kernel.values import value

CHANNEL_COMMERCEML = "commerceml"


class SalesBy(StrEnum):
    """What one document for 1C stands for. NONE: sales do not go back."""

    SHIFT = "shift"
    RECEIPT = "receipt"
    NONE = "none"


@value
class SoldLine:
    """A position with what it is called elsewhere.

    external_id: Ид of the good in this 1C base, "" when it is not from there. code: of the product in our
    catalogue, 0 without a product.
    """

    line: TicketLine
    external_id: str
    code: int


@value
class SoldReceipt:
    """A receipt as it stands now.

    version: of its shift when this receipt was new or changed last. is_changed: not acknowledged yet in this
    state. is_cancelled: it was told before, and the OFD refused it since. original: of a return.
    """

    sale: SaleRecord
    lines: tuple[SoldLine, ...]
    original: SaleRecord | None
    version: int
    is_changed: bool
    is_cancelled: bool


@value
class SoldShift:
    """A closed shift with its receipts, cash operations and the totals of its Z report.

    register_number, register_title, outlet_id: of the register now. receipts: those that count, and the
    cancelled ones at the end. is_retold: the other side acknowledged it before, in an earlier state.
    """

    facts: ShiftSummaryFacts
    register_number: int
    register_title: str
    outlet_id: str
    version: int
    receipts: tuple[SoldReceipt, ...]
    cash: tuple[CashRecord, ...]
    is_retold: bool = False

    @property
    def standing(self) -> tuple[SoldReceipt, ...]:
        """Receipts that count."""
        return tuple(each for each in self.receipts if not each.is_cancelled)


@value
class OfferSales:
    """Ask for what a channel has not acknowledged.

    since_ms: shifts closed before are left out; None: as before, and for a new channel from now on.
    outlet_ids, register_ids: empty for all.
    """

    connection_id: ConnectionId
    channel: str = CHANNEL_COMMERCEML
    since_ms: int | None = None
    outlet_ids: frozenset[str] = frozenset()
    register_ids: frozenset[str] = frozenset()
    with_test: bool = False


@value
class SalesOffer:
    """What a channel has not acknowledged; the newest offer of a channel is the one that can be.

    is_more: further shifts wait for the next offer. left_out: shifts of registers that only test.
    """

    id: str
    channel: str
    shifts: tuple[SoldShift, ...]
    is_more: bool = False
    left_out: int = 0

    @property
    def receipts(self) -> int:
        """How many receipts it holds."""
        return sum(len(shift.receipts) for shift in self.shifts)
