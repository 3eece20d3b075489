"""Tables of organization, by subject."""

from __future__ import annotations

from addons.organization.models.access import ApiToken, Attempt, Device, RefreshToken, Session, SigningKey
from addons.organization.models.people import Membership, Operator, OperatorReach, User
from addons.organization.models.places import Company, Outlet, Register, RegisterGroup, RegisterGroupMember
from addons.organization.models.status import Status

__all__ = [
    "ApiToken",
    "Attempt",
    "Company",
    "Device",
    "Membership",
    "Operator",
    "OperatorReach",
    "Outlet",
    "RefreshToken",
    "Register",
    "RegisterGroup",
    "RegisterGroupMember",
    "Session",
    "SigningKey",
    "Status",
    "User",
]
