"""Turnover as the paper of a report: for a period, by cashier or by section."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from addons.organization.api import RegisterCard, operator_card, register_card, register_names
from addons.trade.domain.receipt_words import ReceiptLanguage
from addons.trade.domain.report_paper import (
    PaperHead,
    ReportGroup,
    ReportOperationLine,
    ReportPaper,
    ReportTaxLine,
    ReportTitle,
)
from addons.trade.domain.turnover import Turnover, TurnoverBy, TurnoverOperation
from addons.trade.services.print_reports import paper_of_report
from addons.trade.services.turnover import turnover_of_shift
from kernel.clock import from_ms
from kernel.errors import Refusal
from kernel.printing.paper import Paper
from kernel.security.principal import PrincipalKind

if TYPE_CHECKING:
    from kernel.data.work import Reader

_TITLES = {
    TurnoverBy.CASHIER: ReportTitle.CASHIERS,
    TurnoverBy.SECTION: ReportTitle.SECTIONS,
    TurnoverBy.REGISTER: ReportTitle.PERIOD,
    TurnoverBy.OUTLET: ReportTitle.PERIOD,
    None: ReportTitle.PERIOD,
}
_SHIFT_BY_ID = "SELECT register_id, number FROM trd_shift_summary WHERE id = ? AND company_id = ?"


async def paper_of_turnover(
    reader: Reader,
    turnover: Turnover,
    *,
    by: TurnoverBy | None,
    register_id: str | None = None,
    outlet_id: str | None = None,
    language: ReceiptLanguage | None = None,
    is_copy: bool = False,
) -> Paper:
    """The turnover as a paper. Raises Refusal("REGISTER_UNKNOWN") when there is no register to speak for."""
    card = await _register(reader, register_id, outlet_id)
    head = await _head(reader, card, is_of_register=register_id is not None, is_copy=is_copy)
    zone = ZoneInfo(card.outlet.zone)
    groups = tuple(
        ReportGroup(each.title, tuple(_operation(row) for row in each.operations)) for each in turnover.groups
    )
    report = ReportPaper(
        head=head,
        title=_TITLES[by],
        shift_number=turnover.shift_number,
        since=_at(turnover.period.since_ms, zone),
        until=_at(turnover.period.until_ms, zone),
        operations=tuple(_operation(row) for row in turnover.operations),
        taxes=tuple(ReportTaxLine(row.rate_bp, row.kind, row.turnover, row.vat) for row in turnover.taxes),
        groups=groups,
        deposits=(turnover.deposits.count, turnover.deposits.sum),
        withdrawals=(turnover.withdrawals.count, turnover.withdrawals.sum),
        revenue=turnover.revenue,
    )
    return paper_of_report(reader, report, language=language)


async def shift_cashiers(reader: Reader, shift_id: str, is_copy: bool) -> Paper:
    """A shift by cashier, for print queues. Raises Refusal("SHIFT_UNKNOWN")."""
    return await _paper_of_shift(reader, shift_id, TurnoverBy.CASHIER, is_copy)


async def shift_sections(reader: Reader, shift_id: str, is_copy: bool) -> Paper:
    """A shift by section, for print queues. Raises Refusal("SHIFT_UNKNOWN")."""
    return await _paper_of_shift(reader, shift_id, TurnoverBy.SECTION, is_copy)


async def _paper_of_shift(reader: Reader, shift_id: str, by: TurnoverBy, is_copy: bool) -> Paper:
    row = await reader.row(_SHIFT_BY_ID, shift_id, reader.company_id)
    if row is None:
        raise Refusal("SHIFT_UNKNOWN", field="id", number=0)
    turnover = await turnover_of_shift(reader, row["register_id"], row["number"], by=by)
    return await paper_of_turnover(reader, turnover, by=by, register_id=row["register_id"], is_copy=is_copy)


async def _register(reader: Reader, register_id: str | None, outlet_id: str | None) -> RegisterCard:
    if register_id is None:
        registers = await register_names(reader, outlet_id=outlet_id)
        if not registers:
            raise Refusal("REGISTER_UNKNOWN")
        register_id = registers[0].id
    return await register_card(reader, register_id)


async def _head(reader: Reader, card: RegisterCard, *, is_of_register: bool, is_copy: bool) -> PaperHead:
    asker = ""
    if reader.principal.kind is PrincipalKind.OPERATOR and reader.principal.subject_id is not None:
        asker = (await operator_card(reader, reader.principal.subject_id)).name
    return PaperHead(
        company_title=card.company.title,
        company_title_kk=card.company.title_kk,
        bin=card.company.bin,
        address=card.outlet.address if is_of_register else "",
        address_kk=card.outlet.address_kk if is_of_register else "",
        register_number=card.number if is_of_register else None,
        operator_name=asker,
        kkm_registration_number="",
        at=_at(reader.now_ms, ZoneInfo(card.outlet.zone)),
        is_copy=is_copy,
    )


def _operation(row: TurnoverOperation) -> ReportOperationLine:
    return ReportOperationLine(
        kind=row.kind,
        count=row.count or row.positions,
        total=row.total,
        discount=row.discount,
        markup=row.markup,
        change=row.change,
        payments=tuple((means, paid.count, paid.sum) for means, paid in row.payments),
    )


def _at(ms: int, zone: ZoneInfo) -> datetime:
    return from_ms(ms).astimezone(zone)
