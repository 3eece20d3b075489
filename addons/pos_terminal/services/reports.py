"""The money of a period: by banking day, terminal, scheme and method; what is not settled yet is marked raw.

Every row, every day and the total keep gross − commission = net. Figures of settled days are those that were
written down; raw ones are worked out as if the day ended now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.banking_day import banking_day
from addons.pos_terminal.domain.matching import Verdict
from addons.pos_terminal.domain.payment import OperationKind
from addons.pos_terminal.services.charges import ChargeLine, charge_line, uncharged
from addons.pos_terminal.services.contracts import contract_rows, terms_at, terms_of
from addons.pos_terminal.services.payment_rows import marks
from addons.pos_terminal.services.requisites import requisites_of, requisites_on
from kernel.clock import to_ms
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, SqlRow

PERIOD_DAYS_MAX = 366
OPERATIONS_MAX = 200_000
DIFFERENCES_MAX = 10_000
_DAY = timedelta(days=1)
LEDGER_ONLY = "LEDGER_ONLY"  # charged here, and a statement of that time has no row of it

_GROUPED = """
SELECT day, credit_day, contract_id, terminal_id, scheme, method,
  SUM(CASE WHEN gross_tiyn > 0 THEN 1 ELSE 0 END) AS purchases,
  SUM(CASE WHEN gross_tiyn < 0 THEN 1 ELSE 0 END) AS returns,
  SUM(CASE WHEN gross_tiyn > 0 THEN gross_tiyn ELSE 0 END) AS sold,
  SUM(CASE WHEN gross_tiyn < 0 THEN gross_tiyn ELSE 0 END) AS given_back,
  SUM(commission_tiyn) AS commission
FROM pos_charge WHERE company_id = ? AND day >= ? AND day <= ?{also}
GROUP BY day, credit_day, contract_id, terminal_id, scheme, method
"""
_REVERSED = """
SELECT p.sent_ms, p.contract_id FROM pos_terminal t JOIN pos_payment p ON p.terminal_id = t.id
WHERE t.company_id = ? AND p.state = 'REVERSED' AND p.sent_ms >= ? AND p.sent_ms < ? LIMIT ?
"""
_BANK_SIDE = """
SELECT r.*, p.terminal_id, p.kind AS our_kind, p.approved, p.amount, c.commission_tiyn AS our_commission
FROM pos_statement_row r LEFT JOIN pos_payment p ON p.id = r.payment_id
LEFT JOIN pos_charge c ON c.id = r.payment_id
WHERE r.company_id = ? AND r.day >= ? AND r.day <= ?{also}
AND (r.verdict NOT IN ('MATCHED', 'FEE')
  OR (r.verdict = 'MATCHED' AND c.commission_tiyn <> r.commission_tiyn))
ORDER BY r.at_ms, r.id LIMIT ?
"""
_LEDGER_SIDE = """
SELECT c.*, p.rrn, p.authorization_code, p.masked_number, p.sent_ms, p.terminal_code
FROM pos_charge c JOIN pos_payment p ON p.id = c.id
LEFT JOIN pos_statement_row r ON r.payment_id = c.id
WHERE c.company_id = ? AND c.day >= ? AND c.day <= ?{also}
AND r.id IS NULL AND EXISTS (
  SELECT 1 FROM pos_statement s WHERE s.contract_id = c.contract_id
  AND s.first_ms <= p.sent_ms AND s.last_ms >= p.sent_ms)
ORDER BY p.sent_ms, c.id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """first, last: banking days, both in it. contract_id, terminal_id: only this one."""

    first: date
    last: date
    contract_id: str | None = None
    terminal_id: str | None = None

    def checked(self) -> Wish:
        """Raises Refusal("STATEMENT_PERIOD")."""
        if not timedelta(0) <= self.last - self.first < timedelta(days=PERIOD_DAYS_MAX):
            raise Refusal("STATEMENT_PERIOD", field="until", max=PERIOD_DAYS_MAX)
        return self


@dataclass(frozen=True, slots=True)
class Sums:
    """purchases, returns: how many; the rest in tiyn, given_back negative."""

    purchases: int = 0
    returns: int = 0
    sold: int = 0
    given_back: int = 0
    commission: int = 0

    @property
    def gross(self) -> int:
        """What stays with the merchant before the commission."""
        return self.sold + self.given_back

    @property
    def net(self) -> int:
        """What reaches the account."""
        return self.gross - self.commission

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.purchases + other.purchases,
            self.returns + other.returns,
            self.sold + other.sold,
            self.given_back + other.given_back,
            self.commission + other.commission,
        )


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One banking day, terminal, scheme and method. day, credit_day: ISO dates. iban: of the terminal on that
    day. is_raw: not settled yet.
    """

    day: str
    credit_day: str
    contract_id: str
    terminal_id: str
    scheme: str
    method: str
    is_raw: bool
    iban: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Difference:
    """Something the bank and we do not agree about. kind: a Verdict of matching, or LEDGER_ONLY.

    ours, theirs: gross in tiyn, None where one side has nothing; commissions likewise. row_id: of the bank's
    row.
    """

    kind: str
    day: str
    at_ms: int
    terminal_id: str | None
    terminal_code: str
    rrn: str
    authorization_code: str
    masked_number: str
    payment_id: str | None
    row_id: str | None
    ours: int | None
    theirs: int | None
    our_commission: int | None
    their_commission: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """lines: by day, terminal, scheme and method. reversals: how many by banking day."""

    wish: Wish
    lines: tuple[ReportLine, ...]
    reversals: Mapping[str, int]

    @property
    def total(self) -> Sums:
        """Of all lines."""
        return sum((line.sums for line in self.lines), Sums())

    def days(self) -> list[tuple[str, Sums, bool]]:
        """Day, its sums, and whether any of it is raw."""
        found: dict[str, Sums] = defaultdict(Sums)
        raw = set()
        for line in self.lines:
            found[line.day] += line.sums
            if line.is_raw:
                raw.add(line.day)
        return [(day, found[day], day in raw) for day in sorted(found)]


async def report_of(reader: Reader, wish: Wish) -> Report:
    """The period in figures. Raises Refusal("STATEMENT_PERIOD")."""
    wish = wish.checked()
    also, params = _also(reader, wish)
    rows = await reader.rows_aside(_GROUPED.format(also=also), *params)
    groups: dict[tuple[str, str, str, str, str, str, bool], Sums] = {}
    for row in rows:
        key = (row["day"], row["credit_day"], row["contract_id"], row["terminal_id"], row["scheme"])
        groups[*key, row["method"], False] = Sums(
            int(row["purchases"]),
            int(row["returns"]),
            int(row["sold"]),
            int(row["given_back"]),
            int(row["commission"]),
        )
    for contract_id, line in await _raw(reader, wish):
        key = (line.day, line.credit_day, contract_id, line.terminal_id, line.scheme)
        place = (*key, line.method, True)
        groups[place] = groups.get(place, Sums()) + _sums_of(line)
    ibans = {key: await requisites_of(reader, key) for key in sorted({each[3] for each in groups})}
    lines = tuple(
        ReportLine(*key, _iban(ibans[key[3]], key[0]), sums)
        for key, sums in sorted(groups.items(), key=lambda each: each[0])
    )
    return Report(wish, lines, await _reversals(reader, wish))


async def operations_of(reader: Reader, wish: Wish) -> list[tuple[ChargeLine, SqlRow]]:
    """Every operation of the period with what it cost and its row of pos_payment, in the order of time.

    Raises Refusal("STATEMENT_PERIOD").
    """
    also, params = _also(reader, wish.checked())
    sql = f"""SELECT * FROM pos_charge WHERE company_id = ? AND day >= ? AND day <= ?{also}
              ORDER BY day, id LIMIT ?"""
    lines = [charge_line(row) for row in await reader.rows_aside(sql, *params, OPERATIONS_MAX)]
    lines += [line for _, line in await _raw(reader, wish)]
    found: dict[str, SqlRow] = {}
    keys = [line.id for line in lines]
    for place in range(0, len(keys), 500):
        part = keys[place : place + 500]
        sql = f"SELECT * FROM pos_payment WHERE id IN ({marks(part)}) AND company_id = ?"
        found |= {row["id"]: row for row in await reader.rows(sql, *part, reader.company_id)}
    pairs = [(line, found[line.id]) for line in lines[:OPERATIONS_MAX]]
    return sorted(pairs, key=lambda pair: (pair[1]["sent_ms"], pair[0].id))


async def differences_of(reader: Reader, wish: Wish) -> list[Difference]:
    """What the bank and we do not agree about in the period, by time, at most DIFFERENCES_MAX of each side.

    Raises Refusal("STATEMENT_PERIOD").
    """
    also, params = _also(reader, wish.checked(), contract="r.contract_id", terminal="p.terminal_id")
    bank = await reader.rows_aside(_BANK_SIDE.format(also=also), *params, DIFFERENCES_MAX)
    found = [_bank_side(row) for row in bank]
    also, params = _also(reader, wish, contract="c.contract_id", terminal="c.terminal_id")
    ledger = await reader.rows_aside(_LEDGER_SIDE.format(also=also), *params, DIFFERENCES_MAX)
    found += [
        Difference(
            kind=LEDGER_ONLY,
            day=row["day"],
            at_ms=row["sent_ms"],
            terminal_id=row["terminal_id"],
            terminal_code=row["terminal_code"],
            rrn=row["rrn"],
            authorization_code=row["authorization_code"],
            masked_number=row["masked_number"],
            payment_id=row["id"],
            row_id=None,
            ours=row["gross_tiyn"],
            theirs=None,
            our_commission=row["commission_tiyn"],
            their_commission=None,
        )
        for row in ledger
    ]
    return sorted(found, key=lambda each: (each.at_ms, each.row_id or each.payment_id or ""))


def _bank_side(row: SqlRow) -> Difference:
    ours: int | None = None
    if row["payment_id"] is not None:
        sign = 1 if row["our_kind"] == OperationKind.PURCHASE else -1
        is_taken = row["verdict"] != Verdict.REVERSED_CREDITED
        ours = sign * (row["approved"] or row["amount"]) if is_taken else 0
    # It agreed when it came, and was charged later.
    kind = Verdict.COMMISSION_DIFFERS if row["verdict"] == Verdict.MATCHED else Verdict(row["verdict"])
    return Difference(
        kind=kind.value,
        day=row["day"],
        at_ms=row["at_ms"],
        terminal_id=row["terminal_id"],
        terminal_code=row["terminal_code"],
        rrn=row["rrn"],
        authorization_code=row["authorization_code"],
        masked_number=row["masked_number"],
        payment_id=row["payment_id"],
        row_id=row["id"],
        ours=ours,
        theirs=row["gross_tiyn"],
        our_commission=row["our_commission"],
        their_commission=row["commission_tiyn"],
    )


def _also(
    reader: Reader, wish: Wish, *, contract: str = "contract_id", terminal: str = "terminal_id"
) -> tuple[str, list[Param]]:
    """Conditions beside company and days, and the values of all of them."""
    also = ""
    params: list[Param] = [reader.company_id, wish.first.isoformat(), wish.last.isoformat()]
    for column, given in ((contract, wish.contract_id), (terminal, wish.terminal_id)):
        if given is not None:
            also += f" AND {column} = ?"
            params.append(given)
    return also, params


async def _raw(reader: Reader, wish: Wish) -> list[tuple[str, ChargeLine]]:
    """Operations of the period that are not settled, with their contracts."""
    found: list[tuple[str, ChargeLine]] = []
    for contract in await contract_rows(reader):
        if wish.contract_id in (None, contract["id"]):
            lines = await uncharged(reader, contract["id"], wish.first, wish.last)
            mine = [line for line in lines if wish.terminal_id in (None, line.terminal_id)]
            found += [(contract["id"], line) for line in mine]
    return found


async def _reversals(reader: Reader, wish: Wish) -> dict[str, int]:
    """Operations that were made not to have been, by banking day."""
    terms = {row["id"]: await terms_of(reader, row["id"]) for row in await contract_rows(reader)}
    begin, end = wish.first - 2 * _DAY, wish.last + 2 * _DAY
    begin_ms, end_ms = (to_ms(datetime.combine(day, time(), UTC)) for day in (begin, end))
    counts: dict[str, int] = defaultdict(int)
    for row in await reader.rows(_REVERSED, reader.company_id, begin_ms, end_ms, OPERATIONS_MAX):
        known = terms.get(row["contract_id"])
        if known and wish.contract_id in (None, row["contract_id"]):
            chosen = terms_at(known, row["sent_ms"]).terms
            day = banking_day(row["sent_ms"], chosen.zone, chosen.cut_off_minute)
            if wish.first <= day <= wish.last:
                counts[day.isoformat()] += 1
    return dict(counts)


def _sums_of(line: ChargeLine) -> Sums:
    if line.gross > 0:
        return Sums(purchases=1, sold=line.gross, commission=line.commission)
    return Sums(returns=1, given_back=line.gross, commission=line.commission)


def _iban(rows: Sequence[SqlRow], day: str) -> str:
    found = requisites_on(rows, day)
    return "" if found is None else str(found["iban"])
