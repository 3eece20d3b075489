"""Wires the 1C exchange into the house: the only file that knows all of its rooms."""

from __future__ import annotations

from addons.catalog_1c.adapters.commerceml import CommerceMl
from addons.catalog_1c.cli import app as import_1c
from addons.catalog_1c.gql.operations import Catalog1cQuery, import_by_id, mutation_of
from kernel.addons.registry import Registry

_IMPORT = "catalog_1c.import"
_VIEW = "catalog_1c.view"


def register(registry: Registry) -> None:
    """Called once by the loader."""
    registry.models("addons.catalog_1c.models")
    registry.query(Catalog1cQuery)
    registry.mutation(mutation_of(CommerceMl()))
    registry.loader("catalog_1c.import_by_id", import_by_id)
    registry.command(import_1c)
    for role in ("administrator", "owner", "service"):
        registry.role(role, {_IMPORT, _VIEW})
