"""Root fields that change accounts: sign-up, passwords, second factors, companies, people, sessions.
Annotations are real here.
"""

from typing import Annotated

import strawberry

from addons.organization.domain.cards import UserId
from addons.organization.domain.settings import OrganizationSettings
from addons.organization.gql.access_mutations import SignInResult, sign_in_answer, tokens_of
from addons.organization.gql.access_types import GoneType
from addons.organization.gql.account_inputs import (
    AcceptInvitationInput,
    OpenCompanyInput,
    SignUpInput,
)
from addons.organization.gql.account_types import (
    CompanyOpenedType,
    FactorAddedType,
    LetterSentType,
    NewCodesType,
    NewPasskeyType,
    PasswordChangedType,
    SessionsEndedType,
    TermsAcceptedType,
)
from addons.organization.gql.mutations import GoneResult, Id
from addons.organization.services.change_password import ChangePassword, change_password
from addons.organization.services.company_details import open_company
from addons.organization.services.consents import accept_terms
from addons.organization.services.factors import (
    add_passkey,
    begin_codes,
    begin_passkey,
    confirm_codes,
    new_recovery_codes,
    remove_factor,
)
from addons.organization.services.sessions import (
    end_other_sessions,
    end_own_session,
)
from addons.organization.services.sign_in import SignIn, confirm_sign_in, sign_in, switch_company
from addons.organization.services.sign_up import (
    accept_invitation,
    confirm_sign_up,
    request_password,
    resend_sign_up,
    reset_password,
    sign_up,
)
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global, to_global
from kernel.gql.permissions import Public, Requires
from kernel.gql.refusals import Refused
from kernel.ids import CompanyId
from kernel.security.principal import PrincipalKind

LetterSentResult = Annotated[
    LetterSentType | Refused, strawberry.union("LetterSentResult", description="A letter, or why not.")
]
PasswordResult = Annotated[
    PasswordChangedType | Refused,
    strawberry.union("PasswordResult", description="A new password, or why not."),
]
NewCodesResult = Annotated[
    NewCodesType | Refused, strawberry.union("NewCodesResult", description="A secret, or why not.")
]
NewPasskeyResult = Annotated[
    NewPasskeyType | Refused, strawberry.union("NewPasskeyResult", description="Options, or why not.")
]
FactorAddedResult = Annotated[
    FactorAddedType | Refused, strawberry.union("FactorAddedResult", description="A factor, or why not.")
]
SessionsEndedResult = Annotated[
    SessionsEndedType | Refused, strawberry.union("SessionsEndedResult", description="Ended, or why not.")
]
TermsAcceptedResult = Annotated[
    TermsAcceptedType | Refused, strawberry.union("TermsAcceptedResult", description="Agreed, or why not.")
]
CompanyOpenedResult = Annotated[
    CompanyOpenedType | Refused,
    strawberry.union("CompanyOpenedResult", description="A company with a session there, or why not."),
]

SECURE = [Requires("organization.secure_account")]
Email = Annotated[str, strawberry.argument(description="Address of the user.")]
Token = Annotated[str, strawberry.argument(description="The code of the letter.")]


@strawberry.type
class SignUpMutation:
    """What begins with a letter."""

    @strawberry.mutation(
        description="Ask for an account: a letter brings the code for `confirmSignUp`. The answer does not "
        "tell whether the address is known.",
        permission_classes=[Public],
    )
    async def sign_up(self, info: Info, input: SignUpInput) -> LetterSentResult:
        hours = await sign_up(info.context.database, input.command())
        return LetterSentType(email=input.email, works_for_hours=hours)

    @strawberry.mutation(description="The letter of a sign-up again.", permission_classes=[Public])
    async def resend_sign_up(self, info: Info, email: Email) -> LetterSentResult:
        await resend_sign_up(info.context.database, email)
        return LetterSentType(email=email, works_for_hours=_hours(info))

    @strawberry.mutation(
        description="The address is confirmed: the person is signed in, and opens a company next.",
        permission_classes=[Public],
    )
    async def confirm_sign_up(self, info: Info, token: Token) -> SignInResult:
        return tokens_of(await confirm_sign_up(info.context.database, token))

    @strawberry.mutation(
        description="A letter with a code for `resetPassword`, if that address signs in here.",
        permission_classes=[Public],
    )
    async def request_password(self, info: Info, email: Email) -> LetterSentResult:
        await request_password(info.context.database, email)
        return LetterSentType(email=email, works_for_hours=_hours(info))

    @strawberry.mutation(
        description="A new password by the code of a letter; all sessions of the person end.",
        permission_classes=[Public],
    )
    async def reset_password(
        self,
        info: Info,
        token: Token,
        password: Annotated[str, strawberry.argument(description="The new one.")],
    ) -> PasswordResult:
        await reset_password(info.context.database, token, password)
        return PasswordChangedType(has_ended_sessions=True)

    @strawberry.mutation(
        description="Become a member of the company that sent the letter; who has an account signs in first.",
        permission_classes=[Public],
    )
    async def accept_invitation(self, info: Info, input: AcceptInvitationInput) -> SignInResult:
        context = info.context
        pair = await accept_invitation(context.database, input.command(), caller=context.principal)
        return tokens_of(pair)

    @strawberry.mutation(
        description="Sign in by the company's number, name or BIN, a user name and a password.",
        permission_classes=[Public],
    )
    async def sign_in_by_name(
        self,
        info: Info,
        client: Annotated[str, strawberry.argument(description="Number, name or BIN of the company.")],
        user_name: Annotated[str, strawberry.argument(description="User name there.")],
        password: Annotated[str, strawberry.argument(description="Password.")],
    ) -> SignInResult:
        command = SignIn("", password, client=client, user_name=user_name or "-")
        return sign_in_answer(await sign_in(info.context.database, command))

    @strawberry.mutation(
        description="The second half of a sign-in: one of code and passkey.", permission_classes=[Public]
    )
    async def confirm_sign_in(
        self,
        info: Info,
        ticket: Annotated[str, strawberry.argument(description="As `SecondFactorNeeded` gave it.")],
        code: Annotated[
            str | None, strawberry.argument(description="Six digits of an app, or a recovery code.")
        ] = None,
        passkey: Annotated[
            str | None, strawberry.argument(description="What navigator.credentials.get gave, as JSON.")
        ] = None,
    ) -> SignInResult:
        pair = await confirm_sign_in(info.context.database, ticket, code=code, passkey=passkey)
        return tokens_of(pair)


@strawberry.type
class OwnAccountMutation:
    """What a signed-in person does with the own account."""

    @strawberry.mutation(description="Choose another password.", permission_classes=SECURE)
    async def change_password(
        self,
        info: Info,
        present: Annotated[str, strawberry.argument(description="The present one.")],
        fresh: Annotated[str, strawberry.argument(description="The new one.")],
    ) -> PasswordResult:
        context = info.context
        await change_password(context.database, context.principal, ChangePassword(present, fresh))
        return PasswordChangedType(has_ended_sessions=True)

    @strawberry.mutation(
        description="A secret for an authenticator app; it counts after `confirmCodes`.",
        permission_classes=SECURE,
    )
    async def begin_codes(
        self,
        info: Info,
        title: Annotated[str, strawberry.argument(description="What to call the app.")] = "",
    ) -> NewCodesResult:
        made = await info.context.transact(begin_codes, title)
        return NewCodesType(
            factor_id=to_global("Factor", made.factor_id), secret=made.secret, address=made.address
        )

    @strawberry.mutation(
        description="The app shows right codes: sign-ins ask for one from now on.", permission_classes=SECURE
    )
    async def confirm_codes(
        self, info: Info, id: Id, code: Annotated[str, strawberry.argument(description="A code of the app.")]
    ) -> FactorAddedResult:
        key = from_global(id, "Factor", field="id")
        codes = await info.context.database.transact(
            confirm_codes, key, code, principal=info.context.principal
        )
        return FactorAddedType(recovery_codes=codes)

    @strawberry.mutation(description="What a browser needs to make a passkey.", permission_classes=SECURE)
    async def begin_passkey(self, info: Info) -> NewPasskeyResult:
        made = await info.context.database.transact(begin_passkey, principal=info.context.principal)
        return NewPasskeyType(ticket=made.ticket, options=made.options)

    @strawberry.mutation(description="The passkey a browser made.", permission_classes=SECURE)
    async def add_passkey(
        self,
        info: Info,
        ticket: Annotated[str, strawberry.argument(description="As `beginPasskey` gave it.")],
        answer: Annotated[
            str, strawberry.argument(description="What navigator.credentials.create gave, as JSON.")
        ],
        title: Annotated[str, strawberry.argument(description="What to call it.")] = "",
    ) -> FactorAddedResult:
        context = info.context
        codes = await context.database.transact(
            add_passkey, ticket, answer, title, principal=context.principal
        )
        return FactorAddedType(recovery_codes=codes)

    @strawberry.mutation(description="Do without a second factor again.", permission_classes=SECURE)
    async def remove_factor(self, info: Info, id: Id) -> GoneResult:
        await info.context.transact(remove_factor, from_global(id, "Factor", field="id"))
        return GoneType(id=id)

    @strawberry.mutation(
        description="New recovery codes; the old ones open nothing any more.", permission_classes=SECURE
    )
    async def new_recovery_codes(self, info: Info) -> FactorAddedResult:
        codes = await info.context.database.transact(new_recovery_codes, principal=info.context.principal)
        return FactorAddedType(recovery_codes=codes)

    @strawberry.mutation(description="End one of the caller's own sessions.", permission_classes=SECURE)
    async def end_my_session(self, info: Info, id: Id) -> GoneResult:
        await info.context.transact(end_own_session, from_global(id, "Session", field="id"))
        return GoneType(id=id)

    @strawberry.mutation(
        description="End all sessions of the caller's user but this one.", permission_classes=SECURE
    )
    async def end_my_other_sessions(self, info: Info) -> SessionsEndedResult:
        ended = await info.context.database.transact(end_other_sessions, principal=info.context.principal)
        return SessionsEndedType(ended=ended)

    @strawberry.mutation(description="Agree to the terms of this installation.", permission_classes=SECURE)
    async def accept_terms(
        self, info: Info, version: Annotated[str, strawberry.argument(description="The version in force.")]
    ) -> TermsAcceptedResult:
        return TermsAcceptedType(version=await info.context.transact(accept_terms, version))

    @strawberry.mutation(
        description="A session of the same user in another of their companies.", permission_classes=SECURE
    )
    async def switch_company(self, info: Info, id: Id) -> SignInResult:
        key = CompanyId(from_global(id, "Company", field="id"))
        return tokens_of(await switch_company(info.context.database, info.context.principal, key))

    @strawberry.mutation(
        description="Open a company, the first of a person or a further one; its owner is signed in there.",
        permission_classes=[Requires("organization.apply")],
    )
    async def open_company(self, info: Info, input: OpenCompanyInput) -> CompanyOpenedResult:
        context = info.context
        if context.principal.kind is not PrincipalKind.USER:
            raise Refusal("ONLY_FOR_USERS")
        command = input.command(UserId(context.principal.subject_id))
        key = await context.transact(open_company, command)
        pair = await switch_company(context.database, context.principal, key)
        return CompanyOpenedType(company_id=to_global("Company", key), tokens=tokens_of(pair))


def _hours(info: Info) -> int:
    return info.context.registry.settings_of(OrganizationSettings).letter_hours
