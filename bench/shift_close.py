"""What a long day costs at its end: the close of a shift with 10,000 receipts, beside one of 100, and the
replay of what three days without the link have left.

    python -m bench.shift_close

The whole house in this process on SQLite, the simulator's OFD behind it without sockets: what is measured is
ours alone. The close must not read a single receipt; the journal of the shift is proved ahead of it, outside
of its transaction, and is told apart.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import uvloop

from addons.fiscal_kz.domain.commands import CloseShift
from addons.fiscal_kz.services.close_shift import close_shift
from addons.fiscal_kz.services.proof import prove_ahead
from addons.fiscal_kz.tests.shop import Shop, open_shop
from bench.figures import Figure, show_figures
from kernel.data.work import Reader
from kernel.ids import new_id

RECEIPTS, FEW_RECEIPTS = 10_000, 100
QUEUE, QUEUE_HOURS, SHIFT_HOURS = 5_000, 71, 23
GROWTH_MAX = 2.0  # of the close, from a hundred receipts to ten thousand
TURNS_MAX = 1_000


def run(*, receipts: int = RECEIPTS, queue: int = QUEUE) -> list[Figure]:
    """All figures."""
    return uvloop.run(_run(receipts, queue))


async def _run(receipts: int, queue: int) -> list[Figure]:
    async with open_shop(shift_limit_hours=24 * 30) as shop:
        await _cut(shop)
        small_ms, _ = await _closed(shop, FEW_RECEIPTS)
        large_ms, ahead_ms = await _closed(shop, receipts)
    growth = large_ms / small_ms
    found = (
        f"{large_ms:.1f} ms of CPU ({small_ms:.1f} with {FEW_RECEIPTS}); proved ahead in {ahead_ms:,.0f} ms"
    )
    name = f"close of a shift with {receipts:,} receipts"
    figures = [Figure(name, found, growth, f"≤ {GROWTH_MAX:.0%} of a short shift's", growth <= GROWTH_MAX)]
    return [*figures, await _replay(queue)]


async def _closed(shop: Shop, receipts: int) -> tuple[float, float]:
    """CPU of the close and of the proof ahead of it, ms, after so many receipts."""
    for _ in range(receipts):
        await _sell(shop)
    began = time.process_time()
    async with shop.app.database.reading(shop.cashier) as reader:
        await prove_ahead(reader, shop.register_id)
    proved = time.process_time()
    command = CloseShift(new_id(), shop.register_id)
    with _receipts_unread():
        await shop.app.database.transact(close_shift, command, principal=shop.cashier)
    ended = time.process_time()
    if (await shop.record()).state.is_shift_open:
        raise AssertionError("the shift is still open")
    return (ended - proved) * 1000, (proved - began) * 1000


async def _replay(queue: int) -> Figure:
    """Documents a second when the link is back after three days."""
    async with open_shop() as shop:
        await _cut(shop)
        pause, opened = timedelta(hours=QUEUE_HOURS) / queue, shop.clock.now()
        for _ in range(queue):
            shop.clock.advance(pause)
            if shop.clock.now() - opened > timedelta(hours=SHIFT_HOURS):
                await shop.app.database.transact(
                    close_shift, CloseShift(new_id(), shop.register_id), principal=shop.cashier
                )
                opened = shop.clock.now()
            await _sell(shop)
        waiting = (await shop.record()).state.undelivered
        shop.ofd.is_down = False
        shop.clock.advance(timedelta(seconds=61))
        began, began_cpu = time.perf_counter(), time.process_time()
        for _ in range(TURNS_MAX):
            await shop.work()
            if (await shop.record()).state.undelivered == 0:
                break
        took_s, cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
        if violations := shop.ofd.simulator.ledger.violations():
            raise AssertionError(violations[:3])
        delivered = len(shop.account.documents)
    if delivered < queue or waiting < queue:
        raise AssertionError(f"{waiting} of {queue} documents waited, {delivered} were delivered")
    found = f"{waiting / took_s:,.0f} documents/s ({cpu_s / waiting * 1000:.1f} ms of CPU each)"
    return Figure(f"replay of {waiting:,} documents of {QUEUE_HOURS} hours", found, None, "", None)


async def _cut(shop: Shop) -> None:
    """The link is lost, and the register has found out."""
    shop.ofd.is_down = True
    await _sell(shop)
    await shop.work()
    if not (await shop.record()).state.is_autonomous:
        raise AssertionError("the register works with the link still")


async def _sell(shop: Shop) -> None:
    answer = await shop.accept(("Нан", "1"), ("Сүт 1 л", "2"), cash="2000.00")
    if answer["__typename"] != "Sale":
        raise AssertionError(answer)


@contextmanager
def _receipts_unread() -> Iterator[None]:
    """Raises AssertionError when somebody reads receipts meanwhile."""
    rows = Reader.rows

    async def watched(self: Reader, sql: str, *params: Any) -> Any:
        found = await rows(self, sql, *params)
        if "trd_sale" in sql or any(row.get("kind") == "TICKET" for row in map(dict, found)):
            raise AssertionError(f"the close reads receipts: {sql}")
        return found

    with patch.object(Reader, "rows", watched):
        yield


def main() -> int:
    """Exit code: 1 when a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", type=int, default=RECEIPTS)
    parser.add_argument("--queue", type=int, default=QUEUE)
    options = parser.parse_args()
    figures = run(receipts=options.receipts, queue=options.queue)
    show_figures("End of a long day", figures)
    return 1 if any(each.is_met is False for each in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
