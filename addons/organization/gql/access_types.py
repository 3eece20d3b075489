"""GraphQL types of access: devices, tokens, sessions, audit. Annotations are real: Strawberry reads them."""

import strawberry

from addons.organization.gql.types import CompanyType, OperatorType, RegisterType
from kernel.gql.context import Info
from kernel.gql.node import Node
from kernel.gql.scalars import DateTime
from kernel.security.principal import PrincipalKind

strawberry.enum(PrincipalKind, name="SubjectKind", description="What sort of subject acts.")


@strawberry.type(name="DeviceSetting", description="One of a device's own settings.")
class DeviceSettingType:
    name: str = strawberry.field(description="Its name in the device's program.")
    value: str = strawberry.field(description="Its value as text.")


@strawberry.type(name="DeviceReported", description="What a device said of itself is kept.")
class DeviceReportedType:
    device_id: strawberry.ID = strawberry.field(description="The device.")
    register_id: strawberry.ID = strawberry.field(description="Its register, whose settings are open now.")


@strawberry.type(name="Device", description="A till bound, or to be bound, to a register.")
class DeviceType(Node):
    register_key: strawberry.Private[str]
    title: str = strawberry.field(description="Title.")
    is_bound: bool = strawberry.field(description="Whether its binding token was used.")
    is_revoked: bool = strawberry.field(description="Whether it was unbound.")
    created_at: DateTime = strawberry.field(description="When its binding token was issued.")
    awaits_report: bool = strawberry.field(
        description="It owes its first report; the settings of its register are locked until then."
    )
    model: str = strawberry.field(description="What it says it is; empty before its first report.")
    version: str = strawberry.field(description="Version of its program.")
    settings: list[DeviceSettingType] = strawberry.field(description="How it is set up, by name.")
    reported_at: DateTime | None = strawberry.field(description="When it last said so.")

    @strawberry.field(description="Its register.")
    async def register(self, info: Info) -> RegisterType | None:
        return await info.context.loader("organization.register_by_id").load(self.register_key)


@strawberry.type(name="ApiToken", description="An integrator's token; its text is never shown again.")
class ApiTokenType(Node):
    register_keys: strawberry.Private[list[str]]
    title: str = strawberry.field(description="What it is for.")
    prefix: str = strawberry.field(description="Visible beginning of its text.")
    permissions: list[str] = strawberry.field(description="What it may do.")
    is_test: bool = strawberry.field(description="Whether it is meant for a sandbox.")
    created_at: DateTime = strawberry.field(description="When it was issued.")
    expires_at: DateTime | None = strawberry.field(description="When it stops working, null for never.")
    used_at: DateTime | None = strawberry.field(description="Last use, to the minute.")
    is_revoked: bool = strawberry.field(description="Whether it was revoked.")

    @strawberry.field(description="Registers it is limited to; empty for all.")
    async def registers(self, info: Info) -> list[RegisterType]:
        found = await info.context.loader("organization.register_by_id").load_many(self.register_keys)
        return [each for each in found if each is not None]


@strawberry.type(name="AuditEntry", description="Who did what to which subject.")
class AuditEntryType:
    at: DateTime = strawberry.field(description="When.")
    actor_kind: PrincipalKind = strawberry.field(description="What sort of subject acted.")
    actor_id: str = strawberry.field(description="Id of the one who acted.")
    action: str = strawberry.field(description="What was done, such as organization.create_outlet.")
    subject: str = strawberry.field(description="To what, such as outlet:<id>.")
    facts: str = strawberry.field(description="Details as a JSON object.")
    address: str | None = strawberry.field(description="From where, when it came over the network.")
    via_company_id: str | None = strawberry.field(
        description="The company a guest acted for, such as a dealer; null for the company's own people."
    )


@strawberry.type(name="Me", description="The caller.")
class MeType:
    company_key: strawberry.Private[str | None]
    operator_key: strawberry.Private[str | None]
    via_key: strawberry.Private[str | None]
    kind: PrincipalKind = strawberry.field(description="What sort of subject the caller is.")
    subject_id: str = strawberry.field(description="Id of the user, operator, device or token.")
    permissions: list[str] = strawberry.field(description="What the caller may do, sorted.")
    language: str = strawberry.field(description="Language of messages: ru, kk or en.")

    @strawberry.field(description="The company acted for.")
    async def company(self, info: Info) -> CompanyType | None:
        if self.company_key is None:
            return None
        return await info.context.loader("organization.company_by_id").load(self.company_key)

    @strawberry.field(
        description="The company a guest comes from, such as a dealer; null for the company's own people."
    )
    async def guest_from(self, info: Info) -> CompanyType | None:
        if self.via_key is None:
            return None
        return await info.context.loader("organization.company_by_id").load(self.via_key)

    @strawberry.field(description="The operator, when one is signed in.")
    async def operator(self, info: Info) -> OperatorType | None:
        if self.operator_key is None:
            return None
        return await info.context.loader("organization.operator_by_id").load(self.operator_key)


@strawberry.type(name="SessionTokens", description="What a signed-in client keeps.")
class SessionTokensType:
    access_token: str = strawberry.field(description="Goes into `Authorization: Bearer …`.")
    refresh_token: str = strawberry.field(description="Turns into the next pair, once.")
    expires_in_s: int = strawberry.field(description="Seconds the access token is good for.")


@strawberry.type(name="OperatorSession", description="An operator signed in at a register.")
class OperatorSessionType:
    tokens: SessionTokensType = strawberry.field(description="The operator's tokens.")
    operator: OperatorType = strawberry.field(description="Who.")
    register: RegisterType = strawberry.field(description="Where.")


@strawberry.type(name="DeviceBinding", description="A one-time token for a new device; shown once.")
class DeviceBindingType:
    device_id: strawberry.ID = strawberry.field(description="The device that waits for it.")
    binding_token: str = strawberry.field(description="Enter or scan it on the device.")
    expires_at: DateTime = strawberry.field(description="Until when it may be used.")


@strawberry.type(name="BoundDevice", description="A device that may speak for its register; shown once.")
class BoundDeviceType:
    device_id: strawberry.ID = strawberry.field(description="The device.")
    register_id: strawberry.ID = strawberry.field(description="Its register.")
    device_token: str = strawberry.field(description="Goes into `Authorization: Bearer …` of each request.")


@strawberry.type(name="IssuedApiToken", description="A new API token; its text is shown once.")
class IssuedApiTokenType:
    id: strawberry.ID = strawberry.field(description="To revoke it by.")
    prefix: str = strawberry.field(description="Visible beginning of its text.")
    token: str = strawberry.field(description="Goes into `Authorization: Bearer …`.")


@strawberry.type(name="SignedOut", description="The session is over.")
class SignedOutType:
    was_signed_in: bool = strawberry.field(description="False when it was over already.")


@strawberry.type(name="Gone", description="What was asked to go is gone.")
class GoneType:
    id: strawberry.ID = strawberry.field(description="Its former id.")
