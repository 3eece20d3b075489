"""All benches in a short form and one table: what was found beside what is wanted (`make bench`).

    python -m bench                     everything that can run here, about eight minutes
    python -m bench --quick             shorter runs, a smaller old installation
    python -m bench main_path growth    only these

Rates are compared with ceilings of the same run; targets are in the table. Without a MariaDB and a Redis on
this machine the cluster is left out, and said so. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console

from bench import (
    authorization,
    feed,
    graphql_list,
    growth,
    import_1c,
    integrity,
    main_path,
    receipts,
    search,
    shift_close,
    simulator_ofd,
    terminals,
)
from bench.figures import Figure, show_figures

MARIADB, REDIS = ("127.0.0.1", 3306), ("127.0.0.1", 6379)
COUNTS = [1, 32, 256]
console = Console()


@dataclass(frozen=True, slots=True)
class Bench:
    """One bench: its name, whether it can run here, and how long it takes."""

    name: str
    run: Callable[[bool], list[Figure]]
    needs: tuple[tuple[str, int], ...] = ()


def _simulator(is_quick: bool) -> list[Figure]:
    return simulator_ofd.run(seconds=1.5 if is_quick else 3, runs=1 if is_quick else 3)


def _main_path(is_quick: bool) -> list[Figure]:
    seconds, runs = (2.0, 1) if is_quick else (4.0, 3)
    return main_path.run("sqlite", COUNTS, seconds, runs, with_replay=True)


def _registered(is_quick: bool) -> list[Figure]:
    seconds, runs = (2.0, 1) if is_quick else (4.0, 3)
    return main_path.run("sqlite", COUNTS[2:], seconds, runs, is_registered=True)


def _cluster(is_quick: bool) -> list[Figure]:
    seconds, runs = (2.0, 1) if is_quick else (4.0, 3)
    return main_path.run("mariadb", COUNTS[1:], seconds, runs)


def _growth(is_quick: bool) -> list[Figure]:
    return growth.run([1_000, 100_000 if is_quick else 1_000_000], 2.0 if is_quick else 4.0, 3)


def _list(is_quick: bool) -> list[Figure]:
    return graphql_list.run(rounds=2 if is_quick else 5)


def _authorization(is_quick: bool) -> list[Figure]:
    return authorization.run(rounds=50 if is_quick else 200)


def _import(is_quick: bool) -> list[Figure]:
    return import_1c.run(goods=20_000 if is_quick else 100_000, runs=1 if is_quick else 2)


def _import_mariadb(is_quick: bool) -> list[Figure]:
    return import_1c.run(20_000 if is_quick else 100_000, 1 if is_quick else 2, "mariadb")


def _receipts(is_quick: bool) -> list[Figure]:
    return receipts.run(seconds=0.5 if is_quick else 2, runs=1 if is_quick else 3)


def _integrity(is_quick: bool) -> list[Figure]:
    return integrity.run(seconds=2.0 if is_quick else 4.0, runs=1 if is_quick else 3)


def _feed(is_quick: bool) -> list[Figure]:
    return feed.run(20_000, 100, 300, 2) if is_quick else feed.run()


def _shift_close(is_quick: bool) -> list[Figure]:
    return shift_close.run(receipts=1_000, queue=500) if is_quick else shift_close.run()


def _search(is_quick: bool) -> list[Figure]:
    return search.run([20_000] if is_quick else [search.GOODS, search.GOODS_FULL], ["sqlite"])


def _search_mariadb(is_quick: bool) -> list[Figure]:
    return search.run([20_000] if is_quick else [search.GOODS, search.GOODS_FULL], ["mariadb"])


def _terminals(is_quick: bool) -> list[Figure]:
    return terminals.run(
        [1, 64] if is_quick else terminals.COUNTS, 2.0 if is_quick else 4.0, 1 if is_quick else 3
    )


BENCHES = (
    Bench("simulator_ofd", _simulator),
    Bench("main_path", _main_path),
    Bench("registered", _registered),
    Bench("cluster", _cluster, (MARIADB, REDIS)),
    Bench("integrity", _integrity),
    Bench("growth", _growth),
    Bench("graphql_list", _list),
    Bench("authorization", _authorization),
    Bench("import_1c", _import),
    Bench("import_1c_mariadb", _import_mariadb, (MARIADB,)),
    Bench("receipts", _receipts),
    Bench("search", _search),
    Bench("search_mariadb", _search_mariadb, (MARIADB,)),
    Bench("feed", _feed),
    Bench("shift_close", _shift_close),
    Bench("terminals", _terminals),
)


def is_answering(address: tuple[str, int]) -> bool:
    """True when somebody listens there."""
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


def main() -> int:
    """Exit code: 1 when a target was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [each.name for each in BENCHES]
    parser.add_argument("benches", nargs="*", metavar="BENCH", help=", ".join(names))
    parser.add_argument("--quick", action="store_true", help="shorter runs")
    options = parser.parse_args()
    if unknown := set(options.benches) - set(names):
        parser.error(f"no such bench: {', '.join(sorted(unknown))}")
    figures: list[Figure] = []
    for each in BENCHES:
        if options.benches and each.name not in options.benches:
            continue
        absent = [f"{host}:{port}" for host, port in each.needs if not is_answering((host, port))]
        if absent:
            console.print(f"{each.name} is left out: nobody answers at {', '.join(absent)}")
            continue
        console.print(f"[bold]{each.name}[/bold] …")
        figures += each.run(options.quick)
    show_figures("All benches", figures)
    return 1 if any(each.is_met is False for each in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
