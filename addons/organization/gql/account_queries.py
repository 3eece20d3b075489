"""Root fields that read accounts. Annotations are real in this module: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.organization.domain.settings import OrganizationSettings
from addons.organization.gql.account_types import (
    BankType,
    CompanyChangeType,
    CompanyDetailsType,
    FactorType,
    InvitationType,
    ServiceAccountType,
    SessionRulesType,
    SessionType,
    SignUpTermsType,
)
from addons.organization.gql.rows import (
    details_of,
    factor_of,
    invitation_of,
    service_account_of,
    session_of,
)
from addons.organization.services.banks import known_banks
from addons.organization.services.company_details import company_changes
from addons.organization.services.consents import terms_to_accept
from addons.organization.services.sign_up import invitations_of
from addons.organization.services.work_proof import challenge
from kernel.clock import from_ms
from kernel.gql.context import Info
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Public, Requires
from kernel.mail import is_mail_on

MANAGE_ACCESS = [Requires("organization.manage_access")]
SECURE = [Requires("organization.secure_account")]
SESSIONS_MAX = 100  # of one user, the latest first
_LATEST = (Key("created_ms", int, is_descending=True), Key("id", str, is_descending=True))


@strawberry.type
class AccountQuery:
    """What a person sees of the own account, and those who manage access of everybody's."""

    @strawberry.field(description="What a sign-up asks for here.", permission_classes=[Public])
    async def sign_up_terms(self, info: Info) -> SignUpTermsType:
        async with info.context.reading() as reader:
            settings = reader.settings(OrganizationSettings)
            text, bits = challenge(reader)
            return SignUpTermsType(
                is_open=settings.sign_up and is_mail_on(reader),
                terms_version=settings.terms_version,
                terms_url=settings.terms_url,
                challenge=text,
                work_bits=bits,
                can_sign_company=bool(settings.signature_roots),
                must_sign_company=settings.signature_required,
            )

    @strawberry.field(
        description="Version of the terms the caller has not agreed to yet; null when there is nothing to "
        "agree to.",
        permission_classes=SECURE,
    )
    async def terms_to_accept(self, info: Info) -> str | None:
        async with info.context.reading() as reader:
            return await terms_to_accept(reader, reader.principal.subject_id)

    @strawberry.field(description="Banks of Kazakhstan, by name.", permission_classes=[Public])
    async def banks(self, info: Info) -> list[BankType]:
        banks = known_banks(info.context.registry)
        return [
            BankType(bic=bic, title=title) for bic, title in sorted(banks.items(), key=lambda each: each[1])
        ]

    @strawberry.field(
        description="What the company says of itself; null before anything was said.",
        permission_classes=[Requires("organization.view")],
    )
    async def company_details(self, info: Info) -> CompanyDetailsType | None:
        async with info.context.reading() as reader:
            sql = "SELECT * FROM org_company_details WHERE company_id = ?"
            row = await reader.row(sql, reader.company_id)
        return None if row is None else details_of(row, known_banks(info.context.registry))

    @strawberry.field(
        description="Values of the company that became others, the latest first.",
        permission_classes=[Requires("organization.view_audit")],
    )
    async def company_changes(self, info: Info) -> list[CompanyChangeType]:
        async with info.context.reading() as reader:
            rows = await company_changes(reader)
        return [
            CompanyChangeType(
                at=from_ms(row["at_ms"]),
                actor_id=row["actor_id"],
                field=row["field"],
                before=row["before"],
                after=row["after"],
            )
            for row in rows
        ]

    @strawberry.field(description="Second factors of the caller's user.", permission_classes=SECURE)
    async def my_factors(self, info: Info) -> list[FactorType]:
        async with info.context.reading() as reader:
            sql = "SELECT * FROM org_factor WHERE user_id = ? AND kind <> 'recovery' ORDER BY id"
            rows = await reader.rows(sql, reader.principal.subject_id)
        return [factor_of(row) for row in rows]

    @strawberry.field(
        description="Sessions of the caller's user that are not over, in all companies.",
        permission_classes=SECURE,
    )
    async def my_sessions(self, info: Info) -> list[SessionType]:
        async with info.context.reading() as reader:
            rows = await reader.rows(
                """SELECT * FROM org_session WHERE subject_id = ? AND revoked_ms IS NULL AND until_ms > ?
                   ORDER BY created_ms DESC, id DESC LIMIT ?""",
                reader.principal.subject_id,
                reader.now_ms,
                SESSIONS_MAX,
            )
        return [session_of(row, info.context.principal.session_id) for row in rows]

    @strawberry.field(
        description="Sessions in the company that are not over, guests' too.",
        permission_classes=MANAGE_ACCESS,
    )
    async def sessions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        subject_id: Annotated[
            str | None, strawberry.argument(description="Of this user or operator only.")
        ] = None,
    ) -> Connection[SessionType]:
        present = info.context.principal.session_id
        async with info.context.reading() as reader:
            listed = KeysetList(
                select="SELECT * FROM org_session",
                where="""company_id = ? AND revoked_ms IS NULL AND until_ms > ?
                         AND (? IS NULL OR subject_id = ?)""",
                params=(reader.company_id, reader.now_ms, subject_id, subject_id),
                keys=_LATEST,
            )
            asked = page(first, after, last, before)
            return await fetch_page(reader, listed, asked, lambda row: session_of(row, present))

    @strawberry.field(
        description="What the company asks of its people's sessions.", permission_classes=MANAGE_ACCESS
    )
    async def session_rules(self, info: Info) -> SessionRulesType:
        company_id = info.context.principal.company_id
        known = info.context.database.choices.settings_of(OrganizationSettings, company_id)
        return SessionRulesType(idle_minutes=known.session_idle_minutes, needs_factor=known.second_factor)

    @strawberry.field(description="Invitations that wait.", permission_classes=MANAGE_ACCESS)
    async def invitations(self, info: Info) -> list[InvitationType]:
        async with info.context.reading() as reader:
            return [invitation_of(row) for row in await invitations_of(reader)]

    @strawberry.field(description="Service accounts by title.", permission_classes=MANAGE_ACCESS)
    async def service_accounts(self, info: Info) -> list[ServiceAccountType]:
        async with info.context.reading() as reader:
            sql = "SELECT * FROM org_service_account WHERE company_id = ? ORDER BY title"
            return [service_account_of(row) for row in await reader.rows(sql, reader.company_id)]
