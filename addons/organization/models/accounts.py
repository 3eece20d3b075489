"""Tables of accounts: details of a company, of its people, letters with one-time tokens, consents, second
factors.
"""

from __future__ import annotations

from tortoise import fields

from kernel.data.fields import UtcField
from kernel.data.model import CompanyRow, Row
from kernel.ids import ID_LENGTH
from kernel.security.api_tokens import DIGEST_LENGTH

EMAIL_LENGTH = 190
USER_NAME_LENGTH = 64
SEALED_LENGTH = 255
CREDENTIAL_LENGTH = 512  # characters of a passkey's id in base64url


class CompanyDetails(CompanyRow):
    """What a company says of itself beside its BIN and title. number and login: how its people name it when
    they sign in with a user name.
    """

    number = fields.IntField(unique=True)
    login = fields.CharField(max_length=USER_NAME_LENGTH, unique=True, null=True)
    legal_form = fields.CharField(max_length=24, default="")
    name = fields.CharField(max_length=200, default="")
    name_kk = fields.CharField(max_length=200, default="")
    tax_regime = fields.CharField(max_length=24, default="")
    iban = fields.CharField(max_length=34, default="")
    bic = fields.CharField(max_length=11, default="")
    city = fields.CharField(max_length=100, default="")
    address = fields.CharField(max_length=255, default="")
    phone = fields.CharField(max_length=16, default="")
    oked = fields.CharField(max_length=5, default="")
    created = UtcField(source_field="created_ms")

    class Meta:
        table = "org_company_details"
        unique_together = (("company_id",),)


class CompanyChange(CompanyRow):
    """One value of a company that became another: what stood where, and since when it does not."""

    at_ms = UtcField()
    actor_id = fields.CharField(max_length=64)
    field = fields.CharField(max_length=32)
    before = fields.CharField(max_length=255)
    after = fields.CharField(max_length=255)

    class Meta:
        table = "org_company_change"
        indexes = (("company_id", "at_ms"),)


class Person(CompanyRow):
    """What a company knows about one of its users. user_name: unique in the company, to sign in with."""

    user_id = fields.CharField(max_length=ID_LENGTH)
    user_name = fields.CharField(max_length=USER_NAME_LENGTH, null=True)
    iin = fields.CharField(max_length=12, default="")
    birth_date = fields.CharField(max_length=10, default="")
    phone = fields.CharField(max_length=16, default="")
    comment = fields.CharField(max_length=500, default="")

    class Meta:
        table = "org_person"
        unique_together = (("company_id", "user_id"), ("company_id", "user_name"))


class MemberRole(CompanyRow):
    """A further role of a user in a company, such as dealer."""

    user_id = fields.CharField(max_length=ID_LENGTH)
    role = fields.CharField(max_length=24)
    created = UtcField(source_field="created_ms")

    class Meta:
        table = "org_member_role"
        unique_together = (("company_id", "user_id", "role"),)


class LetterToken(Row):
    """A one-time token that went out in a letter. purpose: what it opens; company_id: of an invitation; body:
    JSON of what was asked for; digest changes with every letter, so only the last one works.
    """

    purpose = fields.CharField(max_length=16)
    email = fields.CharField(max_length=EMAIL_LENGTH)
    company_id = fields.CharField(max_length=ID_LENGTH, null=True)
    body = fields.TextField()
    digest = fields.CharField(max_length=DIGEST_LENGTH, unique=True)
    letters = fields.IntField()
    created = UtcField(source_field="created_ms")
    sent = UtcField(source_field="sent_ms")
    until_ms = UtcField()
    used = UtcField(source_field="used_ms", null=True)

    class Meta:
        table = "org_letter_token"
        indexes = (("purpose", "email"), ("company_id",), ("until_ms",))


class Consent(Row):
    """A user agreed to a version of the terms."""

    user_id = fields.CharField(max_length=ID_LENGTH)
    version = fields.CharField(max_length=64)
    at = UtcField(source_field="at_ms")
    address = fields.CharField(max_length=45)

    class Meta:
        table = "org_consent"
        unique_together = (("user_id", "version"),)


class Factor(Row):
    """A second proof of a user: a sealed secret of one-time codes, a passkey's public key, or a recovery
    code's digest. counter: last step or count that was accepted; each is accepted once.
    """

    user_id = fields.CharField(max_length=ID_LENGTH)
    kind = fields.CharField(max_length=16)
    title = fields.CharField(max_length=100)
    secret = fields.TextField()
    credential_id = fields.CharField(max_length=CREDENTIAL_LENGTH, unique=True, null=True)
    counter = fields.BigIntField(default=0)
    created = UtcField(source_field="created_ms")
    confirmed = UtcField(source_field="confirmed_ms", null=True)
    used = UtcField(source_field="used_ms", null=True)

    class Meta:
        table = "org_factor"
        indexes = (("user_id",),)


class ServiceAccount(CompanyRow):
    """A program that acts by itself: its tokens come and go, it stays. Lists are text with spaces."""

    title = fields.CharField(max_length=200)
    permissions = fields.TextField()
    register_ids = fields.TextField()
    is_blocked = fields.BooleanField(default=False)
    created = UtcField(source_field="created_ms")

    class Meta:
        table = "org_service_account"
        unique_together = (("company_id", "title"),)


class Signature(Row):
    """Something that was, or waits to be, signed with an electronic signature. text: exactly what is signed;
    cms: what came back, in base64.
    """

    user_id = fields.CharField(max_length=ID_LENGTH)
    company_id = fields.CharField(max_length=ID_LENGTH, null=True)
    purpose = fields.CharField(max_length=32)
    text = fields.TextField()
    cms = fields.TextField(null=True)
    signer_name = fields.CharField(max_length=200, default="")
    signer_iin = fields.CharField(max_length=12, default="")
    signer_bin = fields.CharField(max_length=12, default="")
    serial = fields.CharField(max_length=64, default="")
    algorithm = fields.CharField(max_length=16, default="")
    revocation = fields.CharField(max_length=16, default="")
    created = UtcField(source_field="created_ms")
    until_ms = UtcField()
    signed = UtcField(source_field="signed_ms", null=True)

    class Meta:
        table = "org_signature"
        indexes = (("company_id",), ("until_ms",))
