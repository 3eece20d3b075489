"""Kinds of prices beside the ordinary one."""

from __future__ import annotations

from addons.catalog.domain.commands_view import CreatePriceType, PriceTypeId, UpdatePriceType
from addons.catalog.domain.product import clean_name
from addons.catalog.domain.source import Unset
from addons.catalog.models import PriceType, RegisterView
from addons.catalog.services.codes import lock_catalogue
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id

PRICE_TYPES_MAX = 100  # of one company


async def create_price_type(work: Work, command: CreatePriceType) -> PriceTypeId:
    """Add a type. Refusals PRODUCT_NAME_…, PRICE_TYPE_EXISTS, PRICE_TYPES_TOO_MANY."""
    await lock_catalogue(work, work.company_id)
    name = clean_name(command.name, field="name")
    await _check_name(name)
    if await PriceType.all().count() >= PRICE_TYPES_MAX:
        raise Refusal("PRICE_TYPES_TOO_MANY", max=PRICE_TYPES_MAX)
    row = PriceType(id=new_id(), company_id=work.company_id, name=name, updated_at=work.now)
    await row.save(force_create=True)
    await work.audit("catalog.price_type_created", row.id, {"name": name})
    return PriceTypeId(row.id)


async def update_price_type(work: Work, command: UpdatePriceType) -> PriceTypeId:
    """Rename or put away. Refusals PRICE_TYPE_UNKNOWN, PRICE_TYPE_EXISTS, PRICE_TYPE_IN_USE (a register sells
    by it).
    """
    await lock_catalogue(work, work.company_id)
    row = await known_price_type(command.price_type_id)
    if not isinstance(command.name, Unset):
        name = clean_name(command.name, field="name")
        if name != row.name:
            await _check_name(name)
        row.name = name
    if not isinstance(command.is_archived, Unset):
        if command.is_archived and await RegisterView.filter(price_type_id=row.id).exists():
            raise Refusal("PRICE_TYPE_IN_USE", field="isArchived")
        row.is_archived = command.is_archived
    row.updated_at = work.now
    await row.save()
    await work.audit("catalog.price_type_updated", row.id, {"name": row.name})
    return PriceTypeId(row.id)


async def known_price_type(price_type_id: PriceTypeId, *, field: str = "priceTypeId") -> PriceType:
    """Raises Refusal("PRICE_TYPE_UNKNOWN") for a type that is not the company's."""
    row: PriceType | None = await PriceType.get_or_none(id=price_type_id)
    if row is None:
        raise Refusal("PRICE_TYPE_UNKNOWN", field=field)
    return row


async def _check_name(name: str) -> None:
    if await PriceType.filter(name=name).exists():
        raise Refusal("PRICE_TYPE_EXISTS", field="name", value=name)
