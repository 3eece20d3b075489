"""What changed for a device since it asked last: the next page, or why it has to load everything again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from addons.catalog.domain.feed import (
    LIMIT_MAX,
    Cursor,
    RefetchReason,
    read_cursor,
    why_refetch,
    write_cursor,
)
from addons.catalog.services.feed_head import Head
from addons.catalog.services.feed_pages import Check, FeedPages, Gone, Page
from addons.catalog.services.feed_view import FeedView, feed_view
from addons.organization.api import register_card
from kernel.data.work import Reader
from kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class Changes:
    """A page for one device. must_refetch: then nothing else is given. is_load: part of a first load, which
    replaces all the device has. check: given when the device is up to date with this page and it is known.
    """

    must_refetch: RefetchReason | None = None
    page: Page | None = None
    gone: Sequence[Gone] = field(default_factory=tuple)
    next_cursor: str = ""
    is_load: bool = False
    has_more: bool = False
    check: Check | None = None


class FeedNotBegun(Exception):
    """The company's feed begins with begin_feed, in a Work of its own; then ask again."""


async def catalog_changes(
    reader: Reader, pages: FeedPages, register_id: str, cursor_text: str | None, *, limit: int
) -> Changes:
    """What follows the cursor in the view of a register; None begins a first load.

    Raises FeedNotBegun, Refusal: REGISTER_UNKNOWN, REGISTER_FORBIDDEN, FEED_LIMIT_OUT_OF_RANGE.
    """
    if not 1 <= limit <= LIMIT_MAX:
        raise Refusal("FEED_LIMIT_OUT_OF_RANGE", field="limit", max=LIMIT_MAX)
    reader.principal.require_register(register_id)
    await register_card(reader, register_id)
    view, head = await feed_view(reader, register_id)
    if head is None:
        raise FeedNotBegun
    cursor = _start(view, head) if cursor_text is None else _continued(cursor_text, view, head)
    if isinstance(cursor, RefetchReason):
        return Changes(must_refetch=cursor)
    page = await pages.page(reader, view, head, after=cursor.seq, since=cursor.since, limit=limit)
    check = None
    if page.is_last:
        at_end = Head(head.epoch, page.end_seq, head.floor_seq)
        check = await pages.check(reader, view, at_end)
    following = cursor.moved_to(page.end_seq, is_up_to_date=page.is_last)
    return Changes(
        page=page,
        gone=_gone(page.gone, cursor),
        next_cursor=write_cursor(following, view.company_id),
        is_load=cursor.is_load,
        has_more=not page.is_last,
        check=check,
    )


def _start(view: FeedView, head: Head) -> Cursor:
    """A first load walks the whole feed; what moves while it does has a number above the pinned one."""
    return Cursor(head.epoch, view.key, 0, head.seq, True)


def _continued(text: str, view: FeedView, head: Head) -> Cursor | RefetchReason:
    cursor = read_cursor(text, view.company_id)
    if isinstance(cursor, RefetchReason):
        return cursor
    reason = why_refetch(cursor, epoch=head.epoch, view=view.key, head_seq=head.seq, floor_seq=head.floor_seq)
    return cursor if reason is None else reason


def _gone(found: Iterable[Gone], cursor: Cursor) -> list[Gone]:
    """Tombstones for what the device may have: what did not move since it knew all was not in its view."""
    return [each for each in found if each.moved_seq > cursor.since]
