"""A dialect: how one acquirer writes elements, bitmaps and frames. Meaning is not decided here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

import iso8583

from protocols.iso8583.codes import tables
from protocols.iso8583.crypto import MAC_SIZE, MacRule
from protocols.iso8583.errors import MalformedMessage
from protocols.iso8583.fields import FIELD_MAX, ISO87, Element, Kind, Spec, Writing, specification
from protocols.iso8583.frame import PLAIN, Framing, LengthHeader
from protocols.iso8583.message import FieldValue, Message

E = TypeVar("E", bound=StrEnum)
CONTRACTS_MAX = 1_024  # whose options are remembered
THIRD_BITMAP = 65  # the package reads element 65 as the mark of a third bitmap; nobody here sends one

_MTI = re.compile(r"[012][1-8][0-5][0-5]", re.ASCII)
_FORMS = {
    Kind.NUMBER: re.compile(r"[0-9]*", re.ASCII),
    Kind.TEXT: re.compile(r"[A-Za-z0-9 ]*", re.ASCII),
    Kind.FREE: re.compile(r"[\x20-\x7e]*", re.ASCII),
    Kind.TRACK: re.compile(r"[0-9=]*", re.ASCII),
    Kind.SIGNED: re.compile(r"[CD][0-9]+", re.ASCII),
}


@dataclass(frozen=True)
class Dialect:
    """Everything that differs on the wire between acquirers.

    digits: of numbers and of length prefixes (ASCII or BCD). binary: of PIN data, chip data and MAC.
    is_bitmap_fixed: always 16 bytes of bitmap with bit 1 left at zero, as some hosts write it.
    codes: name of the table of response codes (codes.py). mac_size: bytes of the MAC that are sent, 4 or 8.
    """

    name: str
    elements: Mapping[int, Element] = field(default_factory=lambda: ISO87, repr=False)
    mti: Writing = Writing.ASCII
    bitmap: Writing = Writing.BINARY
    digits: Writing = Writing.ASCII
    binary: Writing = Writing.BINARY
    is_bitmap_fixed: bool = False
    framing: Framing = PLAIN
    codes: str = "iso87"
    mac_rule: MacRule = MacRule.CMAC
    mac_size: int = MAC_SIZE
    _spec: Spec = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        spec = specification(
            self.elements, mti=self.mti, bitmap=self.bitmap, digits=self.digits, binary=self.binary
        )
        object.__setattr__(self, "_spec", spec)

    def pack(self, message: Message) -> bytes:
        """The message without its frame; fixed text is padded with spaces, fixed numbers with zeros.

        Raises MalformedMessage when an element is unknown, too long or holds what its kind forbids.
        """
        if not _MTI.fullmatch(message.mti):
            raise MalformedMessage("no such message type")
        decoded = {str(number): self._wire(number, given) for number, given in message.fields.items()}
        decoded["t"] = message.mti
        try:
            encoded, parts = iso8583.encode(decoded, self._spec)
        except iso8583.EncodeError as error:
            raise MalformedMessage(f"field {error.field} does not fit") from None
        packed = bytes(encoded)
        if not self.is_bitmap_fixed:
            return packed
        at = len(parts["t"]["data"])
        first = parts["p"]["data"]
        body = packed[at + len(first) :]
        if "1" not in parts:
            body = bytes(8) + body if self.bitmap is Writing.BINARY else b"0" * 16 + body
        return packed[:at] + self._with_bit_one(first, is_set=False) + body

    def unpack(self, data: bytes) -> Message:
        """Read a message without its frame.

        Raises MalformedMessage for anything that this dialect does not write, down to the last byte.
        """
        if self.is_bitmap_fixed:
            at, size = (
                (2 if self.mti is Writing.BINARY else 4),
                (8 if self.bitmap is Writing.BINARY else 16),
            )
            if len(data) < at + size:
                raise MalformedMessage("shorter than its bitmap")
            data = data[:at] + self._with_bit_one(data[at : at + size], is_set=True) + data[at + size :]
        try:
            decoded, parts = iso8583.decode(data, self._spec)
        except iso8583.DecodeError as error:
            raise MalformedMessage(f"field {error.field} cannot be read") from None
        except KeyError as error:
            raise MalformedMessage(f"unknown field {error.args[0]}") from None
        mti = decoded.pop("t")
        if not _MTI.fullmatch(mti):
            raise MalformedMessage("no such message type")
        if len(parts.get("1", {}).get("data", b"")) > len(parts["p"]["data"]):
            raise MalformedMessage("a third bitmap")
        fields: dict[int, FieldValue] = {}
        for name, text in decoded.items():
            if name.isdigit() and name != "1":
                fields[int(name)] = self._value(int(name), text, prefix=parts[name]["len"])
        return Message(mti, fields)

    def _wire(self, number: int, given: FieldValue) -> str:
        """The element as the package takes it: text, or hexadecimal for what travels packed."""
        element = self._element(number)
        if isinstance(given, bytes) is not (element.kind is Kind.BYTES):
            raise MalformedMessage(f"field {number} is of another kind")
        if isinstance(given, bytes):
            if len(given) > element.length:
                raise MalformedMessage(f"field {number} is too long")
            return given.hex().upper()
        if not element.prefix and element.kind is Kind.NUMBER:
            given = given.rjust(element.length, "0")
        elif not element.prefix:
            given = given.ljust(element.length)
        self._demand_form(number, element, given)
        if self.digits is Writing.BINARY and element.kind is Kind.TRACK:
            return given.replace("=", "D")
        if self.digits is Writing.BINARY and element.kind is Kind.SIGNED:
            return given[0].encode().hex() + given[1:]
        return given

    def _value(self, number: int, text: str, *, prefix: bytes) -> FieldValue:
        element = self._element(number)
        if prefix and self.digits is Writing.ASCII and not prefix.isdigit():
            raise MalformedMessage(f"field {number} has a strange length")
        if element.kind is Kind.BYTES:
            try:
                return bytes.fromhex(text)
            except ValueError:
                raise MalformedMessage(f"field {number} is not hexadecimal") from None
        if self.digits is Writing.BINARY and element.kind is Kind.TRACK:
            text = text.replace("D", "=")
        if self.digits is Writing.BINARY and element.kind is Kind.SIGNED:
            text = chr(int(text[:2], 16)) + text[2:]
        self._demand_form(number, element, text)
        return text

    def _element(self, number: int) -> Element:
        element = self.elements.get(number)
        if element is None or not 2 <= number <= FIELD_MAX or number == THIRD_BITMAP:
            raise MalformedMessage(f"unknown field {number}")
        return element

    @staticmethod
    def _demand_form(number: int, element: Element, text: str) -> None:
        if not _FORMS[element.kind].fullmatch(text):
            raise MalformedMessage(f"field {number} holds what its kind forbids")

    def _with_bit_one(self, bitmap: bytes, *, is_set: bool) -> bytes:
        if self.bitmap is Writing.BINARY:
            first = bitmap[0] | 0x80 if is_set else bitmap[0] & 0x7F
            return bytes([first]) + bitmap[1:]
        try:
            nibble = int(bitmap[:1], 16)
        except ValueError:
            raise MalformedMessage("the bitmap is not hexadecimal") from None
        return b"%X" % (nibble | 8 if is_set else nibble & 7) + bitmap[1:]


def _changed(**changes: str) -> Mapping[int, Element]:
    """The standard table with some elements of another form: de39="an 3"."""
    table = dict(ISO87)
    for name, form in changes.items():
        number = int(name.removeprefix("de"))
        kind, _, length = form.partition(" ")
        table[number] = replace(ISO87[number], kind=Kind(kind), length=int(length))
    return table


_BCD = Dialect(
    "iso87-bcd",
    mti=Writing.BINARY,
    digits=Writing.BINARY,
    mac_rule=MacRule.X9_19,
    mac_size=4,
)
DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        dialect.name: dialect
        for dialect in (
            Dialect("iso87"),
            Dialect("iso87-hex", bitmap=Writing.ASCII, binary=Writing.ASCII),
            _BCD,
            replace(_BCD, name="iso87-bcd-tpdu", framing=Framing(has_tpdu=True)),
            Dialect("iso87-wide", is_bitmap_fixed=True),
            Dialect(
                "smartvista",
                elements=_changed(de12="n 12", de14="n 6", de39="an 3"),
                framing=Framing(LengthHeader.ASCII4),
                codes="smartvista",
                mac_rule=MacRule.X9_19,
            ),
        )
    }
)
DEFAULT = DIALECTS["iso87"]


def dialect_of(options: Mapping[str, str]) -> Dialect:
    """The dialect a contract asks for: a name, and switches over it.

    Options: dialect, mac (x9.9, x9.19, cmac), mac_size (4, 8), header (binary2, bcd2, ascii4), tpdu (of our
    requests, ten hexadecimal digits), codes. Raises ValueError with the name of the option that is wrong.
    """
    return _dialect(frozenset(options.items()))


@lru_cache(maxsize=CONTRACTS_MAX)
def _dialect(given: frozenset[tuple[str, str]]) -> Dialect:
    """Made once for the options of a contract: the table of elements is long."""
    options = dict(given)
    name = options.get("dialect", DEFAULT.name)
    if name not in DIALECTS:
        raise ValueError("dialect")
    chosen = DIALECTS[name]
    framing = chosen.framing
    if header := options.get("header"):
        framing = replace(framing, header=_one_of("header", LengthHeader, header))
    if tpdu := options.get("tpdu"):
        if not re.fullmatch(r"60[0-9A-Fa-f]{8}", tpdu, re.ASCII):
            raise ValueError("tpdu")
        framing = replace(framing, has_tpdu=True)
    rule = _one_of("mac", MacRule, options["mac"]) if options.get("mac") else chosen.mac_rule
    size = options.get("mac_size", str(chosen.mac_size))
    if size not in ("4", "8"):
        raise ValueError("mac_size")
    codes = options.get("codes", chosen.codes)
    if codes not in tables():
        raise ValueError("codes")
    return replace(chosen, framing=framing, mac_rule=rule, mac_size=int(size), codes=codes)


def _one_of(option: str, kind: type[E], given: str) -> E:
    try:
        return kind(given)
    except ValueError:
        raise ValueError(option) from None
