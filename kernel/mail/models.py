"""The table of letters: what was posted and what became of it."""

from __future__ import annotations

from tortoise import fields

from kernel.data.model import Row
from kernel.ids import ID_LENGTH


class LetterRow(Row):
    """A letter. `body` is JSON with the texts and the names of the attachments; rows that ended are deleted
    after mail.keep_ms.
    """

    company_id = fields.CharField(max_length=ID_LENGTH, null=True)
    recipient = fields.CharField(max_length=254)
    subject = fields.CharField(max_length=200)
    about = fields.CharField(max_length=128)
    state = fields.CharField(max_length=16)
    attempts = fields.IntField()
    answer = fields.CharField(max_length=250, null=True)  # what the mail server said last
    body = fields.TextField()
    posted_ms = fields.BigIntField()
    ended_ms = fields.BigIntField(null=True)

    class Meta:
        table = "kernel_letter"
        indexes = (("company_id", "posted_ms"), ("company_id", "about"), ("company_id", "ended_ms"))
