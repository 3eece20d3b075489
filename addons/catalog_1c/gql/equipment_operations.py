"""Root fields of equipment links. Annotations are real: Strawberry reads them."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

import strawberry

from addons.catalog_1c.domain.equipment import LinkId, RunLink
from addons.catalog_1c.gql.equipment_types import (
    SELECT_LINK,
    SELECT_REPORT,
    EquipmentLinkType,
    EquipmentReportType,
    LinkEquipmentInput,
    LinkEquipmentResult,
    RunEquipmentResult,
    link_type,
    report_type,
)
from addons.catalog_1c.services.equipment_links import LINK_TOPIC, link_equipment, run_link
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires

LinkArgument = Annotated[strawberry.ID, strawberry.argument(description="The link.")]


@strawberry.type
class EquipmentQuery:
    """Root fields that show."""

    @strawberry.field(
        description="1C bases that see us as a piece of their equipment, the newest first.",
        permission_classes=[Requires("catalog_1c.view")],
    )
    async def equipment_links(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[EquipmentLinkType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            newest = Key("l.id", is_descending=True)
            listed = KeysetList(SELECT_LINK, "l.company_id = ?", (reader.company_id,), (newest,))
            return await fetch_page(reader, listed, asked, partial(link_type, language=info.context.language))

    @strawberry.field(
        description="Reports of sales of a link, the newest first.",
        permission_classes=[Requires("catalog_1c.view")],
    )
    async def equipment_reports(
        self,
        info: Info,
        link_id: LinkArgument,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[EquipmentReportType]:
        asked = page(first, after, last, before)
        key = from_global(link_id, "EquipmentLink", field="linkId")
        async with info.context.reading() as reader:
            newest = Key("r.number", is_descending=True)
            where = "r.company_id = ? AND r.link_id = ?"
            listed = KeysetList(SELECT_REPORT, where, (reader.company_id, key), (newest,))
            return await fetch_page(reader, listed, asked, report_type)


@strawberry.type
class EquipmentMutation:
    """Root fields that change."""

    @strawberry.mutation(
        description="Make the equipment link of a 1C base, or change it: every choice is given anew.",
        permission_classes=[Requires("catalog_1c.manage")],
    )
    async def link_equipment(
        self,
        info: Info,
        input: Annotated[LinkEquipmentInput, strawberry.argument(description="The choices.")],
    ) -> LinkEquipmentResult:
        key = await info.context.transact(link_equipment, input.command())
        return await EquipmentLinkType.load(info.context, key)

    @strawberry.mutation(
        description="Run a link now; what came of it is seen in the link, its reports and `catalogImports`.",
        permission_classes=[Requires("catalog_1c.import")],
    )
    async def run_equipment(
        self,
        info: Info,
        id: LinkArgument,
        send_again: Annotated[
            bool,
            strawberry.argument(
                description="Write the report that was lost once more. 1C would count it twice if it has it."
            ),
        ] = False,
    ) -> RunEquipmentResult:
        key = from_global(id, "EquipmentLink", field="id")
        await info.context.transact(run_link, RunLink(LinkId(key), send_again))
        return await EquipmentLinkType.load(info.context, key)


@strawberry.type
class EquipmentSubscription:
    """Root fields that follow."""

    @strawberry.subscription(
        description="A link now and whenever it ran or changed.",
        permission_classes=[Requires("catalog_1c.view")],
    )
    async def equipment_link_changed(self, info: Info, id: LinkArgument) -> AsyncIterator[EquipmentLinkType]:
        key = from_global(id, "EquipmentLink", field="id")
        async with info.context.app.bus.listen(LINK_TOPIC) as ids:
            link = await EquipmentLinkType.load(info.context.fresh(), key)
            if link is None:
                raise Refusal("C1C_LINK_UNKNOWN", field="id")
            yield link
            async for told in ids:
                if told == key:
                    yield await EquipmentLinkType.load(info.context.fresh(), key)
