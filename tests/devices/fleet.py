"""Many reference devices in one process, so that all of them die at once: `python -m tests.devices.fleet`.

One line of JSON comes in: address, page_rows, and devices with token and file; die_after: that many pages
with cards are stored, then the power fails (SIGKILL). With is_following it goes on until its standard input
ends, and catches up once more.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

from examples.device.device import Device
from examples.device.goods import Goods
from examples.device.server import AWAY, Server

ASK_EVERY_S = 0.5


class MortalGoods(Goods):
    """Stores pages until the power fails."""

    pages_left: int | None = None

    def store(self, page: Mapping[str, Any]) -> None:
        """As Goods."""
        super().store(page)
        if MortalGoods.pages_left is not None and page["cards"]:
            MortalGoods.pages_left -= 1
            if MortalGoods.pages_left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


async def live(device: Device, is_over: asyncio.Event) -> None:
    """Sync until it is over, and once more."""
    while True:
        is_last = is_over.is_set()
        try:
            await device.sync()
        except AWAY:
            is_last = False
        if is_last:
            return
        try:
            async with asyncio.timeout(ASK_EVERY_S):
                await is_over.wait()
        except TimeoutError:
            pass


async def main() -> None:
    """Run the fleet that standard input describes."""
    loop = asyncio.get_running_loop()
    order = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    MortalGoods.pages_left = order["die_after"]
    is_over = asyncio.Event()
    if not order["is_following"]:
        is_over.set()
    async with asyncio.TaskGroup() as group:
        for each in order["devices"]:
            device = Device(
                Server(order["address"], each["token"]),
                MortalGoods(each["file"]),
                page_rows=order["page_rows"],
            )
            group.create_task(live(device, is_over))
        if order["is_following"]:
            await loop.run_in_executor(None, sys.stdin.read)
            is_over.set()


if __name__ == "__main__":
    asyncio.run(main())
