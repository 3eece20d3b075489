"""Statements of banks: taken in once, matched with our operations, and used to prove what nobody knew.

A row is known by contract, RRN, kind and time: the same file, or one that overlaps, adds nothing twice. Each
import looks again at rows that had found nothing, and at money of reversed operations, which the bank may
take back on a later day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.banking_day import banking_day
from addons.pos_terminal.domain.matching import PROVABLE, Match, Ours, match
from addons.pos_terminal.domain.matching import Verdict as Found
from addons.pos_terminal.domain.payment import OperationKind, PaymentState, Verdict
from addons.pos_terminal.domain.statement import BankRow, BankStatement, RowKind
from addons.pos_terminal.services.charges import terms_of_day
from addons.pos_terminal.services.contracts import TermsRow, contract_row, terms_at, terms_of
from addons.pos_terminal.services.end_payment import prove_payment
from addons.pos_terminal.services.own_row import own_row
from addons.pos_terminal.services.payment_step import lane_key
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.texts import one_line

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work
    from kernel.jobs.lanes import Job

PROVE_JOB = "pos_terminal.prove"
NEAR = timedelta(days=2)  # around the rows of a file, operations are looked at
OPERATIONS_MAX = 200_000
STATEMENTS_SHOWN = 500
NO_ROW = "no row in the statement"
COLUMNS = (
    "id", "company_id", "statement_id", "contract_id", "number", "kind", "rrn", "at_ms", "day", "credit_day",
    "terminal_code", "gross_tiyn", "commission_tiyn", "net_tiyn", "authorization_code", "masked_number",
    "scheme", "method", "note", "payment_id", "verdict",
)  # fmt: skip
_OURS = """
SELECT p.id, p.kind, p.state, p.terminal_id, COALESCE(t.terminal_code, '') AS terminal_code, p.rrn,
  p.order_number, p.authorization_code, p.amount, p.approved, p.sent_ms, c.commission_tiyn
FROM pos_payment p JOIN pos_terminal t ON t.id = p.terminal_id
LEFT JOIN pos_charge c ON c.id = p.id
LEFT JOIN pos_statement_row s ON s.payment_id = p.id AND s.verdict <> 'REVERSED_CREDITED'
WHERE p.company_id = ? AND p.contract_id = ? AND p.sent_ms >= ? AND p.sent_ms < ? AND s.id IS NULL
ORDER BY p.sent_ms, p.id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class ImportStatement:
    """A file of the bank that was read and agrees with its own total."""

    contract_id: str
    file_name: str
    statement: BankStatement


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of it. fresh: rows that were not here yet; proved: operations whose end it tells."""

    id: str
    rows: int
    fresh: int
    proved: int


async def import_statement(work: Work, command: ImportStatement) -> Imported:
    """Take it in and match it. Raises Refusal("CONTRACT_UNKNOWN")."""
    await contract_row(work, command.contract_id)
    terms = await terms_of(work, command.contract_id)
    statement = command.statement
    known = await _known(work, command.contract_id, statement.rows)
    fresh = _unique([row for row in statement.rows if _key(row) not in known])
    span = min(row.at_ms for row in statement.rows), max(row.at_ms for row in statement.rows)
    first_day, last_day = (_day_of(terms, each) for each in span)
    statement_id = new_id()
    await work.insert(
        "pos_statement",
        {
            "id": statement_id,
            "company_id": work.company_id,
            "contract_id": command.contract_id,
            "layout": statement.layout.value,
            "file_name": one_line(command.file_name)[:190],
            "first_day": first_day,
            "last_day": last_day,
            "first_ms": span[0],
            "last_ms": span[1],
            "row_count": len(statement.rows),
            "fresh_count": len(fresh),
            "gross_tiyn": statement.gross,
            "commission_tiyn": statement.commission,
            "net_tiyn": statement.gross - statement.commission,
            "imported_by": work.principal.subject_id,
            "imported_ms": work.now_ms,
        },
    )
    waiting = await _waiting(work, command.contract_id, statement.rows)
    matched, ours = await _matched(work, command.contract_id, fresh, list(waiting.values()))
    await work.insert_many(
        "pos_statement_row",
        COLUMNS,
        [
            _columns(work.company_id, statement_id, command.contract_id, _day_of(terms, each.row.at_ms), each)
            for each in matched[: len(fresh)]
        ],
    )
    sql = "UPDATE pos_statement_row SET payment_id = ?, verdict = ? WHERE id = ? AND company_id = ?"
    found_now = [
        (each.payment_id, each.verdict.value, row_id, work.company_id)
        for each, row_id in zip(matched[len(fresh) :], waiting, strict=True)
        if each.payment_id is not None
    ]
    if found_now:
        await work.execute_many(sql, found_now)
    proofs = _proofs(matched, ours, terms, statement, (first_day, last_day))
    for payment, verdict, evidence in proofs:
        lane = await work.lane(lane_key(payment["terminal_id"]), company_id=work.company_id)
        body = {"operation": payment["id"], "verdict": verdict.value, "evidence": evidence}
        lane.enqueue(PROVE_JOB, body)
    facts = {"file": one_line(command.file_name)[:190], "rows": len(statement.rows), "fresh": len(fresh)}
    await work.audit("pos_terminal.import_statement", f"statement:{statement_id}", facts)
    return Imported(statement_id, len(statement.rows), len(fresh), len(proofs))


async def prove(work: Work, job: Job) -> None:
    """The statement tells how an operation ended; in the lane of its terminal."""
    verdict = Verdict(str(job.body["verdict"]))
    await prove_payment(work, str(job.body["operation"]), verdict, str(job.body["evidence"]))


async def match_by_hand(work: Work, row_id: str, payment_id: str | None) -> str:
    """A person says which operation a row is about; None takes that back. The row's id.

    Raises Refusal: STATEMENT_ROW_UNKNOWN, CARD_OPERATION_UNKNOWN, STATEMENT_ROW_TAKEN (the operation has
    another row already).
    """
    row = await row_by_id(work, row_id)
    verdict = Found.FEE if row["kind"] == RowKind.FEE else Found.BANK_ONLY
    if payment_id is not None:
        sql = "SELECT id FROM pos_statement_row WHERE payment_id = ? AND id <> ? AND company_id = ?"
        if await work.row(sql, payment_id, row_id, work.company_id) is not None:
            raise Refusal("STATEMENT_ROW_TAKEN", field="operationId")
        sql = "SELECT amount, approved FROM pos_payment WHERE id = ? AND contract_id = ? AND company_id = ?"
        payment = await work.row(sql, payment_id, row["contract_id"], work.company_id)
        if payment is None:
            raise Refusal("CARD_OPERATION_UNKNOWN", field="operationId")
        same = (payment["approved"] or payment["amount"]) == abs(row["gross_tiyn"])
        verdict = Found.MATCHED if same else Found.AMOUNT_DIFFERS
    sql = "UPDATE pos_statement_row SET payment_id = ?, verdict = ? WHERE id = ? AND company_id = ?"
    await work.execute(sql, payment_id, verdict.value, row_id, work.company_id)
    await work.audit("pos_terminal.match_row", f"statement_row:{row_id}", {"operation": payment_id})
    return row_id


async def row_by_id(reader: Reader, row_id: str) -> SqlRow:
    """A row of a statement. Raises Refusal("STATEMENT_ROW_UNKNOWN")."""
    return await own_row(reader, "pos_statement_row", row_id, unknown="STATEMENT_ROW_UNKNOWN", field="id")


async def statements(reader: Reader) -> Sequence[SqlRow]:
    """Files that were taken in, the latest first."""
    sql = "SELECT * FROM pos_statement WHERE company_id = ? ORDER BY id DESC LIMIT ?"
    return await reader.rows(sql, reader.company_id, STATEMENTS_SHOWN)


def _key(row: BankRow) -> tuple[str, str, int]:
    return row.rrn, row.kind.value, row.at_ms


def _unique(rows: Sequence[BankRow]) -> list[BankRow]:
    """Without a second row of the same key: the bank printed it twice."""
    return list({_key(row): row for row in reversed(rows)}.values())[::-1]


async def _known(
    reader: Reader, contract_id: str, rows: Sequence[BankRow]
) -> frozenset[tuple[str, str, int]]:
    """Keys of rows around these that are here already."""
    first, last = min(row.at_ms for row in rows), max(row.at_ms for row in rows)
    sql = """SELECT rrn, kind, at_ms FROM pos_statement_row
             WHERE contract_id = ? AND at_ms >= ? AND at_ms <= ? AND company_id = ?"""
    found = await reader.rows(sql, contract_id, first, last, reader.company_id)
    return frozenset((row["rrn"], row["kind"], row["at_ms"]) for row in found)


async def _waiting(reader: Reader, contract_id: str, rows: Sequence[BankRow]) -> dict[str, BankRow]:
    """Rows of earlier files around these that may find more now, by id."""
    span = _span(rows)
    sql = """SELECT * FROM pos_statement_row WHERE contract_id = ? AND at_ms >= ? AND at_ms < ?
             AND verdict IN (?, ?) AND company_id = ? ORDER BY at_ms, id LIMIT ?"""
    open_verdicts = (Found.BANK_ONLY.value, Found.REVERSED_CREDITED.value)
    bounds = (contract_id, *span, *open_verdicts, reader.company_id, OPERATIONS_MAX)
    return {row["id"]: bank_row(row) for row in await reader.rows(sql, *bounds)}


async def _matched(
    reader: Reader, contract_id: str, fresh: Sequence[BankRow], waiting: Sequence[BankRow]
) -> tuple[list[Match], dict[str, SqlRow]]:
    """Verdicts on all these rows, and our operations around them that had no row yet."""
    rows = [*fresh, *waiting]
    if not rows:
        return [], {}
    bounds = (reader.company_id, contract_id, *_span(rows), OPERATIONS_MAX)
    ours = {row["id"]: row for row in await reader.rows(_OURS, *bounds)}
    return match(rows, [_ours(row) for row in ours.values()]), ours


def _span(rows: Sequence[BankRow]) -> tuple[int, int]:
    near_ms = NEAR // timedelta(milliseconds=1)
    return min(row.at_ms for row in rows) - near_ms, max(row.at_ms for row in rows) + near_ms


def _ours(row: SqlRow) -> Ours:
    return Ours(
        id=row["id"],
        kind=OperationKind(row["kind"]),
        state=PaymentState(row["state"]),
        terminal_code=row["terminal_code"],
        numbers=frozenset(filter(None, (row["rrn"], row["order_number"]))),
        authorization_code=row["authorization_code"],
        amount=row["approved"] or row["amount"],
        at_ms=row["sent_ms"],
        commission=row["commission_tiyn"],
    )


def _proofs(
    matched: Sequence[Match],
    ours: dict[str, SqlRow],
    terms: Sequence[TermsRow],
    statement: BankStatement,
    days: tuple[str, str],
) -> list[tuple[SqlRow, Verdict, str]]:
    """Operations nobody knew the end of: a row with their sum says yes; none, in a file that goes beyond the
    day on which the money had to come, says no.
    """
    found: list[tuple[SqlRow, Verdict, str]] = []
    seen = {each.payment_id for each in matched if each.payment_id is not None}
    for each in matched:
        payment = None if each.payment_id is None else ours[each.payment_id]
        if payment is not None and payment["state"] in PROVABLE and each.verdict is Found.MATCHED:
            found.append((payment, Verdict.APPROVED, f"RRN {each.row.rrn}, line {each.row.number}"))
    terminals = {row.terminal_code for row in statement.rows}
    for payment in ours.values():
        if payment["state"] not in PROVABLE or payment["id"] in seen:
            continue
        day = _day_of(terms, payment["sent_ms"])
        credit_days = terms_of_day(terms, date.fromisoformat(day)).terms.credit_days
        due = (date.fromisoformat(day) + timedelta(days=credit_days)).isoformat()
        is_covered = days[0] < day and due < days[1]
        if is_covered and (not payment["terminal_code"] or payment["terminal_code"] in terminals):
            found.append((payment, Verdict.DECLINED, NO_ROW))
    return found


def _day_of(terms: Sequence[TermsRow], at_ms: int) -> str:
    chosen = terms_at(terms, at_ms).terms
    return banking_day(at_ms, chosen.zone, chosen.cut_off_minute).isoformat()


def bank_row(row: SqlRow) -> BankRow:
    """Out of a row of pos_statement_row."""
    return BankRow(
        number=row["number"],
        kind=RowKind(row["kind"]),
        rrn=row["rrn"],
        at_ms=row["at_ms"],
        credit_day=row["credit_day"],
        terminal_code=row["terminal_code"],
        gross=row["gross_tiyn"],
        commission=row["commission_tiyn"],
        net=row["net_tiyn"],
        authorization_code=row["authorization_code"],
        masked_number=row["masked_number"],
        scheme=row["scheme"],
        method=row["method"],
        note=row["note"],
    )


def _columns(
    company_id: str, statement_id: str, contract_id: str, day: str, each: Match
) -> tuple[str | int | None, ...]:
    row = each.row
    return (
        new_id(), company_id, statement_id, contract_id, row.number, row.kind.value, row.rrn, row.at_ms, day,
        row.credit_day, row.terminal_code, row.gross, row.commission, row.net, row.authorization_code,
        row.masked_number, row.scheme, row.method, row.note, each.payment_id, each.verdict.value,
    )  # fmt: skip
