"""How much of a sold line comes back, in goods and in money: never more than was sold, no tiyn lost."""

from __future__ import annotations

from collections.abc import Sequence
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
    returned_marks: tuple[str, ...] = ()

    @property
    def left(self) -> Quantity:
        """What may still come back."""
        return self.line.quantity - self.returned

    @property
    def left_marks(self) -> tuple[str, ...]:
        """Marks that may still come back."""
        return tuple(each for each in self.line.marks if each not in self.returned_marks)


def take_back(
    sold: SoldLine,
    quantity: Quantity,
    *,
    position: int,
    field: str,
    marks: Sequence[str] = (),
    is_vat_on_top: bool = False,
) -> TicketLine:
    """The line of a return: original price and VAT rate, a proportional part of the original total.

    Parts are differences of cumulative roundings, so partial returns of a whole line add up to its total
    exactly. A tiyn that price × quantity does not explain appears as a discount or markup of the returned
    line. marks: which pieces of a marked line come back; all that are left need no naming.
    is_vat_on_top: as of the original. Refusals: RETURN_MORE_THAN_SOLD, SALE_LINE_ZERO,
    RETURN_MARKED_PARTLY, RETURN_MARKS_MISMATCH, RETURN_MARK_UNKNOWN, RETURN_MARK_RETURNED.
    """
    line = sold.line
    if quantity.thousandths == 0:
        raise Refusal("SALE_LINE_ZERO", field=f"{field}.quantity")
    if quantity > sold.left:
        raise Refusal("RETURN_MORE_THAN_SOLD", field=f"{field}.quantity", left=str(sold.left), name=line.name)
    came_back = _marks_back(sold, quantity, marks, field=f"{field}.marks")
    total = _part(line.total, sold, quantity)
    line_sum = line.price.times(quantity)
    if is_vat_on_top and line.vat_bp:
        line_sum += line_sum.share(line.vat_bp)
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
        marks=came_back,
        unit_name=line.unit_name,
        original_position=line.position,
        label=line.label,
        warehouse_id=line.warehouse_id,
    )


def _marks_back(sold: SoldLine, quantity: Quantity, marks: Sequence[str], *, field: str) -> tuple[str, ...]:
    """One mark for each piece that comes back, in the order of the line."""
    line = sold.line
    if not marks:
        if line.marks and quantity != sold.left:
            raise Refusal("RETURN_MARKED_PARTLY", field=field, name=line.name)
        return sold.left_marks
    if quantity != Quantity.pieces(len(marks)) or len(set(marks)) != len(marks):
        raise Refusal("RETURN_MARKS_MISMATCH", field=field, quantity=str(quantity))
    for place, mark in enumerate(marks):
        if mark not in line.marks:
            raise Refusal("RETURN_MARK_UNKNOWN", field=f"{field}.{place}", name=line.name)
        if mark in sold.returned_marks:
            raise Refusal("RETURN_MARK_RETURNED", field=f"{field}.{place}", name=line.name)
    return tuple(each for each in line.marks if each in marks)


def _part(whole: Money, sold: SoldLine, quantity: Quantity) -> Money:
    """The part of a sum that belongs to the next quantity coming back."""
    size = sold.line.quantity.thousandths
    before = divide_half_up(whole.tiyn * sold.returned.thousandths, size)
    after = divide_half_up(whole.tiyn * (sold.returned + quantity).thousandths, size)
    return Money(after - before)
