"""Reports of equipment links, from the plan to 1C's sign that it has them.

A report is planned in one transaction together with the offer of sales it will hold, then it leaves, then it
is noted as written. Nothing counts as told before 1C has taken it. A report in a file that has to be made
again gets another number; documents for the service keep the UUIDs by which 1C recognises them.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from addons.catalog_1c.domain.choices import read_choices
from addons.catalog_1c.domain.device_reports import ReportHead, ReportOptions
from addons.catalog_1c.domain.equipment import LinkSnapshot, LinkWay, ReportState
from addons.catalog_1c.domain.sales import OfferSales, SalesOffer
from addons.catalog_1c.models import Connection, EquipmentLink, EquipmentReport, SalesChannel
from addons.catalog_1c.services.equipment_links import LINK_TOPIC
from addons.catalog_1c.services.sales_out import acknowledge_offer, offer_sales
from addons.organization.api import outlet_card
from kernel.clock import to_ms
from kernel.data.work import Reader, Work
from kernel.ids import new_id

STANDING = (ReportState.PLANNED, ReportState.WRITTEN, ReportState.LOST, ReportState.REFUSED)
BASE_ID = "SAUDA"


@dataclass(frozen=True, slots=True)
class PlannedReport:
    """What is to leave. posted: "shift:version" that 1C confirmed already."""

    id: str
    offer: SalesOffer
    head: ReportHead
    options: ReportOptions
    posted: frozenset[str]


@dataclass(frozen=True, slots=True)
class NoteReport:
    """How a report stands after something became of it."""

    report_id: str
    state: ReportState
    transactions: int = 0
    digest: str = ""
    unknown_lines: int = 0
    purchases: int = 0


@dataclass(frozen=True, slots=True)
class StandingReport:
    """The report that 1C has not taken yet. may_have_left: its bytes were made."""

    id: str
    number: int
    state: ReportState
    may_have_left: bool


async def standing_report(reader: Reader, link: LinkSnapshot) -> StandingReport | None:
    """The report of the link that is not taken."""
    row = await reader.row(
        "SELECT id, number, state, digest FROM c1c_equipment_report"
        f" WHERE company_id = ? AND link_id = ? AND state IN ({', '.join('?' * len(STANDING))})"
        " ORDER BY number DESC LIMIT 1",
        reader.company_id,
        link.id,
        *STANDING,
    )
    if row is None:
        return None
    state = ReportState(row["state"])
    return StandingReport(row["id"], row["number"], state, may_have_left=bool(row["digest"]))


async def plan_report(work: Work, link: LinkSnapshot, *, is_asked: bool = False) -> PlannedReport | None:
    """Offer what 1C has not got, in the standing report or in a new one; None when there is nothing to tell.

    is_asked: 1C waits for a report even if it is empty.
    """
    row = await EquipmentLink.get(id=link.id)
    connection = await Connection.get(id=link.connection_id)
    choices = read_choices(connection.choices)
    channel = link.command.format.value
    is_known = await SalesChannel.filter(connection_id=link.connection_id, name=channel).exists()
    offer = await offer_sales(
        work,
        OfferSales(
            connection_id=link.connection_id,
            channel=channel,
            since_ms=None if is_known else choices.sales_since_ms or to_ms(row.created_at),
            outlet_ids=frozenset(choices.outlet_ids),
            register_ids=frozenset(() if row.register_id is None else (row.register_id,)),
            with_test=choices.with_test_sales,
        ),
    )
    report = await EquipmentReport.filter(link_id=link.id, state__in=STANDING).order_by("-number").first()
    if not offer.shifts and not is_asked:
        if report is not None:  # what it was about is not to be told any more
            await report.delete()
        return None
    if report is not None and report.digest and link.command.way is LinkWay.FOLDER:
        report.state = ReportState.REPLACED
        await report.save(force_update=True)
        report = None
    is_new = report is None
    if report is None:
        row.report_number += 1
        report = EquipmentReport(
            id=new_id(),
            company_id=work.company_id,
            link_id=link.id,
            number=row.report_number,
            first_transaction=row.next_transaction,
            created_at=work.now,
        )
        await row.save(update_fields=["report_number"])
    report.state, report.offer_id, report.digest = ReportState.PLANNED, offer.id, ""
    report.shifts, report.receipts, report.left_out = len(offer.shifts), offer.receipts, offer.left_out
    await report.save(force_create=is_new, force_update=not is_new)
    work.notice(LINK_TOPIC, link.id)
    zones = {}
    for outlet_id in {shift.outlet_id for shift in offer.shifts}:
        zones[outlet_id] = (await outlet_card(work, outlet_id)).zone
    return PlannedReport(
        id=report.id,
        offer=offer,
        head=ReportHead(BASE_ID, report.number, report.first_transaction),
        options=ReportOptions(row.unknown_code, row.mobile_kind, zones),
        posted=frozenset(orjson.loads(row.posted)),
    )


async def note_report(work: Work, link: LinkSnapshot, note: NoteReport) -> None:
    """Write how the report stands; counts only when they are given."""
    report = await EquipmentReport.get(id=note.report_id)
    report.state = note.state
    if note.digest:
        report.transactions, report.digest = note.transactions, note.digest
        report.unknown_lines, report.purchases = note.unknown_lines, note.purchases
    await report.save(force_update=True)
    work.notice(LINK_TOPIC, link.id)


async def note_posted(work: Work, link: LinkSnapshot, key: str) -> None:
    """1C confirmed the document of one shift."""
    row = await EquipmentLink.get(id=link.id)
    row.posted = orjson.dumps([*orjson.loads(row.posted), key]).decode()
    await row.save(update_fields=["posted"])


async def take_report(work: Work, link: LinkSnapshot, report_id: str) -> None:
    """1C has the report: its sales are told. Once; later calls change nothing."""
    report = await EquipmentReport.get(id=report_id)
    if report.state is ReportState.TAKEN:
        return
    report.state, report.taken_at = ReportState.TAKEN, work.now
    await report.save(force_update=True)
    row = await EquipmentLink.get(id=link.id)
    row.next_transaction, row.posted = report.first_transaction + report.transactions, "[]"
    await row.save(update_fields=["next_transaction", "posted"])
    await acknowledge_offer(work, link.connection_id, report.offer_id)
    work.notice(LINK_TOPIC, link.id)
