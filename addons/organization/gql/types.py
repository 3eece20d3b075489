"""GraphQL types of places and people. Annotations are real in this module: Strawberry reads them."""

from typing import TYPE_CHECKING, Annotated, Optional

import strawberry

from addons.organization.domain.cards import ApprovalAction, Role, Severity
from addons.organization.domain.settings import OrganizationSettings
from kernel.gql.context import GqlContext, Info
from kernel.gql.node import Node
from kernel.gql.permissions import Requires
from kernel.gql.scalars import DateTime

if TYPE_CHECKING:
    from addons.organization.gql.account_types import PersonType

VIEW = "organization.view"
VIEW_STATUS = "organization.view_status"

strawberry.enum(
    ApprovalAction, name="ApprovalAction", description="A document that may need an administrator's word."
)
strawberry.enum(Role, name="Role", description="What a person or a token is in a company.")
strawberry.enum(Severity, name="Severity", description="How bad a state is.")


@strawberry.type(name="Company", description="A company: the tenant everything else belongs to.")
class CompanyType(Node):
    node_permission = VIEW

    bin: str = strawberry.field(description="BIN of a legal entity or IIN of an entrepreneur, 12 digits.")
    title: str = strawberry.field(description="Title in Russian.")
    title_kk: str = strawberry.field(description="Title in Kazakh.")
    is_vat_payer: bool = strawberry.field(description="Whether it is registered for VAT.")
    vat_series: str = strawberry.field(description="Series of the VAT certificate.")
    vat_number: str = strawberry.field(description="Number of the VAT certificate.")
    is_closed: bool = strawberry.field(description="No new documents are made in a closed company.")

    @strawberry.field(description="Documents that need an administrator's word, as the company chose.")
    def approval_needed_for(self, info: Info) -> list[ApprovalAction]:
        database = info.context.database
        chosen = database.choices.settings_of(OrganizationSettings, self.key).approval_needed_for
        return [action for action in ApprovalAction if action in chosen]

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Optional["CompanyType"]:
        return await context.loader("organization.company_by_id").load(key)


@strawberry.type(name="Outlet", description="A point of sale.")
class OutletType(Node):
    node_permission = VIEW

    title: str = strawberry.field(description="Title.")
    address: str = strawberry.field(description="Address in Russian, as printed on receipts.")
    address_kk: str = strawberry.field(description="Address in Kazakh, as printed on receipts.")
    zone: str = strawberry.field(description="IANA time zone, such as Asia/Almaty.")
    latitude_e4: int | None = strawberry.field(description="Latitude in 1/10000 of a degree.")
    longitude_e4: int | None = strawberry.field(description="Longitude in 1/10000 of a degree.")

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Optional["OutletType"]:
        return await context.loader("organization.outlet_by_id").load(key)


@strawberry.type(name="StatusLine", description="The latest word of one source about one register.")
class StatusLineType:
    register_key: strawberry.Private[str]
    source: str = strawberry.field(description="Who says so, such as fiscal_kz.")
    severity: Severity = strawberry.field(description="How bad it is.")
    code: str = strawberry.field(description="Stable code for programs.")
    since: DateTime = strawberry.field(description="Since when it holds.")
    updated_at: DateTime = strawberry.field(description="When it was last confirmed.")
    facts: str = strawberry.field(description="Details as a JSON object.")

    @strawberry.field(description="The register it is about.")
    async def register(self, info: Info) -> Optional["RegisterType"]:
        return await info.context.loader("organization.register_by_id").load(self.register_key)


@strawberry.type(name="Register", description="A register: a workplace where sales are made.")
class RegisterType(Node):
    node_permission = VIEW

    company_key: strawberry.Private[str]
    outlet_key: strawberry.Private[str]
    number: int = strawberry.field(description="Number, unique in the company.")
    title: str = strawberry.field(description="Title.")
    is_decommissioned: bool = strawberry.field(description="Taken out of use for ever.")
    created_at: DateTime = strawberry.field(description="When it was created.")

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Optional["RegisterType"]:
        return await context.loader("organization.register_by_id").load(key)

    @strawberry.field(description="Where it stands.")
    async def outlet(self, info: Info) -> OutletType | None:
        return await info.context.loader("organization.outlet_by_id").load(self.outlet_key)

    @strawberry.field(description="Whose it is.")
    async def company(self, info: Info) -> CompanyType | None:
        return await info.context.loader("organization.company_by_id").load(self.company_key)

    @strawberry.field(description="Groups it is in, by title.")
    async def groups(self, info: Info) -> list["RegisterGroupType"]:
        return await info.context.loader("organization.groups_by_register").load(self.key)

    @strawberry.field(
        description="What is wrong with it, worst first.", permission_classes=[Requires(VIEW_STATUS)]
    )
    async def status(self, info: Info) -> list[StatusLineType] | None:
        return await info.context.loader("organization.status_by_register").load(self.key)


@strawberry.type(name="RegisterGroup", description="A named set of registers.")
class RegisterGroupType(Node):
    node_permission = VIEW

    title: str = strawberry.field(description="Title, unique in the company.")

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Optional["RegisterGroupType"]:
        return await context.loader("organization.group_by_id").load(key)

    @strawberry.field(description="Its registers, by number.")
    async def registers(self, info: Info) -> list[RegisterType]:
        return await info.context.loader("organization.registers_by_group").load(self.key)


@strawberry.type(name="Operator", description="A person at the till.")
class OperatorType(Node):
    node_permission = VIEW

    code: int = strawberry.field(
        description="Code sent to the operator of fiscal data, unique in the company."
    )
    name: str = strawberry.field(description="Name as printed on receipts.")
    role: Role = strawberry.field(description="What the operator may do.")
    is_active: bool = strawberry.field(description="An inactive operator can neither sign in nor sell.")
    has_pin: bool = strawberry.field(description="Whether the operator can sign in at a till.")
    is_limited: bool = strawberry.field(description="Whether only some registers are open to the operator.")

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Optional["OperatorType"]:
        return await context.loader("organization.operator_by_id").load(key)

    @strawberry.field(description="Registers a limited operator may use, beside those of the groups.")
    async def registers(self, info: Info) -> list[RegisterType]:
        places = await info.context.loader("organization.places_by_operator").load(self.key)
        found = await info.context.loader("organization.register_by_id").load_many(places.registers)
        return [each for each in found if each is not None]

    @strawberry.field(description="Groups whose registers a limited operator may use.")
    async def groups(self, info: Info) -> list[RegisterGroupType]:
        places = await info.context.loader("organization.places_by_operator").load(self.key)
        found = await info.context.loader("organization.group_by_id").load_many(places.groups)
        return [each for each in found if each is not None]


@strawberry.type(name="User", description="A person with a password, as a member of this company.")
class UserType(Node):
    email: str = strawberry.field(description="Address to sign in with.")
    name: str = strawberry.field(description="Name.")
    role: Role = strawberry.field(description="What the person is in this company.")
    is_active: bool = strawberry.field(description="A blocked person cannot sign in.")
    language: str = strawberry.field(description="Language of messages: ru, kk or en.")

    @strawberry.field(
        description="What the company knows about the person.",
        permission_classes=[Requires("organization.manage_access")],
    )
    async def person(
        self, info: Info
    ) -> Annotated["PersonType", strawberry.lazy("addons.organization.gql.account_types")] | None:
        return await info.context.loader("organization.person_by_user").load(self.key)
