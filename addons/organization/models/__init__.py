"""Tables of organization, by subject."""

from __future__ import annotations

from addons.organization.models.access import (
    ApiToken,
    Approval,
    Attempt,
    Device,
    RefreshToken,
    Session,
    SigningKey,
)
from addons.organization.models.accounts import (
    CompanyChange,
    CompanyDetails,
    Consent,
    Factor,
    LetterToken,
    MemberRole,
    Person,
    ServiceAccount,
    Signature,
)
from addons.organization.models.browsers import Browser
from addons.organization.models.people import Membership, Operator, OperatorReach, User
from addons.organization.models.places import Company, Outlet, Register, RegisterGroup, RegisterGroupMember
from addons.organization.models.status import Status
from kernel.data.questions import About

# What is asked of the desk of a document: services/cards.py.
DESK = About(
    *("org_register", "org_outlet", "org_company", "org_operator"),
    *("org_operator_reach", "org_register_group_member"),
)

__all__ = [
    "DESK",
    "ApiToken",
    "Approval",
    "Attempt",
    "Browser",
    "Company",
    "CompanyChange",
    "CompanyDetails",
    "Consent",
    "Device",
    "Factor",
    "LetterToken",
    "MemberRole",
    "Membership",
    "Operator",
    "OperatorReach",
    "Outlet",
    "Person",
    "RefreshToken",
    "Register",
    "RegisterGroup",
    "RegisterGroupMember",
    "ServiceAccount",
    "Session",
    "Signature",
    "SigningKey",
    "Status",
    "User",
]
