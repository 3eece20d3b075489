"""Variants: the colours and sizes of one product, each with a name, barcodes and a price of its own."""

from __future__ import annotations

from addons.catalog.domain.commands import CreateVariant
from addons.catalog.domain.product import (
    ARTICLE_LENGTH_MAX,
    CHARACTERISTIC_LENGTH_MAX,
    FREE_POSITION_CODE,
    NAME_LENGTH_MAX,
    ProductId,
    check_price,
    clean_name,
)
from addons.catalog.domain.search import search_key
from addons.catalog.models import Product
from addons.catalog.services.codes import lock_catalogue
from addons.catalog.services.name_policy import keep_name_policy
from addons.catalog.services.product_values import digits, text
from addons.catalog.services.products import VARIANTS_MAX, known_product, store_new
from addons.catalog.services.written import product_written
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id


async def create_variant(work: Work, command: CreateVariant) -> ProductId:
    """Add a variant of a product.

    Refusals: PRODUCT_UNKNOWN, VARIANT_OF_VARIANT (also of the free position), VARIANT_NAMELESS (no
    characteristic), VARIANT_EXISTS, VARIANTS_TOO_MANY and those of create_product.
    """
    await lock_catalogue(work, work.company_id)
    base = await known_product(command.base_id, field="productId")
    if base.base_id is not None or base.code == FREE_POSITION_CODE:
        raise Refusal("VARIANT_OF_VARIANT", field="productId")
    characteristic = text(command.characteristic, CHARACTERISTIC_LENGTH_MAX, "characteristic")
    if not characteristic:
        raise Refusal("VARIANT_NAMELESS", field="characteristic")
    others = await Product.filter(base_id=base.id).only("id", "characteristic")
    taken = {each.characteristic for each in others}
    if characteristic in taken:
        raise Refusal("VARIANT_EXISTS", field="characteristic", value=characteristic)
    if len(others) >= VARIANTS_MAX:
        raise Refusal("VARIANTS_TOO_MANY", field="productId", max=VARIANTS_MAX)
    name = clean_name(command.name or f"{base.name} ({characteristic})", field="name")
    keep_name_policy(work, name, field="name")
    variant = Product(
        id=new_id(),
        company_id=base.company_id,
        code=0,
        base_id=base.id,
        characteristic=characteristic,
        name=name,
        name_kk=text(command.name_kk, NAME_LENGTH_MAX, "nameKk"),
        search_key=search_key(name),
        group_id=base.group_id,
        section=base.section,
        vat_kind=base.vat_kind,
        vat_bp=base.vat_bp,
        unit_code=base.unit_code,
        unit_name=base.unit_name,
        is_marked=base.is_marked,
        own_register_id=base.own_register_id,
        price=check_price(command.price, field="price"),
        purchase_price=check_price(command.purchase_price, field="purchasePrice"),
        article=text(command.article, ARTICLE_LENGTH_MAX, "article"),
        ntin=digits(command.ntin, "ntin"),
        gtin=digits(command.gtin, "gtin"),
        created_at=work.now,
        updated_at=work.now,
    )
    await store_new(work, variant, code=command.code, barcodes=command.barcodes, packs=command.packs)
    await product_written(work, variant, "created", None)
    return ProductId(variant.id)
