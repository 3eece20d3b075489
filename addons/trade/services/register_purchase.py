"""Buy: goods come in, money goes out (BUY). Rarer than selling, so nothing here is in a hurry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.trade.domain.commands import RegisterPurchase, check_key
from addons.trade.domain.details import details_of
from addons.trade.domain.kinds import SaleKind
from addons.trade.domain.payment import pay_out
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
from addons.trade.services.goods import ask_goods, calculate_asked, purchase_lines
from kernel.errors import Refusal
from kernel.money import Money

if TYPE_CHECKING:
    from kernel.data.work import Work


async def register_purchase(work: Work, command: RegisterPurchase) -> Accepted:
    """Accept a purchase into its register's lane; keys as of register_sale.

    Refusals: SALE_KEY_CONFLICT, everything of desk_of, customer_of, purchase_lines, calculate, pay_out,
    claim_cards and details_of, SALE_TOTAL_DIFFERS, and those of the Fiscalizer (NOT_ENOUGH_CASH).
    IntegrityError as of register_sale.
    """
    check_key(command.sale_key, field="saleKey")
    digest = command.digest()
    key = rows.ask_key(work, command.sale_key)
    known, desk, *goods = await ask_all(work, command, key, *ask_goods(command.lines))
    earlier = known_sale(known, body_digest=digest)
    if earlier is not None:
        return earlier
    register, operator = desk_of(work, command, desk, permission="trade.purchase")
    customer = customer_of(command, register)
    cart, stornoed = calculate_asked(command.lines, await purchase_lines(work, command.lines, goods))
    if command.expected_total is not None and command.expected_total != cart.total:
        raise Refusal("SALE_TOTAL_DIFFERS", field="expectedTotal", total=str(cart.total))
    payments, paid = command.payments, pay_out(cart.total, command.payments)
    if names_operations(payments):
        payments = await claim_cards(
            work, payments, sale_id=command.sale_id, register_id=register.id, kind=SaleKind.BUY
        )
    order = TicketOrder(
        sale_id=command.sale_id,
        sale_key=command.sale_key,
        company_id=register.company_id,
        register=register,
        operator=operator,
        kind=SaleKind.BUY,
        lines=cart.lines,
        discount=Money.ZERO,
        markup=Money.ZERO,
        total=cart.total,
        taken=Money.ZERO,
        change=Money.ZERO,
        payments=paid,
        customer_bin=customer.bin,
        customer_email=customer.email,
        customer_phone=customer.phone,
        created_ms=work.now_ms,
        details=details_of(payments, domain=command.domain, stornoed=stornoed),
    )
    lane = await lane_of(work, register)
    return await accept_ticket(work, lane, order, body_digest=digest)
