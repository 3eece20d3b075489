"""Batch reads about what registers see."""

from collections import defaultdict
from collections.abc import Sequence

import strawberry

from addons.catalog.domain.view import AS_IS
from addons.catalog.gql.view_types import (
    ProductBundleLineType,
    ProductBundleType,
    RegisterCatalogType,
    bundle_type,
    catalog_type,
)
from addons.catalog.services.tables import (
    BUNDLE,
    BUNDLE_LINE,
    BUNDLE_REGISTER,
    REGISTER_GROUP,
    REGISTER_VIEW,
    select_in,
)
from kernel.data.work import Reader
from kernel.gql.ids import to_global
from kernel.quantity import Quantity

BUNDLE_SELECT = (
    "SELECT id, company_id, name, name_kk, barcode, is_everywhere, is_archived, shrunk_ms, updated_ms"
    f" FROM {BUNDLE}"
)
_LINES = f"""SELECT company_id, bundle_id, product_id, quantity_thousandths FROM {BUNDLE_LINE}
WHERE bundle_id IN ({{marks}}) ORDER BY bundle_id, place"""
_REGISTERS = (
    f"SELECT company_id, bundle_id, register_id FROM {BUNDLE_REGISTER} WHERE bundle_id IN ({{marks}})"
)
_VIEWS = f"""SELECT company_id, register_id, is_all_goods, percent_bp, rounding_step_tiyn, price_type_id
FROM {REGISTER_VIEW} WHERE register_id IN ({{marks}})"""
_CHOSEN = f"SELECT company_id, register_id, group_id FROM {REGISTER_GROUP} WHERE register_id IN ({{marks}})"
_PLAIN = {
    "is_all_goods": AS_IS.is_all_goods,
    "percent_bp": AS_IS.percent_bp,
    "rounding_step_tiyn": AS_IS.step_tiyn,
    "price_type_id": AS_IS.price_type_id,
}


async def bundle_by_id(reader: Reader, keys: Sequence[str]) -> list[ProductBundleType | None]:
    """Packages of the reader's company; None for others."""
    rows = await select_in(reader, f"{BUNDLE_SELECT} WHERE id IN ({{marks}})", keys)
    found = {row["id"]: bundle_type(row) for row in rows if row["company_id"] == reader.company_id}
    return [found.get(key) for key in keys]


async def lines_by_bundle(reader: Reader, keys: Sequence[str]) -> list[list[ProductBundleLineType]]:
    """Lines of packages in their order."""
    lines: defaultdict[str, list[ProductBundleLineType]] = defaultdict(list)
    for row in await select_in(reader, _LINES, keys):
        if row["company_id"] == reader.company_id:
            line = ProductBundleLineType(
                quantity=Quantity(row["quantity_thousandths"]), product_key=row["product_id"]
            )
            lines[row["bundle_id"]].append(line)
    return [lines[key] for key in keys]


async def registers_by_bundle(reader: Reader, keys: Sequence[str]) -> list[list[strawberry.ID]]:
    """Registers chosen for packages."""
    registers: defaultdict[str, list[strawberry.ID]] = defaultdict(list)
    for row in await select_in(reader, _REGISTERS, keys):
        if row["company_id"] == reader.company_id:
            registers[row["bundle_id"]].append(to_global("Register", row["register_id"]))
    return [registers[key] for key in keys]


async def register_catalogs(reader: Reader, keys: Sequence[str]) -> list[RegisterCatalogType]:
    """How registers sell; as it is for one nobody said anything about."""
    company_id = reader.company_id
    views = {
        row["register_id"]: row
        for row in await select_in(reader, _VIEWS, keys)
        if row["company_id"] == company_id
    }
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for row in await select_in(reader, _CHOSEN, keys):
        if row["company_id"] == company_id:
            groups[row["register_id"]].append(row["group_id"])
    return [catalog_type(key, {**_PLAIN, **views.get(key, {}), "group_ids": groups[key]}) for key in keys]
