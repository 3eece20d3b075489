"""The table of questions to terminals that only a shop's agent reaches. Rows live for hours."""

from __future__ import annotations

from tortoise import fields

from kernel.data.model import CompanyRow
from kernel.ids import ID_LENGTH


class ShopExchangeRow(CompanyRow):
    """request, answer: sealed, emptied when nobody needs them any more. take_until_ms: then it counts
    as never sent, when nobody has taken it.
    """

    outlet_id = fields.CharField(max_length=ID_LENGTH)
    terminal_id = fields.CharField(max_length=ID_LENGTH)
    state = fields.CharField(max_length=16)
    request = fields.TextField()
    answer = fields.TextField()
    limit_ms = fields.IntField()
    holder = fields.CharField(max_length=80, null=True)
    take_until_ms = fields.BigIntField()
    ended_ms = fields.BigIntField(null=True)
    created_ms = fields.BigIntField()

    class Meta:
        table = "pos_shop_exchange"
        indexes = (("company_id", "outlet_id", "state"), ("created_ms",))
