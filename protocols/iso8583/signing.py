"""The MAC of a message: what it covers, where it stands. Which key signs is not decided here.

The MAC covers the packed message from its type indicator to the byte before element 64, or 128 when any
element above 64 is present.
"""

from __future__ import annotations

from protocols.iso8583.crypto import MAC_SIZE, are_equal, mac
from protocols.iso8583.dialect import Dialect
from protocols.iso8583.errors import MalformedMessage
from protocols.iso8583.fields import MAC_FIELDS, Writing
from protocols.iso8583.message import Message


def mac_field(dialect: Dialect, message: Message) -> int:
    """64, or 128 with a second bitmap."""
    low, high = MAC_FIELDS
    is_wide = dialect.is_bitmap_fixed or any(low < number for number in message.fields)
    return high if is_wide else low


def covered(dialect: Dialect, message: Message) -> bytes:
    """The bytes to be signed: the packed message without its last element, the MAC.

    Raises MalformedMessage.
    """
    low, high = MAC_FIELDS
    plain = {number: given for number, given in message.fields.items() if number not in (low, high)}
    bare = Message(message.mti, plain)
    packed = dialect.pack(bare.with_fields({mac_field(dialect, bare): bytes(MAC_SIZE)}))
    return packed[: -_written_size(dialect)]


def with_mac(dialect: Dialect, signed: bytes, code: bytes) -> bytes:
    """The whole message: `covered` and the MAC, cut to the size of the dialect and filled with zeros."""
    code = _cut(dialect, code)
    return signed + (code if dialect.binary is Writing.BINARY else code.hex().upper().encode())


def split_mac(dialect: Dialect, data: bytes, message: Message) -> tuple[bytes, bytes]:
    """A received message to what was signed and its MAC. message: `data` unpacked.

    Raises MalformedMessage when there is no MAC, or it is not where the dialect has it.
    """
    field = mac_field(dialect, message)
    found = message.octets(field)
    if len(found) != MAC_SIZE or max(message.fields) != field:
        raise MalformedMessage(f"no MAC in field {field}")
    return data[: -_written_size(dialect)], found


def is_same_mac(dialect: Dialect, found: bytes, computed: bytes) -> bool:
    """Whether the MAC of the message is the one we computed; in constant time."""
    return are_equal(found, _cut(dialect, computed))


def pack_signed(dialect: Dialect, message: Message, key: bytes) -> bytes:
    """Pack and sign with a key at hand. Raises MalformedMessage, BadKey."""
    signed = covered(dialect, message)
    return with_mac(dialect, signed, mac(dialect.mac_rule, key, signed))


def is_genuine(dialect: Dialect, data: bytes, message: Message, key: bytes) -> bool:
    """Whether a received message was signed with this key; False also when it carries no MAC."""
    try:
        signed, found = split_mac(dialect, data, message)
    except MalformedMessage:
        return False
    return is_same_mac(dialect, found, mac(dialect.mac_rule, key, signed))


def _cut(dialect: Dialect, code: bytes) -> bytes:
    return code[: dialect.mac_size].ljust(MAC_SIZE, b"\0")


def _written_size(dialect: Dialect) -> int:
    return MAC_SIZE if dialect.binary is Writing.BINARY else MAC_SIZE * 2
