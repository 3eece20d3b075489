"""Wires the cashier screen into the house."""

from __future__ import annotations

from addons.till.gql.queries import TillQuery
from addons.till.pages.pos import FILE_PATH, MANIFEST_PATH, POS_PATH, WORKER_PATH, file, manifest, pos, worker
from addons.till.settings import TillSettings
from kernel.addons.registry import Registry


def register(registry: Registry) -> None:
    """Called once by the loader."""
    registry.settings(TillSettings)
    registry.query(TillQuery)
    for role in ("device", "cashier", "senior_cashier", "administrator", "owner"):
        registry.role(role, {"till.use"})
    registry.route(POS_PATH, pos, public=True)  # the program itself signs people in
    registry.route(WORKER_PATH, worker, public=True)
    registry.route(MANIFEST_PATH, manifest, public=True)
    registry.route(FILE_PATH, file, public=True)
