"""All SQL of the hot path: a register's state in one row, a document in one row, an exchange in one row.

Every statement names company_id through a row that was found by it, or runs inside a job of that company's
lane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.facts import Numbers
from addons.fiscal_kz.domain.kinds import Block, Command, DocumentKind, Link
from addons.fiscal_kz.domain.state import Exchange, State
from addons.fiscal_kz.services.kept import forget_kkm
from addons.fiscal_kz.services.records import DeliveredTicket, DocumentRecord, DocumentState, KkmRecord
from addons.fiscal_kz.services.texts import (
    body_text,
    card_text,
    counters_text,
    from_base64,
    numbers_text,
    read_body,
    read_card,
    read_counters,
    read_numbers,
    to_base64,
)
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, SqlRow, Work

_STATE_COLUMNS = (
    "is_active", "version", "token", "reqnum", "link", "offline_since_ms", "retry_at_ms", "undelivered",
    "oldest_ms", "has_backlog", "block", "block_code", "server_blocks", "shift_number", "shift_opened_ms",
    "is_shift_expired", "documents", "shift_documents", "last_document_ms", "last_offline_number", "counters",
)  # fmt: skip
_KKM = (
    "SELECT k.id, k.company_id, k.register_id, k.profile, k.ofd_id, k.card, k.shift_id,"
    f" {', '.join('k.' + name for name in _STATE_COLUMNS)}, x.id AS x_id, x.document_id AS x_document_id,"
    " x.command AS x_command, x.token AS x_token, x.reqnum AS x_reqnum, x.numbers AS x_numbers,"
    " x.started_ms AS x_started_ms, x.may_have_arrived AS x_may_have_arrived, x.request AS x_request"
    " FROM fkz_kkm k LEFT JOIN fkz_exchange x ON x.open_kkm_id = k.id"
)
_ASSIGNED = ", ".join(f"{name} = ?" for name in _STATE_COLUMNS)
_UPDATE_STATE = f"UPDATE fkz_kkm SET {_ASSIGNED}, shift_id = ? WHERE id = ?"
_DOCUMENT_COLUMNS = """id, kind, state, subject_id, lane_seq, created_ms, body, total, at_ms, shift_number,
document_number, shift_document_number, offline_number, is_offline, is_marked, request"""
_DOCUMENT = f"SELECT {_DOCUMENT_COLUMNS} FROM fkz_document WHERE id = ?"
_QUEUED = f"""SELECT {_DOCUMENT_COLUMNS} FROM fkz_document
WHERE kkm_id = ? AND state = 'QUEUED' AND lane_seq > ? ORDER BY lane_seq LIMIT ?"""
_NUMBERED = """UPDATE fkz_document SET state = ?, at_ms = ?, shift_number = ?, document_number = ?,
shift_document_number = ?, offline_number = ?, is_offline = ?, is_marked = ?, request = ?, sign = ?,
qr_text = ?, result_code = ?, settled_ms = ?, report = ?, server_report = ? WHERE id = ?"""
_DELIVERED = """UPDATE fkz_document SET state = 'DONE', sign = ?, qr_text = ?, result_code = 0,
settled_ms = ?, server_report = ? WHERE id = ?"""
_REJECTED = """UPDATE fkz_document SET state = 'REJECTED', reject_code = ?, result_code = ?, settled_ms = ?
WHERE id = ?"""
_REPORTED = """UPDATE fkz_document SET state = 'DONE', at_ms = ?, shift_number = ?, is_offline = ?,
report = ?, server_report = ?, settled_ms = ? WHERE id = ?"""
_ANSWERED = "UPDATE fkz_exchange SET open_kkm_id = NULL, ended_ms = ?, answer = ?, code = ? WHERE id = ?"
_STILL_OPEN = """UPDATE fkz_exchange SET attempts = attempts + 1, may_have_arrived = ?, numbers = ?,
request = ? WHERE id = ?"""


async def kkm_of_register(reader: Reader, register_id: str) -> KkmRecord | None:
    """The KKM of a register of the reader's company, with its exchange in flight."""
    row = await reader.row(
        f"{_KKM} WHERE k.register_id = ? AND k.company_id = ?", register_id, reader.company_id
    )
    return None if row is None else _kkm(row)


async def kkm_by_id(reader: Reader, kkm_id: str) -> KkmRecord | None:
    """A KKM of the reader's company."""
    row = await reader.row(f"{_KKM} WHERE k.id = ? AND k.company_id = ?", kkm_id, reader.company_id)
    return None if row is None else _kkm(row)


def _kkm(row: SqlRow) -> KkmRecord:
    exchange = None
    if row["x_id"] is not None:
        exchange = Exchange(
            document_id=row["x_document_id"],
            command=Command(row["x_command"]),
            token=row["x_token"],
            reqnum=row["x_reqnum"],
            started_ms=row["x_started_ms"],
            numbers=read_numbers(row["x_numbers"]),
            may_have_arrived=bool(row["x_may_have_arrived"]),
        )
    state = State(
        is_active=bool(row["is_active"]),
        version=row["version"],
        token=row["token"],
        # An open exchange has taken the next request number; the KKM's row learns it with the answer.
        reqnum=row["reqnum"] if exchange is None else exchange.reqnum,
        link=Link(row["link"]),
        offline_since_ms=row["offline_since_ms"],
        retry_at_ms=row["retry_at_ms"],
        undelivered=row["undelivered"],
        oldest_ms=row["oldest_ms"],
        has_backlog=bool(row["has_backlog"]),
        block=Block(row["block"]),
        block_code=row["block_code"],
        server_blocks=row["server_blocks"],
        shift_number=row["shift_number"],
        shift_opened_ms=row["shift_opened_ms"],
        is_shift_expired=bool(row["is_shift_expired"]),
        documents=row["documents"],
        shift_documents=row["shift_documents"],
        last_document_ms=row["last_document_ms"],
        last_offline_number=row["last_offline_number"],
        counters=read_counters(row["counters"]),
        exchange=exchange,
    )
    return KkmRecord(
        id=row["id"],
        company_id=row["company_id"],
        register_id=row["register_id"],
        profile=row["profile"],
        ofd_id=row["ofd_id"],
        card=read_card(row["card"]),
        shift_id=row["shift_id"],
        state=state,
        exchange_id=row["x_id"],
        request=None if row["x_request"] is None else from_base64(row["x_request"]),
    )


def _state_values(state: State) -> tuple[Param, ...]:
    """In the order of _STATE_COLUMNS."""
    return (
        int(state.is_active), state.version, state.token, state.reqnum, state.link.value,
        state.offline_since_ms, state.retry_at_ms, state.undelivered,
        state.oldest_ms, int(state.has_backlog), state.block.value, state.block_code, state.server_blocks,
        state.shift_number, state.shift_opened_ms,
        int(state.is_shift_expired), state.documents, state.shift_documents, state.last_document_ms,
        state.last_offline_number, counters_text(state.counters),
    )  # fmt: skip


async def insert_kkm(work: Work, record: KkmRecord) -> None:
    """A new KKM. Raises tortoise IntegrityError when the register or the OFD id is taken."""
    head: dict[str, str | int | bytes | None] = {
        "id": record.id,
        "company_id": record.company_id,
        "register_id": record.register_id,
        "profile": record.profile,
        "ofd_id": record.ofd_id,
        "card": card_text(record.card),
        "shift_id": None,
        "notices": "",
    }
    await work.insert(
        "fkz_kkm", {**head, **dict(zip(_STATE_COLUMNS, _state_values(record.state), strict=True))}
    )


async def save_state(work: Work, kkm_id: str, state: State, shift_id: str | None) -> None:
    """Write the whole state in one statement."""
    forget_kkm(work, kkm_id)
    await work.execute(_UPDATE_STATE, *_state_values(state), shift_id, kkm_id)


async def save_card(work: Work, record: KkmRecord, *, profile: str, ofd_id: int) -> None:
    """Write who and where the KKM is."""
    forget_kkm(work, record.id)
    await work.execute(
        "UPDATE fkz_kkm SET card = ?, profile = ?, ofd_id = ? WHERE id = ?",
        card_text(record.card), profile, ofd_id, record.id,
    )  # fmt: skip


async def document_by_id(reader: Reader, document_id: str) -> DocumentRecord | None:
    """One document."""
    row = await reader.row(_DOCUMENT, document_id)
    return None if row is None else _document(row)


async def delivered_ticket(reader: Reader, company_id: str, subject_id: str) -> DeliveredTicket | None:
    """The ticket of a sale as the OFD knows it, once it does."""
    row = await reader.row(
        "SELECT sign, is_marked FROM fkz_document WHERE subject_id = ? AND company_id = ? AND state = 'DONE'",
        subject_id,
        company_id,
    )
    return None if row is None or not row["sign"] else DeliveredTicket(row["sign"], bool(row["is_marked"]))


async def queued_after(reader: Reader, kkm_id: str, lane_seq: int, limit: int) -> list[DocumentRecord]:
    """Documents without numbers that stand behind a place of the lane, in order."""
    return [_document(row) for row in await reader.rows(_QUEUED, kkm_id, lane_seq, limit)]


def _document(row: SqlRow) -> DocumentRecord:
    kind = DocumentKind(row["kind"])
    numbers = None
    if row["document_number"] is not None:
        numbers = Numbers(
            shift_number=row["shift_number"],
            document_number=row["document_number"],
            shift_document_number=row["shift_document_number"],
            at_ms=row["at_ms"],
            offline_number=row["offline_number"],
            is_marked=bool(row["is_marked"]),
        )
    return DocumentRecord(
        id=row["id"],
        kind=kind,
        state=DocumentState(row["state"]),
        subject_id=row["subject_id"],
        lane_seq=row["lane_seq"],
        created_ms=row["created_ms"],
        body=read_body(kind, row["body"]),
        total=row["total"],
        numbers=numbers,
        is_offline=bool(row["is_offline"]),
        request=None if row["request"] is None else from_base64(row["request"]),
    )


async def insert_document(
    work: Work, kkm: KkmRecord, record: DocumentRecord, *, client_key: str | None = None
) -> None:
    """A new document, not numbered yet. Raises tortoise IntegrityError when the client's key is taken."""
    await work.insert(
        "fkz_document",
        {
            "id": record.id,
            "company_id": kkm.company_id,
            "kkm_id": kkm.id,
            "register_id": kkm.register_id,
            "lane_seq": record.lane_seq,
            "kind": record.kind.value,
            "subject_id": record.subject_id,
            "client_key": client_key,
            "state": record.state.value,
            "body": "" if record.body is None else body_text(record.body),
            "total": record.total,
            "created_ms": record.created_ms,
            "is_offline": 0,
            "is_marked": 0,
            "qr_text": "",
        },
    )


async def save_numbered(
    work: Work,
    document_id: str,
    state: DocumentState,
    numbers: Numbers,
    *,
    is_offline: bool,
    request: bytes | None = None,
    sign: str | None = None,
    qr_text: str = "",
    report: str | None = None,
    server_report: str | None = None,
) -> None:
    """The document is a fact: issued offline, or taken by the OFD."""
    is_done = state is DocumentState.DONE
    await work.execute(
        _NUMBERED, state.value, numbers.at_ms, numbers.shift_number, numbers.document_number,
        numbers.shift_document_number, numbers.offline_number, int(is_offline), int(numbers.is_marked),
        None if request is None else to_base64(request), sign, qr_text, 0 if is_done else None,
        work.now_ms if is_done else None, report, server_report, document_id,
    )  # fmt: skip


async def save_delivered(
    work: Work, document_id: str, *, sign: str | None, qr_text: str, server_report: str | None
) -> None:
    """The OFD acknowledged an offline document."""
    await work.execute(_DELIVERED, sign, qr_text, work.now_ms, server_report, document_id)


async def save_rejected(work: Work, document_id: str, code: str, result_code: int) -> None:
    """The document is refused for good."""
    await work.execute(_REJECTED, code, result_code, work.now_ms, document_id)


async def save_reported(
    work: Work, document_id: str, *, shift_number: int, is_local: bool, report: str, server_report: str | None
) -> None:
    """An X report is ready."""
    await work.execute(
        _REPORTED, work.now_ms, shift_number, int(is_local), report, server_report, work.now_ms, document_id
    )


async def open_exchange(work: Work, kkm: KkmRecord, exchange: Exchange, request: bytes) -> str:
    """The intent to send, durable before a byte leaves. Raises IntegrityError if another one is open."""
    exchange_id = new_id()
    await work.insert(
        "fkz_exchange",
        {
            "id": exchange_id,
            "company_id": kkm.company_id,
            "kkm_id": kkm.id,
            "open_kkm_id": kkm.id,
            "document_id": exchange.document_id,
            "command": int(exchange.command),
            "token": exchange.token,
            "reqnum": exchange.reqnum,
            "numbers": None if exchange.numbers is None else numbers_text(exchange.numbers),
            "started_ms": exchange.started_ms,
            "attempts": 0,
            "may_have_arrived": 0,
            "request": to_base64(request),
        },
    )
    return exchange_id


async def end_exchange(work: Work, exchange_id: str, answer: bytes | None, code: int | None) -> None:
    """The raw answer; the exchange is over. None for a question that is dropped unanswered."""
    await work.execute(
        _ANSWERED, work.now_ms, None if answer is None else to_base64(answer), code, exchange_id
    )


async def keep_exchange(work: Work, exchange_id: str, exchange: Exchange, request: bytes) -> None:
    """One more attempt was lost; the exchange stays open."""
    await work.execute(
        _STILL_OPEN,
        int(exchange.may_have_arrived),
        None if exchange.numbers is None else numbers_text(exchange.numbers),
        to_base64(request),
        exchange_id,
    )


async def resume_exchange(work: Work, exchange_id: str) -> None:
    """The same bytes leave again; nobody knows whether they had left before (a restart) or what became of
    them.
    """
    await work.execute("UPDATE fkz_exchange SET may_have_arrived = 1 WHERE id = ?", exchange_id)
