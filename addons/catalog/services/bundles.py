"""Packages: goods sold together under a name and barcode of their own."""

from __future__ import annotations

from collections.abc import Sequence

from addons.catalog.domain.barcode import barcode_key
from addons.catalog.domain.commands_view import (
    BUNDLE_LINES_MAX,
    BUNDLES_MAX,
    REGISTERS_MAX,
    BundleId,
    BundleLineAsked,
    CreateBundle,
    UpdateBundle,
)
from addons.catalog.domain.product import FREE_POSITION_CODE, NAME_LENGTH_MAX, clean_name
from addons.catalog.domain.source import Unset
from addons.catalog.models import Barcode, Bundle, BundleLine, BundleRegister, Product
from addons.catalog.services.codes import lock_catalogue
from addons.catalog.services.feed_notes import note_bundles
from addons.catalog.services.product_values import check_barcode, text
from addons.organization.api import register_card
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id


async def create_bundle(work: Work, command: CreateBundle) -> BundleId:
    """Add a package.

    Refusals: PRODUCT_NAME_…, PRODUCT_BARCODE_MALFORMED, BUNDLE_BARCODE_TAKEN, BUNDLE_EMPTY, BUNDLE_TOO_LONG,
    BUNDLE_QUANTITY_ZERO, BUNDLE_PRODUCT_REPEATED, PRODUCT_UNKNOWN, BUNDLE_PRODUCT_UNFIT (archived, or the
    free position), REGISTER_UNKNOWN, REGISTERS_TOO_MANY, BUNDLES_TOO_MANY.
    """
    await lock_catalogue(work, work.company_id)
    if await Bundle.all().count() >= BUNDLES_MAX:
        raise Refusal("BUNDLES_TOO_MANY", max=BUNDLES_MAX)
    bundle = Bundle(
        id=new_id(),
        company_id=work.company_id,
        name=clean_name(command.name, field="name"),
        name_kk=text(command.name_kk, NAME_LENGTH_MAX, "nameKk"),
    )
    await _set_barcode(bundle, command.barcode)
    await _check_lines(command.lines)
    bundle.updated_at = work.now
    bundle.is_everywhere = command.register_ids is None
    await bundle.save(force_create=True)
    await _write_lines(bundle, command.lines)
    await _write_registers(work, bundle, command.register_ids or ())
    await _told(work, bundle, "catalog.bundle_created")
    return BundleId(bundle.id)


async def update_bundle(work: Work, command: UpdateBundle) -> BundleId:
    """Change the mentioned fields; lines and registers as a whole. Refusals BUNDLE_UNKNOWN and those of
    create_bundle; an empty package is not brought back (BUNDLE_EMPTY).
    """
    await lock_catalogue(work, work.company_id)
    bundle: Bundle | None = await Bundle.get_or_none(id=command.bundle_id)
    if bundle is None:
        raise Refusal("BUNDLE_UNKNOWN", field="bundleId")
    if not isinstance(command.name, Unset):
        bundle.name = clean_name(command.name, field="name")
    if not isinstance(command.name_kk, Unset):
        bundle.name_kk = text(command.name_kk, NAME_LENGTH_MAX, "nameKk")
    if not isinstance(command.lines, Unset):
        await _check_lines(command.lines)
        await BundleLine.filter(bundle_id=bundle.id).delete()
        await _write_lines(bundle, command.lines)
    if not isinstance(command.register_ids, Unset):
        bundle.is_everywhere = command.register_ids is None
        await BundleRegister.filter(bundle_id=bundle.id).delete()
        await _write_registers(work, bundle, command.register_ids or ())
    if not isinstance(command.is_archived, Unset):
        if not command.is_archived and not await BundleLine.filter(bundle_id=bundle.id).exists():
            raise Refusal("BUNDLE_EMPTY", field="lines")
        bundle.is_archived = command.is_archived
    if not isinstance(command.barcode, Unset):
        await _set_barcode(bundle, command.barcode)
    bundle.shrunk = None  # type: ignore[assignment]
    bundle.updated_at = work.now
    await bundle.save()
    await _told(work, bundle, "catalog.bundle_updated")
    return BundleId(bundle.id)


async def _set_barcode(bundle: Bundle, barcode: str) -> None:
    """A barcode of its own: of no good for sale and no other package."""
    barcode = barcode.strip()
    bundle.barcode = check_barcode(barcode, field="barcode") if barcode else ""
    bundle.key_text = barcode_key(barcode)
    if not barcode:
        return
    others = Bundle.filter(key_text=bundle.key_text, is_archived=False).exclude(id=bundle.id)
    rows = await Barcode.filter(key_text=bundle.key_text).limit(100)
    goods = Product.filter(id__in=[row.product_id for row in rows], is_archived=False)
    if await others.exists() or (rows and await goods.exists()):
        raise Refusal("BUNDLE_BARCODE_TAKEN", field="barcode", value=barcode)


async def _check_lines(lines: Sequence[BundleLineAsked]) -> None:
    if not lines:
        raise Refusal("BUNDLE_EMPTY", field="lines")
    if len(lines) > BUNDLE_LINES_MAX:
        raise Refusal("BUNDLE_TOO_LONG", field="lines", max=BUNDLE_LINES_MAX)
    goods = {good.id: good for good in await Product.filter(id__in=[line.product_id for line in lines])}
    seen: set[str] = set()
    for place, line in enumerate(lines):
        good = goods.get(line.product_id)
        if good is None:
            raise Refusal("PRODUCT_UNKNOWN", field=f"lines.{place}.productId")
        if good.is_archived or good.code == FREE_POSITION_CODE:
            raise Refusal("BUNDLE_PRODUCT_UNFIT", field=f"lines.{place}.productId", name=good.name)
        if line.product_id in seen:
            raise Refusal("BUNDLE_PRODUCT_REPEATED", field=f"lines.{place}.productId", name=good.name)
        if not line.quantity.thousandths:
            raise Refusal("BUNDLE_QUANTITY_ZERO", field=f"lines.{place}.quantity")
        seen.add(line.product_id)


async def _write_lines(bundle: Bundle, lines: Sequence[BundleLineAsked]) -> None:
    await BundleLine.bulk_create(
        BundleLine(
            id=new_id(),
            company_id=bundle.company_id,
            bundle_id=bundle.id,
            product_id=line.product_id,
            quantity=line.quantity,
            place=place,
        )
        for place, line in enumerate(lines)
    )


async def _write_registers(work: Work, bundle: Bundle, register_ids: Sequence[str]) -> None:
    if len(register_ids) > REGISTERS_MAX:
        raise Refusal("REGISTERS_TOO_MANY", field="registerIds", max=REGISTERS_MAX)
    chosen = dict.fromkeys(register_ids)
    for register_id in chosen:
        await register_card(work, register_id)
    await BundleRegister.bulk_create(
        BundleRegister(
            id=new_id(), company_id=bundle.company_id, bundle_id=bundle.id, register_id=register_id
        )
        for register_id in chosen
    )


async def _told(work: Work, bundle: Bundle, action: str) -> None:
    await note_bundles(work, [bundle.id])
    await work.audit(action, bundle.id, {"name": bundle.name})
    work.notice("catalog", bundle.company_id)
