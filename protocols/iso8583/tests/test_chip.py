"""Chip data as a row of tags."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.iso8583.chip import read_tags
from protocols.iso8583.errors import MalformedMessage


def test_one_and_two_byte_tags_and_long_lengths() -> None:
    data = bytes.fromhex(
        "8202 3900".replace(" ", "") + "9f3602002a" + "df8101020102" + "9f10" + "8180"
    ) + bytes(128)

    tags = read_tags(data)

    assert tags["82"].hex() == "3900"
    assert tags["9F36"].hex() == "002a"
    assert tags["DF8101"].hex() == "0102"
    assert len(tags["9F10"]) == 128
    assert read_tags(b"") == {}


@pytest.mark.parametrize(
    "text", ["9f", "82", "8202", "820239", "8280", "828301", "82013982 0139", "9f8080800100", "828201"]
)
def test_broken_rows_are_refused(text: str) -> None:
    with pytest.raises(MalformedMessage):
        read_tags(bytes.fromhex(text))


@given(st.binary(max_size=60))
def test_garbage_is_refused_with_our_own_error(data: bytes) -> None:
    try:
        read_tags(data)
    except MalformedMessage:
        pass
