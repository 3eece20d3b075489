"""Tables of the change feed and of exchanges with devices. Goods themselves are in models."""

from __future__ import annotations

from tortoise import fields

from addons.catalog.domain.exchange import NOTE_LENGTH_MAX
from addons.catalog.domain.feed import EPOCH_LENGTH
from kernel.data.fields import UtcField
from kernel.data.model import CompanyRow
from kernel.ids import ID_LENGTH

CODE_LENGTH = 16


class FeedHead(CompanyRow):
    """How far a company's feed has come; locked by whoever gives out numbers, at the end of a transaction.

    epoch changes when numbers begin anew; archived entries up to floor_seq may have been compacted away;
    entries up to tidied_seq were looked through for that. ordered_ms: the last order of an exchange.
    """

    epoch = fields.CharField(EPOCH_LENGTH)
    seq = fields.BigIntField()
    floor_seq = fields.BigIntField(default=0)
    tidied_seq = fields.BigIntField(default=0)
    ordered_ms = UtcField(null=True)

    class Meta:
        table = "cat_feed_head"
        unique_together = (("company_id",),)


class FeedEntry(CompanyRow):
    """The newest change of one card, package or group, whose id it bears.

    seq: its number in the order of commits, without gaps when given out; moved_seq: of the newest change that
    may have put it into a view or out of one. is_out: archived.
    """

    kind = fields.CharField(CODE_LENGTH)
    seq = fields.BigIntField()
    moved_seq = fields.BigIntField(default=0)
    is_out = fields.BooleanField(default=False)
    at_ms = UtcField()

    class Meta:
        table = "cat_feed"
        indexes = (("company_id", "seq"),)


class FeedFollower(CompanyRow):
    """What a device of a register said it has applied. follower_id: the device, or the token that asks."""

    register_id = fields.CharField(ID_LENGTH)
    follower_id = fields.CharField(ID_LENGTH)
    epoch = fields.CharField(EPOCH_LENGTH)
    seq = fields.BigIntField()
    is_verified = fields.BooleanField(default=False)
    acked = UtcField(source_field="acked_ms")

    class Meta:
        table = "cat_feed_follower"
        unique_together = (("register_id", "follower_id"),)
        indexes = (("company_id", "register_id"),)


class Exchange(CompanyRow):
    """One order to a register: send it the goods, have it send its sales, test the link.

    until_ms: an order that is still open then has failed. follower_id: who took it. epoch, target_seq: goods
    are sent once the device has applied the feed up to there. is_full: it loads everything again.
    """

    register_id = fields.CharField(ID_LENGTH)
    kind = fields.CharField(CODE_LENGTH)
    state = fields.CharField(CODE_LENGTH)
    reason = fields.CharField(64, default="")
    note = fields.CharField(NOTE_LENGTH_MAX, default="")
    moved_count = fields.IntField(default=0)  # cards or sales
    is_full = fields.BooleanField(default=False)
    epoch = fields.CharField(EPOCH_LENGTH, default="")
    target_seq = fields.BigIntField(default=0)
    ordered_by = fields.CharField(ID_LENGTH)
    follower_id = fields.CharField(ID_LENGTH, default="")
    created_ms = UtcField()
    taken_ms = UtcField(null=True)
    ready_ms = UtcField(null=True)
    ended_ms = UtcField(null=True)
    until_ms = UtcField()

    class Meta:
        table = "cat_exchange"
        indexes = (("company_id", "register_id", "id"), ("state", "until_ms"))
