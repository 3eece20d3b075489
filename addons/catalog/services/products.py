"""What people do with single products: create, change, archive."""

from __future__ import annotations

from collections.abc import Iterable

from addons.catalog.domain.barcode import BARCODE_LENGTH_MAX, barcode_key
from addons.catalog.domain.commands import ArchiveProduct, CreateProduct, UpdateProduct
from addons.catalog.domain.product import (
    ARTICLE_LENGTH_MAX,
    BARCODES_MAX,
    FREE_POSITION_CODE,
    NAME_LENGTH_MAX,
    GroupId,
    ProductId,
    check_code,
    check_percent,
    check_price,
    check_section,
    clean_name,
)
from addons.catalog.domain.search import search_key
from addons.catalog.domain.source import Unset
from addons.catalog.domain.units import unit_by_code
from addons.catalog.domain.vat import Vat
from addons.catalog.models import Barcode, Product, ProductGroup
from addons.catalog.services.cards import today, vat_table
from addons.catalog.services.codes import lock_catalogue, take_codes
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.texts import one_line


async def create_product(work: Work, command: CreateProduct) -> ProductId:
    """Add a product to the company's catalogue.

    Raises Refusals PRODUCT_CODE_TAKEN, PRODUCT_CODE_OUT_OF_RANGE, PRODUCT_NAME_…, PRODUCT_PRICE_NEGATIVE,
    PRODUCT_UNIT_UNKNOWN,
    PRODUCT_PERCENT_OUT_OF_RANGE, PRODUCT_VAT_OUT_OF_RANGE, PRODUCT_BARCODE_MALFORMED, PRODUCT_GROUP_UNKNOWN.
    """
    company_id = work.company_id
    name = clean_name(command.name, field="name")
    barcodes = _clean_barcodes(command.barcodes)
    product = Product(
        id=new_id(),
        company_id=company_id,
        code=0,
        name=name,
        name_kk=_text(command.name_kk, NAME_LENGTH_MAX, "nameKk"),
        search_key=search_key(name),
        barcode=barcodes[0] if barcodes else "",
        group_id=await _known_group(command.group_id),
        section=check_section(command.section, field="section"),
        price=check_price(command.price, field="price"),
        article=_text(command.article, ARTICLE_LENGTH_MAX, "article"),
        ntin=_digits(command.ntin, "ntin"),
        gtin=_digits(command.gtin, "gtin"),
        is_marked=command.is_marked,
        is_price_editable=command.is_price_editable,
        discount_bp=check_percent(command.discount_bp, field="discountPercent"),
        markup_bp=check_percent(command.markup_bp, field="markupPercent"),
        created_at=work.now,
        updated_at=work.now,
    )
    _set_vat(product, vat_table(work).vat_for(command.vat_bp, today(work)))
    _set_unit(product, command.unit_code)
    first = await lock_catalogue(work, company_id)
    if command.code is None:
        product.code = (await take_codes(work, company_id, first=first, wanted=[None]))[0]
    else:
        await _check_free(check_code(command.code, field="code"))
        product.code = command.code
    await product.save(force_create=True)
    await _write_barcodes(product, barcodes)
    await work.audit("catalog.product_created", product.id, {"code": product.code, "name": name})
    work.notice("catalog", company_id)
    return ProductId(product.id)


async def update_product(work: Work, command: UpdateProduct) -> ProductId:
    """Change the mentioned fields. Raises PRODUCT_UNKNOWN and the refusals of create_product."""
    product = await _product(command.product_id)
    barcodes = await _barcodes_after(product, command)
    _lay(product, command)
    if not isinstance(command.vat_bp, Unset):
        _set_vat(product, vat_table(work).vat_for(command.vat_bp, today(work)))
    if not isinstance(command.group_id, Unset):
        product.group_id = await _known_group(command.group_id)
    if barcodes is not None:
        product.barcode = barcodes[0] if barcodes else ""
        await Barcode.filter(product_id=product.id).delete()
        await _write_barcodes(product, barcodes)
    product.updated_at = work.now
    await product.save()
    await work.audit("catalog.product_updated", product.id, {"code": product.code})
    work.notice("catalog", product.company_id)
    return ProductId(product.id)


async def archive_product(work: Work, command: ArchiveProduct) -> ProductId:
    """Take out of sale or bring back; done already is fine. Raises PRODUCT_UNKNOWN,
    PRODUCT_IS_FREE_POSITION."""
    product = await _product(command.product_id)
    if command.is_archived and product.code == FREE_POSITION_CODE:
        raise Refusal("PRODUCT_IS_FREE_POSITION")
    if product.is_archived != command.is_archived:
        product.is_archived = command.is_archived
        product.is_archived_by_source = False
        product.updated_at = work.now
        await product.save()
        action = "catalog.product_archived" if command.is_archived else "catalog.product_restored"
        await work.audit(action, product.id, {"code": product.code})
        work.notice("catalog", product.company_id)
    return ProductId(product.id)


def _lay(product: Product, command: UpdateProduct) -> None:
    if not isinstance(command.name, Unset):
        product.name = clean_name(command.name, field="name")
        product.search_key = search_key(product.name)
    if not isinstance(command.name_kk, Unset):
        product.name_kk = _text(command.name_kk, NAME_LENGTH_MAX, "nameKk")
    if not isinstance(command.price, Unset):
        product.price = check_price(command.price, field="price")  # type: ignore[assignment]
    if not isinstance(command.unit_code, Unset):
        _set_unit(product, command.unit_code)
    if not isinstance(command.section, Unset):
        product.section = check_section(command.section, field="section")
    if not isinstance(command.article, Unset):
        product.article = _text(command.article, ARTICLE_LENGTH_MAX, "article")
    if not isinstance(command.ntin, Unset):
        product.ntin = _digits(command.ntin, "ntin")
    if not isinstance(command.gtin, Unset):
        product.gtin = _digits(command.gtin, "gtin")
    if not isinstance(command.is_marked, Unset):
        product.is_marked = command.is_marked
    if not isinstance(command.is_price_editable, Unset):
        product.is_price_editable = command.is_price_editable
    if not isinstance(command.discount_bp, Unset):
        product.discount_bp = check_percent(command.discount_bp, field="discountPercent")
    if not isinstance(command.markup_bp, Unset):
        product.markup_bp = check_percent(command.markup_bp, field="markupPercent")


async def _barcodes_after(product: Product, command: UpdateProduct) -> tuple[str, ...] | None:
    """Barcodes the product will have; None when neither they nor the catalogue number change."""
    if not isinstance(command.barcodes, Unset):
        return _clean_barcodes(command.barcodes)
    if isinstance(command.ntin, Unset) or command.ntin == product.ntin:
        return None
    rows = await Barcode.filter(product_id=product.id).order_by("place")
    return tuple(row.barcode for row in rows if row.barcode != product.ntin or row.barcode == product.barcode)


async def _product(product_id: ProductId) -> Product:
    product: Product | None = await Product.get_or_none(id=product_id)
    if product is None:
        raise Refusal("PRODUCT_UNKNOWN")
    return product


async def _known_group(group_id: GroupId | None) -> str | None:
    if group_id is None:
        return None
    if not await ProductGroup.filter(id=group_id).exists():
        raise Refusal("PRODUCT_GROUP_UNKNOWN", field="groupId")
    return group_id


async def _check_free(code: int) -> None:
    if await Product.filter(code=code).exists():
        raise Refusal("PRODUCT_CODE_TAKEN", field="code", value=code)


def _set_vat(product: Product, vat: Vat) -> None:
    product.vat_kind = vat.kind
    product.vat_bp = vat.fixed_bp


def _set_unit(product: Product, code: str) -> None:
    unit = unit_by_code(code)
    if unit is None:
        raise Refusal("PRODUCT_UNIT_UNKNOWN", field="unitCode", value=code[:10])
    product.unit_code, product.unit_name = unit.code, unit.name_ru


def _text(value: str, length_max: int, field: str) -> str:
    cleaned = one_line(value)
    if len(cleaned) > length_max:
        raise Refusal("PRODUCT_TEXT_TOO_LONG", field=field, max=length_max)
    return cleaned


def _digits(value: str, field: str) -> str:
    value = value.strip()
    if value and not (value.isascii() and value.isdigit() and len(value) <= 14):
        raise Refusal("PRODUCT_NUMBER_MALFORMED", field=field)
    return value


def _clean_barcodes(barcodes: Iterable[str]) -> tuple[str, ...]:
    cleaned = tuple(dict.fromkeys(barcode.strip() for barcode in barcodes))
    if len(cleaned) > BARCODES_MAX:
        raise Refusal("PRODUCT_BARCODES_TOO_MANY", field="barcodes", max=BARCODES_MAX)
    for place, barcode in enumerate(cleaned):
        if not barcode or len(barcode) > BARCODE_LENGTH_MAX or not barcode.isprintable():
            raise Refusal("PRODUCT_BARCODE_MALFORMED", field=f"barcodes.{place}")
    return cleaned


async def _write_barcodes(product: Product, barcodes: tuple[str, ...]) -> None:
    codes = dict.fromkeys(code for code in (*barcodes, product.ntin) if code)
    await Barcode.bulk_create(
        Barcode(
            id=new_id(),
            company_id=product.company_id,
            product_id=product.id,
            key_text=barcode_key(code),
            barcode=code,
            place=place,
        )
        for place, code in enumerate(codes)
    )
