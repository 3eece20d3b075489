"""Settled money as entries of a ledger, for the accountant's program.

Accounts: the standard chart of accounts of Kazakhstan (order of the Minister of Finance no. 185 of 2007):
1020 money on its way, 1030 money at banks, 1210 debts of buyers, 7110 costs of selling. A company may use
sub-accounts of its own: the kind of an entry says what it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from kernel.values import value

ON_ITS_WAY, AT_BANK, BUYERS, SELLING_COSTS = "1020", "1030", "1210", "7110"


class PostingKind(StrEnum):
    """What an entry is."""

    SALES = "SALES"  # buyers paid by card
    RETURNS = "RETURNS"  # money went back to cards
    COMMISSION = "COMMISSION"  # the bank keeps its cost; below zero it gives some back
    CREDITED = "CREDITED"  # the rest comes to the account


@value
class Posting:
    """One entry. day: ISO date of the entry; amount: tiyn, positive. iban: the account of CREDITED."""

    day: str
    kind: PostingKind
    debit: str
    credit: str
    amount: int
    banking_day: str
    terminal_id: str
    iban: str = ""


@value
class DayMoney:
    """What a terminal brought on a settled banking day. Tiyn; given_back negative."""

    day: str
    credit_day: str
    terminal_id: str
    iban: str
    sold: int
    given_back: int
    commission: int


def postings(days: Iterable[DayMoney]) -> list[Posting]:
    """Entries in the order of the days; nothing for a sum of zero. Money on its way comes out at zero."""
    found: list[Posting] = []
    for each in days:
        net = each.sold + each.given_back - each.commission
        entries = (
            (each.day, PostingKind.SALES, ON_ITS_WAY, BUYERS, each.sold),
            (each.day, PostingKind.RETURNS, BUYERS, ON_ITS_WAY, -each.given_back),
            (each.credit_day, PostingKind.COMMISSION, SELLING_COSTS, ON_ITS_WAY, each.commission),
            (each.credit_day, PostingKind.CREDITED, AT_BANK, ON_ITS_WAY, net),
        )
        for day, kind, debit, credit, amount in entries:
            if amount < 0:
                debit, credit, amount = credit, debit, -amount
            if amount:
                iban = each.iban if kind is PostingKind.CREDITED else ""
                found.append(Posting(day, kind, debit, credit, amount, each.day, each.terminal_id, iban))
    return found
