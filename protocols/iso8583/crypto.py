"""Ciphers, check values and MACs of the exchange. Keys come as bytes and are not kept.

Sources: ANSI X9.24-1 (check value of a TDES key), X9.24-3 (of an AES key), X9.9, X9.19 = ISO/IEC 9797-1
algorithm 3, NIST SP 800-38B (CMAC). Single DES is TDES with three equal keys: the library has no other.
"""

from __future__ import annotations

import hmac
from enum import StrEnum

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from protocols.iso8583.errors import BadKey

DES_KEY, TDES_KEYS, AES_KEYS = 8, (16, 24), (16, 24, 32)  # bytes
CHECK_SIZE = 3  # bytes of a check value that are shown and compared
MAC_SIZE = 8


class Algorithm(StrEnum):
    """Letters of TR-31."""

    TDES = "T"
    AES = "A"

    @property
    def block_size(self) -> int:
        """Bytes."""
        return 16 if self is Algorithm.AES else 8


class MacRule(StrEnum):
    """How a message is authenticated."""

    X9_9 = "x9.9"  # single DES; only for hosts that know nothing better
    X9_19 = "x9.19"  # "retail": TDES, two keys
    CMAC = "cmac"  # AES

    @property
    def algorithm(self) -> Algorithm:
        """Of the key."""
        return Algorithm.AES if self is MacRule.CMAC else Algorithm.TDES

    @property
    def key_sizes(self) -> tuple[int, ...]:
        """Bytes a key of this rule may have."""
        match self:
            case MacRule.X9_9:
                return (DES_KEY, *TDES_KEYS)  # of a longer key the left part works
            case MacRule.X9_19:
                return (TDES_KEYS[0],)
            case MacRule.CMAC:
                return AES_KEYS


def cipher_of(algorithm: Algorithm, key: bytes) -> TripleDES | AES:
    """The block cipher. Raises BadKey on a wrong length."""
    if algorithm is Algorithm.AES:
        if len(key) not in AES_KEYS:
            raise BadKey(f"an AES key has no {len(key)} bytes")
        return AES(key)
    match len(key):
        case 8:
            return TripleDES(key * 3)
        case 16:
            return TripleDES(key + key[:8])
        case 24:
            return TripleDES(key)
        case size:
            raise BadKey(f"a TDES key has no {size} bytes")


def encrypt_block(algorithm: Algorithm, key: bytes, block: bytes) -> bytes:
    """Exactly one block, as it is (ECB)."""
    assert len(block) == algorithm.block_size
    encryptor = Cipher(cipher_of(algorithm, key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def decrypt_block(algorithm: Algorithm, key: bytes, block: bytes) -> bytes:
    """The way back of encrypt_block."""
    assert len(block) == algorithm.block_size
    decryptor = Cipher(cipher_of(algorithm, key), modes.ECB()).decryptor()
    return decryptor.update(block) + decryptor.finalize()


def encrypt_chain(algorithm: Algorithm, key: bytes, data: bytes, start: bytes) -> bytes:
    """CBC over whole blocks. start: the initial vector."""
    encryptor = Cipher(cipher_of(algorithm, key), modes.CBC(start)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def decrypt_chain(algorithm: Algorithm, key: bytes, data: bytes, start: bytes) -> bytes:
    """The way back of encrypt_chain."""
    decryptor = Cipher(cipher_of(algorithm, key), modes.CBC(start)).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def cmac(algorithm: Algorithm, key: bytes, data: bytes) -> bytes:
    """The whole CMAC: 16 bytes with AES, 8 with TDES."""
    maker = CMAC(cipher_of(algorithm, key))
    maker.update(data)
    return maker.finalize()


def check_value(algorithm: Algorithm, key: bytes) -> str:
    """Six hexadecimal characters that tell keys apart and betray nothing of them.

    TDES: zeros encrypted; AES: CMAC of a block of zeros. Raises BadKey on a wrong length.
    """
    zeros = bytes(algorithm.block_size)
    if algorithm is Algorithm.AES:
        return cmac(algorithm, key, zeros)[:CHECK_SIZE].hex().upper()
    return encrypt_block(algorithm, key, zeros)[:CHECK_SIZE].hex().upper()


def mac(rule: MacRule, key: bytes, data: bytes) -> bytes:
    """The first eight bytes of the MAC. X9 rules fill the last block with zeros. Raises BadKey."""
    if len(key) not in rule.key_sizes:
        raise BadKey(f"a key for {rule} has no {len(key)} bytes")
    if rule is MacRule.CMAC:
        return cmac(Algorithm.AES, key, data)[:MAC_SIZE]
    size = Algorithm.TDES.block_size
    whole = data.ljust(max(size, -(-len(data) // size) * size), b"\0")
    last = encrypt_chain(Algorithm.TDES, key[:DES_KEY], whole, bytes(size))[-size:]
    if rule is MacRule.X9_9:
        return last
    turned = decrypt_block(Algorithm.TDES, key[DES_KEY:], last)
    return encrypt_block(Algorithm.TDES, key[:DES_KEY], turned)


def are_equal(left: bytes, right: bytes) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(left, right)


def is_odd_parity(key: bytes) -> bool:
    """Whether every byte of a DES key has an odd number of ones, as keys made by the rules have."""
    return all(byte.bit_count() & 1 for byte in key)


def with_odd_parity(key: bytes) -> bytes:
    """The same DES key (the lowest bit of a byte is not used by the cipher) with its parity set."""
    return bytes(byte if byte.bit_count() & 1 else byte ^ 1 for byte in key)


def combined(components: list[bytes]) -> bytes:
    """Key components put together: XOR. Raises BadKey when there are fewer than two or lengths differ."""
    if len(components) < 2 or len({len(each) for each in components}) != 1:
        raise BadKey("components are two or more, of one length")
    total = bytes(len(components[0]))
    for each in components:
        total = bytes(left ^ right for left, right in zip(total, each, strict=True))
    return total
