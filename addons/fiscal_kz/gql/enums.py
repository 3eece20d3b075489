"""Closed sets of the fiscal engine in GraphQL. Annotations are real: Strawberry reads them."""

from enum import StrEnum

import strawberry

from addons.fiscal_kz.domain.kinds import Block as KkmBlock
from addons.fiscal_kz.domain.kinds import Link as KkmLink
from addons.fiscal_kz.domain.kinds import Means as FiscalMeans
from addons.fiscal_kz.domain.kinds import Operation as FiscalOperation
from addons.fiscal_kz.domain.kinds import Placement as CashPlacement
from addons.fiscal_kz.services.records import DocumentState as FiscalDocumentState

strawberry.enum(KkmLink, name="KkmLink", description="Link of a KKM to its OFD.")
strawberry.enum(KkmBlock, name="KkmBlock", description="Why a KKM may not work.")
strawberry.enum(
    FiscalDocumentState, name="FiscalDocumentState", description="How far a fiscal document has come."
)
strawberry.enum(
    FiscalOperation, name="FiscalOperation", description="What a ticket does, as reports count it."
)
strawberry.enum(FiscalMeans, name="FiscalMeans", description="Means of payment in reports.")
strawberry.enum(CashPlacement, name="CashPlacement", description="Cash put in or taken out, in reports.")


@strawberry.enum(description="X: state of the shift. Z: its close.")
class FiscalReportKind(StrEnum):
    X = "X"
    Z = "Z"


__all__ = [
    "CashPlacement",
    "FiscalDocumentState",
    "FiscalMeans",
    "FiscalOperation",
    "FiscalReportKind",
    "KkmBlock",
    "KkmLink",
]
