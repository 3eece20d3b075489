"""What people do with single products: create, change, archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from addons.catalog.domain.barcode import barcode_key
from addons.catalog.domain.commands import ArchiveProduct, CreateProduct, PackCode, UpdateProduct
from addons.catalog.domain.product import (
    ARTICLE_LENGTH_MAX,
    FREE_POSITION_CODE,
    NAME_LENGTH_MAX,
    ProductId,
    check_code,
    check_percent,
    check_price,
    check_section,
    clean_name,
)
from addons.catalog.domain.search import search_key
from addons.catalog.domain.source import Unset
from addons.catalog.models import Barcode, ExtraGroup, Price, Product
from addons.catalog.services.cards import today, vat_table
from addons.catalog.services.codes import lock_catalogue, take_codes
from addons.catalog.services.leave_bundles import leave_bundles
from addons.catalog.services.name_policy import keep_name_policy
from addons.catalog.services.product_values import (
    clean_barcodes,
    clean_packs,
    digits,
    extra_groups,
    known_group,
    known_register,
    lay,
    set_unit,
    set_vat,
    text,
)
from addons.catalog.services.written import product_written, state_of
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.quantity import Quantity

VARIANTS_MAX = 500  # of one product
_ONE = 1000  # thousandths
# What a variant has from its product, and how it is asked for.
_INHERITED = {
    "group_id": "groupId", "section": "section", "vat_kind": "vatPercent", "vat_bp": "vatPercent",
    "unit_code": "unitCode", "unit_name": "unitCode", "is_marked": "isMarked",
}  # fmt: skip


async def create_product(work: Work, command: CreateProduct) -> ProductId:
    """Add a product to the company's catalogue.

    Raises Refusals PRODUCT_CODE_TAKEN, PRODUCT_CODE_OUT_OF_RANGE, those of product_values and of the name
    policy.
    """
    name = clean_name(command.name, field="name")
    keep_name_policy(work, name, field="name")
    product = Product(
        id=new_id(),
        company_id=work.company_id,
        code=0,
        name=name,
        name_kk=text(command.name_kk, NAME_LENGTH_MAX, "nameKk"),
        search_key=search_key(name),
        group_id=await known_group(command.group_id),
        own_register_id=await known_register(work, command.own_register_id),
        section=check_section(command.section, field="section"),
        price=check_price(command.price, field="price"),
        purchase_price=check_price(command.purchase_price, field="purchasePrice"),
        article=text(command.article, ARTICLE_LENGTH_MAX, "article"),
        ntin=digits(command.ntin, "ntin"),
        gtin=digits(command.gtin, "gtin"),
        is_marked=command.is_marked,
        is_price_editable=command.is_price_editable,
        discount_bp=check_percent(command.discount_bp, field="discountPercent"),
        markup_bp=check_percent(command.markup_bp, field="markupPercent"),
        created_at=work.now,
        updated_at=work.now,
    )
    set_vat(product, vat_table(work).vat_for(command.vat_bp, today(work)))
    set_unit(product, command.unit_code)
    groups = await extra_groups(command.extra_group_ids, first=product.group_id)
    await store_new(work, product, code=command.code, barcodes=command.barcodes, packs=command.packs)
    await _write_groups(product, groups)
    await product_written(work, product, "created", None)
    return ProductId(product.id)


async def store_new(
    work: Work, product: Product, *, code: int | None, barcodes: Iterable[str], packs: Iterable[PackCode]
) -> None:
    """Give a new product its code and write it with what a scanner may read on it.

    Refusals: of clean_barcodes and clean_packs, PRODUCT_CODE_TAKEN, PRODUCT_CODE_OUT_OF_RANGE.
    """
    codes, boxes = clean_barcodes(barcodes), clean_packs(packs)
    product.barcode = codes[0] if codes else ""
    first = await lock_catalogue(work, product.company_id)
    if code is None:
        product.code = (await take_codes(work, product.company_id, first=first, wanted=[None]))[0]
    else:
        await _check_free(check_code(code, field="code"))
        product.code = code
    await product.save(force_create=True)
    await _write_barcodes(product, codes, boxes)


async def update_product(work: Work, command: UpdateProduct) -> ProductId:
    """Change the mentioned fields; what a variant has from its product is changed in all variants.

    Raises PRODUCT_UNKNOWN, PRODUCT_INHERITS (a variant would differ from its product) and the refusals of
    create_product and lay. A price that is set anew takes the place of a planned one that was due.
    """
    await lock_catalogue(work, work.company_id)
    product = await known_product(command.product_id)
    before = await state_of(product)
    inherited = _inherited(product)
    if not isinstance(command.name, Unset):
        keep_name_policy(work, clean_name(command.name, field="name"), field="name")
    codes = await _codes_after(product, command)
    await lay(work, product, command)
    if not isinstance(command.vat_bp, Unset):
        set_vat(product, vat_table(work).vat_for(command.vat_bp, today(work)))
    if product.base_id is not None:
        _check_inherited(product, inherited)
    if not isinstance(command.price, Unset):
        await Price.filter(product_id=product.id, price_type_id="", from_ms__lte=work.now).delete()
    if not isinstance(command.extra_group_ids, Unset) or not isinstance(command.group_id, Unset):
        await _regroup(product, command)
    if codes is not None:
        barcodes, packs = codes
        product.barcode = barcodes[0] if barcodes else ""
        await Barcode.filter(product_id=product.id).delete()
        await _write_barcodes(product, barcodes, packs)
    await _save(work, product, "updated", before)
    if product.base_id is None and _inherited(product) != inherited:
        await _pass_on(work, product)
    return ProductId(product.id)


async def archive_product(work: Work, command: ArchiveProduct) -> ProductId:
    """Take out of sale, with its variants and out of all packages, or bring back; done already is fine.

    Raises PRODUCT_UNKNOWN, PRODUCT_IS_FREE_POSITION.
    """
    await lock_catalogue(work, work.company_id)
    product = await known_product(command.product_id)
    if command.is_archived and product.code == FREE_POSITION_CODE:
        raise Refusal("PRODUCT_IS_FREE_POSITION")
    changing = [product]
    if command.is_archived and product.base_id is None:
        changing += await Product.filter(base_id=product.id).limit(VARIANTS_MAX)
    archived = []
    for each in changing:
        if each.is_archived != command.is_archived:
            before = await state_of(each)
            each.is_archived = command.is_archived
            each.is_archived_by_source = False
            archived.append(each.id)
            await _save(work, each, "archived" if command.is_archived else "restored", before)
    if command.is_archived:
        await leave_bundles(work, archived)
    return ProductId(product.id)


async def known_product(product_id: ProductId, *, field: str | None = None) -> Product:
    """Raises Refusal("PRODUCT_UNKNOWN") for a product that is not the company's."""
    product: Product | None = await Product.get_or_none(id=product_id)
    if product is None:
        raise Refusal("PRODUCT_UNKNOWN", field=field) if field else Refusal("PRODUCT_UNKNOWN")
    return product


async def _save(work: Work, product: Product, action: str, before: dict[str, str | None]) -> None:
    product.updated_at = work.now
    await product.save()
    await product_written(work, product, action, before)


def _inherited(product: Product) -> dict[str, object]:
    return {name: getattr(product, name) for name in _INHERITED}


def _check_inherited(variant: Product, before: Mapping[str, object]) -> None:
    """Raises Refusal("PRODUCT_INHERITS") when a variant would differ from its product."""
    for name, value in _inherited(variant).items():
        if value != before[name]:
            raise Refusal("PRODUCT_INHERITS", field=_INHERITED[name])


async def _pass_on(work: Work, product: Product) -> None:
    """Give the variants what they have from their product."""
    for variant in await Product.filter(base_id=product.id).limit(VARIANTS_MAX):
        before = await state_of(variant)
        for name in _INHERITED:
            setattr(variant, name, getattr(product, name))
        await _save(work, variant, "updated", before)


async def _codes_after(
    product: Product, command: UpdateProduct
) -> tuple[tuple[str, ...], tuple[PackCode, ...]] | None:
    """Barcodes and packs the product will have; None when neither they nor the national number change."""
    is_renumbered = not isinstance(command.ntin, Unset) and command.ntin != product.ntin
    if isinstance(command.barcodes, Unset) and isinstance(command.packs, Unset) and not is_renumbered:
        return None
    rows = await Barcode.filter(product_id=product.id).order_by("place")
    if isinstance(command.barcodes, Unset):
        single = (row.barcode for row in rows if row.coefficient_thousandths == _ONE)
        barcodes = tuple(each for each in single if each != product.ntin or each == product.barcode)
    else:
        barcodes = clean_barcodes(command.barcodes)
    if isinstance(command.packs, Unset):
        packs = tuple(
            PackCode(row.barcode, Quantity(row.coefficient_thousandths))
            for row in rows
            if row.coefficient_thousandths != _ONE
        )
    else:
        packs = clean_packs(command.packs)
    return barcodes, packs


async def _regroup(product: Product, command: UpdateProduct) -> None:
    if isinstance(command.extra_group_ids, Unset):
        await ExtraGroup.filter(product_id=product.id, group_id=product.group_id).delete()
        return
    groups = await extra_groups(command.extra_group_ids, first=product.group_id)
    await ExtraGroup.filter(product_id=product.id).delete()
    await _write_groups(product, groups)


async def _check_free(code: int) -> None:
    if await Product.filter(code=code).exists():
        raise Refusal("PRODUCT_CODE_TAKEN", field="code", value=code)


async def _write_groups(product: Product, group_ids: Iterable[str]) -> None:
    await ExtraGroup.bulk_create(
        ExtraGroup(id=new_id(), company_id=product.company_id, product_id=product.id, group_id=group_id)
        for group_id in group_ids
    )


async def _write_barcodes(product: Product, barcodes: tuple[str, ...], packs: tuple[PackCode, ...]) -> None:
    """A code that stands on one unit and on a pack is the pack's."""
    amounts = {code: _ONE for code in (*barcodes, product.ntin) if code}
    amounts |= {pack.barcode: pack.coefficient.thousandths for pack in packs}
    await Barcode.bulk_create(
        Barcode(
            id=new_id(),
            company_id=product.company_id,
            product_id=product.id,
            key_text=barcode_key(code),
            barcode=code,
            place=place,
            coefficient_thousandths=amount,
        )
        for place, (code, amount) in enumerate(amounts.items())
    )
