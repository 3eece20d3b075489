"""X and Z reports as papers: our own report put into the plain values that trade sets on any medium."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from addons.fiscal_kz.domain.bodies import DeskBody
from addons.fiscal_kz.domain.card import KkmCard
from addons.fiscal_kz.domain.kinds import DocumentKind, Operation, Placement
from addons.fiscal_kz.domain.report import OperationRow, Report
from addons.fiscal_kz.domain.zones import zone_of
from addons.fiscal_kz.services.texts import read_body, read_card, read_report
from addons.fiscal_kz.settings import FiscalSettings
from addons.organization.api import RegisterCard, register_card
from addons.trade.api import (
    PaperHead,
    PaymentKind,
    ReceiptLanguage,
    ReportGroup,
    ReportOperationLine,
    ReportPaper,
    ReportTaxLine,
    ReportTitle,
    SaleKind,
    paper_of_report,
)
from kernel.clock import from_ms
from kernel.errors import Refusal
from kernel.money import Money
from kernel.printing.paper import Paper

if TYPE_CHECKING:
    from kernel.data.work import Reader

_REPORT = """SELECT d.register_id, d.kind, d.body, d.document_number, d.is_offline, d.report, k.card,
k.profile FROM fkz_document d JOIN fkz_kkm k ON k.id = d.kkm_id
WHERE d.id = ? AND d.company_id = ? AND d.kind IN ('CLOSE', 'REPORT')"""


async def paper_of_fiscal_report(
    reader: Reader, document_id: str, *, language: ReceiptLanguage | None = None, is_copy: bool = False
) -> Paper:
    """An X or Z report that is made. Raises Refusal: FISCAL_REPORT_UNKNOWN, REGISTER_FORBIDDEN."""
    row = await reader.row(_REPORT, document_id, reader.company_id)
    if row is None or row["report"] is None:
        raise Refusal("FISCAL_REPORT_UNKNOWN")
    reader.principal.require_register(row["register_id"])
    register = await register_card(reader, row["register_id"])
    return paper_of_report(reader, _paper(reader, row, register, is_copy=is_copy), language=language)


async def fiscal_report(reader: Reader, document_id: str, is_copy: bool) -> Paper:
    """The same for print queues."""
    return await paper_of_fiscal_report(reader, document_id, is_copy=is_copy)


def _paper(reader: Reader, row: Any, register: RegisterCard, *, is_copy: bool) -> ReportPaper:
    card, report = read_card(row["card"]), read_report(row["report"])
    kind = DocumentKind(row["kind"])
    body = read_body(kind, row["body"])
    assert isinstance(body, DeskBody)
    placed = {each.placement: (each.count, Money(each.sum)) for each in report.placements}
    seen = [each for each in report.operations if each.count or each.non_nullable]
    offline = sum(each.offline_count for each in report.operations)
    offline += sum(each.offline_count for each in report.placements)
    return ReportPaper(
        head=PaperHead(
            company_title=register.company.title,
            company_title_kk=register.company.title_kk,
            bin=register.company.bin,
            address=register.outlet.address,
            address_kk=register.outlet.address_kk,
            register_number=register.number,
            operator_name=body.operator_name,
            kkm_registration_number=card.registration_number,
            kkm_factory_number=card.factory_number,
            at=_wall(report.at_ms, card),
            is_test=reader.settings(FiscalSettings).profile(row["profile"]).is_test,
            is_offline=bool(row["is_offline"]) and kind is DocumentKind.CLOSE,
            is_copy=is_copy,
        ),
        title=ReportTitle.Z if report.is_z else ReportTitle.X,
        shift_number=report.shift_number,
        document_number=row["document_number"],
        opened_at=None if report.opened_ms is None else _wall(report.opened_ms, card),
        closed_at=None if report.closed_ms is None else _wall(report.closed_ms, card),
        documents=report.documents,
        offline_documents=offline,
        operations=tuple(_operation(each) for each in report.operations if each.count),
        taxes=tuple(
            ReportTaxLine(tax.rate_bp, SaleKind(operation.value), Money(turnover), Money(amount))
            for tax in reversed(report.taxes)
            for operation, turnover, amount in tax.operations
            if turnover
        ),
        groups=_sections(report),
        deposits=placed[Placement.DEPOSIT],
        withdrawals=placed[Placement.WITHDRAWAL],
        drawer=Money(report.drawer),
        revenue=Money(report.revenue),
        non_nullable=tuple(
            (SaleKind(each.operation.value), Money(each.non_nullable_at_start), Money(each.non_nullable))
            for each in seen
        ),
        chain_head="" if report.proof is None else report.proof.head,
        digest="" if report.proof is None else report.proof.digest,
    )


def _operation(row: OperationRow) -> ReportOperationLine:
    return ReportOperationLine(
        kind=SaleKind(row.operation.value),
        count=row.count,
        total=Money(row.sum),
        discount=Money(row.discount[1]),
        markup=Money(row.markup[1]),
        change=Money(row.change),
        payments=tuple(
            (PaymentKind(means.value), count, Money(amount)) for means, count, amount in row.payments if count
        ),
    )


def _sections(report: Report) -> tuple[ReportGroup, ...]:
    """Positions before discounts and markups, when there is more than one section."""
    if len(report.sections) < 2:
        return ()
    return tuple(
        ReportGroup(
            f"Секция {each.section}",
            tuple(
                ReportOperationLine(
                    kind=SaleKind(Operation(operation).value), count=count, total=Money(amount)
                )
                for operation, count, amount in each.operations
                if count
            ),
        )
        for each in report.sections
    )


def _wall(ms: int, card: KkmCard) -> datetime:
    return from_ms(ms).astimezone(zone_of(card.zone))
