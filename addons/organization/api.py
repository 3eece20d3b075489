"""The door of organization: what other add-ons may import. Everything behind it may change without notice."""

from __future__ import annotations

from addons.organization.domain.bin import check_bin
from addons.organization.domain.cards import (
    ApprovalAction,
    BoardLine,
    CompanyCard,
    DeviceId,
    Inspection,
    MoveWorkplace,
    OperatorCard,
    OperatorId,
    OutletCard,
    OutletId,
    RegisterCard,
    RegisterCreated,
    RegisterDecommissioning,
    RegisterGroupId,
    RegisterId,
    RegisterMoved,
    RegisterMoving,
    Role,
    Severity,
    UserId,
    WorkplaceMoveAsked,
    WorkplaceMoveTold,
)
from addons.organization.domain.checks import check_text, check_zone
from addons.organization.domain.commands import (
    CreateCompany,
    CreateOperator,
    CreateOutlet,
    CreateOwner,
    CreateRegister,
    CreateRegisterGroup,
    CreateUser,
    UpdateCompany,
)
from addons.organization.domain.company import LegalForm, check_bic, check_iban
from addons.organization.services.administrators import Administrator, administrators_of
from addons.organization.services.approvals import require_approval
from addons.organization.services.attempts import Guess, count_guess, count_wrong, forgive
from addons.organization.services.banks import known_banks
from addons.organization.services.cards import ask_desk, desk_found, register_card, sale_desk
from addons.organization.services.companies import (
    ask_certificate,
    certificate_found,
    check_certificate,
    create_company,
    update_company,
)
from addons.organization.services.company_details import CompanyDetails, OpenCompany, open_company
from addons.organization.services.devices import is_device_of, require_reported, unbind_register
from addons.organization.services.find_client import find_client
from addons.organization.services.find_company import find_company
from addons.organization.services.groups import create_register_group, put_in_group, registers_of_groups
from addons.organization.services.guests import (
    EnterCompany,
    as_guest,
    ends_of_sessions,
    enter_company,
    guest_permissions,
    leave_company,
    turn_out_guests,
)
from addons.organization.services.inspections import inspection_of
from addons.organization.services.names import RegisterName, operator_names, outlet_names, register_names
from addons.organization.services.operator_cards import operator_card
from addons.organization.services.operators import create_operator, hash_pin
from addons.organization.services.outlet_cards import outlet_card
from addons.organization.services.outlets import create_outlet
from addons.organization.services.people import grant_role, withdraw_role
from addons.organization.services.ports import DeviceProbe
from addons.organization.services.registers import create_register
from addons.organization.services.serviced import (
    ServicedRegister,
    Trouble,
    companies_of_registers,
    company_cards,
    has_member_with_role,
    members_with_role,
    registers_of_companies,
    serviced_companies,
    serviced_registers,
    serviced_troubles,
)
from addons.organization.services.sessions import TokenPair
from addons.organization.services.sign_up import Invite, invite
from addons.organization.services.signatures import (
    Application,
    CheckedSignature,
    SubmitApplication,
    ask_signature,
    check_signature,
    keep_signature,
    use_signature,
)
from addons.organization.services.status import STATUS_OF_COMPANY_TOPIC, board_of, report_status
from addons.organization.services.users import (
    create_owner,
    create_user,
    email_of_user,
    hash_password,
    user_name_of,
)
from addons.organization.services.workplaces import (
    ask_to_move,
    finish_move,
    move_workplace,
    tell_of_move,
)
from kernel.ids import CompanyId

HOOK_REGISTER_CREATED = "organization.register_created"
HOOK_REGISTER_MOVED = "organization.register_moved"
HOOK_REGISTER_MOVING = "organization.register_moving"
HOOK_REGISTER_DECOMMISSIONING = "organization.register_decommissioning"
HOOK_WORKPLACE_MOVE_ASKED = "organization.workplace_move_asked"
HOOK_WORKPLACE_MOVE_TOLD = "organization.workplace_move_told"

__all__ = [
    "HOOK_REGISTER_CREATED",
    "HOOK_REGISTER_DECOMMISSIONING",
    "HOOK_REGISTER_MOVED",
    "HOOK_REGISTER_MOVING",
    "HOOK_WORKPLACE_MOVE_ASKED",
    "HOOK_WORKPLACE_MOVE_TOLD",
    "STATUS_OF_COMPANY_TOPIC",
    "Administrator",
    "Application",
    "ApprovalAction",
    "BoardLine",
    "CheckedSignature",
    "CompanyCard",
    "CompanyDetails",
    "CompanyId",
    "CreateCompany",
    "CreateOperator",
    "CreateOutlet",
    "CreateOwner",
    "CreateRegister",
    "CreateRegisterGroup",
    "CreateUser",
    "DeviceId",
    "DeviceProbe",
    "EnterCompany",
    "Guess",
    "Inspection",
    "Invite",
    "LegalForm",
    "MoveWorkplace",
    "OpenCompany",
    "OperatorCard",
    "OperatorId",
    "OutletCard",
    "OutletId",
    "RegisterCard",
    "RegisterCreated",
    "RegisterDecommissioning",
    "RegisterGroupId",
    "RegisterId",
    "RegisterMoved",
    "RegisterMoving",
    "RegisterName",
    "Role",
    "ServicedRegister",
    "Severity",
    "SubmitApplication",
    "TokenPair",
    "Trouble",
    "UpdateCompany",
    "UserId",
    "WorkplaceMoveAsked",
    "WorkplaceMoveTold",
    "administrators_of",
    "as_guest",
    "ask_certificate",
    "ask_desk",
    "ask_signature",
    "ask_to_move",
    "board_of",
    "certificate_found",
    "check_bic",
    "check_bin",
    "check_certificate",
    "check_iban",
    "check_signature",
    "check_text",
    "check_zone",
    "companies_of_registers",
    "company_cards",
    "count_guess",
    "count_wrong",
    "create_company",
    "create_operator",
    "create_outlet",
    "create_owner",
    "create_register",
    "create_register_group",
    "create_user",
    "desk_found",
    "email_of_user",
    "ends_of_sessions",
    "enter_company",
    "find_client",
    "find_company",
    "finish_move",
    "forgive",
    "grant_role",
    "guest_permissions",
    "has_member_with_role",
    "hash_password",
    "hash_pin",
    "inspection_of",
    "invite",
    "is_device_of",
    "keep_signature",
    "known_banks",
    "leave_company",
    "members_with_role",
    "move_workplace",
    "open_company",
    "operator_card",
    "operator_names",
    "outlet_card",
    "outlet_names",
    "put_in_group",
    "register_card",
    "register_names",
    "registers_of_companies",
    "registers_of_groups",
    "report_status",
    "require_approval",
    "require_reported",
    "sale_desk",
    "serviced_companies",
    "serviced_registers",
    "serviced_troubles",
    "tell_of_move",
    "turn_out_guests",
    "unbind_register",
    "update_company",
    "use_signature",
    "user_name_of",
    "withdraw_role",
]
