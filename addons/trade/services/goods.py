"""From what was asked to priced cart lines: products looked up, prices and modifiers allowed, VAT chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from addons.catalog.api import (
    FREE_POSITION_CODE,
    ProductCard,
    ProductId,
    product_by_barcode,
    product_by_code,
    products_by_ids,
)
from addons.organization.api import CompanyCard
from addons.trade.domain.cart import LINES_MAX, NAME_LENGTH_MAX, Cart, CartLine, Percent, Reduction
from addons.trade.domain.commands import MARK_LENGTH_MAX, MARKS_MAX, LineAsked
from addons.trade.domain.pricing import allowed_price, check_modifier
from addons.trade.settings import TradeSettings
from kernel.errors import Refusal
from kernel.ids import is_uuid
from kernel.money import BASIS_POINTS, Money
from kernel.quantity import Quantity
from kernel.texts import one_line

if TYPE_CHECKING:
    from kernel.data.work import Work

FREE_PRICE = "trade.free_price"
FREE_DISCOUNT = "trade.free_discount"


async def cart_lines(work: Work, asked: Sequence[LineAsked], company: CompanyCard) -> list[CartLine]:
    """One cart line per position asked, in order. One statement for all products named by id.

    Refusals: SALE_TOO_LONG, SALE_PRODUCT_AMBIGUOUS, SALE_PRODUCT_UNKNOWN, SALE_PRODUCT_ARCHIVED,
    SALE_NAME_MISSING, SALE_NAME_TOO_LONG, SALE_PRICE_FIXED, SALE_PRICE_MISSING, SALE_DISCOUNT_ABOVE_LIMIT,
    SALE_VAT_NOT_FREE, SALE_VAT_OUT_OF_RANGE, SALE_MARKS_MISSING, SALE_MARKS_MISMATCH, SALE_MARKS_TOO_MANY.
    """
    if len(asked) > LINES_MAX:
        raise Refusal("SALE_TOO_LONG", field="lines", max=LINES_MAX)
    products = await _products(work, asked)
    settings = work.settings(TradeSettings)
    return [
        _cart_line(work, line, product, company, settings, field=f"lines.{index}")
        for index, (line, product) in enumerate(zip(asked, products, strict=True))
    ]


def check_receipt_discount(work: Work, cart: Cart) -> None:
    """The receipt's own discount may be given by this seller. Refusal SALE_DISCOUNT_ABOVE_LIMIT."""
    if not cart.discount or work.principal.may(FREE_DISCOUNT):
        return
    limit_bp = work.settings(TradeSettings).discount_limit_bp
    subtotal = Money(cart.total.tiyn + cart.discount.tiyn - cart.markup.tiyn)
    check_modifier(
        subtotal,
        cart.discount,
        limit_bp=None if limit_bp >= BASIS_POINTS else limit_bp,
        may_override=False,
        code="SALE_DISCOUNT_ABOVE_LIMIT",
        field="discount",
    )


async def _products(work: Work, asked: Sequence[LineAsked]) -> list[ProductCard]:
    for index, line in enumerate(asked):
        named = [each for each in (line.product_id, line.code, line.barcode) if each is not None]
        if len(named) > 1:
            raise Refusal("SALE_PRODUCT_AMBIGUOUS", field=f"lines.{index}")
    ids = {ProductId(line.product_id) for line in asked if line.product_id and is_uuid(line.product_id)}
    by_id = await products_by_ids(work, sorted(ids)) if ids else {}
    seen: dict[tuple[int | None, str | None], ProductCard | None] = {}
    products = []
    for index, line in enumerate(asked):
        if line.product_id is not None:
            product = by_id.get(ProductId(line.product_id))
        else:
            code = FREE_POSITION_CODE if line.is_free else line.code
            if (code, line.barcode) not in seen:
                seen[code, line.barcode] = await _one_product(work, code, line.barcode)
            product = seen[code, line.barcode]
        if product is None:
            raise Refusal("SALE_PRODUCT_UNKNOWN", field=f"lines.{index}")
        if product.is_archived:
            raise Refusal("SALE_PRODUCT_ARCHIVED", field=f"lines.{index}", name=product.name)
        products.append(product)
    return products


async def _one_product(work: Work, code: int | None, barcode: str | None) -> ProductCard | None:
    if barcode is not None:
        return await product_by_barcode(work, barcode)
    assert code is not None
    return await product_by_code(work, code)


def _cart_line(
    work: Work,
    line: LineAsked,
    product: ProductCard,
    company: CompanyCard,
    settings: TradeSettings,
    *,
    field: str,
) -> CartLine:
    price = allowed_price(
        product.price,
        line.price,
        is_editable=product.is_price_editable or line.is_free,
        may_override=work.principal.may(FREE_PRICE),
        field=field,
    )
    discount, markup = _modifiers(work, line, product, settings, field=field)
    _check_marks(line, product, settings, field=field)
    return CartLine(
        product_id=product.id,
        name=_name(line, product, field=field),
        section=str(product.section),
        quantity=line.quantity,
        price=price,
        vat_bp=_vat(line, product, company, field=field),
        unit_code=product.unit_code,
        unit_name=product.unit_name,
        barcode=(product.gtin or product.barcode) if line.barcode is None else line.barcode,
        ntin=product.ntin,
        marks=line.marks,
        discount=discount,
        markup=markup,
    )


def _modifiers(
    work: Work, line: LineAsked, product: ProductCard, settings: TradeSettings, *, field: str
) -> tuple[Reduction | None, Reduction | None]:
    """The asked ones, or the product's own which need nobody's leave."""
    discount: Reduction | None = Percent(product.discount_bp) if product.discount_bp else None
    markup: Reduction | None = Percent(product.markup_bp) if product.markup_bp else None
    if line.discount is not None:
        limit_bp = max(product.discount_bp, settings.discount_limit_bp)
        price = line.price or product.price
        check_modifier(
            price.times(line.quantity),
            line.discount,
            limit_bp=None if limit_bp >= BASIS_POINTS else limit_bp,
            may_override=work.principal.may(FREE_DISCOUNT),
            code="SALE_DISCOUNT_ABOVE_LIMIT",
            field=f"{field}.discount",
        )
        discount = line.discount
    return discount, markup if line.markup is None else line.markup


def _name(line: LineAsked, product: ProductCard, *, field: str) -> str:
    """The catalogue's name; a free position is named by the cashier."""
    if product.code != FREE_POSITION_CODE:
        return product.name
    name = one_line(line.name or "")
    if not name and line.is_free:
        raise Refusal("SALE_NAME_MISSING", field=f"{field}.name")
    if len(name) > NAME_LENGTH_MAX:
        raise Refusal("SALE_NAME_TOO_LONG", field=f"{field}.name", max=NAME_LENGTH_MAX)
    return name or product.name


def _vat(line: LineAsked, product: ProductCard, company: CompanyCard, *, field: str) -> int | None:
    """Rate in basis points; a company that is no VAT payer sells everything without VAT (Tax code, VAT
    payers).
    """
    if line.vat is not None and product.code != FREE_POSITION_CODE:
        raise Refusal("SALE_VAT_NOT_FREE", field=f"{field}.vat")
    if not company.is_vat_payer:
        return None
    rate_bp = product.vat_bp if line.vat is None else line.vat.bp
    if rate_bp is not None and not 0 <= rate_bp < BASIS_POINTS:
        raise Refusal("SALE_VAT_OUT_OF_RANGE", field=f"{field}.vat")
    return rate_bp


def _check_marks(line: LineAsked, product: ProductCard, settings: TradeSettings, *, field: str) -> None:
    """A marked product is sold with one code per piece (order 626 item 56 (8); CPCR 2.0.3 list of stamps)."""
    if not line.marks:
        if product.is_marked and settings.are_marks_required:
            raise Refusal("SALE_MARKS_MISSING", field=f"{field}.marks", name=product.name)
        return
    if len(line.marks) > MARKS_MAX:
        raise Refusal("SALE_MARKS_TOO_MANY", field=f"{field}.marks", max=MARKS_MAX)
    is_one_each = line.quantity == Quantity.pieces(len(line.marks)) and len(set(line.marks)) == len(
        line.marks
    )
    if not is_one_each or any(not 0 < len(mark) <= MARK_LENGTH_MAX for mark in line.marks):
        raise Refusal("SALE_MARKS_MISMATCH", field=f"{field}.marks", quantity=str(line.quantity))
