"""Root fields that open and end access: sign-in, devices, API tokens. Annotations are real here."""

from typing import Annotated

import strawberry

from addons.organization.domain.cards import DeviceId, RegisterId
from addons.organization.domain.devices import DeviceReport
from addons.organization.gql.access_types import (
    BoundDeviceType,
    DeviceBindingType,
    DeviceReportedType,
    GoneType,
    IssuedApiTokenType,
    OperatorSessionType,
    SessionTokensType,
    SignedOutType,
)
from addons.organization.gql.account_types import SecondFactorNeededType
from addons.organization.gql.inputs import DeviceSettingInput, IssueApiTokenInput
from addons.organization.gql.mutations import GoneResult, Id
from addons.organization.services.api_tokens import issue_api_token, revoke_api_token
from addons.organization.services.devices import (
    IssueBinding,
    bind,
    issue_binding,
    report_device,
    unbind_device,
)
from addons.organization.services.factor_proofs import FactorNeeded
from addons.organization.services.sessions import TokenPair, end_session
from addons.organization.services.sign_in import SignIn, SignInOperator, refresh, sign_in, sign_in_operator
from kernel.clock import from_ms
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global, to_global
from kernel.gql.permissions import Public, Requires
from kernel.gql.refusals import Refused
from kernel.ids import CompanyId

SignInResult = Annotated[
    SessionTokensType | SecondFactorNeededType | Refused,
    strawberry.union("SignInResult", description="Tokens, a demand for a second factor, or why not."),
]
OperatorSignInResult = Annotated[
    OperatorSessionType | Refused,
    strawberry.union("OperatorSignInResult", description="An operator's session, or why not."),
]
SignOutResult = Annotated[
    SignedOutType | Refused, strawberry.union("SignOutResult", description="Signed out, or why not.")
]
DeviceBindingResult = Annotated[
    DeviceBindingType | Refused,
    strawberry.union("DeviceBindingResult", description="A binding token, or why not."),
]
BindDeviceResult = Annotated[
    BoundDeviceType | Refused, strawberry.union("BindDeviceResult", description="A device token, or why not.")
]
ReportDeviceResult = Annotated[
    DeviceReportedType | Refused, strawberry.union("ReportDeviceResult", description="Kept, or why not.")
]
IssueApiTokenResult = Annotated[
    IssuedApiTokenType | Refused,
    strawberry.union("IssueApiTokenResult", description="A new token, or why not."),
]


@strawberry.type
class AccessMutation:
    """Sessions, devices, API tokens."""

    @strawberry.mutation(description="Sign in by e-mail and password.", permission_classes=[Public])
    async def sign_in(
        self,
        info: Info,
        email: Annotated[str, strawberry.argument(description="Address of the user.")],
        password: Annotated[str, strawberry.argument(description="Password.")],
        company_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Company to act for; left out: the first.")
        ] = None,
    ) -> SignInResult:
        wanted = None
        if company_id is not None:
            wanted = CompanyId(from_global(company_id, "Company", field="companyId"))
        return sign_in_answer(await sign_in(info.context.database, SignIn(email, password, wanted)))

    @strawberry.mutation(
        description="Let an operator sign in by PIN at a register, and choose another PIN when they wish. "
        "A PIN somebody else thought of may have to be changed so: `PIN_MUST_BE_CHOSEN`.",
        permission_classes=[Requires("organization.sign_in_operator")],
    )
    async def sign_in_operator(
        self,
        info: Info,
        register_id: Annotated[strawberry.ID, strawberry.argument(description="Where.")],
        operator_id: Annotated[strawberry.ID, strawberry.argument(description="Who.")],
        pin: Annotated[str, strawberry.argument(description="PIN.")],
        new_pin: Annotated[
            str | None,
            strawberry.argument(description="Takes its place, 4 to 12 digits; sessions end."),
        ] = None,
    ) -> OperatorSignInResult:
        context = info.context
        command = SignInOperator(
            register_id=from_global(register_id, "Register", field="registerId"),
            operator_id=from_global(operator_id, "Operator", field="operatorId"),
            pin=pin,
            new_pin=new_pin,
        )
        pair, register, operator = await sign_in_operator(context.database, context.principal, command)
        return OperatorSessionType(
            tokens=tokens_of(pair),
            operator=await context.loader("organization.operator_by_id").load(operator.id),
            register=await context.loader("organization.register_by_id").load(register.id),
        )

    @strawberry.mutation(
        description="The next pair of tokens. A refresh token works once; used again, it ends the session.",
        permission_classes=[Public],
    )
    async def refresh(
        self,
        info: Info,
        refresh_token: Annotated[str, strawberry.argument(description="The latest refresh token.")],
    ) -> SignInResult:
        return tokens_of(await refresh(info.context.database, refresh_token))

    @strawberry.mutation(description="End the caller's session.", permission_classes=[Public])
    async def sign_out(self, info: Info) -> SignOutResult:
        session_id = info.context.principal.session_id
        if session_id is None:
            raise Refusal("NOT_IN_SESSION")
        return SignedOutType(was_signed_in=await info.context.transact(end_session, session_id))

    @strawberry.mutation(
        description="A one-time token that lets a new device work at a register.",
        permission_classes=[Requires("organization.manage")],
    )
    async def issue_device_binding(
        self,
        info: Info,
        register_id: Annotated[strawberry.ID, strawberry.argument(description="The device's register.")],
        title: Annotated[str, strawberry.argument(description="What people call the device.")],
        awaits_report: Annotated[
            bool,
            strawberry.argument(
                description="Lock the register's settings from the binding to `reportDevice`."
            ),
        ] = False,
    ) -> DeviceBindingResult:
        key = RegisterId(from_global(register_id, "Register", field="registerId"))
        binding = await info.context.transact(issue_binding, IssueBinding(key, title, awaits_report))
        return DeviceBindingType(
            device_id=to_global("Device", binding.device_id),
            binding_token=binding.token,
            expires_at=from_ms(binding.until_ms),
        )

    @strawberry.mutation(
        description="Turn a binding token into a device token; works once.", permission_classes=[Public]
    )
    async def bind_device(
        self,
        info: Info,
        binding_token: Annotated[str, strawberry.argument(description="The one-time token.")],
    ) -> BindDeviceResult:
        device = await bind(info.context.database, binding_token)
        return BoundDeviceType(
            device_id=to_global("Device", device.device_id),
            register_id=to_global("Register", device.register_id),
            device_token=device.token,
        )

    @strawberry.mutation(
        description="A device says what it is and how it is set up: after it was bound, and whenever that "
        "changes.",
        permission_classes=[Requires("organization.report_device")],
    )
    async def report_device(
        self,
        info: Info,
        model: Annotated[str, strawberry.argument(description="The machine, or its browser and system.")],
        version: Annotated[str, strawberry.argument(description="Of its program.")],
        settings: Annotated[
            list[DeviceSettingInput] | None, strawberry.argument(description="All of them, at most 30.")
        ] = None,
    ) -> ReportDeviceResult:
        said = tuple((each.name, each.value) for each in settings or [])
        device_id, register_id = await info.context.transact(
            report_device, DeviceReport(model, version, said)
        )
        return DeviceReportedType(
            device_id=to_global("Device", device_id), register_id=to_global("Register", register_id)
        )

    @strawberry.mutation(
        description="End a device's access and the sessions of operators signed in at it.",
        permission_classes=[Requires("organization.manage")],
    )
    async def unbind_device(self, info: Info, id: Id) -> GoneResult:
        key = DeviceId(from_global(id, "Device", field="id"))
        await info.context.transact(unbind_device, key)
        return GoneType(id=id)

    @strawberry.mutation(
        description="A new API token; its text is shown once.",
        permission_classes=[Requires("organization.manage_access")],
    )
    async def issue_api_token(self, info: Info, input: IssueApiTokenInput) -> IssueApiTokenResult:
        issued = await info.context.transact(issue_api_token, input.command())
        return IssuedApiTokenType(
            id=to_global("ApiToken", issued.id), prefix=issued.prefix, token=issued.token
        )

    @strawberry.mutation(
        description="End an API token.", permission_classes=[Requires("organization.manage_access")]
    )
    async def revoke_api_token(self, info: Info, id: Id) -> GoneResult:
        await info.context.transact(revoke_api_token, from_global(id, "ApiToken", field="id"))
        return GoneType(id=id)


def sign_in_answer(answer: TokenPair | FactorNeeded) -> SessionTokensType | SecondFactorNeededType:
    """What a sign-in came to."""
    if isinstance(answer, TokenPair):
        return tokens_of(answer)
    return SecondFactorNeededType(
        ticket=answer.ticket, kinds=list(answer.kinds), passkey_options=answer.passkey_options
    )


def tokens_of(pair: TokenPair) -> SessionTokensType:
    """The tokens of a session."""
    return SessionTokensType(access_token=pair.access, refresh_token=pair.refresh, expires_in_s=pair.access_s)
