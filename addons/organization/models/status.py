"""The status board's table: what is wrong at a register, one row per source."""

from __future__ import annotations

from tortoise import fields

from kernel.data.fields import UtcField
from kernel.data.model import CompanyRow
from kernel.ids import ID_LENGTH


class Status(CompanyRow):
    """Latest word of one source about one register. severity_rank: 0 ok, 1 warning, 2 error, for sorting."""

    register_id = fields.CharField(max_length=ID_LENGTH)
    source = fields.CharField(max_length=32)
    severity = fields.CharField(max_length=8)
    severity_rank = fields.IntField()
    code = fields.CharField(max_length=64)
    since = UtcField(source_field="since_ms")
    facts = fields.TextField()
    updated = UtcField(source_field="updated_ms")

    class Meta:
        table = "org_status"
        unique_together = (("register_id", "source"),)
        indexes = (("company_id", "severity_rank", "id"),)
