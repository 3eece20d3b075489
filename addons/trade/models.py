"""Tables of trade: tickets with their lines, cash operations, summaries of shifts.

Written by services/rows.py with plain SQL: a ticket is one row and its lines one `executemany`. Payments are
columns
because each kind occurs once; the names and addresses of the moment of sale are kept as JSON in `header`,
because a
receipt must not change when a company moves. The fiscal columns are a read model: the Fiscalizer fills them.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index

from addons.trade.domain.branding import TEXT_LENGTH_MAX, AdvertKind, AdvertSource
from addons.trade.domain.cart import NAME_LENGTH_MAX
from addons.trade.domain.kinds import CashDirection, FiscalState, SaleKind
from kernel.data.fields import MoneyField, QuantityField, UtcField
from kernel.data.model import CompanyRow
from kernel.ids import ID_LENGTH

DIGEST_LENGTH = 64
SECRET_LENGTH = 22  # 128 random bits in base64url
CODE_LENGTH = 64
REASON_LENGTH_MAX = 200


class Sale(CompanyRow):
    """A ticket of any kind, immutable but for its fiscal facts and what came back of it."""

    sale_key = fields.CharField(max_length=ID_LENGTH)
    body_digest = fields.CharField(max_length=DIGEST_LENGTH)
    kind = fields.CharEnumField(SaleKind, max_length=16)
    register_id = fields.CharField(max_length=ID_LENGTH)
    operator_id = fields.CharField(max_length=ID_LENGTH)
    created_at = UtcField()
    total = MoneyField()
    discount = MoneyField()
    markup = MoneyField()
    vat = MoneyField()
    taken = MoneyField()
    change_back = MoneyField()  # CHANGE is a word of MySQL
    cash = MoneyField()
    card = MoneyField()
    mobile = MoneyField()
    returned_cash = MoneyField(default=0)
    returned_card = MoneyField(default=0)
    returned_mobile = MoneyField(default=0)
    original_id = fields.CharField(max_length=ID_LENGTH, null=True)
    receipt_secret = fields.CharField(max_length=SECRET_LENGTH)
    header = fields.TextField()
    # The read model SaleFiscal
    state = fields.CharEnumField(FiscalState, max_length=16)
    sign = fields.CharField(max_length=32, null=True)
    offline_number = fields.BigIntField(null=True)
    is_offline = fields.BooleanField(default=False)
    ticket_at = UtcField(null=True)
    kkm_registration_number = fields.CharField(max_length=32, default="")
    kkm_factory_number = fields.CharField(max_length=64, default="")
    shift_number = fields.BigIntField(null=True)
    document_number = fields.BigIntField(null=True)
    qr_text = fields.CharField(max_length=512, default="")
    ofd_title = fields.CharField(max_length=128, default="")
    ofd_site = fields.CharField(max_length=128, default="")
    rejection_code = fields.CharField(max_length=CODE_LENGTH, null=True)
    is_test = fields.BooleanField(default=False)
    details = fields.TextField(null=True)  # JSON of what few tickets have, see services/details_text.py

    class Meta:
        table = "trd_sale"
        unique_together = (("company_id", "sale_key"),)
        indexes = (
            Index(fields=("company_id", "created_at", "id"), name="trd_sale_company"),
            Index(fields=("register_id", "created_at", "id"), name="trd_sale_register"),
        )


class LateTicket(CompanyRow):
    """A ticket whose document was made more than an hour before or after its sale, by the time of the
    document (services/tickets_by_time.py). id: of the sale.
    """

    register_id = fields.CharField(max_length=ID_LENGTH)
    ticket_at = UtcField()

    class Meta:
        table = "trd_late_ticket"
        indexes = (Index(fields=("register_id", "ticket_at"), name="trd_late_ticket_register"),)


class SaleLine(CompanyRow):
    """A calculated position; the numbers are those of domain.ticket.TicketLine."""

    id = fields.CharField(
        max_length=ID_LENGTH + 6, primary_key=True
    )  # "<sale>/<position>": lines lie together
    sale_id = fields.CharField(max_length=ID_LENGTH)
    position = fields.IntField()
    product_id = fields.CharField(max_length=ID_LENGTH, null=True)
    name = fields.CharField(max_length=NAME_LENGTH_MAX)
    section = fields.CharField(max_length=16)
    quantity = QuantityField()
    price = MoneyField()
    amount = MoneyField()  # price × quantity
    discount = MoneyField()
    markup = MoneyField()
    total = MoneyField()
    vat_bp = fields.IntField(null=True)
    vat = MoneyField()
    unit_code = fields.CharField(max_length=16)
    unit_name = fields.CharField(max_length=32)
    barcode = fields.CharField(max_length=64)
    ntin = fields.CharField(max_length=64)
    marks = fields.TextField()  # JSON list of DataMatrix texts, empty text for none
    shared_discount = MoneyField()
    shared_markup = MoneyField()
    returned = QuantityField(default=0)
    original_position = fields.IntField(null=True)  # of a return: which line of the original came back
    label = fields.CharField(max_length=CODE_LENGTH, null=True)  # of a paper excise stamp
    warehouse_id = fields.CharField(max_length=CODE_LENGTH, null=True)  # in the virtual warehouse of ESF
    returned_marks = fields.TextField(null=True)  # JSON list of those marks that came back

    class Meta:
        table = "trd_sale_line"
        indexes = (Index(fields=("sale_id", "position"), name="trd_sale_line_sale"),)


class CashOperation(CompanyRow):
    """Money put into or taken out of the drawer."""

    cash_key = fields.CharField(max_length=ID_LENGTH)
    body_digest = fields.CharField(max_length=DIGEST_LENGTH)
    direction = fields.CharEnumField(CashDirection, max_length=16)
    register_id = fields.CharField(max_length=ID_LENGTH)
    operator_id = fields.CharField(max_length=ID_LENGTH)
    created_at = UtcField()
    amount = MoneyField()
    state = fields.CharEnumField(FiscalState, max_length=16)
    is_offline = fields.BooleanField(default=False)
    offline_number = fields.BigIntField(null=True)
    ticket_at = UtcField(null=True)
    kkm_registration_number = fields.CharField(max_length=32, default="")
    shift_number = fields.BigIntField(null=True)
    document_number = fields.BigIntField(null=True)
    rejection_code = fields.CharField(max_length=CODE_LENGTH, null=True)
    is_test = fields.BooleanField(default=False)

    class Meta:
        table = "trd_cash"
        unique_together = (("company_id", "cash_key"),)
        indexes = (
            Index(fields=("register_id", "created_at", "id"), name="trd_cash_register"),
            Index(fields=("register_id", "ticket_at"), name="trd_cash_ticket"),
        )


class ShiftSummary(CompanyRow):
    """Read model of one shift, by the fiscal engine's id; totals per operation are JSON in `operations`."""

    register_id = fields.CharField(max_length=ID_LENGTH)
    number = fields.BigIntField()
    opened_at = UtcField()
    closed_at = UtcField(null=True)
    closed_by = fields.CharField(max_length=ID_LENGTH, null=True)
    kkm_registration_number = fields.CharField(max_length=32, default="")
    documents = fields.BigIntField(default=0)
    offline_documents = fields.BigIntField(default=0)
    deposits = MoneyField(default=0)
    withdrawals = MoneyField(default=0)
    drawer = MoneyField(default=0)
    operations = fields.TextField()
    is_test = fields.BooleanField(default=False)
    withdrawn_at_close = MoneyField(default=0)  # by the close itself; among the withdrawals

    class Meta:
        table = "trd_shift_summary"
        indexes = (
            Index(fields=("register_id", "opened_at", "id"), name="trd_shift_register"),
            Index(fields=("company_id", "opened_at", "id"), name="trd_shift_company"),
            Index(fields=("register_id", "closed_at"), name="trd_shift_closed"),
        )


class CancelledSale(CompanyRow):
    """A cart that was given up before payment: nothing fiscal, a fact for whoever looks for losses."""

    sale_key = fields.CharField(max_length=ID_LENGTH)
    register_id = fields.CharField(max_length=ID_LENGTH)
    operator_id = fields.CharField(max_length=ID_LENGTH)
    created_at = UtcField()
    total = MoneyField()
    reason = fields.CharField(max_length=REASON_LENGTH_MAX)
    positions = fields.TextField()  # JSON, see services/cancel_sale.py

    class Meta:
        table = "trd_cancelled_sale"
        unique_together = (("company_id", "sale_key"),)
        indexes = (Index(fields=("company_id", "created_at", "id"), name="trd_cancelled_company"),)


class ReceiptLogo(CompanyRow):
    """The logo of a company's receipts: a small grey PNG in base64, at most one."""

    png = fields.TextField()
    width_dots = fields.IntField()

    class Meta:
        table = "trd_receipt_logo"
        unique_together = (("company_id",),)


class ReceiptText(CompanyRow):
    """An advertising text of receipts: the OFD's for a register, or the company's for one of its places."""

    kind = fields.CharEnumField(AdvertKind, max_length=16)
    source = fields.CharEnumField(AdvertSource, max_length=16)
    place_id = fields.CharField(max_length=ID_LENGTH)
    body = fields.CharField(max_length=TEXT_LENGTH_MAX)

    class Meta:
        table = "trd_receipt_text"
        unique_together = (("company_id", "source", "place_id", "kind"),)
