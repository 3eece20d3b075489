"""The door of organization: what other add-ons may import. Everything behind it may change without notice."""

from __future__ import annotations

from addons.organization.domain.bin import check_bin
from addons.organization.domain.cards import (
    CompanyCard,
    DeviceId,
    OperatorCard,
    OperatorId,
    OutletCard,
    OutletId,
    RegisterCard,
    RegisterCreated,
    RegisterDecommissioning,
    RegisterGroupId,
    RegisterId,
    RegisterMoving,
    Role,
    Severity,
    UserId,
)
from addons.organization.domain.commands import (
    CreateCompany,
    CreateOperator,
    CreateOutlet,
    CreateOwner,
    CreateRegister,
    CreateRegisterGroup,
    CreateUser,
)
from addons.organization.services.cards import register_card, sale_desk
from addons.organization.services.companies import create_company
from addons.organization.services.find_company import find_company
from addons.organization.services.groups import create_register_group, registers_of_groups
from addons.organization.services.operators import create_operator, hash_pin
from addons.organization.services.outlets import create_outlet
from addons.organization.services.registers import create_register
from addons.organization.services.status import report_status
from addons.organization.services.users import create_owner, create_user, hash_password
from kernel.ids import CompanyId

HOOK_REGISTER_CREATED = "organization.register_created"
HOOK_REGISTER_MOVING = "organization.register_moving"
HOOK_REGISTER_DECOMMISSIONING = "organization.register_decommissioning"

__all__ = [
    "HOOK_REGISTER_CREATED",
    "HOOK_REGISTER_DECOMMISSIONING",
    "HOOK_REGISTER_MOVING",
    "CompanyCard",
    "CompanyId",
    "CreateCompany",
    "CreateOperator",
    "CreateOutlet",
    "CreateOwner",
    "CreateRegister",
    "CreateRegisterGroup",
    "CreateUser",
    "DeviceId",
    "OperatorCard",
    "OperatorId",
    "OutletCard",
    "OutletId",
    "RegisterCard",
    "RegisterCreated",
    "RegisterDecommissioning",
    "RegisterGroupId",
    "RegisterId",
    "RegisterMoving",
    "Role",
    "Severity",
    "UserId",
    "check_bin",
    "create_company",
    "create_operator",
    "create_outlet",
    "create_owner",
    "create_register",
    "create_register_group",
    "create_user",
    "find_company",
    "hash_password",
    "hash_pin",
    "register_card",
    "registers_of_groups",
    "report_status",
    "sale_desk",
]
