"""Deadlines of stories: one that is waited for, one that nothing on this machine misses, and a measure of
whether a deadline was kept that a machine which stands still does not spoil.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

SHORT_MS = 500  # in the longest pause between tries, which come at 0, 100, 300 and 700 ms
LONG_MS = 60_000
TURNS = 100  # of the loop, for what follows from a timer


async def in_time(awaitable: Awaitable[Any], limit_s: float) -> Any:
    """The result. Fails when it comes later than limit_s by the timers of the loop: when the machine stood
    still, both are late and come in their order.
    """

    async def end() -> None:
        await asyncio.sleep(limit_s)
        for _ in range(TURNS):
            await asyncio.sleep(0)

    asked, ended = asyncio.ensure_future(awaitable), asyncio.ensure_future(end())
    await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    assert asked.done(), f"takes longer than {limit_s} s"
    return await asked
