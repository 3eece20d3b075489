"""Opaque global ids: a type's name and a row's key, wrapped so that nobody outside builds or parses them."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache

from strawberry import ID

from kernel.errors import Refusal

GLOBAL_ID_MAX = 160  # characters
IDS_KEPT = 8192  # read ids: a till names its register, its cashier and its goods in every request

_PLAIN = re.compile(r"([A-Z][A-Za-z0-9]{0,39}):([0-9A-Za-z_.-]{1,64})")


def to_global(type_name: str, key: str) -> ID:
    """The global id of the row with that key: base64url without padding."""
    return ID(base64.urlsafe_b64encode(f"{type_name}:{key}".encode()).rstrip(b"=").decode())


@lru_cache(maxsize=IDS_KEPT)
def split_global(global_id: str) -> tuple[str, str]:
    """Type name and key of a global id. Raises Refusal("BAD_ID") for anything we did not make."""
    if len(global_id) > GLOBAL_ID_MAX:
        raise Refusal("BAD_ID")
    try:
        raw = base64.b64decode(global_id + "=" * (-len(global_id) % 4), altchars=b"-_", validate=True).decode(
            "ascii"
        )
    except (binascii.Error, ValueError) as error:
        raise Refusal("BAD_ID") from error
    match = _PLAIN.fullmatch(raw)
    if match is None or to_global(match[1], match[2]) != global_id:
        raise Refusal("BAD_ID")
    return match[1], match[2]


def from_global(global_id: str, type_name: str, *, field: str | None = None) -> str:
    """The row's key, when the id belongs to that type. Raises Refusal("BAD_ID") otherwise; field is the
    input's path.
    """
    try:
        found, key = split_global(global_id)
    except Refusal as refusal:
        raise Refusal("BAD_ID", field=field, expected=type_name) from refusal
    if found != type_name:
        raise Refusal("BAD_ID", field=field, expected=type_name)
    return key


def from_global_or_none(global_id: str | None, type_name: str, *, field: str | None = None) -> str | None:
    """As from_global; None for an id that was left out."""
    return None if global_id is None else from_global(global_id, type_name, field=field)
