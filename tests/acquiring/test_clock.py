"""Time: a host that is away for an hour, answers that come too late, the cut-off and midnight."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from addons.pos_terminal.domain.payment import PaymentState
from addons.pos_terminal.tests.own_terminals import FIRST_CODE
from kernel.errors import Refusal
from kernel.metrics import REGISTRY
from simulators.acquirer.faults import Fault, FaultKind
from tests.acquiring.stage import PATIENCE_MS, Stage, open_stage

CODE = f"{FIRST_CODE:08}"
LATE_MS = 1_000
BOUND_S = 60.0  # a story that takes longer went wrong


def unmatched_answers() -> float:
    """Answers that nobody waited for, as the driver counts them."""
    return REGISTRY.get_sample_value("sauda_acquirer_unmatched_total") or 0.0


async def move_to(stage: Stage, moment: datetime) -> None:
    """Time passes until then."""
    await stage.pass_time(moment - stage.clock.now())


async def test_a_host_away_for_an_hour_costs_nobody_money() -> None:
    """The payment was posted, its answer lost, and the host is gone: no second payment meanwhile, and when it
    is back the first one is undone by itself.
    """
    async with open_stage() as stage:
        stage.host.faults.arm(Fault(FaultKind.CUT_AFTER, on="2"))
        stage.host.faults.arm(Fault(FaultKind.CUT_BEFORE, on="4"))
        lost = await stage.pay(CODE, 1500_00)
        assert stage.host.ledger.taken == 1500_00
        await stage.host.refuse_connections()
        with pytest.raises(Refusal) as held:
            await stage.pay(CODE, 1500_00)

        for _ in range(12):
            await stage.pass_time(timedelta(minutes=5))
        assert await stage.state(lost) is PaymentState.REVERSING
        await stage.host.accept_connections()
        await stage.until_settled()

        assert held.value.code == "TERMINAL_REVERSAL_PENDING"
        assert await stage.state(lost) is PaymentState.REVERSED
        assert stage.host.ledger.taken == 0
        again = await stage.pay(CODE, 1500_00)
        assert await stage.state(again) is PaymentState.APPROVED
        assert await stage.differences() == []


async def test_an_answer_that_comes_too_late_revives_nothing_and_stays_written() -> None:
    async with open_stage(is_hasty=True) as stage:
        stage.host.faults.arm(Fault(FaultKind.DELAY, on="2", delay_ms=PATIENCE_MS + LATE_MS))
        before = unmatched_answers()

        operation_id = await stage.pay(CODE, 700_00)
        await stage.until_settled()
        await _arrived(before)
        await stage.work()
        await stage.until_settled()

        operation = await stage.counter.operation(operation_id)
        assert (operation.state, operation.payment.reason) == (PaymentState.REVERSED, "4006")
        assert operation.payment.late_ms > 0
        assert (stage.host.ledger.taken, len(stage.host.ledger.postings)) == (0, 1)
        [late] = await stage.counter.rows("SELECT * FROM pos_payment_event WHERE kind = 'AnsweredLate'")
        assert (late["payment_id"], late["source"]) == (operation_id, "terminal")
        assert orjson.loads(late["detail"])["outcome"] == "Approved"


async def _arrived(before: float) -> None:
    """Until one more answer came that nobody waited for."""
    async with asyncio.timeout(BOUND_S):
        while unmatched_answers() == before:  # noqa: ASYNC110 - it comes over a real wire
            await asyncio.sleep(0.02)


async def test_a_reversal_that_overtakes_its_payment_leaves_nothing_of_it() -> None:
    async with open_stage(is_hasty=True) as stage:
        stage.host.faults.arm(Fault(FaultKind.HELD, on="2"))

        operation_id = await stage.pay(CODE, 700_00)
        await stage.until_settled()
        stage.host.release()  # it arrives after all

        assert stage.host.ledger.declines == {"25": 1, "79": 1}
        assert await stage.state(operation_id) is PaymentState.REVERSED
        assert await stage.differences() == []


@pytest.mark.parametrize("second", ["00", "25"])
async def test_the_same_reversal_five_times_gives_the_money_back_once(second: str) -> None:
    async with open_stage(second_reversal=second) as stage:
        stage.host.faults.arm(Fault(FaultKind.CUT_AFTER, on="2"))
        stage.host.faults.arm(Fault(FaultKind.CUT_AFTER, on="4", times=4))

        operation_id = await stage.pay(CODE, 700_00)
        await stage.until_settled()

        assert await stage.state(operation_id) is PaymentState.REVERSED
        assert (await stage.counter.operation(operation_id)).payment.reversals == 5
        assert stage.host.ledger.taken == 0


@pytest.mark.parametrize(
    ("moment", "is_voided"),
    [
        (datetime(2026, 1, 15, 17, 29, 59, tzinfo=UTC), True),
        (datetime(2026, 1, 15, 17, 30, tzinfo=UTC), False),
        (datetime(2026, 1, 15, 19, 0, tzinfo=UTC), False),  # midnight in Almaty
    ],
)
async def test_a_void_is_possible_to_the_last_second_of_the_banking_day(
    moment: datetime, is_voided: bool
) -> None:
    async with open_stage() as stage:
        operation_id = await stage.pay(CODE, 700_00)
        stage.clock.advance(moment - stage.clock.now())
        if is_voided:
            await stage.undo(operation_id)
        else:
            with pytest.raises(Refusal) as late:
                await stage.undo(operation_id)
            assert late.value.code == "VOID_AFTER_CUT_OFF"

        assert (stage.host.ledger.taken == 0) is is_voided
        assert await stage.differences() == []


async def test_payments_around_the_cut_off_and_midnight_fall_into_the_days_the_host_says() -> None:
    async with open_stage() as stage:
        days = []
        for hour, minute, second in ((17, 29, 59), (17, 30, 0), (18, 59, 59), (19, 0, 0)):
            await move_to(stage, datetime(2026, 1, 15, hour, minute, second, tzinfo=UTC))
            operation_id = await stage.pay(CODE, 100_00)
            days.append((await stage.counter.operation(operation_id)).banking_day)

        assert days == ["2026-01-15", "2026-01-16", "2026-01-16", "2026-01-16"]
        assert days == [each.day.isoformat() for each in stage.host.ledger.postings]


async def test_a_void_that_leaves_in_time_and_arrives_after_the_cut_off_is_refused_by_the_host() -> None:
    """Host time decides: the purchase stands, and the cashier is told what to do."""
    async with open_stage() as stage:
        operation_id = await stage.pay(CODE, 100_00)
        stage.clock.advance(datetime(2026, 1, 15, 17, 29, 59, tzinfo=UTC) - stage.clock.now())
        stage.host.rules.settings = replace(stage.host.settings, cut_off_minute=22 * 60)  # its clock is ahead
        void = await stage.undo(operation_id)

        assert await stage.state(void) is PaymentState.DECLINED
        assert await stage.state(operation_id) is PaymentState.APPROVED
        assert await stage.differences() == []


async def test_with_keys_of_yesterday_nothing_leaves_and_the_clock_brings_new_ones() -> None:
    async with open_stage() as stage:
        stage.clock.advance(timedelta(hours=24, seconds=1))
        heard = stage.host.requests
        with pytest.raises(Refusal) as old:
            await stage.pay(CODE, 100_00)
        assert old.value.code == "TERMINAL_KEYS_OLD"
        assert stage.host.requests == heard

        await stage.pass_time(timedelta(minutes=1))

        assert stage.host.requests == heard + 2
        assert await stage.state(await stage.pay(CODE, 100_00)) is PaymentState.APPROVED


async def test_a_host_that_forgot_its_keys_gets_new_ones_and_nobody_pays_twice() -> None:
    async with open_stage() as stage:
        await stage.pay(CODE, 100_00)
        stage.clock.advance(timedelta(hours=1))
        stage.host.terminal(CODE).keys.forget()

        refused = await stage.pay(CODE, 200_00)
        await stage.until_settled()
        await stage.pass_time(timedelta(minutes=1))
        again = await stage.pay(CODE, 200_00)

        assert await stage.state(refused) is PaymentState.REVERSED
        assert await stage.state(again) is PaymentState.APPROVED
        assert stage.host.ledger.taken == 300_00
        assert await stage.differences() == []
