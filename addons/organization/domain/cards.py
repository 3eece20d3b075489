"""What other rooms know about companies, outlets, registers and people: frozen values. No tables here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from kernel.ids import CompanyId

OutletId = NewType("OutletId", str)
RegisterId = NewType("RegisterId", str)
RegisterGroupId = NewType("RegisterGroupId", str)
OperatorId = NewType("OperatorId", str)
UserId = NewType("UserId", str)
DeviceId = NewType("DeviceId", str)


class Role(StrEnum):
    """Closed set of roles; what each may do is contributed by every add-on (docs/access.md)."""

    OWNER = "owner"
    ADMINISTRATOR = "administrator"
    SENIOR_CASHIER = "senior_cashier"
    CASHIER = "cashier"
    SERVICE = "service"  # an integrator's API token
    DEVICE = "device"  # a till nobody has signed in at


OPERATOR_ROLES = frozenset({Role.CASHIER, Role.SENIOR_CASHIER, Role.ADMINISTRATOR})
USER_ROLES = frozenset({Role.OWNER, Role.ADMINISTRATOR, Role.SENIOR_CASHIER, Role.CASHIER})


class Severity(StrEnum):
    """How bad a state on the status board is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class CompanyCard:
    """A company (tenant). bin: 12 digits, BIN of a legal entity or IIN of an entrepreneur."""

    id: CompanyId
    bin: str
    title: str
    title_kk: str
    is_vat_payer: bool
    is_closed: bool


@dataclass(frozen=True, slots=True)
class OutletCard:
    """A point of sale. zone: IANA name; coordinates in 1/10000 of a degree, None when unknown."""

    id: OutletId
    title: str
    address: str
    address_kk: str
    zone: str
    latitude_e4: int | None
    longitude_e4: int | None


@dataclass(frozen=True, slots=True)
class RegisterCard:
    """A register (workplace) with its outlet and company. number: unique in the company, shown to people."""

    id: RegisterId
    company_id: CompanyId
    outlet_id: OutletId
    number: int
    title: str
    is_decommissioned: bool
    outlet: OutletCard
    company: CompanyCard


@dataclass(frozen=True, slots=True)
class OperatorCard:
    """A person at the till. code: the operator code sent to the OFD, unique inside the company."""

    id: OperatorId
    code: int
    name: str
    role: Role
    is_active: bool


@dataclass(frozen=True, slots=True)
class RegisterCreated:
    """Payload of the hook organization.register_created."""

    register: RegisterCard


@dataclass(frozen=True, slots=True)
class RegisterMoving:
    """Payload of the hook organization.register_moving; a subscriber may refuse."""

    register_id: RegisterId
    to_outlet_id: OutletId


@dataclass(frozen=True, slots=True)
class RegisterDecommissioning:
    """Payload of the hook organization.register_decommissioning; a subscriber may refuse."""

    register_id: RegisterId
