"""Frames made past uvicorn are those that a client's library reads."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode

from gateway.frames import text_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_text_frame_is_as_the_protocol_has_it(size: int) -> None:
    text = "ә" * (size // 2) + "a" * (size % 2)

    frame = text_frame(text)

    assert frame == Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
