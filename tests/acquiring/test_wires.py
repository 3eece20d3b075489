"""Every dialect from the keys to the closed batch and the statement."""

from __future__ import annotations

from datetime import timedelta

import pytest

from addons.pos_terminal.domain.payment import PaymentState
from addons.pos_terminal.tests.own_terminals import FIRST_CODE
from protocols.iso8583.dialect import DIALECTS
from simulators.acquirer.faults import Fault, FaultKind
from tests.acquiring.bank import import_days, settled_sums
from tests.acquiring.stage import open_stage, wire

CODE = f"{FIRST_CODE:08}"


@pytest.mark.parametrize("is_advice", [False, True], ids=["request", "advice"])
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_day_over_every_wire(dialect: str, is_advice: bool) -> None:
    async with open_stage(options=wire(dialect, is_advice=is_advice)) as stage:
        kept = await stage.pay(CODE, 1_250_50)
        voided = await stage.pay(CODE, 300_00)
        await stage.undo(voided)
        await stage.undo(kept, 50_50)
        stage.host.faults.arm(Fault(FaultKind.CODE, code="51", on="2"))
        declined = await stage.pay(CODE, 400_00)
        stage.host.faults.arm(Fault(FaultKind.CUT_AFTER, on="2"))
        lost = await stage.pay(CODE, 500_00)
        await stage.until_settled()

        states = [await stage.state(each) for each in (kept, voided, declined, lost)]
        assert states == [
            PaymentState.APPROVED,
            PaymentState.VOIDED,
            PaymentState.DECLINED,
            PaymentState.REVERSED,
        ]
        assert stage.host.ledger.taken == 1_200_00
        assert await stage.differences() == []

        await stage.pass_time(timedelta(hours=14))
        await stage.pass_time(timedelta(minutes=1))
        batches = await stage.counter.rows("SELECT state, result FROM pos_batch")
        assert [dict(row) for row in batches] == [{"state": "closed", "result": "in_balance"}]
        ours, theirs = await settled_sums(stage)
        assert ours == theirs != {}
        assert set(await import_days(stage)) == {"MATCHED"}
