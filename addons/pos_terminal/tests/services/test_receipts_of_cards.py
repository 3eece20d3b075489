"""Tickets made of card operations: one ticket, several cards, and a receipt that fails after the money is
taken. The five points of the acquiring reference, §5.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from addons.pos_terminal.api import CardFacts
from addons.pos_terminal.domain.payment import FiscalSide, PaymentMethod, PaymentState, Tender, Verdict
from addons.pos_terminal.services.end_payment import SettleReceipt, prove_payment, settle_receipt
from addons.pos_terminal.services.watch_payments import watch_payments
from addons.pos_terminal.tests.counter import Counter, fiscal_facts
from addons.pos_terminal.tests.played import DOWN
from addons.pos_terminal.tests.refusing import refused
from addons.trade.api import FiscalState, SaleId, record_sale_fiscal
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.gql.ids import from_global, to_global
from kernel.ids import new_id
from kernel.security.principal import SYSTEM

S, F = PaymentState, FiscalSide
CUT_OFF = datetime(2026, 1, 15, 17, 30, tzinfo=UTC)
SALE = """__typename ... on Sale { id state total payments { kind amount } card { operations { id } } }
  ... on Refused { code field nextAction }"""
SELL = f"mutation($input: RegisterSaleInput!) {{ registerSale(input: $input, wait: 0) {{ {SALE} }} }}"
RETURN = f"mutation($input: RegisterReturnInput!) {{ registerReturn(input: $input, wait: 0) {{ {SALE} }} }}"


def payment(amount: str, operations: Sequence[str] = (), kind: str = "CARD") -> dict[str, Any]:
    return {
        "kind": kind,
        "amount": amount,
        "operationIds": [to_global("CardOperation", each) for each in operations],
    }


def sale(counter: Counter, total: str, *payments: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    return {
        "saleKey": key or new_id(),
        "registerId": to_global("Register", counter.register_id),
        "lines": [{"name": "Қызмет", "price": total, "isWithoutVat": True}],
        "payments": list(payments),
    }


async def sell(counter: Counter, total: str, *payments: dict[str, Any], key: str | None = None) -> Any:
    return await counter.ask(SELL, input=sale(counter, total, *payments, key=key))


async def report(counter: Counter, sale_id: str, state: FiscalState) -> None:
    """The fiscal engine tells what became of the ticket; then what follows from it."""
    facts = fiscal_facts(SaleId(from_global(sale_id, "Sale")), state)
    await counter.run_as_owner(record_sale_fiscal, facts)
    counter.clock.advance(timedelta(seconds=20))
    await counter.work()


async def side(counter: Counter, operation_id: str) -> FiscalSide:
    return (await counter.operation(operation_id)).payment.fiscal


# --- one ticket, several means


async def test_a_cashier_takes_back_what_is_his_own_and_no_receipt_stands_on(counter: Counter) -> None:
    rights = counter.principal.permissions - {"pos_terminal.refund"}
    cashier = counter.as_(permissions=rights)
    colleague = counter.as_(permissions=rights, subject_id=new_id())
    paid = await cashier.pay(amount="1000.00")
    sold = await cashier.pay(amount="500.00")
    ticket = await sell(cashier, "500.00", payment("500.00", [sold.id]))
    await report(counter, ticket["id"], FiscalState.FISCALIZED)

    assert await refused(colleague.undo(paid.id)) == "CARD_UNDOING_FOR_SENIOR"
    assert await refused(cashier.undo(paid.id, "400.00")) == "CARD_UNDOING_FOR_SENIOR"
    assert await refused(cashier.undo(sold.id)) == "CARD_UNDOING_FOR_SENIOR"
    assert (await cashier.undo(paid.id)).state is S.APPROVED
    assert await counter.state(paid.id) is S.VOIDED
    assert (await counter.undo(sold.id)).state is S.APPROVED


async def test_several_cards_and_cash_are_one_ticket_with_one_card_line(counter: Counter) -> None:
    first, second = await counter.pay(amount="700.00"), await counter.pay("smart", "200.00")
    sold = await sell(
        counter, "1000.00", payment("900.00", [first.id, second.id]), payment("500.00", kind="CASH")
    )

    assert sold["total"] == "1000.00"
    assert sold["payments"] == [{"kind": "CASH", "amount": "100.00"}, {"kind": "CARD", "amount": "900.00"}]
    assert {each["id"] for each in sold["card"]["operations"]} == {
        to_global("CardOperation", first.id),
        to_global("CardOperation", second.id),
    }
    (ticket,) = counter.fiscalizer.tickets
    assert ticket.details is not None
    assert ticket.details.card is not None
    assert (ticket.details.card.rrn, ticket.details.card.card_type) == (first.facts.rrn, "VISA")
    assert await side(counter, first.id) is F.PENDING


async def test_a_declined_second_card_leaves_no_ticket_with_something_unpaid(counter: Counter) -> None:
    first = await counter.pay(amount="700.00")
    counter.drivers["smart"].script.append(DOWN)
    second = await counter.pay("smart", "300.00")

    told = await sell(counter, "1000.00", payment("1000.00", [first.id, second.id]))
    assert told["code"] == "CARD_NOT_APPROVED"
    told = await sell(counter, "1000.00", payment("1000.00", [first.id]))
    assert told["code"] == "CARD_SUM_DIFFERS"
    told = await sell(counter, "1000.00", payment("700.00", [first.id]))
    assert told["code"] == "SALE_UNDERPAID"
    assert not counter.fiscalizer.tickets
    assert await side(counter, first.id) is F.AWAITED


async def test_an_operation_is_claimed_once_and_by_its_own_register(counter: Counter) -> None:
    paid = await counter.pay()
    key = new_id()
    sold = await sell(counter, "1000.00", payment("1000.00", [paid.id]), key=key)
    again = await sell(counter, "1000.00", payment("1000.00", [paid.id]), key=key)

    assert again["id"] == sold["id"], "the same key is the same ticket"
    assert (await sell(counter, "1000.00", payment("1000.00", [paid.id])))["code"] == "CARD_ALREADY_CLAIMED"
    twice = await sell(counter, "2000.00", payment("2000.00", [paid.id, paid.id]))
    assert twice["code"] == "CARD_OPERATION_REPEATED"
    unknown = await sell(counter, "1000.00", payment("1000.00", [new_id()]))
    assert unknown["code"] == "CARD_OPERATION_UNKNOWN"
    mobile = await counter.pay(amount="10.00")
    wrong = await sell(counter, "10.00", payment("10.00", [mobile.id], kind="MOBILE"))
    assert wrong["code"] == "CARD_OPERATION_OTHER_TENDER"
    cash = await sell(counter, "10.00", payment("10.00", [mobile.id], kind="CASH"))
    assert cash["code"] == "CARD_OPERATION_OTHER_TENDER"
    alone = {**payment("10.00", [mobile.id]), "isElsewhere": True}
    assert (await sell(counter, "10.00", alone))["code"] == "PAYMENT_OPERATIONS_ALONE"


async def test_a_buyer_who_pays_by_phone_instead_pays_as_the_contract_says(counter: Counter) -> None:
    async def as_mobile(work: Work, /) -> None:
        await work.execute("UPDATE pos_terms SET qr_as = 'MOBILE' WHERE company_id = ?", work.company_id)

    await counter.run_as_owner(as_mobile)
    smart = counter.drivers["smart"]
    usual, smart.facts = smart.facts, CardFacts(method="qr", order_number="99", scheme="KASPI")
    try:
        paid = await counter.pay("smart", "500.00")
    finally:
        smart.facts = usual

    assert (paid.method, paid.tender) == (PaymentMethod.QR, Tender.MOBILE)
    sold = await sell(counter, "500.00", payment("500.00", [paid.id], kind="MOBILE"))
    assert sold["payments"] == [{"kind": "MOBILE", "amount": "500.00"}]
    (ticket,) = counter.fiscalizer.tickets
    assert ticket.details is not None
    assert ticket.details.mobile is not None
    assert (ticket.details.mobile.qr_type, ticket.details.mobile.qr_id) == ("KASPI", "99")


async def test_a_return_is_paid_back_by_the_refunds_of_its_own_sale(counter: Counter) -> None:
    counter.fiscalizer.mood = FiscalState.FISCALIZED
    paid, other = await counter.pay(), await counter.pay()
    sold = await sell(counter, "1000.00", payment("1000.00", [paid.id]))
    stranger = await sell(counter, "1000.00", payment("1000.00", [other.id]))
    counter.clock.advance(timedelta(seconds=1))
    await counter.work()
    refund = await counter.undo(paid.id)
    assert refund.payment.fiscal is F.AWAITED

    def back(original: str, *operations: str) -> dict[str, Any]:
        return {
            "saleKey": new_id(),
            "registerId": to_global("Register", counter.register_id),
            "originalId": original,
            "payments": [payment("1000.00", operations)],
        }

    wrong = await counter.ask(RETURN, input=back(stranger["id"], refund.id))
    assert wrong["code"] == "CARD_OPERATION_OTHER_SALE"
    wrong = await counter.ask(RETURN, input=back(sold["id"], paid.id))
    assert wrong["code"] == "CARD_OPERATION_OTHER_KIND"
    returned = await counter.ask(RETURN, input=back(sold["id"], refund.id))
    assert returned["payments"] == [{"kind": "CARD", "amount": "1000.00"}]
    counter.clock.advance(timedelta(seconds=1))
    await counter.work()
    assert await side(counter, refund.id) is F.DONE


async def test_a_sale_that_names_no_operation_asks_nothing_of_the_terminals(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    for name in ("rows", "execute", "write", "together"):
        real = getattr(Work, name)

        def spy(work: Work, *args: Any, _real: Any = real, **more: Any) -> Any:
            asked.append(str(args))
            return _real(work, *args, **more)

        monkeypatch.setattr(Work, name, spy)
    await sell(counter, "1000.00", {"kind": "CARD", "amount": "1000.00"})
    (ticket,) = counter.fiscalizer.tickets
    await report(counter, to_global("Sale", ticket.sale_id), FiscalState.FISCALIZED)

    assert asked
    assert not [each for each in asked if "pos_" in each]


# --- money is taken and the receipt fails (§5.4)


async def test_point_1_an_offline_receipt_is_a_receipt(counter: Counter) -> None:
    counter.fiscalizer.mood = FiscalState.OFFLINE
    paid = await counter.pay()
    await sell(counter, "1000.00", payment("1000.00", [paid.id]))
    counter.clock.advance(timedelta(seconds=1))
    await counter.work()

    assert await side(counter, paid.id) is F.DONE
    assert await counter.board() == set()


async def test_point_2_a_pending_receipt_waits_and_is_never_made_twice(counter: Counter) -> None:
    paid, key = await counter.pay(), new_id()
    sold = await sell(counter, "1000.00", payment("1000.00", [paid.id]), key=key)
    for _ in range(5):
        counter.clock.advance(timedelta(seconds=30))
        await counter.work()
        assert (await sell(counter, "1000.00", payment("1000.00", [paid.id]), key=key))["id"] == sold["id"]
    assert await side(counter, paid.id) is F.PENDING
    assert await refused(counter.undo(paid.id)) == "CARD_RECEIPT_PENDING"

    await report(counter, sold["id"], FiscalState.FISCALIZED)
    assert await side(counter, paid.id) is F.DONE
    assert len(counter.fiscalizer.tickets) == 1
    assert counter.bank.total == 100_000


async def test_point_3_a_refused_receipt_leaves_two_ways_and_takes_neither(counter: Counter) -> None:
    paid, other = await counter.pay(), await counter.pay()
    counter.fiscalizer.mood = "refuse"  # at once: nothing was claimed
    assert (await sell(counter, "1000.00", payment("1000.00", [paid.id])))["code"] == "KKM_NOT_ACTIVE"
    assert await side(counter, paid.id) is F.AWAITED

    counter.fiscalizer.mood = FiscalState.PENDING
    for each in (paid, other):
        sold = await sell(counter, "1000.00", payment("1000.00", [each.id]))
        await report(counter, sold["id"], FiscalState.REJECTED)
    assert await side(counter, paid.id) is F.REFUSED
    assert counter.bank.total == 200_000, "no automatic void"
    assert await counter.board() == {"CARD_RECEIPT_REFUSED"}

    again = await sell(counter, "1000.00", payment("1000.00", [paid.id]))  # the first way
    await report(counter, again["id"], FiscalState.FISCALIZED)
    assert await side(counter, paid.id) is F.DONE
    await counter.undo(other.id)  # the second
    assert await counter.state(other.id) is S.VOIDED
    assert await counter.board() == set()
    assert counter.bank.total == 100_000


async def test_point_4_past_the_cut_off_it_stays_on_the_managers_list(counter: Counter) -> None:
    paid = await counter.pay()
    sold = await sell(counter, "1000.00", payment("1000.00", [paid.id]))
    await report(counter, sold["id"], FiscalState.REJECTED)
    counter.clock.advance(CUT_OFF - counter.clock.now())

    with pytest.raises(Refusal) as caught:
        await counter.undo(paid.id)
    assert caught.value.code == "VOID_AFTER_CUT_OFF"
    listed = await counter.ask(
        "{ cardOperations(first: 5, filter: {needsAttention: true}) "
        "{ nodes { id attention { nextAction } } } }"
    )
    (one,) = listed["nodes"]
    assert one["id"] == to_global("CardOperation", paid.id)
    assert one["attention"]["nextAction"]
    assert await counter.board() == {"CARD_RECEIPT_REFUSED"}

    await counter.run(settle_receipt, SettleReceipt(paid.id, "чек пробит вручную, заявление № 7"))
    assert await counter.board() == set()
    assert counter.bank.total == 100_000


async def test_point_5_a_receipt_whose_card_was_reversed_is_proposed_for_return(counter: Counter) -> None:
    counter.fiscalizer.mood = FiscalState.FISCALIZED
    paid = await counter.pay()
    await sell(counter, "1000.00", payment("1000.00", [paid.id]))
    counter.clock.advance(timedelta(seconds=1))
    await counter.work()

    await counter.run(prove_payment, paid.id, Verdict.DECLINED, "выписка 16.01.2026")

    assert await counter.state(paid.id) is S.REVERSED
    assert await counter.board() == {"CARD_REVERSED_AFTER_RECEIPT"}
    assert len(counter.fiscalizer.tickets) == 1, "a return is proposed, never made"
    told = await counter.ask(
        "query($id: ID!) { cardOperation(id: $id) { attention { code nextAction } } }",
        id=to_global("CardOperation", paid.id),
    )
    assert "возврат" in told["attention"]["nextAction"]


async def test_a_late_rejection_of_an_offline_receipt_is_heard(counter: Counter) -> None:
    counter.fiscalizer.mood = FiscalState.OFFLINE
    paid = await counter.pay()
    sold = await sell(counter, "1000.00", payment("1000.00", [paid.id]))
    counter.clock.advance(timedelta(seconds=1))
    await counter.work()
    assert await side(counter, paid.id) is F.DONE

    await report(counter, sold["id"], FiscalState.REJECTED)

    assert await side(counter, paid.id) is F.REFUSED
    assert await counter.board() == {"CARD_RECEIPT_REFUSED"}


async def test_money_without_a_receipt_is_noticed_and_a_sum_without_one_is_not(counter: Counter) -> None:
    paid = await counter.pay()
    await counter.pay(with_receipt=False)
    counter.clock.advance(timedelta(minutes=9))
    await counter.app.database.transact(watch_payments, principal=SYSTEM)
    assert await counter.board() == set()
    counter.clock.advance(timedelta(minutes=2))
    await counter.app.database.transact(watch_payments, principal=SYSTEM)
    assert await counter.board() == {"CARD_WITHOUT_RECEIPT"}

    await sell(counter, "1000.00", payment("1000.00", [paid.id]))
    assert await counter.board() == set()
