"""Which operation of ours a row of the bank's statement is about. Pure.

Order (reference §6.4): terminal, RRN, kind and sum; terminal, authorization code and sum within a day; then
terminal, RRN and kind with another sum; then the one operation of unknown outcome with that sum at that time,
and last the one whose answers were lost and that was reversed. What is left is for people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from addons.pos_terminal.domain.payment import OperationKind, PaymentState
from addons.pos_terminal.domain.statement import BankRow, RowKind

DAY_MS = 86_400_000
NEAR_MS = 10 * 60_000  # the clocks of a terminal and a bank may differ so much


class Verdict(StrEnum):
    """What a row of a statement turned out to be."""

    MATCHED = "MATCHED"
    COMMISSION_DIFFERS = "COMMISSION_DIFFERS"  # the money agrees, its cost does not
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    BANK_ONLY = "BANK_ONLY"  # no operation of ours, so no receipt either
    REVERSED_CREDITED = "REVERSED_CREDITED"  # declined or reversed here, and the money came
    FEE = "FEE"  # the bank's own charge, about no operation


PROVABLE = frozenset({PaymentState.UNKNOWN, PaymentState.REVIEW})
_TAKEN = frozenset({PaymentState.APPROVED, PaymentState.VOIDED, PaymentState.REFUNDED})


@dataclass(frozen=True, slots=True)
class Ours:
    """An operation as matching has to know it. amount: tiyn, as approved, or as asked while nobody knows.

    number: RRN, or the order number of a QR payment; commission: None while it is not charged.
    """

    id: str
    kind: OperationKind
    state: PaymentState
    terminal_code: str
    numbers: frozenset[str]
    authorization_code: str
    amount: int
    at_ms: int
    commission: int | None = None

    @property
    def row_kind(self) -> RowKind:
        """As a bank calls it."""
        return RowKind.PURCHASE if self.kind is OperationKind.PURCHASE else RowKind.REFUND


@dataclass(frozen=True, slots=True)
class Match:
    """What a row turned out to be. payment_id: the operation, when there is one."""

    row: BankRow
    verdict: Verdict
    payment_id: str | None = None


def match(rows: Sequence[BankRow], ours: Iterable[Ours]) -> list[Match]:
    """A verdict on every row, in their order. No operation belongs to two rows."""
    return _Matching(ours).run(rows)


class _Matching:
    def __init__(self, ours: Iterable[Ours]) -> None:
        self.by_number: dict[tuple[str, RowKind], list[Ours]] = defaultdict(list)
        self.by_code: dict[tuple[str, int, RowKind], list[Ours]] = defaultdict(list)
        self.by_sum: dict[tuple[int, RowKind], list[Ours]] = defaultdict(list)
        self.reversed_by_sum: dict[tuple[int, RowKind], list[Ours]] = defaultdict(list)
        self.free: set[str] = set()
        for each in ours:
            self.free.add(each.id)
            for number in each.numbers:
                self.by_number[number, each.row_kind].append(each)
            if each.authorization_code:
                self.by_code[each.authorization_code, each.amount, each.row_kind].append(each)
            if each.state in PROVABLE:
                self.by_sum[each.amount, each.row_kind].append(each)
            if each.state is PaymentState.REVERSED and not each.numbers:
                self.reversed_by_sum[each.amount, each.row_kind].append(each)

    def run(self, rows: Sequence[BankRow]) -> list[Match]:
        """The surest ways first, for all rows, before a weaker one may take an operation away."""
        found: dict[int, Match] = {}
        for way in (
            self._by_number,
            self._by_code,
            self._by_number_alone,
            self._by_time,
            self._reversed_by_time,
        ):
            for place, row in enumerate(rows):
                if place not in found and row.kind is not RowKind.FEE:
                    mine = way(row)
                    if mine is not None:
                        self.free.discard(mine.id)
                        found[place] = Match(row, _verdict(row, mine), mine.id)
        return _paired(
            [
                found.get(place) or Match(row, Verdict.FEE if row.kind is RowKind.FEE else Verdict.BANK_ONLY)
                for place, row in enumerate(rows)
            ]
        )

    def _by_number(self, row: BankRow) -> Ours | None:
        return self._nearest(row, self.by_number[row.rrn, row.kind], with_sum=True)

    def _by_code(self, row: BankRow) -> Ours | None:
        if not row.authorization_code:
            return None
        candidates = self.by_code[row.authorization_code, abs(row.gross), row.kind]
        near = [each for each in candidates if abs(each.at_ms - row.at_ms) <= DAY_MS]
        return self._nearest(row, near, with_sum=True)

    def _by_number_alone(self, row: BankRow) -> Ours | None:
        return self._nearest(row, self.by_number[row.rrn, row.kind], with_sum=False)

    def _by_time(self, row: BankRow) -> Ours | None:
        near = [
            each
            for each in self.by_sum[abs(row.gross), row.kind]
            if _is_near(row, each) and self._fits(row, each)
        ]
        return near[0] if len(near) == 1 else None

    def _reversed_by_time(self, row: BankRow) -> Ours | None:
        """We never learnt its RRN; the bank shows it done, and on another day undone."""
        near = [each for each in self.reversed_by_sum[abs(row.gross), row.kind] if _is_near(row, each)]
        return self._nearest(row, near, with_sum=True)

    def _nearest(self, row: BankRow, candidates: Sequence[Ours], *, with_sum: bool) -> Ours | None:
        fit = [
            each
            for each in candidates
            if self._fits(row, each) and (not with_sum or each.amount == abs(row.gross))
        ]
        return min(fit, key=lambda each: (abs(each.at_ms - row.at_ms), each.id), default=None)

    def _fits(self, row: BankRow, each: Ours) -> bool:
        """Free, and of that terminal where both sides name one."""
        same = not row.terminal_code or not each.terminal_code or row.terminal_code == each.terminal_code
        return same and each.id in self.free


def _is_near(row: BankRow, each: Ours) -> bool:
    return abs(each.at_ms - row.at_ms) <= NEAR_MS


def _paired(matches: list[Match]) -> list[Match]:
    """An operation that was reversed, and that the bank shows done and undone, is no difference."""
    back = {
        (each.row.rrn, -each.row.gross): place
        for place, each in enumerate(matches)
        if each.verdict is Verdict.BANK_ONLY
    }
    for place, each in enumerate(matches):
        other = back.pop((each.row.rrn, each.row.gross), None)
        if each.verdict is Verdict.REVERSED_CREDITED and other is not None:
            matches[place] = Match(each.row, Verdict.MATCHED, each.payment_id)
            matches[other] = Match(matches[other].row, Verdict.MATCHED, each.payment_id)
    return matches


def _verdict(row: BankRow, mine: Ours) -> Verdict:
    if abs(row.gross) != mine.amount:
        return Verdict.AMOUNT_DIFFERS
    if mine.state not in _TAKEN and mine.state not in PROVABLE:
        return Verdict.REVERSED_CREDITED
    if mine.commission is not None and mine.commission != row.commission:
        return Verdict.COMMISSION_DIFFERS
    return Verdict.MATCHED
