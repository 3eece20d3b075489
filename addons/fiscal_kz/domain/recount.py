"""Counters counted again from a register's journal alone: the second computation that the first must equal.

Reads entries `fiscal_kz.counted`, `fiscal_kz.activated` and `journal.continues` in order of their sequence;
whether the chain itself is whole is the kernel's business (kernel.journal).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from addons.fiscal_kz.domain.counters import Counters, with_cash, with_shift_closed, with_ticket
from addons.fiscal_kz.domain.facts import CashFacts, SectionSum, TaxSum, TicketFacts
from addons.fiscal_kz.domain.kinds import DocumentKind, Means, Operation, Placement
from addons.fiscal_kz.domain.ledger import with_drawer_emptied

COUNTED = "fiscal_kz.counted"
ACTIVATED = "fiscal_kz.activated"
CONTINUES = "journal.continues"  # the KKM came from another company's register


class JournalDiffers(ValueError):
    """The journal contradicts itself at a document."""


def recount(entries: Iterable[tuple[str, Mapping[str, Any]]]) -> Counters:
    """Counters after all entries (kind, body). The first activation brings what the OFD had counted before; a
    chain that goes on from another one, what was counted there.

    Raises JournalDiffers when a document number is missing or twice, or the drawer written beside a
    document is another one.
    """
    counters = Counters()
    number: int | None = None
    for kind, body in entries:
        if kind == ACTIVATED and number is None:
            counters = Counters(dict(body["life"]), dict(body["shift_counters"]))
        if kind == CONTINUES:
            counters = Counters(dict(body["life"]), dict(body["shift_counters"]))
            number = body["documents"]
        if kind != COUNTED:
            continue
        if number is not None and body["number"] != number + 1:
            raise JournalDiffers(f"document {body['number']} follows {number}")
        number = body["number"]
        counters = _counted(counters, body)
        if counters.drawer != body["drawer"]:
            raise JournalDiffers(f"document {number}: drawer {body['drawer']}, counted {counters.drawer}")
    return counters


def _counted(counters: Counters, body: Mapping[str, Any]) -> Counters:
    is_marked = bool(body["is_marked"])
    if body["kind"] == DocumentKind.CLOSE:
        if body.get("withdrawn"):
            counters = with_drawer_emptied(counters, body["withdrawn"], is_offline=is_marked)
        return with_shift_closed(counters)
    if body["ticket"] is not None:
        return with_ticket(counters, _ticket(body["ticket"]), is_offline=is_marked)
    cash = CashFacts(Placement(body["cash"]["placement"]), body["cash"]["amount"])
    return with_cash(counters, cash, is_offline=is_marked)


def _ticket(body: Mapping[str, Any]) -> TicketFacts:
    discounts, discount = body["discount"]
    markups, markup = body["markup"]
    return TicketFacts(
        operation=Operation(body["operation"]),
        total=body["total"],
        payments=tuple((Means(means), amount) for means, amount in body["payments"].items()),
        change=body["change"],
        discount=discount,
        discount_count=discounts,
        markup=markup,
        markup_count=markups,
        sections=tuple(SectionSum(code, count, amount) for code, count, amount in body["sections"]),
        taxes=tuple(TaxSum(rate, turnover, tax) for rate, turnover, tax in body["taxes"]),
    )
