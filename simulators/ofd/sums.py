"""The arithmetic an OFD checks in a ticket (code 13): lines, modifiers, total, payments, taxes, marks.

Rounding modes are not stated by the protocol, so a line may be off by one tiyn and the taxes of a rate by
one tiyn per entry. Sources: CPCR 2.0.2 §ticket; marking: a code per piece (vendor note to 2.0.3).
"""

from __future__ import annotations

from collections.abc import Iterable

from protocols.ofd import ofd_pb2 as pb
from simulators.ofd.rules import modifier_of, tiyn

_Commodity = pb.TicketRequest.Item.Commodity | pb.TicketRequest.Item.StornoCommodity


def check_sums(ticket: pb.TicketRequest) -> str:
    """The first thing that does not add up, empty when all does."""
    total = tiyn(ticket.amounts.total)
    if total <= 0:
        return "the total is not above zero"
    taxes = _Taxes(has_ticket_taxes=bool(ticket.taxes))
    lines = 0
    for item in ticket.items:
        if item.type in (pb.ITEM_COMMODITY, pb.ITEM_STORNO_COMMODITY):
            is_storno = item.type == pb.ITEM_STORNO_COMMODITY
            commodity: _Commodity = item.storno_commodity if is_storno else item.commodity
            if reason := _check_line(commodity):
                return reason
            sign = -1 if is_storno else 1
            lines += sign * tiyn(commodity.sum)
            taxes.add_line(commodity.taxes, sign * tiyn(commodity.sum), sign)
            continue
        modifier = modifier_of(item)
        assert modifier is not None  # presence was checked before
        sign = 1 if item.type in (pb.ITEM_MARKUP, pb.ITEM_STORNO_DISCOUNT) else -1
        lines += sign * tiyn(modifier.sum)
        taxes.add_modifier(modifier.taxes, sign * tiyn(modifier.sum), sign)
    if reason := _check_ticket_modifiers(ticket.amounts, taxes):
        return reason
    wanted = lines + tiyn(ticket.amounts.markup.sum) - tiyn(ticket.amounts.discount.sum)
    if wanted != total:
        return f"the total is {total}, lines and modifiers make {wanted}"
    return _check_payments(ticket, total) or taxes.check(ticket.taxes)


def _check_line(commodity: _Commodity) -> str:
    if commodity.quantity <= 0:
        return "a quantity is not above zero"
    outside = sum(tiyn(tax.sum) for tax in commodity.taxes if not tax.is_in_total_sum)
    exact = tiyn(commodity.price) * commodity.quantity
    if abs((tiyn(commodity.sum) - outside) * 1000 - exact) > 1000:
        return f"price × quantity of «{commodity.name}» does not make its sum"
    marks = len(commodity.list_excise_stamp)
    if marks and marks * 1000 != commodity.quantity:
        return f"«{commodity.name}» has {marks} marking codes for {commodity.quantity / 1000:g} pieces"
    return ""


def _check_ticket_modifiers(amounts: pb.TicketRequest.Amounts, taxes: _Taxes) -> str:
    has_markup, has_discount = amounts.HasField("markup"), amounts.HasField("discount")
    if has_markup and has_discount:
        return "markup and discount exclude one another"
    if has_markup:
        taxes.add_total(amounts.markup.taxes, tiyn(amounts.markup.sum), 1)
    if has_discount:
        taxes.add_total(amounts.discount.taxes, -tiyn(amounts.discount.sum), -1)
    return ""


def _check_payments(ticket: pb.TicketRequest, total: int) -> str:
    if not ticket.payments:
        return ""  # allowed since 1.2.2
    paid = 0
    seen = set()
    for payment in ticket.payments:
        if payment.type in seen:
            return f"payment type {payment.type} occurs twice"
        seen.add(payment.type)
        amount = tiyn(payment.sum)
        paid += amount
        if payment.type == pb.PAYMENT_CASH:
            kept = tiyn(ticket.amounts.taken) - tiyn(ticket.amounts.change)
            if kept != amount:
                return f"taken − change is {kept}, the cash payment {amount}"
    return "" if paid == total else f"payments make {paid}, the total is {total}"


class _Taxes:
    """Collects bases and taxes per rate; a modifier without taxes has the rate of its line."""

    def __init__(self, *, has_ticket_taxes: bool) -> None:
        self._has_ticket_taxes = has_ticket_taxes
        self._base: dict[int, int] = {}
        self._tax: dict[int, int] = {}
        self._entries: dict[int, int] = {}
        self._line_percents: list[int] = []
        self._has_item_taxes = False
        self._is_inexact = False
        self._problem = ""

    def add_line(self, taxes: Iterable[pb.TicketRequest.Tax], base: int, sign: int) -> None:
        self._line_percents = self._add(taxes, base, sign)

    def add_modifier(self, taxes: Iterable[pb.TicketRequest.Tax], base: int, sign: int) -> None:
        if self._add(taxes, base, sign):
            return
        for percent in self._line_percents:
            self._base[percent] += base
            self._entries[percent] += 1

    def add_total(self, taxes: Iterable[pb.TicketRequest.Tax], base: int, sign: int) -> None:
        """A modifier of the whole ticket: its part per rate is not told."""
        self._is_inexact = True

    def _add(self, taxes: Iterable[pb.TicketRequest.Tax], base: int, sign: int) -> list[int]:
        percents: list[int] = []
        for tax in taxes:
            percent = tax.percent
            if percent in percents:
                self._problem = f"the rate {percent / 1000:g} % occurs twice in a list"
            percents.append(percent)
            self._has_item_taxes = True
            self._base[percent] = self._base.get(percent, 0) + base
            self._tax[percent] = self._tax.get(percent, 0) + sign * tiyn(tax.sum)
            self._entries[percent] = self._entries.get(percent, 0) + 1
        return percents

    def check(self, ticket_taxes: Iterable[pb.TicketRequest.Tax]) -> str:
        if self._problem:
            return self._problem
        if self._has_item_taxes and self._has_ticket_taxes:
            return "taxes stand on items and on the ticket"
        percents = [tax.percent for tax in ticket_taxes]
        if len(percents) != len(set(percents)):
            return "a rate occurs twice in the taxes of the ticket"
        if self._is_inexact:
            return ""
        for percent, base in self._base.items():
            exact = base * percent  # of tax × (100 % + rate), in thousandths of a percent
            told = self._tax[percent] * (100_000 + percent)
            if abs(exact - told) > self._entries[percent] * (100_000 + percent):
                return f"the tax of {percent / 1000:g} % on {base} is told as {self._tax[percent]}"
        return ""
