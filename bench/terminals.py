"""Card payments a second through terminals of the own application, beside raw ceilings of the same run.

    python -m bench.terminals --terminals 1,64,512 --seconds 4

The whole house in this process on SQLite with its worker, the acquirer's host in a process of its own, ISO
8583 over TCP between them. A payment is begun, its card is handed over, and it counts when its approval is
durable and was read again: three commits and one exchange with MACs both ways. Each terminal takes one
payment after another. Afterwards the host's ledger is compared with what was counted.

Beside it: a bare TCP echo of frames of the same length (asyncio, a process of its own), and bare durable
commits of a row by as many writers as there are terminals (one file, group commit).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, cast

import uvloop

from addons.pos_terminal.adapters.iso8583.driver import Iso8583
from addons.pos_terminal.domain.driver import DriverName
from addons.pos_terminal.domain.payment import PaymentState
from addons.pos_terminal.services.payment_step import OPERATION_TOPIC
from addons.pos_terminal.services.ports import TerminalDriver
from addons.pos_terminal.services.present_card import PresentCard, present_card
from addons.pos_terminal.services.start_payment import StartPayment, start_payment
from addons.pos_terminal.tests.counter import CARD, Counter, open_counter
from addons.pos_terminal.tests.own_terminals import FIRST_CODE, MERCHANT, add_contract, add_own_terminal
from bench.figures import Figure, show_figures
from bench.measure import percentile, show, spread
from bench.skeleton import INTENT, SqliteJournal
from kernel.ids import new_id
from kernel.jobs.drive import run_due
from kernel.money import Money
from simulators.acquirer.server import AcquirerSimulator
from simulators.acquirer.settings import AcquirerSettings, TerminalData
from worker.worker import Worker

COUNTS = [1, 64, 512]
COMMITS_EACH = 3  # of a payment: begun; card taken and sent; approved
FRAME_BYTES = 160  # of a purchase and of its answer, about
AMOUNT = Money(1_250_00)


class Measured(NamedTuple):
    """rate: a second; p50, p99: ms of one; cpu_us: of this process for one, 0 where it is not told."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float = 0.0


class Till:
    """One terminal: a payment after another while the clock runs."""

    def __init__(self, counter: Counter, terminal_id: str) -> None:
        self.counter, self.terminal_id = counter, terminal_id
        self.news = asyncio.Event()

    async def pay(self, waiting: dict[str, Till]) -> None:
        """One payment, until its approval was read. waiting: who is told of an operation.

        Raises SystemExit when it was not approved.
        """
        counter = self.counter
        command = StartPayment(new_id(), counter.register_id, AMOUNT, self.terminal_id, with_receipt=False)
        operation_id = (await counter.run(start_payment, command)).operation_id
        waiting[operation_id] = self
        self.news.clear()
        await counter.run(present_card, PresentCard(operation_id, CARD))
        while True:
            state = await counter.state(operation_id)
            if state is PaymentState.APPROVED:
                del waiting[operation_id]
                return
            if state.is_final:
                raise SystemExit(f"a payment ended as {state}")
            await self.news.wait()
            self.news.clear()


class Bench:
    """A furnished house and the host's ledger."""

    def __init__(self, counter: Counter, tills: list[Till], ledger_url: str) -> None:
        self.counter, self.tills, self.ledger_url = counter, tills, ledger_url
        self.paid = 0
        self.waiting: dict[str, Till] = {}

    def hear(self, operation_id: str) -> None:
        """An operation has changed: its till looks."""
        till = self.waiting.get(operation_id)
        if till is not None:
            till.news.set()

    async def measure(self, count: int, seconds: float) -> Measured:
        """As many terminals at once."""
        latencies: list[float] = []
        ends_at = time.perf_counter() + seconds

        async def go(till: Till) -> None:
            while (began := time.perf_counter()) < ends_at:
                await till.pay(self.waiting)
                latencies.append(time.perf_counter() - began)

        began, began_cpu = time.perf_counter(), time.process_time()
        async with asyncio.TaskGroup() as group:
            for till in self.tills[:count]:
                group.create_task(go(till))
        took, cpu = time.perf_counter() - began, time.process_time() - began_cpu
        self.paid += len(latencies)
        return _measured(latencies, took)._replace(cpu_us=cpu / len(latencies) * 1e6)

    async def demand_truth(self) -> None:
        """Raises SystemExit unless the host took exactly what was counted."""
        text = await asyncio.to_thread(_read, f"{self.ledger_url}?limit=0")
        ledger = json.loads(text)
        wanted = (self.paid, self.paid * AMOUNT.tiyn, {}, [])
        found = (ledger["count"], ledger["taken"], ledger["declines"], ledger["incidents"])
        if found != wanted or ledger["unsigned"]:
            raise SystemExit(f"the host's ledger: {found}, counted: {wanted}")


def _measured(latencies: list[float], took: float) -> Measured:
    return Measured(len(latencies) / took, percentile(latencies, 50) * 1000, percentile(latencies, 99) * 1000)


def _read(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        return bytes(answer.read())


@asynccontextmanager
async def open_bench(count: int) -> AsyncIterator[Bench]:
    """A house with so many terminals that have their keys, its worker, and the host behind it."""
    with _process("host", count) as (port, http_port):
        async with open_counter() as counter:
            contract_id = await add_contract(counter, f"127.0.0.1:{port}")
            ids = [
                await add_own_terminal(counter, contract_id, f"{FIRST_CODE + index:08}")
                for index in range(count)
            ]
            await run_due(counter.app.database)  # keys are exchanged
            tills = [Till(counter, terminal_id) for terminal_id in ids]
            bench = Bench(counter, tills, f"http://127.0.0.1:{http_port}/ledger")
            worker = Worker(counter.app)
            untap = counter.app.bus.tap(OPERATION_TOPIC, bench.hear)
            working = asyncio.create_task(worker.run())
            try:
                yield bench
            finally:
                untap()
                worker.stop()
                await working
                driver = counter.app.registry.offers(TerminalDriver)[DriverName.ISO8583]
                cast("Iso8583", driver).close()


@contextmanager
def _process(kind: str, count: int) -> Iterator[tuple[int, int]]:
    """A server in a process of its own; its ports."""
    command = [sys.executable, "-m", "bench.terminals", "--serve", kind, "--terminals", str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        port, http_port = json.loads(server.stdout.readline())
        try:
            yield port, http_port
        finally:
            server.communicate()


async def serve(kind: str, count: int) -> None:
    """The server process: prints its ports, ends when its input ends."""
    loop = asyncio.get_running_loop()
    if kind == "echo":
        echo = await loop.create_server(Echo, "127.0.0.1", 0, backlog=4096)
        print(json.dumps([echo.sockets[0].getsockname()[1], 0]), flush=True)
        await loop.run_in_executor(None, sys.stdin.read)
        return
    simulator = AcquirerSimulator(AcquirerSettings(http_port=0))
    for index in range(count):
        simulator.add_terminal(TerminalData(f"{FIRST_CODE + index:08}", MERCHANT))
    async with simulator.running() as endpoint:
        print(json.dumps([endpoint.port, endpoint.http_port]), flush=True)
        await loop.run_in_executor(None, sys.stdin.read)


class Echo(asyncio.Protocol):
    """Gives back what came."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


async def echo(port: int, count: int, seconds: float) -> Measured:
    """So many connections, one frame in flight on each."""
    latencies: list[float] = []
    ends_at = time.perf_counter() + seconds

    async def go() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (began := time.perf_counter()) < ends_at:
            writer.write(bytes(FRAME_BYTES))
            await reader.readexactly(FRAME_BYTES)
            latencies.append(time.perf_counter() - began)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(go() for _ in range(count)))
    return _measured(latencies, time.perf_counter() - began)


async def commits(count: int, seconds: float) -> Measured:
    """So many writers of a row each, durable."""
    latencies: list[float] = []
    ends_at = time.perf_counter() + seconds
    with tempfile.TemporaryDirectory() as folder:
        journal = SqliteJournal(Path(folder) / "raw.db")

        async def go() -> None:
            while (began := time.perf_counter()) < ends_at:
                values: tuple[Any, ...] = (new_id(), 1, 1, 1, AMOUNT.tiyn, bytes(FRAME_BYTES))
                await journal.commit((INTENT, values))
                latencies.append(time.perf_counter() - began)

        began = time.perf_counter()
        await asyncio.gather(*(go() for _ in range(count)))
        took = time.perf_counter() - began
        journal.thread.shutdown()
        journal.database.close()
    return _measured(latencies, took)


def run(counts: list[int] | None = None, seconds: float = 4.0, runs: int = 3) -> list[Figure]:
    """Measure, print the table, give the figures. Raises SystemExit when the two sides disagree."""
    return uvloop.run(_run(counts or COUNTS, seconds, runs))


async def _run(counts: list[int], seconds: float, runs: int) -> list[Figure]:
    ours: dict[int, list[Measured]] = {count: [] for count in counts}
    echoes: dict[int, list[Measured]] = {count: [] for count in counts}
    raw: dict[int, list[Measured]] = {count: [] for count in counts}
    with _process("echo", 0) as (port, _):
        async with open_bench(max(counts)) as bench:
            await bench.measure(min(4, max(counts)), 1.0)  # caches fill
            for _ in range(runs):  # interleaved, so that noise meets all
                for count in counts:
                    echoes[count].append(await echo(port, count, seconds / 4))
                    raw[count].append(await commits(count, seconds / 4))
                    ours[count].append(await bench.measure(count, seconds))
            await bench.demand_truth()
    rows, figures = [], []
    for count in counts:
        rate = spread([each.rate for each in ours[count]])
        of_echo = rate.median / median(each.rate for each in echoes[count])
        of_commits = COMMITS_EACH * rate.median / median(each.rate for each in raw[count])
        p99 = median(each.p99_ms for each in ours[count])
        cpu = median(each.cpu_us for each in ours[count])
        rows.append([f"{count}, echo", *_cells(echoes[count]), "", ""])
        rows.append([f"{count}, commits", *_cells(raw[count]), "", ""])
        rows.append([f"{count}, payments", *_cells(ours[count]), f"{of_echo:.2%}", f"{of_commits:.0%}"])
        name = f"card payments/s, {count} terminals (ratio: of raw commits, {COMMITS_EACH} each)"
        figures.append(Figure(name, f"{rate}, p99 {p99:.0f} ms, {cpu:.0f} µs of CPU", of_commits, "", None))
    columns = ("terminals", "a second", "p50 ms", "p99 ms", "CPU each", "of echo", "of commits")
    show("Card payments through the acquirer's simulator", columns, rows)
    return figures


def _cells(runs: list[Measured]) -> list[str]:
    return [
        str(spread([each.rate for each in runs])),
        f"{median(each.p50_ms for each in runs):.1f}",
        f"{median(each.p99_ms for each in runs):.1f}",
        f"{cpu:.0f} µs" if (cpu := median(each.cpu_us for each in runs)) else "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--terminals", default=",".join(str(count) for count in COUNTS))
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--serve", choices=("host", "echo"))
    options = parser.parse_args()
    counts = [int(count) for count in options.terminals.split(",")]
    if options.serve:
        uvloop.run(serve(options.serve, max(counts)))
        return
    show_figures("Targets", run(counts, options.seconds, options.runs))


if __name__ == "__main__":
    main()
