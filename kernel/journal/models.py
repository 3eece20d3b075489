"""The journal's tables. Rows of the journal are only ever inserted (kernel.jobs.lanes.flush) and read
(verify, exports), until their term is over and they are purged (kernel.journal.retention).
"""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
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


class JournalCheckRow(Model):
    """How far the standing verification of a lane has come, and what it last found; see kernel.journal.watch.

    round_ms: when the round began that `seq` and `digest` belong to; whole_ms: when a round last ended.
    """

    lane_key = fields.CharField(max_length=100, primary_key=True)
    company_id = fields.CharField(max_length=36, null=True)
    round_ms = fields.BigIntField()
    seq = fields.BigIntField()
    digest = fields.CharField(max_length=64)
    whole_ms = fields.BigIntField(null=True)
    breach = fields.CharField(max_length=16, null=True)
    breach_seq = fields.BigIntField(null=True)
    breach_kind = fields.CharField(max_length=64, null=True)
    breach_ms = fields.BigIntField(null=True)

    class Meta:
        app = "kernel"
        table = "kernel_journal_check"


class JournalGapRow(Model):
    """Entries that prove nothing any more: purged after their term, or released after an investigation.

    The chain goes on behind to_seq from to_digest.
    """

    id = fields.CharField(max_length=36, primary_key=True)
    company_id = fields.CharField(max_length=36, null=True)
    lane_key = fields.CharField(max_length=100)
    from_seq = fields.BigIntField()
    to_seq = fields.BigIntField()
    to_digest = fields.CharField(max_length=64)
    cause = fields.CharField(max_length=16)
    at_ms = fields.BigIntField()
    actor_id = fields.CharField(max_length=64)
    reason = fields.TextField()

    class Meta:
        app = "kernel"
        table = "kernel_journal_gap"
        indexes = (Index(fields=("lane_key", "from_seq"), name="kernel_journal_gap_lane"),)
