"""The change feed: rows to one device, many devices, from a change to a device, its price for imports.

    python -m bench.feed --cards 100000 --devices 500

The server is a process of its own on SQLite with real sockets. Ceilings of the same run: *raw* reads the same
rows with sqlite3 (two SELECTs a page) and writes them with orjson; *dump* is orjson alone on a page of such
rows, again and again. For imports the ceiling is the same import with the numbering left out, in turns.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.figures import Figure, show_figures
from bench.import_1c import generate
from bench.load import Load, contains
from bench.measure import cpu_seconds, percentile, show, spread
from examples.device.device import CHANGES, HEAD

CARDS, DEVICES, SOCKETS = 100_000, 500, 1_000
PAGE_ROWS = 1_000
TAKEN_ROWS = 900  # by each of many devices
CHANGES_TOLD = 20
TELL_PAUSE_S = 1.1  # the feed tells at most once a second
IMPORTED = 10_000
TARGET_ROWS, TARGET_SHARE = 20_000, 0.15
TARGET_NOTICES = 50_000
_RAW_PAGE = """
SELECT f.id, f.seq, p.code, p.name, p.name_kk, p.characteristic, p.article, p.barcode, p.group_id, p.section,
p.price_tiyn, p.vat_kind, p.vat_bp, p.unit_code, p.unit_name, p.ntin, p.gtin, p.is_marked, p.base_id,
p.is_price_editable, p.discount_bp, p.markup_bp
FROM cat_feed f JOIN cat_product p ON p.id = f.id
WHERE f.company_id = ? AND f.seq > ? ORDER BY f.seq LIMIT ?"""
_RAW_CODES = """
SELECT b.product_id, b.barcode, b.coefficient_thousandths
FROM cat_feed f JOIN cat_barcode b ON b.product_id = f.id
WHERE f.company_id = ? AND f.seq > ? AND f.seq <= ? ORDER BY f.seq, b.place"""


@dataclass(slots=True)
class Server:
    """The process, and what it told when it was ready."""

    process: asyncio.subprocess.Process
    address: str
    tokens: list[str]
    file: str
    company: str

    async def change(self, count: int, version: str) -> float:
        """Change the first `count` cards; when that was committed (epoch seconds)."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{count} {version}\n".encode())
        await self.process.stdin.drain()
        return float((await _told(self.process))["done"])

    def headers(self, number: int = 0) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[number]}"}


async def _told(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """The next line of JSON; what the server logs beside is shown."""
    assert process.stdout is not None
    while line := await process.stdout.readline():
        if line.startswith(b"{"):
            news: dict[str, Any] = json.loads(line)
            return news
        sys.stderr.write(line.decode())
    raise SystemExit("the server ended")


@asynccontextmanager
async def started(cards: int, devices: int) -> AsyncIterator[Server]:
    command = ["-m", "bench.feed_server", str(cards), str(devices)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24
    )
    try:
        yield Server(process, **(await _told(process)))
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def load_all(server: Server, number: int = 0) -> tuple[int, str, float]:
    """Rows of a first load of one device, the cursor behind them, seconds."""
    rows, ids, cursor = 0, set(), None
    async with httpx.AsyncClient(base_url=server.address, headers=server.headers(number), timeout=60) as http:
        began = time.perf_counter()
        while True:
            body = {"query": CHANGES, "variables": {"cursor": cursor, "limit": PAGE_ROWS}}
            answer = orjson.loads((await http.post("/graphql", json=body)).content)
            page = answer["data"]["catalogChanges"]
            rows += len(page["cards"]) + len(page["groups"])
            ids.update(row["id"] for kind in ("cards", "groups") for row in page[kind])
            cursor = page["nextCursor"]
            if page["upToDate"]:
                seconds = time.perf_counter() - began
                if page["count"] != len(ids):
                    raise SystemExit(f"{len(ids)} rows came, {page['count']} were promised")
                return rows, cursor, seconds


def raw_rate(server: Server) -> tuple[float, float]:
    """Rows/s of the raw program, and of orjson alone on its last full page."""
    with sqlite3.connect(f"file:{server.file}?mode=ro", uri=True) as file:
        file.row_factory = sqlite3.Row
        after = total = 0
        began = time.perf_counter()
        while True:
            rows = [dict(row) for row in file.execute(_RAW_PAGE, (server.company, after, PAGE_ROWS))]
            if not rows:
                break
            codes: dict[str, list[dict[str, Any]]] = {}
            for key, code, much in file.execute(_RAW_CODES, (server.company, after, rows[-1]["seq"])):
                codes.setdefault(key, []).append({"barcode": code, "quantity": much})
            for row in rows:
                row["barcodes"] = codes.get(row["id"], [])
            orjson.dumps(rows)
            total, after = total + len(rows), rows[-1]["seq"]
            if len(rows) == PAGE_ROWS:
                page = rows
        read = total / (time.perf_counter() - began)
    file.close()
    began = time.perf_counter()
    for _ in range(50):
        orjson.dumps(page)
    return read, 50 * PAGE_ROWS / (time.perf_counter() - began)


async def many_devices(server: Server, cursor: str, devices: int, seconds: float) -> tuple[float, float]:
    """Pages/s that so many devices take of one change, and the server's share of a core."""
    await server.change(TAKEN_ROWS, "many")
    body = orjson.dumps({"query": CHANGES, "variables": {"cursor": cursor, "limit": PAGE_ROWS}})
    before, port = cpu_seconds(server.process.pid), urlsplit(server.address).port
    assert port is not None
    loads = [
        Load("127.0.0.1", port, headers=[f"Authorization: Bearer {token}"])
        for token in server.tokens[:devices]
    ]
    check = contains(b'"upToDate":true')
    parts = await asyncio.gather(*(each.run([lambda: body], seconds=seconds, check=check) for each in loads))
    for each in parts:
        each.demand_clean()
    spent = max(each.seconds for each in parts)
    return sum(each.done for each in parts) / spent, (cpu_seconds(server.process.pid) - before) / spent


class Subscriber:
    """A device that waits for news."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[float] = []

    async def listen(self) -> None:
        """Note when each notice came."""
        async for text in self.socket:
            if '"next"' in str(text):
                self.heard.append(time.time())


async def notices(server: Server, sockets: int) -> tuple[list[float], list[float], float]:
    """Seconds from an order to change a card to each notice and to the row on a device; CPU seconds of the
    server for all of it, its other work of that time included. The clients here cost more than the server.
    """
    heard, arrived = [], []
    async with AsyncExitStack() as stack:
        subscribers = [await _subscriber(stack, server, number) for number in range(sockets)]
        group = await stack.enter_async_context(asyncio.TaskGroup())
        tasks = [group.create_task(each.listen()) for each in subscribers]
        _, cursor, _ = await load_all(server)
        http = await stack.enter_async_context(
            httpx.AsyncClient(base_url=server.address, headers=server.headers(), timeout=60)
        )
        await asyncio.sleep(2)
        spent = cpu_seconds(server.process.pid)
        for number in range(CHANGES_TOLD):
            before = [len(each.heard) for each in subscribers]
            ordered = time.time()
            await server.change(1, f"told {number}")
            while len(subscribers[0].heard) == before[0]:
                await asyncio.sleep(0.0005)
            body = {"query": CHANGES, "variables": {"cursor": cursor, "limit": PAGE_ROWS}}
            page = orjson.loads((await http.post("/graphql", json=body)).content)["data"]["catalogChanges"]
            if not page["cards"][0]["name"].endswith(f"told {number}"):
                raise SystemExit("another card came")
            arrived.append(time.time() - ordered)
            await asyncio.sleep(TELL_PAUSE_S)
            times = [each.heard[n] - ordered for each, n in zip(subscribers, before, strict=True)]
            heard += times
        spent = cpu_seconds(server.process.pid) - spent
        for task in tasks:
            task.cancel()
    return heard, arrived, spent


async def _subscriber(stack: AsyncExitStack, server: Server, number: int) -> Subscriber:
    address = f"{server.address.replace('http', 'ws', 1)}/graphql"
    protocols = [Subprotocol("graphql-transport-ws")]
    socket = await stack.enter_async_context(connect(address, subprotocols=protocols, compression=None))
    headers = server.headers(number % len(server.tokens))
    await socket.send(json.dumps({"type": "connection_init", "payload": headers}))
    await socket.recv()
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": HEAD}}))
    return Subscriber(socket)


async def import_share(runs: int) -> tuple[float, float]:
    """Goods/s of CPU of a first 1C import with the feed's numbering, and without."""
    from addons.catalog.services.feed_notes import Stamping
    from addons.catalog_1c.adapters.commerceml import CommerceMl
    from addons.catalog_1c.domain.commands import ImportFiles
    from addons.catalog_1c.services.import_files import import_files
    from kernel.ids import CompanyId, new_id
    from kernel.security.principal import SYSTEM
    from kernel.testing import running_app

    found: dict[bool, list[float]] = {True: [], False: []}
    number = Stamping.run

    async def leave_out(self: Stamping, work: Any) -> None:
        """No numbers."""

    with tempfile.TemporaryDirectory(prefix="sauda-bench-") as folder:
        generate(Path(folder), IMPORTED)
        command = ImportFiles((Path(folder) / "import0_1.xml",))
        for is_numbered in (True, False) * runs:
            async with running_app(["catalog_1c"]) as app:
                Stamping.run = number if is_numbered else leave_out  # type: ignore[method-assign]
                company = SYSTEM.within(CompanyId(new_id()))
                began = time.process_time()
                await import_files(app.database, command, format=CommerceMl(), principal=company)
                found[is_numbered].append(IMPORTED / (time.process_time() - began))
                Stamping.run = number  # type: ignore[method-assign]
    return spread(found[True]).median, spread(found[False]).median


async def measure(cards: int, devices: int, sockets: int, runs: int) -> list[Figure]:
    """All figures."""
    with_feed, without = await import_share(runs)
    async with started(cards, devices) as server:
        cold: list[float] = []
        warm: list[float] = []
        raw: list[float] = []
        dump: list[float] = []
        cursor, cpu_us = "", 0.0
        for number in range(runs):
            before = cpu_seconds(server.process.pid)
            rows, cursor, seconds = await load_all(server, number % devices)
            (warm if number else cold).append(rows / seconds)
            if not number:
                cpu_us = (cpu_seconds(server.process.pid) - before) / rows * 1e6
            read, written = raw_rate(server)
            raw.append(read)
            dump.append(written)
        pages, share = await many_devices(server, cursor, devices, 4.0)
        _, _, alone = await notices(server, 1)  # the change itself and its reading, which no notice costs
        heard, arrived, spent = await notices(server, sockets)
    rows_rate = cold[0]
    raw_rows, dump_rows = spread(raw).median, spread(dump).median
    notice_rate = (len(heard) - CHANGES_TOLD) / (spent - alone)
    show(
        "Change feed",
        ("what", "found"),
        [
            ("first load of one device, cold, rows/s", f"{rows_rate:,.0f}"),
            ("CPU of the server for it, µs a row", f"{cpu_us:,.1f}"),
            ("first load of the next devices, rows/s", str(spread(warm)) if warm else "–"),
            ("raw SELECT and orjson, rows/s", f"{raw_rows:,.0f}"),
            ("orjson alone, rows/s", f"{dump_rows:,.0f}"),
            (f"{devices} devices taking {TAKEN_ROWS} rows each: devices/s", f"{pages:,.0f}"),
            ("rows/s in all · cores of the server", f"{pages * TAKEN_ROWS:,.0f} · {share:.2f}"),
            (f"from a change to the notice, {sockets} devices, p50 · p99, ms", _ms(heard)),
            ("from a change to the row on a device, p50 · p99, ms", _ms(arrived)),
            ("1C import without · with numbers, goods/s of CPU", f"{without:,.0f} · {with_feed:,.0f}"),
        ],
    )
    cost = 1 - with_feed / without
    return [
        Figure(
            "feed: rows to one device",
            f"{rows_rate:,.0f} rows/s",
            rows_rate / raw_rows,
            f"≥ {TARGET_ROWS:,} rows/s",
            rows_rate >= TARGET_ROWS,
        ),
        Figure(
            f"feed: {devices} devices at once",
            f"{pages:,.0f} devices/s",
            pages * TAKEN_ROWS / dump_rows,
            "of orjson alone",
            None,
        ),
        Figure(
            f"feed: notices to {sockets} devices",
            f"{notice_rate:,.0f} /s of CPU",
            None,
            f"≥ {TARGET_NOTICES:,} /s",
            notice_rate >= TARGET_NOTICES,
        ),
        Figure("feed: change to device, p50", f"{percentile(arrived, 50) * 1000:,.1f} ms", None, "", None),
        Figure(
            "feed: its share of a 1C import",
            f"{cost:.1%}",
            None,
            f"≤ {TARGET_SHARE:.0%}",
            cost <= TARGET_SHARE,
        ),
    ]


def _ms(seconds: list[float]) -> str:
    return f"{percentile(seconds, 50) * 1000:,.1f} · {percentile(seconds, 99) * 1000:,.1f}"


def run(cards: int = CARDS, devices: int = DEVICES, sockets: int = SOCKETS, runs: int = 3) -> list[Figure]:
    """The figures that have targets; prints the table."""
    return uvloop.run(measure(cards, devices, sockets, runs))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cards", type=int, default=CARDS)
    parser.add_argument("--devices", type=int, default=DEVICES)
    parser.add_argument("--sockets", type=int, default=SOCKETS)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    show_figures("Targets", run(given.cards, given.devices, given.sockets, given.runs))


if __name__ == "__main__":
    main()
