"""Root fields of those who manage access, and of companies opened by a signed application. Annotations are
real here.
"""

import base64
from typing import Annotated

import strawberry

from addons.organization.domain.cards import UserId
from addons.organization.domain.settings import OrganizationSettings
from addons.organization.gql.access_mutations import tokens_of
from addons.organization.gql.access_types import GoneType
from addons.organization.gql.account_inputs import (
    CompanyDetailsInput,
    CreateServiceAccountInput,
    DescribeUserInput,
    InviteInput,
    OpenCompanyInput,
)
from addons.organization.gql.account_mutations import CompanyOpenedResult
from addons.organization.gql.account_types import (
    CompanyApplicationType,
    CompanyOpenedType,
    InvitationType,
    ServiceAccountType,
    SessionRulesType,
)
from addons.organization.gql.mutations import CompanyResult, GoneResult, Id, UserResult
from addons.organization.gql.rows import invitation_of, service_account_of
from addons.organization.services.applications import prepare_application, submit_application
from addons.organization.services.company_details import change_details
from addons.organization.services.people import describe_user
from addons.organization.services.service_accounts import block_service_account, create_service_account
from addons.organization.services.session_rules import SessionRules, choose_session_rules
from addons.organization.services.sessions import end_company_session
from addons.organization.services.sign_in import switch_company
from addons.organization.services.sign_up import cancel_invitation, invite
from addons.organization.services.signatures import SubmitApplication
from kernel.clock import from_ms
from kernel.gql.context import Info
from kernel.gql.ids import from_global, to_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused

CompanyApplicationResult = Annotated[
    CompanyApplicationType | Refused,
    strawberry.union("CompanyApplicationResult", description="A text to sign, or why not."),
]
InviteResult = Annotated[
    InvitationType | Refused, strawberry.union("InviteResult", description="An invitation, or why not.")
]
ServiceAccountResult = Annotated[
    ServiceAccountType | Refused,
    strawberry.union("ServiceAccountResult", description="A service account, or why not."),
]
SessionRulesResult = Annotated[
    SessionRulesType | Refused, strawberry.union("SessionRulesResult", description="The rules, or why not.")
]

MANAGE_ACCESS = [Requires("organization.manage_access")]


@strawberry.type
class SignatureMutation:
    """Companies opened by a signed application."""

    @strawberry.mutation(
        description="The text of an application to open a company, to be signed in NCALayer (CMS, attached) "
        "by a key for signing of the company's head.",
        permission_classes=[Requires("organization.apply")],
    )
    async def prepare_company_application(
        self, info: Info, input: OpenCompanyInput
    ) -> CompanyApplicationResult:
        command = input.command(UserId(info.context.principal.subject_id))
        made = await info.context.transact(prepare_application, command)
        return CompanyApplicationType(
            id=to_global("CompanyApplication", made.id),
            text=made.text.decode(),
            base64=base64.b64encode(made.text).decode(),
            expires_at=from_ms(made.until_ms),
        )

    @strawberry.mutation(
        description="The signed application: the company is opened, its owner is signed in there.",
        permission_classes=[Requires("organization.apply")],
    )
    async def submit_company_application(
        self,
        info: Info,
        id: Id,
        signature: Annotated[str, strawberry.argument(description="The CMS message in base64.")],
    ) -> CompanyOpenedResult:
        context = info.context
        command = SubmitApplication(from_global(id, "CompanyApplication", field="id"), signature)
        key = await submit_application(context.database, context.principal, command)
        context.forget()
        pair = await switch_company(context.database, context.principal, key)
        return CompanyOpenedType(company_id=to_global("Company", key), tokens=tokens_of(pair))


@strawberry.type
class CompanyAccountMutation:
    """What those who manage access do."""

    @strawberry.mutation(
        description="Change details of the company; its BIN never changes.", permission_classes=MANAGE_ACCESS
    )
    async def change_company_details(self, info: Info, input: CompanyDetailsInput) -> CompanyResult:
        key = await info.context.transact(change_details, input.command())
        return await info.context.loader("organization.company_by_id").load(key)

    @strawberry.mutation(
        description="Change what the company knows about one of its users.", permission_classes=MANAGE_ACCESS
    )
    async def describe_user(self, info: Info, input: DescribeUserInput) -> UserResult:
        key = await info.context.transact(describe_user, input.command())
        return await info.context.loader("organization.user_by_id").load(key)

    @strawberry.mutation(description="Ask a person into the company.", permission_classes=MANAGE_ACCESS)
    async def invite(self, info: Info, input: InviteInput) -> InviteResult:
        key = await info.context.transact(invite, input.command())
        async with info.context.reading() as reader:
            row = await reader.row(
                "SELECT * FROM org_letter_token WHERE id = ? AND company_id = ?", key, reader.company_id
            )
        assert row is not None, "made above"
        return invitation_of(row)

    @strawberry.mutation(description="Take an invitation back.", permission_classes=MANAGE_ACCESS)
    async def cancel_invitation(self, info: Info, id: Id) -> GoneResult:
        await info.context.transact(cancel_invitation, from_global(id, "Invitation", field="id"))
        return GoneType(id=id)

    @strawberry.mutation(
        description="End anybody's session in the company.", permission_classes=MANAGE_ACCESS
    )
    async def end_session(self, info: Info, id: Id) -> GoneResult:
        await info.context.transact(end_company_session, from_global(id, "Session", field="id"))
        return GoneType(id=id)

    @strawberry.mutation(
        description="Choose what the company asks of its people's sessions.", permission_classes=MANAGE_ACCESS
    )
    async def set_session_rules(
        self,
        info: Info,
        idle_minutes: Annotated[
            int | None, strawberry.argument(description="0 for never; left out: as it is.")
        ] = None,
        needs_factor: Annotated[
            bool | None, strawberry.argument(description="Of owners and administrators.")
        ] = None,
    ) -> SessionRulesResult:
        chosen = await info.context.transact(choose_session_rules, SessionRules(idle_minutes, needs_factor))
        known = info.context.database.choices.settings_of(
            OrganizationSettings, info.context.principal.company_id
        )
        return SessionRulesType(
            idle_minutes=known.session_idle_minutes if chosen.idle_minutes is None else chosen.idle_minutes,
            needs_factor=known.second_factor if chosen.needs_factor is None else chosen.needs_factor,
        )

    @strawberry.mutation(description="A program that acts by itself.", permission_classes=MANAGE_ACCESS)
    async def create_service_account(
        self, info: Info, input: CreateServiceAccountInput
    ) -> ServiceAccountResult:
        key = await info.context.transact(create_service_account, input.command())
        return await _service_account(info, key)

    @strawberry.mutation(
        description="While it is blocked, no token of a service account opens anything.",
        permission_classes=MANAGE_ACCESS,
    )
    async def block_service_account(
        self,
        info: Info,
        id: Id,
        is_blocked: Annotated[bool, strawberry.argument(description="False to let it work again.")] = True,
    ) -> ServiceAccountResult:
        key = from_global(id, "ServiceAccount", field="id")
        context = info.context
        await context.database.transact(block_service_account, key, is_blocked, principal=context.principal)
        return await _service_account(info, key)


async def _service_account(info: Info, key: str) -> ServiceAccountType:
    async with info.context.reading() as reader:
        sql = "SELECT * FROM org_service_account WHERE id = ? AND company_id = ?"
        row = await reader.row(sql, key, reader.company_id)
    assert row is not None, "it was found above"
    return service_account_of(row)
