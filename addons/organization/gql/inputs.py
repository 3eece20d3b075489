"""Inputs of the mutations and their way into commands. Annotations are real: Strawberry reads them."""

import strawberry

from addons.organization.domain.cards import OperatorId, OutletId, RegisterGroupId, RegisterId, Role, UserId
from addons.organization.domain.commands import (
    CreateCompany,
    CreateOperator,
    CreateOutlet,
    CreateRegister,
    CreateRegisterGroup,
    CreateUser,
    UpdateCompany,
    UpdateOperator,
    UpdateOutlet,
    UpdateRegister,
    UpdateRegisterGroup,
    UpdateUser,
)
from addons.organization.services.api_tokens import IssueApiToken
from kernel.clock import to_ms
from kernel.errors import Refusal
from kernel.gql.ids import from_global
from kernel.gql.scalars import DateTime
from kernel.ids import CompanyId

IDS_MAX = 2000  # in one input list


def keys_of(ids: list[strawberry.ID], type_name: str, field: str) -> tuple[str, ...]:
    """Keys of global ids. Raises Refusal: BAD_ID, TOO_MANY_IDS."""
    if len(ids) > IDS_MAX:
        raise Refusal("TOO_MANY_IDS", field=field, max=IDS_MAX)
    return tuple(from_global(each, type_name, field=f"{field}.{place}") for place, each in enumerate(ids))


def registers_of(ids: list[strawberry.ID] | None) -> tuple[RegisterId, ...] | None:
    """Keys of registers, None for an absent list."""
    return None if ids is None else tuple(RegisterId(key) for key in keys_of(ids, "Register", "registerIds"))


def groups_of(ids: list[strawberry.ID] | None) -> tuple[RegisterGroupId, ...] | None:
    """Keys of register groups, None for an absent list."""
    if ids is None:
        return None
    return tuple(RegisterGroupId(key) for key in keys_of(ids, "RegisterGroup", "groupIds"))


@strawberry.input(description="A new company; the caller becomes its owner.")
class CreateCompanyInput:
    bin: str = strawberry.field(description="BIN or IIN, 12 digits; never changes.")
    title: str = strawberry.field(description="Title in Russian.")
    title_kk: str = strawberry.field(default="", description="Title in Kazakh.")
    is_vat_payer: bool = strawberry.field(default=False, description="Whether it is registered for VAT.")
    vat_series: str = strawberry.field(default="", description="Series of the VAT certificate.")
    vat_number: str = strawberry.field(default="", description="Number of the VAT certificate.")

    def command(self, owner_id: UserId) -> CreateCompany:
        return CreateCompany(
            bin=self.bin,
            title=self.title,
            title_kk=self.title_kk,
            is_vat_payer=self.is_vat_payer,
            vat_series=self.vat_series,
            vat_number=self.vat_number,
            owner_id=owner_id,
        )


@strawberry.input(description="Changes of a company; what is left out stays as it is.")
class UpdateCompanyInput:
    id: strawberry.ID = strawberry.field(description="The caller's company.")
    title: str | None = strawberry.field(default=None, description="Title in Russian.")
    title_kk: str | None = strawberry.field(default=None, description="Title in Kazakh.")
    is_vat_payer: bool | None = strawberry.field(default=None, description="Registered for VAT.")
    vat_series: str | None = strawberry.field(default=None, description="Series of the VAT certificate.")
    vat_number: str | None = strawberry.field(default=None, description="Number of the VAT certificate.")

    def command(self) -> UpdateCompany:
        return UpdateCompany(
            company_id=CompanyId(from_global(self.id, "Company", field="id")),
            title=self.title,
            title_kk=self.title_kk,
            is_vat_payer=self.is_vat_payer,
            vat_series=self.vat_series,
            vat_number=self.vat_number,
        )


@strawberry.input(description="A new point of sale. Coordinates: both or none.")
class CreateOutletInput:
    title: str = strawberry.field(description="Title.")
    address: str = strawberry.field(description="Address in Russian.")
    address_kk: str = strawberry.field(default="", description="Address in Kazakh.")
    zone: str = strawberry.field(default="Asia/Almaty", description="IANA time zone.")
    latitude_e4: int | None = strawberry.field(default=None, description="Latitude in 1/10000 of a degree.")
    longitude_e4: int | None = strawberry.field(default=None, description="Longitude in 1/10000 of a degree.")

    def command(self) -> CreateOutlet:
        return CreateOutlet(
            title=self.title,
            address=self.address,
            address_kk=self.address_kk,
            zone=self.zone,
            latitude_e4=self.latitude_e4,
            longitude_e4=self.longitude_e4,
        )


@strawberry.input(description="Changes of an outlet; what is left out stays as it is.")
class UpdateOutletInput:
    id: strawberry.ID = strawberry.field(description="The outlet.")
    title: str | None = strawberry.field(default=None, description="Title.")
    address: str | None = strawberry.field(default=None, description="Address in Russian.")
    address_kk: str | None = strawberry.field(default=None, description="Address in Kazakh.")
    zone: str | None = strawberry.field(default=None, description="IANA time zone.")
    latitude_e4: int | None = strawberry.field(default=None, description="Latitude in 1/10000 of a degree.")
    longitude_e4: int | None = strawberry.field(default=None, description="Longitude in 1/10000 of a degree.")

    def command(self) -> UpdateOutlet:
        return UpdateOutlet(
            outlet_id=OutletId(from_global(self.id, "Outlet", field="id")),
            title=self.title,
            address=self.address,
            address_kk=self.address_kk,
            zone=self.zone,
            latitude_e4=self.latitude_e4,
            longitude_e4=self.longitude_e4,
        )


@strawberry.input(description="A new register.")
class CreateRegisterInput:
    outlet_id: strawberry.ID = strawberry.field(description="Where it stands.")
    title: str = strawberry.field(description="Title.")
    number: int | None = strawberry.field(
        default=None, description="Its number; left out: the next free one."
    )

    def command(self) -> CreateRegister:
        outlet_id = OutletId(from_global(self.outlet_id, "Outlet", field="outletId"))
        return CreateRegister(outlet_id=outlet_id, title=self.title, number=self.number)


@strawberry.input(description="Changes of a register; what is left out stays as it is.")
class UpdateRegisterInput:
    id: strawberry.ID = strawberry.field(description="The register.")
    title: str | None = strawberry.field(default=None, description="Title.")

    def command(self) -> UpdateRegister:
        return UpdateRegister(RegisterId(from_global(self.id, "Register", field="id")), self.title)


@strawberry.input(description="A new register group.")
class CreateRegisterGroupInput:
    title: str = strawberry.field(description="Title, unique in the company.")
    register_ids: list[strawberry.ID] = strawberry.field(default_factory=list, description="Its registers.")

    def command(self) -> CreateRegisterGroup:
        return CreateRegisterGroup(self.title, registers_of(self.register_ids) or ())


@strawberry.input(description="Changes of a register group; what is left out stays as it is.")
class UpdateRegisterGroupInput:
    id: strawberry.ID = strawberry.field(description="The group.")
    title: str | None = strawberry.field(default=None, description="Title, unique in the company.")
    register_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="All its registers from now on."
    )

    def command(self) -> UpdateRegisterGroup:
        group_id = RegisterGroupId(from_global(self.id, "RegisterGroup", field="id"))
        return UpdateRegisterGroup(group_id, self.title, registers_of(self.register_ids))


@strawberry.input(description="A new operator. No registers and no groups: every register of the company.")
class CreateOperatorInput:
    name: str = strawberry.field(description="Name as printed on receipts.")
    role: Role = strawberry.field(default=Role.CASHIER, description="What the operator may do.")
    pin: str | None = strawberry.field(default=None, description="4 to 12 digits to sign in at a till with.")
    is_pin_temporary: bool = strawberry.field(
        default=False, description="The person chooses another at the first sign-in."
    )
    code: int | None = strawberry.field(
        default=None, description="Operator code; left out: the next free one."
    )
    user_id: strawberry.ID | None = strawberry.field(
        default=None, description="The user this person is, too."
    )
    register_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Only these registers, beside those of the groups."
    )
    group_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Only registers of these groups, beside those named."
    )

    def command(self, pin_hash: str | None) -> CreateOperator:
        user_id = None if self.user_id is None else UserId(from_global(self.user_id, "User", field="userId"))
        return CreateOperator(
            name=self.name,
            role=self.role,
            code=self.code,
            pin_hash=pin_hash,
            is_pin_temporary=self.is_pin_temporary,
            user_id=user_id,
            register_ids=registers_of(self.register_ids) or (),
            group_ids=groups_of(self.group_ids) or (),
        )


@strawberry.input(description="Changes of an operator; what is left out stays as it is.")
class UpdateOperatorInput:
    id: strawberry.ID = strawberry.field(description="The operator.")
    name: str | None = strawberry.field(default=None, description="Name as printed on receipts.")
    role: Role | None = strawberry.field(default=None, description="What the operator may do.")
    pin: str | None = strawberry.field(default=None, description="New PIN, 4 to 12 digits.")
    is_pin_temporary: bool = strawberry.field(
        default=False, description="The person chooses another than this PIN at the next sign-in."
    )
    is_active: bool | None = strawberry.field(default=None, description="False to block.")
    register_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Replaces registers and groups together with groupIds."
    )
    group_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Replaces registers and groups together with registerIds."
    )

    def command(self, pin_hash: str | None) -> UpdateOperator:
        return UpdateOperator(
            operator_id=OperatorId(from_global(self.id, "Operator", field="id")),
            name=self.name,
            role=self.role,
            pin_hash=pin_hash,
            is_pin_temporary=self.is_pin_temporary,
            is_active=self.is_active,
            register_ids=registers_of(self.register_ids),
            group_ids=groups_of(self.group_ids),
        )


@strawberry.input(description="One of a device's own settings.")
class DeviceSettingInput:
    name: str = strawberry.field(description="Its name in the device's program, at most 40 characters.")
    value: str = strawberry.field(description="Its value as text; cut after 80 characters.")


@strawberry.input(description="A new user of the company.")
class CreateUserInput:
    email: str = strawberry.field(description="Address to sign in with.")
    name: str = strawberry.field(description="Name.")
    password: str = strawberry.field(description="At least 8 characters.")
    role: Role = strawberry.field(default=Role.ADMINISTRATOR, description="What the person is.")
    language: str = strawberry.field(default="ru", description="Language of messages: ru, kk or en.")

    def command(self, password_hash: str) -> CreateUser:
        return CreateUser(self.email, self.name, password_hash, self.role, self.language)


@strawberry.input(description="Changes of what a user is in the company.")
class UpdateUserInput:
    id: strawberry.ID = strawberry.field(description="The user.")
    role: Role | None = strawberry.field(default=None, description="What the person is.")
    is_active: bool | None = strawberry.field(default=None, description="False to block.")

    def command(self) -> UpdateUser:
        return UpdateUser(UserId(from_global(self.id, "User", field="id")), self.role, self.is_active)


@strawberry.input(description="A new API token.")
class IssueApiTokenInput:
    title: str = strawberry.field(description="What it is for.")
    permissions: list[str] = strawberry.field(description="What it may do, such as trade.sell.")
    register_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Only these registers; none: all."
    )
    expires_at: DateTime | None = strawberry.field(default=None, description="Null: until revoked.")
    is_test: bool = strawberry.field(default=False, description="Its text begins with sauda_test_.")
    account_id: strawberry.ID | None = strawberry.field(
        default=None, description="The service account it speaks for, never with more rights."
    )

    def command(self) -> IssueApiToken:
        return IssueApiToken(
            title=self.title,
            permissions=tuple(self.permissions),
            register_ids=registers_of(self.register_ids) or (),
            until_ms=None if self.expires_at is None else to_ms(self.expires_at),
            is_test=self.is_test,
            account_id=None
            if self.account_id is None
            else from_global(self.account_id, "ServiceAccount", field="accountId"),
        )
