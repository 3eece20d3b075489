"""Reads for people: KKMs with their state, fiscal facts of sales, reports. Nothing here locks or writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from addons.fiscal_kz.domain.card import KkmCard
from addons.fiscal_kz.domain.kinds import Block, DocumentKind, Link
from addons.fiscal_kz.domain.report import Report
from addons.fiscal_kz.services.records import DocumentState
from addons.fiscal_kz.services.texts import read_card, read_counters, read_report

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow

INFO_NOTICE = 4  # TicketAdTypeEnum: the text to show while the OFD keeps the register blocked

KKM_COLUMNS = """id, register_id, profile, ofd_id, version, is_active, activated_ms, activation_code, card,
link, offline_since_ms, undelivered, block, block_code, shift_id, shift_number, shift_opened_ms,
is_shift_expired, documents, shift_documents, counters, notices, device_id, former_ofd_id"""
SELECT_KKM = f"SELECT {KKM_COLUMNS} FROM fkz_kkm"
_BY_REGISTERS = f"{SELECT_KKM} WHERE company_id = ? AND register_id IN"
_BY_SUBJECTS = """SELECT d.subject_id, d.id, d.state, d.sign, d.is_offline, d.offline_number, d.shift_number,
d.document_number, d.shift_document_number, d.qr_text, d.at_ms, d.settled_ms, d.result_code, d.reject_code,
k.card, k.profile
FROM fkz_document d JOIN fkz_kkm k ON k.id = d.kkm_id WHERE d.company_id = ? AND d.subject_id IN"""
_DOCUMENT = """SELECT id, register_id, kind, state, at_ms, shift_number, is_offline, report, server_report,
reject_code FROM fkz_document WHERE id = ? AND company_id = ? AND kind IN ('CLOSE', 'REPORT')"""


@dataclass(frozen=True, slots=True)
class KkmView:
    """A KKM as people see it; sums in tiyn, times in epoch ms."""

    id: str
    register_id: str
    profile: str
    ofd_id: int
    version: int
    is_active: bool
    activated_ms: int | None
    activation_code: str | None
    card: KkmCard
    link: Link
    offline_since_ms: int | None
    undelivered: int
    block: Block
    block_code: int
    shift_number: int
    shift_opened_ms: int | None
    documents: int
    shift_documents: int
    drawer: int
    revenue: int
    notice: str  # the OFD's text for a blocked register
    device_id: str | None


@dataclass(frozen=True, slots=True)
class TicketView:
    """Fiscal facts of one sale or cash operation."""

    document_id: str
    state: DocumentState
    sign: str | None
    is_offline: bool
    offline_number: int | None
    shift_number: int | None
    document_number: int | None
    shift_document_number: int | None
    qr_text: str
    at_ms: int | None
    settled_ms: int | None
    result_code: int | None
    reject_code: str | None
    card: KkmCard
    profile: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """A shift close or X report and what became of it."""

    id: str
    register_id: str
    kind: DocumentKind
    state: DocumentState
    at_ms: int | None
    shift_number: int | None
    is_offline: bool
    report: Report | None
    server_report: Report | None
    reject_code: str | None


async def kkms_by_registers(reader: Reader, register_ids: Sequence[str]) -> list[KkmView | None]:
    """One KKM or None per register, in one statement; registers out of the caller's reach have none."""
    if not register_ids:
        return []
    sql = f"{_BY_REGISTERS} ({', '.join('?' * len(register_ids))})"
    rows = await reader.rows(sql, reader.company_id, *register_ids)
    found = {row["register_id"]: kkm_view(row) for row in rows}
    allowed = reader.principal.register_ids
    return [found.get(each) if allowed is None or each in allowed else None for each in register_ids]


async def tickets_by_subjects(reader: Reader, subject_ids: Sequence[str]) -> list[TicketView | None]:
    """Fiscal facts per sale or cash operation, in one statement."""
    if not subject_ids:
        return []
    sql = f"{_BY_SUBJECTS} ({', '.join('?' * len(subject_ids))})"
    rows = await reader.rows(sql, reader.company_id, *subject_ids)
    found = {row["subject_id"]: _ticket_view(row) for row in rows}
    return [found.get(each) for each in subject_ids]


async def report_by_id(reader: Reader, document_id: str) -> ReportView | None:
    """A shift close or X report of the reader's company."""
    row = await reader.row(_DOCUMENT, document_id, reader.company_id)
    if row is None:
        return None
    allowed = reader.principal.register_ids
    if allowed is not None and row["register_id"] not in allowed:
        return None
    return ReportView(
        id=row["id"],
        register_id=row["register_id"],
        kind=DocumentKind(row["kind"]),
        state=DocumentState(row["state"]),
        at_ms=row["at_ms"],
        shift_number=row["shift_number"],
        is_offline=bool(row["is_offline"]),
        report=None if row["report"] is None else read_report(row["report"]),
        server_report=None if row["server_report"] is None else read_report(row["server_report"]),
        reject_code=row["reject_code"],
    )


def kkm_view(row: SqlRow) -> KkmView:
    """A view out of a row with KKM_COLUMNS."""
    counters = read_counters(row["counters"])
    notices: list[tuple[int, str]] = orjson.loads(row["notices"]) if row["notices"] else []
    return KkmView(
        id=row["id"],
        register_id=row["register_id"],
        profile=row["profile"],
        ofd_id=row["former_ofd_id"] or row["ofd_id"],
        version=row["version"],
        is_active=bool(row["is_active"]),
        activated_ms=row["activated_ms"],
        activation_code=row["activation_code"],
        card=read_card(row["card"]),
        link=Link(row["link"]),
        offline_since_ms=row["offline_since_ms"],
        undelivered=row["undelivered"],
        block=Block(row["block"]),
        block_code=row["block_code"],
        shift_number=row["shift_number"],
        shift_opened_ms=row["shift_opened_ms"],
        documents=row["documents"],
        shift_documents=row["shift_documents"],
        drawer=counters.drawer,
        revenue=counters.revenue,
        notice=next((text for kind, text in notices if kind == INFO_NOTICE), ""),
        device_id=row["device_id"],
    )


def _ticket_view(row: SqlRow) -> TicketView:
    return TicketView(
        document_id=row["id"],
        state=DocumentState(row["state"]),
        sign=row["sign"],
        is_offline=bool(row["is_offline"]),
        offline_number=row["offline_number"],
        shift_number=row["shift_number"],
        document_number=row["document_number"],
        shift_document_number=row["shift_document_number"],
        qr_text=row["qr_text"],
        at_ms=row["at_ms"],
        settled_ms=row["settled_ms"],
        result_code=row["result_code"],
        reject_code=row["reject_code"],
        card=read_card(row["card"]),
        profile=row["profile"],
    )
