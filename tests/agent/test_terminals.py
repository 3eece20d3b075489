"""Terminals only the shop's agent reaches: asked at most once, and what nobody knows is said to be so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from addons.organization.api import register_card
from addons.pos_terminal.services import shop_door
from addons.pos_terminal.services.shop_door import HouseDoor
from addons.trade.tests.shop import BINS, Shop, furnish, house_with, schema_with
from agent.carrier import Carrier
from agent.local import HouseServer
from agent.memory import Memory
from kernel.data.work import Work
from kernel.device_http import AnswerLost, DeviceAnswer, DeviceNotReached, DeviceRequest
from kernel.ids import CompanyId, new_id
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing import running_app

BOUND_S = 60.0
LIMIT_MS = 10_000
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"result": 0 }'


@dataclass
class Device:
    """A terminal that counts what it was asked. is_mute: it takes the question and never answers."""

    asked: int = 0
    is_mute: bool = False
    origin: str = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Device]:
        """On a free port while inside."""
        self.was_asked = asyncio.Event()
        self._gone = asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            self._gone.set()
            server.close()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        self.was_asked.set()
        if self.is_mute:
            await self._gone.wait()
        else:
            writer.write(ANSWER)
            await writer.drain()
        writer.close()


@dataclass
class Scene:
    """A hosted server, a shop's agent, a terminal."""

    shop: Shop
    door: HouseDoor
    device: Device
    principal: Principal
    folder: Path

    @asynccontextmanager
    async def agent(self, *allowed: str) -> AsyncIterator[Memory]:
        """The shop's agent at work."""
        memory = Memory(self.folder / "agent.db")
        server = HouseServer(self.shop.app, self.principal)
        carrier = Carrier(server, memory, allowed, look_s=0.05, pause_max_s=0.1)
        task = asyncio.create_task(carrier.run())
        try:
            yield memory
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            memory.close()

    async def ask(self) -> DeviceAnswer:
        """One question through the agent."""
        request = DeviceRequest(self.device.origin, "POST", "/", {"accesstoken": "secret"}, b"{}")
        async with asyncio.timeout(BOUND_S):
            return await self.door.ask(request, limit_ms=LIMIT_MS)

    async def rows(self) -> list[tuple[str, str]]:
        """States and contents of all questions."""
        async with self.shop.app.database.reading(SYSTEM) as reader:
            found = await reader.rows("SELECT state, request, answer FROM pos_shop_exchange ORDER BY id")
        return [(row["state"], row["request"] + row["answer"]) for row in found]


@asynccontextmanager
async def open_scene(folder: Path) -> AsyncIterator[Scene]:
    registry, fiscalizer = house_with("pos_terminal")
    fiscalizer.reset()
    async with running_app(registry=registry) as app, Device().running() as device:
        vars(app)["schema"] = schema_with("pos_terminal")
        shop = await furnish(app, fiscalizer, BINS[0])
        everybody = SYSTEM.within(CompanyId(shop.company_id))
        async with app.database.reading(everybody) as reader:
            outlet = (await register_card(reader, shop.register_id)).outlet_id
        terminal = await app.database.transact(_terminal, outlet, principal=everybody)
        rights = app.registry.roles["device"]
        agent = Principal(
            PrincipalKind.DEVICE, "d1", CompanyId(shop.company_id), rights, frozenset({shop.register_id})
        )
        door = HouseDoor(app.database, shop.company_id, outlet, terminal, is_through_agent=True)
        yield Scene(shop, door, device, agent, folder)


async def _terminal(work: Work, outlet: str) -> str:
    key = new_id()
    texts = ("merchant_code", "serial_number", "address", "iban", "bic", "contact_email")
    await work.insert(
        "pos_terminal",
        {
            "id": key,
            "company_id": work.company_id,
            "contract_id": new_id(),
            "outlet_id": outlet,
            "title": "Kaspi",
            "state": "active",
            "is_through_agent": True,
            "batch": 1,
            "last_stan": 0,
            "created_ms": work.now_ms,
            "changed_ms": work.now_ms,
            **dict.fromkeys(texts, ""),
        },
    )
    return key


async def test_agent_carries_a_question_there_and_its_answer_back(tmp_path: Path) -> None:
    async with open_scene(tmp_path) as scene, scene.agent("http://127.0.0.1:*"):
        answer = await scene.ask()

        assert (answer.status, answer.body) == (200, b'{"result": 0 }')
        assert scene.device.asked == 1
        assert await scene.rows() == [("answered", "")]


async def test_question_no_agent_took_has_surely_not_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_door, "TAKE_LIMIT_MS", 50)
    async with open_scene(tmp_path) as scene:
        with pytest.raises(DeviceNotReached, match="agent_away"):
            await scene.ask()

        async with scene.agent("http://127.0.0.1:*"):  # comes too late
            await asyncio.sleep(0)
            assert await scene.rows() == [("expired", "")]
        assert scene.device.asked == 0


async def test_agent_asks_only_where_its_operator_lets_it(tmp_path: Path) -> None:
    async with open_scene(tmp_path) as scene, scene.agent("https://192.168.1.*:8080"):
        with pytest.raises(DeviceNotReached, match="forbidden"):
            await scene.ask()

        assert scene.device.asked == 0


async def test_agent_that_ended_in_the_middle_says_so_and_never_asks_again(tmp_path: Path) -> None:
    async with open_scene(tmp_path) as scene:
        scene.device.is_mute = True
        asking = asyncio.create_task(scene.ask())
        async with scene.agent("http://127.0.0.1:*"):
            await scene.device.was_asked.wait()

        async with scene.agent("http://127.0.0.1:*"):
            with pytest.raises(AnswerLost, match="agent_ended"):
                await asking

        assert scene.device.asked == 1
        assert await scene.rows() == [("lost", "")]
