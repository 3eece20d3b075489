"""Sell: the hot path of the whole system."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from addons.trade.domain.commands import RegisterSale, check_key
from addons.trade.domain.details import details_of
from addons.trade.domain.kinds import SaleKind
from addons.trade.domain.payment import settle
from addons.trade.ports import TicketOrder
from addons.trade.services import rows
from addons.trade.services.accept import (
    Accepted,
    accept_ticket,
    ask_all,
    customer_of,
    desk_of,
    known_sale,
    lane_of,
)
from addons.trade.services.claim_cards import claim_cards, names_operations
from addons.trade.services.goods import calculate_asked, cart_lines, check_receipt_discount
from addons.trade.services.rung_up import Shelf, ask_shelf, rung_up
from addons.trade.settings import TradeSettings
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import SqlRow, Work


async def register_sale(work: Work, command: RegisterSale) -> Accepted:
    """Accept a sale into its register's lane; the same key again gives the first one, whatever has changed
    since.

    Refusals: SALE_KEY_CONFLICT, everything of desk_of, customer_of, rung_up, cart_lines, calculate, settle,
    claim_cards and details_of, MARK_TAKEN, SALE_TOTAL_DIFFERS, and those of the Fiscalizer. Nothing is stored
    by halves. Raises tortoise IntegrityError, here or from the commit, when the same key, or the same mark,
    comes through another register at the same moment: a second call then knows it.
    """
    check_key(command.sale_key, field="saleKey")
    digest = command.digest()
    key = rows.ask_key(work, command.sale_key)
    shelf = ask_shelf(work, command.register_id, command.lines)
    known, desk, *goods = await ask_all(work, command, key, *shelf.questions)
    earlier = known_sale(known, body_digest=digest)
    if earlier is not None:
        return earlier
    order = await _ring_up(work, command, desk, shelf, goods)
    lane = await lane_of(work, order.register)
    return await accept_ticket(work, lane, order, body_digest=digest)


async def _ring_up(
    work: Work,
    command: RegisterSale,
    desk: Sequence[SqlRow],
    shelf: Shelf,
    goods: Sequence[Sequence[SqlRow]],
) -> TicketOrder:
    register, operator = desk_of(work, command, desk, permission="trade.sell")
    customer = customer_of(command, register)
    rungs = await rung_up(work, register.id, command.lines, shelf, goods)
    lines = cart_lines(work, rungs, register.company)
    is_on_top = command.is_vat_on_top
    if is_on_top is None:
        is_on_top = work.settings(TradeSettings).is_vat_on_top
    cart, stornoed = calculate_asked(
        [rung.line for rung in rungs],
        lines,
        discount=command.discount,
        markup=command.markup,
        is_vat_on_top=is_on_top,
    )
    check_receipt_discount(work, cart)
    if command.expected_total is not None and command.expected_total != cart.total:
        raise Refusal("SALE_TOTAL_DIFFERS", field="expectedTotal", total=str(cart.total))
    payments = command.payments
    settlement = settle(cart.total, payments)
    if names_operations(payments):
        payments = await claim_cards(
            work, payments, sale_id=command.sale_id, register_id=register.id, kind=SaleKind.SELL
        )
    has_waited = (
        command.sold_ms is not None and command.sold_ms < work.now_ms
    )  # else the till's clock is wrong
    return TicketOrder(
        sale_id=command.sale_id,
        sale_key=command.sale_key,
        company_id=register.company_id,
        register=register,
        operator=operator,
        kind=SaleKind.SELL,
        lines=cart.lines,
        discount=cart.discount,
        markup=cart.markup,
        total=cart.total,
        taken=settlement.taken,
        change=settlement.change,
        payments=settlement.payments,
        customer_bin=customer.bin,
        customer_email=customer.email,
        customer_phone=customer.phone,
        created_ms=work.now_ms,
        details=details_of(
            payments,
            domain=command.domain,
            is_vat_on_top=is_on_top and register.company.is_vat_payer,
            stornoed=stornoed,
            sold_ms=command.sold_ms if has_waited else None,
        ),
    )
