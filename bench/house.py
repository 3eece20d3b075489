"""An installation of real processes for benches: an OFD simulator beside it, a shop with goods and tills.

    async with open_house(registers=256) as house:
        result = await house.sell(house.tills[:32], seconds=4)

The simulator, the gateway and the workers are processes of their own; the load is made by the bench's.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomysql
import httpx

from bench.load import KEY, Bodies, Load, Result, contains, document_id
from bench.measure import cpu_seconds
from bench.ticket import NAMES, PRICES
from simulators.processes import Process, free_port, succeed
from simulators.till.documents import REFUSED, new_key
from simulators.till.shop import Shop, Till, cash

EMAIL, PASSWORD, BIN = "bench@example.kz", "correct horse battery", "230140000109"
FIRST_OFD_ID, FIRST_TOKEN = 1, 1_000_001  # as bench.simulator_ofd numbers its registers
REDIS_URL = "redis://127.0.0.1:6379/0"
MARIADB = {"host": "127.0.0.1", "user": "root", "password": ""}
MARIADB_NAME = "sauda_bench_house"
WAIT_MS = 10_000
RETRY_PAUSE_MS = 200  # between attempts to restore the link; a minute would be spent waiting

CREATE_PRODUCT = f"""
mutation CreateProduct($input: CreateProductInput!) {{
  createProduct(input: $input) {{ __typename ... on Product {{ id }} {REFUSED} }}
}}"""
SELL = (
    "mutation Sell($input: RegisterSaleInput!, $wait: Int!) { registerSale(input: $input, wait: $wait) {"
    " __typename ... on Sale { id state total change sign qrText receiptUrl }"
    " ... on Refused { code message } } }"
)
FISCALIZED = contains(b'"state":"FISCALIZED"')
OFFLINE = contains(b'"state":"OFFLINE"')


@dataclass(frozen=True, slots=True)
class Sold:
    """One run of sales. CPU is of all serving and working processes, per receipt; shares are of one core."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    server_share: float
    ofd_share: float
    done: int  # the warming sales included


@dataclass(slots=True)
class House:
    """Processes that run, and the shop in them."""

    folder: Path
    simulator: subprocess.Popen[bytes]
    ofd_port: int
    ledger_address: str
    is_cluster: bool
    environ: dict[str, str]
    ports: list[int]
    processes: list[Process] = field(default_factory=list)
    tills: list[Till] = field(default_factory=list)
    product_ids: list[str] = field(default_factory=list)
    token: str = ""
    sold: int = 0
    seeded: int = 0  # sales the tax side never saw

    @property
    def address(self) -> str:
        """Of the first gateway."""
        return f"http://127.0.0.1:{self.ports[0]}"

    async def start(self) -> None:
        """Start what serves and what works."""
        names = [["gateway"], ["gateway"], ["worker"]] if self.is_cluster else [["up"]]
        for place, name in enumerate(names):
            environ = dict(self.environ)
            if place < len(self.ports):
                environ["SAUDA_SERVER__PORT"] = str(self.ports[place])
            process = Process(name, environ, self.folder / f"{place}.log")
            await process.start()
            self.processes.append(process)
        for port, process in zip(self.ports, self.processes, strict=False):
            await process.ready(f"http://127.0.0.1:{port}")

    async def stop(self) -> None:
        """End all in order."""
        for process in self.processes:
            await process.stop()
        self.processes.clear()

    async def open_shop(self, registers: int) -> None:
        """Three products and that many activated tills, made through GraphQL."""
        shop = await Shop.open(self.address, email=EMAIL, password=PASSWORD)
        for name, price in zip(NAMES, PRICES, strict=True):
            asked = {"name": name, "price": _tenge(price), "vatPercent": "16"}
            self.product_ids.append((await shop.owner.mutate(CREATE_PRODUCT, input=asked))["id"])
        self.tills = await shop.tills(registers, first_ofd_id=FIRST_OFD_ID, first_token=FIRST_TOKEN)
        self.token = shop.service.http.headers["authorization"]
        await shop.close()

    def bodies(self, till: Till, *, is_registered: bool = False) -> Bodies:
        """Requests of one till: its three-line sale under ever new keys."""
        return Bodies(SELL, self._sale(till), seed=till.ofd_id, is_registered=is_registered)

    def _sale(self, till: Till) -> dict[str, Any]:
        cart = {
            "saleKey": KEY,
            "registerId": till.register_id,
            "operatorId": till.operator_id,
            "lines": [{"productId": each, "quantity": "1"} for each in self.product_ids],
            "payments": [cash("3000.00")],
        }
        return {"input": cart, "wait": WAIT_MS}

    async def register_document(self) -> None:
        """Let every gateway know the sale's document by its digest; the sale itself lacks its lines."""
        variables = self._sale(self.tills[0])
        variables["input"] |= {"saleKey": new_key(), "lines": []}
        asked = {"query": SELL, "documentId": document_id(SELL), "variables": variables}
        async with httpx.AsyncClient(headers={"authorization": self.token}) as client:
            for port in self.ports:
                answer = await client.post(f"http://127.0.0.1:{port}/graphql", json=asked)
                if answer.json()["data"]["registerSale"]["__typename"] != "Refused":
                    raise SystemExit(f"the document was not registered: {answer.text}")

    async def sell(
        self, tills: Sequence[Till], seconds: float, check: Any = FISCALIZED, *, is_registered: bool = False
    ) -> Sold:
        """Each till sells again as soon as it is answered, is_registered: by the digest of the document.
        Raises SystemExit when an answer was wrong.
        """
        headers = [f"Authorization: {self.token}"]
        pids = [each.pid for each in self.processes]
        before = sum(map(cpu_seconds, pids)), cpu_seconds(self.simulator.pid)
        parts = await asyncio.gather(
            *(
                Load("127.0.0.1", port, headers=headers).run(
                    [
                        self.bodies(till, is_registered=is_registered).next
                        for till in tills[place :: len(self.ports)]
                    ],
                    seconds=seconds,
                    check=check,
                )
                for place, port in enumerate(self.ports)
                if tills[place :: len(self.ports)]
            )
        )
        result = _merged(parts)
        result.demand_clean()
        used = sum(map(cpu_seconds, pids)) - before[0], cpu_seconds(self.simulator.pid) - before[1]
        done = result.done + len(tills)
        self.sold += done
        each_us = used[0] / done * 1e6
        shares = used[0] / result.seconds, used[1] / result.seconds
        return Sold(result.rate, result.ms(50), result.ms(99), each_us, *shares, done)

    async def ledger(self) -> dict[str, Any]:
        """What the tax side believes."""
        async with httpx.AsyncClient() as client:
            found: dict[str, Any] = (await client.get(f"{self.ledger_address}/ledger?limit=0")).json()
        return found

    async def control(self, action: str) -> None:
        """Command the simulator."""
        async with httpx.AsyncClient() as client:
            (await client.post(f"{self.ledger_address}/control", json={"action": action})).raise_for_status()

    async def replay_rate(self, till: Till, seconds: float) -> tuple[int, float]:
        """Documents sold without the OFD in about `seconds`, and how many of them a second it then took."""
        async with httpx.AsyncClient() as client:  # kept: what watches may not be what is measured

            async def accepted() -> int:
                page = await client.get(f"{self.ledger_address}/ledger/{till.ofd_id}?limit=0")
                count: int = page.json()["accepted"]
                return count

            before = await accepted()
            await self.control("refuse")
            waiting = (await self.sell([till], seconds, check=OFFLINE)).done
            await self.control("accept")
            began, first = 0.0, 0
            while (got := await accepted() - before) < waiting:
                if got and not began:
                    began, first = time.perf_counter(), got
                await asyncio.sleep(0.02)
            return waiting, (waiting - first) / (time.perf_counter() - began)

    async def demand_truth(self) -> None:
        """Every sale is stored, known to the tax side, and in a whole journal; raises if not."""
        ledger = await self.ledger()
        stored = await self.count("SELECT COUNT(*) FROM trd_sale WHERE state = 'FISCALIZED'")
        if not stored - self.seeded == ledger["accepted"] == self.sold or ledger["violations"]:
            problems = ledger["violations"][:3]
            raise SystemExit(f"stored {stored}, ledger {ledger['accepted']}, sold {self.sold}; {problems}")
        await succeed("journal", "verify", environ=self.environ)

    async def count(self, sql: str) -> int:
        """The one number of a query."""
        if not self.is_cluster:
            with sqlite3.connect(self.folder / "sauda.db") as database:
                return int(database.execute(sql).fetchone()[0])
        async with (
            aiomysql.connect(db=MARIADB_NAME, **MARIADB) as connection,
            connection.cursor() as cursor,
        ):
            await cursor.execute(sql)
            return int((await cursor.fetchone())[0])


@asynccontextmanager
async def open_house(registers: int, *, is_cluster: bool = False) -> AsyncIterator[House]:
    """One process on SQLite, or two gateways and a worker on MariaDB and Redis; all is gone on leaving."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sauda-bench-")))
        command = ["-m", "bench.simulator_ofd", "--serve", "simulator", "--registers", str(registers)]
        simulator = subprocess.Popen(
            [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        stack.callback(simulator.communicate)
        assert simulator.stdout is not None
        ofd_port, ledger_port = json.loads(simulator.stdout.readline())
        url = f"sqlite:///{folder / 'sauda.db'}"
        if is_cluster:
            url = await stack.enter_async_context(_mariadb())
        house = House(
            folder=folder,
            simulator=simulator,
            ofd_port=ofd_port,
            ledger_address=f"http://127.0.0.1:{ledger_port}",
            is_cluster=is_cluster,
            environ=_environ(folder, url, ofd_port, is_cluster=is_cluster),
            ports=[free_port() for _ in range(2 if is_cluster else 1)],
        )
        await succeed(
            *("user", "create-owner", "--email", EMAIL, "--company-bin", BIN, "--password-stdin"),
            *("--company-title", "ТОО «Өлшем»", "--company-title-kk", "«Өлшем» ЖШС"),
            environ=house.environ,
            standard_input=f"{PASSWORD}\n",
        )
        stack.push_async_callback(house.stop)
        await house.start()
        await house.open_shop(registers)
        yield house


def _environ(folder: Path, url: str, ofd_port: int, *, is_cluster: bool) -> dict[str, str]:
    environ: Mapping[str, str] = {
        "SAUDA_DATABASE__URL": url,
        "SAUDA_FISCAL_KZ__PROFILES": f"simulator;127.0.0.1:{ofd_port};Симулятор ОФД;http://127.0.0.1/check;test",
        "SAUDA_FISCAL_KZ__RETRY_PAUSE_MS": str(RETRY_PAUSE_MS),
        "SAUDA_SECURITY__SEAL_KEY_FILE": str(folder / "seal.key"),
        "SAUDA_LOG__FORMAT": "json",
        "SAUDA_LOG__LEVEL": "warning",
    }
    return {**environ, **({"SAUDA_BUS__URL": REDIS_URL} if is_cluster else {})}


@asynccontextmanager
async def _mariadb() -> AsyncIterator[str]:
    async with aiomysql.connect(autocommit=True, **MARIADB) as connection, connection.cursor() as cursor:
        await cursor.execute("SHOW DATABASES LIKE %s", (MARIADB_NAME,))
        if await cursor.fetchone():
            await cursor.execute(f"DROP DATABASE {MARIADB_NAME}")
        await cursor.execute(f"CREATE DATABASE {MARIADB_NAME} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        yield f"mysql://{MARIADB['user']}@{MARIADB['host']}:3306/{MARIADB_NAME}"
        await cursor.execute(f"DROP DATABASE {MARIADB_NAME}")


def _merged(parts: Sequence[Result]) -> Result:
    whole = Result(seconds=max(each.seconds for each in parts))
    for each in parts:
        whole.done += each.done
        whole.latencies += each.latencies
        whole.failures.update(each.failures)
    return whole


def _tenge(tiyn: int) -> str:
    return f"{tiyn // 100}.{tiyn % 100:02}"
