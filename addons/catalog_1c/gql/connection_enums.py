"""GraphQL names of closed sets of the 1C exchange. Types and inputs take them from here: so they are named
before they are used.
"""

from __future__ import annotations

import strawberry

from addons.catalog_1c.domain.choices import SalesOperation
from addons.catalog_1c.domain.options import Wanted
from addons.catalog_1c.domain.sales import SalesBy
from addons.catalog_1c.models import ExchangeKind, FileKind, FileState

__all__ = ["ExchangeKind", "FileKind", "FileState", "SalesBy", "SalesOperation", "Wanted"]

strawberry.enum(Wanted, name="CatalogField", description="A fact that comes under a name 1C's people choose.")
strawberry.enum(SalesBy, name="CatalogSalesBy", description="What one document of sales stands for.")
strawberry.enum(
    SalesOperation, name="CatalogSalesOperation", description="ХозОперация of documents with sales."
)
strawberry.enum(ExchangeKind, name="CatalogImportExchangeKind", description="Goods come in, or sales go out.")
strawberry.enum(FileState, name="CatalogImportFileState", description="How far a file has come.")
strawberry.enum(FileKind, name="CatalogImportFileKind", description="What a file is by its first bytes.")
