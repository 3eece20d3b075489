"""A served shop with a printer on a network, and an agent of its outlet with a real token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from agent.agent import Agent
from agent.devices import Devices
from agent.memory import Memory
from agent.server import RemoteServer
from gateway.server import serving
from kernel.gql.ids import to_global
from simulators.printer.server import Job, PrinterSimulator
from tests.delivery.house import Counter, open_counter

BOUND_S = 60.0  # a story that takes longer went wrong
ALLOWED = ("network:127.0.0.1:*",)
ISSUE = """mutation ($r: ID!) { issueDeviceBinding(registerId: $r, title: "agent") {
  ... on DeviceBinding { bindingToken } ... on Refused { code message } } }"""
BIND = """mutation ($t: String!) { bindDevice(bindingToken: $t) {
  ... on BoundDevice { deviceId deviceToken } ... on Refused { code message } } }"""


@dataclass
class Rig:
    """A shop behind a real socket."""

    counter: Counter
    address: str
    printer: PrinterSimulator
    folder: Path
    device_id: str = ""

    async def binding(self) -> str:
        """A one-time token for a new device."""
        register = to_global("Register", self.counter.shop.register_id)
        return str((await self.counter.ask(ISSUE, r=register))["bindingToken"])

    async def token(self) -> str:
        """A device's own token."""
        bound = await self.counter.ask(BIND, t=await self.binding())
        self.device_id = bound["deviceId"]
        return str(bound["deviceToken"])

    def memory(self) -> Memory:
        """The agent's memory, the same every time."""
        return Memory(self.folder / "agent.db")

    @asynccontextmanager
    async def agent(self, token: str, address: str | None = None, **options: Any) -> AsyncIterator[Agent]:
        """An agent at work, stopped in order on leaving."""
        quick = {"look_s": 0.2, "retry_look_s": 0.05, "pause_max_s": 0.2, **options}
        memory = self.memory()
        devices = Devices(ALLOWED, ended_limit_s=1.0)
        try:
            async with RemoteServer(address or self.address, token) as server:
                agent = Agent(server, memory, devices, **quick)
                task = asyncio.create_task(agent.run())
                try:
                    yield agent
                finally:
                    agent.stop()
                    await asyncio.gather(task, return_exceptions=True)
        finally:
            memory.close()

    async def states(self) -> list[tuple[str, bool]]:
        """State and mark of every job, oldest first."""
        return [(job["state"], job["isMarkedDuplicate"]) for job in await self.counter.jobs()]

    async def until_board(self, code: str) -> None:
        """Wait until the status board tells that of the printer."""

        async def tells() -> bool:
            return await self.counter.board() == {"delivery.printer": code}

        await eventually(tells)

    async def until_states(self, *states: str) -> list[tuple[str, bool]]:
        """Wait until the jobs have come to these states, while time goes by."""

        async def have_come() -> bool:
            self.counter.clock.advance(timedelta(seconds=0.1))
            return [state for state, _ in await self.states()] == list(states)

        await eventually(have_come)
        return await self.states()

    def papers(self) -> list[Job]:
        """What lies on paper."""
        return self.printer.papers


async def eventually(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is so: what others do cannot be waited for in another way."""
    async with asyncio.timeout(BOUND_S):
        while not await is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.03)


@dataclass
class Link:
    """A line between agent and server that can be cut; `address` is where the agent finds the server."""

    target: str
    address: str = ""
    is_cut: bool = False
    was_cut: asyncio.Event = field(default_factory=asyncio.Event)
    cut_after_answers: str = ""  # cut as soon as the server's answer to a request with this text has come
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        """Nothing passes from now on."""
        self.is_cut = True
        self.was_cut.set()
        for writer in tuple(self._writers):
            writer.transport.abort()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Link]:
        """Pass everything on while inside."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            self.cut()
            server.close()
            await server.wait_closed()
            await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        host, _, port = self.target.removeprefix("http://").partition(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        self._writers |= {writer, far_writer}
        try:
            await asyncio.gather(
                self._pass(reader, far_writer), self._pass(far_reader, writer), return_exceptions=True
            )
        finally:
            for each in (writer, far_writer):
                self._writers.discard(each)
                each.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65_536):
            if self.cut_after_answers and self.cut_after_answers.encode() in chunk:
                self.cut()
                return
            writer.write(chunk)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def open_rig(folder: Path, **settings: Mapping[str, object]) -> AsyncIterator[Rig]:
    """Everything up, the printer set up for the outlet."""
    async with (
        open_counter(**settings) as counter,
        serving(counter.app, port=0) as address,
        PrinterSimulator().running() as printer,
    ):
        await counter.printer(connection=printer.connection)
        yield Rig(counter, address, printer, folder)
