"""Registers everything trade brings; the only module that knows all its rooms."""

from __future__ import annotations

from addons.trade.gql.loaders import lines_by_sale, sale_by_id
from addons.trade.gql.mutations import TradeMutation
from addons.trade.gql.queries import TradeQuery
from addons.trade.gql.subscriptions import TradeSubscription
from addons.trade.gql.types import CashOperationType, SaleType
from addons.trade.pages.receipt_page import RECEIPT_PATH, receipt_page
from addons.trade.settings import TradeSettings
from kernel.addons.registry import Registry

CASHIER = {"trade.sell", "trade.return", "trade.cash", "trade.view"}
SENIOR = CASHIER | {"trade.free_price"}
ALL = SENIOR | {"trade.free_discount"}


def register(registry: Registry) -> None:
    """Everything of this add-on."""
    registry.models("addons.trade.models")
    registry.settings(TradeSettings)
    registry.query(TradeQuery)
    registry.mutation(TradeMutation)
    registry.subscription(TradeSubscription)
    registry.open_type(SaleType)
    registry.open_type(CashOperationType)
    registry.loader("trade.sale_by_id", sale_by_id)
    registry.loader("trade.lines_by_sale", lines_by_sale)
    registry.route(RECEIPT_PATH, receipt_page, public=True)
    registry.role("cashier", CASHIER)
    registry.role("senior_cashier", SENIOR)
    registry.role("administrator", ALL)
    registry.role("owner", ALL)
    registry.role("service", ALL)
