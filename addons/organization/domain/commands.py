"""Commands of the organization: what a caller asks for, already parsed. Rules about them live in services."""

from __future__ import annotations

from dataclasses import dataclass

from addons.organization.domain.cards import (
    OperatorId,
    OutletId,
    RegisterGroupId,
    RegisterId,
    Role,
    UserId,
)
from kernel.ids import CompanyId

ZONE_DEFAULT = "Asia/Almaty"


@dataclass(frozen=True, slots=True)
class CreateCompany:
    """A new tenant. owner_id: the user who becomes its owner, None for none yet."""

    bin: str
    title: str
    title_kk: str = ""
    is_vat_payer: bool = False
    vat_series: str = ""
    vat_number: str = ""
    owner_id: UserId | None = None


@dataclass(frozen=True, slots=True)
class UpdateCompany:
    """New values; None leaves a value as it is. The BIN never changes."""

    company_id: CompanyId
    title: str | None = None
    title_kk: str | None = None
    is_vat_payer: bool | None = None
    vat_series: str | None = None
    vat_number: str | None = None


@dataclass(frozen=True, slots=True)
class CreateOutlet:
    """A new point of sale of the principal's company. Coordinates in 1/10000 of a degree, both or none."""

    title: str
    address: str
    address_kk: str = ""
    zone: str = ZONE_DEFAULT
    latitude_e4: int | None = None
    longitude_e4: int | None = None


@dataclass(frozen=True, slots=True)
class UpdateOutlet:
    """New values; None leaves a value as it is."""

    outlet_id: OutletId
    title: str | None = None
    address: str | None = None
    address_kk: str | None = None
    zone: str | None = None
    latitude_e4: int | None = None
    longitude_e4: int | None = None


@dataclass(frozen=True, slots=True)
class CreateRegister:
    """A new register of an outlet. number None takes the next free one of the company."""

    outlet_id: OutletId
    title: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class UpdateRegister:
    """New title; None leaves it."""

    register_id: RegisterId
    title: str | None = None


@dataclass(frozen=True, slots=True)
class MoveRegister:
    """Move a register to another outlet of the same company; any add-on may refuse."""

    register_id: RegisterId
    to_outlet_id: OutletId


@dataclass(frozen=True, slots=True)
class CreateRegisterGroup:
    """A new named set of registers."""

    title: str
    register_ids: tuple[RegisterId, ...] = ()


@dataclass(frozen=True, slots=True)
class UpdateRegisterGroup:
    """New title and members; None leaves them."""

    group_id: RegisterGroupId
    title: str | None = None
    register_ids: tuple[RegisterId, ...] | None = None


@dataclass(frozen=True, slots=True)
class CreateOperator:
    """A new operator.

    pin_hash: from hash_pin(), None for a person who cannot sign in at a till; is_pin_temporary: the person
    chooses another at the first sign-in; code None takes the next free one; register_ids and group_ids both
    empty: every register of the company.
    """

    name: str
    role: Role = Role.CASHIER
    code: int | None = None
    pin_hash: str | None = None
    is_pin_temporary: bool = False
    user_id: UserId | None = None
    register_ids: tuple[RegisterId, ...] = ()
    group_ids: tuple[RegisterGroupId, ...] = ()


@dataclass(frozen=True, slots=True)
class UpdateOperator:
    """New values; None leaves a value as it is.

    register_ids and group_ids are replaced together when either is given.
    """

    operator_id: OperatorId
    name: str | None = None
    role: Role | None = None
    pin_hash: str | None = None
    is_pin_temporary: bool = False
    is_active: bool | None = None
    register_ids: tuple[RegisterId, ...] | None = None
    group_ids: tuple[RegisterGroupId, ...] | None = None


@dataclass(frozen=True, slots=True)
class CreateUser:
    """A person with a password who belongs to the principal's company. password_hash: hash_password()."""

    email: str
    name: str
    password_hash: str
    role: Role = Role.ADMINISTRATOR
    language: str = "ru"


@dataclass(frozen=True, slots=True)
class CreateOwner:
    """The first user of a new company, made by the command line and the demo."""

    email: str
    name: str
    password_hash: str
    company: CreateCompany
    language: str = "ru"


@dataclass(frozen=True, slots=True)
class UpdateUser:
    """What a user is in the principal's company; None leaves a value as it is."""

    user_id: UserId
    role: Role | None = None
    is_active: bool | None = None
