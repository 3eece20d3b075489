"""Tables of the fiscal engine: KKM, shift, document, exchange. Written by services/store.py with plain SQL.

The register's state is columns of the KKM's row plus its counters as one JSON text. An exchange is a row
that exists before a byte leaves; `open_kkm_id` is unique, so a KKM can never have two of them in flight.
Times are epoch ms, sums tiyn.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index

from addons.fiscal_kz.domain.kinds import Block, DocumentKind, Link
from kernel.data.model import CompanyRow
from kernel.ids import ID_LENGTH

CODE_LENGTH = 64


class Kkm(CompanyRow):
    """A fiscal register (KKM) behind one workplace."""

    register_id = fields.CharField(max_length=ID_LENGTH, unique=True)
    profile = fields.CharField(max_length=32)
    ofd_id = fields.BigIntField()
    version = fields.IntField()
    is_active = fields.BooleanField(default=False)
    activated_ms = fields.BigIntField(null=True)
    activation_code = fields.CharField(
        max_length=CODE_LENGTH, null=True
    )  # why the last INFO did not activate it
    card = fields.TextField()  # JSON: registration data, outlet's zone and position
    token = fields.BigIntField()
    reqnum = fields.IntField(default=0)
    link = fields.CharEnumField(Link, max_length=8, default=Link.ONLINE)
    offline_since_ms = fields.BigIntField(null=True)
    retry_at_ms = fields.BigIntField(default=0)
    undelivered = fields.IntField(default=0)
    oldest_ms = fields.BigIntField(null=True)
    has_backlog = fields.BooleanField(default=False)
    block = fields.CharEnumField(Block, max_length=24, default=Block.NONE)
    block_code = fields.IntField(default=0)
    server_blocks = fields.IntField(default=0)
    shift_id = fields.CharField(max_length=ID_LENGTH, null=True)
    shift_number = fields.IntField(default=0)
    shift_opened_ms = fields.BigIntField(null=True)
    is_shift_expired = fields.BooleanField(default=False)
    documents = fields.BigIntField(default=0)
    shift_documents = fields.IntField(default=0)
    last_document_ms = fields.BigIntField(default=0)
    last_offline_number = fields.BigIntField(default=0)
    counters = fields.TextField()  # JSON [life, shift]
    notices = fields.TextField(
        default=""
    )  # JSON list of the OFD's texts by type; type 4 is shown when blocked

    class Meta:
        table = "fkz_kkm"
        unique_together = (("profile", "ofd_id"),)
        indexes = (Index(fields=("company_id", "id"), name="fkz_kkm_company"),)


class Shift(CompanyRow):
    """A shift; report and server_report are Z reports as JSON, ours and the OFD's."""

    kkm_id = fields.CharField(max_length=ID_LENGTH)
    register_id = fields.CharField(max_length=ID_LENGTH)
    number = fields.IntField()
    opened_ms = fields.BigIntField()
    closed_ms = fields.BigIntField(null=True)
    closed_by = fields.CharField(max_length=ID_LENGTH, null=True)
    report = fields.TextField(null=True)
    server_report = fields.TextField(null=True)

    class Meta:
        table = "fkz_shift"
        unique_together = (("kkm_id", "number"),)


class FiscalDocument(CompanyRow):
    """A ticket, cash operation, shift close or X report on its way, and what became of it.

    lane_seq: place in the lane. subject_id: the sale or cash operation of trade. client_key: key of a close
    or report made by a client. is_offline: it was issued without the OFD; is_marked: the bytes for the OFD
    say so too.
    """

    kkm_id = fields.CharField(max_length=ID_LENGTH)
    register_id = fields.CharField(max_length=ID_LENGTH)
    lane_seq = fields.BigIntField()
    kind = fields.CharEnumField(DocumentKind, max_length=8)
    subject_id = fields.CharField(max_length=ID_LENGTH, null=True)
    client_key = fields.CharField(max_length=ID_LENGTH, null=True)
    state = fields.CharField(max_length=12)
    body = fields.TextField()  # JSON: everything the request is built from but numbers
    total = fields.BigIntField(default=0)
    created_ms = fields.BigIntField()
    at_ms = fields.BigIntField(null=True)
    shift_number = fields.IntField(null=True)
    document_number = fields.BigIntField(null=True)
    shift_document_number = fields.IntField(null=True)
    offline_number = fields.BigIntField(null=True)
    is_offline = fields.BooleanField(default=False)
    is_marked = fields.BooleanField(default=False)
    request = fields.TextField(null=True)  # base64, of an offline document: what will be delivered
    sign = fields.CharField(max_length=32, null=True)
    qr_text = fields.CharField(max_length=512, default="")
    result_code = fields.IntField(null=True)
    reject_code = fields.CharField(max_length=CODE_LENGTH, null=True)
    settled_ms = fields.BigIntField(null=True)
    report = fields.TextField(null=True)  # JSON: our own Z or X
    server_report = fields.TextField(null=True)  # JSON: the OFD's

    class Meta:
        table = "fkz_document"
        unique_together = (("register_id", "client_key"),)
        indexes = (
            Index(fields=("kkm_id", "lane_seq"), name="fkz_document_queue"),
            Index(fields=("subject_id",), name="fkz_document_subject"),
        )


class OfdExchange(CompanyRow):
    """One request to the OFD: command, TOKEN, REQNUM and bytes, durable before sending; then the raw
    answer.
    """

    kkm_id = fields.CharField(max_length=ID_LENGTH)
    open_kkm_id = fields.CharField(
        max_length=ID_LENGTH, null=True, unique=True
    )  # the KKM while no answer is known
    document_id = fields.CharField(max_length=ID_LENGTH)
    command = fields.IntField()
    token = fields.BigIntField()
    reqnum = fields.IntField()
    numbers = fields.TextField(null=True)  # JSON
    started_ms = fields.BigIntField()
    ended_ms = fields.BigIntField(null=True)
    attempts = fields.IntField(default=0)  # that ended without an answer
    may_have_arrived = fields.BooleanField(default=False)
    request = fields.TextField()  # base64 payload without header and offline_period
    answer = fields.TextField(null=True)  # base64 payload
    code = fields.IntField(null=True)

    class Meta:
        table = "fkz_exchange"
        indexes = (Index(fields=("document_id",), name="fkz_exchange_document"),)
