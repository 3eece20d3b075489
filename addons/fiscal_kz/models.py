"""Tables of the fiscal engine: KKM and its passport, shift, document, exchange. Written with plain SQL by
services/store.py, passports by services/passports.py.

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
    ofd_id = fields.BigIntField()  # below zero once it is decommissioned: nobody's id
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
    device_id = fields.CharField(max_length=ID_LENGTH, null=True)  # the only device it works for
    clock_drift_ms = fields.BigIntField(default=0)  # our clock ahead of others, as measured last
    former_ofd_id = fields.BigIntField(null=True)  # the id it had, once it is decommissioned

    class Meta:
        table = "fkz_kkm"
        unique_together = (("profile", "ofd_id"),)
        indexes = (Index(fields=("company_id", "id"), name="fkz_kkm_company"),)


class KkmPassport(CompanyRow):
    """What a KKM is before and besides being fiscal: its factory number, its papers, its end.

    factory_number None: made by somebody else, its OFD knows it. asked_ms: since when the OFD is being asked
    about data that were entered (they live in the job until it says yes). refusal_code: why it said no last.
    """

    register_id = fields.CharField(max_length=ID_LENGTH, unique=True)
    factory_number = fields.CharField(max_length=32, null=True, unique=True)
    made_year = fields.IntField(null=True)
    is_sandbox = fields.BooleanField(default=False)
    created_ms = fields.BigIntField()
    passport_ms = fields.BigIntField(null=True)
    mailed_to = fields.CharField(max_length=190, null=True)
    asked_ms = fields.BigIntField(null=True)
    refusal_code = fields.CharField(max_length=CODE_LENGTH, null=True)
    decommissioned_ms = fields.BigIntField(null=True)
    moved_ms = fields.BigIntField(null=True)  # it went with its register to another company

    class Meta:
        table = "fkz_passport"
        indexes = (Index(fields=("company_id",), name="fkz_passport_company"),)


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
    journal_seq = fields.BigIntField(null=True)  # the register's last journal entry before the shift

    class Meta:
        table = "fkz_shift"
        unique_together = (("kkm_id", "number"),)


class FiscalDocument(CompanyRow):
    """A ticket, cash operation, shift close or X report on its way, and what became of it.

    lane_seq: place in the lane. subject_id: the sale or cash operation of trade. client_key: key of a close
    or report made by a client, once in a register: its lane is held from the look for the key to the row (a
    unique index of both would have an entry, on a page of its register, for each sale). is_offline: it was
    issued without the OFD; is_marked: the bytes for the OFD say so too.
    """

    kkm_id = fields.CharField(max_length=ID_LENGTH)
    register_id = fields.CharField(max_length=ID_LENGTH)
    lane_seq = fields.BigIntField()
    kind = fields.CharEnumField(DocumentKind, max_length=8)  # of documents alone; questions have no row
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
        indexes = (
            Index(fields=("kkm_id", "lane_seq"), name="fkz_document_queue"),
            Index(fields=("subject_id",), name="fkz_document_subject"),
            Index(fields=("client_key",), name="fkz_document_client"),
        )


class HandledDocument(CompanyRow):
    """A document that the OFD refused and a person took out of the queue. id: of the document."""

    kkm_id = fields.CharField(max_length=ID_LENGTH)
    register_id = fields.CharField(max_length=ID_LENGTH)
    result_code = fields.IntField()
    reason = fields.CharField(max_length=500)
    handled_by = fields.CharField(max_length=ID_LENGTH, null=True)
    at_ms = fields.BigIntField()

    class Meta:
        table = "fkz_handled"
        indexes = (Index(fields=("kkm_id",), name="fkz_handled_kkm"),)


class CounterComparison(CompanyRow):
    """Our counters against the OFD's at one moment.

    differences: JSON [[counter, ours, theirs, explained], …].
    """

    kkm_id = fields.CharField(max_length=ID_LENGTH)
    register_id = fields.CharField(max_length=ID_LENGTH)
    at_ms = fields.BigIntField()
    shift_number = fields.IntField()
    differences = fields.TextField()

    class Meta:
        table = "fkz_comparison"
        indexes = (Index(fields=("kkm_id", "at_ms"), name="fkz_comparison_kkm"),)


class NomenclatureAsk(CompanyRow):
    """A question for the OFD's goods and what became of it.

    barcode None: the whole list; version: of the list that came; place, total: how far it is filled in.
    notes: JSON [[title, code], …] of goods left out. found: JSON, the good of a barcode. product_id: the
    product that has its barcode, or became of it.
    """

    register_id = fields.CharField(max_length=ID_LENGTH)
    kkm_id = fields.CharField(max_length=ID_LENGTH)
    barcode = fields.CharField(max_length=64, null=True)
    state = fields.CharField(max_length=8)
    reject_code = fields.CharField(max_length=CODE_LENGTH, null=True)
    version = fields.BigIntField(null=True)
    exchange_id = fields.CharField(max_length=ID_LENGTH, null=True)
    place = fields.IntField(default=0)
    total = fields.IntField(default=0)
    created = fields.IntField(default=0)
    updated = fields.IntField(default=0)
    unchanged = fields.IntField(default=0)
    skipped = fields.IntField(default=0)
    notes = fields.TextField()
    found = fields.TextField(null=True)
    product_id = fields.CharField(max_length=ID_LENGTH, null=True)
    asked_ms = fields.BigIntField()
    settled_ms = fields.BigIntField(null=True)

    class Meta:
        table = "fkz_nomenclature"
        indexes = (Index(fields=("kkm_id", "asked_ms"), name="fkz_nomenclature_kkm"),)


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
