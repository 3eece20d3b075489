"""Random tickets for simulations: positions, modifiers, rates and payments by dice, sums by the formulas of
ofd_protocol §2.6.
"""

from __future__ import annotations

import random

from addons.fiscal_kz.domain.bodies import Line, Parent, TicketBody
from addons.fiscal_kz.domain.kinds import Means, Operation

VAT_RATES = (1600, 500, 0, None)


def random_ticket(dice: random.Random, original: Parent | None) -> TicketBody:
    """A ticket of any operation; a return only when there is an original to name."""
    operation = dice.choices(list(Operation), weights=(1, 0, 8, 2))[0]
    parent = original if operation is Operation.SELL_RETURN else None
    if operation is Operation.SELL_RETURN and parent is None:
        operation = Operation.SELL
    lines = tuple(random_line(dice) for _ in range(dice.randint(1, 4)))
    total = sum(line.total for line in lines)
    by_card = dice.choice((0, 0, total, dice.randint(0, total)))
    cash = total - by_card
    taken = cash + dice.choice((0, 0, 500, 100_000)) if cash else 0
    payments = []
    if cash:
        payments.append((Means.CASH, cash))
    if by_card:
        payments.append((dice.choice((Means.CARD, Means.MOBILE)), by_card))
    return TicketBody(
        operation, 7, "Айгүл", lines, tuple(payments), total, taken, taken - cash, "", "", "", parent
    )


def random_line(dice: random.Random) -> Line:
    """A position."""
    price, quantity = dice.randint(100, 2_000_000), dice.choice((1000, 1000, 2000, 250, 1375))
    amount = (2 * price * quantity + 1000) // 2000
    discount = dice.choice((0, 0, amount // 10))
    markup = 0 if discount else dice.choice((0, 0, 150))
    total = amount - discount + markup
    rate = dice.choice(VAT_RATES)
    vat = 0 if rate is None else (2 * total * rate + 10_000 + rate) // (2 * (10_000 + rate))
    section = dice.choice(("1", "2", "тосап.1"))
    return Line(
        "Нан", section, quantity, price, amount, discount, markup, total, rate, vat, "796", "", "", ()
    )
