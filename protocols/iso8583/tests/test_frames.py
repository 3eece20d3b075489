"""The stream: every split, several frames at once, every wrong length."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.iso8583.errors import BadFrame, TruncatedFrame
from protocols.iso8583.frame import (
    FRAME_MAX,
    Frame,
    FrameBuffer,
    Framing,
    LengthHeader,
    answer_tpdu,
    read_frame,
)

TPDU = bytes.fromhex("6000030000")
framings = st.builds(Framing, st.sampled_from(list(LengthHeader)), st.booleans(), st.booleans())


def encoded(framing: Framing, payload: bytes) -> bytes:
    return framing.encode(payload, TPDU if framing.has_tpdu else b"")


@given(framings, st.lists(st.binary(min_size=1, max_size=300), max_size=5), st.integers(1, 70))
def test_a_stream_cut_anywhere_gives_the_same_frames(framing: Framing, sent: list[bytes], step: int) -> None:
    stream = b"".join(encoded(framing, each) for each in sent)
    buffer = FrameBuffer(framing)

    received = [frame for at in range(0, len(stream), step) for frame in buffer.feed(stream[at : at + step])]

    buffer.close()
    assert [frame.payload for frame in received] == sent
    assert all(bool(frame.tpdu) is framing.has_tpdu for frame in received)


@pytest.mark.parametrize(
    ("header", "written"),
    [(LengthHeader.BINARY2, b"\x00\x73"), (LengthHeader.BCD2, b"\x01\x15"), (LengthHeader.ASCII4, b"0115")],
)
def test_a_length_of_115_in_three_writings(header: LengthHeader, written: bytes) -> None:
    assert Framing(header).encode(b"x" * 115) == written + b"x" * 115


@pytest.mark.parametrize(
    ("framing", "start"),
    [
        (Framing(), b"\x00\x00"),
        (Framing(), (FRAME_MAX + 1).to_bytes(2, "big")),
        (Framing(), b"HTTP"),
        (Framing(LengthHeader.BCD2), b"\x0a\x11"),
        (Framing(LengthHeader.ASCII4), b"00 1"),
        (Framing(LengthHeader.ASCII4), b"4097"),
        (Framing(has_tpdu=True), b"\x00\x05"),
        (Framing(has_tpdu=True), b"\x00\x06\x61\x00\x03\x00\x00x"),
    ],
)
async def test_garbage_ends_the_stream(framing: Framing, start: bytes) -> None:
    with pytest.raises(BadFrame):
        FrameBuffer(framing).feed(start)
    reader = asyncio.StreamReader()
    reader.feed_data(start)
    reader.feed_eof()
    with pytest.raises(BadFrame):
        await read_frame(reader, framing)


def test_the_longest_frame_passes_and_one_byte_more_does_not() -> None:
    framing = Framing()

    assert FrameBuffer(framing).feed(framing.encode(b"x" * FRAME_MAX)) == [Frame(b"x" * FRAME_MAX)]
    with pytest.raises(BadFrame):
        framing.encode(b"x" * (FRAME_MAX + 1))
    with pytest.raises(BadFrame):
        framing.encode(b"")
    with pytest.raises(BadFrame):
        framing.encode(b"x", TPDU)


async def test_a_sign_of_life_is_passed_over_where_the_dialect_has_it() -> None:
    framing = Framing(is_zero_alive=True)
    stream = b"\x00\x00" + framing.encode(b"one") + b"\x00\x00"
    reader = asyncio.StreamReader()
    reader.feed_data(stream)
    reader.feed_eof()

    assert FrameBuffer(framing).feed(stream) == [Frame(b"one")]
    assert await read_frame(reader, framing) == Frame(b"one")
    assert await read_frame(reader, framing) is None


async def test_an_end_inside_a_frame_is_told_from_an_end_between_frames() -> None:
    for data, is_broken in ((b"", False), (b"\x00", True), (b"\x00\x05ab", True)):
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        buffer = FrameBuffer(Framing())
        assert buffer.feed(data) == []
        if is_broken:
            with pytest.raises(TruncatedFrame):
                await read_frame(reader, Framing())
            with pytest.raises(TruncatedFrame):
                buffer.close()
        else:
            assert await read_frame(reader, Framing()) is None
            buffer.close()


def test_the_answer_goes_back_where_the_request_came_from() -> None:
    assert answer_tpdu(bytes.fromhex("6000031234")).hex() == "6012340003"
