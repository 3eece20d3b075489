"""A device says what it has applied, so that people see which till sells by old goods."""

from __future__ import annotations

from addons.catalog.domain.exchange import AckCatalog
from addons.catalog.domain.feed import RefetchReason, read_cursor
from addons.organization.api import register_card
from kernel.data.work import Param, Work
from kernel.errors import Refusal
from kernel.ids import new_id

FOLLOWER = "cat_feed_follower"
_KNOWN = f"SELECT id FROM {FOLLOWER} WHERE register_id = ? AND follower_id = ? AND company_id = ?"
_UPDATE = f"UPDATE {FOLLOWER} SET epoch = ?, seq = ?, is_verified = ?, acked_ms = ? WHERE id = ?"


def follower_of(work: Work) -> str:
    """Who follows: the till, or the token that asks for it."""
    return work.principal.device_id or work.principal.subject_id


async def ack_catalog(work: Work, command: AckCatalog) -> str:
    """Remember how far the caller's catalogue goes; the follower's id. Saying it again changes nothing.

    Raises Refusal: REGISTER_UNKNOWN, REGISTER_FORBIDDEN, FEED_CURSOR_UNKNOWN, FEED_CURSOR_NOT_COMPLETE (only
    a complete catalogue is applied).
    """
    work.principal.require_register(command.register_id)
    await register_card(work, command.register_id)
    cursor = read_cursor(command.cursor, work.company_id)
    if isinstance(cursor, RefetchReason):
        raise Refusal("FEED_CURSOR_UNKNOWN", field="cursor")
    if cursor.is_load or cursor.seq != cursor.since:
        raise Refusal("FEED_CURSOR_NOT_COMPLETE", field="cursor")
    follower_id = follower_of(work)
    said: dict[str, Param] = {
        "epoch": cursor.epoch,
        "seq": cursor.seq,
        "is_verified": int(command.is_verified),
        "acked_ms": work.now_ms,
    }
    known = await work.row(_KNOWN, command.register_id, follower_id, work.company_id)
    if known is not None:
        await work.execute(_UPDATE, *said.values(), known["id"])
        return str(known["id"])
    row_id = new_id()
    place = {"company_id": work.company_id, "register_id": command.register_id, "follower_id": follower_id}
    await work.insert(FOLLOWER, {"id": row_id, **place, **said})
    return row_id
