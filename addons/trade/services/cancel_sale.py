"""Giving a cart up before payment. Nothing fiscal happens; the fact is journalled and kept for analytics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from addons.trade.domain.cart import own_amounts
from addons.trade.domain.commands import LineAsked, check_key
from addons.trade.models import REASON_LENGTH_MAX
from addons.trade.services import rows
from addons.trade.services.accept import ask_all, desk_of, lane_of
from addons.trade.services.goods import cart_lines
from addons.trade.services.rung_up import ask_shelf, rung_up
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.texts import one_line

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

LISTED_MAX = 500  # cancelled carts given at once
_COLUMNS = "id, sale_key, register_id, operator_id, created_at, total, reason, positions"
_BY_KEY = f"SELECT {_COLUMNS} FROM trd_cancelled_sale WHERE company_id = ? AND sale_key = ?"
_BETWEEN = f"""SELECT {_COLUMNS} FROM trd_cancelled_sale
WHERE company_id = ? AND created_at >= ? AND created_at < ? ORDER BY created_at, id LIMIT ?"""


@dataclass(frozen=True, slots=True)
class CancelSale:
    """Give up a cart; lines as they would have been sold."""

    sale_key: str
    register_id: str
    operator_id: str | None
    lines: tuple[LineAsked, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CancelledLine:
    """A position of a cart that was given up. total: price × quantity, before modifiers."""

    name: str
    quantity: Quantity
    price: Money
    total: Money
    is_storno: bool


@dataclass(frozen=True, slots=True)
class CancelledCart:
    """A cart that was given up; total without the positions that were taken off before."""

    sale_key: str
    register_id: str
    operator_id: str
    created_ms: int
    total: Money
    reason: str
    lines: tuple[CancelledLine, ...]


async def cancel_sale(work: Work, command: CancelSale) -> CancelledCart:
    """Note that the cart was given up; the same key again gives the first note.

    Refusals: SALE_KEY_MALFORMED, SALE_EMPTY, CANCEL_REASON_TOO_LONG, CANCEL_SOLD (a ticket has that key),
    those of desk_of, rung_up and cart_lines.
    """
    check_key(command.sale_key, field="saleKey")
    reason = one_line(command.reason)
    if len(reason) > REASON_LENGTH_MAX:
        raise Refusal("CANCEL_REASON_TOO_LONG", field="reason", max=REASON_LENGTH_MAX)
    if not command.lines:
        raise Refusal("SALE_EMPTY", field="lines")
    shelf = ask_shelf(work, command.register_id, command.lines)
    known, desk, sold, *goods = await ask_all(
        work,
        command,
        (_BY_KEY, (work.company_id, command.sale_key)),
        rows.ask_key(work, command.sale_key),
        *shelf.questions,
    )
    if known:
        return _cart(known[0])
    register, operator = desk_of(work, command, desk, permission="trade.sell")
    if sold:
        raise Refusal("CANCEL_SOLD", field="saleKey")
    lines = []
    rungs = await rung_up(work, register.id, command.lines, shelf, goods)
    for index, (rung, line) in enumerate(zip(rungs, cart_lines(work, rungs, register.company), strict=True)):
        amount = own_amounts(line, index).sum
        lines.append(CancelledLine(line.name, line.quantity, line.price, amount, rung.line.is_storno))
    cart = CancelledCart(
        sale_key=command.sale_key,
        register_id=register.id,
        operator_id=operator.id,
        created_ms=work.now_ms,
        total=Money(sum(each.total.tiyn for each in lines if not each.is_storno)),
        reason=reason,
        lines=tuple(lines),
    )
    positions = [
        (each.name, each.quantity.thousandths, each.price.tiyn, each.total.tiyn, each.is_storno)
        for each in lines
    ]
    await work.insert(
        "trd_cancelled_sale",
        {
            "id": new_id(),
            "company_id": register.company_id,
            "sale_key": cart.sale_key,
            "register_id": cart.register_id,
            "operator_id": cart.operator_id,
            "created_at": cart.created_ms,
            "total": cart.total.tiyn,
            "reason": reason,
            "positions": orjson.dumps(positions).decode(),
        },
    )
    lane = await lane_of(work, register)
    lane.journal(
        "sale.cancelled",
        {
            "key": cart.sale_key,
            "operator": operator.id,
            "lines": len(lines),
            "total": cart.total.tiyn,
            "reason": reason,
        },
    )
    return cart


async def cancelled_between(
    reader: Reader, since_ms: int, until_ms: int, *, limit: int
) -> list[CancelledCart]:
    """Carts of the reader's company given up in that time, the earliest first; at most LISTED_MAX."""
    found = await reader.rows(_BETWEEN, reader.company_id, since_ms, until_ms, min(limit, LISTED_MAX))
    return [_cart(row) for row in found]


def _cart(row: SqlRow) -> CancelledCart:
    return CancelledCart(
        sale_key=row["sale_key"],
        register_id=row["register_id"],
        operator_id=row["operator_id"],
        created_ms=row["created_at"],
        total=Money(row["total"]),
        reason=row["reason"],
        lines=tuple(
            CancelledLine(name, Quantity(quantity), Money(price), Money(total), is_storno)
            for name, quantity, price, total, is_storno in orjson.loads(row["positions"])
        ),
    )
