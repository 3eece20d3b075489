"""What the host reads of a card: opens the encrypted track, checks the chip's word and the PIN.

Card data of readers that are not of this host's key set cannot be opened; they are believed unless the host
is strict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from protocols.iso8583.chip import read_tags
from protocols.iso8583.errors import BadKey, WireError
from protocols.iso8583.message import Message
from protocols.iso8583.numbers import Part, read_parts
from protocols.iso8583.pin import open_pin_block_0, open_pin_block_4
from simulators.acquirer.cards import BY_NUMBER, READER_KEY, READER_SET, Card
from simulators.acquirer.dukpt import (
    KSN_SIZE,
    counter_of,
    decrypt_data,
    initial_key,
    operation_key,
    with_counter,
)

NO_CARD, WRONG_PIN, NOT_GENUINE, SECURITY = "14", "55", "88", "63"
STRANGER, STRANGER_SCHEME = "400000******0000", "VISA"
AMOUNT, CURRENCY, CRYPTOGRAM, COUNTER, UNPREDICTABLE = "9F02", "5F2A", "9F26", "9F36", "9F37"
TENGE = bytes.fromhex("0398")
PIN_BLOCK_0_SIZE = 8


class CardRefused(Exception):
    """The issuer's no. code: of two digits."""

    def __init__(self, code: str, masked_number: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.masked_number = masked_number


@dataclass(frozen=True, slots=True)
class Read:
    """What may be kept and shown."""

    masked_number: str
    scheme: str
    is_wallet: bool = False


def read_card(
    message: Message,
    amount: int,
    *,
    counters: dict[bytes, int],
    pin_keys: Sequence[bytes],
    is_strict: bool,
) -> Read:
    """The card of a purchase. counters: last operation of each reader, changed here. pin_keys: of the
    terminal, any of them may have been used.

    Raises CardRefused; MalformedMessage when DE48 or DE55 cannot be read.
    """
    parts = read_parts(message.text(48))
    ksn = _bytes(parts, Part.KSN)
    if len(ksn) != KSN_SIZE or not ksn.startswith(READER_SET):
        if is_strict:
            raise CardRefused(NO_CARD)
        return Read(STRANGER, STRANGER_SCHEME)
    counter, reader = counter_of(ksn), with_counter(ksn, 0)
    if counter <= counters.get(reader, 0):
        raise CardRefused(SECURITY)  # an operation of the past is shown again
    counters[reader] = counter
    key = operation_key(initial_key(READER_KEY, ksn), ksn)
    track = _bytes(parts, Part.TRACK)
    if not track or len(track) % 8:
        raise CardRefused(NO_CARD)
    card = _card(decrypt_data(key, track))
    _check_chip(message, card, amount)
    block = message.octets(52) or _bytes(parts, Part.PIN_BLOCK)
    if block and card.pin and card.pin not in {_pin(key, block, card) for key in pin_keys}:
        raise CardRefused(WRONG_PIN, card.masked_number)
    return Read(card.masked_number, card.scheme, card.wallet is not None)


def _card(track: bytes) -> Card:
    number = track.decode("ascii", "replace").lstrip(";").partition("=")[0]
    card = BY_NUMBER.get(number)
    if card is None:
        raise CardRefused(NO_CARD)
    return card


def _pin(key: bytes, block: bytes, card: Card) -> str:
    """The PIN in a block of format 0 (TDES) or 4 (AES); empty when this key did not make it."""
    opened = open_pin_block_0 if len(block) == PIN_BLOCK_0_SIZE else open_pin_block_4
    try:
        return opened(key, block, card.number)
    except (WireError, BadKey):
        return ""


def _check_chip(message: Message, card: Card, amount: int) -> None:
    chip = message.octets(55)
    if not chip:
        return
    tags = read_tags(chip)
    if tags.get(AMOUNT) != bytes.fromhex(f"{amount:012d}") or tags.get(CURRENCY) != TENGE:
        raise CardRefused(NOT_GENUINE, card.masked_number)
    counter = int.from_bytes(tags.get(COUNTER, b""), "big")
    if tags.get(CRYPTOGRAM) != card.cryptogram(amount, counter, tags.get(UNPREDICTABLE, b"")):
        raise CardRefused(NOT_GENUINE, card.masked_number)


def _bytes(parts: Mapping[str, str], part: Part) -> bytes:
    try:
        return bytes.fromhex(parts.get(part, ""))
    except ValueError:
        return b""
