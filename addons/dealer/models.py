"""Tables of dealer: links between dealers and clients, blocks, visits, proposals to move registers.

Each row belongs to two companies, so none has company_id: services name dealer_id or client_id themselves.
"""

from __future__ import annotations

from tortoise import fields

from kernel.data.fields import UtcField
from kernel.data.model import Row
from kernel.ids import ID_LENGTH


class DealerLink(Row):
    """A client's request to a dealer and what became of it. permissions: text with spaces."""

    dealer_id = fields.CharField(max_length=ID_LENGTH)
    client_id = fields.CharField(max_length=ID_LENGTH)
    state = fields.CharField(max_length=16)
    permissions = fields.TextField()
    asked_ms = UtcField()
    answered = UtcField(source_field="answered_ms", null=True)
    ended = UtcField(source_field="ended_ms", null=True)

    class Meta:
        table = "dealer_link"
        indexes = (("dealer_id", "state", "client_id"), ("client_id", "state"))


class DealerBlock(Row):
    """A dealer takes no more requests of a client."""

    dealer_id = fields.CharField(max_length=ID_LENGTH)
    client_id = fields.CharField(max_length=ID_LENGTH)
    created = UtcField(source_field="created_ms")

    class Meta:
        table = "dealer_block"
        unique_together = (("dealer_id", "client_id"),)


class DealerVisit(Row):
    """Somebody of a dealer entered a client's account."""

    dealer_id = fields.CharField(max_length=ID_LENGTH)
    client_id = fields.CharField(max_length=ID_LENGTH)
    user_id = fields.CharField(max_length=ID_LENGTH)
    user_name = fields.CharField(max_length=128)
    session_id = fields.CharField(max_length=ID_LENGTH)
    entered_ms = UtcField()
    address = fields.CharField(max_length=45, null=True)

    class Meta:
        table = "dealer_visit"
        indexes = (("client_id", "entered_ms"), ("dealer_id", "entered_ms"))


class DealerMove(Row):
    """A proposal to move a register to the other company of a link, made by one side for the other to agree.

    to_outlet_id: known from the beginning when the receiving side proposes, else named with its consent.
    code: while it is checked, why the register could not move yet; None while the answer is awaited.
    """

    link_id = fields.CharField(max_length=ID_LENGTH)
    from_id = fields.CharField(max_length=ID_LENGTH)
    to_id = fields.CharField(max_length=ID_LENGTH)
    register_id = fields.CharField(max_length=ID_LENGTH)
    register_title = fields.CharField(max_length=200)
    to_outlet_id = fields.CharField(max_length=ID_LENGTH, null=True)
    proposed_by = fields.CharField(max_length=ID_LENGTH)
    state = fields.CharField(max_length=16)
    proposed_ms = UtcField()
    answered = UtcField(source_field="answered_ms", null=True)
    new_register_id = fields.CharField(max_length=ID_LENGTH, null=True)
    code = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "dealer_move"
        indexes = (("from_id", "state"), ("to_id", "state"), ("register_id",))
