"""How receipts a second change while stored sales grow: the same load on a young and on an old installation.

    python -m bench.growth --sales 1000,1000000 --seconds 4 --runs 3

Each size has its own house; runs are interleaved. The old one may be slower only by what runs differ anyway:
by the larger of the two measured spreads. Sales are seeded by bench/seed.py, and every journal is verified.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

import uvloop

from bench.figures import Figure, show_figures
from bench.house import House, Sold, open_house
from bench.measure import show, spread
from bench.seed import seed_sales

REGISTERS = 32
COLUMNS = ("stored sales", "receipts/s", "p50 ms", "p99 ms", "CPU each", "of the first", "seeded in")


def run(sizes: list[int], seconds: float, runs: int) -> list[Figure]:
    """Measure, print the table, give the figure that has a target. Raises SystemExit on any wrong answer."""
    return uvloop.run(_run(sizes, seconds, runs))


def _seed(folder: Path, count: int) -> None:
    seed_sales(folder / "sauda.db", count, seal_key=(folder / "seal.key").read_text().strip())


async def _run(sizes: list[int], seconds: float, runs: int) -> list[Figure]:
    found: dict[int, list[Sold]] = {size: [] for size in sizes}
    took: dict[int, float] = {}
    async with AsyncExitStack() as stack:
        houses: dict[int, House] = {}
        for size in sizes:
            house = houses[size] = await stack.enter_async_context(open_house(REGISTERS))
            await house.sell(house.tills, 0.5)
            await house.stop()
            began = time.perf_counter()
            await asyncio.to_thread(_seed, house.folder, size - house.sold)
            took[size] = time.perf_counter() - began
            house.seeded = size - house.sold
            await house.start()
            await house.sell(house.tills, 1.0)  # pages of the file come into memory
        for _ in range(runs):
            for size in sizes:
                found[size].append(await houses[size].sell(houses[size].tills, seconds))
        for house in houses.values():
            await house.demand_truth()
    first = median(each.rate for each in found[sizes[0]])
    rows = []
    for size, measured in found.items():
        rate = spread([each.rate for each in measured])
        rows.append(
            [
                f"{size:,}",
                str(rate),
                f"{median(each.p50_ms for each in measured):.1f}",
                f"{median(each.p99_ms for each in measured):.1f}",
                f"{median(each.cpu_us for each in measured):.0f} µs",
                f"{rate.median / first:.0%}",
                f"{took[size]:.0f} s",
            ]
        )
    show(f"Growth, {REGISTERS} registers on SQLite", COLUMNS, rows)
    return [_figure(sizes, found)]


def _figure(sizes: list[int], found: dict[int, list[Sold]]) -> Figure:
    young, old = (spread([each.rate for each in found[size]]) for size in (sizes[0], sizes[-1]))
    noise = max((each.high - each.low) / each.median for each in (young, old))
    ratio = old.median / young.median
    return Figure(
        f"receipts/s at {sizes[-1]:,} stored sales against {sizes[0]:,}",
        str(old),
        ratio,
        f"≥ {1 - noise:.0%} (spread)",
        ratio >= 1 - noise,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sales", default="1000,1000000", help="sizes of the installations")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    sizes = [int(size) for size in options.sales.split(",")]
    show_figures("Growth", run(sizes, options.seconds, options.runs))


if __name__ == "__main__":
    main()
