"""Sell: the hot path of the whole system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.api import check_bin
from addons.trade.domain.cart import calculate
from addons.trade.domain.commands import RegisterSale, check_key
from addons.trade.domain.kinds import SaleKind
from addons.trade.domain.payment import settle
from addons.trade.ports import TicketOrder
from addons.trade.services.accept import Accepted, accept_ticket, desk_of, lane_of, replay
from addons.trade.services.goods import cart_lines, check_receipt_discount
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Work


async def register_sale(work: Work, command: RegisterSale) -> Accepted:
    """Accept a sale into its register's lane; the same key again gives the first one, whatever has changed
    since.

    Refusals: SALE_KEY_CONFLICT, everything of desk_of, cart_lines, calculate and settle, SALE_TOTAL_DIFFERS,
    and those of the Fiscalizer. Nothing is stored by halves.
    """
    check_key(command.sale_key, field="saleKey")
    digest = command.digest()
    try:
        order = await _ring_up(work, command)
    except Refusal:
        known = await replay(work, command.sale_key, body_digest=digest)
        if known is None:
            raise
        return known
    lane = await lane_of(work, order.register)
    accepted = await accept_ticket(work, lane, order, body_digest=digest)
    if accepted is None:
        accepted = await replay(work, command.sale_key, body_digest=digest)
        assert accepted is not None, "the key was taken a moment ago"
    return accepted


async def _ring_up(work: Work, command: RegisterSale) -> TicketOrder:
    register, operator = await desk_of(
        work, command.register_id, command.operator_id, permission="trade.sell"
    )
    customer = command.customer.checked()
    if customer.bin is not None:
        check_bin(customer.bin, field="customer.bin")
    lines = await cart_lines(work, command.lines, register.company)
    cart = calculate(lines, discount=command.discount, markup=command.markup)
    check_receipt_discount(work, cart)
    if command.expected_total is not None and command.expected_total != cart.total:
        raise Refusal("SALE_TOTAL_DIFFERS", field="expectedTotal", total=str(cart.total))
    settlement = settle(cart.total, command.payments)
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
    )
