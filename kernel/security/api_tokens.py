"""Opaque tokens: a random text shown once and kept only as a SHA-256 digest.

Form: sauda_<kind>_<32 random><6 checksum>, base 62. The fixed beginning lets secret scanners find a leaked
one; the checksum lets us turn away a mistyped one without asking the database. A fast hash is enough: there
are 190 random bits to guess.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import Refusal

RANDOM_LENGTH = 32
CHECKSUM_LENGTH = 6
VISIBLE_LENGTH = 4  # characters of the random part that stay visible in lists
DIGEST_LENGTH = 64
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FORM = re.compile(rf"sauda_([a-z]+)_([0-9A-Za-z]{{{RANDOM_LENGTH}}})([0-9A-Za-z]{{{CHECKSUM_LENGTH}}})")


class TokenKind(StrEnum):
    """What an opaque token opens."""

    LIVE = "live"  # API of a real company
    TEST = "test"  # API of a sandbox
    DEVICE = "device"  # a bound till
    BIND = "bind"  # one-time: turns into a device token
    INSPECT = "inspect"  # an inspector reads one register over one period
    APPROVAL = "approval"  # one-time: an administrator's word for one document
    WEB = "web"  # the cookie of a browser
    LETTER = "letter"  # one-time: proves that a letter was read
    REFRESH = "refresh"  # one-time: turns into the next pair of a session


API_KINDS = frozenset({TokenKind.LIVE, TokenKind.TEST, TokenKind.INSPECT})
_KINDS = frozenset(kind.value for kind in TokenKind)


@dataclass(frozen=True, slots=True)
class OpaqueToken:
    """A token in the moment of birth. text: show once and forget; prefix and digest: store."""

    text: str
    prefix: str
    digest: str

    def __repr__(self) -> str:
        return f"OpaqueToken({self.prefix}…)"


def make_token(kind: TokenKind) -> OpaqueToken:
    """A fresh token of the kind."""
    random = "".join(secrets.choice(_ALPHABET) for _ in range(RANDOM_LENGTH))
    beginning = f"sauda_{kind}_"
    text = beginning + random + _checksum(beginning + random)
    return OpaqueToken(text, beginning + random[:VISIBLE_LENGTH], digest_of(text))


def kind_of(text: str) -> TokenKind:
    """Kind of a well-formed token.

    Raises Refusal("UNAUTHENTICATED") for anything else, a mistyped one too.
    """
    match = _FORM.fullmatch(text)
    if match is None or match[1] not in _KINDS:
        raise Refusal("UNAUTHENTICATED", reason="bad_token")
    if _checksum(text[:-CHECKSUM_LENGTH]) != match[3]:
        raise Refusal("UNAUTHENTICATED", reason="bad_token")
    return TokenKind(match[1])


def digest_of(text: str) -> str:
    """What is stored: SHA-256 in hexadecimal, DIGEST_LENGTH characters."""
    return hashlib.sha256(text.encode()).hexdigest()


def _checksum(text: str) -> str:
    value = zlib.crc32(text.encode())
    digits = ""
    for _ in range(CHECKSUM_LENGTH):
        value, rest = divmod(value, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    return digits
