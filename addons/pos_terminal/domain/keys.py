"""Keys of terminals: their kinds, when they are fresh, and the rules of a ceremony. No key is kept here.

Sources: PCI PIN 18-3 (key blocks), PCI DSS 3.7.6 (split knowledge, dual control), acquiring reference §1.5.
"""

from __future__ import annotations

import re
from enum import StrEnum

from kernel.errors import Refusal
from protocols.iso8583.crypto import Algorithm, check_value, with_odd_parity

COMPONENTS_MIN, COMPONENTS_MAX = 2, 3
CEREMONY_LIFE_MS = 60 * 60_000
PREVIOUS_LIFE_MS = 10 * 60_000  # an answer made with the key before may be on its way that long
EARLY_MS = 2 * 60 * 60_000  # keys are exchanged by themselves that long before they are too old
RETRY_MS = 2 * 60_000  # after an exchange that failed
CHECK_CUT = 6  # letters may show eight or more digits; the first six are compared

_HEX = re.compile(r"[0-9A-F]+")
_CHECK = re.compile(r"[0-9A-F]{6}")


class KeyKind(StrEnum):
    """TMK protects the others on their way; TPK encrypts PINs in the device; TAK makes MACs here."""

    MASTER = "TMK"
    PIN = "TPK"
    MAC = "TAK"


class KeyState(StrEnum):
    """A key in force, or the one before it."""

    CURRENT = "current"
    PREVIOUS = "previous"


class UpdateState(StrEnum):
    """An exchange of working keys."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


class CeremonyState(StrEnum):
    """A master key being put together."""

    OPEN = "open"  # components are awaited
    READY = "ready"  # all are there: the check value is to be compared and confirmed
    DONE = "done"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Components are still kept."""
        return self in (CeremonyState.OPEN, CeremonyState.READY)


class KeyForm(StrEnum):
    """What master keys there are."""

    AES_128 = "aes_128"
    AES_192 = "aes_192"
    AES_256 = "aes_256"
    TDES_112 = "tdes_112"
    TDES_168 = "tdes_168"

    @property
    def algorithm(self) -> Algorithm:
        """Of the key."""
        return Algorithm.AES if self.name.startswith("AES") else Algorithm.TDES

    @property
    def size(self) -> int:
        """Bytes, parity bits included."""
        return _SIZES[self]


_SIZES = {
    KeyForm.AES_128: 16,
    KeyForm.AES_192: 24,
    KeyForm.AES_256: 32,
    KeyForm.TDES_112: 16,
    KeyForm.TDES_168: 24,
}


def form_of(algorithm: Algorithm, size: int) -> KeyForm:
    """The form of a key."""
    return next(form for form in KeyForm if (form.algorithm, form.size) == (algorithm, size))


def read_component(text: str, size: int) -> bytes:
    """What a person typed, blanks and dashes between the digits allowed.

    Raises Refusal: KEY_COMPONENT_MALFORMED, KEY_COMPONENT_WEAK (all bytes alike: it hides nothing).
    """
    digits = re.sub(r"[\s-]", "", text).upper()
    if len(digits) != size * 2 or _HEX.fullmatch(digits) is None:
        raise Refusal("KEY_COMPONENT_MALFORMED", field="component", digits=size * 2)
    component = bytes.fromhex(digits)
    if len(set(component)) == 1:
        raise Refusal("KEY_COMPONENT_WEAK", field="component")
    return component


def read_check_value(text: str) -> str:
    """Six hexadecimal digits as in the acquirer's letter. Raises Refusal("KEY_CHECK_MALFORMED")."""
    digits = re.sub(r"[\s-]", "", text).upper()[:CHECK_CUT]
    if _CHECK.fullmatch(digits) is None:
        raise Refusal("KEY_CHECK_MALFORMED", field="checkValue")
    return digits


def check_whole_key(algorithm: Algorithm, key: bytes) -> str:
    """The check value of a key put together. Raises Refusal("KEY_WEAK") when it protects less than it says:
    all bytes alike, or halves of a TDES key that cancel each other.
    """
    plain = with_odd_parity(key)
    parts = {plain[at : at + 8] for at in range(0, len(key), 8)}
    is_degenerate = algorithm is Algorithm.TDES and len(parts) < len(key) // 8
    if len(set(key)) == 1 or is_degenerate:
        raise Refusal("KEY_WEAK")
    return check_value(algorithm, key)
