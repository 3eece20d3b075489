"""From what was asked to what the register has: products by id, code or scan, packages unfolded. Prices and
modifiers belong to goods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from addons.catalog.api import (
    FREE_POSITION_CODE,
    BundleCard,
    ProductId,
    Scanned,
    ViewCard,
    ask_scans,
    ask_view,
    scan_found,
    scans_found,
    view_by_code,
    view_found,
)
from addons.trade.domain.cart import LINES_MAX
from addons.trade.domain.commands import LineAsked
from kernel.errors import Refusal
from kernel.money import Money, divide_half_up
from kernel.quantity import THOUSANDTHS, Quantity
from kernel.values import value

if TYPE_CHECKING:
    from kernel.data.questions import Question
    from kernel.data.work import SqlRow, Work


@value
class Shelf:
    """What to ask about the goods of a cart: products named by id, then those named by barcode."""

    by_id: Sequence[Question]
    by_barcode: Sequence[Question]

    @property
    def questions(self) -> list[Question]:
        """All statements, in the order in which rung_up reads the answers."""
        return [*self.by_id, *self.by_barcode]


def ask_shelf(work: Work, register_id: str, asked: Sequence[LineAsked]) -> Shelf:
    """Statements that find goods as the register has them, at its price; none above LINES_MAX lines."""
    if len(asked) > LINES_MAX:
        return Shelf((), ())
    barcodes = [line.barcode for line in asked if line.barcode]
    return Shelf(
        ask_view(work, register_id, [ProductId(line.product_id) for line in asked if line.product_id]),
        ask_scans(work, register_id, barcodes) if barcodes else (),
    )


@value
class Rung:
    """A position on its way into the cart: what was asked, what the register has of it.

    quantity: of the product, where one scan may be a box of ten; barcode: what was scanned, if it was one;
    label_price: of a scale's label or a marked box; field: where the line stands in what was asked.
    """

    line: LineAsked
    view: ViewCard
    quantity: Quantity
    barcode: str
    label_price: Money | None
    field: str


async def rung_up(
    work: Work,
    register_id: str,
    asked: Sequence[LineAsked],
    shelf: Shelf,
    answers: Sequence[Sequence[SqlRow]],
) -> list[Rung]:
    """The positions asked, in order, packages unfolded; answers are those to the shelf's questions.

    Refusals: SALE_TOO_LONG, SALE_PRODUCT_AMBIGUOUS, SALE_PRODUCT_UNKNOWN, SALE_PRODUCT_ARCHIVED,
    SALE_PRODUCT_NOT_HERE (not in the register's assortment), SALE_BUNDLE_PLAIN (a package with a price,
    marks or a discount of its own), MARK_MALFORMED.
    """
    if len(asked) > LINES_MAX:
        raise Refusal("SALE_TOO_LONG", field="lines", max=LINES_MAX)
    check_keys(asked)
    by_id = view_found(work, answers[: len(shelf.by_id)])
    by_key = scans_found(work, answers[len(shelf.by_id) :])
    rungs: list[Rung] = []
    for index, line in enumerate(asked):
        field = f"lines.{index}"
        if line.barcode is not None:
            found = await scan_found(work, register_id, line.barcode, by_key)
            rungs.extend(_scanned(line, found, field))
        elif line.product_id is not None:
            rungs.append(_rung(line, by_id.get(ProductId(line.product_id)), field))
        else:
            code = FREE_POSITION_CODE if line.code is None else line.code
            rungs.append(_rung(line, await view_by_code(work, register_id, code), field))
    if len(rungs) > LINES_MAX:
        raise Refusal("SALE_TOO_LONG", field="lines", max=LINES_MAX)
    for rung in rungs:
        if rung.view.card.is_archived:
            raise Refusal("SALE_PRODUCT_ARCHIVED", field=rung.field, name=rung.view.card.name)
        if not rung.view.is_in_assortment:
            raise Refusal("SALE_PRODUCT_NOT_HERE", field=rung.field, name=rung.view.card.name)
    return rungs


def _rung(line: LineAsked, view: ViewCard | None, field: str) -> Rung:
    if view is None:
        raise Refusal("SALE_PRODUCT_UNKNOWN", field=field)
    barcode = view.card.gtin or view.card.barcode
    return Rung(line, view, line.quantity, barcode, None, field)


def _scanned(line: LineAsked, scanned: Scanned | None, field: str) -> list[Rung]:
    if scanned is None:
        raise Refusal("SALE_PRODUCT_UNKNOWN", field=field)
    if isinstance(scanned, BundleCard):
        return _unfolded(line, scanned, field)
    product = scanned.view.card
    if scanned.mark is not None and not line.marks:
        line = replace(line, marks=(scanned.mark.text,))
    is_barcode = scanned.barcode and scanned.barcode != product.ntin
    barcode = scanned.barcode if is_barcode else product.gtin or product.barcode
    if scanned.price is None and (line.marks or product.is_marked):
        # A marked box bears one code, and a ticket has one code per piece: the box is the piece.
        price = product.price.times(scanned.quantity) if product.has_price else None
        return [Rung(line, scanned.view, line.quantity, barcode, price, field)]
    quantity = _times(line.quantity, scanned.quantity)
    return [Rung(line, scanned.view, quantity, barcode, scanned.price, field)]


def _unfolded(line: LineAsked, bundle: BundleCard, field: str) -> list[Rung]:
    """A package is sold at the prices of its goods."""
    plain = LineAsked(line.quantity, barcode=line.barcode, section=line.section, is_storno=line.is_storno)
    if line != plain:
        raise Refusal("SALE_BUNDLE_PLAIN", field=field, name=bundle.name)
    return [
        Rung(line, view, _times(line.quantity, held), view.card.gtin or view.card.barcode, None, field)
        for view, held in bundle.lines
    ]


def _times(quantity: Quantity, one: Quantity) -> Quantity:
    """So many times a box, a weight or a package, to the nearest thousandth."""
    if one == Quantity.ONE:
        return quantity
    return Quantity(divide_half_up(quantity.thousandths * one.thousandths, THOUSANDTHS))


def check_keys(asked: Sequence[LineAsked]) -> None:
    """A line names its product in one way. Refusal SALE_PRODUCT_AMBIGUOUS."""
    for index, line in enumerate(asked):
        if (line.product_id is not None) + (line.code is not None) + (line.barcode is not None) > 1:
            raise Refusal("SALE_PRODUCT_AMBIGUOUS", field=f"lines.{index}")
