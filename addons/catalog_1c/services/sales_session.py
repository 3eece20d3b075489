"""`type=sale` of one sign-in: sales are given, and taken for told when the same sign-in says `success`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.catalog_1c.domain.choices import read_choices
from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.domain.exchange import ExchangeCard
from addons.catalog_1c.domain.sales import CHANNEL_COMMERCEML, OfferSales, SalesBy, SalesOffer
from addons.catalog_1c.domain.sales_documents import SalesOut, documents
from addons.catalog_1c.models import Connection
from addons.catalog_1c.services.exchanges import note_offer
from addons.catalog_1c.services.sales_out import acknowledge_offer, offer_sales
from addons.organization.api import find_company
from kernel.clock import to_ms

if TYPE_CHECKING:
    from kernel.data.work import Work


async def give_sales(work: Work, card: ExchangeCard) -> SalesOut:
    """What `query` gets: everything the base has not acknowledged, as documents of the chosen kind."""
    sales = await sales_of(work, card.connection_id)
    await note_offer(
        work,
        card.id,
        sales.offer.id or None,
        documents=sum(1 for _ in documents(sales)),
        left_out=sales.offer.left_out,
    )
    return sales


async def sales_of(work: Work, connection_id: str, *, channel: str = CHANNEL_COMMERCEML) -> SalesOut:
    """A new offer of a connection, with what is needed to write it down."""
    connection = await Connection.get(id=connection_id)
    choices = read_choices(connection.choices)
    offer = SalesOffer("", channel, ())
    if choices.sales_by is not SalesBy.NONE:
        offer = await offer_sales(
            work,
            OfferSales(
                connection_id=ConnectionId(connection.id),
                channel=channel,
                since_ms=choices.sales_since_ms or to_ms(connection.created_at),
                outlet_ids=frozenset(choices.outlet_ids),
                with_test=choices.with_test_sales,
            ),
        )
    company = await find_company(work, work.company_id)
    return SalesOut(
        offer=offer,
        by=choices.sales_by,
        operation=choices.sales_operation,
        company_title=company.title,
        company_bin=company.bin,
        warehouses={outlet_id: warehouse for warehouse, outlet_id in choices.warehouses.items()},
        now_ms=work.now_ms,
    )


async def take_acknowledgement(work: Work, card: ExchangeCard) -> int:
    """`success`: what this sign-in was given last is told; one that got nothing acknowledges nothing."""
    if card.offer_id is None:
        return 0
    told = await acknowledge_offer(work, card.connection_id, card.offer_id)
    await note_offer(work, card.id, None)
    return told
