"""Arithmetic of a ticket: line sums, modifiers, their distribution and VAT. Payments are in payment.py.

Rules (CPCR 2.0.2, ticket amounts): sum = price × quantity, half up to one tiyn, once per line; where prices
are without VAT, the sum takes it on top, half up to one tiyn (VAT inside that sum is the same VAT again);
total = sum − discount + markup; the receipt's own modifiers are spread over the lines by largest remainder,
so the lines' totals add up to the ticket's total; vat = total × r / (100 + r), half up to one tiyn, per line.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from addons.trade.domain.ticket import TicketLine
from kernel.errors import Refusal
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.values import value

LINES_MAX = 1000  # a till's ticket has tens; the bound keeps one transaction short
PERCENT_BP_MAX = 100_000  # a markup above 1000 % is a typing mistake
NAME_LENGTH_MAX = 255


@value
class Percent:
    """A share in basis points (1000 = 10 %); zero says "none" aloud, against a product's default."""

    bp: int

    def __post_init__(self) -> None:
        if not 0 <= self.bp <= PERCENT_BP_MAX:
            raise Refusal("SALE_PERCENT_OUT_OF_RANGE", max=PERCENT_BP_MAX // 100)


Reduction = Money | Percent


@value
class CartLine:
    """One position before calculation, its product already looked up and its price already allowed."""

    product_id: str | None
    name: str
    section: str
    quantity: Quantity
    price: Money
    vat_bp: int | None
    unit_code: str
    unit_name: str
    barcode: str = ""
    ntin: str = ""
    marks: tuple[str, ...] = ()
    discount: Reduction | None = None
    markup: Reduction | None = None
    label: str = ""
    warehouse_id: str = ""


@value
class Cart:
    """A calculated cart; discount and markup are the receipt's own, already inside the lines."""

    lines: tuple[TicketLine, ...]
    discount: Money
    markup: Money
    total: Money

    @property
    def vat(self) -> Money:
        """Sum of the lines' VAT."""
        return Money(sum([line.vat.tiyn for line in self.lines]))


def calculate(
    lines: Sequence[CartLine],
    *,
    discount: Reduction | None,
    markup: Reduction | None,
    is_vat_on_top: bool = False,
) -> Cart:
    """The whole ticket. is_vat_on_top: prices are without VAT; modifiers in money are off sums with it.

    Refusals: SALE_EMPTY, SALE_TOO_LONG, SALE_LINE_ZERO, SALE_DISCOUNT_TOO_LARGE, SALE_MODIFIER_NEGATIVE,
    SALE_PERCENT_OUT_OF_RANGE, MONEY_TOO_LARGE; each names the field at fault.
    """
    if not lines:
        raise Refusal("SALE_EMPTY", field="lines")
    if len(lines) > LINES_MAX:
        raise Refusal("SALE_TOO_LONG", field="lines", max=LINES_MAX)
    own = [own_amounts(line, index, is_vat_on_top) for index, line in enumerate(lines)]
    weights = [each.total.tiyn for each in own]
    subtotal = _money(sum(weights), field="lines")
    receipt_discount = reduction(subtotal, discount, field="discount")
    receipt_markup = reduction(subtotal, markup, field="markup")
    if not receipt_discount.tiyn and not receipt_markup.tiyn:  # as on most receipts
        ready = tuple([_line(index + 1, line, own[index]) for index, line in enumerate(lines)])
        return Cart(ready, Money.ZERO, Money.ZERO, subtotal)
    if receipt_discount >= subtotal:
        raise Refusal("SALE_DISCOUNT_TOO_LARGE", field="discount", sum=str(subtotal))
    total = _money(subtotal.tiyn - receipt_discount.tiyn + receipt_markup.tiyn, field="markup")
    discounts = allocate(receipt_discount.tiyn, weights)
    markups = allocate(receipt_markup.tiyn, weights)
    ready = tuple(
        [
            _line(index + 1, line, own[index], Money(discounts[index]), Money(markups[index]))
            for index, line in enumerate(lines)
        ]
    )
    assert sum([line.total.tiyn for line in ready]) == total.tiyn  # allocate() loses nothing
    return Cart(ready, receipt_discount, receipt_markup, total)


def calculate_with_storno(
    lines: Sequence[CartLine],
    stornoed: Collection[int],
    *,
    discount: Reduction | None,
    markup: Reduction | None,
    is_vat_on_top: bool = False,
) -> tuple[Cart, tuple[TicketLine, ...]]:
    """The ticket of all positions but the stornoed ones (indices), and these with sums as if they were sold.

    Every position keeps its number. Refusals: SALE_ALL_STORNOED and those of calculate.
    """
    if len(lines) > LINES_MAX:
        raise Refusal("SALE_TOO_LONG", field="lines", max=LINES_MAX)
    places = [index for index in range(len(lines)) if index not in stornoed]
    if not places:
        raise Refusal("SALE_ALL_STORNOED", field="lines")
    off = tuple(
        [
            _line(index + 1, lines[index], own_amounts(lines[index], index, is_vat_on_top))
            for index in sorted(stornoed)
        ]
    )
    try:
        cart = calculate(
            [lines[index] for index in places],
            discount=discount,
            markup=markup,
            is_vat_on_top=is_vat_on_top,
        )
    except Refusal as refusal:
        raise _at_place(refusal, places) from None
    kept = tuple([replace(line, position=places[line.position - 1] + 1) for line in cart.lines])
    return replace(cart, lines=kept), off


def _at_place(refusal: Refusal, places: Sequence[int]) -> Refusal:
    """The refusal of a line of the shorter list, its field naming the line of the whole one."""
    head, _, rest = (refusal.field or "").partition(".")
    number, dot, field = rest.partition(".")
    if head != "lines" or not number:
        return refusal
    return refusal.at(f"lines.{places[int(number)]}{dot}{field}")


class OwnAmounts(NamedTuple):
    """A line's amounts before the receipt's modifiers come in."""

    sum: Money
    discount: Money
    markup: Money
    total: Money


def own_amounts(line: CartLine, index: int, is_vat_on_top: bool = False) -> OwnAmounts:
    """Sum, discount, markup and total of one line on its own; both percents are taken from the line's sum."""
    if line.quantity.thousandths == 0:
        raise Refusal("SALE_LINE_ZERO", field=f"lines.{index}.quantity")
    if line.price.tiyn < 0:
        raise Refusal("SALE_PRICE_NEGATIVE", field=f"lines.{index}.price")
    try:
        line_sum = line.price.times(line.quantity)
        if is_vat_on_top and line.vat_bp:
            line_sum += line_sum.share(line.vat_bp)
    except Refusal as refusal:
        raise refusal.at(f"lines.{index}.price") from None
    if line_sum.tiyn == 0:
        raise Refusal("SALE_LINE_ZERO", field=f"lines.{index}.price")
    if line.discount is None and line.markup is None:
        return OwnAmounts(line_sum, Money.ZERO, Money.ZERO, line_sum)
    discount = reduction(line_sum, line.discount, field=f"lines.{index}.discount")
    markup = reduction(line_sum, line.markup, field=f"lines.{index}.markup")
    if discount >= line_sum:  # a discount is always less than its base
        raise Refusal("SALE_DISCOUNT_TOO_LARGE", field=f"lines.{index}.discount", sum=str(line_sum))
    total = _money(line_sum.tiyn - discount.tiyn + markup.tiyn, field=f"lines.{index}.markup")
    return OwnAmounts(line_sum, discount, markup, total)


def reduction(base: Money, asked: Reduction | None, *, field: str) -> Money:
    """Money of a discount or markup asked in money or percent of the base; zero when none is asked."""
    if asked is None:
        return Money.ZERO
    if isinstance(asked, Percent):
        return _money(base.share(asked.bp).tiyn, field=field)
    if asked.tiyn < 0:
        raise Refusal("SALE_MODIFIER_NEGATIVE", field=field)
    return asked


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion to positive weights, by largest remainder; ties go to the earlier one.

    The parts add up to the amount exactly, and no part differs from its exact share by a whole unit.
    """
    if amount == 0:
        return [0] * len(weights)  # most receipts have no modifiers of their own
    whole = sum(weights)
    assert all(weight > 0 for weight in weights)
    parts = [amount * weight // whole for weight in weights]
    missing = amount - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda index: (-(amount * weights[index] % whole), index))
    for index in by_remainder[:missing]:
        parts[index] += 1
    return parts


def _line(
    position: int,
    line: CartLine,
    own: OwnAmounts,
    shared_discount: Money = Money.ZERO,
    shared_markup: Money = Money.ZERO,
) -> TicketLine:
    line_sum, discount, markup, total = own
    if shared_discount.tiyn or shared_markup.tiyn:
        total = total - shared_discount + shared_markup
        if total.tiyn <= 0:  # only a line of a few tiyn can be eaten up by its share
            raise Refusal("SALE_DISCOUNT_TOO_LARGE", field="discount", sum=str(own.total))
        discount, markup = discount + shared_discount, markup + shared_markup
    # In the order of its fields: names would cost as much as the line.
    return TicketLine(
        position,
        line.product_id,
        line.name,
        line.section,
        line.quantity,
        line.price,
        line_sum,
        discount,
        markup,
        total,
        line.vat_bp,
        total.vat_inside(line.vat_bp) if line.vat_bp else Money.ZERO,
        line.unit_code,
        line.barcode,
        line.ntin,
        line.marks,
        line.unit_name,
        shared_discount,
        shared_markup,
        None,
        line.label,
        line.warehouse_id,
    )


def _money(tiyn: int, *, field: str) -> Money:
    try:
        return Money(tiyn)
    except Refusal as refusal:
        raise refusal.at(field) from None
