"""What the fiscal store costs: sealing, chain and counters of a receipt beside the whole receipt; how fast
journals are verified, read and proved.

    python -m bench.integrity

The parts are timed alone, in this process, over the bodies a true sale leaves; the whole is the CPU of all
serving and working processes per receipt, measured right before in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import uvloop

from addons.fiscal_kz.domain.counters import Counters, with_ticket
from addons.fiscal_kz.domain.facts import SectionSum, TaxSum, TicketFacts
from addons.fiscal_kz.domain.kinds import Means, Operation
from addons.fiscal_kz.services.proof import prove_shift
from bench.figures import Figure, show_figures
from bench.house import open_house
from kernel.data.database import Database
from kernel.data.work import Work
from kernel.ids import new_id
from kernel.jobs.lanes import Lane
from kernel.journal.reading import read_journal
from kernel.journal.sealing import JournalSealer
from kernel.journal.verify import verify_lane
from kernel.security.principal import SYSTEM
from kernel.testing.app import running_app

SHARE_MAX = 0.15
REGISTERS = 32
SHIFT_RECEIPTS = 10_000
BATCH = 500  # receipts written in one transaction
ROUNDS = 2_000
KEY = "register:0198f3a0-7b1c-7c3e-9d52-3a1f0c9e4b11"
AT_MS = 1_768_450_000_000

ACCEPTED: dict[str, Any] = {
    "sale": new_id(),
    "key": new_id(),
    "kind": "SELL",
    "operator": new_id(),
    "lines": [
        {"name": name, "quantity": 1000, "price": 45_000, "total": 45_000, "vat_bp": 1600, "vat": 6207}
        | {"product": new_id()}
        for name in ("Нан «Қала», 600 г", "Сүт 2,5 %, 1 л", "Шай қара, 250 г")
    ],
    "payments": {"CASH": 135_000},
    "total": 135_000,
}
FACE: dict[str, Any] = {"at_ms": AT_MS, "op": "SELL", "shift": 1, "sum": 135_000, "user": 1}
COUNTED: dict[str, Any] = FACE | {
    "document": new_id(),
    "kind": "TICKET",
    "subject": new_id(),
    "number": 12_345,
    "offline_number": None,
    "is_offline": False,
    "is_marked": False,
    "sign": "123456789012",
    "ticket": {
        "operation": "SELL",
        "total": 135_000,
        "payments": {"CASH": 135_000},
        "change": 0,
        "discount": [0, 0],
        "markup": [0, 0],
        "sections": [["0", 3, 135_000]],
        "taxes": [[1600, 135_000, 18_621]],
    },
    "cash": None,
    "drawer": 987_654_321,
    "request": "0" * 64,
}
FACTS = TicketFacts(
    operation=Operation.SELL,
    total=135_000,
    payments=((Means.CASH, 135_000),),
    change=0,
    discount=0,
    discount_count=0,
    markup=0,
    markup_count=0,
    sections=(SectionSum("0", 3, 135_000),),
    taxes=(TaxSum(1600, 135_000, 18_621),),
)


def run(*, seconds: float, runs: int, receipts: int = SHIFT_RECEIPTS) -> list[Figure]:
    """All figures."""
    return uvloop.run(_run(seconds, runs, receipts))


async def _run(seconds: float, runs: int, receipts: int) -> list[Figure]:
    whole_us = await _whole(seconds, runs)
    journal_us, sealing_us, counters_us = await asyncio.to_thread(_parts)
    share = (journal_us + counters_us) / whole_us
    cost = f"{journal_us + counters_us:.0f} of {whole_us:.0f} µs (the seal {sealing_us:.0f})"
    target = f"≤ {SHARE_MAX:.0%} of a receipt"
    figures = [Figure("sealing, chain and counters of a receipt", cost, share, target, share <= SHARE_MAX)]
    return figures + await _journal(receipts)


async def _whole(seconds: float, runs: int) -> float:
    """CPU of one receipt, µs."""
    async with open_house(REGISTERS) as house:
        await house.sell(house.tills, 1.0)
        return median([(await house.sell(house.tills, seconds)).cpu_us for _ in range(runs)])


def _parts() -> tuple[float, float, float]:
    """µs of CPU a receipt: both of its entries whole, their sealing alone, its counters."""
    sealer = JournalSealer({"bench": bytes(32)})

    def journal(lane: Lane) -> None:
        lane.journal("sale.accepted", ACCEPTED)
        lane.journal("fiscal_kz.counted", COUNTED, face=FACE)

    def both(with_seal: bool) -> float:
        lane = Lane(KEY, AT_MS, "alma", 1, 0, None, 0, 0, None, None, 0, 0, "0" * 64, None, 0)
        lane.sealer = sealer if with_seal else None
        return _each_us(lambda: journal(lane))

    counters = Counters()

    def count() -> None:
        nonlocal counters
        counters = with_ticket(counters, FACTS, is_offline=False)

    sealed, plain = both(True), both(False)
    return sealed, sealed - plain, _each_us(count)


def _each_us(what: Callable[[], None]) -> float:
    best = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(ROUNDS):
            what()
        best.append((time.process_time() - began) / ROUNDS * 1e6)
    return min(best)


async def _journal(receipts: int) -> list[Figure]:
    """A shift of so many receipts in a database: verified, read, proved."""

    async def write(work: Work, count: int) -> None:
        lane = await work.lane(KEY, company_id="alma")
        for _ in range(count):
            lane.journal("sale.accepted", ACCEPTED)
            lane.journal("fiscal_kz.counted", COUNTED, face=FACE)

    async with running_app(["fiscal_kz"]) as app:
        for _ in range(0, receipts, BATCH):
            await app.database.transact(write, BATCH, principal=SYSTEM)
        entries = 2 * receipts
        verified_s = await _took(app.database, _verify)
        read_s = await _took(app.database, _read)
        began = time.process_time()
        proof = await app.database.transact(_prove, principal=SYSTEM)
        proved_s = time.process_time() - began
        if proof != receipts:
            raise AssertionError(f"{proof} of {receipts} receipts proved")
    return [
        Figure("journal entries verified", f"{entries / verified_s:,.0f} per s of CPU", None, "", None),
        Figure("journal entries opened and read", f"{entries / read_s:,.0f} per s of CPU", None, "", None),
        Figure(
            f"proof of a shift of {receipts:,} receipts", f"{proved_s * 1000:,.0f} ms of CPU", None, "", None
        ),
    ]


async def _took(database: Database, what: Callable[[Database], Any]) -> float:
    """CPU seconds: all of it is work of this process, and a busy machine is no reason."""
    began = time.process_time()
    await what(database)
    return time.process_time() - began


async def _verify(database: Database) -> None:
    async with database.reading(SYSTEM) as reader:
        if not (await verify_lane(reader, KEY)).is_whole:
            raise AssertionError("the journal is broken")


async def _read(database: Database) -> None:
    async with database.reading(SYSTEM) as reader:
        async for each in read_journal(reader, KEY):
            if not each.facts:
                raise AssertionError("an empty entry")


async def _prove(work: Work) -> int:
    lane = await work.lane(KEY, company_id="alma")
    register_id = KEY.partition(":")[2]
    proof, verdict = await prove_shift(work, lane, kkm_id="", register_id=register_id, shift_number=1)
    if not verdict.is_whole:
        raise AssertionError("the journal is broken")
    return proof.documents


def main() -> int:
    """Exit code: 1 when a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    figures = run(seconds=options.seconds, runs=options.runs)
    show_figures("Fiscal store", figures)
    return 1 if any(each.is_met is False for each in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
