"""How many exchanges a second the OFD simulator serves alone, beside an echo that does no work.

    python -m bench.simulator_ofd --registers 2000 --seconds 5

Both servers run in a process of their own and are driven by the same client: one kept connection per
register, one request in flight on each, a 3-line ticket (2.0.3, with registration and position). The echo
answers with a frame of the same length as the simulator's. At the end the ledger's count is compared with
what the client saw.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import struct
import subprocess
import sys
import time
import urllib.request
from typing import cast

import uvloop

from bench.figures import Figure
from bench.measure import cpu_seconds, percentile, show, spread
from bench.ticket import bench_ticket
from protocols.ofd.frame import FrameBuffer, encode_frame
from simulators.ofd.server import OfdSimulator
from simulators.ofd.settings import OfdSettings

FIRST_TOKEN = 1_000_000
TARGET = 3000  # exchanges a second over 2,000 registers


class Till(asyncio.Protocol):
    """One register: sends the next ticket as soon as the last one is answered."""

    def __init__(self, bench: Bench, ofd_id: int) -> None:
        self.bench = bench
        self.frame = bytearray(encode_frame(203, ofd_id, FIRST_TOKEN + ofd_id, 0, bench.payload))
        self.reqnum = 0
        self.buffer = FrameBuffer()
        self.sent = 0.0
        self.warm = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def send(self) -> None:
        self.reqnum = (self.reqnum + 1) & 0xFFFF
        struct.pack_into("<H", self.frame, 16, self.reqnum)
        self.sent = time.perf_counter()
        self.transport.write(bytes(self.frame))

    def data_received(self, data: bytes) -> None:
        for frame in self.buffer.feed(data):
            self.bench.latencies.append(time.perf_counter() - self.sent)
            if frame.payload[:6] != self.bench.expected:
                self.bench.wrong += 1
            struct.pack_into("<I", self.frame, 12, frame.token)
            if not self.warm.done():
                self.warm.set_result(None)
            elif self.bench.is_running:
                self.send()
            else:
                self.bench.finished()


class Bench:
    """Drives `registers` connections for some seconds."""

    expected = bytes.fromhex("080112020800")  # ticket, code 0

    def __init__(self, registers: int) -> None:
        self.registers = registers
        self.payload = bench_ticket()
        self.latencies: list[float] = []
        self.wrong = 0
        self.warmed = 0
        self.is_running = True
        self.active = 0
        self.done = asyncio.Event()

    def finished(self) -> None:
        self.active -= 1
        if not self.active:
            self.done.set()

    async def run(self, port: int, seconds: float, pid: int) -> tuple[float, float]:
        """Exchanges a second and the server's share of a core."""
        loop = asyncio.get_running_loop()
        tills: list[Till] = []
        for ofd_id in range(1, self.registers + 1):
            till = Till(self, ofd_id)
            await loop.create_connection(lambda till=till: till, "127.0.0.1", port)  # type: ignore[misc]
            tills.append(till)
            till.send()
            await till.warm  # accepted and answered once before the clock starts
        self.warmed, self.latencies = len(self.latencies), []
        self.active = len(tills)
        cpu, began = cpu_seconds(pid), time.perf_counter()
        for till in tills:
            till.send()
        await asyncio.sleep(seconds)
        self.is_running = False
        await self.done.wait()
        took = time.perf_counter() - began
        share = (cpu_seconds(pid) - cpu) / took
        for till in tills:
            till.transport.close()
        return len(self.latencies) / took, share


class Echo(asyncio.Protocol):
    """The ceiling: reads SIZE from the header and answers a fixed frame of the simulator's length."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.waiting = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while len(self.waiting) >= 18 and len(self.waiting) >= (
            size := int.from_bytes(self.waiting[4:8], "little")
        ):
            del self.waiting[:size]
            self.transport.write(self.answer)


async def serve(kind: str, registers: int) -> None:
    """The server process: prints its ports, ends when its input ends."""
    simulator = OfdSimulator(OfdSettings(http_port=0, kept_documents=1000))
    for ofd_id in range(1, registers + 1):
        simulator.add_register(ofd_id, FIRST_TOKEN + ofd_id)
    async with simulator.running() as endpoint:
        port = endpoint.port
        if kind == "echo":
            loop = asyncio.get_running_loop()
            answer = encode_frame(203, 1, 1, 1, Bench.expected + bytes(100))
            echo = await loop.create_server(lambda: Echo(answer), "127.0.0.1", 0, backlog=4096)
            port = echo.sockets[0].getsockname()[1]
        print(json.dumps([port, endpoint.http_port]), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def measure(kind: str, registers: int, seconds: float) -> tuple[float, float, float, float]:
    """Exchanges/s, CPU share of the server, p50 and p99 in ms. Raises SystemExit when an answer was wrong."""
    command = [sys.executable, "-m", "bench.simulator_ofd", "--serve", kind, "--registers", str(registers)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        port, http_port = json.loads(server.stdout.readline())
        bench = Bench(registers)
        rate, share = uvloop.run(bench.run(port, seconds, server.pid))
        if kind == "simulator":
            with urllib.request.urlopen(f"http://127.0.0.1:{http_port}/ledger?limit=0") as answer:
                ledger = json.load(answer)
            if (
                bench.wrong
                or ledger["accepted"] != bench.warmed + len(bench.latencies)
                or ledger["violations"]
            ):
                raise SystemExit(f"wrong: {bench.wrong}, {ledger['accepted']}, {ledger['violations'][:3]}")
        server.communicate()
    return rate, share, percentile(bench.latencies, 50) * 1000, percentile(bench.latencies, 99) * 1000


def run(registers: int = 2000, seconds: float = 4, runs: int = 3) -> list[Figure]:
    """Measure, print the table, give the figure that has a target. Raises SystemExit on a wrong answer."""
    results: dict[str, list[tuple[float, float, float, float]]] = {"echo": [], "simulator": []}
    for _ in range(runs):  # alternating, so that noise meets both
        for kind, found in results.items():
            found.append(measure(kind, registers, seconds))
    ceiling = spread([rate for rate, *_ in results["echo"]])
    rows = []
    for kind, found in results.items():
        rate = spread([row[0] for row in found])
        share, p50, p99 = (spread([row[i] for row in found]).median for i in (1, 2, 3))
        each = f"{share / rate.median * 1e6:.0f} µs"
        of_ceiling = f"{rate.median / ceiling.median:.0%}"
        rows.append([kind, str(rate), of_ceiling, f"{share:.0%}", each, f"{p50:.1f}", f"{p99:.1f}"])
    columns = ("server", "exchanges/s", "of ceiling", "CPU of a core", "CPU each", "p50 ms", "p99 ms")
    show(f"OFD simulator, {registers} registers, target ≥ {TARGET:,}/s", columns, rows)
    ours = spread([row[0] for row in results["simulator"]])
    name = f"OFD simulator, exchanges/s over {registers:,} registers"
    ratio = ours.median / ceiling.median
    return [Figure(name, str(ours), ratio, f"≥ {TARGET:,}/s", ours.median >= TARGET)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registers", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--serve", choices=("simulator", "echo"))
    options = parser.parse_args()
    if options.serve:
        uvloop.run(serve(options.serve, options.registers))
        return
    figures = run(options.registers, options.seconds, options.runs)
    if not all(each.is_met for each in figures):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
