"""Root fields of an administrator's word. Annotations are real: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.organization.domain.cards import ApprovalAction, OperatorId, RegisterId
from addons.organization.services.approvals import Approve, approve, choose_approvals
from kernel.clock import from_ms
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused
from kernel.gql.scalars import DateTime


@strawberry.type(name="Approval", description="An administrator's word for one document; shown once.")
class ApprovalType:
    token: str = strawberry.field(description="Goes with the document as `approval`.")
    expires_at: DateTime = strawberry.field(description="Until when it may be used.")


@strawberry.type(name="ApprovalChoices", description="What needs an administrator's word in the company.")
class ApprovalChoicesType:
    needed_for: list[ApprovalAction] = strawberry.field(description="These documents.")


ApproveResult = Annotated[
    ApprovalType | Refused, strawberry.union("ApproveResult", description="The approval, or why not.")
]
SetApprovalNeededForResult = Annotated[
    ApprovalChoicesType | Refused,
    strawberry.union("SetApprovalNeededForResult", description="What the company chose, or why not."),
]


@strawberry.type
class ApprovalMutation:
    """Approvals and when they are needed."""

    @strawberry.mutation(
        description="Let an administrator approve one document at a register by PIN: it works once, there, "
        "for that kind of document, for a short time.",
        permission_classes=[Requires("organization.ask_approval")],
    )
    async def approve(
        self,
        info: Info,
        register_id: Annotated[strawberry.ID, strawberry.argument(description="Where.")],
        operator_id: Annotated[strawberry.ID, strawberry.argument(description="The administrator.")],
        pin: Annotated[str, strawberry.argument(description="The administrator's PIN.")],
        action: Annotated[ApprovalAction, strawberry.argument(description="What for.")],
    ) -> ApproveResult:
        command = Approve(
            RegisterId(from_global(register_id, "Register", field="registerId")),
            OperatorId(from_global(operator_id, "Operator", field="operatorId")),
            action,
            pin,
        )
        given = await approve(info.context.database, info.context.principal, command)
        return ApprovalType(token=given.token, expires_at=from_ms(given.until_ms))

    @strawberry.mutation(
        description="Choose which documents of the company need an administrator's word.",
        permission_classes=[Requires("organization.manage_access")],
    )
    async def set_approval_needed_for(
        self,
        info: Info,
        actions: Annotated[
            list[ApprovalAction], strawberry.argument(description="All of them from now on; empty for none.")
        ],
    ) -> SetApprovalNeededForResult:
        return ApprovalChoicesType(needed_for=await info.context.transact(choose_approvals, actions))
