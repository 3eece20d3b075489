"""From what was asked to priced cart lines: products looked up, prices and modifiers allowed, VAT chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from addons.catalog.api import (
    FREE_POSITION_CODE,
    ProductCard,
    ProductId,
    ask_products,
    keep_name_policy,
    product_by_barcode,
    product_by_code,
    products_found,
    read_mark,
)
from addons.organization.api import CompanyCard
from addons.trade.domain.cart import (
    LINES_MAX,
    NAME_LENGTH_MAX,
    Cart,
    CartLine,
    Percent,
    Reduction,
    calculate,
    calculate_with_storno,
)
from addons.trade.domain.commands import MARK_LENGTH_MAX, MARKS_MAX, LineAsked
from addons.trade.domain.pricing import allowed_price, check_modifier
from addons.trade.domain.ticket import TicketLine
from addons.trade.services.rung_up import Rung, check_keys
from addons.trade.settings import TradeSettings
from kernel.errors import Refusal
from kernel.money import BASIS_POINTS, Money
from kernel.quantity import Quantity
from kernel.texts import one_line

if TYPE_CHECKING:
    from kernel.data.work import Param, SqlRow, Work
    from kernel.security.principal import Principal

SECTION_LENGTH_MAX = 16
CODE_LENGTH_MAX = 64  # of paper stamps and of the virtual warehouse
FREE_PRICE = "trade.free_price"
FREE_DISCOUNT = "trade.free_discount"


def ask_goods(asked: Sequence[LineAsked]) -> list[tuple[str, Sequence[Param]]]:
    """Statements that find all products named by id, for purchase_lines; none above LINES_MAX lines."""
    if len(asked) > LINES_MAX:
        return []
    return ask_products([ProductId(line.product_id) for line in asked if line.product_id is not None])


def cart_lines(work: Work, rungs: Sequence[Rung], company: CompanyCard) -> list[CartLine]:
    """One cart line per position rung up, in order.

    Refusals: SALE_NAME_MISSING, SALE_NAME_TOO_LONG, SALE_PRICE_FIXED, SALE_PRICE_MISSING,
    SALE_DISCOUNT_ABOVE_LIMIT, SALE_VAT_NOT_FREE, SALE_VAT_OUT_OF_RANGE, SALE_MARKS_MISSING,
    SALE_MARKS_MISMATCH, SALE_MARKS_TOO_MANY, MARK_MALFORMED, SALE_SECTION_MALFORMED, SALE_CODE_TOO_LONG.
    """
    settings = work.settings(TradeSettings)
    return [_cart_line(work, rung, company, settings) for rung in rungs]


async def purchase_lines(
    work: Work, asked: Sequence[LineAsked], answers: Sequence[Sequence[SqlRow]]
) -> list[CartLine]:
    """As cart_lines for what is bought: at the price asked, without the product's own modifiers, and without
    VAT unless a line names a rate: most sellers are persons.

    Refusals: PURCHASE_PRICE_MISSING, SALE_VAT_OUT_OF_RANGE and of cart_lines those about products, names,
    marks and codes.
    """
    if len(asked) > LINES_MAX:
        raise Refusal("SALE_TOO_LONG", field="lines", max=LINES_MAX)
    products = await _products(work, asked, answers)
    return [
        _purchase_line(work, line, product, f"lines.{index}")
        for index, (line, product) in enumerate(zip(asked, products, strict=True))
    ]


def _purchase_line(work: Work, line: LineAsked, product: ProductCard, field: str) -> CartLine:
    if line.price is None:
        raise Refusal("PURCHASE_PRICE_MISSING", field=f"{field}.price")
    vat_bp = None if line.vat is None else line.vat.bp
    if vat_bp is not None and not 0 <= vat_bp < BASIS_POINTS:
        raise Refusal("SALE_VAT_OUT_OF_RANGE", field=f"{field}.vat")
    marks = check_marks(line, field=field) if line.marks else ()
    return CartLine(
        product_id=product.id,
        name=_name(work, line, product, field=field) if product.code == FREE_POSITION_CODE else product.name,
        section=str(product.section) if line.section is None else _section(line.section, field=field),
        quantity=line.quantity,
        price=line.price,
        vat_bp=vat_bp,
        unit_code=product.unit_code,
        unit_name=product.unit_name,
        barcode=_barcode(line, product),
        ntin=product.ntin,
        marks=marks,
        discount=line.discount,
        markup=line.markup,
        label=_code(line.label, field=f"{field}.physicalLabel") if line.label else "",
        warehouse_id=_code(line.warehouse_id, field=f"{field}.warehouseId") if line.warehouse_id else "",
    )


def calculate_asked(
    asked: Sequence[LineAsked],
    lines: Sequence[CartLine],
    *,
    discount: Reduction | None = None,
    markup: Reduction | None = None,
    is_vat_on_top: bool = False,
) -> tuple[Cart, tuple[TicketLine, ...]]:
    """The cart, and the positions asked as stornoed. Refusals of calculate and calculate_with_storno."""
    stornoed = frozenset([index for index, line in enumerate(asked) if line.is_storno])
    if not stornoed:  # as on most receipts
        return calculate(lines, discount=discount, markup=markup, is_vat_on_top=is_vat_on_top), ()
    return calculate_with_storno(
        lines, stornoed, discount=discount, markup=markup, is_vat_on_top=is_vat_on_top
    )


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


async def _products(
    work: Work, asked: Sequence[LineAsked], answers: Sequence[Sequence[SqlRow]]
) -> list[ProductCard]:
    check_keys(asked)
    by_id = products_found(work, answers)
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


def _cart_line(work: Work, rung: Rung, company: CompanyCard, settings: TradeSettings) -> CartLine:
    line, product, field = rung.line, rung.view.card, rung.field
    price, seller = rung.label_price or product.price, work.principal
    if line.price is not None or not price.tiyn:
        price = allowed_price(
            price,
            line.price,
            is_editable=product.is_price_editable or line.is_free,
            may_override=seller.may(FREE_PRICE),
            field=field,
        )
    discount: Reduction | None = Percent(product.discount_bp) if product.discount_bp else None
    markup: Reduction | None = Percent(product.markup_bp) if product.markup_bp else None
    if line.discount is not None:
        amount = price.times(rung.quantity)
        _check_discount(seller, product, settings, amount, line.discount, field=field)
        discount = line.discount
    if line.markup is not None:
        markup = line.markup
    marks = line.marks
    if marks or product.is_marked:
        marks = _check_marks(line, product, settings, field=field)
    # In the order of its fields: names would cost as much as the line.
    return CartLine(
        product.id,
        _name(work, line, product, field=field) if product.code == FREE_POSITION_CODE else product.name,
        str(product.section) if line.section is None else _section(line.section, field=field),
        rung.quantity,
        price,
        _vat(line, product, company, field=field),
        product.unit_code,
        product.unit_name,
        rung.barcode,
        product.ntin,
        marks,
        discount,
        markup,
        _code(line.label, field=f"{field}.physicalLabel") if line.label else "",
        _code(line.warehouse_id, field=f"{field}.warehouseId") if line.warehouse_id else "",
    )


def _barcode(line: LineAsked, product: ProductCard) -> str:
    """What was scanned, or the GTIN; the number in the national catalogue has a field of its own."""
    if line.barcode is None or line.barcode == product.ntin:
        return product.gtin or product.barcode
    return line.barcode


def _section(section: str, *, field: str) -> str:
    """A section of the caller's choice: a pump's nozzle, a department (CPCR 2.0.2, section_code)."""
    text = one_line(section)
    if not 0 < len(text) <= SECTION_LENGTH_MAX:
        raise Refusal("SALE_SECTION_MALFORMED", field=f"{field}.section", max=SECTION_LENGTH_MAX)
    return text


def _code(code: str, *, field: str) -> str:
    text = one_line(code)
    if len(text) > CODE_LENGTH_MAX:
        raise Refusal("SALE_CODE_TOO_LONG", field=field, max=CODE_LENGTH_MAX)
    return text


def _check_discount(
    seller: Principal,
    product: ProductCard,
    settings: TradeSettings,
    amount: Money,
    asked: Reduction,
    *,
    field: str,
) -> None:
    """What is asked instead of the product's own discount, which needs nobody's leave."""
    limit_bp = max(product.discount_bp, settings.discount_limit_bp)
    check_modifier(
        amount,
        asked,
        limit_bp=None if limit_bp >= BASIS_POINTS else limit_bp,
        may_override=seller.may(FREE_DISCOUNT),
        code="SALE_DISCOUNT_ABOVE_LIMIT",
        field=f"{field}.discount",
    )


def _name(work: Work, line: LineAsked, product: ProductCard, *, field: str) -> str:
    """A free position is named by the cashier, as the company's name policy wants it."""
    name = one_line(line.name or "")
    if not name and line.is_free:
        raise Refusal("SALE_NAME_MISSING", field=f"{field}.name")
    if len(name) > NAME_LENGTH_MAX:
        raise Refusal("SALE_NAME_TOO_LONG", field=f"{field}.name", max=NAME_LENGTH_MAX)
    name = name or product.name
    keep_name_policy(work, name, field=f"{field}.name")
    return name


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


def _check_marks(
    line: LineAsked, product: ProductCard, settings: TradeSettings, *, field: str
) -> tuple[str, ...]:
    """Repaired marks. A marked product is sold with one code per piece (order 626 item 56 (8); CPCR 2.0.3
    list of stamps).
    """
    if line.marks:
        return check_marks(line, field=field)
    if product.is_marked and settings.are_marks_required:
        raise Refusal("SALE_MARKS_MISSING", field=f"{field}.marks", name=product.name)
    return ()


def check_marks(line: LineAsked, *, field: str) -> tuple[str, ...]:
    """One code per piece or box scanned, each once: as the OFD gets them, repaired.

    Refusals: SALE_MARKS_TOO_MANY, SALE_MARKS_MISMATCH, MARK_MALFORMED.
    """
    if len(line.marks) > MARKS_MAX:
        raise Refusal("SALE_MARKS_TOO_MANY", field=f"{field}.marks", max=MARKS_MAX)
    if line.quantity != Quantity.pieces(len(line.marks)) or any(
        not 0 < len(mark) <= MARK_LENGTH_MAX for mark in line.marks
    ):
        raise Refusal("SALE_MARKS_MISMATCH", field=f"{field}.marks", quantity=str(line.quantity))
    marks = [read_mark(mark, field=f"{field}.marks.{place}") for place, mark in enumerate(line.marks)]
    if len({mark.key for mark in marks}) != len(marks):
        raise Refusal("SALE_MARKS_MISMATCH", field=f"{field}.marks", quantity=str(line.quantity))
    return tuple([mark.text for mark in marks])
