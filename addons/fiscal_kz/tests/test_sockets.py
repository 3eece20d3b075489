"""A sample of the simulated lives on SQLite, the real job runner and real sockets: faults of the network,
then agreement.
"""

from __future__ import annotations

import os
import random
from datetime import timedelta

import pytest

from addons.fiscal_kz.adapters.ofd_client import OfdClient
from addons.fiscal_kz.tests.shop import CLOSE, OFD_ID, TOKEN, Shop, open_shop
from simulators.ofd.faults import Fault, FaultKind
from simulators.ofd.server import OfdSimulator

SCALE = int(os.environ.get("SAUDA_SCALE", "1"))
DEADLINE_MS = 150  # of one exchange, so that an outage does not cost real seconds
STEPS, SETTLE_ROUNDS_MAX = 40, 100
FAULTS = (FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER, FaultKind.CUT_INSIDE, FaultKind.SILENCE_AFTER)


async def step(shop: Shop, simulator: OfdSimulator, dice: random.Random) -> None:
    """One thing happens."""
    roll = dice.random()
    if roll < 0.5:
        product = dice.choice(sorted(shop.products))
        await shop.accept((product, dice.choice(("1", "2", "0.375"))), cash="9000.00")
    elif roll < 0.6:
        await shop.move_cash(
            dice.choice(("depositCash", "withdrawCash")), f"{dice.randint(1, 999)}.{dice.randint(10, 99)}"
        )
    elif roll < 0.66:
        await shop.ask_report(CLOSE)
    elif roll < 0.76:
        times = dice.randint(1, 4)
        simulator.faults.arm(Fault(dice.choice(FAULTS), times=times))
    elif roll < 0.80:
        await simulator.refuse_connections()
    elif roll < 0.88:
        await simulator.accept_connections()
    elif roll < 0.92:
        await shop.later(timedelta(hours=1))
    else:
        await shop.later(timedelta(seconds=61))
    if dice.random() < 0.7:
        await shop.work()


@pytest.mark.parametrize("seed", range(2 * SCALE))
async def test_a_life_on_real_sockets_leaves_both_sides_equal(seed: int) -> None:
    dice = random.Random(seed)
    simulator, client = OfdSimulator(seed=seed), OfdClient()
    simulator.add_register(OFD_ID, TOKEN)
    async with simulator.running() as endpoint:
        profile = f"simulator;{endpoint.host}:{endpoint.port};ОФД;https://ofd.invalid/check;test"
        async with open_shop(ofd=client, profiles=[profile], transaction_ms=DEADLINE_MS) as shop:
            for _ in range(STEPS):
                await step(shop, simulator, dice)
            simulator.faults.clear()
            await simulator.accept_connections()
            for _ in range(SETTLE_ROUNDS_MAX):  # a busy machine may miss a deadline in fine weather too
                await shop.later()
                state = (await shop.record()).state
                if (state.undelivered, state.exchange) == (0, None):
                    break
            sales = await shop.rows("SELECT state, COUNT(*) AS n FROM trd_sale GROUP BY state")
        client.close()

    account = simulator.ledger.account(OFD_ID)
    assert (state.undelivered, state.exchange) == (0, None)
    assert [each.number for each in account.documents] == list(range(1, state.documents + 1))
    assert (state.counters.drawer, state.shift_number) == (account.drawer, account.shift_number)
    assert simulator.ledger.violations() == []
    known = {row["state"]: row["n"] for row in sales}
    tickets = sum(1 for each in account.documents if each.command == 1)
    assert known.get("FISCALIZED", 0) == tickets > 0
    assert set(known) <= {"FISCALIZED", "REJECTED"}
