"""Queries of card operations. Annotations are real: Strawberry reads them."""

from typing import Annotated, cast

import strawberry

from addons.pos_terminal.gql.payment_enums import FiscalSide, OperationKind, PaymentState
from addons.pos_terminal.gql.payment_types import OperationType
from addons.pos_terminal.services.attention import attention_sql
from addons.pos_terminal.services.payment_record import payment_record
from addons.pos_terminal.services.payment_rows import SELECT_PAYMENT, marks, payment_by_key
from kernel.clock import to_ms
from kernel.data.work import Param, Reader
from kernel.gql.context import Info
from kernel.gql.ids import from_global, from_global_or_none
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires
from kernel.gql.scalars import UUID, Date, DateTime

LATEST = (Key("id", str, is_descending=True),)


@strawberry.input(description="Which operations; what is left out does not matter.")
class CardOperationFilter:
    register_id: strawberry.ID | None = strawberry.field(default=None, description="Made at this register.")
    terminal_id: strawberry.ID | None = strawberry.field(default=None, description="At this terminal.")
    kind: OperationKind | None = strawberry.field(default=None, description="Only of this kind.")
    state: PaymentState | None = strawberry.field(default=None, description="Only in this state.")
    fiscal_state: FiscalSide | None = strawberry.field(
        default=None, description="Whose receipt is in this state."
    )
    since: DateTime | None = strawberry.field(default=None, description="Begun at this moment or later.")
    until: DateTime | None = strawberry.field(default=None, description="Begun before this moment.")
    banking_day: Date | None = strawberry.field(default=None, description="Of this banking day.")
    rrn: str | None = strawberry.field(default=None, description="With this retrieval reference number.")
    needs_attention: bool = strawberry.field(
        default=False, description="Only those that somebody has to look at."
    )


@strawberry.type
class PaymentQuery:
    """Root fields that read."""

    @strawberry.field(
        description="A card operation; null when there is none.",
        permission_classes=[Requires("pos_terminal.view")],
    )
    async def card_operation(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The operation.")]
    ) -> OperationType | None:
        return await OperationType.load(info.context, from_global(id, "CardOperation", field="id"))

    @strawberry.field(
        description="The operation that was begun under a key; null when nothing was.",
        permission_classes=[Requires("pos_terminal.view")],
    )
    async def card_operation_by_key(
        self, info: Info, key: Annotated[UUID, strawberry.argument(description="Made by the client.")]
    ) -> OperationType | None:
        async with info.context.reading() as reader:
            record = await payment_by_key(reader, key)
        allowed = info.context.principal.register_ids
        if record is None or (allowed is not None and record.register_id not in allowed):
            return None
        return OperationType.of(record)

    @strawberry.field(
        description="Card operations, the latest first.", permission_classes=[Requires("pos_terminal.view")]
    )
    async def card_operations(
        self,
        info: Info,
        filter: Annotated[CardOperationFilter | None, strawberry.argument(description="Which ones.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[OperationType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            where, params = _where(reader, filter or CardOperationFilter())
            listed = KeysetList(SELECT_PAYMENT, where, params, LATEST)
            return await fetch_page(reader, listed, asked, lambda row: OperationType.of(payment_record(row)))


def _where(reader: Reader, wanted: CardOperationFilter) -> tuple[str, tuple[Param, ...]]:
    conditions, bound = ["company_id = ?"], [cast(Param, reader.company_id)]
    optional: dict[str, Param] = {
        "register_id = ?": from_global_or_none(wanted.register_id, "Register", field="filter.registerId"),
        "terminal_id = ?": from_global_or_none(wanted.terminal_id, "CardTerminal", field="filter.terminalId"),
        "kind = ?": None if wanted.kind is None else wanted.kind.value,
        "state = ?": None if wanted.state is None else wanted.state.value,
        "fiscal = ?": None if wanted.fiscal_state is None else wanted.fiscal_state.value,
        "created_ms >= ?": None if wanted.since is None else to_ms(wanted.since),
        "created_ms < ?": None if wanted.until is None else to_ms(wanted.until),
        "banking_day = ?": None if wanted.banking_day is None else wanted.banking_day.isoformat(),
        "rrn = ?": wanted.rrn,
    }
    for condition, value in optional.items():
        if value is not None:
            conditions.append(condition)
            bound.append(value)
    if wanted.needs_attention:
        condition, params = attention_sql(reader)
        conditions.append(condition)
        bound += params
    allowed = reader.principal.register_ids
    if allowed is not None:
        conditions.append(f"register_id IN ({marks(sorted(allowed)) or 'NULL'})")
        bound += sorted(allowed)
    return " AND ".join(conditions), tuple(bound)
