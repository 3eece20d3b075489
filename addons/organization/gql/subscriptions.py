"""Root field that follows the status board. Annotations are real in this module: Strawberry reads them."""

from collections.abc import AsyncGenerator

import strawberry

from addons.organization.gql.types import RegisterType
from addons.organization.services.status import STATUS_TOPIC
from kernel.gql.context import Info
from kernel.gql.permissions import Requires


@strawberry.type
class OrganizationSubscription:
    """Notices carry ids; the register is read again for each."""

    @strawberry.subscription(
        description="A register of the company whenever its lines on the status board change.",
        permission_classes=[Requires("organization.view_status")],
    )
    async def register_status_changed(self, info: Info) -> AsyncGenerator[RegisterType, None]:
        async with info.context.app.bus.listen(STATUS_TOPIC) as ids:
            async for register_id in ids:
                register = await info.context.loader("organization.register_by_id").load(register_id)
                if register is not None:  # None: another company's, or not open to the caller
                    yield register
