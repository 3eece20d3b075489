"""The stand-in itself: a TCP port, a roll of paper that may end, a cover that may be open.

Like a real printer it answers DLE EOT at once and GS r in turn, and reads no further while it cannot print.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from simulators.printer.commands import CODE, CUT, ENDED, PICTURE, TEXT, Command, read, text_of

CHUNK = 4_096
LOOK_S = 0.01  # how often a printer that cannot print looks at its paper
REAL_TIME = re.compile(rb"\x10\x04([\x01-\x04])")
NOTHING_WRONG = 0b00010010


class Paper(StrEnum):
    """The roll."""

    ENOUGH = "enough"
    LOW = "low"
    OUT = "out"


@dataclass(slots=True)
class Job:
    """What came over one connection and lies on paper."""

    received: bytes = b""
    commands: list[Command] = field(default_factory=list)
    is_closed: bool = False

    @property
    def text(self) -> str:
        """What a person reads on it."""
        return text_of(self.commands)

    @property
    def cuts(self) -> int:
        """How often it was cut."""
        return sum(each.kind == CUT for each in self.commands)

    @property
    def is_empty(self) -> bool:
        """True when nothing lies on paper: somebody only asked how the printer is."""
        return not any(each.kind in (TEXT, PICTURE, CODE) for each in self.commands)


@dataclass(slots=True)
class PrinterSimulator:
    """paper_lines: so many commands with text are printed, then the roll ends; None: it does not."""

    paper: Paper = Paper.ENOUGH
    is_cover_open: bool = False
    is_silent: bool = False  # answers no question, as cheap printers do
    is_refusing: bool = False  # takes the connection and drops it
    paper_lines: int | None = None
    jobs: list[Job] = field(default_factory=list)
    port: int = 0
    _lines: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def papers(self) -> list[Job]:
        """Connections that left something on paper."""
        return [job for job in self.jobs if not job.is_empty]

    @property
    def connection(self) -> str:
        """How an agent names it."""
        return f"network:127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[PrinterSimulator]:
        """Listen while inside; port 0 takes a free one."""
        server = await asyncio.start_server(self._serve, host, port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in tuple(self._lines):
                task.cancel()
            await asyncio.gather(*self._lines, return_exceptions=True)
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        try:
            if not self.is_refusing:
                await self._print(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._lines.discard(task)
            writer.close()

    async def _print(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        job, buffer, page = Job(), bytearray(), "cp437"
        self.jobs.append(job)
        news = asyncio.Event()
        receiving = asyncio.create_task(self._receive(reader, writer, job, buffer, news))
        try:
            while True:
                found = next(read(bytes(buffer), page), None)
                if found is None:
                    if receiving.done():
                        break
                    news.clear()
                    await news.wait()
                elif not self._can_print():
                    await asyncio.sleep(LOOK_S)  # it keeps what it got until there is paper
                else:
                    command, end, page = found
                    del buffer[:end]
                    self._put(job, command)
                    if command.kind == ENDED and not (self.is_silent or receiving.done()):
                        writer.write(bytes([0b00001100 if self.paper is Paper.OUT else 0]))
                        await writer.drain()
            job.is_closed = True
        finally:
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)

    async def _receive(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        job: Job,
        buffer: bytearray,
        news: asyncio.Event,
    ) -> None:
        try:
            while chunk := await reader.read(CHUNK):
                job.received += chunk
                buffer += chunk
                news.set()
                for question in REAL_TIME.findall(chunk):
                    await self._answer(writer, question[0])
        finally:
            news.set()

    def _can_print(self) -> bool:
        return self.paper is not Paper.OUT and not self.is_cover_open

    def _put(self, job: Job, command: Command) -> None:
        job.commands.append(command)
        if self.paper_lines is not None and command.kind in (TEXT, PICTURE):
            self.paper_lines -= 1
            if self.paper_lines <= 0:
                self.paper, self.paper_lines = Paper.OUT, None

    async def _answer(self, writer: asyncio.StreamWriter, question: int) -> None:
        if self.is_silent:
            return
        answer = NOTHING_WRONG
        if question == 1 and not self._can_print():
            answer |= 0b00001000
        if question == 2:
            answer |= 0b00000100 if self.is_cover_open else 0
            answer |= 0b00100000 if self.paper is Paper.OUT else 0
        if question == 4:
            answer |= {Paper.ENOUGH: 0, Paper.LOW: 0b00001100, Paper.OUT: 0b01101100}[self.paper]
        writer.write(bytes([answer]))
        await writer.drain()
