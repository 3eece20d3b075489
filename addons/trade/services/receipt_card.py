"""What others need to know of a ticket to hand its receipt out: who may have it, where it is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.trade.domain.commands import SaleId
from addons.trade.domain.kinds import FiscalState, SaleKind
from addons.trade.services import rows
from addons.trade.services.receipts import receipt_token
from kernel.errors import Refusal
from kernel.money import Money

if TYPE_CHECKING:
    from kernel.data.work import Reader


@dataclass(frozen=True, slots=True)
class ReceiptCard:
    """path: of the public page, a secret. customer_email: as the buyer said it, unchecked."""

    sale_id: SaleId
    register_id: str
    kind: SaleKind
    state: FiscalState
    is_test: bool
    document_number: int | None
    company_title: str
    total: Money
    customer_email: str | None
    path: str


async def receipt_card(reader: Reader, sale_id: str) -> ReceiptCard:
    """The ticket of the reader's company. Raises Refusal("SALE_UNKNOWN")."""
    record = await rows.sale_by_id(reader, SaleId(sale_id))
    if record is None:
        raise Refusal("SALE_UNKNOWN", field="saleId")
    return ReceiptCard(
        sale_id=record.id,
        register_id=record.register_id,
        kind=record.kind,
        state=record.fiscal.state,
        is_test=record.fiscal.is_test,
        document_number=record.fiscal.document_number,
        company_title=record.header.company_title,
        total=record.total,
        customer_email=record.header.customer.email,
        path=f"/r/{receipt_token(record)}",
    )
