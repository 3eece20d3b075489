"""A busy day: every terminal's batch is in balance, the day is settled once, and the bank's statement agrees.

Fifty operations; SAUDA_SCALE=100: five thousand.
"""

from __future__ import annotations

import os
import random
from datetime import timedelta

import pytest

from simulators.acquirer.cards import CARDS
from simulators.acquirer.device import Gesture
from tests.acquiring.bank import import_days, settled_sums
from tests.acquiring.stage import open_stage

SCALE = int(os.environ.get("SAUDA_SCALE", "1"))
OPERATIONS = 50 * SCALE
TERMINALS = 5
HOURS = 12  # of a day from half past nine on


@pytest.mark.slow
@pytest.mark.parametrize("is_per_day", [False, True], ids=["per operation", "per day"])
async def test_a_day_settles_and_matches_line_by_line(is_per_day: bool) -> None:
    chance = random.Random(OPERATIONS)
    async with open_stage(TERMINALS, is_per_day=is_per_day) as stage:
        codes = list(stage.terminals)
        paid: list[tuple[str, int]] = []
        for number in range(OPERATIONS):
            if number % 10 == 9:
                operation_id, tiyn = paid.pop(chance.randrange(len(paid)))
                await stage.undo(operation_id, chance.choice((None, max(tiyn // 3, 1))))
            else:
                tiyn = chance.randint(1_00, 90_000_00)
                gesture = Gesture(chance.choice(CARDS))
                paid.append((await stage.pay(codes[number % TERMINALS], tiyn, gesture), tiyn))
            stage.clock.advance(timedelta(hours=HOURS) / OPERATIONS)
        assert await stage.differences() == []

        await stage.pass_time(timedelta(hours=2))
        await stage.pass_time(timedelta(minutes=1))

        batches = await stage.counter.rows(
            "SELECT state, result, purchases + voids + refunds AS n FROM pos_batch"
        )
        assert [(row["state"], row["result"]) for row in batches] == [("closed", "in_balance")] * TERMINALS
        assert sum(row["n"] for row in batches) == OPERATIONS
        ours, theirs = await settled_sums(stage)
        assert ours == theirs
        assert len(ours) == TERMINALS
        settled = await stage.counter.rows("SELECT operations FROM pos_settlement WHERE operations > 0")
        verdicts = await import_days(stage)
        again = await import_days(stage)
        assert set(verdicts) == {"MATCHED"}
        assert verdicts == again
        assert [row["operations"] for row in settled] == [verdicts["MATCHED"]]
