"""The hash chain of a lane's journal: what an entry is and how its digest follows from the one before.

    digest = SHA-256(previous digest, company, lane, seq, kind, at_ms, body)

Each header part ends with a line feed, which none of them may hold; the body is canonical JSON text. The
chain starts from `GENESIS`. Reading, storing and checking live elsewhere.
"""

from __future__ import annotations

import hashlib

from kernel.values import value

GENESIS = "0" * 64
KIND_LENGTH_MAX = 64


@value
class JournalEntry:
    """One fact, never altered. `body` is canonical JSON text; `digest` is lower-case hex."""

    company_id: str | None
    lane_key: str
    seq: int
    kind: str
    body: str
    at_ms: int
    digest: str


def digest_of(
    previous: str, *, company_id: str | None, lane_key: str, seq: int, kind: str, at_ms: int, body: str
) -> str:
    """The digest of an entry that follows the entry with digest `previous`."""
    text = f"{previous}\n{company_id or ''}\n{lane_key}\n{seq}\n{kind}\n{at_ms}\n{body}"
    return hashlib.sha256(text.encode()).hexdigest()


def check_name(name: str, limit: int) -> str:
    """The name itself, if it may stand in a header: one printable line of 1 to `limit` characters."""
    if not name or len(name) > limit or not name.isprintable():
        raise ValueError(f"bad name in a journal header: {name!r}")
    return name
