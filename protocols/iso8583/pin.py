"""PIN blocks, format 0 (TDES) and 4 (AES). Only devices and hosts make and open them; Sauda passes them on.

Source: ISO 9564-1, formats 0 and 4.
"""

from __future__ import annotations

import os

from protocols.iso8583.crypto import Algorithm, decrypt_block, encrypt_block
from protocols.iso8583.errors import WireError

PIN_LENGTHS = range(4, 13)
PAN_LENGTHS = range(12, 20)


def pin_block_0(key: bytes, pin: str, pan: str) -> bytes:
    """Eight bytes, encrypted with a TDES key. Raises WireError, BadKey."""
    _demand(pin, pan)
    return encrypt_block(Algorithm.TDES, key, _mixed(f"0{len(pin):X}{pin}".ljust(16, "F"), _account_0(pan)))


def open_pin_block_0(key: bytes, block: bytes, pan: str) -> str:
    """The PIN. Raises WireError when the block was made with another key or card."""
    if len(block) != 8:
        raise WireError("a PIN block of format 0 has 8 bytes")
    clear = _mixed(decrypt_block(Algorithm.TDES, key, block).hex(), _account_0(pan)).hex().upper()
    return _pin_of(clear, "0", "F")


def pin_block_4(key: bytes, pin: str, pan: str, *, fill: bytes | None = None) -> bytes:
    """Sixteen bytes, encrypted with an AES key. fill: the eight random bytes, for tests with vectors."""
    _demand(pin, pan)
    text = f"4{len(pin):X}{pin}".ljust(16, "A") + (os.urandom(8) if fill is None else fill).hex()
    inner = encrypt_block(Algorithm.AES, key, bytes.fromhex(text))
    return encrypt_block(Algorithm.AES, key, _mixed(inner.hex(), _account_4(pan)))


def open_pin_block_4(key: bytes, block: bytes, pan: str) -> str:
    """The PIN. Raises WireError when the block was made with another key or card."""
    if len(block) != 16:
        raise WireError("a PIN block of format 4 has 16 bytes")
    inner = _mixed(decrypt_block(Algorithm.AES, key, block).hex(), _account_4(pan))
    return _pin_of(decrypt_block(Algorithm.AES, key, inner).hex().upper()[:16], "4", "A")


def _pin_of(clear: str, form: str, filler: str) -> str:
    length = int(clear[1], 16)
    pin, rest = clear[2 : 2 + length], clear[2 + length :]
    if clear[0] != form or length not in PIN_LENGTHS or not pin.isdigit() or rest.strip(filler):
        raise WireError("no PIN block of this key and card")
    return pin


def _account_0(pan: str) -> str:
    return "0000" + pan[:-1][-12:].rjust(12, "0")


def _account_4(pan: str) -> str:
    return f"{max(len(pan) - 12, 0):X}{pan.rjust(12, '0')}".ljust(32, "0")


def _mixed(left: str, right: str) -> bytes:
    return bytes(a ^ b for a, b in zip(bytes.fromhex(left), bytes.fromhex(right), strict=True))


def _demand(pin: str, pan: str) -> None:
    if len(pin) not in PIN_LENGTHS or not pin.isdigit() or len(pan) not in PAN_LENGTHS or not pan.isdigit():
        raise WireError("a PIN has 4 to 12 digits, a card number 12 to 19")
