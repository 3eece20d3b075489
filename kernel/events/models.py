"""The outbox table: events of committed transactions that were not yet turned into jobs."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class OutboxRow(Model):
    """One event; deleted in the transaction that makes its subscribers' jobs. `id` gives the order."""

    id = fields.BigIntField(primary_key=True)
    company_id = fields.CharField(max_length=36, null=True)
    kind = fields.CharField(max_length=64)
    subject_id = fields.CharField(max_length=100)
    body = fields.TextField()
    at_ms = fields.BigIntField()

    class Meta:
        app = "kernel"
        table = "kernel_outbox"
