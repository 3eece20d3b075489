"""The driver iso8583 beside payments: keys, echo, the closing of a batch, the line to the host."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from addons.pos_terminal.adapters.iso8583.driver import UPLOADED_TOGETHER, Iso8583
from addons.pos_terminal.domain.driver import (
    Agreed,
    Approved,
    BatchOperation,
    BatchTotals,
    Declined,
    EntryMode,
    NotKnown,
    NotSent,
    Step,
)
from addons.pos_terminal.services.ports import ConfiguredDriver
from addons.pos_terminal.tests.adapters.host import (
    SENT_MS,
    Counter,
    Host,
    answering,
    counter,
    silence,
)
from kernel.money import Money
from protocols.iso8583.message import Message
from simulators.smart_terminals.server import make_tls


async def test_both_keys_are_fetched_without_a_mac() -> None:
    async def story(host: Host, request: Message) -> bytes:
        return host.answered(request, {39: "00", 62: f"KEY{request.text(70)}"}, key=None)

    async with counter(story) as desk:
        outcome = await desk.perform(
            Step.KEYS, more_stans=(8, 9), terminal=replace(desk.order().terminal, keys=None)
        )

    assert outcome == Agreed("keys", {"pin_key": "KEY101", "mac_key": "KEY160"})
    assert [(each.text(70), each.text(11)) for each in desk.host.seen] == [
        ("101", "000007"),
        ("160", "000008"),
    ]
    assert all(64 not in each.fields and 128 not in each.fields for each in desk.host.seen)


async def test_the_terminal_signs_on_where_the_contract_wants_it() -> None:
    async def story(host: Host, request: Message) -> bytes:
        return host.answered(request, {39: "00", 62: "KEY"}, key=None)

    async with counter(story, sign_on="yes") as desk:
        assert isinstance(await desk.perform(Step.KEYS, more_stans=(8, 9)), Agreed)

    assert [(each.text(70), each.text(11)) for each in desk.host.seen] == [
        ("001", "000009"), ("101", "000007"), ("160", "000008"),
    ]  # fmt: skip


async def test_keys_refused_by_the_host_are_refused() -> None:
    async with counter(answering(key=None, de39="58")) as desk:
        outcome = await desk.perform(Step.KEYS, more_stans=(8, 9))

    assert outcome == Declined("TERMINAL_KEYS_REFUSED", "58")


async def test_an_echo() -> None:
    async with counter(silence) as desk:
        assert await desk.perform(Step.ECHO) == Agreed("ready")


TOTALS = BatchTotals(3, Money(300_000), 1, Money(100_000), 1, Money(50_000))
BATCH = tuple(
    BatchOperation(
        Step.PAY, stan, Money(100_000), SENT_MS + stan, f"63261100000{stan}", "123456", "00", EntryMode.CHIP
    )
    for stan in range(1, 4)
)


async def settled(desk: Counter) -> object:
    return await desk.perform(Step.SETTLE, totals=TOTALS, operations=BATCH, more_stans=(8,), card=None)


async def test_totals_in_balance_close_the_batch() -> None:
    async with counter(answering(de66="1")) as desk:
        outcome = await settled(desk)

    assert outcome == Agreed("in_balance", {"host_day": "1121", "balance": "1"})
    [request] = desk.host.seen
    assert [request.number(number) for number in (74, 76, 77, 86, 88, 89)] == [
        1,
        3,
        1,
        50_000,
        300_000,
        100_000,
    ]
    assert request.text(97) == "D0000000000150000"


@pytest.mark.parametrize(("last", "note"), [("00", "after_upload"), ("95", "out_of_balance")])
async def test_totals_that_differ_are_uploaded_one_by_one(last: str, note: str) -> None:
    async def story(host: Host, request: Message) -> bytes:
        code = {"920000": "95", "960000": last}.get(request.text(3), "00")
        return host.answered(request, {39: code})

    async with counter(story) as desk:
        outcome = await settled(desk)

    assert isinstance(outcome, Agreed)
    assert outcome.note == note
    assert [(each.mti, each.text(11)) for each in desk.host.seen] == [
        ("0500", "000007"), ("0320", "000001"), ("0320", "000002"), ("0320", "000003"), ("0500", "000008"),
    ]  # fmt: skip


async def test_a_long_batch_is_uploaded_many_at_a_time() -> None:
    """The host answers only when a whole part of the batch has come."""
    waiting: list[Message] = []

    async def story(host: Host, request: Message) -> bytes | None:
        if request.mti != "0320":
            return host.answered(request, {39: "95" if request.text(3) == "920000" else "00"})
        waiting.append(request)
        if len(host.seen) - 1 in (UPLOADED_TOGETHER, len(many)):
            for each in waiting:
                host.writers[-1].write(host.dialect.framing.encode(host.answered(each, {39: "00"})))
            waiting.clear()
        return None

    many = tuple(replace(BATCH[0], stan=100 + number) for number in range(UPLOADED_TOGETHER + 5))
    async with counter(story) as desk:
        outcome = await desk.perform(Step.SETTLE, totals=TOTALS, operations=many, more_stans=(8,), card=None)

    assert isinstance(outcome, Agreed)
    assert len(desk.host.seen) == len(many) + 2


async def test_an_upload_cut_short_closes_nothing() -> None:
    async def story(host: Host, request: Message) -> bytes | None:
        if len(host.seen) == 3:
            host.writers[-1].close()
            return None
        return host.answered(request, {39: "95" if request.mti == "0500" else "00"})

    async with counter(story) as desk:
        assert await settled(desk) == NotKnown("4021")


async def test_a_host_behind_tls_is_known_by_its_pinned_certificate() -> None:
    context, fingerprint = make_tls(datetime.now(UTC))
    async with counter(answering(), tls=context, fingerprint=fingerprint) as desk:
        assert isinstance(await desk.perform(), Approved)
        other = replace(desk.order().terminal, options={"fingerprint": "ab" * 32})
        assert await desk.perform(terminal=other) == NotSent("ACQUIRER_ABSENT")
        unpinned = replace(desk.order().terminal, options={"tls": "yes"})  # no authority vouches for it
        assert await desk.perform(terminal=unpinned) == NotSent("ACQUIRER_ABSENT")
        wrong = replace(desk.order().terminal, options={"fingerprint": "ab"})
        assert await desk.perform(terminal=wrong) == NotSent("ACQUIRER_OPTIONS_WRONG")

    assert len(desk.host.seen) == 1


async def test_connections_that_nobody_waits_for_make_place_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("addons.pos_terminal.adapters.iso8583.driver.LINKS_MAX", 1)
    async with counter(silence) as desk, counter(silence) as other:
        assert await desk.perform(Step.ECHO) == Agreed("ready")
        elsewhere = replace(desk.order().terminal, address=other.order().terminal.address)
        assert await desk.perform(Step.ECHO, terminal=elsewhere) == Agreed("ready")
        assert await desk.perform(Step.ECHO) == Agreed("ready")

    assert (desk.host.connections, other.host.connections) == (2, 1)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({}, ""),
        ({"dialect": "iso87-bcd", "mac": "cmac", "reversal": "advice", "sign_on": "yes", "tls": "yes"}, ""),
        ({"dialect": "ascii"}, "dialect"),
        ({"mac_size": "5"}, "mac_size"),
        ({"reversal": "maybe"}, "reversal"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"zone": "/etc/passwd"}, "zone"),
        ({"fingerprint": "ab"}, "fingerprint"),
        ({"dialekt": "iso87"}, "dialekt"),
    ],
)
def test_options_are_looked_at_before_the_first_payment(options: dict[str, str], wrong: str) -> None:
    assert isinstance(Iso8583(), ConfiguredDriver)
    assert Iso8583().wrong_option(options) == wrong
