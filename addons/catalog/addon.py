"""Wires the catalogue into the house: the only file that knows all of its rooms."""

from __future__ import annotations

from datetime import timedelta

from addons.catalog.adapters.label_pdf import labels_pdf
from addons.catalog.adapters.sheet_files import SheetFiles
from addons.catalog.domain.picture import PICTURES_PATH
from addons.catalog.gql.feed_fields import (
    FeedMutation,
    FeedQuery,
    FeedSubscription,
    exchange_by_id,
    lag_by_place,
)
from addons.catalog.gql.feed_rows import FeedRows
from addons.catalog.gql.loaders import (
    barcodes_by_product,
    extra_groups_by_product,
    group_by_id,
    pictures_by_product,
    price_type_by_id,
    prices_by_product,
    product_by_id,
    scan_codes_by_product,
    stock_by_product,
    variants_by_product,
)
from addons.catalog.gql.mutations import CatalogMutation
from addons.catalog.gql.queries import CatalogQuery
from addons.catalog.gql.search import CatalogSearchQuery
from addons.catalog.gql.sheet_fields import SheetMutation, SheetQuery, SheetSubscription, sheet_import_by_id
from addons.catalog.gql.types import ProductGroupType, ProductType
from addons.catalog.gql.view_loaders import bundle_by_id, lines_by_bundle, registers_by_bundle
from addons.catalog.gql.view_mutations import CatalogViewMutation
from addons.catalog.gql.view_queries import CatalogViewQuery
from addons.catalog.jobs.drop_picture import DropPicture
from addons.catalog.jobs.sheet_job import SWEEP_EVERY, SWEEP_JOB, SheetJob, SweepJob, order_sweep
from addons.catalog.pages.console import PAGES
from addons.catalog.pages.labels import LABELS_PATH, labels_page
from addons.catalog.pages.picture_page import picture_page
from addons.catalog.pages.sheets import BODY_BYTES_MAX, EXPORT_PATH, UPLOAD_PATH, export_page, upload_sheet
from addons.catalog.services.bring_over import bring_over
from addons.catalog.services.feed_pages import FeedPages
from addons.catalog.services.feed_tidy import compact_feed, fail_overdue
from addons.catalog.services.free_position import ensure_free_position
from addons.catalog.services.history import FORGET_EVERY, forget_old_changes
from addons.catalog.services.pictures import DROP_JOB
from addons.catalog.services.prices import TAKE_EVERY, take_due_prices
from addons.catalog.services.search_index import (
    FILL_EVERY,
    FILL_JOB,
    PRODUCTS_NAMED,
    begin_filling,
    fill_search,
    index_named,
)
from addons.catalog.services.sheet_imports import SHEET_JOB
from addons.catalog.settings import CatalogSettings
from addons.catalog.sheet_cli import export_goods, import_goods
from addons.organization.api import HOOK_REGISTER_CREATED, HOOK_REGISTER_MOVED
from kernel.addons.registry import Registry
from kernel.jobs.policy import transaction_job

_VIEW = "catalog.view"
_EDIT = "catalog.edit"
_FOLLOW = "catalog.follow"
_EXCHANGE = "catalog.exchange"


def register(registry: Registry) -> None:
    """Called once by the loader."""
    registry.models("addons.catalog.models")
    registry.models("addons.catalog.models_feed")
    registry.models("addons.catalog.models_search")
    registry.models("addons.catalog.models_sheet")
    registry.settings(CatalogSettings)
    registry.query(CatalogQuery)
    registry.query(CatalogSearchQuery)
    registry.query(CatalogViewQuery)
    registry.mutation(CatalogMutation)
    registry.mutation(CatalogViewMutation)
    registry.open_type(ProductType)
    registry.open_type(ProductGroupType)
    registry.loader("catalog.product_by_id", product_by_id)
    registry.loader("catalog.group_by_id", group_by_id)
    registry.loader("catalog.barcodes_by_product", barcodes_by_product)
    registry.loader("catalog.scan_codes_by_product", scan_codes_by_product)
    registry.loader("catalog.extra_groups_by_product", extra_groups_by_product)
    registry.loader("catalog.variants_by_product", variants_by_product)
    registry.loader("catalog.prices_by_product", prices_by_product)
    registry.loader("catalog.stock_by_product", stock_by_product)
    registry.loader("catalog.pictures_by_product", pictures_by_product)
    registry.loader("catalog.price_type_by_id", price_type_by_id)
    registry.loader("catalog.bundle_by_id", bundle_by_id)
    registry.loader("catalog.lines_by_bundle", lines_by_bundle)
    registry.loader("catalog.registers_by_bundle", registers_by_bundle)
    registry.pages(PAGES)
    registry.route(f"{PICTURES_PATH}/{{id}}", picture_page, public=True)
    registry.job(DROP_JOB, DropPicture())
    registry.schedule("catalog.take_due_prices", TAKE_EVERY, take_due_prices, at_start=True)
    registry.schedule("catalog.forget_old_changes", FORGET_EVERY, forget_old_changes)
    registry.subscribe(PRODUCTS_NAMED, "catalog.search", index_named)
    registry.job(FILL_JOB, transaction_job(fill_search))
    registry.schedule("catalog.begin_filling", FILL_EVERY, begin_filling, at_start=True)
    registry.hook(HOOK_REGISTER_CREATED, ensure_free_position)
    registry.hook(HOOK_REGISTER_MOVED, bring_over)
    _register_feed(registry)
    _register_sheets(registry)
    for role in ("device", "cashier", "senior_cashier", "accountant"):
        registry.role(role, {_VIEW, _FOLLOW})
    for role in ("administrator", "owner", "service"):
        registry.role(role, {_VIEW, _EDIT, _FOLLOW, _EXCHANGE})


def _register_feed(registry: Registry) -> None:
    registry.provide(FeedPages, FeedPages(FeedRows()))
    registry.query(FeedQuery)
    registry.mutation(FeedMutation)
    registry.subscription(FeedSubscription)
    registry.loader("catalog.exchange_by_id", exchange_by_id)
    registry.loader("catalog.lag_by_place", lag_by_place)
    registry.schedule("catalog.compact_feed", timedelta(hours=1), compact_feed)
    registry.schedule("catalog.fail_overdue", timedelta(minutes=1), fail_overdue)


def _register_sheets(registry: Registry) -> None:
    formats = SheetFiles()
    registry.query(SheetQuery)
    registry.mutation(SheetMutation)
    registry.subscription(SheetSubscription)
    registry.loader("catalog.sheet_import_by_id", sheet_import_by_id)
    registry.job(SHEET_JOB, SheetJob(formats))
    registry.job(SWEEP_JOB, SweepJob())
    registry.schedule("catalog.order_sweep", SWEEP_EVERY, order_sweep)
    registry.route(UPLOAD_PATH, upload_sheet, ("POST",), body_bytes_max=BODY_BYTES_MAX)
    registry.route(EXPORT_PATH, export_page(formats))
    registry.route(LABELS_PATH, labels_page(labels_pdf))
    registry.command(import_goods)
    registry.command(export_goods)
