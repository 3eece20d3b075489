"""Queries of delivery. Annotations are real: Strawberry reads them."""

from typing import Annotated, cast

import strawberry

from addons.delivery.gql.enums import JobState, LetterState
from addons.delivery.gql.types import LetterType, PrinterType, PrintJobType, ReceiptMailType
from addons.delivery.services.rows import SELECT_JOB, SELECT_PRINTER, marks, print_job, printer_card
from addons.delivery.services.take import is_this_machine, outlet_of_device
from addons.delivery.settings import DeliverySettings
from kernel.data.work import Param, Reader
from kernel.gql.context import Info
from kernel.gql.ids import from_global_or_none
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires
from kernel.mail import SELECT_LETTERS, is_mail_on, kept_letter

BY_ID = (Key("id"),)
LATEST_LETTERS = (Key("posted_ms", int, is_descending=True), Key("id", str, is_descending=True))
LATEST = (Key("id", str, is_descending=True),)


@strawberry.input(description="Which print jobs; what is left out does not matter.")
class PrintJobFilter:
    outlet_id: strawberry.ID | None = strawberry.field(default=None, description="Of this outlet.")
    printer_id: strawberry.ID | None = strawberry.field(default=None, description="For this printer.")
    register_id: strawberry.ID | None = strawberry.field(
        default=None, description="Asked for at this register."
    )
    state: JobState | None = strawberry.field(default=None, description="Only in this state.")


@strawberry.type
class DeliveryQuery:
    """Root fields that read."""

    @strawberry.field(description="Printers of the company.", permission_classes=[Requires("delivery.view")])
    async def printers(
        self,
        info: Info,
        outlet_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of this outlet only.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PrinterType]:
        asked = page(first, after, last, before)
        outlet = from_global_or_none(outlet_id, "Outlet", field="outletId")
        async with info.context.reading() as reader:
            where, params = "company_id = ? AND removed_ms IS NULL", [cast(Param, reader.company_id)]
            if outlet is not None:
                where, params = f"{where} AND outlet_id = ?", [*params, outlet]
            listed = KeysetList(SELECT_PRINTER, where, tuple(params), BY_ID)
            return await fetch_page(reader, listed, asked, lambda row: PrinterType.of(printer_card(row)))

    @strawberry.field(
        description="Printers of the outlet of the calling device, whose jobs it may take.",
        permission_classes=[Requires("delivery.take_jobs")],
    )
    async def my_printers(self, info: Info) -> list[PrinterType]:
        async with info.context.reading() as reader:
            outlet_id, is_local = await outlet_of_device(reader), is_this_machine(reader)
        cards = await info.context.loader("delivery.printers_by_outlet").load(outlet_id)
        return [PrinterType.of(card) for card in cards if card.is_local == is_local]

    @strawberry.field(
        description="Print jobs, the latest first.", permission_classes=[Requires("delivery.view")]
    )
    async def print_jobs(
        self,
        info: Info,
        filter: Annotated[PrintJobFilter | None, strawberry.argument(description="Which ones.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PrintJobType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            where, params = _where(reader, filter or PrintJobFilter())
            listed = KeysetList(SELECT_JOB, where, params, LATEST)
            return await fetch_page(reader, listed, asked, lambda row: PrintJobType.of(print_job(row)))

    @strawberry.field(
        description="Letters of the company and what became of them, the latest first.",
        permission_classes=[Requires("delivery.manage")],
    )
    async def letters(
        self,
        info: Info,
        state: Annotated[LetterState | None, strawberry.argument(description="Only in this state.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LetterType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            where, params = "company_id = ?", [cast(Param, reader.company_id)]
            if state is not None:
                where, params = f"{where} AND state = ?", [*params, state.value]
            listed = KeysetList(SELECT_LETTERS, where, tuple(params), LATEST_LETTERS)
            return await fetch_page(reader, listed, asked, lambda row: LetterType.of(kept_letter(row)))

    @strawberry.field(
        description="Whom the company's receipts are sent to by themselves.",
        permission_classes=[Requires("delivery.view")],
    )
    async def receipt_mail(self, info: Info) -> ReceiptMailType:
        async with info.context.reading() as reader:
            chosen = reader.settings(DeliverySettings)
            return ReceiptMailType(
                mails_receipts=chosen.mails_receipts,
                mails_unprinted=chosen.mails_unprinted,
                is_mail_on=is_mail_on(reader),
            )


def _where(reader: Reader, wanted: PrintJobFilter) -> tuple[str, tuple[Param, ...]]:
    conditions, bound = ["company_id = ?"], [cast(Param, reader.company_id)]
    optional: dict[str, Param] = {
        "outlet_id = ?": from_global_or_none(wanted.outlet_id, "Outlet", field="filter.outletId"),
        "printer_id = ?": from_global_or_none(wanted.printer_id, "Printer", field="filter.printerId"),
        "register_id = ?": from_global_or_none(wanted.register_id, "Register", field="filter.registerId"),
        "state = ?": None if wanted.state is None else wanted.state.value,
    }
    for condition, value in optional.items():
        if value is not None:
            conditions.append(condition)
            bound.append(value)
    allowed = reader.principal.register_ids
    if allowed is not None:
        conditions.append(f"register_id IN ({marks(sorted(allowed)) or 'NULL'})")
        bound += sorted(allowed)
    return " AND ".join(conditions), tuple(bound)
