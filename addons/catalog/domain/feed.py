"""The change feed's own words: where a device stands, why it must begin anew, how it checks itself.

What a card says does not belong here. The rules as device authors read them: docs/device.md.
"""

from __future__ import annotations

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import replace
from enum import StrEnum
from hashlib import sha256

from kernel.values import value

EPOCH_LENGTH = 8  # hexadecimal digits
VIEW_KEY_LENGTH = 16  # hexadecimal digits
SCHEMA = 1  # what rows look like; another number makes every device load anew
LIMIT_DEFAULT = 1_000  # rows of a page
LIMIT_MAX = 2_000
CURSOR_LENGTH_MAX = 128
CHECK_PRIME = 2_147_483_647

_BODY = struct.Struct(">B4s8sQQ?")  # schema, epoch, view, seq, since, is_load
_SEAL_LENGTH = 6


class EntryKind(StrEnum):
    """What a row of the feed is about."""

    CARD = "card"
    BUNDLE = "bundle"
    GROUP = "group"


class RefetchReason(StrEnum):
    """Why a device has to load the whole catalogue again."""

    CURSOR_UNKNOWN = "cursor_unknown"  # not one of ours, or of another register or company
    SCHEMA_CHANGED = "schema_changed"  # rows look different since an update of the server
    EPOCH_CHANGED = "epoch_changed"  # numbers began anew
    VIEW_CHANGED = "view_changed"  # assortment, percent, rounding or price type of the register
    TOO_OLD = "too_old"  # changes since then were compacted
    AHEAD_OF_SERVER = "ahead_of_server"  # the server was restored from an older copy


@value
class Cursor:
    """How far a device has come.

    seq: changes up to here were read. since: what the device was told about belonging to its view is true as
    of this number: where it was last up to date, or where its first load began. is_load: still loading.
    """

    epoch: str
    view: str
    seq: int
    since: int
    is_load: bool

    def moved_to(self, seq: int, *, is_up_to_date: bool) -> Cursor:
        """The cursor after a page that ends there."""
        if is_up_to_date:
            return replace(self, seq=seq, since=seq, is_load=False)
        return replace(self, seq=seq)


def write_cursor(cursor: Cursor, company_id: str) -> str:
    """The cursor as an opaque text that is good for this company only."""
    body = _BODY.pack(
        SCHEMA,
        bytes.fromhex(cursor.epoch),
        bytes.fromhex(cursor.view),
        cursor.seq,
        cursor.since,
        cursor.is_load,
    )
    return urlsafe_b64encode(body + _seal(body, company_id)).rstrip(b"=").decode()


def read_cursor(text: str, company_id: str) -> Cursor | RefetchReason:
    """The cursor, or why nothing can be continued from it.

    It is sealed against mistakes, not against forgery: whoever changes it only misses changes himself.
    """
    if len(text) > CURSOR_LENGTH_MAX:
        return RefetchReason.CURSOR_UNKNOWN
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (NotBase64, ValueError):
        return RefetchReason.CURSOR_UNKNOWN
    body, seal = raw[:-_SEAL_LENGTH], raw[-_SEAL_LENGTH:]
    if seal != _seal(body, company_id):
        return RefetchReason.CURSOR_UNKNOWN
    if body[0] != SCHEMA or len(body) != _BODY.size:
        return RefetchReason.SCHEMA_CHANGED
    _, epoch, view, seq, since, is_load = _BODY.unpack(body)
    return Cursor(epoch.hex(), view.hex(), seq, since, is_load)


def why_refetch(
    cursor: Cursor, *, epoch: str, view: str, head_seq: int, floor_seq: int
) -> RefetchReason | None:
    """Why a device at the cursor must load anew; None when it may go on."""
    if cursor.epoch != epoch:
        return RefetchReason.EPOCH_CHANGED
    if cursor.view != view:
        return RefetchReason.VIEW_CHANGED
    if cursor.seq > head_seq or cursor.since > head_seq:
        return RefetchReason.AHEAD_OF_SERVER
    if cursor.since < floor_seq:
        return RefetchReason.TOO_OLD
    return None


def check_share(version: int) -> int:
    """What a row of that version adds to the checksum; the checksum is the sum modulo CHECK_PRIME."""
    return (version % CHECK_PRIME) ** 2 % CHECK_PRIME


# The same in SQL; {seq} is the column. 2_147_483_646² fits into 64 bits.
CHECK_SHARE_SQL = f"(({{seq}} % {CHECK_PRIME}) * ({{seq}} % {CHECK_PRIME}) % {CHECK_PRIME})"


def view_key(*definition: object) -> str:
    """Short name of a view: equal definitions give equal pages."""
    return sha256(repr(definition).encode()).hexdigest()[:VIEW_KEY_LENGTH]


def _seal(body: bytes, company_id: str) -> bytes:
    return sha256(b"sauda feed cursor\n" + company_id.encode() + body).digest()[:_SEAL_LENGTH]
