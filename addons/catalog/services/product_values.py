"""What people may say about a product, checked and laid onto its row. Writing rows belongs to products."""

from __future__ import annotations

from collections.abc import Iterable

from addons.catalog.domain.barcode import BARCODE_LENGTH_MAX
from addons.catalog.domain.commands import PackCode, UpdateProduct
from addons.catalog.domain.product import (
    ARTICLE_LENGTH_MAX,
    BARCODES_MAX,
    CHARACTERISTIC_LENGTH_MAX,
    GROUPS_OF_PRODUCT_MAX,
    NAME_LENGTH_MAX,
    GroupId,
    check_percent,
    check_price,
    check_section,
    clean_name,
)
from addons.catalog.domain.search import search_key
from addons.catalog.domain.source import Unset
from addons.catalog.domain.units import unit_by_code
from addons.catalog.domain.vat import Vat
from addons.catalog.models import Product, ProductGroup
from addons.organization.api import register_card
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.quantity import Quantity
from kernel.texts import one_line


async def lay(work: Work, product: Product, command: UpdateProduct) -> None:
    """The mentioned fields of a product but its barcodes, further groups and VAT.

    Refusals: PRODUCT_NAME_…, PRODUCT_TEXT_TOO_LONG, PRODUCT_PRICE_NEGATIVE, PRODUCT_UNIT_UNKNOWN,
    PRODUCT_SECTION_OUT_OF_RANGE, PRODUCT_NUMBER_MALFORMED, PRODUCT_PERCENT_OUT_OF_RANGE,
    PRODUCT_GROUP_UNKNOWN, REGISTER_UNKNOWN.
    """
    if not isinstance(command.name, Unset):
        product.name = clean_name(command.name, field="name")
        product.search_key = search_key(product.name)
    if not isinstance(command.name_kk, Unset):
        product.name_kk = text(command.name_kk, NAME_LENGTH_MAX, "nameKk")
    if not isinstance(command.characteristic, Unset):
        product.characteristic = text(command.characteristic, CHARACTERISTIC_LENGTH_MAX, "characteristic")
    if not isinstance(command.price, Unset):
        product.price = check_price(command.price, field="price")  # type: ignore[assignment]
    if not isinstance(command.purchase_price, Unset):
        cost = check_price(command.purchase_price, field="purchasePrice")
        product.purchase_price = cost  # type: ignore[assignment]
    if not isinstance(command.unit_code, Unset):
        set_unit(product, command.unit_code)
    if not isinstance(command.section, Unset):
        product.section = check_section(command.section, field="section")
    if not isinstance(command.group_id, Unset):
        product.group_id = await known_group(command.group_id)
    if not isinstance(command.own_register_id, Unset):
        product.own_register_id = await known_register(work, command.own_register_id)
    _lay_more(product, command)


def _lay_more(product: Product, command: UpdateProduct) -> None:
    if not isinstance(command.article, Unset):
        product.article = text(command.article, ARTICLE_LENGTH_MAX, "article")
    if not isinstance(command.ntin, Unset):
        product.ntin = digits(command.ntin, "ntin")
    if not isinstance(command.gtin, Unset):
        product.gtin = digits(command.gtin, "gtin")
    if not isinstance(command.is_marked, Unset):
        product.is_marked = command.is_marked
    if not isinstance(command.is_price_editable, Unset):
        product.is_price_editable = command.is_price_editable
    if not isinstance(command.discount_bp, Unset):
        product.discount_bp = check_percent(command.discount_bp, field="discountPercent")
    if not isinstance(command.markup_bp, Unset):
        product.markup_bp = check_percent(command.markup_bp, field="markupPercent")


async def known_group(group_id: GroupId | None, *, field: str = "groupId") -> str | None:
    """Raises Refusal("PRODUCT_GROUP_UNKNOWN") for a group that is not the company's."""
    if group_id is None:
        return None
    if not await ProductGroup.filter(id=group_id).exists():
        raise Refusal("PRODUCT_GROUP_UNKNOWN", field=field)
    return group_id


async def known_register(work: Work, register_id: str | None) -> str | None:
    """Refusals REGISTER_UNKNOWN, REGISTER_FORBIDDEN (the principal is limited to others)."""
    if register_id is None:
        return None
    work.principal.require_register(register_id)
    return (await register_card(work, register_id)).id


async def extra_groups(group_ids: Iterable[GroupId], *, first: str | None) -> tuple[str, ...]:
    """Further groups, each once and without the first. Refusals PRODUCT_GROUPS_TOO_MANY,
    PRODUCT_GROUP_UNKNOWN.
    """
    wanted = tuple(dict.fromkeys(group_id for group_id in group_ids if group_id != first))
    if len(wanted) >= GROUPS_OF_PRODUCT_MAX:
        raise Refusal("PRODUCT_GROUPS_TOO_MANY", field="groupIds", max=GROUPS_OF_PRODUCT_MAX)
    for place, group_id in enumerate(wanted):
        await known_group(group_id, field=f"groupIds.{place}")
    return wanted


def set_vat(product: Product, vat: Vat) -> None:
    """Lay a choice of VAT onto the row."""
    product.vat_kind = vat.kind
    product.vat_bp = vat.fixed_bp


def set_unit(product: Product, code: str) -> None:
    """Raises Refusal("PRODUCT_UNIT_UNKNOWN")."""
    unit = unit_by_code(code)
    if unit is None:
        raise Refusal("PRODUCT_UNIT_UNKNOWN", field="unitCode", value=code[:10])
    product.unit_code, product.unit_name = unit.code, unit.name_ru


def text(value: str, length_max: int, field: str) -> str:
    """One line. Raises Refusal("PRODUCT_TEXT_TOO_LONG")."""
    cleaned = one_line(value)
    if len(cleaned) > length_max:
        raise Refusal("PRODUCT_TEXT_TOO_LONG", field=field, max=length_max)
    return cleaned


def digits(value: str, field: str) -> str:
    """At most 14 digits or nothing. Raises Refusal("PRODUCT_NUMBER_MALFORMED")."""
    value = value.strip()
    if value and not (value.isascii() and value.isdigit() and len(value) <= 14):
        raise Refusal("PRODUCT_NUMBER_MALFORMED", field=field)
    return value


def clean_barcodes(barcodes: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order. Refusals PRODUCT_BARCODES_TOO_MANY, PRODUCT_BARCODE_MALFORMED."""
    cleaned = tuple(dict.fromkeys(barcode.strip() for barcode in barcodes))
    if len(cleaned) > BARCODES_MAX:
        raise Refusal("PRODUCT_BARCODES_TOO_MANY", field="barcodes", max=BARCODES_MAX)
    for place, barcode in enumerate(cleaned):
        check_barcode(barcode, field=f"barcodes.{place}")
    return cleaned


def check_barcode(barcode: str, *, field: str) -> str:
    """Raises Refusal("PRODUCT_BARCODE_MALFORMED") for an empty, too long or unprintable one."""
    if not barcode or len(barcode) > BARCODE_LENGTH_MAX or not barcode.isprintable():
        raise Refusal("PRODUCT_BARCODE_MALFORMED", field=field)
    return barcode


def clean_packs(packs: Iterable[PackCode]) -> tuple[PackCode, ...]:
    """Barcodes of packs. Refusals as clean_barcodes and PRODUCT_COEFFICIENT_MALFORMED (zero or one unit)."""
    cleaned = tuple(packs)
    if len(cleaned) > BARCODES_MAX:
        raise Refusal("PRODUCT_BARCODES_TOO_MANY", field="packs", max=BARCODES_MAX)
    found: dict[str, PackCode] = {}
    for place, pack in enumerate(cleaned):
        barcode = check_barcode(pack.barcode.strip(), field=f"packs.{place}.barcode")
        if not pack.coefficient.thousandths or pack.coefficient == Quantity.ONE:
            raise Refusal("PRODUCT_COEFFICIENT_MALFORMED", field=f"packs.{place}.coefficient")
        found[barcode] = PackCode(barcode, pack.coefficient)
    return tuple(found.values())
