"""Payments: what is matched with the total and how change and refunds are found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addons.trade.domain.kinds import PaymentKind
from addons.trade.domain.payment import pay_back, settle
from addons.trade.domain.ticket import TicketPayment
from kernel.errors import Refusal
from kernel.money import Money

CASH, CARD, MOBILE = PaymentKind.CASH, PaymentKind.CARD, PaymentKind.MOBILE
Pairs = list[tuple[PaymentKind, str]]


def payments(pairs: Pairs) -> list[TicketPayment]:
    return [TicketPayment(kind, Money.parse(amount)) for kind, amount in pairs]


def plain(result: tuple[TicketPayment, ...]) -> Pairs:
    return [(each.kind, str(each.amount)) for each in result]


@pytest.mark.parametrize(
    ("given", "kept", "taken", "change"),
    [
        ([(CASH, "1000")], [(CASH, "1000.00")], "1000.00", "0.00"),
        ([(CASH, "2000")], [(CASH, "1000.00")], "2000.00", "1000.00"),
        ([(CARD, "1000")], [(CARD, "1000.00")], "0.00", "0.00"),
        ([(CARD, "300"), (CASH, "1000")], [(CASH, "700.00"), (CARD, "300.00")], "1000.00", "300.00"),
        ([(MOBILE, "0.01"), (CARD, "999.99")], [(CARD, "999.99"), (MOBILE, "0.01")], "0.00", "0.00"),
    ],
)
def test_change_comes_from_cash_only(given: Pairs, kept: Pairs, taken: str, change: str) -> None:
    settlement = settle(Money.tenge(1000), payments(given))

    assert plain(settlement.payments) == kept
    assert (str(settlement.taken), str(settlement.change)) == (taken, change)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([], "SALE_PAYMENT_MISSING"),
        ([(CASH, "999.99")], "SALE_UNDERPAID"),
        ([(CARD, "500"), (MOBILE, "499")], "SALE_UNDERPAID"),
        ([(CARD, "1000.01")], "SALE_NONCASH_TOO_LARGE"),
        ([(CARD, "600"), (MOBILE, "600")], "SALE_NONCASH_TOO_LARGE"),
        ([(CARD, "1000"), (CASH, "1")], "SALE_CASH_NOT_NEEDED"),
        ([(CASH, "500"), (CASH, "500")], "SALE_PAYMENT_REPEATED"),
        ([(CASH, "1000"), (CARD, "0")], "SALE_PAYMENT_NOT_POSITIVE"),
        ([(CARD, "-5"), (CASH, "1005")], "SALE_PAYMENT_NOT_POSITIVE"),
    ],
)
def test_payments_that_do_not_match_are_refused(given: Pairs, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        settle(Money.tenge(1000), payments(given))

    assert refused.value.code == code


@settings(max_examples=200, deadline=None)
@given(
    total=st.integers(1, 10**9),
    amounts=st.dictionaries(st.sampled_from(list(PaymentKind)), st.integers(1, 10**9), min_size=1),
)
def test_accepted_payments_add_up_to_the_total(total: int, amounts: dict[PaymentKind, int]) -> None:
    try:
        settlement = settle(
            Money(total), [TicketPayment(kind, Money(amount)) for kind, amount in amounts.items()]
        )
    except Refusal:
        cash, paid = amounts.get(CASH, 0), sum(amounts.values())
        assert paid < total or paid - cash > total or (cash and paid - cash == total)
        return

    assert sum(each.amount.tiyn for each in settlement.payments) == total
    assert (
        settlement.taken.tiyn - settlement.change.tiyn == amounts.get(CASH, 0) - settlement.change.tiyn >= 0
    )
    assert sum(amounts.values()) - settlement.change.tiyn == total


PAID = {CASH: Money.tenge(600), CARD: Money.tenge(400)}


@pytest.mark.parametrize(
    ("total", "asked", "refundable", "back"),
    [
        ("1000", [], PAID, [(CASH, "600.00"), (CARD, "400.00")]),
        ("100", [], {CASH: Money.ZERO, CARD: Money.tenge(400)}, [(CARD, "100.00")]),
        ("500", [(CARD, "400"), (CASH, "100")], PAID, [(CASH, "100.00"), (CARD, "400.00")]),
    ],
)
def test_refund_goes_back_the_way_it_was_paid(
    total: str, asked: Pairs, refundable: dict[PaymentKind, Money], back: Pairs
) -> None:
    assert plain(pay_back(Money.parse(total), payments(asked), refundable=refundable)) == back


@pytest.mark.parametrize(
    ("total", "asked", "code"),
    [
        ("500", [], "RETURN_PAYMENT_MISSING"),
        ("500", [(CARD, "500")], "RETURN_KIND_EXCEEDED"),
        ("500", [(MOBILE, "500")], "RETURN_KIND_EXCEEDED"),
        ("500", [(CASH, "501")], "RETURN_PAYMENT_MISMATCH"),
        ("500", [(CASH, "250"), (CASH, "250")], "SALE_PAYMENT_REPEATED"),
    ],
)
def test_refunds_that_do_not_match_are_refused(total: str, asked: Pairs, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        pay_back(Money.parse(total), payments(asked), refundable=PAID)

    assert refused.value.code == code
