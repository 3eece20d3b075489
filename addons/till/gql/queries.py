"""What a till asks about itself. Annotations are real: Strawberry reads them."""

import strawberry

from addons.till.settings import TillSettings
from kernel.gql.context import Info
from kernel.gql.permissions import Requires

OFFLINE_HOURS_MAX = 72  # an autonomous register is blocked then (CPCR 2.0.2, autonomous mode)


@strawberry.type(description="What a till may do while Sauda is out of its reach.")
class TillRules:
    offline_hours: int = strawberry.field(
        description="For how long sales may wait in the browser; 0: not at all."
    )
    offline_sales: int = strawberry.field(description="How many sales may wait in the browser; 0: none.")


@strawberry.type
class TillQuery:
    """Root fields that read."""

    @strawberry.field(
        description="Rules of the company for its tills.", permission_classes=[Requires("till.use")]
    )
    def till_rules(self, info: Info) -> TillRules:
        """Company's choice, within what the law allows."""
        context = info.context
        settings = context.database.choices.settings_of(TillSettings, context.principal.company_id)
        return TillRules(
            offline_hours=min(max(settings.offline_hours, 0), OFFLINE_HOURS_MAX),
            offline_sales=max(settings.offline_sales, 0),
        )
