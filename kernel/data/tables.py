"""Tables of the data room: who did what, which migration files were applied, settings of a company."""

from __future__ import annotations

from tortoise import Model, fields

from kernel.data.fields import UtcField
from kernel.data.model import Row
from kernel.ids import ID_LENGTH


class Audit(Row):
    """One line of "who did what to which subject"; company_id is empty for acts of the whole installation.

    address: where the request came from; via_company_id: the company on whose behalf a subject acted that is
    a guest in this one. Rows are only ever added.
    """

    company_id = fields.CharField(max_length=ID_LENGTH, null=True)
    at_ms = fields.BigIntField()
    actor_kind = fields.CharField(max_length=16)
    actor_id = fields.CharField(max_length=64)
    action = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=128)
    facts = fields.TextField()
    address = fields.CharField(max_length=45, null=True)
    via_company_id = fields.CharField(max_length=ID_LENGTH, null=True)

    class Meta:
        table = "kernel_audit"
        indexes = (("company_id", "at_ms"),)


class AppliedMigration(Model):
    """Digest of a migration file at the time it was applied: an altered file is found out."""

    file_key = fields.CharField(max_length=190, primary_key=True)  # "<add-on>.<file>"
    digest = fields.CharField(max_length=64)
    at = UtcField(source_field="at_ms")

    class Meta:
        table = "kernel_migration"


class CompanySetting(Row):
    """A setting that a company chose for itself."""

    company_id = fields.CharField(max_length=ID_LENGTH)
    name = fields.CharField(max_length=128)  # "section.name"
    value = fields.TextField()

    class Meta:
        table = "kernel_company_setting"
        unique_together = (("company_id", "name"),)


class Revision(Model):
    """How often something of which answers are kept was changed in a company, "" for changes that may concern
    all of them; see kernel.data.revisions. On servers only.
    """

    company_id = fields.CharField(max_length=ID_LENGTH, primary_key=True)
    revision = fields.BigIntField()

    class Meta:
        table = "kernel_revision"
