"""Payments that name operations of card terminals, in a house with and without an acquirer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace

import pytest

from addons.trade.api import (
    CardAcquirer,
    CardClaim,
    CardDetails,
    FiscalState,
    MobileDetails,
    PaymentKind,
    SaleId,
    SaleKind,
    TicketPayment,
)
from addons.trade.domain.commands import ReturnSale
from addons.trade.services.register_sale import register_sale
from addons.trade.services.return_sale import return_sale
from addons.trade.tests.shop import Shop, open_shop
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.money import Money


@dataclass
class Acquirer:
    """Gives what is asked for, unless it is told not to."""

    claims: list[CardClaim] = field(default_factory=list)
    is_refusing: bool = False

    async def claim(self, work: Work, claim: CardClaim) -> Mapping[PaymentKind, CardDetails | MobileDetails]:
        self.claims.append(claim)
        if self.is_refusing:
            raise Refusal("SALE_UNKNOWN")
        return {PaymentKind.CARD: CardDetails(rrn="616700000001", card_type="VISA")}


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


@pytest.fixture
def acquirer(monkeypatch: pytest.MonkeyPatch) -> Acquirer:
    """An acquiring add-on provides the port."""
    own, known = Acquirer(), Work.port_or_none

    def port_or_none(work: Work, port: type) -> object:
        return own if port is CardAcquirer else known(work, port)

    monkeypatch.setattr(Work, "port_or_none", port_or_none)
    return own


def by_card(amount: str, *operations: str) -> tuple[TicketPayment, ...]:
    return (TicketPayment(PaymentKind.CARD, Money.parse(amount), operation_ids=operations),)


async def test_a_ticket_claims_its_operations_and_takes_their_details(shop: Shop, acquirer: Acquirer) -> None:
    asked = shop.buy("Нан", payments=by_card("200.00", "op1", "op2"))
    accepted = await shop.run(register_sale, asked)

    (claim,) = acquirer.claims
    assert (claim.sale_id, claim.kind, claim.register_id) == (asked.sale_id, SaleKind.SELL, shop.register_id)
    assert [each.operation_ids for each in claim.payments] == [("op1", "op2")]
    stored = await shop.sale(accepted.sale_id)
    assert stored.details is not None
    assert stored.details.card == CardDetails(rrn="616700000001", card_type="VISA")
    again = await shop.run(register_sale, replace(asked, sale_id=SaleId(new_id())))
    assert again.is_replay
    assert len(acquirer.claims) == 1, "a ticket that is known claims nothing"
    other = replace(asked, sale_id=SaleId(new_id()), payments=by_card("200.00", "op1"))
    with pytest.raises(Refusal, match="SALE_KEY_CONFLICT"):
        await shop.run(register_sale, other)


async def test_a_ticket_whose_claim_is_refused_was_not(shop: Shop, acquirer: Acquirer) -> None:
    acquirer.is_refusing = True
    with pytest.raises(Refusal, match="SALE_UNKNOWN"):
        await shop.run(register_sale, shop.buy("Нан", payments=by_card("200.00", "op1")))

    assert await shop.count("trd_sale") == 0
    assert not shop.fiscalizer.tickets


async def test_a_return_claims_what_gave_the_money_back(shop: Shop, acquirer: Acquirer) -> None:
    sold = await shop.run(register_sale, shop.buy("Нан", card="200.00"))
    assert not acquirer.claims, "a card elsewhere is nobody's to claim"
    await shop.report(sold.sale_id, FiscalState.FISCALIZED)
    back = ReturnSale(
        SaleId(new_id()), new_id(), shop.register_id, None, sold.sale_id, payments=by_card("200.00", "op3")
    )
    await shop.run(return_sale, back)

    (claim,) = acquirer.claims
    assert (claim.kind, claim.original_id) == (SaleKind.SELL_RETURN, sold.sale_id)


async def test_without_an_acquirer_operations_mean_nothing(shop: Shop) -> None:
    with pytest.raises(Refusal, match="CARD_ACQUIRER_MISSING"):
        await shop.run(register_sale, shop.buy("Нан", payments=by_card("200.00", "op1")))
