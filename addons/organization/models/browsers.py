"""Table of signed-in browsers: which session a cookie stands for, and when somebody was last there."""

from __future__ import annotations

from tortoise import fields

from kernel.data.fields import UtcField
from kernel.data.model import Row
from kernel.ids import ID_LENGTH
from kernel.security.api_tokens import DIGEST_LENGTH


class Browser(Row):
    """One browser of one session; the cookie itself is kept as its SHA-256 digest only."""

    session_id = fields.CharField(max_length=ID_LENGTH)
    subject_id = fields.CharField(max_length=ID_LENGTH)
    digest = fields.CharField(max_length=DIGEST_LENGTH, unique=True)
    seen_ms = UtcField()

    class Meta:
        table = "org_browser"
        indexes = (("seen_ms",),)
