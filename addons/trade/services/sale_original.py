"""Facts of a stored ticket that a return must carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.trade.domain.commands import SaleId
from addons.trade.domain.kinds import FiscalState
from addons.trade.ports import OriginalTicket
from addons.trade.services import rows
from addons.trade.services.records import SaleRecord
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Reader


async def sale_original(reader: Reader, sale_id: SaleId) -> OriginalTicket:
    """The original ticket. Refusals: SALE_UNKNOWN, SALE_NOT_FISCAL_YET, SALE_REJECTED."""
    sold = await rows.sale_by_id(reader, sale_id)
    if sold is None:
        raise Refusal("SALE_UNKNOWN")
    return original_ticket(sold)


def original_ticket(sold: SaleRecord, *, field: str | None = None) -> OriginalTicket:
    """The same from a record at hand."""
    fiscal = sold.fiscal
    if fiscal.state is FiscalState.REJECTED:
        raise Refusal("SALE_REJECTED", field=field)
    sign = fiscal.sign or (None if fiscal.offline_number is None else str(fiscal.offline_number))
    if fiscal.state is FiscalState.PENDING or sign is None:
        raise Refusal("SALE_NOT_FISCAL_YET", field=field)
    return OriginalTicket(
        sale_id=sold.id,
        sign=sign,
        at_ms=fiscal.at_ms or sold.created_ms,
        kkm_registration_number=fiscal.kkm_registration_number,
        total=sold.total,
        is_offline=fiscal.is_offline,
    )
