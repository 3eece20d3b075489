"""What X and Z reports say so that a shift can be proved from its papers alone: the head of the register's
journal and a digest over the shift's documents.

    digest = SHA-256(digest before, date, sum, kind, user, register), each part ended by a line feed

over every ticket and cash operation of the shift in its order, from 64 zeros: date in epoch milliseconds,
sum in tiyn, kind as in BUY … SELL_RETURN, DEPOSIT, WITHDRAWAL, user the operator's code, register the id of
the register. How the journal keeps these is kernel.journal's business (the face of an entry).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from kernel.values import value

BEGIN = "0" * 64
CLOSE = "CLOSE"


@value
class ShiftProof:
    """head: digest of the register's last journal entry, number head_seq, before the report. digest: over the
    shift's documents, of which there are `documents`.
    """

    head: str
    head_seq: int
    digest: str
    documents: int


def document_digest(before: str, register_id: str, face: Mapping[str, Any]) -> str:
    """The digest of the shift after one more document, by what lies open of its entry."""
    parts = (before, face["at_ms"], face["sum"], face["op"], face["user"], register_id)
    return hashlib.sha256("".join(f"{part}\n" for part in parts).encode()).hexdigest()
