"""Tables of the 1C exchange: connections, imports and offers that wait for their goods."""

from __future__ import annotations

from enum import StrEnum

from tortoise import fields

from addons.catalog.api import EXTERNAL_ID_LENGTH_MAX
from kernel.data.fields import UtcField
from kernel.data.model import CompanyRow
from kernel.ids import ID_LENGTH

TITLE_LENGTH_MAX = 100
DIGEST_LENGTH = 32


class SessionState(StrEnum):
    """How an import stands. REFUSED: the files or the choices were at fault; INTERRUPTED: the process
    died."""

    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"


class Connection(CompanyRow):
    """One 1C base of a company: identity of its goods is (connection, Ид).

    options, price_types, properties: JSON. properties keeps what the classifier told about mapped properties,
    because it may come in another file than the goods.
    """

    title = fields.CharField(TITLE_LENGTH_MAX)
    price_type = fields.CharField(TITLE_LENGTH_MAX, default="")
    default_vat = fields.CharField(20, default="")
    field_names = fields.TextField()
    price_types = fields.TextField()
    properties = fields.TextField()
    created_at = UtcField(source_field="created_ms")

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
