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
_RANDOM_DIGITS = 16  # of one id; two bits of them give way to the variant
_STEPS_OF_MS = 4096  # what the twelve bits after the milliseconds tell apart
_POOL_IDS = 512  # made by one call of the system
_VARIANTS = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id() -> str:
    """A fresh UUIDv7 (RFC 9562 §5.7) in lower-case text: 48 bits of milliseconds, 12 of their parts
    (§6.2, method 3), 62 random bits. Later than every id this process made before.
    """
    global _last_stamp
    stamp = time.time_ns() * _STEPS_OF_MS // 1_000_000
    if stamp <= _last_stamp:
        stamp = _last_stamp + 1
    _last_stamp = stamp
    digits = f"{stamp:015x}"
    return f"{digits[:8]}-{digits[8:12]}-7{digits[12:]}-{_random()}"


def new_ids(count: int) -> list[str]:
    """That many fresh ids in rising order."""
    return [new_id() for _ in range(count)]


def _random() -> str:
    """The two last parts of an id, which nobody else gets: the variant and 62 random bits."""
    while True:
        try:
            return _pool.pop()
        except IndexError:
            digits = os.urandom(_POOL_IDS * _RANDOM_DIGITS // 2).hex()
            _pool.extend(
                f"{_VARIANTS[digits[at]]}{digits[at + 1 : at + 4]}-{digits[at + 4 : at + _RANDOM_DIGITS]}"
                for at in range(0, len(digits), _RANDOM_DIGITS)
            )


_last_stamp = 0
_pool: list[str] = []
# A child must not draw what its parent draws too.
os.register_at_fork(after_in_child=_pool.clear)


def is_uuid(text: str) -> bool:
    """True for a lower-case UUID in canonical form, of any version."""
    return _UUID.fullmatch(text) is not None
