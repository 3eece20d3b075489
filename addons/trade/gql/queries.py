"""Queries of trade. Annotations are real: Strawberry reads them."""

from typing import Annotated, cast

import strawberry

from addons.trade.domain.turnover import PERIOD_MAX_DAYS, Period
from addons.trade.gql.enums import FiscalState, SaleKind
from addons.trade.gql.types import (
    SaleType,
    ShiftSummaryType,
    sale_type,
    shift_type,
)
from addons.trade.services import rows
from addons.trade.services.find_by_code import sale_by_code
from addons.trade.services.preview import PREVIEW_PATH, issue_pass
from addons.trade.services.records import sale_record, shift_record
from kernel.clock import to_ms
from kernel.config_sections import ServerSettings
from kernel.data.work import Param, Reader
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global, from_global_or_none
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires
from kernel.gql.scalars import UUID, DateTime
from kernel.money import Money

SIGN_LENGTH_MAX = 32
OFFLINE_DIGITS_MAX = 18
PRODUCT_LENGTH_MAX = 200
# SQLite folds Latin letters only, so the usual spellings are asked for.
_SPELT = " OR ".join(["l.name LIKE ? ESCAPE '|'"] * 4)
_WITH_PRODUCT = f"EXISTS (SELECT 1 FROM trd_sale_line l WHERE l.sale_id = trd_sale.id AND ({_SPELT}))"
LATEST_SALES = (Key("created_at", int, is_descending=True), Key("id", str, is_descending=True))
LATEST_SHIFTS = (Key("opened_at", int, is_descending=True), Key("id", str, is_descending=True))


@strawberry.input(description="Which tickets; what is left out does not matter.")
class SalesFilter:
    register_id: strawberry.ID | None = strawberry.field(default=None, description="Made at this register.")
    since: DateTime | None = strawberry.field(default=None, description="Accepted at this moment or later.")
    until: DateTime | None = strawberry.field(default=None, description="Accepted before this moment.")
    state: FiscalState | None = strawberry.field(default=None, description="Only in this state.")
    kind: SaleKind | None = strawberry.field(default=None, description="Only of this kind.")
    operator_id: strawberry.ID | None = strawberry.field(default=None, description="Made by this operator.")
    total_from: Money | None = strawberry.field(default=None, description="Of this sum or more.")
    total_to: Money | None = strawberry.field(default=None, description="Of this sum or less.")
    sign: str | None = strawberry.field(
        default=None, description="With this fiscal or autonomous sign; needs a period."
    )
    product: str | None = strawberry.field(
        default=None, description="With a position whose name contains this; needs a period."
    )


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

    @strawberry.field(
        description="A ticket by the bar code of its receipt, as a scanner read it; null when there is none.",
        permission_classes=[Requires("trade.view")],
    )
    async def sale_by_code(
        self, info: Info, code: Annotated[str, strawberry.argument(description="Digits of the bar code.")]
    ) -> SaleType | None:
        async with info.context.reading() as reader:
            record = await sale_by_code(reader, code)
        return None if record is None else sale_type(record)

    @strawberry.field(
        description="Page with sample receipts of every state, open to whoever has the link for an hour.",
        permission_classes=[Requires("trade.preview")],
    )
    async def receipt_preview_url(self, info: Info) -> str:
        base = info.context.app.config.section(ServerSettings).public_url.rstrip("/")
        async with info.context.reading() as reader:
            return f"{base}{PREVIEW_PATH}?pass={issue_pass(reader)}"

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


def _check_bounded(wanted: SalesFilter) -> None:
    """What no index finds is looked for in a period only. Raises Refusal: PERIOD_EMPTY, PERIOD_TOO_LONG."""
    if wanted.since is None or wanted.until is None:
        raise Refusal("PERIOD_TOO_LONG", field="filter.since", days=PERIOD_MAX_DAYS)
    Period(to_ms(wanted.since), to_ms(wanted.until)).check()


def _plain(text: str) -> str:
    """The text with signs that LIKE would take for others."""
    return text[:PRODUCT_LENGTH_MAX].replace("|", "||").replace("%", "|%").replace("_", "|_")


def _reaches(reader: Reader, register_id: str) -> bool:
    allowed = reader.principal.register_ids
    return allowed is None or register_id in allowed


def _sales_where(reader: Reader, wanted: SalesFilter) -> tuple[str, tuple[Param, ...]]:
    conditions, bound = ["company_id = ?"], [cast(Param, reader.company_id)]
    if wanted.sign is not None or wanted.product is not None:
        _check_bounded(wanted)
    optional: dict[str, Param] = {
        "register_id = ?": from_global_or_none(wanted.register_id, "Register", field="filter.registerId"),
        "created_at >= ?": None if wanted.since is None else to_ms(wanted.since),
        "created_at < ?": None if wanted.until is None else to_ms(wanted.until),
        "state = ?": None if wanted.state is None else wanted.state.value,
        "kind = ?": None if wanted.kind is None else wanted.kind.value,
        "operator_id = ?": from_global_or_none(wanted.operator_id, "Operator", field="filter.operatorId"),
        "total >= ?": None if wanted.total_from is None else wanted.total_from.tiyn,
        "total <= ?": None if wanted.total_to is None else wanted.total_to.tiyn,
    }
    if wanted.product is not None:
        text = _plain(wanted.product)
        conditions.append(_WITH_PRODUCT)
        bound += [f"%{each}%" for each in (text, text.lower(), text.capitalize(), text.upper())]
    if wanted.sign is not None:
        conditions.append("(sign = ? OR offline_number = ?)")
        is_number = wanted.sign.isdecimal() and len(wanted.sign) <= OFFLINE_DIGITS_MAX
        bound += [wanted.sign[:SIGN_LENGTH_MAX], int(wanted.sign) if is_number else -1]
    for condition, value in optional.items():
        if value is not None:
            conditions.append(condition)
            bound.append(value)
    allowed = reader.principal.register_ids
    if allowed is not None:
        conditions.append(f"register_id IN ({', '.join('?' * len(allowed)) or 'NULL'})")
        bound += sorted(allowed)
    return " AND ".join(conditions), tuple(bound)
