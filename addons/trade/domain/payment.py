"""How a ticket is paid: tenders in, payments and change out; and how a return is paid back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from addons.trade.domain.kinds import PaymentKind
from addons.trade.domain.ticket import TicketPayment
from kernel.errors import Refusal
from kernel.money import Money
from kernel.values import value

_KINDS = tuple(PaymentKind)


@value
class Settlement:
    """taken: cash tendered; change: cash handed back; the CASH payment is taken − change."""

    payments: tuple[TicketPayment, ...]
    taken: Money
    change: Money


def settle(total: Money, tenders: Sequence[TicketPayment]) -> Settlement:
    """Match what the customer gave with the total.

    Refusals: SALE_PAYMENT_MISSING, SALE_PAYMENT_REPEATED (each kind once, CPCR 2.0.2 ticket payments),
    SALE_PAYMENT_NOT_POSITIVE, SALE_NONCASH_TOO_LARGE (change only from cash), SALE_CASH_NOT_NEEDED,
    SALE_UNDERPAID.
    """
    _check_each(tenders)
    given = {tender.kind: tender.amount for tender in tenders}
    cash = given.get(PaymentKind.CASH, Money.ZERO)
    paid = sum([tender.amount.tiyn for tender in tenders])
    noncash = paid - cash.tiyn
    if noncash > total.tiyn:
        raise Refusal("SALE_NONCASH_TOO_LARGE", field="payments", total=str(total), noncash=_tenge(noncash))
    if cash.tiyn and noncash == total.tiyn:
        raise Refusal("SALE_CASH_NOT_NEEDED", field="payments", total=str(total))
    if paid < total.tiyn:
        raise Refusal("SALE_UNDERPAID", field="payments", missing=_tenge(total.tiyn - paid))
    if paid == total.tiyn:
        change = Money.ZERO
    else:
        change = Money(paid - total.tiyn)
        given[PaymentKind.CASH] = cash - change
    payments = tuple([TicketPayment(kind, given[kind]) for kind in _KINDS if kind in given])
    return Settlement(payments, cash, change)


def pay_out(total: Money, asked: Sequence[TicketPayment]) -> tuple[TicketPayment, ...]:
    """What the seller of goods gets by which means: the total exactly, nobody gives change.

    Refusals: SALE_PAYMENT_MISSING, SALE_PAYMENT_REPEATED, SALE_PAYMENT_NOT_POSITIVE,
    PURCHASE_PAYMENT_MISMATCH.
    """
    _check_each(asked)
    paid = sum(payment.amount.tiyn for payment in asked)
    if paid != total.tiyn:
        raise Refusal("PURCHASE_PAYMENT_MISMATCH", field="payments", total=str(total), paid=_tenge(paid))
    return _plain(asked)


def pay_back(
    total: Money, asked: Sequence[TicketPayment], *, refundable: Mapping[PaymentKind, Money]
) -> tuple[TicketPayment, ...]:
    """How a return is paid back: as asked, or by the only possible way when nothing is asked.

    refundable: what was paid by each kind minus what went back already. Nothing asked means: the whole
    remainder by its own kinds, or the single kind of the original; otherwise the caller has to say
    (RETURN_PAYMENT_MISSING). Refusals also: RETURN_PAYMENT_MISMATCH (the sum is exact, no change),
    RETURN_KIND_EXCEEDED, SALE_PAYMENT_REPEATED, SALE_PAYMENT_NOT_POSITIVE.
    """
    left = {kind: amount for kind, amount in refundable.items() if amount}
    if not asked:
        if sum(amount.tiyn for amount in left.values()) == total.tiyn:
            return tuple(TicketPayment(kind, left[kind]) for kind in _KINDS if kind in left)
        if len(left) != 1:
            raise Refusal("RETURN_PAYMENT_MISSING", field="payments")
        asked = [TicketPayment(next(iter(left)), total)]
    _check_each(asked)
    paid = sum(payment.amount.tiyn for payment in asked)
    if paid != total.tiyn:
        raise Refusal("RETURN_PAYMENT_MISMATCH", field="payments", total=str(total), paid=_tenge(paid))
    for payment in asked:
        limit = refundable.get(payment.kind, Money.ZERO)
        if payment.amount > limit:
            raise Refusal("RETURN_KIND_EXCEEDED", field="payments", kind=payment.kind.value, limit=str(limit))
    return _plain(asked)


def _plain(asked: Sequence[TicketPayment]) -> tuple[TicketPayment, ...]:
    """The amounts in the order of the kinds."""
    amounts = {payment.kind: payment.amount for payment in asked}
    return tuple(TicketPayment(kind, amounts[kind]) for kind in _KINDS if kind in amounts)


def _check_each(payments: Sequence[TicketPayment]) -> None:
    if not payments:
        raise Refusal("SALE_PAYMENT_MISSING", field="payments")
    seen: set[PaymentKind] = set()
    for index, payment in enumerate(payments):
        if payment.kind in seen:
            raise Refusal("SALE_PAYMENT_REPEATED", field=f"payments.{index}.kind", kind=payment.kind.value)
        if payment.amount.tiyn <= 0:
            raise Refusal("SALE_PAYMENT_NOT_POSITIVE", field=f"payments.{index}.amount")
        seen.add(payment.kind)


def _tenge(tiyn: int) -> str:
    return f"{tiyn // 100}.{tiyn % 100:02d}"
