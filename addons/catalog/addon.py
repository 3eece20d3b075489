"""Wires the catalogue into the house: the only file that knows all of its rooms."""

from __future__ import annotations

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
    registry.hook(HOOK_REGISTER_CREATED, ensure_free_position)
    for role in ("device", "cashier", "senior_cashier"):
        registry.role(role, {_VIEW})
    for role in ("administrator", "owner", "service"):
        registry.role(role, {_VIEW, _EDIT})
