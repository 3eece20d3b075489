"""Signs of life: one row per worker, so that workers know of each other and people see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

BEATS_MISSED_MAX = 3  # then a worker is taken for dead
FORGET_MS = 24 * 3_600_000

_BEAT = "UPDATE kernel_worker SET seen_ms = ?, lanes_running = ? WHERE name = ?"
_LIVING = "SELECT name FROM kernel_worker WHERE seen_ms >= ? ORDER BY name LIMIT 1000"
_FORGET = "DELETE FROM kernel_worker WHERE seen_ms < ?"
_GOODBYE = "DELETE FROM kernel_worker WHERE name = ?"


async def beat(work: Work, name: str, lanes_running: int) -> None:
    """This worker lives now. The first beat introduces it and forgets those not seen for a day."""
    if await work.execute(_BEAT, work.now_ms, lanes_running, name):
        return
    await work.execute(_FORGET, work.now_ms - FORGET_MS)
    await work.insert(
        "kernel_worker",
        {"name": name, "started_ms": work.now_ms, "seen_ms": work.now_ms, "lanes_running": lanes_running},
    )


async def living_workers(reader: Reader, pace_s: float) -> list[str]:
    """Names of workers that beat lately, given the pace of beats."""
    since_ms = reader.now_ms - int(pace_s * 1000) * BEATS_MISSED_MAX
    return [row["name"] for row in await reader.rows(_LIVING, since_ms)]


async def say_goodbye(work: Work, name: str) -> None:
    """This worker ends in good order."""
    await work.execute(_GOODBYE, name)
