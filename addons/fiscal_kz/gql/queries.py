"""Queries of the fiscal engine. Annotations are real: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.fiscal_kz.gql.report_types import FiscalReportType
from addons.fiscal_kz.gql.types import KkmType
from addons.fiscal_kz.services.views import SELECT_KKM, KkmView, kkm_view
from kernel.data.work import Param
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires

_ORDER = (Key("id", str),)
RegisterIdArgument = Annotated[strawberry.ID, strawberry.argument(description="Register.")]


@strawberry.type
class FiscalQuery:
    """Root fields that read."""

    @strawberry.field(
        description="The KKM of a register; null when it has none.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def kkm(self, info: Info, register_id: RegisterIdArgument) -> KkmType | None:
        key = from_global(register_id, "Register", field="registerId")
        view: KkmView | None = await info.context.loader("fiscal_kz.kkm_by_register").load(key)
        return None if view is None else KkmType.of(view, info.context)

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
        description="An X report or shift close by its id.", permission_classes=[Requires("fiscal_kz.view")]
    )
    async def fiscal_report(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Id of the report.")]
    ) -> FiscalReportType | None:
        return await FiscalReportType.load(info.context, from_global(id, "FiscalReport", field="id"))
