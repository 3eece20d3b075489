"""How much of a sold line comes back, in goods and in money: never more than was sold, no tiyn lost."""

from __future__ import annotations

from dataclasses import dataclass

from addons.trade.domain.ticket import TicketLine
from kernel.errors import Refusal
from kernel.money import Money, divide_half_up
from kernel.quantity import Quantity


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line of the original with what came back before."""

    line: TicketLine
    returned: Quantity

    @property
    def left(self) -> Quantity:
        """What may still come back."""
        return self.line.quantity - self.returned


def take_back(sold: SoldLine, quantity: Quantity, *, position: int, field: str) -> TicketLine:
    """The line of a return: original price and VAT rate, a proportional part of the original total.

    Parts are differences of cumulative roundings, so partial returns of a whole line add up to its total
    exactly. A tiyn that price × quantity does not explain appears as a discount or markup of the returned
    line. Refusals: RETURN_MORE_THAN_SOLD, SALE_LINE_ZERO, RETURN_MARKED_PARTLY (codes cannot be split from a
    line).
    """
    line = sold.line
    if quantity.thousandths == 0:
        raise Refusal("SALE_LINE_ZERO", field=f"{field}.quantity")
    if quantity > sold.left:
        raise Refusal("RETURN_MORE_THAN_SOLD", field=f"{field}.quantity", left=str(sold.left), name=line.name)
    if line.marks and quantity != line.quantity:
        raise Refusal("RETURN_MARKED_PARTLY", field=f"{field}.quantity", name=line.name)
    total = _part(line.total, sold, quantity)
    line_sum = line.price.times(quantity)
    if total.tiyn <= 0 or line_sum.tiyn <= 0:
        raise Refusal("SALE_LINE_ZERO", field=f"{field}.quantity")
    markup = _part(line.markup, sold, quantity)
    discount = line_sum + markup - total
    if discount.tiyn < 0:
        markup, discount = markup - discount, Money.ZERO
    return TicketLine(
        position=position,
        product_id=line.product_id,
        name=line.name,
        section=line.section,
        quantity=quantity,
        price=line.price,
        sum=line_sum,
        discount=discount,
        markup=markup,
        total=total,
        vat_bp=line.vat_bp,
        vat=Money.ZERO if line.vat_bp is None else total.vat_inside(line.vat_bp),
        unit_code=line.unit_code,
        barcode=line.barcode,
        ntin=line.ntin,
        marks=line.marks,
        unit_name=line.unit_name,
        original_position=line.position,
    )


def _part(whole: Money, sold: SoldLine, quantity: Quantity) -> Money:
    """The part of a sum that belongs to the next quantity coming back."""
    size = sold.line.quantity.thousandths
    before = divide_half_up(whole.tiyn * sold.returned.thousandths, size)
    after = divide_half_up(whole.tiyn * (sold.returned + quantity).thousandths, size)
    return Money(after - before)
