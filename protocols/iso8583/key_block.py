"""Key blocks of TR-31: a key wrapped together with what it may be used for. Versions B (TDES) and D (AES).

Source: ASC X9 TR-31:2018 (X9.143), sections on the key derivation binding method; examples of its annex A.7
are in the tests. Versions A and C (variant binding) are deprecated there and are not read.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import StrEnum

from protocols.iso8583.crypto import (
    AES_KEYS,
    TDES_KEYS,
    Algorithm,
    are_equal,
    cmac,
    decrypt_chain,
    encrypt_chain,
)
from protocols.iso8583.errors import BadKey, BadKeyBlock

HEADER_SIZE = 16  # characters
BLOCK_MAX = 512  # characters: a wrapped key of 32 bytes has 144 and optional blocks may come before it
KEY_BITS_SIZE = 2  # bytes before the key that tell its length

_HEADER = re.compile(r"[BD][0-9]{4}[A-Z0-9]{2}[A-Z][A-Z][A-Z0-9c]{2}[ENS][0-9]{2}[0-9]{2}", re.ASCII)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*", re.ASCII)
_FREE = re.compile(r"[\x20-\x7e]*", re.ASCII)


class Usage(StrEnum):
    """What the wrapped key is for (TR-31 table 6, those used here)."""

    PIN = "P0"
    MAC_RETAIL = "M3"  # ISO 9797-1 algorithm 3
    MAC_X9_9 = "M1"  # ISO 9797-1 algorithm 1
    MAC_CMAC = "M6"
    DATA = "D0"
    KEY = "K0"
    KEY_BLOCK = "K1"


@dataclass(frozen=True, slots=True)
class KeyHeader:
    """The readable part. mode: E encrypt, B both, G make a MAC, C make and check it, N no limit."""

    version: str  # B or D: of the protection
    usage: str
    algorithm: Algorithm  # of the wrapped key
    mode: str
    key_version: str = "00"
    exportability: str = "N"

    def text(self, length: int) -> str:
        """Sixteen characters. length: of the whole block."""
        return (
            f"{self.version}{length:04d}{self.usage}{self.algorithm}{self.mode}"
            f"{self.key_version}{self.exportability}0000"
        )


@dataclass(frozen=True, slots=True, repr=False)
class OpenedKey:
    """A key taken out of its block."""

    header: KeyHeader
    key: bytes


def wrap(protection: bytes, header: KeyHeader, key: bytes, *, fill: bytes | None = None) -> str:
    """The block, in characters that travel as text. protection: the master key (TMK), TDES for version B, AES
    for D. fill: the random bytes after the key, for tests with vectors.

    Raises BadKey when a key has a length that its algorithm does not know.
    """
    algorithm = _demand_master(header.version, protection)
    sizes = AES_KEYS if header.algorithm is Algorithm.AES else TDES_KEYS
    if len(key) not in sizes:
        raise BadKey(f"a key of {header.algorithm} has no {len(key)} bytes")
    size = algorithm.block_size
    body = (len(key) * 8).to_bytes(KEY_BITS_SIZE, "big") + key
    missing = -len(body) % size
    if fill is not None and len(fill) != missing:
        raise BadKey(f"{missing} bytes of filling are needed")
    body += os.urandom(missing) if fill is None else fill
    text = header.text(HEADER_SIZE + 2 * (len(body) + size))
    encryption, authentication = _derived(algorithm, protection)
    code = cmac(algorithm, authentication, text.encode() + body)
    return text + (encrypt_chain(algorithm, encryption, body, code) + code).hex().upper()


def unwrap(protection: bytes, block: str, *, usages: frozenset[str]) -> OpenedKey:
    """The key, when the block is untouched, made with `protection` and meant for one of `usages`.

    Raises BadKeyBlock otherwise; optional blocks are authenticated and skipped.
    """
    header, _ = read_header(block)
    algorithm = _demand_master(header.version, protection)
    return unwrap_derived(algorithm, _derived(algorithm, protection), block, usages=usages)


def unwrap_derived(
    algorithm: Algorithm, keys: tuple[bytes, bytes], block: str, *, usages: frozenset[str]
) -> OpenedKey:
    """The same for a master key that nobody may see. algorithm: its own; keys: encryption and authentication,
    made of what it signs for `derivation_inputs`.

    Raises BadKeyBlock.
    """
    header, start = read_header(block)
    if (header.version == "D") is not (algorithm is Algorithm.AES):
        raise BadKeyBlock(f"version {header.version} needs another master key")
    size = algorithm.block_size
    encryption, authentication = keys
    if not _HEX.fullmatch(block[start:]):
        raise BadKeyBlock("the wrapped key is not hexadecimal")
    wrapped = bytes.fromhex(block[start:])
    body, code = wrapped[:-size], wrapped[-size:]
    if len(code) != size or not body or len(body) % size:
        raise BadKeyBlock("the wrapped key is of a strange length")
    clear = decrypt_chain(algorithm, encryption, body, code)
    if not are_equal(cmac(algorithm, authentication, block[:start].encode() + clear), code):
        raise BadKeyBlock("the block was changed or is of another master key")
    bits = int.from_bytes(clear[:KEY_BITS_SIZE], "big")
    key = clear[KEY_BITS_SIZE : KEY_BITS_SIZE + bits // 8]
    sizes = AES_KEYS if header.algorithm is Algorithm.AES else TDES_KEYS
    if bits % 8 or len(key) * 8 != bits or len(key) not in sizes:
        raise BadKeyBlock("the wrapped key has a length that its algorithm does not know")
    if header.usage not in usages:
        raise BadKeyBlock(f"a key for {header.usage} where {sorted(usages)} is allowed")
    return OpenedKey(header, key)


def read_header(block: str) -> tuple[KeyHeader, int]:
    """The readable part, not yet proved, and where the wrapped key begins. Raises BadKeyBlock."""
    if len(block) > BLOCK_MAX or not _HEADER.fullmatch(block[:HEADER_SIZE]) or not _FREE.fullmatch(block):
        raise BadKeyBlock("no key block of version B or D")
    if int(block[1:5]) != len(block):
        raise BadKeyBlock("the length in the header differs")
    if block[7] not in tuple(Algorithm):
        raise BadKeyBlock("a key of an algorithm that is not used here")
    start = HEADER_SIZE
    for _ in range(int(block[12:14])):
        length = block[start + 2 : start + 4]
        if not re.fullmatch(r"[0-9A-F]{2}", length) or int(length, 16) < 4:
            raise BadKeyBlock("an optional block is broken")
        start += int(length, 16)
    if start >= len(block):
        raise BadKeyBlock("optional blocks leave no room for a key")
    header = KeyHeader(
        block[0], block[5:7], Algorithm(block[7]), block[8], key_version=block[9:11], exportability=block[11]
    )
    return header, start


def _demand_master(version: str, protection: bytes) -> Algorithm:
    algorithm = Algorithm.AES if version == "D" else Algorithm.TDES
    if len(protection) not in (AES_KEYS if algorithm is Algorithm.AES else TDES_KEYS):
        raise BadKeyBlock(f"version {version} needs another master key")
    return algorithm


def derivation_inputs(algorithm: Algorithm, size: int) -> tuple[list[bytes], list[bytes]]:
    """What the master key signs with CMAC, to get the encryption and the authentication key of `size` bytes.

    TR-31:2018 tables 1 and 2: counter, usage, separator, algorithm, length in bits.
    """
    code = {(Algorithm.TDES, 16): 0, (Algorithm.TDES, 24): 1}.get((algorithm, size), size // 8)
    rounds = -(-size // algorithm.block_size)
    encryption, authentication = (
        [
            bytes([counter]) + usage.to_bytes(2, "big") + b"\0" + code.to_bytes(2, "big")
            + (size * 8).to_bytes(2, "big")
            for counter in range(1, rounds + 1)
        ]
        for usage in (0, 1)
    )  # fmt: skip
    return encryption, authentication


def _derived(algorithm: Algorithm, protection: bytes) -> tuple[bytes, bytes]:
    size = len(protection)
    encryption, authentication = (
        b"".join(cmac(algorithm, protection, data) for data in inputs)[:size]
        for inputs in derivation_inputs(algorithm, size)
    )
    return encryption, authentication
