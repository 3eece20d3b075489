"""Tables of the money afterwards: batches, what each operation cost, settled days, the bank's statements."""

from __future__ import annotations

from tortoise import fields

from kernel.data.fields import UtcField
from kernel.data.model import CompanyRow
from kernel.ids import ID_LENGTH

DAY_LENGTH = 10  # 2026-11-21
FACT_LENGTH = 32


class Batch(CompanyRow):
    """A batch of a terminal that was cut off: its totals as we know them, and what the host says of them.

    number: as its operations bear it; day: the banking day it ended. stan, more_stan: of its messages.
    result: the host's word; code: why there is none.
    """

    contract_id = fields.CharField(max_length=ID_LENGTH)
    terminal_id = fields.CharField(max_length=ID_LENGTH)
    number = fields.IntField()
    day = fields.CharField(max_length=DAY_LENGTH)
    state = fields.CharField(max_length=16)
    stan = fields.IntField()
    more_stan = fields.IntField()
    purchases = fields.IntField()
    purchases_tiyn = fields.BigIntField()
    voids = fields.IntField()
    voids_tiyn = fields.BigIntField()
    refunds = fields.IntField()
    refunds_tiyn = fields.BigIntField()
    result = fields.CharField(max_length=FACT_LENGTH)
    code = fields.CharField(max_length=64)
    attempts = fields.IntField()
    created = UtcField(source_field="created_ms")
    closed_ms = fields.BigIntField(null=True)

    class Meta:
        table = "pos_batch"
        unique_together = (("terminal_id", "number"),)
        indexes = (("company_id", "state"),)


class Charge(CompanyRow):
    """What an approved operation cost; id: the operation's own. Written once, at the end of its banking day.

    gross, commission: tiyn, negative for a return; rate_ppm: by which a purchase was charged.
    """

    contract_id = fields.CharField(max_length=ID_LENGTH)
    terminal_id = fields.CharField(max_length=ID_LENGTH)
    day = fields.CharField(max_length=DAY_LENGTH)
    credit_day = fields.CharField(max_length=DAY_LENGTH)
    kind = fields.CharField(max_length=8)
    scheme = fields.CharField(max_length=FACT_LENGTH)
    method = fields.CharField(max_length=8)
    original_id = fields.CharField(max_length=ID_LENGTH, null=True)
    gross_tiyn = fields.BigIntField()
    rate_ppm = fields.IntField()
    commission_tiyn = fields.BigIntField()
    settled_ms = fields.BigIntField()

    class Meta:
        table = "pos_charge"
        indexes = (("company_id", "day", "contract_id"), ("original_id",))


class Settlement(CompanyRow):
    """A banking day of a contract that was settled. operations: charged then, later ones not counted."""

    contract_id = fields.CharField(max_length=ID_LENGTH)
    day = fields.CharField(max_length=DAY_LENGTH)
    operations = fields.IntField()
    settled_ms = fields.BigIntField()

    class Meta:
        table = "pos_settlement"
        unique_together = (("contract_id", "day"),)


class Statement(CompanyRow):
    """A file of the bank. first_…, last_…: banking days and moments of its rows. Sums are its own."""

    contract_id = fields.CharField(max_length=ID_LENGTH)
    layout = fields.CharField(max_length=16)
    file_name = fields.CharField(max_length=190)
    first_day = fields.CharField(max_length=DAY_LENGTH)
    last_day = fields.CharField(max_length=DAY_LENGTH)
    first_ms = fields.BigIntField()
    last_ms = fields.BigIntField()
    row_count = fields.IntField()
    fresh_count = fields.IntField()
    gross_tiyn = fields.BigIntField()
    commission_tiyn = fields.BigIntField()
    net_tiyn = fields.BigIntField()
    imported_by = fields.CharField(max_length=64)
    imported_ms = fields.BigIntField()

    class Meta:
        table = "pos_statement"
        indexes = (("company_id", "id"), ("contract_id", "first_day"))


class StatementRow(CompanyRow):
    """A row of a bank's statement and what it turned out to be. number: its line in the file.

    gross, commission, net: tiyn, commission as a cost, all negative for a return. payment_id: the operation
    it belongs to; verdict: see `domain/matching.py`.
    """

    statement_id = fields.CharField(max_length=ID_LENGTH)
    contract_id = fields.CharField(max_length=ID_LENGTH)
    number = fields.IntField()
    kind = fields.CharField(max_length=8)
    rrn = fields.CharField(max_length=64)
    at_ms = fields.BigIntField()
    day = fields.CharField(max_length=DAY_LENGTH)
    credit_day = fields.CharField(max_length=DAY_LENGTH)
    terminal_code = fields.CharField(max_length=FACT_LENGTH)
    gross_tiyn = fields.BigIntField()
    commission_tiyn = fields.BigIntField()
    net_tiyn = fields.BigIntField()
    authorization_code = fields.CharField(max_length=16)
    masked_number = fields.CharField(max_length=FACT_LENGTH)
    scheme = fields.CharField(max_length=FACT_LENGTH)
    method = fields.CharField(max_length=FACT_LENGTH)
    note = fields.CharField(max_length=250)
    payment_id = fields.CharField(max_length=ID_LENGTH, null=True)
    verdict = fields.CharField(max_length=24)

    class Meta:
        table = "pos_statement_row"
        unique_together = (("contract_id", "rrn", "kind", "at_ms"),)
        indexes = (("statement_id", "number"), ("payment_id",), ("company_id", "day", "verdict"))
