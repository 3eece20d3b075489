"""The stand-in prints what it is sent and answers as a printer does."""

from __future__ import annotations

import asyncio
import random

import pytest

from simulators.printer.commands import CODE, CUT, PICTURE, read, text_of
from simulators.printer.server import Paper, PrinterSimulator

RECEIPT = (
    b"\x1b@\x1bt\x11" + "Чек № 7\n".encode("cp866")
    + b"\x1dv0\x00\x02\x00\x03\x00" + b"\x1b\x1d\x10\x04\x0a\x00"
    + b"\x1d(k\x03\x001Q0" + b"\x1dkI\x03ABC" + b"\x1d!\x11" + "Сумма\n".encode("cp866") + b"\x1dV\x00"
)  # fmt: skip


def test_commands_are_told_apart_wherever_the_stream_is_cut() -> None:
    whole = [command for command, _, _ in read(RECEIPT)]
    assert text_of(whole) == "Чек № 7\nСумма\n"
    assert [each.kind for each in whole if each.kind in (PICTURE, CODE, CUT)] == [PICTURE, CODE, CODE, CUT]

    for seed in range(20):
        cut = sorted(random.Random(seed).sample(range(len(RECEIPT)), 6))
        buffer, page, got = b"", "cp437", []
        for start, end in zip([0, *cut], [*cut, len(RECEIPT)], strict=True):
            buffer += RECEIPT[start:end]
            while (found := next(read(buffer, page), None)) is not None:
                command, place, page = found
                got.append(command)
                buffer = buffer[place:]
        assert text_of(got) == text_of(whole)
        assert not buffer


async def test_it_answers_at_once_and_in_turn() -> None:
    async with PrinterSimulator(paper=Paper.LOW).running() as printer:
        reader, writer = await asyncio.open_connection("127.0.0.1", printer.port)
        writer.write(b"\x10\x04\x04")
        assert await _byte(reader) == 0b00011110
        printer.paper = Paper.OUT
        writer.write(b"one\n\x1dr\x01\x10\x04\x02")
        assert await _byte(reader) == 0b00110010, "the question in turn waits for paper"
        assert printer.papers == []
        printer.paper = Paper.ENOUGH
        assert await _byte(reader) == 0
        assert [job.text for job in printer.papers] == ["one\n"]
        writer.close()
        await writer.wait_closed()


async def test_a_silent_one_says_nothing_and_a_refusing_one_goes() -> None:
    async with PrinterSimulator(is_silent=True).running() as printer:
        reader, writer = await asyncio.open_connection("127.0.0.1", printer.port)
        writer.write(b"\x10\x04\x04\x1dr\x01")
        with pytest.raises(TimeoutError):
            await _byte(reader, 0.2)
        writer.close()
        printer.is_refusing = True
        reader, writer = await asyncio.open_connection("127.0.0.1", printer.port)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def _byte(reader: asyncio.StreamReader, wait_s: float = 5.0) -> int:
    async with asyncio.timeout(wait_s):
        return (await reader.readexactly(1))[0]
