"""What approved operations cost: worked out for a report, or written down once their banking day is over.

A purchase that was voided costs nothing, and neither it nor its void is here, unless the void was approved
after the purchase had been charged: then it takes everything back. What comes late into a settled day is
rounded by itself, so that nothing that was written down changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.banking_day import cut_off_ms
from addons.pos_terminal.domain.commission import Rounding, Taken, charge, returned
from addons.pos_terminal.domain.payment import OperationKind, PaymentState
from addons.pos_terminal.services.contracts import TermsRow, terms_at, terms_of
from addons.pos_terminal.services.payment_rows import marks

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

LOOK_BACK_DAYS = 40  # an operation may be decided so much later than its banking day
DAY_OPERATIONS_MAX = 200_000  # charged in one go; the next go takes the rest
COLUMNS = (
    "id", "company_id", "contract_id", "terminal_id", "day", "credit_day", "kind", "scheme", "method",
    "original_id", "gross_tiyn", "rate_ppm", "commission_tiyn", "settled_ms",
)  # fmt: skip

_PURCHASE, _APPROVED = OperationKind.PURCHASE.value, PaymentState.APPROVED.value
_UNCHARGED = f"""
SELECT p.id, p.terminal_id, p.banking_day, p.kind, p.scheme, p.method, p.original_id, p.approved, p.sent_ms
FROM pos_payment p LEFT JOIN pos_charge c ON c.id = p.id
WHERE p.company_id = ? AND p.banking_day >= ? AND p.banking_day <= ? AND p.contract_id = ? AND c.id IS NULL
AND ((p.kind = '{_PURCHASE}' AND p.state IN ('{_APPROVED}', '{PaymentState.REFUNDED.value}'))
  OR (p.kind <> '{_PURCHASE}' AND p.state = '{_APPROVED}'))
ORDER BY p.banking_day, p.sent_ms, p.id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """What one operation costs. gross, commission: tiyn, negative for a return; day, credit_day: ISO dates.

    is_raw: its day is not settled yet, so all this may still change.
    """

    id: str
    terminal_id: str
    day: str
    credit_day: str
    kind: str
    scheme: str
    method: str
    original_id: str | None
    gross: int
    rate_ppm: int
    commission: int
    is_raw: bool = True

    @property
    def net(self) -> int:
        """What reaches the account, tiyn."""
        return self.gross - self.commission


def terms_of_day(terms: Sequence[TermsRow], day: date) -> TermsRow:
    """Terms that hold when a banking day ends. terms: the latest first, at least one."""
    for each in terms:
        ends_ms = cut_off_ms(day, each.terms.zone, each.terms.cut_off_minute)
        if each.valid_from_ms < ends_ms:
            return each
    return terms_at(terms, 0)


async def uncharged(reader: Reader, contract_id: str, first: date, last: date) -> list[ChargeLine]:
    """Operations of these banking days that are not written down yet, with what they cost as of now.

    In the order of days; at most DAY_OPERATIONS_MAX.
    """
    bounds = (first.isoformat(), last.isoformat(), contract_id, DAY_OPERATIONS_MAX)
    rows = await reader.rows(_UNCHARGED, reader.company_id, *bounds)
    if not rows:
        return []
    terms = await terms_of(reader, contract_id)
    by_day: dict[str, list[SqlRow]] = {}
    for row in rows:
        by_day.setdefault(row["banking_day"], []).append(row)
    settled = await _settled_days(reader, contract_id, list(by_day))
    known = await _known(reader, [row["original_id"] for row in rows if row["original_id"]])
    lines: list[ChargeLine] = []
    for day, members in by_day.items():
        lines += _charged(members, day, terms_of_day(terms, date.fromisoformat(day)), known, day in settled)
    return lines


async def write_charges(work: Work, contract_id: str, lines: Sequence[ChargeLine]) -> None:
    """These costs hold for ever."""
    rows = [
        (
            each.id, work.company_id, contract_id, each.terminal_id, each.day, each.credit_day, each.kind,
            each.scheme, each.method, each.original_id, each.gross, each.rate_ppm, each.commission,
            work.now_ms,
        )
        for each in lines
    ]  # fmt: skip
    if rows:
        await work.insert_many("pos_charge", COLUMNS, rows)


def charge_line(row: SqlRow) -> ChargeLine:
    """Out of a row of pos_charge."""
    return ChargeLine(
        id=row["id"],
        terminal_id=row["terminal_id"],
        day=row["day"],
        credit_day=row["credit_day"],
        kind=row["kind"],
        scheme=row["scheme"],
        method=row["method"],
        original_id=row["original_id"],
        gross=row["gross_tiyn"],
        rate_ppm=row["rate_ppm"],
        commission=row["commission_tiyn"],
        is_raw=False,
    )


@dataclass(slots=True)
class _Original:
    """A purchase that was charged, and how much of it went back by now. Tiyn."""

    gross: int
    commission: int
    rate_ppm: int
    back: int = 0


def _charged(
    rows: Sequence[SqlRow], day: str, terms: TermsRow, known: dict[str, _Original], is_late: bool
) -> list[ChargeLine]:
    """Purchases first: what is returned costs what they cost."""
    fees = replace(terms.fees, rounding=Rounding.PER_OPERATION) if is_late else terms.fees
    credit_day = (date.fromisoformat(day) + timedelta(days=terms.terms.credit_days)).isoformat()
    taken = [
        Taken(row["id"], row["approved"], row["scheme"], row["method"])
        for row in rows
        if row["kind"] == _PURCHASE
    ]
    costs = {each.id: each for each in charge(fees, taken)}
    for each in taken:
        known[each.id] = _Original(each.amount, costs[each.id].commission, costs[each.id].rate_ppm)
    lines = []
    for row in rows:
        original = known.get(row["id"] if row["kind"] == _PURCHASE else row["original_id"])
        gross, commission, rate = row["approved"], 0, 0
        if row["kind"] == _PURCHASE:
            assert original is not None, "charged above"
            commission, rate = original.commission, original.rate_ppm
        elif original is None and row["kind"] == OperationKind.VOID:
            continue  # its purchase was never charged: both are as if they had not been
        else:
            gross = -row["approved"]
            if original is not None:
                rate = original.rate_ppm
                is_void = row["kind"] == OperationKind.VOID  # then nothing was sold, and nothing is kept
                commission = returned(
                    replace(fees, is_commission_returned=True) if is_void else fees,
                    stored=original.commission,
                    amount=original.gross,
                    back_before=original.back,
                    back_now=row["approved"],
                )
                original.back += row["approved"]
        lines.append(
            ChargeLine(
                id=row["id"],
                terminal_id=row["terminal_id"],
                day=day,
                credit_day=credit_day,
                kind=row["kind"],
                scheme=row["scheme"],
                method=row["method"],
                original_id=row["original_id"],
                gross=gross,
                rate_ppm=rate,
                commission=commission,
            )
        )
    return lines


async def _known(reader: Reader, keys: Sequence[str]) -> dict[str, _Original]:
    """Purchases that were charged before, with what went back of them."""
    found: dict[str, _Original] = {}
    for part in _parts(sorted(set(keys))):
        sql = f"SELECT * FROM pos_charge WHERE id IN ({marks(part)}) AND company_id = ?"
        for row in await reader.rows(sql, *part, reader.company_id):
            found[row["id"]] = _Original(row["gross_tiyn"], row["commission_tiyn"], row["rate_ppm"])
        sql = f"""SELECT original_id, SUM(gross_tiyn) AS back FROM pos_charge
                  WHERE original_id IN ({marks(part)}) AND company_id = ? GROUP BY original_id"""
        for row in await reader.rows(sql, *part, reader.company_id):
            if row["original_id"] in found:
                found[row["original_id"]].back = -int(row["back"])
    return found


async def _settled_days(reader: Reader, contract_id: str, days: Sequence[str]) -> frozenset[str]:
    sql = (
        f"SELECT day FROM pos_settlement WHERE contract_id = ? AND day IN ({marks(days)}) AND company_id = ?"
    )
    return frozenset(row["day"] for row in await reader.rows(sql, contract_id, *days, reader.company_id))


def _parts(keys: Sequence[str], size: int = 500) -> list[Sequence[str]]:
    return [keys[place : place + size] for place in range(0, len(keys), size)]
