"""Receipts a second of the whole system, beside the bare skeleton of the same run.

    python -m bench.main_path --registers 1,32,256 --seconds 4 --database sqlite

A receipt counts when its answer says FISCALIZED: sale, journal, fiscal document and the OFD's answer are
durable then. On SQLite one `sauda up` serves and works; on MariaDB two gateways and a worker share the load,
with Redis between them. Afterwards rows, the OFD's ledger and the journal's chain are compared with what was
answered.

`--cpu` judges by processor time a receipt instead of receipts a second: on a machine that others use too,
rates say more about them than about us. Where one process does all, an idle core gives the same ratio; the
figure of several processes is the sum of theirs, the database server's not included on either side.
"""

from __future__ import annotations

import argparse
import asyncio
from statistics import median

import uvloop

from bench import simulator_ofd, skeleton
from bench.figures import Figure, show_figures
from bench.house import Sold, open_house
from bench.measure import show, spread

TARGETS = {"sqlite": 0.70, "mariadb": 0.50}  # of the skeleton, from REGISTERS_JUDGED on
REGISTERED_TARGET = 0.60  # of the skeleton that knows its document beforehand
REGISTERS_JUDGED = 128
ALONE_P50_MS, ALONE_P99_MS = 6.0, 25.0  # one register, over the OFD's own time
REPLAY_TARGET = 0.60  # of the engine alone, one register
COLUMNS = (
    "registers",
    "receipts/s",
    "p50 ms",
    "p99 ms",
    "CPU each",
    "CPU server · OFD",
    "of skeleton",
    "target",
)


def cells(registers: int, runs: list[Sold], bare: list[skeleton.Measured], target: float) -> list[str]:
    """The row of the system, with its ratio to the skeleton's row."""
    rate = spread([run.rate for run in runs])
    ratio = rate.median / median(run.rate for run in bare)
    judged = f"≥ {target:.0%}" if registers >= REGISTERS_JUDGED else "–"
    return [
        f"{registers}",
        str(rate),
        f"{median(run.p50_ms for run in runs):.1f}",
        f"{median(run.p99_ms for run in runs):.1f}",
        f"{median(run.cpu_us for run in runs):.0f} µs",
        f"{median(run.server_share for run in runs):.0%} · {median(run.ofd_share for run in runs):.0%}",
        f"{ratio:.0%}",
        judged,
    ]


def run(
    database: str,
    counts: list[int],
    seconds: float,
    runs: int,
    *,
    with_replay: bool = False,
    by_cpu: bool = False,
    is_registered: bool = False,
) -> list[Figure]:
    """Measure, print the table, give the figures that have targets. Raises SystemExit on any wrong answer.

    is_registered: both sides know the document beforehand; without the figures of one register.
    """
    return uvloop.run(
        _run(
            database,
            counts,
            seconds,
            runs,
            with_replay=with_replay,
            by_cpu=by_cpu,
            is_registered=is_registered,
        )
    )


async def _run(
    database: str,
    counts: list[int],
    seconds: float,
    runs: int,
    *,
    with_replay: bool,
    by_cpu: bool,
    is_registered: bool,
) -> list[Figure]:
    way = "trusted" if is_registered else "strawberry"
    ours: dict[int, list[Sold]] = {count: [] for count in counts}
    bare: dict[int, list[skeleton.Measured]] = {count: [] for count in counts}
    replays: list[float] = []
    ceilings: list[float] = []
    async with open_house(max(counts), is_cluster=database == "mariadb") as house:
        await house.sell(house.tills, 1.0)  # every till opens its shift, caches fill
        if is_registered:
            await house.register_document()
        for _ in range(runs):  # interleaved, so that noise meets both
            for count in counts:
                bare[count].append(await _apart(skeleton.measure, way, database, count, seconds))
                ours[count].append(
                    await house.sell(house.tills[:count], seconds, is_registered=is_registered)
                )
            if with_replay:
                ceilings.append((await _apart(skeleton.measure, "engine", database, 1, seconds)).rate)
                replays.append((await house.replay_rate(house.tills[0], seconds))[1])
        await house.demand_truth()
    _, _, ofd_ms, _ = await _apart(simulator_ofd.measure, "simulator", 1, 1.0)
    target = REGISTERED_TARGET if is_registered else TARGETS[database]
    name = f"{database}, registered document" if is_registered else database
    rows = []
    for count in counts:
        rows.append(skeleton_row(count, bare[count]))
        rows.append(cells(count, ours[count], bare[count], target))
    show(f"Main path on {name}, the OFD's own time {ofd_ms:.1f} ms", COLUMNS, rows)
    judged = _cpu_ratio if by_cpu else _ratio
    figures = [judged(name, count, ours[count], bare[count], target) for count in counts]
    if 1 in counts and name == "sqlite":
        figures += _alone(ours[1], ofd_ms)
    if replays:
        ratio = median(replays) / median(ceilings)
        figures.append(
            Figure(
                f"replay of one register's queue, {database}",
                f"{median(replays):,.0f}/s",
                ratio,
                f"≥ {REPLAY_TARGET:.0%} of engine alone",
                ratio >= REPLAY_TARGET,
            )
        )
    return figures


async def _apart(measure, *args):  # type: ignore[no-untyped-def]
    """Measures run their own event loop."""
    return await asyncio.to_thread(measure, *args)


def skeleton_row(count: int, runs: list[skeleton.Measured]) -> list[str]:
    """The row of the bare skeleton."""
    name, *rest = skeleton.row(f"{count}, bare", runs)
    return [name, *rest, "", ""]


def _ratio(name: str, count: int, runs: list[Sold], bare: list[skeleton.Measured], target: float) -> Figure:
    rate = spread([run.rate for run in runs])
    ratio = rate.median / median(run.rate for run in bare)
    is_judged = count >= REGISTERS_JUDGED
    return Figure(
        f"receipts/s, {name}, {count} registers",
        str(rate),
        ratio,
        f"≥ {target:.0%} of skeleton" if is_judged else "",
        ratio >= target if is_judged else None,
    )


def _cpu_ratio(
    name: str, count: int, runs: list[Sold], bare: list[skeleton.Measured], target: float
) -> Figure:
    """Of each run to the skeleton's run beside it: what slows the machine down meets both."""
    ratio = median(theirs.cpu_us / ours.cpu_us for theirs, ours in zip(bare, runs, strict=True))
    is_judged = count >= REGISTERS_JUDGED
    return Figure(
        f"CPU a receipt, {name}, {count} registers",
        f"{spread([run.cpu_us for run in runs])} µs",
        ratio,
        f"≥ {target:.0%} of skeleton" if is_judged else "",
        ratio >= target if is_judged else None,
    )


def _alone(runs: list[Sold], ofd_ms: float) -> list[Figure]:
    limits = ("p50", 50, ALONE_P50_MS), ("p99", 99, ALONE_P99_MS)
    figures = []
    for name, percent, limit in limits:
        found = median(run.p50_ms if percent == 50 else run.p99_ms for run in runs) - ofd_ms
        title = f"one register, {name} over the OFD's own time"
        figures.append(Figure(title, f"{found:.1f} ms", None, f"≤ {limit} ms", found <= limit))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registers", default="1,32,256", help="numbers of registers, one run each")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--runs", type=int, default=3, help="interleaved runs, medians are shown")
    parser.add_argument("--database", choices=("sqlite", "mariadb"), default="sqlite")
    parser.add_argument("--replay", action="store_true", help="measure the replay of an offline queue too")
    parser.add_argument("--cpu", action="store_true", help="judge by processor time a receipt")
    parser.add_argument("--registered", action="store_true", help="the document goes by its digest")
    options = parser.parse_args()
    counts = [int(count) for count in options.registers.split(",")]
    figures = run(
        options.database,
        counts,
        options.seconds,
        options.runs,
        with_replay=options.replay,
        by_cpu=options.cpu,
        is_registered=options.registered,
    )
    show_figures("Targets", figures)


if __name__ == "__main__":
    main()
