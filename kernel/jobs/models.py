"""Tables of lanes, jobs, schedules and workers. They are written by kernel.jobs with plain SQL only; the ORM
makes the tables.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class LaneRow(Model):
    """A lane: the tail of its journal, the window of its jobs, and who may work it.

    `due_ms` answers the only question a worker asks: when should somebody look at this lane? The moment its
    head is due, or, while leased, the moment the lease ends; NULL when it is empty or blocked. So "lanes to
    work" is one index range. `revision` tells whether what a process remembers of the lane is still true.
    """

    lane_key = fields.CharField(max_length=100, primary_key=True)
    company_id = fields.CharField(max_length=36, null=True)
    head_seq = fields.BigIntField(default=1)
    tail_seq = fields.BigIntField(default=0)
    due_ms = fields.BigIntField(null=True, db_index=True)
    attempts = fields.IntField(default=0)
    faults = fields.IntField(default=0)
    blocked_code = fields.CharField(max_length=64, null=True, db_index=True)
    last_error = fields.TextField(null=True)
    lease_owner = fields.CharField(max_length=100, null=True)
    lease_epoch = fields.BigIntField(default=0)
    journal_seq = fields.BigIntField(default=0)
    journal_digest = fields.CharField(max_length=64)
    head_job = fields.TextField(null=True)
    revision = fields.BigIntField(db_default=0)  # lanes made before the column have it too

    class Meta:
        app = "kernel"
        table = "kernel_lane"


class JobRow(Model):
    """A job that waits; its id is "<lane_key>/<seq>". Done jobs are deleted: the journal is the memory.

    A small job that comes to an empty lane has no row here: it lives in the lane's head_job.
    """

    id = fields.CharField(max_length=120, primary_key=True)
    company_id = fields.CharField(max_length=36, null=True)
    kind = fields.CharField(max_length=64)
    body = fields.TextField()
    due_ms = fields.BigIntField()
    enqueued_ms = fields.BigIntField()

    class Meta:
        app = "kernel"
        table = "kernel_job"


class ScheduleRow(Model):
    """When a schedule runs next; moved on by compare-and-set, so that of many workers one runs it."""

    name = fields.CharField(max_length=100, primary_key=True)
    due_ms = fields.BigIntField()
    ran_ms = fields.BigIntField(null=True)
    runs = fields.BigIntField(default=0)
    last_error = fields.TextField(null=True)

    class Meta:
        app = "kernel"
        table = "kernel_schedule"


class WorkerRow(Model):
    """A worker process's sign of life."""

    name = fields.CharField(max_length=100, primary_key=True)
    started_ms = fields.BigIntField()
    seen_ms = fields.BigIntField(db_index=True)
    lanes_running = fields.IntField(default=0)

    class Meta:
        app = "kernel"
        table = "kernel_worker"
