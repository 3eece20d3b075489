"""Queries of the fiscal engine. Annotations are real: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.fiscal_kz.gql.arguments import RegisterArgument, register_key
from addons.fiscal_kz.gql.journal_types import JournalStateType
from addons.fiscal_kz.gql.life_types import KkmLifeType
from addons.fiscal_kz.gql.outcome import life_of_register
from addons.fiscal_kz.gql.report_types import FiscalReportType
from addons.fiscal_kz.gql.types import KkmType
from addons.fiscal_kz.services.journal_state import journal_state
from addons.fiscal_kz.services.views import SELECT_KKM, KkmView, kkm_view
from kernel.data.work import Param
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires

_ORDER = (Key("id", str),)


@strawberry.type
class FiscalQuery:
    """Root fields that read."""

    @strawberry.field(
        description="The KKM of a register; null when it has none.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def kkm(self, info: Info, register_id: RegisterArgument) -> KkmType | None:
        key = register_key(register_id)
        view: KkmView | None = await info.context.loader("fiscal_kz.kkm_by_register").load(key)
        return None if view is None else KkmType.of(view, info.context)

    @strawberry.field(
        description="How far the KKM of a register has come, and what to do next.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def kkm_life(self, info: Info, register_id: RegisterArgument) -> KkmLifeType:
        key = register_key(register_id)
        return await life_of_register(info.context, key)

    @strawberry.field(
        description="KKMs of the company with their state.", permission_classes=[Requires("fiscal_kz.view")]
    )
    async def kkms(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[KkmType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            where, params = "company_id = ?", [reader.company_id]
            bound: tuple[Param, ...] = tuple(params)
            allowed = reader.principal.register_ids
            if allowed is not None:
                where += f" AND register_id IN ({', '.join('?' * len(allowed)) or 'NULL'})"
                bound += tuple(sorted(allowed))
            listed = KeysetList(SELECT_KKM, where, bound, _ORDER)
            return await fetch_page(
                reader, listed, asked, lambda row: KkmType.of(kkm_view(row), info.context)
            )

    @strawberry.field(
        description="The journal of a register: its head, when it was verified, what is wrong with it.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def journal_state(self, info: Info, register_id: RegisterArgument) -> JournalStateType:
        key = register_key(register_id)
        async with info.context.reading() as reader:
            return JournalStateType.of(await journal_state(reader, key))

    @strawberry.field(
        description="An X report or shift close by its id.", permission_classes=[Requires("fiscal_kz.view")]
    )
    async def fiscal_report(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Id of the report.")]
    ) -> FiscalReportType | None:
        return await FiscalReportType.load(info.context, from_global(id, "FiscalReport", field="id"))
