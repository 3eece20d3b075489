"""Root fields that change places and people. Annotations are real in this module: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.organization.domain.cards import OutletId, RegisterGroupId, RegisterId, UserId
from addons.organization.domain.commands import MoveRegister
from addons.organization.gql.access_types import GoneType
from addons.organization.gql.inputs import (
    CreateCompanyInput,
    CreateOperatorInput,
    CreateOutletInput,
    CreateRegisterGroupInput,
    CreateRegisterInput,
    CreateUserInput,
    UpdateCompanyInput,
    UpdateOperatorInput,
    UpdateOutletInput,
    UpdateRegisterGroupInput,
    UpdateRegisterInput,
    UpdateUserInput,
)
from addons.organization.gql.types import (
    CompanyType,
    OperatorType,
    OutletType,
    RegisterGroupType,
    RegisterType,
    UserType,
)
from addons.organization.services.companies import close_company, create_company, update_company
from addons.organization.services.groups import (
    create_register_group,
    delete_register_group,
    update_register_group,
)
from addons.organization.services.operators import create_operator, hash_pin, update_operator
from addons.organization.services.outlets import create_outlet, update_outlet
from addons.organization.services.registers import (
    create_register,
    decommission_register,
    move_register,
    update_register,
)
from addons.organization.services.users import create_user, hash_password, update_user
from kernel.config_sections import CoreSettings
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global, to_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused
from kernel.ids import CompanyId
from kernel.security.principal import PrincipalKind

CompanyResult = Annotated[
    CompanyType | Refused, strawberry.union("CompanyResult", description="A company, or why not.")
]
OutletResult = Annotated[
    OutletType | Refused, strawberry.union("OutletResult", description="An outlet, or why not.")
]
RegisterResult = Annotated[
    RegisterType | Refused, strawberry.union("RegisterResult", description="A register, or why not.")
]
RegisterGroupResult = Annotated[
    RegisterGroupType | Refused,
    strawberry.union("RegisterGroupResult", description="A register group, or why not."),
]
OperatorResult = Annotated[
    OperatorType | Refused, strawberry.union("OperatorResult", description="An operator, or why not.")
]
UserResult = Annotated[UserType | Refused, strawberry.union("UserResult", description="A user, or why not.")]
GoneResult = Annotated[GoneType | Refused, strawberry.union("GoneResult", description="Gone, or why not.")]

MANAGE = [Requires("organization.manage")]
MANAGE_ACCESS = [Requires("organization.manage_access")]
OWN = [Requires("organization.own")]
Id = Annotated[strawberry.ID, strawberry.argument(description="Which one.")]


@strawberry.type
class PlacesMutation:
    """Companies, outlets, registers and their groups."""

    @strawberry.mutation(description="Open a company; the caller becomes its owner.", permission_classes=OWN)
    async def create_company(self, info: Info, input: CreateCompanyInput) -> CompanyResult:
        principal = info.context.principal
        if principal.kind is not PrincipalKind.USER:
            raise Refusal("ONLY_FOR_USERS")
        key = await info.context.transact(create_company, input.command(UserId(principal.subject_id)))
        return await info.context.loader("organization.company_by_id").load(key)

    @strawberry.mutation(description="Change the caller's company.", permission_classes=MANAGE_ACCESS)
    async def update_company(self, info: Info, input: UpdateCompanyInput) -> CompanyResult:
        key = await info.context.transact(update_company, input.command())
        return await info.context.loader("organization.company_by_id").load(key)

    @strawberry.mutation(
        description="Close the caller's company: no new documents, everything stays readable.",
        permission_classes=OWN,
    )
    async def close_company(self, info: Info, id: Id) -> CompanyResult:
        key = CompanyId(from_global(id, "Company", field="id"))
        await info.context.transact(close_company, key)
        return await info.context.loader("organization.company_by_id").load(key)

    @strawberry.mutation(description="Open an outlet.", permission_classes=MANAGE)
    async def create_outlet(self, info: Info, input: CreateOutletInput) -> OutletResult:
        key = await info.context.transact(create_outlet, input.command())
        return await info.context.loader("organization.outlet_by_id").load(key)

    @strawberry.mutation(description="Change an outlet.", permission_classes=MANAGE)
    async def update_outlet(self, info: Info, input: UpdateOutletInput) -> OutletResult:
        key = await info.context.transact(update_outlet, input.command())
        return await info.context.loader("organization.outlet_by_id").load(key)

    @strawberry.mutation(description="Set up a register.", permission_classes=MANAGE)
    async def create_register(self, info: Info, input: CreateRegisterInput) -> RegisterResult:
        key = await info.context.transact(create_register, input.command())
        return await info.context.loader("organization.register_by_id").load(key)

    @strawberry.mutation(description="Change a register.", permission_classes=MANAGE)
    async def update_register(self, info: Info, input: UpdateRegisterInput) -> RegisterResult:
        key = await info.context.transact(update_register, input.command())
        return await info.context.loader("organization.register_by_id").load(key)

    @strawberry.mutation(
        description="Put a register into another outlet of the company.", permission_classes=MANAGE
    )
    async def move_register(
        self,
        info: Info,
        id: Id,
        outlet_id: Annotated[strawberry.ID, strawberry.argument(description="Where to.")],
    ) -> RegisterResult:
        command = MoveRegister(
            register_id=RegisterId(from_global(id, "Register", field="id")),
            to_outlet_id=OutletId(from_global(outlet_id, "Outlet", field="outletId")),
        )
        key = await info.context.transact(move_register, command)
        return await info.context.loader("organization.register_by_id").load(key)

    @strawberry.mutation(description="Take a register out of use for ever.", permission_classes=MANAGE)
    async def decommission_register(self, info: Info, id: Id) -> RegisterResult:
        key = RegisterId(from_global(id, "Register", field="id"))
        await info.context.transact(decommission_register, key)
        return await info.context.loader("organization.register_by_id").load(key)

    @strawberry.mutation(description="Make a register group.", permission_classes=MANAGE)
    async def create_register_group(self, info: Info, input: CreateRegisterGroupInput) -> RegisterGroupResult:
        key = await info.context.transact(create_register_group, input.command())
        return await info.context.loader("organization.group_by_id").load(key)

    @strawberry.mutation(description="Change a register group.", permission_classes=MANAGE)
    async def update_register_group(self, info: Info, input: UpdateRegisterGroupInput) -> RegisterGroupResult:
        key = await info.context.transact(update_register_group, input.command())
        return await info.context.loader("organization.group_by_id").load(key)

    @strawberry.mutation(
        description="Forget a register group; its registers stay.", permission_classes=MANAGE
    )
    async def delete_register_group(self, info: Info, id: Id) -> GoneResult:
        key = RegisterGroupId(from_global(id, "RegisterGroup", field="id"))
        await info.context.transact(delete_register_group, key)
        return GoneType(id=to_global("RegisterGroup", key))


@strawberry.type
class PeopleMutation:
    """Operators and users."""

    @strawberry.mutation(description="Take on an operator.", permission_classes=MANAGE)
    async def create_operator(self, info: Info, input: CreateOperatorInput) -> OperatorResult:
        pin_hash = await _pin_hash(info, input.pin)
        key = await info.context.transact(create_operator, input.command(pin_hash))
        return await info.context.loader("organization.operator_by_id").load(key)

    @strawberry.mutation(
        description="Change an operator; a new PIN, role or a block ends the operator's sessions.",
        permission_classes=MANAGE,
    )
    async def update_operator(self, info: Info, input: UpdateOperatorInput) -> OperatorResult:
        pin_hash = await _pin_hash(info, input.pin)
        key = await info.context.transact(update_operator, input.command(pin_hash))
        return await info.context.loader("organization.operator_by_id").load(key)

    @strawberry.mutation(description="Let a person into the company.", permission_classes=MANAGE_ACCESS)
    async def create_user(self, info: Info, input: CreateUserInput) -> UserResult:
        password_hash = await hash_password(input.password)
        key = await info.context.transact(create_user, input.command(password_hash))
        return await info.context.loader("organization.user_by_id").load(key)

    @strawberry.mutation(
        description="Change what a person is in the company, or block; their sessions here end.",
        permission_classes=MANAGE_ACCESS,
    )
    async def update_user(self, info: Info, input: UpdateUserInput) -> UserResult:
        key = await info.context.transact(update_user, input.command())
        return await info.context.loader("organization.user_by_id").load(key)


async def _pin_hash(info: Info, pin: str | None) -> str | None:
    if pin is None:
        return None
    core = info.context.database.registry.settings_of(CoreSettings)
    return await hash_pin(pin, is_production=core.production)
