"""Rows of shifts and their summaries for trade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.bodies import DeskBody
from addons.fiscal_kz.domain.kinds import Means, Placement
from addons.fiscal_kz.domain.recount import COUNTED
from addons.fiscal_kz.domain.report import OperationRow, Report, report_of
from addons.fiscal_kz.services.records import DocumentRecord
from addons.fiscal_kz.services.status import clear_shift
from addons.fiscal_kz.services.texts import report_text
from addons.trade.api import SaleKind, ShiftOperation, ShiftSummaryFacts, record_shift_summary
from kernel.journal.sealing import face_of
from kernel.money import Money

if TYPE_CHECKING:
    from addons.fiscal_kz.services.desk import Desk

_CLOSE = """UPDATE fkz_shift SET closed_ms = ?, closed_by = ?, report = ?, server_report = ?
WHERE kkm_id = ? AND number = ?"""


async def open_shift_row(desk: Desk, number: int, at_ms: int) -> None:
    """A shift was opened by its first document."""
    assert desk.shift_id is not None
    await desk.work.insert(
        "fkz_shift",
        {
            "id": desk.shift_id,
            "company_id": desk.kkm.company_id,
            "kkm_id": desk.kkm.id,
            "register_id": desk.kkm.register_id,
            "number": number,
            "opened_ms": at_ms,
            "journal_seq": _journal_seq(desk, number),
        },
    )
    report = report_of(desk.state, at_ms=at_ms, is_z=False)
    await record_shift_summary(desk.work, _summary(desk, report, closed_by=None))


def _journal_seq(desk: Desk, number: int) -> int:
    """The register's last entry before the shift: its first document may be journaled already."""
    mine = (
        each.seq - 1
        for each in desk.lane.unwritten
        if each.kind == COUNTED and face_of(each.body).get("shift") == number
    )
    return next(mine, desk.lane.journal_seq)


async def close_shift_row(
    desk: Desk, record: DocumentRecord, at_ms: int, report: Report, server_report: str | None
) -> None:
    """A shift was closed; report is our own Z."""
    assert isinstance(record.body, DeskBody)
    closed_by = record.body.operator_id or None
    await desk.work.execute(
        _CLOSE, at_ms, closed_by, report_text(report), server_report, desk.kkm.id, report.shift_number
    )
    if desk.shift_id is not None:
        await record_shift_summary(desk.work, _summary(desk, report, closed_by=closed_by))
    await clear_shift(desk.work, desk.kkm.register_id)


def _summary(desk: Desk, report: Report, *, closed_by: str | None) -> ShiftSummaryFacts:
    assert desk.shift_id is not None
    placed = {row.placement: Money(row.sum) for row in report.placements}
    return ShiftSummaryFacts(
        shift_id=desk.shift_id,
        register_id=desk.kkm.register_id,
        company_id=desk.kkm.company_id,
        number=report.shift_number,
        opened_ms=report.opened_ms or report.at_ms,
        closed_ms=report.closed_ms,
        closed_by=closed_by,
        kkm_registration_number=desk.kkm.card.registration_number,
        documents=report.documents,
        offline_documents=sum(row.offline_count for row in report.operations)
        + sum(row.offline_count for row in report.placements),
        deposits=placed[Placement.DEPOSIT],
        withdrawals=placed[Placement.WITHDRAWAL],
        drawer=Money(report.drawer),
        operations=tuple(_operation(row, report) for row in report.operations if row.count),
        is_test=desk.profile.is_test,
        withdrawn_at_close=Money(report.withdrawn),
    )


def _operation(row: OperationRow, report: Report) -> ShiftOperation:
    paid = {means: Money(amount) for means, _, amount in row.payments}
    vat = sum(
        tax for each in report.taxes for operation, _, tax in each.operations if operation is row.operation
    )
    return ShiftOperation(
        kind=SaleKind(row.operation.value),
        count=row.count,
        total=Money(row.sum),
        cash=paid[Means.CASH],
        card=paid[Means.CARD],
        mobile=paid[Means.MOBILE],
        discount=Money(row.discount[1]),
        markup=Money(row.markup[1]),
        change=Money(row.change),
        vat=Money(vat),
    )
