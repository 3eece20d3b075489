"""Ordering an exchange of registers, by people or by the device itself."""

from __future__ import annotations

from addons.catalog.domain.exchange import (
    REGISTERS_MAX,
    WAIT_MAX_S,
    ExchangeKind,
    ExchangeState,
    FailReason,
    OrderExchange,
)
from addons.catalog.services.ack_catalog import follower_of
from addons.catalog.services.exchange_rows import (
    EXCHANGE,
    IS_OPEN,
    ORDER_TOPIC,
    SELECT_EXCHANGE,
    ExchangeRow,
    clear_board,
    exchange_row,
    fail_exchange,
)
from addons.catalog.services.feed_head import HEAD, Head, begin_feed, feed_head
from addons.catalog.services.feed_notes import FEED_TOPIC
from addons.organization.api import register_card, registers_of_groups
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id

_OPEN = f"{SELECT_EXCHANGE} WHERE company_id = ? AND register_id = ? AND kind = ? AND {IS_OPEN} ORDER BY id"


async def order_exchange(work: Work, command: OrderExchange) -> list[str]:
    """One order for each register, by id. An order of the kind that is still open is given again, unless all
    is wanted and it is for changes only.

    Raises Refusal: EXCHANGE_REGISTERS_NEEDED, EXCHANGE_REGISTERS_TOO_MANY, REGISTER_UNKNOWN,
    REGISTER_FORBIDDEN, REGISTER_DECOMMISSIONED.
    """
    members = await registers_of_groups(work, command.group_ids)
    registers = list(dict.fromkeys([*command.register_ids, *sorted(members)]))
    if not registers:
        raise Refusal("EXCHANGE_REGISTERS_NEEDED", field="registerIds")
    if len(registers) > REGISTERS_MAX:
        raise Refusal("EXCHANGE_REGISTERS_TOO_MANY", field="registerIds", max=REGISTERS_MAX)
    for register_id in registers:
        work.principal.require_register(register_id)
        card = await register_card(work, register_id)
        if card.is_decommissioned:
            raise Refusal("REGISTER_DECOMMISSIONED", field="registerIds", number=card.number)
    await begin_feed(work)
    head = await feed_head(work)
    assert head is not None
    orders = [await _order(work, register_id, command, head) for register_id in registers]
    await work.execute(f"UPDATE {HEAD} SET ordered_ms = ? WHERE company_id = ?", work.now_ms, work.company_id)
    work.notice(FEED_TOPIC, work.company_id)
    facts = {"kind": command.kind.value, "registers": len(orders)}
    await work.audit("catalog.order_exchange", f"exchange:{orders[0]}", facts)
    return orders


async def try_link(work: Work, register_id: str) -> str:
    """A device tests its own link: an order that is done at once. Raises as order_exchange."""
    work.principal.require_register(register_id)
    await register_card(work, register_id)
    now = work.now_ms
    done: dict[str, str | int] = {
        "state": ExchangeState.APPLIED.value,
        "taken_ms": now,
        "ready_ms": now,
        "ended_ms": now,
        "follower_id": follower_of(work),
    }
    order_id = await _insert(work, register_id, OrderExchange(ExchangeKind.TEST_LINK), None, done)
    row = await work.row(f"{SELECT_EXCHANGE} WHERE id = ?", order_id)
    assert row is not None
    await clear_board(work, exchange_row(row))
    return order_id


async def _order(work: Work, register_id: str, command: OrderExchange, head: Head) -> str:
    for row in await work.rows(_OPEN, work.company_id, register_id, command.kind.value):
        present: ExchangeRow = exchange_row(row)
        if present.is_full or not command.is_full:
            return present.id
        await fail_exchange(work, present, FailReason.REPLACED)
    return await _insert(work, register_id, command, head, {"state": ExchangeState.WAITING.value})


async def _insert(
    work: Work, register_id: str, command: OrderExchange, head: Head | None, values: dict[str, str | int]
) -> str:
    order_id = new_id()
    row: dict[str, str | int] = {
        "id": order_id,
        "company_id": work.company_id,
        "register_id": register_id,
        "kind": command.kind.value,
        "reason": "",
        "note": "",
        "moved_count": 0,
        "is_full": int(command.is_full),
        "epoch": head.epoch if head else "",
        "target_seq": head.seq if head else 0,
        "ordered_by": work.principal.subject_id,
        "follower_id": "",
        "created_ms": work.now_ms,
        "until_ms": work.now_ms + WAIT_MAX_S * 1000,
    }
    await work.insert(EXCHANGE, {**row, **values})
    work.notice(ORDER_TOPIC, order_id)
    return order_id
