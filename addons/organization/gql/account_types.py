"""GraphQL types of accounts: details of a company, people, sessions, factors, invitations. Annotations are
real: Strawberry reads them.
"""

import strawberry

from addons.organization.domain.cards import Role
from addons.organization.domain.company import LegalForm, TaxRegime
from addons.organization.gql.access_types import SessionTokensType
from addons.organization.gql.types import RegisterType
from addons.organization.services.factor_tickets import FactorKind
from kernel.gql.context import Info
from kernel.gql.node import Node
from kernel.gql.scalars import DateTime

strawberry.enum(LegalForm, name="LegalForm", description="Legal form of a company or an entrepreneur.")
strawberry.enum(TaxRegime, name="TaxRegime", description="How a company is taxed.")
strawberry.enum(FactorKind, name="FactorKind", description="Kinds of second factors.")


@strawberry.type(name="CompanyDetails", description="What a company says of itself beside BIN and title.")
class CompanyDetailsType:
    number: int = strawberry.field(description="How its people call it when they sign in with a user name.")
    login: str | None = strawberry.field(description="The same as a name of its own choice.")
    legal_form: LegalForm | None = strawberry.field(description="Legal form.")
    name: str = strawberry.field(description="Name without quotes and legal form.")
    name_kk: str = strawberry.field(description="The same in Kazakh.")
    tax_regime: TaxRegime | None = strawberry.field(description="How it is taxed.")
    iban: str = strawberry.field(description="Account in a bank of Kazakhstan.")
    bic: str = strawberry.field(description="BIC of that bank.")
    bank: str | None = strawberry.field(description="Name of that bank.")
    city: str = strawberry.field(description="City.")
    address: str = strawberry.field(description="Legal address.")
    phone: str = strawberry.field(description="Phone as +7XXXXXXXXXX.")
    oked: str = strawberry.field(description="Code of its economic activity.")


@strawberry.type(name="CompanyChange", description="A value of the company that became another.")
class CompanyChangeType:
    at: DateTime = strawberry.field(description="When.")
    actor_id: str = strawberry.field(description="Who changed it.")
    field: str = strawberry.field(description="Which value.")
    before: str = strawberry.field(description="What stood there.")
    after: str = strawberry.field(description="What stands there since.")


@strawberry.type(name="Bank", description="A bank of Kazakhstan.")
class BankType:
    bic: str = strawberry.field(description="BIC.")
    title: str = strawberry.field(description="Name.")


@strawberry.type(name="Person", description="What the company knows about one of its users.")
class PersonType:
    user_name: str | None = strawberry.field(description="To sign in with, beside the company's number.")
    iin: str = strawberry.field(description="IIN.")
    birth_date: str | None = strawberry.field(description="YYYY-MM-DD.")
    phone: str = strawberry.field(description="Phone as +7XXXXXXXXXX.")
    comment: str = strawberry.field(description="Comment.")
    further_roles: list[str] = strawberry.field(description="Further roles, such as dealer.")


@strawberry.type(name="Session", description="Somebody signed in somewhere.")
class SessionType(Node):
    subject_id: str = strawberry.field(description="The user or operator.")
    is_present: bool = strawberry.field(description="Whether it is the caller's own present one.")
    is_guest: bool = strawberry.field(description="Whether somebody of a dealer works in the company.")
    created_at: DateTime = strawberry.field(description="When it began.")
    used_at: DateTime | None = strawberry.field(description="When it was last seen.")
    expires_at: DateTime = strawberry.field(description="When it ends by itself.")
    address: str | None = strawberry.field(description="From where it was last seen.")
    agent: str | None = strawberry.field(description="With what.")


@strawberry.type(name="Factor", description="A second factor of the caller's user.")
class FactorType(Node):
    kind: FactorKind = strawberry.field(description="What it is.")
    title: str = strawberry.field(description="What its owner calls it.")
    is_confirmed: bool = strawberry.field(description="Whether sign-ins ask for it.")
    created_at: DateTime = strawberry.field(description="Since when.")
    used_at: DateTime | None = strawberry.field(description="Last used.")


@strawberry.type(name="Invitation", description="A person asked into the company who has not come yet.")
class InvitationType(Node):
    email: str = strawberry.field(description="Address of the letter.")
    role: Role = strawberry.field(description="What the person will be.")
    created_at: DateTime = strawberry.field(description="When the letter was sent.")
    expires_at: DateTime = strawberry.field(description="Until when it works.")


@strawberry.type(name="ServiceAccount", description="A program that acts by itself, through its tokens.")
class ServiceAccountType(Node):
    register_keys: strawberry.Private[list[str]]
    title: str = strawberry.field(description="What it is.")
    permissions: list[str] = strawberry.field(description="The most its tokens may do.")
    is_blocked: bool = strawberry.field(description="While it is, no token of it opens anything.")
    created_at: DateTime = strawberry.field(description="Since when.")

    @strawberry.field(description="Registers it is limited to; empty for all.")
    async def registers(self, info: Info) -> list[RegisterType]:
        found = await info.context.loader("organization.register_by_id").load_many(self.register_keys)
        return [each for each in found if each is not None]


@strawberry.type(name="SignUpTerms", description="What a sign-up asks for on this installation.")
class SignUpTermsType:
    is_open: bool = strawberry.field(description="Whether strangers may open an account.")
    terms_version: str = strawberry.field(description="Version of the terms to agree to; empty for none.")
    terms_url: str = strawberry.field(description="Where they can be read.")
    challenge: str = strawberry.field(description="A text to work on; empty when no work is asked for.")
    work_bits: int = strawberry.field(
        description="Zero bits SHA-256 of `<challenge>:<nonce>` begins with; 0 for no work."
    )
    can_sign_company: bool = strawberry.field(
        description="Whether a company may be opened by a signed application."
    )
    must_sign_company: bool = strawberry.field(description="Whether it is opened in no other way.")


@strawberry.type(name="LetterSent", description="A letter is on its way, if there is anybody to read it.")
class LetterSentType:
    email: str = strawberry.field(description="Where to.")
    works_for_hours: int = strawberry.field(description="How long its code works.")


@strawberry.type(
    name="SecondFactorNeeded", description="The password was right; one more proof is asked for."
)
class SecondFactorNeededType:
    ticket: str = strawberry.field(description="Goes with `confirmSignIn`, within five minutes, once.")
    kinds: list[FactorKind] = strawberry.field(description="What the user can show.")
    passkey_options: str | None = strawberry.field(
        description="JSON for `navigator.credentials.get`; null for a user without passkeys."
    )


@strawberry.type(name="PasswordChanged", description="The new password is good from now on.")
class PasswordChangedType:
    has_ended_sessions: bool = strawberry.field(description="Other sessions of the user are over.")


@strawberry.type(name="NewCodes", description="A secret for an authenticator app; shown once.")
class NewCodesType:
    factor_id: strawberry.ID = strawberry.field(description="Goes with `confirmCodes`.")
    secret: str = strawberry.field(description="To be typed, base 32.")
    address: str = strawberry.field(description="otpauth:// address, to be shown as a QR code.")


@strawberry.type(name="NewPasskey", description="What a browser needs to make a passkey.")
class NewPasskeyType:
    ticket: str = strawberry.field(description="Goes with `addPasskey`, within five minutes.")
    options: str = strawberry.field(description="JSON for `navigator.credentials.create`.")


@strawberry.type(name="FactorAdded", description="Sign-ins ask for a second factor from now on.")
class FactorAddedType:
    recovery_codes: list[str] = strawberry.field(
        description="Each opens once, should all factors be lost; shown once, none when there are some."
    )


@strawberry.type(name="SessionsEnded", description="Other sessions of the caller's user are over.")
class SessionsEndedType:
    ended: int = strawberry.field(description="How many there were.")


@strawberry.type(name="SessionRules", description="What the company asks of its people's sessions.")
class SessionRulesType:
    idle_minutes: int = strawberry.field(
        description="A user who does nothing for so long signs in again; 0 for never."
    )
    needs_factor: bool = strawberry.field(
        description="Whether owners and administrators need a second factor."
    )


@strawberry.type(name="TermsAccepted", description="The caller agreed to the terms.")
class TermsAcceptedType:
    version: str = strawberry.field(description="Which version.")


@strawberry.type(name="CompanyApplication", description="An application that waits for a signature.")
class CompanyApplicationType:
    id: strawberry.ID = strawberry.field(description="Goes with `submitCompanyApplication`.")
    text: str = strawberry.field(description="Exactly what is signed, attached to the signature.")
    base64: str = strawberry.field(description="The same in base64, as NCALayer takes it.")
    expires_at: DateTime = strawberry.field(description="Until when the signature is waited for.")


@strawberry.type(name="CompanyOpened", description="A company was opened, and its owner is signed in there.")
class CompanyOpenedType:
    company_id: strawberry.ID = strawberry.field(description="The company.")
    tokens: SessionTokensType = strawberry.field(description="Its owner's session there.")
