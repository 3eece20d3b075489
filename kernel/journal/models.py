"""The journal's table. Rows are only ever inserted (kernel.jobs.lanes.flush) and read (verify, exports)."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class JournalRow(Model):
    """One entry of one lane's chain; (lane_key, seq) without gaps from 1."""

    id = fields.BigIntField(primary_key=True)
    company_id = fields.CharField(max_length=36, null=True)
    lane_key = fields.CharField(max_length=100)
    seq = fields.BigIntField()
    kind = fields.CharField(max_length=64)
    at_ms = fields.BigIntField()
    body = fields.TextField()
    digest = fields.CharField(max_length=64)

    class Meta:
        app = "kernel"
        table = "kernel_journal"
        unique_together = (("lane_key", "seq"),)
