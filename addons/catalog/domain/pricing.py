"""What a register asks for a product: price of its type, percent of the register, rounding. Reading of price
lists does not belong here."""

from __future__ import annotations

from kernel.errors import Refusal
from kernel.money import BASIS_POINTS, TIYN_PER_TENGE, Money, divide_half_up

PERCENT_AS_IS_BP = BASIS_POINTS  # 100 %
PERCENT_MAX_BP = 10 * BASIS_POINTS  # 1000 %
STEP_TENGE = TIYN_PER_TENGE
ROUNDING_STEPS = (1, TIYN_PER_TENGE, 5 * TIYN_PER_TENGE, 10 * TIYN_PER_TENGE, 100 * TIYN_PER_TENGE)  # tiyn


def percent_price(price: Money, percent_bp: int, step_tiyn: int) -> Money:
    """That percent of a price, to the nearest multiple of the step, halves up; once for a unit of a product.

    At 100 % the price is given as it is, without rounding. A price above zero never becomes zero: below half
    a step it is rounded to one tiyn instead, and is one tiyn at least.
    """
    if percent_bp == PERCENT_AS_IS_BP or not price:
        return price
    rounded = divide_half_up(price.tiyn * percent_bp, BASIS_POINTS * step_tiyn) * step_tiyn
    return Money(rounded or max(price.share(percent_bp).tiyn, 1))


def check_register_percent(percent_bp: int, *, field: str) -> int:
    """Raises Refusal("VIEW_PERCENT_OUT_OF_RANGE") unless 0.01 % to 1000 %, in basis points."""
    if not 1 <= percent_bp <= PERCENT_MAX_BP:
        raise Refusal("VIEW_PERCENT_OUT_OF_RANGE", field=field, max=PERCENT_MAX_BP // 100)
    return percent_bp


def check_step(step_tiyn: int, *, field: str) -> int:
    """Raises Refusal("VIEW_STEP_UNKNOWN") for a step that is none of ROUNDING_STEPS."""
    if step_tiyn not in ROUNDING_STEPS:
        steps = ", ".join(str(Money(step)) for step in ROUNDING_STEPS)
        raise Refusal("VIEW_STEP_UNKNOWN", field=field, steps=steps)
    return step_tiyn
