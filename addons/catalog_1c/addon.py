"""Wires the 1C exchange into the house: the only file that knows all of its rooms."""

from __future__ import annotations

from addons.catalog_1c.adapters.commerceml import CommerceMl
from addons.catalog_1c.adapters.equipment_tools import Tools
from addons.catalog_1c.adapters.exchange_door import BODY_BYTES_MAX, ExchangeDoor, shelf_of
from addons.catalog_1c.adapters.file_page import received_file_page
from addons.catalog_1c.cli import app as import_1c
from addons.catalog_1c.domain.exchange import FILES_PATH, PATHS
from addons.catalog_1c.equipment_cli import exporting, watching
from addons.catalog_1c.exchange_cli import connecting
from addons.catalog_1c.gql.connection_operations import (
    ConnectionMutation,
    ConnectionQuery,
    ConnectionSubscription,
)
from addons.catalog_1c.gql.connection_types import (
    connection_by_id,
    exchange_by_id,
    file_by_id,
    files_by_exchange,
)
from addons.catalog_1c.gql.equipment_operations import (
    EquipmentMutation,
    EquipmentQuery,
    EquipmentSubscription,
)
from addons.catalog_1c.gql.equipment_types import link_by_id, report_by_id
from addons.catalog_1c.gql.operations import Catalog1cQuery, import_by_id, mutation_of
from addons.catalog_1c.pages.console import PAGES
from addons.catalog_1c.services.access import Gate
from addons.catalog_1c.services.equipment_job import WATCH_EVERY, LinkJob, watch_links
from addons.catalog_1c.services.equipment_links import RUN_JOB
from addons.catalog_1c.services.exchanges import FILE_JOB, PICTURES_JOB
from addons.catalog_1c.services.file_job import FileJob
from addons.catalog_1c.services.pictures_job import PicturesJob
from addons.catalog_1c.services.tidy import EVERY as TIDY_EVERY
from addons.catalog_1c.services.tidy import forget_old
from addons.catalog_1c.settings import Catalog1cSettings
from kernel.addons.registry import Registry

_IMPORT = "catalog_1c.import"
_VIEW = "catalog_1c.view"
_MANAGE = "catalog_1c.manage"


def register(registry: Registry) -> None:
    """Called once by the loader."""
    registry.models("addons.catalog_1c.models")
    registry.settings(Catalog1cSettings)
    door = ExchangeDoor(Gate())
    for path in PATHS:
        registry.door(path, door.answer, ("GET", "POST"), body_bytes_max=BODY_BYTES_MAX)
    registry.job(FILE_JOB, FileJob(CommerceMl(), shelf_of))
    registry.job(PICTURES_JOB, PicturesJob(shelf_of))
    registry.schedule("catalog_1c.forget_files", TIDY_EVERY, forget_old(shelf_of))
    registry.job(RUN_JOB, LinkJob(Tools()))
    registry.schedule("catalog_1c.watch_equipment", WATCH_EVERY, watch_links)
    registry.query(Catalog1cQuery)
    registry.mutation(mutation_of(CommerceMl()))
    registry.loader("catalog_1c.import_by_id", import_by_id)
    registry.query(ConnectionQuery)
    registry.mutation(ConnectionMutation)
    registry.subscription(ConnectionSubscription)
    registry.loader("catalog_1c.connection_by_id", connection_by_id)
    registry.loader("catalog_1c.exchange_by_id", exchange_by_id)
    registry.loader("catalog_1c.file_by_id", file_by_id)
    registry.loader("catalog_1c.files_by_exchange", files_by_exchange)
    registry.route(FILES_PATH + "{key}", received_file_page)
    registry.pages(PAGES)
    registry.query(EquipmentQuery)
    registry.mutation(EquipmentMutation)
    registry.subscription(EquipmentSubscription)
    registry.loader("catalog_1c.equipment_link_by_id", link_by_id)
    registry.loader("catalog_1c.equipment_report_by_id", report_by_id)
    registry.command(import_1c)
    registry.command(connecting)
    registry.command(watching)
    registry.command(exporting)
    for role in ("administrator", "owner", "service"):
        registry.role(role, {_IMPORT, _VIEW})
    for role in ("administrator", "owner"):
        registry.role(role, {_MANAGE})
