"""Devices of a real installation stay equal to it: 1C's import runs, power fails between pages, all at once.

By default 2,000 cards and 20 devices; SAUDA_SCALE=100 makes them 100,000 cards, of which one import changes
20,000, and 500 devices, most of them light ones that keep versions only.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from addons.catalog_1c.demo.many_goods import many_goods
from examples.device.device import CHANGES
from examples.device.goods import Goods
from examples.device.server import Server
from simulators.processes import ROOT
from tests.devices.stage import open_stage

SCALE = int(os.environ.get("SAUDA_SCALE", "1"))
CARDS = min(100_000, 2_000 * SCALE)
REFERENCE = 20  # devices with a file of their own; five of them load everything while the import runs
LIGHT = min(480, 5 * (SCALE - 1))
LIGHT_AT_ONCE = 50
PAGE_ROWS = 250 if SCALE == 1 else 1_000
DIE_WAIT_S = 60.0 * max(1, SCALE)


class Fleet:
    """Devices in a process of their own."""

    def __init__(self, address: str, devices: list[dict[str, str]]) -> None:
        self.address = address
        self.devices = devices
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, *, die_after: int | None = None, is_following: bool = False) -> None:
        order = {
            "address": self.address,
            "page_rows": PAGE_ROWS,
            "die_after": die_after,
            "is_following": is_following,
            "devices": self.devices,
        }
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.devices.fleet"), cwd=ROOT, stdin=asyncio.subprocess.PIPE
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        await self._process.stdin.drain()

    async def ended(self, wait_s: float = DIE_WAIT_S) -> int:
        """Exit code; one that follows is told to end."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        async with asyncio.timeout(wait_s):
            return await self._process.wait()

    async def died(self) -> int:
        """Exit code of one whose power fails by itself."""
        assert self._process is not None
        async with asyncio.timeout(DIE_WAIT_S):
            return await self._process.wait()


class LightDevice:
    """Keeps versions only, over a common base, so that hundreds fit into memory."""

    def __init__(self, server: Server, base: dict[str, str], cursor: str) -> None:
        self.server = server
        self.base = base
        self.over: dict[str, str | None] = {}
        self.cursor = cursor

    async def catch_up(self) -> None:
        """Read to the end."""
        while True:
            page = await self.server.ask(CHANGES, cursor=self.cursor, limit=PAGE_ROWS)
            assert page["mustRefetch"] is None
            for kind in ("cards", "bundles", "groups"):
                self.over.update((row["id"], row["version"]) for row in page[kind])
            self.over.update(dict.fromkeys(page["tombstones"]))
            self.cursor = page["nextCursor"]
            if page["upToDate"]:
                return

    @property
    def versions(self) -> dict[str, str]:
        """What it has."""
        return {key: each for key, each in (self.base | self.over).items() if each is not None}


async def catch_up(devices: list[LightDevice]) -> None:
    """All of them, some at a time: they share one client."""
    gate = asyncio.Semaphore(LIGHT_AT_ONCE)

    async def one(device: LightDevice) -> None:
        async with gate:
            await device.catch_up()

    await asyncio.gather(*map(one, devices))


async def loaded(server: Server) -> tuple[dict[str, dict[str, Any]], str]:
    """All rows of a fresh load, and the cursor behind them."""
    rows: dict[str, dict[str, Any]] = {}
    cursor = None
    while True:
        page = await server.ask(CHANGES, cursor=cursor, limit=PAGE_ROWS)
        rows.update((row["id"], row) for kind in ("cards", "bundles", "groups") for row in page[kind])
        for each in page["tombstones"]:
            rows.pop(each, None)
        cursor = page["nextCursor"]
        if page["upToDate"]:
            assert page["count"] == len(rows)
            return rows, cursor


@pytest.mark.alone
@pytest.mark.slow
async def test_devices_stay_equal_through_power_cuts_while_an_import_runs(tmp_path: Path) -> None:
    async with open_stage() as stage:
        tokens = [await stage.token(f"Касса {n}") for n in range(REFERENCE)]
        devices = [{"token": each, "file": str(tmp_path / f"{n}.db")} for n, each in enumerate(tokens)]
        goods = list(many_goods(CARDS))
        await stage.import_(tmp_path / "first", goods)

        # Fifteen have everything before the import, in spite of a power cut; five begin while it runs.
        known, new = Fleet(stage.address, devices[:-5]), Fleet(stage.address, devices[-5:])
        await known.start(die_after=20)
        assert await known.died() == -signal.SIGKILL
        await known.start()
        assert await known.ended() == 0
        base, cursor = await loaded(server := Server(stage.address, tokens[0]))
        versions = {key: row["version"] for key, row in base.items()}
        light = [LightDevice(server, versions, cursor) for _ in range(LIGHT)]

        renamed = [replace(each, name=f"{each.name}, новый") for each in goods[::5]]
        changed = [renamed[n // 5] if n % 5 == 0 else each for n, each in enumerate(goods)]
        await asyncio.gather(
            known.start(die_after=5, is_following=True), new.start(die_after=7, is_following=True)
        )
        import_ = asyncio.create_task(stage.import_(tmp_path / "second", changed))
        assert await known.died() == await new.died() == -signal.SIGKILL
        await asyncio.gather(known.start(is_following=True), new.start(is_following=True))
        while not import_.done():
            await catch_up(light)
            await asyncio.wait([import_], timeout=0.2)
        await import_
        assert [await known.ended(), await new.ended()] == [0, 0]
        await catch_up(light)

        truth, _ = await loaded(server)
        versions = {key: row["version"] for key, row in truth.items()}
        assert len(truth) >= CARDS
        assert sum(row["name"].endswith("новый") for row in truth.values()) == CARDS // 5
        for device in devices:
            kept = Goods(device["file"])
            assert kept.rows() == truth
            assert not kept.is_loading
            kept.close()
        assert all(each.versions == versions for each in light)
        await server.close()
