"""Registers everything trade brings; the only module that knows all its rooms."""

from __future__ import annotations

from addons.trade.gql.analytics import AnalyticsQuery
from addons.trade.gql.branding import BrandingMutation, BrandingQuery
from addons.trade.gql.cancelled import CancelledMutation, CancelledQuery
from addons.trade.gql.loaders import branding_by_register, lines_by_sale, sale_by_id
from addons.trade.gql.mutations import TradeMutation
from addons.trade.gql.queries import TradeQuery
from addons.trade.gql.subscriptions import TradeSubscription
from addons.trade.gql.turnover import TurnoverQuery
from addons.trade.gql.types import CashOperationType, SaleType
from addons.trade.pages.console import PAGES
from addons.trade.pages.preview_page import (
    PREVIEW_FILE_PATH,
    preview_file,
    preview_page,
)
from addons.trade.pages.receipt_page import (
    PDF_PATH,
    PNG_PATH,
    RECEIPT_PATH,
    receipt_page,
    receipt_pdf_file,
    receipt_png_file,
)
from addons.trade.services.preview import PREVIEW_PATH
from addons.trade.services.print_receipt import receipt_attachment
from addons.trade.services.record_facts import HOOK_SALE_FISCAL
from addons.trade.services.turnover_paper import shift_cashiers, shift_sections
from addons.trade.settings import TradeSettings
from kernel.addons.registry import Registry

REPORTS = "trade.reports"
CASHIER = {"trade.sell", "trade.return", "trade.cash", "trade.view"}
SENIOR = CASHIER | {"trade.free_price", "trade.purchase"}
ALL = SENIOR | {"trade.free_discount", "trade.branding", "trade.preview"}


def register(registry: Registry) -> None:
    """Everything of this add-on."""
    registry.models("addons.trade.models")
    registry.settings(TradeSettings)
    registry.declare_hook(HOOK_SALE_FISCAL)
    registry.query(TradeQuery)
    registry.query(BrandingQuery)
    registry.query(TurnoverQuery)
    registry.query(AnalyticsQuery)
    registry.pages(PAGES)
    registry.mutation(TradeMutation)
    registry.mutation(BrandingMutation)
    registry.query(CancelledQuery)
    registry.mutation(CancelledMutation)
    registry.subscription(TradeSubscription)
    registry.open_type(SaleType)
    registry.open_type(CashOperationType)
    registry.loader("trade.sale_by_id", sale_by_id)
    registry.loader("trade.lines_by_sale", lines_by_sale)
    registry.loader("trade.branding_by_register", branding_by_register)
    registry.route(PDF_PATH, receipt_pdf_file, public=True)  # before the page, whose pattern they fit too
    registry.route(PNG_PATH, receipt_png_file, public=True)
    registry.route(RECEIPT_PATH, receipt_page, public=True)
    registry.route(PREVIEW_PATH, preview_page, public=True)  # each asks for a permission or its pass
    registry.route(PREVIEW_FILE_PATH, preview_file, public=True)
    registry.attachment("trade.receipt_pdf", receipt_attachment)
    registry.paper("trade.shift_cashiers", shift_cashiers, permission=REPORTS)
    registry.paper("trade.shift_sections", shift_sections, permission=REPORTS)
    for role in ("senior_cashier", "administrator", "owner", "service"):
        registry.role(role, {REPORTS})
    registry.role("cashier", CASHIER)
    registry.role("accountant", {"trade.view", REPORTS})
    registry.role("senior_cashier", SENIOR)
    registry.role("administrator", ALL)
    registry.role("owner", ALL)
    registry.role("service", ALL)
