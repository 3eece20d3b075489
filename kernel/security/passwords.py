"""Slow hashes of passwords and PINs (argon2id) made in a thread. Who may try how often is not decided here.

Profile: 19 MiB, 2 passes, 1 lane, the minimum of OWASP's password storage guidance; about 20 ms on one core.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from kernel.errors import Refusal, Unavailable

SECRET_LENGTH_MAX = 256  # characters; longer input only burns processor time
HASH_LENGTH_MAX = 128  # characters of the encoded hash with our profile, rounded up
THREADS = 2  # hashes at once: 19 MiB each
WAITING_MAX = 256  # hashes queued or running before we ask the caller to come later

T = TypeVar("T")

_hasher = PasswordHasher(
    time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)
_threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="argon2")
_waiting = 0

# A hash nobody knows the secret of: an unknown login costs the same time as a wrong password.
NOBODY = _hasher.hash("9b0d6f5f-1b1c-4f57-8e0e-8d0a2f6d7a11")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of a check. is_stale: right, but made with an older profile, so hash it again."""

    is_right: bool
    is_stale: bool = False


async def hash_secret(secret: str) -> str:
    """Encoded argon2id hash, at most HASH_LENGTH_MAX characters.

    Raises Refusal("SECRET_TOO_LONG"), Unavailable("HASHING_BUSY").
    """
    return await _in_thread(lambda: _hasher.hash(_bounded(secret)))


async def verify_secret(encoded: str | None, secret: str) -> Verdict:
    """Compare; a missing hash costs the same time and is never right. Raises Unavailable("HASHING_BUSY")."""
    if len(secret) > SECRET_LENGTH_MAX:
        return Verdict(is_right=False)
    verdict = await _in_thread(lambda: _verify(encoded or NOBODY, secret))
    return verdict if encoded else Verdict(is_right=False)


def _verify(encoded: str, secret: str) -> Verdict:
    try:
        _hasher.verify(encoded, secret)
    except (VerificationError, InvalidHashError):
        return Verdict(is_right=False)
    return Verdict(is_right=True, is_stale=_hasher.check_needs_rehash(encoded))


def _bounded(secret: str) -> str:
    if len(secret) > SECRET_LENGTH_MAX:
        raise Refusal("SECRET_TOO_LONG", max=SECRET_LENGTH_MAX)
    return secret


async def _in_thread(work: Callable[[], T]) -> T:
    global _waiting
    if _waiting >= WAITING_MAX:
        raise Unavailable("HASHING_BUSY")
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work)
    finally:
        _waiting -= 1
