"""The end of a banking day: charges that add up, batches that are compared, returns that bring costs back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from addons.pos_terminal.domain.commission import Rounding, Tariff
from addons.pos_terminal.domain.contract import TermsChoice
from addons.pos_terminal.domain.driver import Agreed, Declined, NotKnown, Step
from addons.pos_terminal.services.batches import close_by_hand
from addons.pos_terminal.services.charges import charge_line, uncharged
from addons.pos_terminal.services.contracts import set_contract
from addons.pos_terminal.services.settle import settle, watch_cut_offs
from addons.pos_terminal.services.terminals import close_terminal
from addons.pos_terminal.tests.merchant import TARIFFS, Merchant, contract
from addons.pos_terminal.tests.money import payment_row
from kernel.clock import FrozenClock, to_ms
from kernel.errors import Refusal
from kernel.jobs.drive import run_due
from kernel.money import Money
from kernel.security.principal import SYSTEM


async def pay(merchant: Merchant, terminal_id: str, state: str = "APPROVED", **changes: object) -> str:
    """An operation as its row holds it."""

    async def paying(work: object) -> str:
        return await payment_row(work, terminal_id, state, **changes)  # type: ignore[arg-type]

    return str(await merchant.do(paying))


async def end_day(merchant: Merchant, **ahead: int) -> None:
    """Time passes; the schedule looks, and everything that is due is done."""
    clock = merchant.app.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(timedelta(**ahead))
    await merchant.app.database.transact(watch_cut_offs, principal=SYSTEM)
    await run_due(merchant.app.database)


async def costs(merchant: Merchant) -> list[tuple[str, str, int, int]]:
    """What was written down: day, kind, gross, commission."""
    rows = await merchant.rows("SELECT * FROM pos_charge ORDER BY day, settled_ms, id")
    return [(row["day"], row["kind"], row["gross_tiyn"], row["commission_tiyn"]) for row in rows]


async def test_a_day_is_settled_at_its_cut_off_and_once(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    at_2229, at_2230 = (to_ms(datetime(2026, 1, 15, 17, m, s, tzinfo=UTC)) for m, s in ((29, 59), (30, 0)))
    await pay(merchant, terminal_id, tiyn=150_000)
    await pay(merchant, terminal_id, tiyn=99_999, scheme="VISA", at_ms=at_2229)
    await pay(merchant, terminal_id, tiyn=1_000, at_ms=at_2230)
    await pay(merchant, terminal_id, "DECLINED", tiyn=777)
    await pay(merchant, terminal_id, "UNKNOWN", tiyn=778)
    await pay(merchant, terminal_id, "VOIDED", tiyn=500_000)

    await end_day(merchant, hours=1)
    assert await costs(merchant) == []
    await end_day(merchant, days=1)
    await end_day(merchant, minutes=1)

    assert await costs(merchant) == [
        ("2026-01-15", "PURCHASE", 150_000, 1_935),
        ("2026-01-15", "PURCHASE", 99_999, 2_300),
    ]
    days = [row["day"] for row in await merchant.rows("SELECT day FROM pos_settlement ORDER BY day")]
    assert days[-1] == "2026-01-15"
    assert len(set(days)) == len(days)


async def test_a_return_brings_back_what_was_stored(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    bought = await pay(merchant, terminal_id, tiyn=100_050, refunded=33_333)
    await end_day(merchant, days=1)
    dear = TermsChoice((Tariff("*", "*", 50_000),))
    await merchant.do(set_contract, contract(id=merchant.contract_id, terms=dear))
    refund = {"kind": "REFUND", "original_id": bought}
    await pay(merchant, terminal_id, tiyn=33_333, **refund)
    await end_day(merchant, days=1)
    await pay(merchant, terminal_id, tiyn=66_717, **refund)
    await pay(merchant, terminal_id, tiyn=100_000)
    await end_day(merchant, days=1)

    rows = await costs(merchant)
    assert [each[2:] for each in rows[:2]] == [(100_050, 1_291), (-33_333, -430)]
    assert sorted(each[2:] for each in rows[2:]) == [(-66_717, -861), (100_000, 5_000)]


async def test_rounded_by_the_day_and_late_ones_by_themselves(merchant: Merchant) -> None:
    by_day = TermsChoice(TARIFFS, rounding=Rounding.PER_DAY)
    await merchant.do(set_contract, contract(id=merchant.contract_id, terms=by_day))
    terminal_id = await merchant.working_terminal()
    for _ in range(7):
        await pay(merchant, terminal_id, tiyn=1_033)
    late_ms = to_ms(merchant.app.clock.now())
    await end_day(merchant, days=1)
    first = await costs(merchant)
    assert sum(each[3] for each in first) == 93  # 7 × 13.3257 = 93.28, one by one it would be 91
    assert {each[3] for each in first} == {13, 14}

    await pay(merchant, terminal_id, tiyn=1_033, at_ms=late_ms)
    await end_day(merchant, days=1)

    assert (await costs(merchant))[7:] == [("2026-01-15", "PURCHASE", 1_033, 13)]


async def test_a_void_that_came_after_the_charge_takes_all_back(merchant: Merchant) -> None:
    kept = TermsChoice(TARIFFS, is_commission_returned=False)
    await merchant.do(set_contract, contract(id=merchant.contract_id, terms=kept))
    terminal_id = await merchant.working_terminal()
    bought = await pay(merchant, terminal_id, tiyn=100_000)
    await end_day(merchant, days=1)
    await merchant.do(_void, bought)
    await pay(merchant, terminal_id, tiyn=100_000, kind="VOID", original_id=bought)
    await end_day(merchant, days=1)
    assert [each[2:] for each in await costs(merchant)] == [(100_000, 1_290), (-100_000, -1_290)]


async def test_raw_figures_are_those_that_will_be_written(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    bought = await pay(merchant, terminal_id, tiyn=123_456, refunded=456)
    await pay(merchant, terminal_id, tiyn=456, kind="REFUND", original_id=bought)
    day = date(2026, 1, 15)
    async with merchant.app.database.reading(merchant.owner) as reader:
        raw = await uncharged(reader, merchant.contract_id, day, day)
    assert all(each.is_raw for each in raw)
    await merchant.do(settle, merchant.contract_id, day)
    rows = await merchant.rows("SELECT * FROM pos_charge ORDER BY gross_tiyn DESC")
    written = {each.id: (each.gross, each.commission, each.net) for each in map(charge_line, rows)}
    assert written == {each.id: (each.gross, each.commission, each.net) for each in raw}
    assert sum(each.net for each in raw) == 123_456 - 456 - sum(each.commission for each in raw)


async def test_the_batch_is_compared_and_the_next_one_begins(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    await pay(merchant, terminal_id, tiyn=150_000)
    await pay(merchant, terminal_id, "VOIDED", tiyn=50_000)
    await pay(merchant, terminal_id, tiyn=50_000, kind="VOID")
    await pay(merchant, terminal_id, "REVERSED", tiyn=9)
    merchant.bank.answers += [NotKnown("timeout"), Agreed("in_balance", {"balance": "1"})]

    await end_day(merchant, days=1)
    assert (await merchant.row("SELECT state FROM pos_batch"))["state"] == "closing"
    await end_day(merchant, seconds=10)

    batch = await merchant.row("SELECT * FROM pos_batch")
    assert (batch["number"], batch["day"], batch["state"]) == (1, "2026-01-15", "closed")
    assert (batch["result"], batch["attempts"]) == ("in_balance", 2)
    first, second = [order for order in merchant.bank.asked if order.step is Step.SETTLE]
    assert (first.stan, first.more_stans, first.batch) == (second.stan, second.more_stans, 1)
    assert (first.totals.purchases, first.totals.purchases_sum) == (2, Money(200_000))
    assert (first.totals.voids, first.totals.voids_sum) == (1, Money(50_000))
    assert (first.amount, len(first.operations)) == (Money(150_000), 3)
    assert (await merchant.row("SELECT batch FROM pos_terminal"))["batch"] == 2


async def test_a_batch_waits_for_what_is_open_and_a_difference_is_shown(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    waiting = await pay(merchant, terminal_id, "REVERSING", tiyn=700)
    await pay(merchant, terminal_id, tiyn=150_000)
    await merchant.do(close_by_hand, terminal_id)
    await run_due(merchant.app.database)
    assert not [order for order in merchant.bank.asked if order.step is Step.SETTLE]
    await merchant.do(_end, waiting, "REVERSED")
    merchant.bank.answers.append(Agreed("out_of_balance", {"balance": "2"}))

    await end_day(merchant, seconds=30)

    assert (await merchant.row("SELECT state FROM pos_batch"))["state"] == "differs"
    board = await merchant.row("SELECT code, register_id FROM org_status")
    assert (board["code"], board["register_id"]) == ("CARD_BATCH_DIFFERS", merchant.register_id)
    with pytest.raises(Refusal, match="BATCH_EMPTY"):
        await merchant.do(close_by_hand, terminal_id)
    await pay(merchant, terminal_id, tiyn=1)
    await merchant.do(close_by_hand, terminal_id)
    await run_due(merchant.app.database)
    assert not await merchant.rows("SELECT code FROM org_status")


async def test_a_terminal_is_closed_when_its_bank_knows_all(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    await pay(merchant, terminal_id)
    merchant.bank.answers.append(NotKnown("timeout"))
    for code in ("TERMINAL_BATCH_OPEN", "TERMINAL_BATCH_OPEN"):
        with pytest.raises(Refusal, match=code):
            await merchant.do(close_terminal, terminal_id)
        if not await merchant.rows("SELECT id FROM pos_batch"):
            await merchant.do(close_by_hand, terminal_id)
            await run_due(merchant.app.database)
    await end_day(merchant, seconds=10)

    await merchant.do(close_terminal, terminal_id)

    assert (await merchant.row("SELECT state FROM pos_terminal"))["state"] == "closed"


async def test_a_host_that_is_away_for_a_day_is_given_up_and_told_of(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    await pay(merchant, terminal_id)
    merchant.bank.answers += [NotKnown("timeout")] * 2 + [Declined("CARD_HOST_FAILED", "96")]
    await merchant.do(close_by_hand, terminal_id)
    await run_due(merchant.app.database)
    clock = merchant.app.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(timedelta(days=1))
    await run_due(merchant.app.database)
    batch = await merchant.row("SELECT state, code FROM pos_batch")
    assert dict(batch) == {"state": "unanswered", "code": "ACQUIRER_ABSENT"}


async def _void(work: object, payment_id: str) -> None:
    await _end(work, payment_id, "VOIDED")


async def _end(work: object, payment_id: str, state: str) -> None:
    await work.execute("UPDATE pos_payment SET state = ? WHERE id = ?", state, payment_id)  # type: ignore[attr-defined]
