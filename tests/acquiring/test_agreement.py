"""Payments, voids and refunds among all faults of the network: whatever happens, our operations, the host's
ledger, the batches and the bank's statement agree to the tiyn.

A hundred operations; SAUDA_SCALE=100: ten thousand. A failure names the seed; it alone brings the story back.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from addons.pos_terminal.domain.payment import PaymentState
from kernel.errors import Refusal
from protocols.iso8583.dialect import DIALECTS
from simulators.acquirer.cards import CARDS
from simulators.acquirer.device import Gesture
from simulators.acquirer.faults import Fault, FaultKind
from tests.acquiring.bank import import_days, settled_sums
from tests.acquiring.stage import PATIENCE_MS, Stage, open_stage, wire

SCALE = int(os.environ.get("SAUDA_SCALE", "1"))
OPERATIONS = 100  # of one story; SCALE stories with a seed each
TERMINALS = 4
WIRES = tuple(DIALECTS)
LOOK_EVERY = 5  # operations between two looks of the schedules
# What a cashier may hear while faults rage; anything else is a finding.
HEARD = {
    "TERMINAL_BUSY",
    "TERMINAL_REVERSAL_PENDING",
    "TERMINAL_KEYS_OLD",
    "TERMINAL_KEYS_NEEDED",
    "VOID_AFTER_CUT_OFF",
    "REFUND_AFTER_CUT_OFF",
    "CARD_ALREADY_UNDONE",
    "CARD_PARTLY_REFUNDED",
    "CARD_UNDOING_ALREADY",
}
QUICK_FAULTS = tuple(kind for kind in FaultKind if "silence" not in kind)
PARTS = ("2", "2", "2", "4", "24", "8", "5", "3")  # messages a fault meets: payments mostly


class Story:
    """Random operations of a seed, one after another.

    Reversals are not answered with 12 or 30: such an answer is for people, and stays open until they decide.
    """

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.random = random.Random(seed)
        self.approved: list[str] = []
        self.heard: Counter[str] = Counter()

    async def tell(self, operations: int) -> None:
        """So many of them; then everything comes to rest."""
        await self.stage.pass_time(timedelta(hours=self.random.randint(5, 12)))  # the cut-off will come
        for number in range(operations):
            await self._befall()
            try:
                await self._operate()
            except Refusal as refusal:
                if refusal.code not in HEARD:
                    raise
                self.heard[refusal.code] += 1
            self.stage.clock.advance(timedelta(seconds=self.random.choice((1, 20, 300, 900))))
            if number % LOOK_EVERY == 0:
                await self.stage.pass_time(timedelta(seconds=1))
        self.stage.host.faults.clear()
        await self.stage.host.accept_connections()
        await self.stage.until_settled()

    async def _operate(self) -> None:
        code = self.random.choice(list(self.stage.terminals))
        what = self.random.random()
        if self.approved and what < 0.25:
            operation_id = self.random.choice(self.approved)
            left = (await self.stage.counter.operation(operation_id)).payment.left.tiyn
            if what < 0.12 or left < 2:
                await self.stage.undo(operation_id)
            else:
                await self.stage.undo(operation_id, self.random.randint(1, left))
            return
        tiyn = self.random.choice((1, 99, 100_00, self.random.randint(1, 900_000_00)))
        operation_id = await self.stage.pay(code, tiyn, Gesture(self.random.choice(CARDS)))
        if await self.stage.state(operation_id) is PaymentState.APPROVED:
            self.approved.append(operation_id)

    async def _befall(self) -> None:
        """Now and then something breaks, or the host goes away for a while."""
        host, chance = self.stage.host, self.random.random()
        if not host.is_accepting:
            if chance < 0.3:
                await host.accept_connections()
        elif chance < 0.02:
            await host.refuse_connections()
        elif chance < 0.03:
            host.terminal(self.random.choice(list(self.stage.terminals))).keys.forget()
        elif chance < 0.30:
            kinds = list(FaultKind) if self.random.random() < 0.2 else list(QUICK_FAULTS)
            fault = Fault(self.random.choice(kinds), on=self.random.choice(PARTS))
            codes = ("05", "51", "91", "96", "68", "97")
            fault.code = self.random.choice(codes if "4" in fault.on else (*codes, "12", "30"))
            if fault.kind is FaultKind.HELD:
                fault.delay_ms = PATIENCE_MS + 100  # its reversal will be there first
            host.faults.arm(fault)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SCALE))
async def test_everybody_tells_the_same_money_whatever_breaks(seed: int) -> None:
    options = wire(WIRES[seed % len(WIRES)], is_advice=bool(seed // 2 % 2))
    per_day = bool(seed % 2)
    async with open_stage(TERMINALS, seed=seed, is_per_day=per_day, is_hasty=True, options=options) as stage:
        story = Story(stage, seed)

        await story.tell(OPERATIONS)

        assert await stage.differences() == []
        assert len(await stage.operations()) > OPERATIONS / 2
        await stage.pass_time(timedelta(days=1))
        await stage.pass_time(timedelta(hours=2))
        assert await stage.differences() == []
        ours, theirs = await settled_sums(stage)
        assert ours == theirs
        imported = await import_days(stage)
        assert set(imported) <= {"MATCHED"}, imported


async def test_the_comparison_sees_what_it_is_for() -> None:
    """One tiyn more at the host, a posting that only the host has, a state that says too much: all told."""
    async with open_stage() as stage:
        code = next(iter(stage.terminals))
        operation_id = await stage.pay(code, 700_00)
        await stage.pass_time(timedelta(days=1))
        posting = stage.host.ledger.postings[0]
        ours, theirs = await settled_sums(stage)
        assert await stage.differences() == []
        assert ours == theirs != {}

        posting.amount += 1
        assert "70001 at the host" in (await stage.differences())[0]
        assert await settled_sums(stage) != (ours, theirs)
        posting.amount -= 1
        stage.host.ledger.post(replace(posting, number=2, stan=99))
        assert "only at the host" in (await stage.differences())[0]
        stage.host.ledger.postings.pop()

        async def lie(work: Any) -> None:
            await work.execute("UPDATE pos_payment SET state = 'REVERSED' WHERE id = ?", operation_id)

        await stage.counter.app.database.transact(lie, principal=stage.everyone)
        assert "it stands at the host" in (await stage.differences())[0]
