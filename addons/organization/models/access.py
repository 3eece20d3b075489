"""Tables of access: devices, sessions, refresh tokens, API tokens, approvals, guesses and signing keys.

No token stands here in the clear: only SHA-256 digests and visible beginnings; signing keys are sealed.
"""

from __future__ import annotations

from tortoise import Model, fields

from addons.organization.domain.devices import DEVICE_SETTINGS_LENGTH, DEVICE_TEXT_LENGTH
from kernel.data.fields import UtcField
from kernel.data.model import CompanyRow, Row
from kernel.ids import ID_LENGTH
from kernel.security.api_tokens import DIGEST_LENGTH

PREFIX_LENGTH = 24


class Device(CompanyRow):
    """A till bound to a register. bind_digest: the one-time token, gone once used; digest: its own token.

    awaits_report: the register's settings wait for its first report; model, version, settings (a JSON object
    of texts): what it said of itself last.
    """

    register_id = fields.CharField(max_length=ID_LENGTH)
    title = fields.CharField(max_length=200)
    bind_digest = fields.CharField(max_length=DIGEST_LENGTH, unique=True, null=True)
    bind_until = UtcField(source_field="bind_until_ms", null=True)
    digest = fields.CharField(max_length=DIGEST_LENGTH, unique=True, null=True)
    bound = UtcField(source_field="bound_ms", null=True)
    revoked = UtcField(source_field="revoked_ms", null=True)
    created = UtcField(source_field="created_ms")
    awaits_report = fields.BooleanField(default=False)
    model = fields.CharField(max_length=DEVICE_TEXT_LENGTH, default="")
    version = fields.CharField(max_length=DEVICE_TEXT_LENGTH, default="")
    settings = fields.CharField(max_length=DEVICE_SETTINGS_LENGTH, default="{}")
    reported = UtcField(source_field="reported_ms", null=True)

    class Meta:
        table = "org_device"
        indexes = (("company_id", "register_id"),)


class Session(CompanyRow):
    """A signed-in user or operator. register_id: set for an operator, who signed in at that register.

    company_id is empty for a person who belongs to no company yet. via_company_id, permissions: a guest of
    another company and what it may do here. used, address, agent: the last time it was seen, and from where.
    """

    subject_kind = fields.CharField(max_length=16)
    subject_id = fields.CharField(max_length=ID_LENGTH)
    register_id = fields.CharField(max_length=ID_LENGTH, null=True)
    opened_by = fields.CharField(max_length=ID_LENGTH, null=True)
    created = UtcField(source_field="created_ms")
    until_ms = UtcField()
    revoked = UtcField(source_field="revoked_ms", null=True)
    used = UtcField(source_field="used_ms", null=True)
    address = fields.CharField(max_length=45, null=True)
    agent = fields.CharField(max_length=200, null=True)
    via_company_id = fields.CharField(max_length=ID_LENGTH, null=True)
    permissions = fields.TextField(null=True)

    class Meta:
        table = "org_session"
        indexes = (
            ("company_id", "subject_id"),
            ("until_ms",),
        )


class RefreshToken(Row):
    """One step of a session's chain of refresh tokens. used: when it was turned into the next one."""

    session_id = fields.CharField(max_length=ID_LENGTH)
    digest = fields.CharField(max_length=DIGEST_LENGTH, unique=True)
    until = UtcField(source_field="until_ms")
    used = UtcField(source_field="used_ms", null=True)

    class Meta:
        table = "org_refresh_token"
        indexes = (("session_id",),)


class ApiToken(CompanyRow):
    """An integrator's token. permissions and register_ids: lists as text with spaces; no registers: all."""

    title = fields.CharField(max_length=200)
    prefix = fields.CharField(max_length=PREFIX_LENGTH)
    digest = fields.CharField(max_length=DIGEST_LENGTH, unique=True)
    permissions = fields.TextField()
    register_ids = fields.TextField()
    is_test = fields.BooleanField(default=False)
    created_by = fields.CharField(max_length=ID_LENGTH)
    created = UtcField(source_field="created_ms")
    until = UtcField(source_field="until_ms", null=True)
    used = UtcField(source_field="used_ms", null=True)
    revoked = UtcField(source_field="revoked_ms", null=True)
    inspect_from_ms = UtcField(null=True)  # an inspector's: the period it may see, from
    inspect_to_ms = UtcField(null=True)  # and up to
    account_id = fields.CharField(max_length=ID_LENGTH, null=True)  # the service account it speaks for

    class Meta:
        table = "org_api_token"
        indexes = (("company_id",),)


class Approval(CompanyRow):
    """An administrator's word for one document at a register. asked_by: who asked for it; used, subject: when
    and for what it was used.
    """

    register_id = fields.CharField(max_length=ID_LENGTH)
    action = fields.CharField(max_length=24)
    operator_id = fields.CharField(max_length=ID_LENGTH)
    asked_by = fields.CharField(max_length=ID_LENGTH)
    digest = fields.CharField(max_length=DIGEST_LENGTH, unique=True)
    created = UtcField(source_field="created_ms")
    until_ms = UtcField()
    used = UtcField(source_field="used_ms", null=True)
    subject = fields.CharField(max_length=128, null=True)

    class Meta:
        table = "org_approval"
        indexes = (("until_ms",),)


class Attempt(Model):
    """Guesses of one subject ("pin:<operator>", "password:<digest of email>") since the last right one."""

    subject = fields.CharField(max_length=128, primary_key=True)
    guesses = fields.IntField()
    guessed_ms = UtcField()

    class Meta:
        table = "org_attempt"
        indexes = (("guessed_ms",),)


class SigningKey(Model):
    """A key of access tokens; private is sealed. retired: from then on its tokens are not believed."""

    kid = fields.CharField(max_length=ID_LENGTH, primary_key=True)
    private = fields.CharField(max_length=255)
    created = UtcField(source_field="created_ms")
    retired = UtcField(source_field="retired_ms", null=True)

    class Meta:
        table = "org_signing_key"
