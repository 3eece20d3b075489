"""What other rooms know about companies, outlets, registers and people: frozen values. No tables here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from kernel.errors import Fact
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
    ACCOUNTANT = "accountant"  # reads documents and reports, changes nothing
    NEWCOMER = "newcomer"  # a person who belongs to no company yet
    SERVICE = "service"  # an integrator's API token
    DEVICE = "device"  # a till nobody has signed in at
    INSPECTOR = "inspector"  # a token that reads one register over one period


OPERATOR_ROLES = frozenset({Role.CASHIER, Role.SENIOR_CASHIER, Role.ADMINISTRATOR})
USER_ROLES = frozenset(
    {Role.OWNER, Role.ADMINISTRATOR, Role.ACCOUNTANT, Role.SENIOR_CASHIER, Role.CASHIER, Role.INSPECTOR}
)
GUARDED_ROLES = frozenset({Role.OWNER, Role.ADMINISTRATOR})  # need a second factor where one is asked for


class ApprovalAction(StrEnum):
    """Documents a company may ask an administrator's word for."""

    RETURN = "return"  # of a sale or a purchase, whole or in part
    SHIFT_CLOSE = "shift_close"
    CASH_WITHDRAWAL = "cash_withdrawal"  # correction of the drawer


class Severity(StrEnum):
    """How bad a state on the status board is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class BoardLine:
    """The latest word of one source about one register on the status board."""

    source: str
    severity: Severity
    code: str
    facts: Mapping[str, Fact]


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

    def __hash__(self) -> int:
        return hash(self.id)  # cards find what was made of them; one field tells nearly all apart


@dataclass(frozen=True, slots=True)
class OperatorCard:
    """A person at the till. code: the operator code sent to the OFD, unique inside the company."""

    id: OperatorId
    code: int
    name: str
    role: Role
    is_active: bool

    def __hash__(self) -> int:
        return hash(self.id)  # cards find what was made of them; one field tells nearly all apart


@dataclass(frozen=True, slots=True)
class Inspection:
    """What an inspector may see: a register from from_ms up to, without, to_ms."""

    register_id: RegisterId
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class RegisterCreated:
    """Payload of the hook organization.register_created."""

    register: RegisterCard


@dataclass(frozen=True, slots=True)
class RegisterMoving:
    """Payload of the hook organization.register_moving; a subscriber may refuse.

    to_company_id: None within a company; else the workplace goes to an outlet of that company.
    with_registration: what is registered to the company with others (a KKM) goes along, for they have said
    that it is the new company's by now.
    """

    register_id: RegisterId
    to_outlet_id: OutletId
    to_company_id: CompanyId | None = None
    with_registration: bool = False


@dataclass(frozen=True, slots=True)
class RegisterMoved:
    """Payload of the hook organization.register_moved: the workplace went to another company, where it is a
    new register. Add-ons bring over what belongs to the workplace; documents stay with the old one.
    with_registration: as in RegisterMoving.
    """

    old: RegisterCard
    new: RegisterCard
    with_registration: bool = False


@dataclass(frozen=True, slots=True)
class MoveWorkplace:
    """Both companies have agreed; the principal acts for one of them.

    with_registration: as in RegisterMoving.
    """

    register_id: RegisterId
    from_company_id: CompanyId
    to_company_id: CompanyId
    to_outlet_id: OutletId
    with_registration: bool = False


@dataclass(slots=True)
class WorkplaceMoveAsked:
    """Payload of the hook organization.workplace_move_asked, before a workplace moves.

    A subscriber that has to ask others first sets is_put_off, makes the question durable in this Work, and
    tells by `tell_of_move` what they said, or moves the workplace by `finish_move`. It may refuse.
    """

    move: MoveWorkplace
    is_put_off: bool = False


@dataclass(slots=True)
class WorkplaceMoveTold:
    """Payload of the hook organization.workplace_move_told: what became of a move that was put off.

    code: why it cannot be yet. register_id: the register in the new company, once it has moved. Who waits for
    the move sets is_wanted; nobody does when both sides were told otherwise meanwhile.
    """

    move: MoveWorkplace
    code: str | None = None
    register_id: RegisterId | None = None
    is_wanted: bool = False


@dataclass(frozen=True, slots=True)
class RegisterDecommissioning:
    """Payload of the hook organization.register_decommissioning; a subscriber may refuse."""

    register_id: RegisterId
