"""The body of a journal entry at rest: sealed by AES-256-GCM, opened again in this one place.

What is stored is one line of text,

    j1.<key>.<commitment>.<base64 of nonce, salt and body, sealed>.<face>

and the chain's digest is taken over it as it stands: whoever has lost the key can still prove that nothing
was changed. The *face* is a canonical JSON object that stays open: what the digests of shifts are made of.
The *commitment* is SHA-256(salt + body); with the salt and the body given away, anybody can check that they
are what was sealed. The body holds all facts, those of the face too.

Each lane has a key of its own, derived from the installation's, so a random nonce of 96 bits does not
repeat: a counter would, when a restored copy writes the same number again. The seal is bound to the entry's
place: in another one it does not open. An older entry whose text begins with "{" was never sealed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kernel.config_sections import SecuritySettings
from kernel.errors import Fault, Refusal
from kernel.journal.canonical import JSON, parse
from kernel.journal.chain import JournalEntry
from kernel.security.sealed import key_file, parse_keys

VERSION = "j1"
NONCE_BYTES = 12
SALT_BYTES = 16
LANES_MAX = 4_096  # ciphers kept ready
_PURPOSE = b"sauda journal 1\n"


class Damaged(Fault):
    """An entry is not what was sealed for its place of the journal."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What was sealed: the body's canonical text, and the salt that proves it; "" for an entry without
    seal.
    """

    body: str
    salt: str = ""

    @property
    def facts(self) -> dict[str, JSON]:
        """The body as it was journaled."""
        return parse(self.body)


class JournalSealer:
    """Seals with the first key, opens with all of them."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self._current = next(iter(keys))
        self._ciphers: dict[tuple[str, str], AESGCM] = {}

    def seal(
        self, body: str, face: str, *, company_id: str | None, lane_key: str, seq: int, kind: str, at_ms: int
    ) -> str:
        """The text to store for a body in canonical JSON. face: what stays open, canonical JSON or ""."""
        name = self._current
        random = os.urandom(NONCE_BYTES + SALT_BYTES)
        nonce, plain = random[:NONCE_BYTES], random[NONCE_BYTES:] + body.encode()
        head = f"{VERSION}.{name}.{hashlib.sha256(plain).hexdigest()}"
        bound = _bound(head, company_id, lane_key, seq, kind, at_ms, face)
        sealed = self._cipher(name, lane_key).encrypt(nonce, plain, bound)
        return f"{head}.{b2a_base64(nonce + sealed, newline=False).decode()}.{face}"

    def open(self, entry: JournalEntry) -> Opened:
        """What was sealed. Raises Refusal("JOURNAL_KEY_MISSING"), Damaged."""
        if not is_sealed(entry.body):
            return Opened(entry.body)
        name, commitment, sealed, face = _parts(entry)
        if name not in self._keys:
            raise Refusal("JOURNAL_KEY_MISSING", key=name)
        head = f"{VERSION}.{name}.{commitment}"
        bound = _bound(head, entry.company_id, entry.lane_key, entry.seq, entry.kind, entry.at_ms, face)
        try:
            raw = a2b_base64(sealed, strict_mode=True)
            cipher = self._cipher(name, entry.lane_key)
            plain = cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound)
        except (InvalidTag, NotBase64, ValueError):
            raise _broken(entry) from None
        if hashlib.sha256(plain).hexdigest() != commitment:
            raise _broken(entry)
        return Opened(plain[SALT_BYTES:].decode(), plain[:SALT_BYTES].hex())

    def _cipher(self, name: str, lane_key: str) -> AESGCM:
        found = self._ciphers.get((name, lane_key))
        if found is None:
            if len(self._ciphers) >= LANES_MAX:
                self._ciphers.clear()
            key = hmac.digest(self._keys[name], _PURPOSE + lane_key.encode(), "sha256")
            found = self._ciphers[name, lane_key] = AESGCM(key)
        return found


def is_sealed(body: str) -> bool:
    """False for an entry written before journals were sealed."""
    return body.startswith(f"{VERSION}.")


def key_of(body: str) -> str:
    """Name of the key an entry was sealed with; "" for one without seal."""
    return body.split(".", 2)[1] if is_sealed(body) else ""


def face_of(body: str) -> Mapping[str, JSON]:
    """What lies open of an entry; all of it when it was never sealed."""
    text = body.split(".", 4)[4] if is_sealed(body) else body
    return parse(text) if text else {}


@lru_cache(maxsize=4)
def journal_sealer(settings: SecuritySettings) -> JournalSealer:
    """The sealer of this installation: the keys of `security.seal_key`. Raises Fault on a bad key."""
    return JournalSealer(parse_keys(settings.seal_key.reveal() or key_file(Path(settings.seal_key_file))))


def _bound(
    head: str, company_id: str | None, lane_key: str, seq: int, kind: str, at_ms: int, face: str
) -> bytes:
    """What the seal is bound to besides its key: the place in the journal and what lies open."""
    return f"{head}\n{company_id or ''}\n{lane_key}\n{seq}\n{kind}\n{at_ms}\n{face}".encode()


def _parts(entry: JournalEntry) -> tuple[str, str, str, str]:
    parts = entry.body.split(".", 4)
    if len(parts) != 5:
        raise _broken(entry)
    return parts[1], parts[2], parts[3], parts[4]


def _broken(entry: JournalEntry) -> Damaged:
    return Damaged(f"entry {entry.seq} of {entry.lane_key} is not what was sealed there")
