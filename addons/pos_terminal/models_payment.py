"""Tables of card operations: the operation, what happened to it, and the card data that wait to be sent.

Written by services/payment_rows.py with plain SQL. No column can hold a card number in clear.
"""

from __future__ import annotations

from tortoise import fields

from addons.pos_terminal.domain.payment import FiscalSide, OperationKind, PaymentMethod, PaymentState
from kernel.data.fields import MoneyField
from kernel.data.model import CompanyRow
from kernel.ids import ID_LENGTH

CODE_LENGTH = 64
FACT_LENGTH = 32
TEXT_LENGTH = 250
DIGEST_LENGTH = 64
DAY_LENGTH = 10  # 2026-11-21


class CardPayment(CompanyRow):
    """One operation: a purchase, a void or a refund.

    busy_terminal_id: the terminal for as long as nothing else may begin there; the key is unique, so the
    database refuses a second one. busy_original_id: the same for the purchase that is being taken back.
    (terminal_id, batch, stan) is unique: no number is ever used twice. memo: JSON of texts of the driver;
    reversal_image: made before the operation leaves. banking_day: to which it belongs, once it is decided.
    proposed_*: what the first of two persons found out; closed_by: the second, or "statement".
    """

    payment_key = fields.CharField(max_length=ID_LENGTH)
    body_digest = fields.CharField(max_length=DIGEST_LENGTH)
    kind = fields.CharEnumField(OperationKind, max_length=8)
    state = fields.CharEnumField(PaymentState, max_length=16)
    fiscal = fields.CharEnumField(FiscalSide, max_length=12)
    method = fields.CharEnumField(PaymentMethod, max_length=8)
    tender = fields.CharField(max_length=8)  # which payment of a receipt it is: CARD or MOBILE
    contract_id = fields.CharField(max_length=ID_LENGTH)
    terminal_id = fields.CharField(max_length=ID_LENGTH)
    register_id = fields.CharField(max_length=ID_LENGTH)
    operator_id = fields.CharField(max_length=ID_LENGTH, null=True)
    created_by = fields.CharField(max_length=64)
    driver = fields.CharField(max_length=FACT_LENGTH)
    busy_terminal_id = fields.CharField(max_length=ID_LENGTH, null=True, unique=True)
    busy_original_id = fields.CharField(max_length=ID_LENGTH, null=True, unique=True)
    original_id = fields.CharField(max_length=ID_LENGTH, null=True)
    sale_id = fields.CharField(max_length=ID_LENGTH, null=True)
    amount = MoneyField()
    approved = MoneyField()
    refunded = MoneyField()
    batch = fields.IntField(null=True)
    stan = fields.IntField(null=True)
    is_going = fields.BooleanField()
    is_cancel_asked = fields.BooleanField()
    attempts = fields.IntField()  # of the step at hand, for the driver
    reversals = fields.IntField()
    events = fields.IntField()  # number of the last one
    created_ms = fields.BigIntField()
    deadline_ms = fields.BigIntField(null=True)  # until then a card has to be shown
    sent_ms = fields.BigIntField()
    unknown_ms = fields.BigIntField()
    reversing_ms = fields.BigIntField()
    late_ms = fields.BigIntField(null=True)  # an approval came when none was awaited any more
    decided_ms = fields.BigIntField(null=True)
    banking_day = fields.CharField(max_length=DAY_LENGTH, null=True)
    undo_until_ms = fields.BigIntField(null=True)  # of an approved one: the cut-off of its day, exclusive
    reason = fields.CharField(max_length=8)
    code = fields.CharField(max_length=CODE_LENGTH)
    note = fields.CharField(max_length=FACT_LENGTH)
    memo = fields.TextField()
    reversal_image = fields.TextField()
    rrn = fields.CharField(max_length=FACT_LENGTH)
    authorization_code = fields.CharField(max_length=16)
    response_code = fields.CharField(max_length=16)
    masked_number = fields.CharField(max_length=FACT_LENGTH)
    scheme = fields.CharField(max_length=FACT_LENGTH)
    entry_mode = fields.CharField(max_length=16)
    is_wallet = fields.BooleanField()
    application_id = fields.CharField(max_length=FACT_LENGTH)
    terminal_code = fields.CharField(max_length=FACT_LENGTH)
    merchant_code = fields.CharField(max_length=FACT_LENGTH)
    host_day = fields.CharField(max_length=4)
    host_ms = fields.BigIntField(null=True)
    slip_number = fields.CharField(max_length=FACT_LENGTH)
    order_number = fields.CharField(max_length=64)
    proposed_verdict = fields.CharField(max_length=8, null=True)
    proposed_by = fields.CharField(max_length=64, null=True)
    closed_by = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "pos_payment"
        unique_together = (("company_id", "payment_key"), ("terminal_id", "batch", "stan"))
        indexes = (
            ("company_id", "id"),
            ("terminal_id", "state"),
            ("register_id", "id"),
            ("original_id",),
            ("sale_id",),
            ("company_id", "banking_day", "terminal_id"),
            ("state", "fiscal", "decided_ms"),
        )


class PaymentEvent(CompanyRow):
    """What happened to an operation; rows are only ever added. id rises with time.

    source: terminal, device, cashier, person, statement, sale, clock. detail: JSON of texts, nothing secret.
    """

    payment_id = fields.CharField(max_length=ID_LENGTH)
    number = fields.IntField()
    at_ms = fields.BigIntField()
    kind = fields.CharField(max_length=FACT_LENGTH)
    source = fields.CharField(max_length=16)
    actor = fields.CharField(max_length=64)
    state_before = fields.CharField(max_length=16)
    state_after = fields.CharField(max_length=16)
    detail = fields.TextField()

    class Meta:
        table = "pos_payment_event"
        unique_together = (("payment_id", "number"),)
        indexes = (("company_id", "at_ms"),)


class WaitingCard(CompanyRow):
    """What a device read, encrypted by the device and sealed by us; gone with the commit that lets it leave.

    id: of the operation.
    """

    sealed = fields.TextField()
    created_ms = fields.BigIntField()

    class Meta:
        table = "pos_card_data"
