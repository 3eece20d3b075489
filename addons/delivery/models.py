"""Tables of delivery: printers of outlets, what each register does with its receipts, and the print queue.

Written by services with plain SQL. Letters are the kernel's.
"""

from __future__ import annotations

from tortoise import fields

from addons.delivery.domain.printers import CONNECTION_LENGTH_MAX, NAME_LENGTH_MAX, PROFILE_LENGTH_MAX
from kernel.data.fields import UtcField
from kernel.data.model import CompanyRow
from kernel.ids import ID_LENGTH

CODE_LENGTH = 64
TEXT_LENGTH = 250


class Printer(CompanyRow):
    """A printer of an outlet. last_number: of the jobs put into its queue."""

    outlet_id = fields.CharField(max_length=ID_LENGTH)
    name = fields.CharField(max_length=NAME_LENGTH_MAX)
    connection = fields.CharField(max_length=CONNECTION_LENGTH_MAX)
    columns = fields.IntField()
    encoding = fields.CharField(max_length=16)
    profile = fields.CharField(max_length=PROFILE_LENGTH_MAX)
    has_knife = fields.BooleanField()
    opens_drawer = fields.BooleanField()
    is_local = fields.BooleanField()
    last_number = fields.BigIntField(default=0)
    problem = fields.CharField(max_length=CODE_LENGTH, null=True)
    problem_since = UtcField(source_field="problem_since_ms", null=True)
    problem_text = fields.CharField(max_length=TEXT_LENGTH, default="")
    problem_registers = fields.TextField()  # whose lines on the status board tell of it, with blanks
    paper = fields.CharField(max_length=16)
    seen = UtcField(source_field="seen_ms", null=True)
    created = UtcField(source_field="created_ms")
    removed = UtcField(source_field="removed_ms", null=True)

    class Meta:
        table = "dlv_printer"
        indexes = (("company_id", "outlet_id"), ("is_local",))


class RegisterPrinting(CompanyRow):
    """What a register does with its receipts; id: the register's own. No row: nothing by itself."""

    printer_id = fields.CharField(max_length=ID_LENGTH, null=True)
    prints_receipts = fields.BooleanField()
    copies = fields.IntField()

    class Meta:
        table = "dlv_register"
        indexes = (("company_id", "printer_id"),)


class PrintJobRow(CompanyRow):
    """A paper that waits for its printer, is in an agent's hand, or has been dealt with."""

    outlet_id = fields.CharField(max_length=ID_LENGTH)
    printer_id = fields.CharField(max_length=ID_LENGTH)
    register_id = fields.CharField(max_length=ID_LENGTH, null=True)
    number = fields.BigIntField()
    kind = fields.CharField(max_length=CODE_LENGTH)
    subject_id = fields.CharField(max_length=ID_LENGTH)
    once_key = fields.CharField(max_length=128, null=True, unique=True)
    copies = fields.IntField()
    is_duplicate = fields.BooleanField()
    is_possibly_printed = fields.BooleanField()
    state = fields.CharField(max_length=16)
    attempts = fields.IntField()
    problem = fields.CharField(max_length=CODE_LENGTH, null=True)
    holder = fields.CharField(max_length=80, null=True)
    lease_until = UtcField(source_field="lease_until_ms", null=True)
    due = UtcField(source_field="due_ms")
    created = UtcField(source_field="created_ms")
    ended_ms = UtcField(null=True)

    class Meta:
        table = "dlv_job"
        unique_together = (("printer_id", "number"),)
        indexes = (
            ("printer_id", "state", "number"),
            ("company_id", "kind", "subject_id"),
            ("company_id", "outlet_id", "id"),
            ("state", "id"),
            ("ended_ms",),
        )
