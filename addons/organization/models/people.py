"""Tables of people: users with a password, their companies, operators with a PIN and where they may work."""

from __future__ import annotations

from tortoise import fields

from kernel.data.fields import UtcField
from kernel.data.model import CompanyRow, Row
from kernel.ids import ID_LENGTH
from kernel.security.passwords import HASH_LENGTH_MAX

NAME_LENGTH = 128
EMAIL_LENGTH = 190
ROLE_LENGTH = 24


class User(Row):
    """A person with a password; belongs to companies through memberships. email is kept in lower case."""

    email = fields.CharField(max_length=EMAIL_LENGTH, unique=True)
    name = fields.CharField(max_length=NAME_LENGTH)
    language = fields.CharField(max_length=2)
    password_hash = fields.CharField(max_length=HASH_LENGTH_MAX)
    is_blocked = fields.BooleanField(default=False)
    created = UtcField(source_field="created_ms")

    class Meta:
        table = "org_user"


class Membership(CompanyRow):
    """What a user is in a company."""

    user_id = fields.CharField(max_length=ID_LENGTH)
    role = fields.CharField(max_length=ROLE_LENGTH)
    is_active = fields.BooleanField(default=True)
    created = UtcField(source_field="created_ms")

    class Meta:
        table = "org_membership"
        unique_together = (("user_id", "company_id"),)
        indexes = (("company_id",),)


class Operator(CompanyRow):
    """A person at the till. code is unique in the company; is_limited: only the places of OperatorReach.

    is_pin_temporary: somebody else thought of the PIN, and the person chooses another at the next sign-in.
    """

    code = fields.IntField()
    name = fields.CharField(max_length=NAME_LENGTH)
    role = fields.CharField(max_length=ROLE_LENGTH)
    pin_hash = fields.CharField(max_length=HASH_LENGTH_MAX, null=True)
    user_id = fields.CharField(max_length=ID_LENGTH, null=True)
    is_active = fields.BooleanField(default=True)
    is_limited = fields.BooleanField(default=False)
    created = UtcField(source_field="created_ms")
    is_pin_temporary = fields.BooleanField(default=False)

    class Meta:
        table = "org_operator"
        unique_together = (("company_id", "code"),)


class OperatorReach(CompanyRow):
    """A register or a group of registers where a limited operator may work. place_id: id of either."""

    operator_id = fields.CharField(max_length=ID_LENGTH)
    place_id = fields.CharField(max_length=ID_LENGTH)
    is_group = fields.BooleanField()

    class Meta:
        table = "org_operator_reach"
        unique_together = (("operator_id", "place_id"),)
