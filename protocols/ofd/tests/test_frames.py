"""The header and the stream: worked frames, every split, every kind of damage."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.ofd.errors import BadMagic, BadSize, BadVersion, TruncatedFrame, WireError
from protocols.ofd.frame import (
    HEADER_SIZE,
    SIZE_MAX,
    Frame,
    FrameBuffer,
    decode_frame,
    encode_frame,
    next_reqnum,
    read_frame,
)

INFO_REQUEST = bytes.fromhex("a281cb0014000000e903000015cd5b0701000805")
ANSWER_255 = bytes.fromhex("a281cb0019000000e903000015cd5b0702000801120308ff01")

frames = st.builds(
    Frame,
    st.sampled_from([124, 125, 202, 203, 204]),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 65535),
    st.binary(max_size=60),
)


def encoded(frame: Frame) -> bytes:
    return encode_frame(*frame)


def test_worked_info_request_is_read_and_written_to_the_byte() -> None:
    frame = decode_frame(INFO_REQUEST)

    assert frame == Frame(203, 1001, 123456789, 1, bytes.fromhex("0805"))
    assert encoded(frame) == INFO_REQUEST


def test_a_token_above_the_signed_half_survives() -> None:
    frame = Frame(202, 4_294_967_295, 4_000_000_000, 65535, b"")

    assert decode_frame(encoded(frame)) == frame


@given(st.lists(frames, max_size=4), st.integers(1, 30))
def test_a_stream_cut_anywhere_gives_the_same_frames(sent: list[Frame], step: int) -> None:
    stream = b"".join(map(encoded, sent))
    buffer = FrameBuffer()

    received = [frame for at in range(0, len(stream), step) for frame in buffer.feed(stream[at : at + step])]

    assert received == sent
    buffer.close()


@given(frames, st.integers(1, 200))
def test_a_stream_that_ends_inside_a_frame_is_noticed(frame: Frame, cut: int) -> None:
    data = encoded(frame)
    buffer = FrameBuffer()

    assert buffer.feed(data[: -min(cut, len(data) - 1)]) == []

    with pytest.raises(TruncatedFrame):
        buffer.close()


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        (lambda d: b"\xa2\x82" + d[2:], BadMagic),
        (lambda d: b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", BadMagic),
        (lambda d: d[:2] + b"\x00\x00" + d[4:], BadVersion),
        (lambda d: d[:2] + (1000).to_bytes(2, "little") + d[4:], BadVersion),
        (lambda d: d[:4] + (17).to_bytes(4, "little") + d[8:], BadSize),
        (lambda d: d[:4] + (SIZE_MAX + 1).to_bytes(4, "little") + d[8:], BadSize),
        (lambda d: d[:4] + b"\xff\xff\xff\xff" + d[8:], BadSize),
        (lambda d: d + b"\x00", BadSize),
        (lambda d: d[:-1], TruncatedFrame),
        (lambda d: d[:10], TruncatedFrame),
        (lambda d: b"", TruncatedFrame),
    ],
)
def test_damage_is_named(damage, error) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error):
        decode_frame(damage(ANSWER_255))


def test_garbage_is_refused_from_its_second_byte_on() -> None:
    buffer = FrameBuffer()

    assert buffer.feed(b"G") == []
    with pytest.raises(BadMagic):
        buffer.feed(b"E")


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_wire_errors(data: bytes) -> None:
    buffer = FrameBuffer()
    try:
        frames = buffer.feed(data)
    except WireError:
        return
    assert sum(HEADER_SIZE + len(frame.payload) for frame in frames) <= len(data)


async def test_a_stream_reader_gives_frame_after_frame_and_tells_the_end() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(INFO_REQUEST + ANSWER_255 + INFO_REQUEST[:7])
    reader.feed_eof()

    assert (await read_frame(reader)).reqnum == 1
    assert (await read_frame(reader)).reqnum == 2
    with pytest.raises(TruncatedFrame):
        await read_frame(reader)


def test_a_payload_over_the_limit_is_not_sent() -> None:
    with pytest.raises(BadSize):
        encode_frame(203, 1, 1, 1, bytes(SIZE_MAX))


def test_request_number_returns_to_zero_at_the_top() -> None:
    assert next_reqnum(1) == 2
    assert next_reqnum(65535) == 0
