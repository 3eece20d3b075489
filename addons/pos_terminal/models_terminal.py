"""Tables of terminals: contracts with acquirers, their terms, terminals, applications, requisites, operators.

Written by services with plain SQL. Payments, keys and settlement have tables of their own.
"""

from __future__ import annotations

from tortoise import fields

from kernel.data.fields import UtcField
from kernel.data.model import CompanyRow
from kernel.ids import ID_LENGTH

NAME_LENGTH = 120
CODE_LENGTH = 32
ADDRESS_LENGTH = 190
IBAN_LENGTH = 20
BIC_LENGTH = 11
DAY_LENGTH = 10  # 2026-11-21


class Contract(CompanyRow):
    """A contract with an acquirer. driver: the name under which a driver is offered; options: JSON of texts
    for the driver. agreement: the version of the acquirer's terms of service a merchant has to accept.
    """

    title = fields.CharField(max_length=NAME_LENGTH)
    number = fields.CharField(max_length=64)
    driver = fields.CharField(max_length=CODE_LENGTH)
    merchant_code = fields.CharField(max_length=CODE_LENGTH)
    address = fields.CharField(max_length=ADDRESS_LENGTH)
    options = fields.TextField()
    agreement = fields.CharField(max_length=64)
    is_active = fields.BooleanField()
    created = UtcField(source_field="created_ms")

    class Meta:
        table = "pos_contract"
        indexes = (("company_id", "id"),)


class Terms(CompanyRow):
    """Terms of a contract from a moment on, until the next row of the contract."""

    contract_id = fields.CharField(max_length=ID_LENGTH)
    valid_from_ms = fields.BigIntField()
    zone = fields.CharField(max_length=64)
    cut_off_minute = fields.IntField()  # of the local day: 1350 is 22:30
    rounding = fields.CharField(max_length=16)
    fee_min_tiyn = fields.BigIntField()
    fee_max_tiyn = fields.BigIntField(null=True)
    is_commission_returned = fields.BooleanField()
    credit_days = fields.IntField()
    qr_as = fields.CharField(max_length=8)
    has_partial_refund = fields.BooleanField()

    class Meta:
        table = "pos_terms"
        unique_together = (("contract_id", "valid_from_ms"),)


class Tariff(CompanyRow):
    """The acquirer's commission of a scheme and a method under these terms; "*" stands for any."""

    terms_id = fields.CharField(max_length=ID_LENGTH)
    scheme = fields.CharField(max_length=CODE_LENGTH)
    method = fields.CharField(max_length=16)
    rate_ppm = fields.IntField()  # 1.29 % is 12900

    class Meta:
        table = "pos_tariff"
        unique_together = (("terms_id", "scheme", "method"),)


class Terminal(CompanyRow):
    """A terminal. operator_id: the one who works with it, and with no other terminal: the key is unique.

    batch, last_stan: of the operations sent last. secrets_sealed: what the driver needs to talk to it.
    """

    contract_id = fields.CharField(max_length=ID_LENGTH)
    outlet_id = fields.CharField(max_length=ID_LENGTH)
    register_id = fields.CharField(max_length=ID_LENGTH, null=True)
    operator_id = fields.CharField(max_length=ID_LENGTH, null=True, unique=True)
    title = fields.CharField(max_length=NAME_LENGTH)
    state = fields.CharField(max_length=16)
    terminal_code = fields.CharField(max_length=CODE_LENGTH, null=True)
    merchant_code = fields.CharField(max_length=CODE_LENGTH)
    serial_number = fields.CharField(max_length=64)
    address = fields.CharField(max_length=ADDRESS_LENGTH)
    is_through_agent = fields.BooleanField()
    iban = fields.CharField(max_length=IBAN_LENGTH)
    bic = fields.CharField(max_length=BIC_LENGTH)
    contact_email = fields.CharField(max_length=254)
    batch = fields.IntField()
    last_stan = fields.IntField()
    secrets_sealed = fields.TextField(null=True)
    keys_loaded_ms = fields.BigIntField(null=True)
    created = UtcField(source_field="created_ms")
    changed_ms = fields.BigIntField()

    class Meta:
        table = "pos_terminal"
        unique_together = (("contract_id", "terminal_code"),)
        indexes = (("company_id", "id"), ("register_id",))


class Application(CompanyRow):
    """An application to an acquirer: to connect a terminal, or to change its requisites.

    version: grows with every edit; signed_text: exactly what was signed, empty when it is not.
    """

    terminal_id = fields.CharField(max_length=ID_LENGTH)
    kind = fields.CharField(max_length=16)
    state = fields.CharField(max_length=16)
    version = fields.IntField()
    serial_number = fields.CharField(max_length=64)
    business = fields.CharField(max_length=255)
    city = fields.CharField(max_length=100)
    zip = fields.CharField(max_length=7)
    iban = fields.CharField(max_length=IBAN_LENGTH)
    bic = fields.CharField(max_length=BIC_LENGTH)
    contact_email = fields.CharField(max_length=254)
    agreement = fields.CharField(max_length=64)
    created_by = fields.CharField(max_length=64)
    created = UtcField(source_field="created_ms")
    signature_id = fields.CharField(max_length=ID_LENGTH, null=True)
    signed_by = fields.CharField(max_length=64)
    signer_name = fields.CharField(max_length=200)
    signed_ms = fields.BigIntField(null=True)
    sent_ms = fields.BigIntField(null=True)
    decided_by = fields.CharField(max_length=64)
    decided_ms = fields.BigIntField(null=True)
    reason = fields.CharField(max_length=250)

    class Meta:
        table = "pos_application"
        indexes = (("terminal_id", "id"), ("company_id", "state"))


class Requisites(CompanyRow):
    """Where the money of a terminal goes from a banking day on. Rows are only ever added."""

    terminal_id = fields.CharField(max_length=ID_LENGTH)
    version = fields.IntField()
    from_day = fields.CharField(max_length=DAY_LENGTH)
    iban = fields.CharField(max_length=IBAN_LENGTH)
    bic = fields.CharField(max_length=BIC_LENGTH)
    application_id = fields.CharField(max_length=ID_LENGTH)
    created = UtcField(source_field="created_ms")

    class Meta:
        table = "pos_requisites"
        unique_together = (("terminal_id", "version"),)


class OperatorBinding(CompanyRow):
    """Who worked with a terminal from when until when: the history of Terminal.operator_id."""

    terminal_id = fields.CharField(max_length=ID_LENGTH)
    operator_id = fields.CharField(max_length=ID_LENGTH)
    from_ms = fields.BigIntField()
    until_ms = fields.BigIntField(null=True)
    bound_by = fields.CharField(max_length=64)
    unbound_by = fields.CharField(max_length=64)

    class Meta:
        table = "pos_operator_binding"
        indexes = (("terminal_id", "from_ms"),)
