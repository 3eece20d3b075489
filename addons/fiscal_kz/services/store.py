"""All SQL of the hot path: a register's state in one row, a document in one row, an exchange in one row.

Every statement names company_id through a row that was found by it, or runs inside a job of that company's
lane. The lane remembers its KKM and the documents at its head, so that a steady flow reads neither: what
writes rows here takes the lane, and makes it forget what the row no longer says. Long because all statements
about the three tables stand together: who reads a column sees who writes it.
"""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from addons.fiscal_kz.domain.facts import Numbers
from addons.fiscal_kz.domain.kinds import Block, Command, DocumentKind, Link
from addons.fiscal_kz.domain.state import Exchange, State
from addons.fiscal_kz.services.memory import forget_document, forget_kkm, recall_kkm, remember_kkm
from addons.fiscal_kz.services.records import DeliveredTicket, DocumentRecord, DocumentState, KkmRecord
from addons.fiscal_kz.services.texts import (
    body_text,
    card_text,
    counters_text,
    from_base64,
    numbers_text,
    read_card,
    read_counters,
    read_numbers,
    to_base64,
)
from kernel.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kernel.data.work import Param, Reader, SqlRow, Work
    from kernel.jobs.lanes import Lane

OFD_ID_FREED_MASK = 2**62 - 1  # of a KKM's id: makes a number no other has
_STATE_COLUMNS = tuple(name for name in State._fields if name != "exchange")
_KKM = (
    "SELECT k.id, k.company_id, k.register_id, k.profile, k.ofd_id, k.card, k.shift_id, k.device_id,"
    f" {', '.join('k.' + name for name in _STATE_COLUMNS)}, x.id AS x_id, x.document_id AS x_document_id,"
    " x.command AS x_command, x.token AS x_token, x.reqnum AS x_reqnum, x.numbers AS x_numbers,"
    " x.started_ms AS x_started_ms, x.may_have_arrived AS x_may_have_arrived, x.request AS x_request"
    " FROM fkz_kkm k LEFT JOIN fkz_exchange x ON x.open_kkm_id = k.id"
)
_KKM_BY_ID = f"{_KKM} WHERE k.id = ? AND k.company_id = ?"
_OF_EXCHANGE = ("reqnum", "oldest_ms")  # while one is open its row says these; see _kkm
_AS_COLUMN: dict[str, Callable[[Any], Param]] = {
    "is_active": int,
    "link": attrgetter("value"),
    "has_backlog": int,
    "block": attrgetter("value"),
    "is_shift_expired": int,
    "counters": counters_text,
}
_DOCUMENT_COLUMNS = """id, kind, state, subject_id, lane_seq, created_ms, body, total, at_ms, shift_number,
document_number, shift_document_number, offline_number, is_offline, is_marked, request"""
_DOCUMENT = f"SELECT {_DOCUMENT_COLUMNS} FROM fkz_document WHERE id = ?"
_ISSUED_FROM = f"""SELECT {_DOCUMENT_COLUMNS} FROM fkz_document
WHERE kkm_id = ? AND state = 'OFFLINE' AND lane_seq >= ? ORDER BY lane_seq LIMIT ?"""
_QUEUED = f"""SELECT {_DOCUMENT_COLUMNS} FROM fkz_document
WHERE kkm_id = ? AND state = 'QUEUED' AND lane_seq > ? ORDER BY lane_seq LIMIT ?"""
_TAKEN = """UPDATE fkz_document SET state = 'DONE', at_ms = ?, shift_number = ?, document_number = ?,
shift_document_number = ?, sign = ?, qr_text = ?, result_code = 0, settled_ms = ?, report = ?,
server_report = ? WHERE id = ?"""
_ISSUED = """UPDATE fkz_document SET state = 'OFFLINE', at_ms = ?, shift_number = ?, document_number = ?,
shift_document_number = ?, offline_number = ?, is_offline = 1, is_marked = ?, request = ?, qr_text = ?,
report = ? WHERE id = ?"""
_DELIVERED = """UPDATE fkz_document SET state = 'DONE', sign = ?, qr_text = ?, result_code = 0,
settled_ms = ?, server_report = ? WHERE id = ?"""
_REJECTED = """UPDATE fkz_document SET state = 'REJECTED', reject_code = ?, result_code = ?, settled_ms = ?
WHERE id = ?"""
_HANDLED = """UPDATE fkz_document SET state = 'HANDLED', reject_code = ?, result_code = ?, settled_ms = ?
WHERE id = ?"""
_REPORTED = """UPDATE fkz_document SET state = 'DONE', at_ms = ?, shift_number = ?, is_offline = ?,
report = ?, server_report = ?, settled_ms = ? WHERE id = ?"""
_ANSWERED = "UPDATE fkz_exchange SET open_kkm_id = NULL, ended_ms = ?, answer = ?, code = ? WHERE id = ?"
_STILL_OPEN = """UPDATE fkz_exchange SET attempts = attempts + 1, may_have_arrived = ?, numbers = ?,
request = ?, answer = ?, code = ? WHERE id = ?"""


async def kkm_of_register(reader: Reader, register_id: str) -> KkmRecord | None:
    """The KKM of a register of the reader's company, with its exchange in flight."""
    row = await reader.row(
        f"{_KKM} WHERE k.register_id = ? AND k.company_id = ?", register_id, reader.company_id
    )
    return None if row is None else _kkm(row)


async def kkm_by_id(reader: Reader, kkm_id: str) -> KkmRecord | None:
    """A KKM of the reader's company."""
    row = await reader.row(_KKM_BY_ID, kkm_id, reader.company_id)
    return None if row is None else _kkm(row)


async def kkm_and_document(
    reader: Reader, kkm_id: str, document_id: str
) -> tuple[KkmRecord | None, DocumentRecord | None]:
    """`kkm_by_id` and `document_by_id` in one round trip."""
    kkms, documents = await reader.together(
        (_KKM_BY_ID, (kkm_id, reader.company_id)), (_DOCUMENT, (document_id,))
    )
    return _kkm(kkms[0]) if kkms else None, _document(documents[0]) if documents else None


async def kkm_of_lane(work: Work, lane: Lane, register_id: str) -> KkmRecord | None:
    """`kkm_of_register` for who holds the register's lane: remembered, as a rule."""
    found = recall_kkm(lane)
    if found is None or found.company_id != work.company_id:
        found = await kkm_of_register(work, register_id)
        if found is not None:
            remember_kkm(lane, found)
    return found


def _kkm(row: SqlRow) -> KkmRecord:
    exchange = being_delivered = None
    if row["x_id"] is not None:  # its request number and its document are known to the KKM's row when it ends
        exchange = Exchange(
            document_id=row["x_document_id"],
            command=Command(row["x_command"]),
            token=row["x_token"],
            reqnum=row["x_reqnum"],
            started_ms=row["x_started_ms"],
            numbers=read_numbers(row["x_numbers"]),
            may_have_arrived=bool(row["x_may_have_arrived"]),
        )
        being_delivered = exchange.numbers if row["undelivered"] else None
    state = State(
        is_active=bool(row["is_active"]),
        version=row["version"],
        token=row["token"],
        reqnum=row["reqnum"] if exchange is None else exchange.reqnum,
        link=Link(row["link"]),
        offline_since_ms=row["offline_since_ms"],
        retry_at_ms=row["retry_at_ms"],
        undelivered=row["undelivered"],
        oldest_ms=row["oldest_ms"] if being_delivered is None else being_delivered.at_ms,
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
        clock_drift_ms=row["clock_drift_ms"],
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
        device_id=row["device_id"],
    )


async def insert_kkm(work: Work, lane: Lane, record: KkmRecord) -> None:
    """A new KKM. Raises tortoise IntegrityError when the register or the OFD id is taken."""
    forget_kkm(lane)
    head: dict[str, Param] = {
        "id": record.id,
        "company_id": record.company_id,
        "register_id": record.register_id,
        "profile": record.profile,
        "ofd_id": record.ofd_id,
        "card": card_text(record.card),
        "shift_id": None,
        "notices": "",
    }
    await work.insert("fkz_kkm", {**head, **_columns(record.state._asdict())})


async def save_state(work: Work, lane: Lane, known: KkmRecord, state: State, shift_id: str | None) -> None:
    """Write what of the state has changed, and what an exchange in flight knew alone so far."""
    forget_kkm(lane)
    fields = zip(State._fields, state, known.state, strict=True)
    changed = _columns({name: new for name, new, old in fields if new != old or name in _OF_EXCHANGE})
    await work.write(_update_state(tuple(changed)), *changed.values(), shift_id, known.id)


def _columns(fields: Mapping[str, Any]) -> dict[str, Param]:
    """Fields of a state as their columns hold them; the exchange has a row of its own."""
    return {
        name: _AS_COLUMN[name](field) if name in _AS_COLUMN else field
        for name, field in fields.items()
        if name != "exchange"
    }


@cache  # a decision changes one of a few dozen sets of columns
def _update_state(names: tuple[str, ...]) -> str:
    return f"UPDATE fkz_kkm SET {', '.join(f'{name} = ?' for name in names)}, shift_id = ? WHERE id = ?"


async def save_card(work: Work, lane: Lane, record: KkmRecord, *, profile: str, ofd_id: int) -> None:
    """Write who and where the KKM is. Raises tortoise IntegrityError when the OFD id is taken."""
    forget_kkm(lane)
    await work.execute(
        "UPDATE fkz_kkm SET card = ?, profile = ?, ofd_id = ? WHERE id = ?",
        card_text(record.card), profile, ofd_id, record.id,
    )  # fmt: skip


async def save_device(work: Work, lane: Lane, kkm: KkmRecord, device_id: str | None) -> None:
    """Write for which device alone the KKM works; None: for all."""
    forget_kkm(lane)
    await work.execute("UPDATE fkz_kkm SET device_id = ? WHERE id = ?", device_id, kkm.id)


async def free_ofd_id(work: Work, lane: Lane, kkm: KkmRecord) -> None:
    """Let another register be entered at the OFD with the id of a decommissioned one; its row keeps it as
    what it was.
    """
    forget_kkm(lane)
    nobodys = -1 - (UUID(kkm.id).int & OFD_ID_FREED_MASK)
    await work.execute(
        "UPDATE fkz_kkm SET former_ofd_id = ofd_id, ofd_id = ? WHERE id = ? AND company_id = ?",
        nobodys,
        kkm.id,
        kkm.company_id,
    )


async def delete_kkm(work: Work, lane: Lane, kkm: KkmRecord) -> None:
    """The KKM's row. The caller knows that it never fiscalized."""
    forget_kkm(lane)
    await work.execute("DELETE FROM fkz_kkm WHERE id = ?", kkm.id)


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


async def issued_from(reader: Reader, kkm_id: str, lane_seq: int, limit: int) -> list[DocumentRecord]:
    """Offline documents that wait for delivery from a place of the lane on, in order."""
    return [_document(row) for row in await reader.rows(_ISSUED_FROM, kkm_id, lane_seq, limit)]


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
        raw_body=row["body"] or None,
        total=row["total"],
        numbers=numbers,
        is_offline=bool(row["is_offline"]),
        request=None if row["request"] is None else from_base64(row["request"]),
    )


async def insert_document(
    work: Work, kkm: KkmRecord, record: DocumentRecord, *, client_key: str | None = None
) -> None:
    """A new document, not numbered yet. That the client's key is not taken is known, under the lane."""
    await work.write_row(
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


async def save_taken(
    work: Work,
    lane: Lane,
    document_id: str,
    numbers: Numbers,
    *,
    sign: str | None,
    qr_text: str,
    report: str | None,
    server_report: str | None,
) -> None:
    """The OFD took the document online: it has no offline number and its bytes are those of the exchange."""
    forget_document(lane, document_id)
    await work.write(
        _TAKEN, numbers.at_ms, numbers.shift_number, numbers.document_number, numbers.shift_document_number,
        sign, qr_text, work.now_ms, report, server_report, document_id,
    )  # fmt: skip


async def save_issued(
    work: Work,
    lane: Lane,
    document_id: str,
    numbers: Numbers,
    *,
    request: bytes,
    qr_text: str,
    report: str | None,
) -> None:
    """The document became an offline document; request: what will be delivered."""
    forget_document(lane, document_id)
    await work.write(
        _ISSUED, numbers.at_ms, numbers.shift_number, numbers.document_number, numbers.shift_document_number,
        numbers.offline_number, int(numbers.is_marked), to_base64(request), qr_text, report, document_id,
    )  # fmt: skip


async def save_delivered(
    work: Work, lane: Lane, document_id: str, *, sign: str | None, qr_text: str, server_report: str | None
) -> None:
    """The OFD acknowledged an offline document."""
    forget_document(lane, document_id)
    await work.write(_DELIVERED, sign, qr_text, work.now_ms, server_report, document_id)


async def save_rejected(work: Work, lane: Lane, document_id: str, code: str, result_code: int) -> None:
    """The document is refused for good."""
    forget_document(lane, document_id)
    await work.write(_REJECTED, code, result_code, work.now_ms, document_id)


async def save_handled(work: Work, lane: Lane, document_id: str, code: str, result_code: int) -> None:
    """A person took the refused document out of the queue."""
    forget_document(lane, document_id)
    await work.write(_HANDLED, code, result_code, work.now_ms, document_id)


async def save_reported(
    work: Work,
    lane: Lane,
    document_id: str,
    *,
    shift_number: int,
    is_local: bool,
    report: str,
    server_report: str | None,
) -> None:
    """An X report is ready."""
    forget_document(lane, document_id)
    await work.write(
        _REPORTED, work.now_ms, shift_number, int(is_local), report, server_report, work.now_ms, document_id
    )


async def open_exchange(work: Work, lane: Lane, kkm: KkmRecord, exchange: Exchange, request: bytes) -> str:
    """The intent to send, durable before a byte leaves. Another one that is open fails the Work."""
    forget_kkm(lane)
    exchange_id = new_id()
    await work.write_row(
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


async def end_exchange(
    work: Work, lane: Lane, exchange_id: str, answer: bytes | None, code: int | None
) -> None:
    """The raw answer; the exchange is over. None for a question that is dropped unanswered."""
    forget_kkm(lane)
    await work.write(_ANSWERED, work.now_ms, None if answer is None else to_base64(answer), code, exchange_id)


async def keep_exchange(
    work: Work,
    lane: Lane,
    exchange_id: str,
    exchange: Exchange,
    request: bytes,
    answer: bytes | None,
    code: int | None,
) -> None:
    """One more attempt was lost, or answered with a refusal that decides nothing; the exchange stays open."""
    forget_kkm(lane)
    await work.write(
        _STILL_OPEN,
        int(exchange.may_have_arrived),
        None if exchange.numbers is None else numbers_text(exchange.numbers),
        to_base64(request),
        None if answer is None else to_base64(answer),
        code,
        exchange_id,
    )


async def resume_exchange(work: Work, lane: Lane, exchange_id: str) -> None:
    """The same bytes leave again; nobody knows whether they had left before (a restart) or what became of
    them.
    """
    forget_kkm(lane)
    await work.write("UPDATE fkz_exchange SET may_have_arrived = 1 WHERE id = ?", exchange_id)
