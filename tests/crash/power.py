"""A house whose processes die where and when a test wants, and clients that repeat until they are heard.

Nothing here judges: that is tests/support/agreement.py.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from kernel.testing.schema import mysql_database
from simulators.ofd.server import OfdSimulator
from simulators.ofd.settings import OfdSettings
from simulators.processes import Process
from simulators.till import documents
from simulators.till.client import RefusedByServer
from simulators.till.shop import Shop, Till, card, cash, free_line
from tests.support.agreement import Tables, differences
from tests.support.house import FIRST_OFD_ID, FIRST_TOKEN, House, eventually
from tests.support.nursery import ForkedProcess, Nursery
from tests.support.stored import read_tables

DEATH_WAIT_S = 90.0
ASK_AGAIN_S = 0.05
ASKED_MAX = 600
WAIT_MS = 400  # a client's patience with one request
TRANSACTION_MS = 600
RETRY_PAUSE_MS = 150
REGISTERS_KNOWN = 64
FINAL = ("FISCALIZED", "DONE")
ISSUED = (*FINAL, "OFFLINE")


class DarkHouse(House):
    """Processes of it are forked, and each dies at the point that `arm` names, one per arming."""

    def __init__(
        self, nursery: Nursery, folder: Path, url: str, simulator: OfdSimulator, **kind: bool
    ) -> None:
        super().__init__(nursery, folder, url, simulator, **kind)
        self._order = folder / "crash"
        self.all: list[Process] = []
        self.deaths = 0
        self._shops: list[Shop] = []

    @property
    def processes(self) -> list[Process]:
        """Gateway first."""
        return self.all

    async def start(self, crash: object = None) -> None:
        """Start whatever does not run, wait until requests are answered."""
        await self.respawn()
        await self.all[0].ready(self.address)

    async def respawn(self) -> None:
        """Start whatever does not run; it may die before it answers anything."""
        environ = self.environ | {"SAUDA_CRASH_AT": f"@{self._order}"}
        if not self.all:
            names = ["gateway", "worker", "worker"] if self.is_cluster else ["up"]
            for place, name in enumerate(names):
                log = self.folder / f"{name}-{place}.log"
                self.all.append(ForkedProcess(self.nursery, [name], environ, log))
                await self.all[-1].start()
        else:
            for process in self.dead():
                await process.start()

    async def mend(self) -> None:
        """As after an earlier test that ended well: everything runs, the link is there, nothing is armed."""
        self._order.unlink(missing_ok=True)
        await self.simulator.accept_connections()
        await self.start()

    def dead(self) -> list[Process]:
        """Processes that have ended."""
        return [each for each in self.all if not _runs(each)]

    def arm(self, point: str) -> None:
        """Whoever passes this point first (or for the n-th time: "point:n") dies there."""
        self._order.write_text(point, encoding="utf-8")

    @property
    def is_armed(self) -> bool:
        """True until somebody has died for it."""
        return self._order.exists()

    async def death(self, asked: asyncio.Future[Any] | None = None) -> None:
        """Wait until the armed point has killed. Fails when nobody passes it, with the error of what was
        asked for.
        """
        point = self._order.read_text(encoding="utf-8") if self.is_armed else ""

        async def somebody() -> bool:
            if asked is not None and asked.done():
                asked.result()
            return bool(self.dead())

        await eventually(somebody, f"a death at {point}", DEATH_WAIT_S)
        for process in self.dead():
            code = await process.died()
            assert code == -signal.SIGKILL, f"ended with {code}:\n{process.output[-4000:]}"
        assert not self.is_armed
        self.deaths += 1

    async def power_cut(self) -> None:
        """SIGKILL to everything at once."""
        await asyncio.gather(*(process.kill() for process in self.all))
        self.deaths += 1

    async def shop(self) -> Shop:
        """The company of this house, signed in; closed with the house."""
        self._shops.append(await super().shop())
        return self._shops[-1]

    async def close(self) -> None:
        """Nothing is left running."""
        await self.power_cut()
        for shop in self._shops:
            await shop.close()

    async def rest(self) -> Tables:
        """What is stored when nothing waits and nothing runs: one look, for schedules wake lanes again."""
        tables: Tables = {}

        async def is_idle() -> bool:
            nonlocal tables
            tables = read_tables(self.database_url)
            lanes = tables["kernel_lane"]
            return all(each["head_seq"] > each["tail_seq"] and not each["lease_owner"] for each in lanes)

        try:
            await eventually(is_idle, "an idle house")
        except AssertionError:
            pass  # the comparison says it better
        return tables

    async def disagreements(self, promised: set[str]) -> list[str]:
        """What differs once the house is at rest."""
        return list(differences(await self.rest(), self.simulator.ledger, promised=promised))


def _runs(process: Process) -> bool:
    return process._process is not None and process._process.returncode is None


@asynccontextmanager
async def dark_house(
    nursery: Nursery, folder: Path, *, is_cluster: bool = False, **settings: str
) -> AsyncIterator[DarkHouse]:
    """A prepared and started house; settings by their variable's name without SAUDA_."""
    async with AsyncExitStack() as stack:
        simulator = OfdSimulator(OfdSettings())
        for index in range(REGISTERS_KNOWN):
            simulator.add_register(FIRST_OFD_ID + index, FIRST_TOKEN + index)
        endpoint = await stack.enter_async_context(simulator.running())
        url = f"sqlite:///{folder / 'sauda.db'}"
        if is_cluster:
            url = await stack.enter_async_context(mysql_database())
        house = DarkHouse(nursery, folder, url, simulator, is_cluster=is_cluster)
        house.configure(endpoint.port)
        house.environ |= {
            "SAUDA_FISCAL_KZ__TRANSACTION_MS": str(TRANSACTION_MS),
            "SAUDA_FISCAL_KZ__RETRY_PAUSE_MS": str(RETRY_PAUSE_MS),
            **{f"SAUDA_{name}": value for name, value in settings.items()},
        }
        await house.prepare()
        stack.push_async_callback(house.close)
        await house.start()
        yield house


@dataclass(frozen=True, slots=True)
class Wish:
    """A document a client wants under a key it has stored; asking again changes nothing."""

    kind: str
    key: str
    ask: Callable[[], Awaitable[dict[str, Any]]]


@dataclass(slots=True)
class Clerk:
    """The client of one till: remembers its keys, repeats after every silence."""

    till: Till
    promised: set[str] = field(default_factory=set)
    sold: list[str] = field(default_factory=list)  # global ids of sales not given back yet
    made: int = 0
    _remembered: set[str] = field(default_factory=set)

    def wish(self, kind: str) -> Wish:
        """A new document of that kind: sale, mixed, return, deposit, withdrawal, close or report."""
        till, key = self.till, documents.new_key()
        self.made += 1
        price = f"{100 + self.made}.{self.made % 100:02d}"
        match kind:
            case "sale":
                lines = [free_line("Нан", price), free_line("Сүт", "649.50", "2.5")]

                async def ask() -> dict[str, Any]:
                    return await till.sell(lines, [cash("5000")], sale_key=key, wait_ms=WAIT_MS)

            case "mixed":
                lines = [free_line("Шай", "1000")]

                async def ask() -> dict[str, Any]:
                    return await till.sell(lines, [cash("400"), card("600")], sale_key=key, wait_ms=WAIT_MS)

            case "return":
                original = self.sold.pop(0)

                async def ask() -> dict[str, Any]:
                    return await till.give_back(original, sale_key=key, wait_ms=WAIT_MS)

            case "deposit" | "withdrawal":
                document = documents.DEPOSIT if kind == "deposit" else documents.WITHDRAW
                amount = price if kind == "deposit" else "7.77"

                async def ask() -> dict[str, Any]:
                    return await till.move_cash(document, amount, cash_key=key)

            case "close" | "report":
                question = documents.CLOSE_SHIFT if kind == "close" else documents.X_REPORT

                async def ask() -> dict[str, Any]:
                    return await till.report(question, key=key)

            case _:
                raise AssertionError(kind)
        return Wish(kind, key, ask)

    async def ask(self, wish: Wish) -> dict[str, Any] | None:
        """The answer, None when the house is silent."""
        try:
            answer = await wish.ask()
        except httpx.TransportError:
            return None
        self.promised.add(wish.key)
        return answer

    async def insist(self, wish: Wish, wanted: tuple[str, ...] = FINAL) -> dict[str, Any]:
        """Ask under the same key until it has come so far."""
        answer = None
        for _ in range(ASKED_MAX):
            answer = await self.ask(wish)
            if answer is not None and answer["state"] in wanted:
                self.remember(wish, answer)
                return answer
            assert answer is None or answer["state"] != "REJECTED", answer
            await asyncio.sleep(ASK_AGAIN_S)
        raise AssertionError(f"{wish.kind} {wish.key} never became {wanted}: {answer}")

    def remember(self, wish: Wish, answer: dict[str, Any]) -> None:
        """A sale that may be given back, once."""
        if wish.kind in ("sale", "mixed") and wish.key not in self._remembered:
            self._remembered.add(wish.key)
            self.sold.append(answer["id"])

    async def do(self, kind: str) -> None:
        """One document, at least issued; what a till may not do just now is skipped."""
        if kind == "return" and not self.sold:
            kind = "sale"
        try:
            await self.insist(self.wish(kind), ISSUED)
        except RefusedByServer as refused:
            if refused.code not in ("SHIFT_NOT_OPEN", "NOT_ENOUGH_CASH"):
                raise


async def dies_at(
    house: DarkHouse, point: str, clerk: Clerk, wish: Wish, wanted: tuple[str, ...] = FINAL
) -> None:
    """The power fails at the point while the wish is asked for; after a restart the client insists."""
    house.arm(point)
    asked = asyncio.ensure_future(clerk.ask(wish))
    await house.death(asked)
    await house.start()
    await asked
    await clerk.insist(wish, wanted)
