"""Closed sets of the catalogue as GraphQL enums; declared once."""

import strawberry

from addons.catalog.domain.exchange import ExchangeKind, ExchangeState
from addons.catalog.domain.feed import RefetchReason
from addons.catalog.domain.vat import VatKind

__all__ = ["ExchangeKind", "ExchangeState", "RefetchReason", "VatKind"]

strawberry.enum(VatKind, description="Which rule of the law gives a product its VAT rate.")
strawberry.enum(
    RefetchReason,
    name="CatalogRefetchReason",
    description="Why a device has to load the whole catalogue again, from no cursor.",
)
strawberry.enum(
    ExchangeKind,
    name="CatalogExchangeKind",
    description="What is ordered of a device: take the goods, send the sales it still keeps, test the link.",
)
strawberry.enum(
    ExchangeState,
    name="CatalogExchangeState",
    description="How far an order is. READY: everything is on the device, which applies it from its main menu"
    " with an empty cart.",
)
