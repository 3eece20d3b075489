"""Identifiers: UUID version 7 as text, so that rows made later sort later and clients may make their own
keys.
"""

from __future__ import annotations

import os
import re
import time
from typing import NewType

CompanyId = NewType("CompanyId", str)

ID_LENGTH = 36
_RANDOM_BYTES = 10
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id() -> str:
    """A fresh UUIDv7 (RFC 9562 §5.7) in lower-case text: 48 bits of milliseconds, 74 random bits."""
    return _uuid7(time.time_ns() // 1_000_000, os.urandom(_RANDOM_BYTES))


def new_ids(count: int) -> list[str]:
    """That many fresh ids in rising order of their making; one call of the system for all of them."""
    ms = time.time_ns() // 1_000_000
    random = os.urandom(_RANDOM_BYTES * count)
    return sorted(
        _uuid7(ms, random[start : start + _RANDOM_BYTES]) for start in range(0, len(random), _RANDOM_BYTES)
    )


def _uuid7(ms: int, random_bytes: bytes) -> str:
    random = int.from_bytes(random_bytes, "big")
    value = (
        (ms & 0xFFFFFFFFFFFF) << 80
        | 0x7 << 76
        | (random >> 68 & 0xFFF) << 64
        | 0b10 << 62
        | random & (1 << 62) - 1
    )
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_uuid(text: str) -> bool:
    """True for a lower-case UUID in canonical form, of any version."""
    return _UUID.fullmatch(text) is not None
