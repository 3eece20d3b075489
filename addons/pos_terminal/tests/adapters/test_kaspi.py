"""The driver of Kaspi terminals against the stand-in of one: real TLS, real lost answers, a clock that is
moved.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from addons.pos_terminal.domain.driver import (
    Agreed,
    Approved,
    Declined,
    GoesOn,
    NotKnown,
    NotSent,
    OriginalPayment,
    Step,
)
from addons.pos_terminal.tests.adapters.shop import kaspi
from kernel.money import Money
from simulators.smart_terminals.plan import Ending, Losing, Loss, Outcome


async def test_payment_is_followed_to_its_slip_and_given_back_in_part() -> None:
    async with kaspi() as (counter, device):
        paid, notes = await counter.follow(await counter.do(Step.PAY))

        assert isinstance(paid, Approved)
        assert paid.amount == Money.tenge(1500)
        assert paid.facts.rrn == device.journal.operations[0].rrn
        assert paid.facts.masked_number == device.journal.operations[0].card_mask
        assert notes == ["starting", "wait_card", "processing", "wait_pin"]

        original = OriginalPayment("PURCHASE", 1, 1, paid.amount, 0, paid.facts.rrn, "", paid.memo)
        back, _ = await counter.follow(await counter.do(Step.REFUND, 500, original=original), 500)
        assert isinstance(back, Approved)
        assert back.amount == Money.tenge(500)
        assert device.journal.taken == 1000


async def test_qr_payment_is_given_back_by_its_order_number() -> None:
    async with kaspi() as (counter, device):
        device.plan.arm(Ending(method="qr"))
        paid, notes = await counter.follow(await counter.do(Step.PAY))
        assert isinstance(paid, Approved)
        assert "wait_qr" in notes
        assert (paid.facts.method, paid.facts.scheme) == ("qr", "KASPI")

        device.plan.arm(Ending(method="qr"))
        original = OriginalPayment("PURCHASE", 1, 1, paid.amount, 0, "", "", paid.memo)
        back, _ = await counter.follow(await counter.do(Step.VOID, original=original))
        assert isinstance(back, Approved)
        assert device.journal.taken == 0


@pytest.mark.parametrize("has_codes_as_status", [False, True])
async def test_busy_terminal_has_surely_not_begun(has_codes_as_status: bool) -> None:
    async with kaspi(has_codes_as_status=has_codes_as_status) as (counter, device):
        await counter.do(Step.PAY)

        assert await counter.do(Step.PAY, 700) == NotSent("TERMINAL_BUSY")
        assert await counter.do(Step.QUERY, memo={"process_id": "77"}) == NotKnown("process_unknown")
        assert [each.tenge for each in device.journal.operations] == [1500]


async def test_old_token_is_renewed_once_and_kept() -> None:
    async with kaspi() as (counter, device):
        before = counter.door.secrets["access_token"]
        device.expire_tokens()

        assert isinstance(await counter.do(Step.PAY), GoesOn)

        assert counter.door.secrets["access_token"] in device.clients
        assert before not in device.clients


async def test_terminal_that_forgot_the_till_has_not_begun() -> None:
    async with kaspi() as (counter, device):
        device.clients.clear()

        assert await counter.do(Step.PAY) == NotSent("TERMINAL_NOT_PAIRED")
        assert device.journal.operations == []


async def test_unknown_is_actualized_not_oftener_than_every_ten_seconds() -> None:
    async with kaspi() as (counter, device):
        device.plan.arm(Ending(Outcome.UNKNOWN, is_charged=True, asks=2))

        paid, notes = await counter.follow(await counter.do(Step.PAY))

        assert isinstance(paid, Approved)
        assert "unknown" in notes
        assert device.journal.breaches == []


async def test_forgotten_process_stays_unknown() -> None:
    async with kaspi() as (counter, device):
        device.plan.arm(Ending(Outcome.FORGET, is_charged=True))
        begun = await counter.do(Step.PAY)
        assert isinstance(begun, GoesOn)

        counter.clock.advance(timedelta(minutes=1))
        waits = await counter.do(Step.QUERY, memo=begun.memo)
        counter.clock.advance(timedelta(minutes=2))

        assert isinstance(waits, GoesOn)
        assert await counter.do(Step.QUERY, memo=waits.memo) == NotKnown("process_unknown")
        assert device.journal.taken == 1500


@pytest.mark.parametrize(
    ("ending", "code"),
    [(Outcome.DECLINE, "CARD_DECLINED"), (Outcome.CANCEL, "CARD_CANCELLED_ON_TERMINAL")],
)
async def test_no_of_the_bank_and_of_the_buyer_are_told_apart(ending: Outcome, code: str) -> None:
    async with kaspi() as (counter, device):
        device.plan.arm(Ending(ending))

        outcome, _ = await counter.follow(await counter.do(Step.PAY))

        assert isinstance(outcome, Declined)
        assert outcome.code == code


async def test_other_amount_is_told_as_the_terminal_says_it() -> None:
    async with kaspi() as (counter, device):
        device.plan.arm(Ending(Outcome.WRONG_AMOUNT))

        outcome, _ = await counter.follow(await counter.do(Step.PAY))

        assert isinstance(outcome, Approved)
        assert outcome.amount == Money.tenge(1501)


@pytest.mark.parametrize(
    ("loss", "reason"),
    [
        (Loss.CUT_AFTER, "cut_off"),
        (Loss.EMPTY, "code_None"),
        (Loss.GARBAGE, "code_None"),
        (Loss.SILENT, "silence"),
    ],
)
async def test_lost_answer_to_a_payment_is_neither_yes_nor_no(loss: Loss, reason: str) -> None:
    async with kaspi() as (counter, device):
        counter.door.limit_ms = 300
        device.plan.arm(Losing(loss, on="payment"))

        assert await counter.do(Step.PAY) == NotKnown(reason)
        assert len(device.journal.operations) == 1


async def test_nothing_leaves_for_tiyn_for_a_stranger_or_for_another_certificate() -> None:
    async with kaspi() as (counter, device):
        assert await counter.do(Step.PAY, tiyn=50) == NotSent("TERMINAL_WHOLE_TENGE")

        pinned = counter.door.secrets["fingerprint"]
        counter.door.secrets["fingerprint"] = "0" * 64
        assert await counter.do(Step.PAY) == NotSent("TERMINAL_CERTIFICATE_CHANGED")
        counter.door.secrets["fingerprint"] = ""
        assert await counter.do(Step.PAY) == NotSent("TERMINAL_NOT_PAIRED")
        counter.door.secrets["fingerprint"] = pinned
        counter.address = "https://127.0.0.1:9"
        assert await counter.do(Step.PAY) == NotSent("TERMINAL_ABSENT")
        assert device.journal.operations == []


async def test_device_tells_who_it_is() -> None:
    async with kaspi() as (counter, device):
        told = await counter.do(Step.ECHO)

        assert isinstance(told, Agreed)
        assert told.memo["serial_number"] == device.serial_number
