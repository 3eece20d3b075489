"""Messages of every dialect: there and back, to the byte, and garbage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.iso8583.crypto import MacRule
from protocols.iso8583.dialect import DIALECTS, Dialect, dialect_of
from protocols.iso8583.errors import MalformedMessage
from protocols.iso8583.fields import ISO87, Element, Kind
from protocols.iso8583.frame import LengthHeader
from protocols.iso8583.masking import masked
from protocols.iso8583.message import Message, answer_mti, repeat_mti
from protocols.iso8583.signing import covered, is_genuine, mac_field, pack_signed

dialects = st.sampled_from(sorted(DIALECTS.values(), key=lambda each: each.name))
KEY = bytes(range(16))
ECHO = Message("0800", {7: "1121150000", 11: "000001", 41: "TERM0001", 70: "301"})


def values(element: Element) -> st.SearchStrategy[str | bytes]:
    least = 0 if element.prefix else element.length
    most = min(element.length, 60)
    match element.kind:
        case Kind.BYTES:
            return st.binary(min_size=least, max_size=most)
        case Kind.SIGNED:
            return st.tuples(
                st.sampled_from("CD"),
                st.text("0123456789", min_size=element.length - 1, max_size=element.length - 1),
            ).map("".join)
        case Kind.NUMBER:
            alphabet = "0123456789"
        case Kind.TRACK:
            alphabet = "0123456789="
        case Kind.TEXT:
            alphabet = "AZaz09 "
        case Kind.FREE:
            alphabet = "AZaz09 .*/"
    return st.text(alphabet, min_size=least, max_size=max(most, least))


@st.composite
def messages(draw: st.DrawFn, dialect: Dialect) -> Message:
    numbers = draw(st.sets(st.sampled_from(sorted(dialect.elements)), max_size=12)) - {64, 128}
    fields = {number: draw(values(dialect.elements[number])) for number in numbers}
    return Message(draw(st.sampled_from(["0200", "0210", "0421", "0800"])), fields)


@given(dialects, st.data())
def test_a_message_comes_back_as_it_was(dialect: Dialect, data: st.DataObject) -> None:
    message = data.draw(messages(dialect))

    packed = dialect.pack(message)

    assert dialect.unpack(packed) == message
    assert dialect.pack(dialect.unpack(packed)) == packed


@given(dialects, st.data())
def test_a_signed_message_is_genuine_until_a_bit_of_it_changes(dialect: Dialect, data: st.DataObject) -> None:
    message = data.draw(messages(dialect))
    packed = pack_signed(dialect, message, KEY)
    at = data.draw(st.integers(0, len(packed) * 8 - 1))
    damaged = bytearray(packed)
    damaged[at // 8] ^= 1 << at % 8

    assert is_genuine(dialect, packed, dialect.unpack(packed), KEY)
    assert not is_genuine(dialect, packed, dialect.unpack(packed), KEY[::-1])
    try:
        read = dialect.unpack(bytes(damaged))
    except MalformedMessage:
        return
    # a letter of hexadecimal text may change its case and a filling digit its value: those are not our bytes
    assert dialect.pack(read) == packed or not is_genuine(dialect, bytes(damaged), read, KEY)


@given(dialects, st.binary(max_size=120))
def test_garbage_is_refused_with_our_own_error(dialect: Dialect, garbage: bytes) -> None:
    for data in (garbage, b"0200" + garbage, b"\x02\x00" + garbage):
        try:
            message = dialect.unpack(data)
        except MalformedMessage:
            continue
        assert dialect.unpack(dialect.pack(message)) == message


@given(dialects, st.data())
def test_a_truncated_message_is_refused(dialect: Dialect, data: st.DataObject) -> None:
    packed = dialect.pack(data.draw(messages(dialect)))
    cut = data.draw(st.integers(0, len(packed) - 1))

    with pytest.raises(MalformedMessage):
        dialect.unpack(packed[:cut])


def test_three_writings_of_one_message_by_hand() -> None:
    fields = {3: "000000", 4: "000000125000", 11: "000007", 22: "051", 52: bytes(range(8))}
    # bits 3, 4, 11, 22 and 52
    bitmap = bytes.fromhex("3020040000001000")

    text = "000000000000125000000007051"
    assert DIALECTS["iso87"].pack(Message("0200", fields)) == b"0200" + bitmap + text.encode() + bytes(
        range(8)
    )
    assert DIALECTS["iso87-hex"].pack(Message("0200", fields)) == (
        b"0200" + b"3020040000001000" + text.encode() + b"0001020304050607"
    )
    assert DIALECTS["iso87-bcd"].pack(Message("0200", fields)) == (
        bytes.fromhex("0200") + bitmap + bytes.fromhex("0000000000001250000000070051") + bytes(range(8))
    )
    assert DIALECTS["iso87-wide"].pack(Message("0200", fields)) == (
        b"0200" + bitmap + bytes(8) + text.encode() + bytes(range(8))
    )


def test_numbers_are_filled_with_zeros_and_text_with_spaces() -> None:
    packed = DIALECTS["iso87"].pack(Message("0200", {4: "125000", 41: "T1"}))

    assert packed.endswith(b"000000125000T1      ")
    assert DIALECTS["iso87"].unpack(packed).text(41) == "T1"


def test_twelve_digits_of_time_in_the_dialect_that_has_them() -> None:
    dialect = DIALECTS["smartvista"]

    assert dialect.unpack(dialect.pack(Message("0210", {12: "261121201500", 39: "116"}))).text(39) == "116"
    with pytest.raises(MalformedMessage):
        DIALECTS["iso87"].pack(Message("0210", {39: "116"}))


@pytest.mark.parametrize(
    "message",
    [
        Message("0200", {8: "00000000"}),  # no such element in this table
        Message("0200", {65: "1"}),
        Message("0200", {1: "1"}),
        Message("0200", {129: "1"}),
        Message("0200", {4: "12,50"}),
        Message("0200", {4: "1" * 13}),
        Message("0200", {4: b"1"}),
        Message("0200", {52: "1"}),
        Message("0200", {52: b"1"}),
        Message("0200", {48: "й"}),
        Message("0200", {97: "+0000000000000001"}),
        Message("0200", {48: "1" * 1000}),
        Message("x200", {}),
        Message("0900", {}),
        Message("02000", {}),
    ],
)
def test_what_does_not_fit_is_refused_before_it_is_sent(message: Message) -> None:
    for dialect in DIALECTS.values():
        with pytest.raises(MalformedMessage):
            dialect.pack(message)


@pytest.mark.parametrize("length", [b"-1", b"+1", b" 1", b"1 "])
def test_lengths_that_only_python_takes_for_numbers_are_refused(length: bytes) -> None:
    with pytest.raises(MalformedMessage):
        DIALECTS["iso87"].unpack(b"0200" + bytes.fromhex("0000000100000000") + length + b"7")


def test_a_third_bitmap_is_refused() -> None:
    packed = b"0200" + bytes.fromhex("800000000000000080000000000000000000000000000000")

    with pytest.raises(MalformedMessage):
        DIALECTS["iso87"].unpack(packed)


def test_the_mac_moves_to_128_with_the_second_bitmap() -> None:
    assert mac_field(DIALECTS["iso87"], Message("0200", {4: "1"})) == 64
    assert mac_field(DIALECTS["iso87"], ECHO) == 128
    assert mac_field(DIALECTS["iso87-wide"], Message("0200", {4: "1"})) == 128


def test_the_mac_covers_everything_before_it() -> None:
    dialect = DIALECTS["iso87"]
    packed = pack_signed(dialect, ECHO, KEY)

    assert packed[:-8] == covered(dialect, ECHO)
    assert dialect.unpack(packed).octets(128) == packed[-8:]


def test_a_mac_of_four_bytes_is_followed_by_zeros() -> None:
    packed = pack_signed(DIALECTS["iso87-bcd"], ECHO, KEY)

    assert packed[-4:] == bytes(4)
    assert packed[-8:-4] != bytes(4)


def test_a_message_without_mac_is_not_genuine() -> None:
    dialect = DIALECTS["iso87"]
    packed = dialect.pack(ECHO)

    assert not is_genuine(dialect, packed, ECHO, KEY)


def test_types_of_answers_and_repeats() -> None:
    assert [answer_mti(mti) for mti in ("0200", "0220", "0400", "0401", "0421", "0500", "0800")] == [
        "0210", "0230", "0410", "0410", "0430", "0510", "0810",
    ]  # fmt: skip
    assert [repeat_mti(mti) for mti in ("0400", "0401", "0420", "0520")] == ["0401", "0401", "0421", "0521"]
    assert Message("0401", {}).is_repeat
    assert not Message("0400", {}).is_repeat
    assert Message("0430", {}).is_answer
    with pytest.raises(MalformedMessage):
        answer_mti("0210")


def test_options_of_a_contract_choose_the_dialect() -> None:
    chosen = dialect_of(
        {"dialect": "iso87-bcd", "mac": "cmac", "mac_size": "8", "header": "bcd2", "tpdu": "6000030000"}
    )

    assert chosen.digits == DIALECTS["iso87-bcd"].digits
    assert (chosen.mac_rule, chosen.mac_size) == (MacRule.CMAC, 8)
    assert (chosen.framing.header, chosen.framing.has_tpdu) == (LengthHeader.BCD2, True)
    assert dialect_of({}) == DIALECTS["iso87"]


@pytest.mark.parametrize("option", ["dialect", "mac", "mac_size", "header", "codes", "tpdu"])
def test_an_option_nobody_knows_is_named(option: str) -> None:
    with pytest.raises(ValueError, match=option):
        dialect_of({option: "other"})


def test_nothing_of_a_card_is_in_a_log_line_or_a_repr() -> None:
    number = "4111111111111111"
    secret = {
        2: number, 14: "2812", 34: number, 35: f"{number}=2812", 36: number, 45: number, 48: number,
        52: b"87654321", 53: number, 55: bytes.fromhex("5a08" + number),
        61: number, 62: number, 63: number,
    }  # fmt: skip
    message = Message("0200", {**secret, 41: "TERM0001", 43: number, 39: "00"})

    line = masked(message)

    assert "41=TERM0001" in line
    assert "39=00" in line
    for shown in (line, repr(message), str(message)):
        assert number not in shown
        assert "2812" not in shown
        assert "87654321" not in shown


def test_every_element_has_a_form() -> None:
    assert set(ISO87) <= set(range(2, 129))
    assert all(element.length > 0 for element in ISO87.values())
