"""Wires the catalogue into the house: the only file that knows all of its rooms."""

from __future__ import annotations

from addons.catalog.gql.loaders import barcodes_by_product, group_by_id, product_by_id
from addons.catalog.gql.mutations import CatalogMutation
from addons.catalog.gql.queries import CatalogQuery
from addons.catalog.gql.types import ProductGroupType, ProductType
from addons.catalog.services.free_position import ensure_free_position
from addons.catalog.settings import CatalogSettings
from addons.organization.api import HOOK_REGISTER_CREATED
from kernel.addons.registry import Registry

_VIEW = "catalog.view"
_EDIT = "catalog.edit"


def register(registry: Registry) -> None:
    """Called once by the loader."""
    registry.models("addons.catalog.models")
    registry.settings(CatalogSettings)
    registry.query(CatalogQuery)
    registry.mutation(CatalogMutation)
    registry.open_type(ProductType)
    registry.open_type(ProductGroupType)
    registry.loader("catalog.product_by_id", product_by_id)
    registry.loader("catalog.group_by_id", group_by_id)
    registry.loader("catalog.barcodes_by_product", barcodes_by_product)
    registry.hook(HOOK_REGISTER_CREATED, ensure_free_position)
    for role in ("device", "cashier", "senior_cashier"):
        registry.role(role, {_VIEW})
    for role in ("administrator", "owner", "service"):
        registry.role(role, {_VIEW, _EDIT})
