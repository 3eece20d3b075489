"""Keys of one operation at a card reader: DUKPT with TDES. Both the device and the host derive them.

Source: ANSI X9.24-1:2009, annex A. A key serial number (KSN) has ten bytes; its last 21 bits count.
"""

from __future__ import annotations

from protocols.iso8583.crypto import Algorithm, decrypt_chain, encrypt_block, encrypt_chain

COUNTER_MASK = 0x1FFFFF
KSN_SIZE = 10
_HALVES = bytes.fromhex("C0C0C0C000000000C0C0C0C000000000")
_PIN = bytes.fromhex("00000000000000FF00000000000000FF")
_DATA = bytes.fromhex("0000000000FF00000000000000FF0000")


def counter_of(ksn: bytes) -> int:
    """How many operations the reader had begun, this one included."""
    return int.from_bytes(ksn[-3:], "big") & COUNTER_MASK


def with_counter(ksn: bytes, counter: int) -> bytes:
    """The same reader, another operation."""
    assert len(ksn) == KSN_SIZE
    assert 0 <= counter <= COUNTER_MASK
    number = int.from_bytes(ksn, "big") & ~COUNTER_MASK
    return (number | counter).to_bytes(KSN_SIZE, "big")


def initial_key(base: bytes, ksn: bytes) -> bytes:
    """The key a reader is loaded with. base: the acquirer's base derivation key, 16 bytes."""
    start = with_counter(ksn, 0)[:8]
    left = encrypt_block(Algorithm.TDES, base, start)
    return left + encrypt_block(Algorithm.TDES, _xor(base, _HALVES), start)


def operation_key(initial: bytes, ksn: bytes) -> bytes:
    """The key of the operation that the counter tells."""
    key, register = initial, int.from_bytes(with_counter(ksn, 0)[2:], "big")
    counter, bit = counter_of(ksn), 1 << 20
    while bit:
        if counter & bit:
            register |= bit
            key = _next(key, register.to_bytes(8, "big"))
        bit >>= 1
    return key


def pin_key(operation: bytes) -> bytes:
    """What encrypts the PIN block of the operation."""
    return _xor(operation, _PIN)


def data_key(operation: bytes) -> bytes:
    """What encrypts the track of the operation."""
    variant = _xor(operation, _DATA)
    return b"".join(encrypt_block(Algorithm.TDES, variant, variant[at : at + 8]) for at in (0, 8))


def encrypt_data(operation: bytes, clear: bytes) -> bytes:
    """CBC from zeros, filled with zeros to whole blocks."""
    whole = clear + bytes(-len(clear) % 8)
    return encrypt_chain(Algorithm.TDES, data_key(operation), whole, bytes(8))


def decrypt_data(operation: bytes, data: bytes) -> bytes:
    """The way back, without the filling. data: whole blocks."""
    return decrypt_chain(Algorithm.TDES, data_key(operation), data, bytes(8)).rstrip(b"\0")


def _next(key: bytes, register: bytes) -> bytes:
    """The non-reversible derivation: one step down the tree."""
    return _half(_xor(key, _HALVES), register) + _half(key, register)


def _half(key: bytes, register: bytes) -> bytes:
    left, right = key[:8], key[8:]
    return _xor(encrypt_block(Algorithm.TDES, left, _xor(register, right)), right)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
