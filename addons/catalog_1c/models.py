"""Tables of the 1C exchange: connections, what they send, imports, offers that wait, sales on their way."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields

from addons.catalog.api import EXTERNAL_ID_LENGTH_MAX
from addons.catalog_1c.domain.device_files import DeviceFormat
from addons.catalog_1c.domain.equipment import LinkWay, ReportState, TakenWhen
from kernel.data.fields import UtcField
from kernel.data.model import CompanyRow
from kernel.ids import ID_LENGTH
from kernel.security.passwords import HASH_LENGTH_MAX

TITLE_LENGTH_MAX = 100
DIGEST_LENGTH = 32
CHANNEL_LENGTH_MAX = 20
LOGIN_LENGTH_MAX = 40
SHA256_LENGTH = 64
FILE_NAME_LENGTH_MAX = 255
LINK_NAME_LENGTH_MAX = 60
URL_LENGTH_MAX = 300


class SessionState(StrEnum):
    """How an import stands. REFUSED: the files or the choices were at fault; INTERRUPTED: the process
    died."""

    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"


class ExchangeKind(StrEnum):
    """What an exchange over HTTP is about: goods come in, or sales go out (and orders come in)."""

    CATALOG = "catalog"
    SALE = "sale"


class FileState(StrEnum):
    """How far a file has come. WRITING: a piece of it is arriving; CUT: a piece broke off."""

    WRITING = "writing"
    RECEIVED = "received"
    CUT = "cut"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"


class FileKind(StrEnum):
    """What a file is by its first bytes."""

    XML = "xml"
    ARCHIVE = "archive"
    OTHER = "other"


class Connection(CompanyRow):
    """One 1C base of a company: identity of its goods is (connection, Ид).

    field_names, price_types, properties, choices, warehouses: JSON. properties keeps what the classifier told
    about mapped properties, because it may come in another file than the goods. choices: domain/choices.py.
    """

    title = fields.CharField(TITLE_LENGTH_MAX)
    price_type = fields.CharField(TITLE_LENGTH_MAX, default="")
    default_vat = fields.CharField(20, default="")
    field_names = fields.TextField()
    price_types = fields.TextField()
    properties = fields.TextField()
    created_at = UtcField(source_field="created_ms")
    choices = fields.TextField(null=True)
    warehouses = fields.TextField(null=True)

    class Meta:
        table = "c1c_connection"
        unique_together = (("company_id", "title"),)


class ImportSession(CompanyRow):
    """One import with its report. seen_at is renewed while it runs: an old one means that the process
    died."""

    connection_id = fields.CharField(ID_LENGTH)
    state = fields.CharEnumField(SessionState, max_length=12)
    files = fields.TextField()
    report = fields.TextField()
    refusal_code = fields.CharField(60, default="")
    refusal_facts = fields.TextField()
    started_at = UtcField(source_field="started_ms")
    seen_at = UtcField(source_field="seen_ms")
    finished_at = UtcField(null=True, source_field="finished_ms")
    bytes_read = fields.BigIntField(default=0)
    bytes_total = fields.BigIntField(default=0)
    is_dry = fields.BooleanField(default=False)

    class Meta:
        table = "c1c_session"
        indexes = (("company_id", "id"), ("connection_id", "state"))


class PendingOffer(CompanyRow):
    """An offer whose good has not come yet. waits_for: Ид of the good, also when the offer is of a
    variant."""

    connection_id = fields.CharField(ID_LENGTH)
    external_id = fields.CharField(EXTERNAL_ID_LENGTH_MAX)
    waits_for = fields.CharField(EXTERNAL_ID_LENGTH_MAX)
    digest = fields.CharField(DIGEST_LENGTH)
    body = fields.TextField()
    received_at = UtcField(source_field="received_ms")

    class Meta:
        table = "c1c_pending_offer"
        unique_together = (("connection_id", "external_id"),)
        indexes = (("connection_id", "waits_for"),)


class Access(CompanyRow):
    """How a 1C base signs in over HTTP; the secret was shown once."""

    connection_id = fields.CharField(ID_LENGTH)
    login = fields.CharField(LOGIN_LENGTH_MAX)
    secret_hash = fields.CharField(HASH_LENGTH_MAX)
    created_at = UtcField(source_field="created_ms")
    used_at = UtcField(null=True, source_field="used_ms")

    class Meta:
        table = "c1c_access"
        unique_together = (("connection_id",), ("login",))


class Exchange(CompanyRow):
    """One sign-in of a 1C base over HTTP and what it sent; the next sign-in of the same kind ends it.

    cookie_digest: of the cookie it is recognised by. generation: grows with each `init`, after which a file
    begins anew. documents: of sales it was given; left_out: shifts of registers that only test. pictures:
    pictures and other files beside goods that were not kept, only counted.
    """

    connection_id = fields.CharField(ID_LENGTH)
    kind = fields.CharEnumField(ExchangeKind, max_length=10)
    cookie_digest = fields.CharField(SHA256_LENGTH)
    generation = fields.IntField(default=0)
    is_open = fields.BooleanField(default=True)
    address = fields.CharField(45, default="")
    client = fields.CharField(200, default="")
    offer_id = fields.CharField(ID_LENGTH, null=True)
    documents = fields.IntField(default=0)
    left_out = fields.IntField(default=0)
    pictures = fields.IntField(default=0)
    started_at = UtcField(source_field="started_ms")
    seen_ms = fields.BigIntField()

    class Meta:
        table = "c1c_exchange"
        unique_together = (("cookie_digest",),)
        indexes = (("connection_id", "kind", "is_open"), ("company_id", "id"), ("seen_ms",))


class ExchangeFile(CompanyRow):
    """A file a 1C base sent, or one out of an archive it sent; on disk under the id, never under the name.

    name: as the sender calls it, cleaned. session_id: of its import. refusal_*: why it was not taken.
    runs: how often its job began and did not settle. is_picture: goods may name it as their picture.
    """

    exchange_id = fields.CharField(ID_LENGTH)
    connection_id = fields.CharField(ID_LENGTH)
    archive_id = fields.CharField(ID_LENGTH, null=True)
    name = fields.CharField(FILE_NAME_LENGTH_MAX)
    generation = fields.IntField()
    kind = fields.CharEnumField(FileKind, max_length=10)
    state = fields.CharEnumField(FileState, max_length=10)
    bytes = fields.BigIntField(default=0)
    digest = fields.CharField(SHA256_LENGTH, default="")
    session_id = fields.CharField(ID_LENGTH, null=True)
    refusal_code = fields.CharField(60, default="")
    refusal_facts = fields.TextField()
    is_kept = fields.BooleanField(default=True)
    runs = fields.IntField(default=0)
    received_ms = fields.BigIntField()
    finished_at = UtcField(null=True, source_field="finished_ms")
    is_picture = fields.BooleanField(default=False)

    class Meta:
        table = "c1c_file"
        indexes = (
            ("exchange_id", "name"),
            ("connection_id", "state"),
            ("session_id",),
            ("connection_id", "name"),
            ("is_kept", "received_ms"),
        )


class AwaitedPicture(CompanyRow):
    """A picture that a good names, until its file is found among those received; in either order. Rows of one
    good sort by id as the good names them. session_id: of the import whose report tells of it."""

    connection_id = fields.CharField(ID_LENGTH)
    external_id = fields.CharField(EXTERNAL_ID_LENGTH_MAX)
    name = fields.CharField(FILE_NAME_LENGTH_MAX)
    session_id = fields.CharField(ID_LENGTH)

    class Meta:
        table = "c1c_awaited_picture"
        indexes = (
            ("connection_id", "id"),
            ("connection_id", "external_id"),
            ("connection_id", "name"),
            ("session_id",),
        )


class SalesChannel(CompanyRow):
    """One way by which sales go to a 1C base ("commerceml", "frontol" …); each is acknowledged on its own.

    since_ms: shifts closed before are none of its business. floor_ms: all shifts opened before are settled.
    """

    connection_id = fields.CharField(ID_LENGTH)
    name = fields.CharField(CHANNEL_LENGTH_MAX)
    since_ms = fields.BigIntField()
    floor_ms = fields.BigIntField(default=0)
    offer_id = fields.CharField(ID_LENGTH, null=True)
    offered_at = UtcField(null=True, source_field="offered_ms")
    acknowledged_at = UtcField(null=True, source_field="acknowledged_ms")

    class Meta:
        table = "c1c_sales_channel"
        unique_together = (("connection_id", "name"),)


class SalesShift(CompanyRow):
    """What a channel was told of one shift.

    version grows when the same shift is told with another content. open_tickets, open_after: JSON lists of
    tickets told while their outcome was not final: before the standing offer, and after its acknowledgement.
    is_settled: acknowledged, and nothing of it can change any more.
    """

    channel_id = fields.CharField(ID_LENGTH)
    shift_id = fields.CharField(ID_LENGTH)
    version = fields.IntField(default=1)
    fingerprint = fields.CharField(DIGEST_LENGTH)
    is_acknowledged = fields.BooleanField(default=False)
    is_settled = fields.BooleanField(default=False)
    open_tickets = fields.TextField()
    open_after = fields.TextField()
    offer_id = fields.CharField(ID_LENGTH, null=True)

    class Meta:
        table = "c1c_sales_shift"
        unique_together = (("channel_id", "shift_id"),)
        indexes = (("channel_id", "offer_id"),)


class EquipmentLink(CompanyRow):
    """A 1C base that sees us as a piece of its equipment: goods and reports by files in a folder, or by its
    EquipmentService.

    folder: name under the installation's folder for the company; "" when only commands run the link. taxes:
    JSON, rates by number of the tax group. transfer_*: the price list being fetched; package_asked grows
    before a package is asked for, package_done after it was stored. posted: JSON, "shift:version" that 1C
    confirmed of the standing offer. report_*: of the newest report. trouble_*: what stands in the way now.
    archives_absent: goods that a full load does not name go out of sale.
    """

    connection_id = fields.CharField(ID_LENGTH)
    format = fields.CharEnumField(DeviceFormat, max_length=12)
    way = fields.CharEnumField(LinkWay, max_length=12)
    is_enabled = fields.BooleanField(default=True)
    every_s = fields.IntField()
    due_ms = fields.BigIntField(default=0)
    register_id = fields.CharField(ID_LENGTH, null=True)
    folder = fields.CharField(LINK_NAME_LENGTH_MAX, default="")
    goods_file = fields.CharField(LINK_NAME_LENGTH_MAX, default="")
    goods_flag = fields.CharField(LINK_NAME_LENGTH_MAX, default="")
    report_file = fields.CharField(LINK_NAME_LENGTH_MAX, default="")
    report_flag = fields.CharField(LINK_NAME_LENGTH_MAX, default="")
    encoding = fields.CharField(16, default="")
    taxes = fields.TextField()
    unknown_code = fields.CharField(40)
    mobile_kind = fields.IntField()
    taken_when = fields.CharEnumField(TakenWhen, max_length=12, default=TakenWhen.MARKED)
    service_url = fields.CharField(URL_LENGTH_MAX, default="")
    device_id = fields.CharField(80, default="")
    login = fields.CharField(80, default="")
    password = fields.TextField(null=True)  # sealed
    wants_full = fields.BooleanField(default=True)
    transfer_id = fields.CharField(80, default="")
    package_asked = fields.IntField(default=0)
    package_done = fields.IntField(default=0)
    posted = fields.TextField()
    report_number = fields.BigIntField(default=0)
    next_transaction = fields.BigIntField(default=1)
    trouble_code = fields.CharField(60, default="")
    trouble_facts = fields.TextField()
    ran_at = UtcField(null=True, source_field="ran_ms")
    created_at = UtcField(source_field="created_ms")
    archives_absent = fields.BooleanField(default=False)

    class Meta:
        table = "c1c_equipment_link"
        unique_together = (("connection_id",),)
        indexes = (("is_enabled", "due_ms"),)


class EquipmentReport(CompanyRow):
    """One report of sales of a link, from before it is written until 1C has it.

    transactions: rows of the log from first_transaction on. digest: of the file's bytes.
    """

    link_id = fields.CharField(ID_LENGTH)
    number = fields.BigIntField()
    state = fields.CharEnumField(ReportState, max_length=12)
    offer_id = fields.CharField(ID_LENGTH)
    first_transaction = fields.BigIntField()
    transactions = fields.IntField(default=0)
    digest = fields.CharField(64, default="")
    shifts = fields.IntField(default=0)
    receipts = fields.IntField(default=0)
    unknown_lines = fields.IntField(default=0)
    purchases = fields.IntField(default=0)
    left_out = fields.IntField(default=0)
    created_at = UtcField(source_field="created_ms")
    taken_at = UtcField(null=True, source_field="taken_ms")

    class Meta:
        table = "c1c_equipment_report"
        unique_together = (("link_id", "number"),)
        indexes = (("company_id", "id"),)
