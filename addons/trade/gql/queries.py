"""Queries of trade. Annotations are real: Strawberry reads them."""

from typing import Annotated, cast

import strawberry

from addons.trade.gql.enums import FiscalState, SaleKind
from addons.trade.gql.types import (
    SaleType,
    ShiftSummaryType,
    sale_type,
    shift_type,
)
from addons.trade.services import rows
from addons.trade.services.records import sale_record, shift_record
from kernel.clock import to_ms
from kernel.data.work import Param, Reader
from kernel.gql.context import Info
from kernel.gql.ids import from_global, from_global_or_none
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires
from kernel.gql.scalars import UUID, DateTime

LATEST_SALES = (Key("created_at", int, is_descending=True), Key("id", str, is_descending=True))
LATEST_SHIFTS = (Key("opened_at", int, is_descending=True), Key("id", str, is_descending=True))


@strawberry.input(description="Which tickets; what is left out does not matter.")
class SalesFilter:
    register_id: strawberry.ID | None = strawberry.field(default=None, description="Made at this register.")
    since: DateTime | None = strawberry.field(default=None, description="Accepted at this moment or later.")
    until: DateTime | None = strawberry.field(default=None, description="Accepted before this moment.")
    state: FiscalState | None = strawberry.field(default=None, description="Only in this state.")
    kind: SaleKind | None = strawberry.field(default=None, description="Only of this kind.")


@strawberry.type
class TradeQuery:
    """Root fields that read."""

    @strawberry.field(
        description="A ticket by its id; null when there is none.",
        permission_classes=[Requires("trade.view")],
    )
    async def sale(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Id of the sale.")]
    ) -> SaleType | None:
        return await SaleType.load(info.context, from_global(id, "Sale", field="id"))

    @strawberry.field(
        description="A ticket by the client's own key: what became of a sale whose answer was lost.",
        permission_classes=[Requires("trade.view")],
    )
    async def sale_by_key(
        self, info: Info, sale_key: Annotated[UUID, strawberry.argument(description="Key of the sale.")]
    ) -> SaleType | None:
        async with info.context.reading() as reader:
            record = await rows.sale_by_key(reader, sale_key)
            if record is None or not _reaches(reader, record.register_id):
                return None
        return sale_type(record)

    @strawberry.field(description="Tickets, the latest first.", permission_classes=[Requires("trade.view")])
    async def sales(
        self,
        info: Info,
        filter: Annotated[SalesFilter | None, strawberry.argument(description="Which ones.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SaleType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            where, params = _sales_where(reader, filter or SalesFilter())
            listed = KeysetList(rows.SELECT_SALE, where, params, LATEST_SALES)
            return await fetch_page(reader, listed, asked, lambda row: sale_type(sale_record(row)))

    @strawberry.field(
        description="Shifts of a register, the latest first.", permission_classes=[Requires("trade.view")]
    )
    async def shifts(
        self,
        info: Info,
        register_id: Annotated[strawberry.ID, strawberry.argument(description="Register.")],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ShiftSummaryType]:
        asked = page(first, after, last, before)
        key = from_global(register_id, "Register", field="registerId")
        info.context.principal.require_register(key)
        async with info.context.reading() as reader:
            listed = KeysetList(
                rows.SELECT_SHIFT,
                "company_id = ? AND register_id = ?",
                (reader.company_id, key),
                LATEST_SHIFTS,
            )
            return await fetch_page(reader, listed, asked, lambda row: shift_type(shift_record(row)))


def _reaches(reader: Reader, register_id: str) -> bool:
    allowed = reader.principal.register_ids
    return allowed is None or register_id in allowed


def _sales_where(reader: Reader, wanted: SalesFilter) -> tuple[str, tuple[Param, ...]]:
    conditions, bound = ["company_id = ?"], [cast(Param, reader.company_id)]
    optional: dict[str, Param] = {
        "register_id = ?": from_global_or_none(wanted.register_id, "Register", field="filter.registerId"),
        "created_at >= ?": None if wanted.since is None else to_ms(wanted.since),
        "created_at < ?": None if wanted.until is None else to_ms(wanted.until),
        "state = ?": None if wanted.state is None else wanted.state.value,
        "kind = ?": None if wanted.kind is None else wanted.kind.value,
    }
    for condition, value in optional.items():
        if value is not None:
            conditions.append(condition)
            bound.append(value)
    allowed = reader.principal.register_ids
    if allowed is not None:
        conditions.append(f"register_id IN ({', '.join('?' * len(allowed)) or 'NULL'})")
        bound += sorted(allowed)
    return " AND ".join(conditions), tuple(bound)
