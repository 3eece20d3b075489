"""Documents of a register in the order of its journal, and its Z reports: lists for people, read by index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.bodies import CashBody, DeskBody, TicketBody
from addons.fiscal_kz.domain.kinds import DocumentKind
from addons.fiscal_kz.services.records import DocumentState
from addons.fiscal_kz.services.texts import read_body

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, SqlRow

SELECT_DOCUMENT = """SELECT id, lane_seq, kind, state, subject_id, body, total, created_ms, at_ms,
shift_number, document_number, shift_document_number, offline_number, is_offline, sign, reject_code
FROM fkz_document"""
MADE_BY_PEOPLE = "kind IN ('TICKET', 'CASH', 'CLOSE', 'REPORT')"
SELECT_Z = """SELECT number, register_id, kkm_id, opened_ms, closed_ms, closed_by, report, server_report
FROM fkz_shift"""
_LAST_SEQ = "SELECT MAX(lane_seq) AS seq FROM fkz_document WHERE kkm_id = ?"
_FROM_SEQ = """SELECT lane_seq, created_ms FROM fkz_document WHERE kkm_id = ? AND lane_seq >= ?
ORDER BY lane_seq LIMIT 1"""
CLOCK_SLACK_MS = 3_600_000  # a clock that was put back by more makes no documents
_KKM = "SELECT id FROM fkz_kkm WHERE register_id = ? AND company_id = ?"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One document of a register. operation: what a ticket does, DEPOSIT or WITHDRAWAL, Z or X."""

    id: str
    kind: DocumentKind
    state: DocumentState
    operation: str
    subject_id: str | None
    total: int
    operator_code: int
    operator_name: str
    created_ms: int
    at_ms: int | None
    shift_number: int | None
    document_number: int | None
    shift_document_number: int | None
    offline_number: int | None
    is_offline: bool
    sign: str | None
    reject_code: str | None


async def kkm_id_of(reader: Reader, register_id: str) -> str | None:
    """The KKM of a register in the principal's reach. Raises Refusal("REGISTER_FORBIDDEN")."""
    reader.principal.require_register(register_id)
    row = await reader.row(_KKM, register_id, reader.company_id)
    return None if row is None else str(row["id"])


async def made_within(
    reader: Reader, kkm_id: str, since_ms: int | None, until_ms: int | None
) -> tuple[str, tuple[Param, ...]]:
    """What a list of documents accepted from since_ms to before until_ms looks for: a stretch of the queue,
    so that an old day is as near as the last one.
    """
    where, params = f"kkm_id = ? AND {MADE_BY_PEOPLE}", [kkm_id]
    bounds: list[Param] = []
    if since_ms is not None:
        where += " AND created_ms >= ? AND lane_seq >= ?"
        bounds += (since_ms, await _first_seq(reader, kkm_id, since_ms - CLOCK_SLACK_MS))
    if until_ms is not None:
        where += " AND created_ms < ? AND lane_seq < ?"
        bounds += (until_ms, await _first_seq(reader, kkm_id, until_ms + CLOCK_SLACK_MS))
    return where, (*params, *bounds)


async def _first_seq(reader: Reader, kkm_id: str, at_ms: int) -> int:
    """Place in the lane from which on documents were accepted at that moment or later, found by halving:
    but for a clock that was put back, they stand in the order of their acceptance.
    """
    last = await reader.row(_LAST_SEQ, kkm_id)
    low, high = 1, 1 + ((None if last is None else last["seq"]) or 0)
    while low < high:
        middle = (low + high) // 2
        row = await reader.row(_FROM_SEQ, kkm_id, middle)
        if row is None or row["created_ms"] >= at_ms:
            high = middle
        else:
            low = row["lane_seq"] + 1
    return low


async def last_receipt(reader: Reader, register_id: str) -> HistoryLine | None:
    """The last ticket of a register that has its numbers."""
    kkm_id = await kkm_id_of(reader, register_id)
    row = await reader.row(
        f"{SELECT_DOCUMENT} WHERE kkm_id = ? AND kind = 'TICKET' AND state IN ('DONE', 'OFFLINE')"
        " ORDER BY lane_seq DESC LIMIT 1",
        kkm_id or "",
    )
    return None if row is None else history_line(row)


def history_line(row: SqlRow) -> HistoryLine:
    """A line out of a row of SELECT_DOCUMENT."""
    kind = DocumentKind(row["kind"])
    body = read_body(kind, row["body"])
    match body:
        case TicketBody():
            operation = body.operation.value
        case CashBody():
            operation = body.placement.value
        case DeskBody():
            operation = "Z" if kind is DocumentKind.CLOSE else "X"
    return HistoryLine(
        id=row["id"],
        kind=kind,
        state=DocumentState(row["state"]),
        operation=operation,
        subject_id=row["subject_id"],
        total=row["total"],
        operator_code=body.operator_code,
        operator_name=body.operator_name,
        created_ms=row["created_ms"],
        at_ms=row["at_ms"],
        shift_number=row["shift_number"],
        document_number=row["document_number"],
        shift_document_number=row["shift_document_number"],
        offline_number=row["offline_number"],
        is_offline=bool(row["is_offline"]),
        sign=row["sign"],
        reject_code=row["reject_code"],
    )
