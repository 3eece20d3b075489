"""An installation of real processes with an OFD simulator beside it.

Embedded, or a cluster on MariaDB and Redis.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx

from kernel.testing.schema import mysql_database
from simulators.ofd.server import OfdSimulator
from simulators.ofd.settings import OfdSettings
from simulators.processes import Process, free_port
from simulators.till.shop import Shop
from tests.support.nursery import Nursery
from tests.support.opened import SEAL_KEY

EMAIL, PASSWORD, BIN = "aigul@example.kz", "correct horse battery", "230140000109"
FIRST_OFD_ID, FIRST_TOKEN = 1001, 100_000_001
REGISTERS_KNOWN = 64
SETTLE_WAIT_S = 90.0
SETTLE_POLL_S = 0.05
RETRY_PAUSE_MS = 200  # between attempts to restore the link; the law's minute would make tests slow
TRANSACTION_MS = 1_500
REDIS_URL = os.environ.get("SAUDA_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")


class House:
    """`serving` answers requests, `workers` work lanes; in an embedded house one process does both.

    They start from nothing; commands beside them are born in a nursery.
    """

    def __init__(
        self, nursery: Nursery, folder: Path, database_url: str, simulator: OfdSimulator, *, is_cluster: bool
    ) -> None:
        self.folder = folder
        self.simulator = simulator
        self.is_cluster = is_cluster
        self.port = free_port()
        self.ofd_port = 0
        self.database_url = database_url
        self.environ: dict[str, str] = {}
        self.serving: Process | None = None
        self.workers: list[Process] = []
        self.nursery = nursery
        self._commands = 0

    @property
    def address(self) -> str:
        """Of the gateway."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def equipment_folder(self) -> Path:
        """Where 1C bases that see the house as their equipment leave files."""
        return self.folder / "equipment"

    @property
    def processes(self) -> list[Process]:
        """All that run."""
        return [each for each in [self.serving, *self.workers] if each is not None]

    def configure(self, ofd_port: int) -> None:
        """Settings every process gets."""
        self.ofd_port = ofd_port
        profile = f"simulator;127.0.0.1:{ofd_port};Симулятор ОФД;http://127.0.0.1/check;test"
        self.environ = {
            "SAUDA_DATABASE__URL": self.database_url,
            "SAUDA_SERVER__PORT": str(self.port),
            "SAUDA_SECURITY__SEAL_KEY": SEAL_KEY,
            "SAUDA_FISCAL_KZ__PROFILES": profile,
            "SAUDA_FISCAL_KZ__TRANSACTION_MS": str(TRANSACTION_MS),
            "SAUDA_FISCAL_KZ__RETRY_PAUSE_MS": str(RETRY_PAUSE_MS),
            "SAUDA_CATALOG_1C__FOLDER": str(self.folder / "1c-files"),
            "SAUDA_CATALOG_1C__EQUIPMENT_FOLDER": str(self.equipment_folder),
            "SAUDA_LOG__FORMAT": "json",
            "SAUDA_LOG__LEVEL": "warning",
        }
        if self.is_cluster:
            self.environ["SAUDA_BUS__URL"] = REDIS_URL

    async def prepare(self) -> None:
        """Tables and the first company."""
        code, output = await self.command(
            *("user", "create-owner", "--email", EMAIL, "--company-bin", BIN),
            *("--company-title", "ТОО «Дән»", "--company-title-kk", "«Дән» ЖШС", "--password-stdin"),
            standard_input=f"{PASSWORD}\n",
        )
        assert code == 0, output

    async def start(self, crash: Mapping[str, str] | None = None) -> None:
        """Start what serves and what works. crash: "gateway" or "worker" → crash point of that process."""
        crash = crash or {}
        names = ["gateway", "worker", "worker"] if self.is_cluster else ["up"]
        started = []
        for place, name in enumerate(names):
            role = "worker" if name == "worker" else "gateway"
            point = crash.get(role) or (crash.get("worker") if name == "up" else None)
            environ = self.environ | ({"SAUDA_CRASH_AT": point} if point else {})
            process = Process([name], environ, self.folder / f"{name}-{place}.log")
            await process.start()
            started.append(process)
        self.serving, self.workers = started[0], started[1:]
        await self.serving.ready(self.address)

    async def stop(self) -> list[int]:
        """End all in order; their exit codes."""
        return [await process.stop() for process in self.processes]

    async def kill(self) -> None:
        """Power cut."""
        for process in self.processes:
            await process.kill()

    async def shop(self) -> Shop:
        """The company of this house, signed in."""
        return await Shop.open(self.address, email=EMAIL, password=PASSWORD)

    def stranger(self) -> httpx.AsyncClient:
        """Somebody without a token: a buyer, a browser, a collector of figures."""
        return httpx.AsyncClient(base_url=self.address, timeout=SETTLE_WAIT_S)

    async def command(self, *arguments: str, standard_input: str = "") -> tuple[int, str]:
        """Run `sauda …` beside the house; exit code and output."""
        self._commands += 1
        log = self.folder / f"command-{self._commands}.log"
        return await self.nursery.run(
            *arguments, environ=own_environ() | self.environ, log=log, standard_input=standard_input
        )


def own_environ() -> dict[str, str]:
    """What this process was started with, without settings of a house."""
    return {key: value for key, value in os.environ.items() if not key.startswith("SAUDA_")}


@asynccontextmanager
async def open_house(
    folder: Path, *, is_cluster: bool = False, registers: int = REGISTERS_KNOWN
) -> AsyncIterator[House]:
    """A house that is prepared and started; its processes are killed on leaving."""
    async with AsyncExitStack() as stack:
        simulator = OfdSimulator(OfdSettings())
        for index in range(registers):
            simulator.add_register(FIRST_OFD_ID + index, FIRST_TOKEN + index)
        endpoint = await stack.enter_async_context(simulator.running())
        nursery = await stack.enter_async_context(Nursery.opened())
        url = f"sqlite:///{folder / 'sauda.db'}"
        if is_cluster:
            url = await stack.enter_async_context(mysql_database())
        house = House(nursery, folder, url, simulator, is_cluster=is_cluster)
        house.configure(endpoint.port)
        await house.prepare()
        stack.push_async_callback(house.kill)
        await house.start()
        yield house


async def eventually(check, what: str, wait_s: float = SETTLE_WAIT_S):  # type: ignore[no-untyped-def]
    """The first true value of an async check. Fails after wait_s seconds, saying what was awaited."""
    for _ in range(int(wait_s / SETTLE_POLL_S)):
        found = await check()
        if found:
            return found
        await asyncio.sleep(SETTLE_POLL_S)
    raise AssertionError(f"in vain: {what}")
