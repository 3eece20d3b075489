"""Facts of a stored ticket that a return must carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.trade.ports import OriginalTicket, SaleId

if TYPE_CHECKING:
    from kernel.data.work import Reader


async def sale_original(reader: Reader, sale_id: SaleId) -> OriginalTicket:
    """The original ticket. Refusals: SALE_UNKNOWN, SALE_NOT_FISCAL_YET, SALE_REJECTED."""
    raise NotImplementedError
