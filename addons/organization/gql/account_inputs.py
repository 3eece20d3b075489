"""Inputs of accounts and their way into commands. Annotations are real: Strawberry reads them."""

import strawberry

from addons.organization.domain.cards import Role, UserId
from addons.organization.domain.company import LegalForm, TaxRegime
from addons.organization.gql.inputs import registers_of
from addons.organization.services.company_details import CompanyDetails, OpenCompany
from addons.organization.services.people import DescribeUser
from addons.organization.services.service_accounts import CreateServiceAccount
from addons.organization.services.sign_up import AcceptInvitation, Invite, SignUp
from addons.organization.services.work_proof import WorkProof
from kernel.gql.ids import from_global


@strawberry.input(description="Work done on a challenge.")
class WorkProofInput:
    challenge: str = strawberry.field(description="As it was given.")
    nonce: str = strawberry.field(description="Makes the digest begin with the wanted zero bits.")


@strawberry.input(description="A new account.")
class SignUpInput:
    email: str = strawberry.field(description="Address to sign in with.")
    name: str = strawberry.field(description="Name of the person.")
    password: str = strawberry.field(description="At least 8 characters, none of those guessed first.")
    phone: str = strawberry.field(default="", description="Phone in Kazakhstan.")
    language: str = strawberry.field(default="ru", description="Language of messages: ru, kk or en.")
    terms_version: str = strawberry.field(default="", description="Version of the terms agreed to.")
    proof: WorkProofInput | None = strawberry.field(default=None, description="Where work is asked for.")

    def command(self) -> SignUp:
        proof = None if self.proof is None else WorkProof(self.proof.challenge, self.proof.nonce)
        return SignUp(
            self.email, self.name, self.password, self.phone, self.language, self.terms_version, proof
        )


@strawberry.input(description="Details of a company; what is left out stays as it is, an empty text goes.")
class CompanyDetailsInput:
    legal_form: LegalForm | None = strawberry.field(default=None, description="Legal form.")
    name: str | None = strawberry.field(default=None, description="Name without quotes and legal form.")
    name_kk: str | None = strawberry.field(default=None, description="The same in Kazakh.")
    tax_regime: TaxRegime | None = strawberry.field(default=None, description="How it is taxed.")
    iban: str | None = strawberry.field(default=None, description="Account in a bank of Kazakhstan.")
    bic: str | None = strawberry.field(default=None, description="BIC of that bank.")
    city: str | None = strawberry.field(default=None, description="City.")
    address: str | None = strawberry.field(default=None, description="Legal address.")
    phone: str | None = strawberry.field(default=None, description="Phone.")
    oked: str | None = strawberry.field(default=None, description="Code of its economic activity.")
    login: str | None = strawberry.field(
        default=None, description="How its people may call it when they sign in with a user name."
    )
    is_vat_payer: bool | None = strawberry.field(default=None, description="Registered for VAT.")
    vat_series: str | None = strawberry.field(default=None, description="Series of the VAT certificate.")
    vat_number: str | None = strawberry.field(default=None, description="Number of the VAT certificate.")

    def command(self) -> CompanyDetails:
        return CompanyDetails(
            legal_form=self.legal_form,
            name=self.name,
            name_kk=self.name_kk,
            tax_regime=self.tax_regime,
            iban=self.iban,
            bic=self.bic,
            city=self.city,
            address=self.address,
            phone=self.phone,
            oked=self.oked,
            login=self.login,
            is_vat_payer=self.is_vat_payer,
            vat_series=self.vat_series,
            vat_number=self.vat_number,
        )


@strawberry.input(description="A company with all that is known about it; the caller becomes its owner.")
class OpenCompanyInput:
    bin: str = strawberry.field(description="BIN or IIN, 12 digits; never changes.")
    details: CompanyDetailsInput = strawberry.field(description="Legal form and name at least.")

    def command(self, owner_id: UserId) -> OpenCompany:
        return OpenCompany(self.bin, self.details.command(), owner_id)


@strawberry.input(description="What the company knows about one of its users; what is left out stays.")
class DescribeUserInput:
    id: strawberry.ID = strawberry.field(description="The user.")
    user_name: str | None = strawberry.field(default=None, description="To sign in with, unique here.")
    iin: str | None = strawberry.field(default=None, description="IIN.")
    birth_date: str | None = strawberry.field(default=None, description="YYYY-MM-DD.")
    phone: str | None = strawberry.field(default=None, description="Phone in Kazakhstan.")
    comment: str | None = strawberry.field(default=None, description="Comment.")

    def command(self) -> DescribeUser:
        user_id = UserId(from_global(self.id, "User", field="id"))
        return DescribeUser(user_id, self.user_name, self.iin, self.birth_date, self.phone, self.comment)


@strawberry.input(description="A person asked into the company.")
class InviteInput:
    email: str = strawberry.field(description="Where the letter goes.")
    role: Role = strawberry.field(default=Role.ADMINISTRATOR, description="What the person will be.")
    language: str = strawberry.field(default="ru", description="Language of the letter: ru, kk or en.")

    def command(self) -> Invite:
        return Invite(self.email, self.role, self.language)


@strawberry.input(description="The answer to an invitation.")
class AcceptInvitationInput:
    token: str = strawberry.field(description="The code of the letter.")
    name: str = strawberry.field(default="", description="Name, of somebody new.")
    password: str = strawberry.field(default="", description="Password, of somebody new.")
    terms_version: str = strawberry.field(default="", description="Version of the terms agreed to.")

    def command(self) -> AcceptInvitation:
        return AcceptInvitation(self.token, self.name, self.password, self.terms_version)


@strawberry.input(description="A new service account.")
class CreateServiceAccountInput:
    title: str = strawberry.field(description="What it is, unique in the company.")
    permissions: list[str] = strawberry.field(description="The most its tokens may do.")
    register_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Only these registers; none: all."
    )

    def command(self) -> CreateServiceAccount:
        return CreateServiceAccount(
            self.title, tuple(self.permissions), registers_of(self.register_ids) or ()
        )
