"""The bare main path, the ceiling of benches: GraphQL sale → durable intent → OFD → durable answer → reply.

    python -m bench.skeleton --registers 1,32,256 --seconds 4 --database sqlite

Honest: the intent (exact request bytes, token, number) is durable before the exchange, the raw answer before
the reply (SQLite WAL with synchronous=FULL, or MariaDB flushing at each commit); the wire carries a real
3-line ticket of 2.0.3 to the simulator, which checks it; one request in flight per register. Bare: no rights,
tenants, catalogue, counters, hash chain, jobs, events, logs. Ways: `strawberry` (parser and validation
caches), `trusted` (a document parsed and validated once, graphql-core, orjson), `engine` (no HTTP and no
GraphQL: what one process can fiscalize).

Long because the whole honest program should be readable at a glance.
"""

import argparse
import asyncio
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, Protocol

import aiomysql
import orjson
import strawberry
import uvicorn
import uvloop
from graphql import execute, parse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.extensions import ParserCache, ValidationCache

from bench.load import KEY, Bodies, Load, Result, contains
from bench.measure import cpu_seconds, percentile, show, spread
from bench.ticket import NAMES, PRICES, SERVICE, vat_inside
from protocols.ofd.answer import read_answer
from protocols.ofd.build import build_ticket
from protocols.ofd.codes import V203, Operation, PaymentType
from protocols.ofd.frame import encode_frame, next_reqnum, read_frame
from protocols.ofd.values import Line, Payment, Ticket

FIRST_TOKEN = 1_000_000
MARIADB = {"host": "127.0.0.1", "user": "root", "password": "", "db": "sauda_bench_skeleton"}
CONNECTIONS = 32  # to MariaDB
TABLE = """CREATE TABLE exchange (sale_key CHAR(36) PRIMARY KEY, register_id INT NOT NULL,
 reqnum INT NOT NULL, token BIGINT NOT NULL, total BIGINT NOT NULL, request {blob} NOT NULL,
 next_token BIGINT, answer {blob}, sign VARCHAR(20))"""
INTENT = (
    "INSERT INTO exchange (sale_key, register_id, reqnum, token, total, request) VALUES (?, ?, ?, ?, ?, ?)"
)
ANSWER = "UPDATE exchange SET next_token = ?, answer = ?, sign = ? WHERE sale_key = ?"
Statement = tuple[str, tuple[Any, ...]]


class Journal(Protocol):
    async def commit(self, statement: Statement) -> None:
        """Durable when this returns."""


class SqliteJournal:
    """One writer: whatever waits is committed together while new statements gather."""

    def __init__(self, path: Path) -> None:
        self.database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute(TABLE.format(blob="BLOB"))
        self.thread = ThreadPoolExecutor(1)
        self.waiting: list[tuple[Statement, asyncio.Future[None]]] = []
        self.writer: asyncio.Task[None] | None = None

    async def commit(self, statement: Statement) -> None:
        done = asyncio.get_running_loop().create_future()
        self.waiting.append((statement, done))
        if self.writer is None or self.writer.done():
            self.writer = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self.waiting:
            batch, self.waiting = self.waiting, []
            await loop.run_in_executor(self.thread, self._write_batch, [statement for statement, _ in batch])
            for _, done in batch:
                done.set_result(None)

    def _write_batch(self, statements: list[Statement]) -> None:
        self.database.execute("BEGIN IMMEDIATE")
        for sql, values in statements:
            self.database.execute(sql, values)
        self.database.execute("COMMIT")


class MariaJournal:
    """Many connections, one statement a transaction: the server groups the commits."""

    def __init__(self, pool: aiomysql.Pool) -> None:
        self.pool = pool

    @classmethod
    async def open(cls) -> "MariaJournal":
        bare = {name: value for name, value in MARIADB.items() if name != "db"}
        connection = await aiomysql.connect(**bare)
        async with connection.cursor() as cursor:
            await cursor.execute("SHOW DATABASES LIKE %s", (MARIADB["db"],))
            if await cursor.fetchone():
                await cursor.execute(f"DROP DATABASE {MARIADB['db']}")
            await cursor.execute(f"CREATE DATABASE {MARIADB['db']}")
            await cursor.execute(f"USE {MARIADB['db']}")
            await cursor.execute(TABLE.format(blob="VARBINARY(4000)"))
            await cursor.execute("SELECT @@innodb_flush_log_at_trx_commit")
            (flush,) = await cursor.fetchone()
            if flush != 1:
                raise SystemExit("MariaDB does not flush at each commit: not an honest ceiling")
        connection.close()
        return cls(
            await aiomysql.create_pool(minsize=CONNECTIONS, maxsize=CONNECTIONS, autocommit=True, **MARIADB)
        )

    async def commit(self, statement: Statement) -> None:
        sql, values = statement
        async with self.pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(sql.replace("?", "%s"), values)


class Register:
    """One register: strictly serial, one kept connection to the OFD."""

    def __init__(self, ofd_id: int, ofd_port: int, journal: Journal) -> None:
        self.ofd_id, self.ofd_port, self.journal = ofd_id, ofd_port, journal
        self.token, self.reqnum = FIRST_TOKEN + ofd_id, 0
        self.turn = asyncio.Lock()
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def sell(self, key: str, lines: list[tuple[str, int, int]], cash: int) -> tuple[str, str]:
        """Fiscal sign and check link of a sale of (name, price in tiyn, quantity in thousandths) lines."""
        priced = [
            (name, price, quantity, (price * quantity + 500) // 1000) for name, price, quantity in lines
        ]
        total = sum(line[3] for line in priced)
        ticket = Ticket(
            operation=Operation.SELL,
            at=_wall_time(),
            operator_code=1,
            operator_name="Айгүл",
            lines=tuple(
                Line(name, "1", quantity, price, amount, "796", vat_bp=1600, vat=vat_inside(amount))
                for name, price, quantity, amount in priced
            ),
            payments=(Payment(PaymentType.CASH, total),),
            total=total,
            taken=cash,
            change=cash - total,
        )
        payload = build_ticket(ticket, SERVICE, version=V203)
        async with self.turn:
            self.reqnum = next_reqnum(self.reqnum)
            intent = (key, self.ofd_id, self.reqnum, self.token, total, payload)
            await self.journal.commit((INTENT, intent))
            if self.streams is None:
                self.streams = await asyncio.open_connection("127.0.0.1", self.ofd_port)
            reader, writer = self.streams
            writer.write(encode_frame(V203, self.ofd_id, self.token, self.reqnum, payload))
            frame = await asyncio.wait_for(read_frame(reader), 5)
            answer = read_answer(frame.payload, version=frame.version)
            if answer.code or frame.reqnum != self.reqnum:
                raise RuntimeError(f"the OFD answered {answer.code} {answer.text}")
            await self.journal.commit((ANSWER, (frame.token, frame.payload, answer.sign, key)))
            self.token = frame.token
        return answer.sign, answer.qr


def _wall_time():  # type: ignore[no-untyped-def]
    from datetime import datetime

    return datetime.now()  # noqa: DTZ005 - wall time of a register


REGISTERS: list[Register] = []


@strawberry.input
class LineInput:
    name: str
    price: str
    quantity: str


@strawberry.input
class SaleInput:
    sale_key: strawberry.ID
    register: int
    lines: list[LineInput]
    cash: str


@strawberry.type
class Sale:
    sale_key: strawberry.ID
    sign: str
    qr: str


@strawberry.type
class Query:
    ready: bool = True


def _scaled(text: str, digits: int) -> int:
    whole, _, part = text.partition(".")
    return int(whole + part.ljust(digits, "0"))


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def register_sale(self, input: SaleInput) -> Sale:
        lines = [(line.name, _scaled(line.price, 2), _scaled(line.quantity, 3)) for line in input.lines]
        register = REGISTERS[input.register]
        sign, qr = await register.sell(str(input.sale_key), lines, _scaled(input.cash, 2))
        return Sale(sale_key=input.sale_key, sign=sign, qr=qr)


SCHEMA = strawberry.Schema(Query, Mutation, extensions=[ParserCache, ValidationCache])
DOCUMENT = "mutation Sell($input: SaleInput!) { registerSale(input: $input) { saleKey sign qr } }"
PARSED = parse(DOCUMENT)


async def answer_strawberry(request: Request) -> Response:
    asked = orjson.loads(await request.body())
    result = await SCHEMA.execute(asked["query"], variable_values=asked["variables"])
    return _response(result.data, result.errors)


async def answer_trusted(request: Request) -> Response:
    asked = orjson.loads(await request.body())
    result: Any = execute(SCHEMA._schema, PARSED, variable_values=asked["variables"])
    if not hasattr(result, "data"):
        result = await result
    return _response(result.data, result.errors)


def _response(data: Any, errors: Any) -> Response:
    body = {"data": data, "errors": [str(error) for error in errors]} if errors else {"data": data}
    return Response(orjson.dumps(body), media_type="application/json")


def variables(register: int) -> dict[str, Any]:
    lines = [
        {"name": name, "price": f"{price // 100}.{price % 100:02}", "quantity": "1"}
        for name, price in zip(NAMES, PRICES, strict=True)
    ]
    return {"input": {"saleKey": KEY, "register": register, "lines": lines, "cash": "3000.00"}}


async def serve(options: argparse.Namespace) -> None:
    """The server process: prints its port, ends when its input ends."""
    with tempfile.TemporaryDirectory(prefix="skeleton-") as folder:
        journal: Journal
        if options.database == "sqlite":
            journal = SqliteJournal(Path(folder) / "journal.db")
        else:
            journal = await MariaJournal.open()
        count = int(options.registers)
        REGISTERS.extend(Register(number + 1, options.ofd_port, journal) for number in range(count))
        if options.way == "engine":
            print(json.dumps(await run_engine(options.seconds)), flush=True)
        else:
            await run_gateway(answer_trusted if options.way == "trusted" else answer_strawberry)
        print(json.dumps(await count_rows(journal)), flush=True)


async def run_gateway(endpoint: Any) -> None:
    app = Starlette(routes=[Route("/graphql", endpoint, methods=["POST"])])
    config = uvicorn.Config(app, port=0, log_level="warning", access_log=False, lifespan="off")
    listener = config.bind_socket()
    listener.listen(2048)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    print(json.dumps(listener.getsockname()[1]), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    server.should_exit = True
    await task


async def run_engine(seconds: float) -> list[float]:
    """Every register sells as fast as it can; sales a second, p50 and p99 in ms."""
    lines = [(name, price, 1000) for name, price in zip(NAMES, PRICES, strict=True)]
    latencies: list[float] = []
    began = time.perf_counter()

    async def loop(register: Register) -> None:
        number = 0
        while time.perf_counter() - began < seconds:
            number += 1
            start = time.perf_counter()
            await register.sell(f"{register.ofd_id:08x}-{number:027x}", lines, 300000)
            latencies.append(time.perf_counter() - start)

    await asyncio.gather(*map(loop, REGISTERS))
    took = time.perf_counter() - began
    return [len(latencies), took, percentile(latencies, 50) * 1000, percentile(latencies, 99) * 1000]


async def count_rows(journal: Journal) -> int:
    """Sales whose answer is durable."""
    sql = "SELECT COUNT(*) FROM exchange WHERE sign IS NOT NULL"
    if isinstance(journal, SqliteJournal):
        (count,) = journal.database.execute(sql).fetchone()
        journal.database.close()
        return int(count)
    assert isinstance(journal, MariaJournal)
    async with journal.pool.acquire() as connection, connection.cursor() as cursor:
        await cursor.execute(sql)
        (count,) = await cursor.fetchone()
        await cursor.execute(f"DROP DATABASE {MARIADB['db']}")
    journal.pool.terminate()
    await journal.pool.wait_closed()
    return int(count)


class Measured(NamedTuple):
    """One run. `cpu_us` is of the server, per receipt; shares are of one core."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    server_share: float
    ofd_share: float


def measure(way: str, database: str, registers: int, seconds: float) -> Measured:
    """One run. Raises SystemExit when an answer, a row or the ledger is not as it should be."""
    simulator_command = ["-m", "bench.simulator_ofd", "--serve", "simulator", "--registers", str(registers)]
    with subprocess.Popen(
        [sys.executable, *simulator_command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as simulator:
        assert simulator.stdout is not None
        ofd_port, ledger_port = json.loads(simulator.stdout.readline())
        command = [sys.executable, "-m", "bench.skeleton", "--serve", "--way", way, "--database", database]
        command += ["--registers", str(registers), "--seconds", str(seconds), "--ofd-port", str(ofd_port)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
            assert server.stdout is not None
            assert server.stdin is not None
            before = cpu_seconds(server.pid), cpu_seconds(simulator.pid)
            first = json.loads(server.stdout.readline())
            if way == "engine":
                done, took, p50, p99 = first
                result = Result(seconds=took, done=int(done))
                warm = 0
            else:
                before = cpu_seconds(server.pid), cpu_seconds(simulator.pid)
                result = uvloop.run(drive(first, registers, seconds))
                result.demand_clean()
                p50, p99, warm = result.ms(50), result.ms(99), registers
            used = cpu_seconds(server.pid) - before[0], cpu_seconds(simulator.pid) - before[1]
            server.stdin.close()
            rows = json.loads(server.stdout.readline())
        with urllib.request.urlopen(f"http://127.0.0.1:{ledger_port}/ledger?limit=0") as page:
            ledger = json.load(page)
        simulator.communicate()
    if not rows == ledger["accepted"] == result.done + warm or ledger["violations"]:
        raise SystemExit(f"rows {rows}, ledger {ledger['accepted']}, answers {result.done + warm}")
    each = used[0] / (result.done + warm) * 1e6
    return Measured(result.rate, p50, p99, each, used[0] / result.seconds, used[1] / result.seconds)


def row(name: str, runs: Sequence[Measured]) -> list[str]:
    """Medians of several runs as cells of the table."""
    rates = spread([run.rate for run in runs])
    _, p50, p99, cpu, server, ofd = (median(values) for values in zip(*runs, strict=True))
    return [name, str(rates), f"{p50:.1f}", f"{p99:.1f}", f"{cpu:.0f} µs", f"{server:.0%} · {ofd:.0%}"]


async def drive(port: int, registers: int, seconds: float) -> Result:
    sources = [Bodies(DOCUMENT, variables(number), seed=number).next for number in range(registers)]
    return await Load("127.0.0.1", port).run(sources, seconds=seconds, check=contains(b'"sign":"'))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registers", default="1,32,256", help="numbers of registers, one run each")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--runs", type=int, default=1, help="interleaved runs, medians are shown")
    parser.add_argument("--database", choices=("sqlite", "mariadb"), default="sqlite")
    parser.add_argument(
        "--way", default="strawberry", help="strawberry, trusted, engine, or several with commas"
    )
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--ofd-port", type=int, default=0)
    options = parser.parse_args()
    if options.serve:
        uvloop.run(serve(options))
        return
    wanted = [(way, int(n)) for way in options.way.split(",") for n in options.registers.split(",")]
    found: dict[tuple[str, int], list[Measured]] = {key: [] for key in wanted}
    for _ in range(options.runs):  # interleaved, so that noise meets all
        for way, registers in wanted:
            found[way, registers].append(measure(way, options.database, registers, options.seconds))
    rows = [row(f"{way}, {registers} registers", runs) for (way, registers), runs in found.items()]
    columns = ("way", "receipts/s", "p50 ms", "p99 ms", "CPU each", "CPU server · OFD")
    show(f"Bare main path on {options.database}", columns, rows)


if __name__ == "__main__":
    main()
