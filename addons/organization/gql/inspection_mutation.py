"""The root field that lets an inspector in. Annotations are real: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.organization.domain.cards import RegisterId, UserId
from addons.organization.gql.access_mutations import IssueApiTokenResult
from addons.organization.gql.access_types import IssuedApiTokenType
from addons.organization.services.inspections import IssueInspection, issue_inspection
from kernel.clock import to_ms
from kernel.gql.context import Info
from kernel.gql.ids import from_global, to_global
from kernel.gql.permissions import Requires
from kernel.gql.scalars import DateTime


@strawberry.input(description="What an inspector may look at, and until when.")
class IssueInspectionInput:
    title: str = strawberry.field(description="Who inspects, and why.")
    register_id: strawberry.ID = strawberry.field(description="The only register that is seen.")
    since: DateTime = strawberry.field(description="First moment of the period.")
    until: DateTime = strawberry.field(description="End of the period, itself not seen.")
    expires_at: DateTime = strawberry.field(description="When the token ends.")
    user_id: strawberry.ID | None = strawberry.field(
        default=None, description="A user with the role of inspector, who sees the same after signing in."
    )


@strawberry.type
class InspectionMutation:
    """Tokens of inspectors."""

    @strawberry.mutation(
        description="A token that reads one register over one period with `inspection`, and nothing else; "
        "its text is shown once. It is listed and revoked as an API token.",
        permission_classes=[Requires("organization.manage_access")],
    )
    async def issue_inspection(
        self,
        info: Info,
        input: Annotated[IssueInspectionInput, strawberry.argument(description="What may be seen.")],
    ) -> IssueApiTokenResult:
        command = IssueInspection(
            title=input.title,
            register_id=RegisterId(from_global(input.register_id, "Register", field="registerId")),
            from_ms=to_ms(input.since),
            to_ms=to_ms(input.until),
            until_ms=to_ms(input.expires_at),
            user_id=None
            if input.user_id is None
            else UserId(from_global(input.user_id, "User", field="userId")),
        )
        issued = await info.context.transact(issue_inspection, command)
        return IssuedApiTokenType(
            id=to_global("ApiToken", issued.id), prefix=issued.prefix, token=issued.token
        )
