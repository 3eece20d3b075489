"""The driver iso8583 against a host that may say anything: what left, what was proved, what is not known."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from addons.pos_terminal.adapters.iso8583.answers import refusal_of
from addons.pos_terminal.domain.driver import (
    Agreed,
    Approved,
    Declined,
    NotKnown,
    NotSent,
    Step,
)
from addons.pos_terminal.tests.adapters.host import (
    APPROVAL,
    CARD,
    OLD_KEY,
    ORIGINAL,
    Host,
    Story,
    answering,
    counter,
    silence,
)
from kernel.config_sections import LogSettings
from kernel.money import Money
from kernel.testing.logs import logged
from protocols.iso8583.codes import meanings
from protocols.iso8583.message import Message
from protocols.iso8583.numbers import read_original_data


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"dialect": "iso87-hex"},
        {"dialect": "iso87-bcd"},
        {"dialect": "iso87-bcd-tpdu", "tpdu": "6000030000"},
        {"dialect": "iso87-wide"},
        {"dialect": "iso87", "mac": "x9.9", "mac_size": "4", "header": "ascii4"},
    ],
)
async def test_a_purchase_is_approved_in_every_dialect(options: dict[str, str]) -> None:
    async with counter(answering(), **options) as desk:
        outcome = await desk.perform()

    assert isinstance(outcome, Approved)
    assert outcome.amount == Money(125_050)
    assert (outcome.facts.rrn, outcome.facts.authorization_code) == ("632611000007", "123456")
    assert (outcome.facts.masked_number, outcome.facts.scheme) == ("440043******1234", "VISA")
    assert (outcome.facts.host_day, outcome.facts.application_id) == ("1121", "A0000000031010")
    assert outcome.facts.host_ms == int(datetime(2026, 11, 21, 6, 0, 1, tzinfo=UTC).timestamp() * 1000)
    [request] = desk.host.seen
    assert desk.host.is_signed_well == [True]
    assert (request.mti, request.text(3), request.number(4)) == ("0200", "000000", 125_050)
    assert (request.text(7), request.text(12), request.text(13)) == ("1121060000", "110000", "1121")
    assert (request.text(11), request.text(22), request.text(49)) == ("000007", "071", "398")


async def test_three_digit_codes_and_long_times_of_another_family() -> None:
    story = answering(de39="000", de12="261121110001")
    async with counter(story, dialect="smartvista") as desk:
        outcome = await desk.perform()

    assert isinstance(outcome, Approved)
    assert desk.host.seen[0].text(12) == "261121110000"


async def test_card_data_pass_through_as_the_device_encrypted_them_and_no_log_sees_them() -> None:
    with logged(LogSettings()) as logs:
        async with counter(answering()) as desk:
            await desk.perform()

    [request] = desk.host.seen
    assert request.octets(52) == CARD.pin_block
    assert request.octets(55) == CARD.chip
    assert request.text(48) == "01020" + CARD.ksn.hex().upper() + "02012" + CARD.track.hex().upper()
    assert 35 not in request.fields
    assert 2 not in request.fields
    for secret in (CARD.track, CARD.pin_block, CARD.chip):
        assert secret.hex() not in logs.getvalue().lower()


@pytest.mark.parametrize(
    "card",
    [
        replace(CARD, track=b";4111111111111111=28121010000012345678?"),
        replace(CARD, track=b"%B4111111111111111^DOE/JOHN^2812"),
        replace(CARD, track=bytes.fromhex("4111111111111111d2812101")),
        replace(CARD, chip=bytes.fromhex("5a084111111111111111")),
        replace(CARD, chip=bytes.fromhex("9f2608a1a2a3a4a5a6a7a8570a4111111111111111d281")),
    ],
)
async def test_card_data_in_clear_do_not_leave(card: object) -> None:
    async with counter(answering()) as desk:
        outcome = await desk.perform(card=card)

    assert outcome == NotSent("CARD_DATA_IN_CLEAR")
    assert desk.host.seen == []


@pytest.mark.parametrize(
    ("code", "refusal"),
    [("51", "CARD_NO_MONEY"), ("05", "CARD_DECLINED"), ("43", "CARD_DECLINED"), ("91", "CARD_ISSUER_AWAY")],
)
async def test_a_decline_says_why_and_a_stolen_card_is_not_told(code: str, refusal: str) -> None:
    async with counter(answering(de39=code)) as desk:
        outcome = await desk.perform()

    assert isinstance(outcome, Declined)
    assert (outcome.code, outcome.host_code) == (refusal, code)


@pytest.mark.parametrize(
    ("story", "reason", "code"),
    [
        (answering(key=bytes(16)), "4020", "CARD_ANSWER_NOT_GENUINE"),
        (answering(key=None), "4020", "CARD_ANSWER_NOT_GENUINE"),
        (answering(key=None, de39="97"), "4020", "TERMINAL_KEYS_REJECTED"),
        (answering(de3="200000"), "4020", "CARD_ANSWER_DIFFERS"),
        (answering(de42="ANOTHER"), "4020", "CARD_ANSWER_DIFFERS"),
        (answering(de49="840"), "4020", "CARD_ANSWER_DIFFERS"),  # as many dollars
        (answering(de39="10"), "4020", "CARD_ANSWER_DIFFERS"),  # partial, and does not say how much
        (answering(de39="68"), "4021", "CARD_OUTCOME_UNKNOWN"),
        (answering(de39="Q7"), "4020", "CARD_OUTCOME_UNKNOWN"),
        (answering(de48="99"), "4020", "CARD_ANSWER_DIFFERS"),
    ],
)
async def test_what_is_not_proved_is_neither_yes_nor_no(story: Story, reason: str, code: str) -> None:
    async with counter(story) as desk:
        outcome = await desk.perform()

    assert isinstance(outcome, NotKnown)
    assert (outcome.reason, outcome.code) == (reason, code)


async def test_another_amount_is_told_as_it_is_for_the_engine_to_see() -> None:
    async with counter(answering(de4="000000100000", de39="10")) as desk:
        partial = await desk.perform()

    assert isinstance(partial, Approved)
    assert partial.amount == Money(100_000)


async def test_an_answer_of_the_time_of_the_previous_key_is_proved() -> None:
    async with counter(answering(key=OLD_KEY)) as desk:
        assert isinstance(await desk.perform(), Approved)


async def test_nothing_has_left_when_nobody_listens() -> None:
    async with counter(silence) as desk:
        order = desk.order()
    outcome = await desk.driver.perform(order)

    assert outcome == NotSent("ACQUIRER_ABSENT")


async def test_silence_is_not_known() -> None:
    async with counter(silence) as desk:
        assert await desk.hurried() == NotKnown("4021")


@pytest.mark.parametrize(
    "garbage", [b"\x00\x00", b"\xff\xff", b"\x00\x04HTTP", b"\x00\x140200\xff" + b"\0" * 15]
)
async def test_garbage_ends_the_connection_and_the_next_order_makes_a_new_one(garbage: bytes) -> None:
    async def story(host: Host, request: Message) -> bytes | None:
        if len(host.seen) > 1:
            return await answering()(host, request)
        host.writers[-1].write(garbage)
        return None

    async with counter(story) as desk:
        first = await desk.perform()
        second = await desk.perform(stan=8)

    assert first == NotKnown("4020")
    assert isinstance(second, Approved)
    assert desk.host.connections == 2


async def test_a_connection_cut_in_the_middle_is_not_known() -> None:
    async def story(host: Host, request: Message) -> None:
        host.writers[-1].write(b"\x00\x80half")
        host.writers[-1].close()

    async with counter(story) as desk:
        assert await desk.perform() == NotKnown("4021")


async def test_one_connection_carries_many_and_each_answer_finds_its_own() -> None:
    """Answers come in the opposite order, each with the amount of its request."""
    waiting: list[tuple[Message, asyncio.Event]] = []

    async def story(host: Host, request: Message) -> None:
        waiting.append((request, asyncio.Event()))
        if len(waiting) == 20:
            for each, _ in reversed(waiting):
                answer = host.answered(each, {**APPROVAL, 38: each.text(11)})
                host.writers[-1].write(host.dialect.framing.encode(answer))

    async with counter(story) as desk, asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(desk.perform(stan=100 + number, amount=Money(1_000 + number)))
            for number in range(20)
        ]

    for number, task in enumerate(tasks):
        outcome = task.result()
        assert isinstance(outcome, Approved)
        assert (outcome.amount, outcome.facts.authorization_code) == (
            Money(1_000 + number),
            f"{100 + number:06d}",
        )
    assert desk.host.connections == 1


async def test_a_late_answer_is_given_to_nobody() -> None:
    """The first approval comes when the second purchase waits, with everything right but its number."""

    async def story(host: Host, request: Message) -> bytes | None:
        if len(host.seen) == 1:
            return None
        late = host.answered(host.seen[0], APPROVAL)
        host.writers[-1].write(host.dialect.framing.encode(late))
        return host.answered(request, {**APPROVAL, 39: "51"})

    async with counter(story) as desk:
        with logged(LogSettings()) as logs:
            first = await desk.hurried()
            second = await desk.perform(stan=8)

    assert first == NotKnown("4021")
    assert isinstance(second, Declined)
    assert "acquirer_unmatched" in logs.getvalue()


async def test_a_request_that_comes_back_is_no_answer() -> None:
    async def story(host: Host, request: Message) -> bytes:
        return host.dialect.pack(request)

    async with counter(story) as desk:
        assert await desk.hurried() == NotKnown("4021")


async def test_a_void_and_a_refund_name_their_original() -> None:
    async with counter(answering()) as desk:
        void = await desk.perform(Step.VOID, original=ORIGINAL, card=None, stan=8)
        refund = await desk.perform(Step.REFUND, original=ORIGINAL, card=None, stan=9, amount=Money(50_000))

    assert isinstance(void, Approved)
    assert isinstance(refund, Approved)
    assert [(each.mti, each.text(3)) for each in desk.host.seen] == [("0200", "020000"), ("0220", "200000")]
    for request in desk.host.seen:
        assert (request.text(37), request.text(38)) == ("632611000005", "A1B2C3")
        assert request.text(61) == "0000030000051121"


@pytest.mark.parametrize(
    ("option", "types"), [("", ["0400", "0401", "0401"]), ("advice", ["0420", "0421", "0421"])]
)
async def test_a_reversal_is_the_stored_image_and_its_repeats_differ_in_one_digit(
    option: str, types: list[str]
) -> None:
    async with counter(answering(), reversal=option) as desk:
        image = desk.driver.reversal_image(desk.order())
        outcomes = [
            await desk.perform(Step.REVERSE, image=image, attempt=attempt, reason="4020", card=None, stan=99)
            for attempt in (1, 2, 3)
        ]

    assert [type(each) for each in outcomes] == [Agreed] * 3
    assert [each.mti for each in desk.host.seen] == types
    first = desk.host.seen[0]
    assert read_original_data(first.text(90))[:3] == ("0200", 7, "1121060000")
    assert (first.text(11), first.text(7), first.number(4), first.text(56)) == (
        "000007", "1121060000", 125_050, "4020",
    )  # fmt: skip
    plain = [{**each.fields, 128: b""} for each in desk.host.seen]
    assert plain[0] == plain[1] == plain[2]


async def test_the_image_holds_nothing_of_the_card() -> None:
    async with counter(answering()) as desk:
        image = desk.driver.reversal_image(desk.order())

    assert set(orjson.loads(image)["fields"]) == {
        "3",
        "4",
        "7",
        "11",
        "12",
        "13",
        "41",
        "42",
        "49",
        "60",
        "90",
    }
    for secret in (CARD.track, CARD.ksn, CARD.pin_block, CARD.chip):
        assert secret.hex().upper() not in image.upper()


@pytest.mark.parametrize(
    ("code", "kind"),
    [("00", Agreed), ("25", Agreed), ("94", Agreed), ("79", Agreed), ("96", NotKnown), ("Q7", NotKnown),
     ("30", Declined), ("12", Declined)],
)  # fmt: skip
async def test_a_reversal_is_over_goes_on_or_is_for_people(code: str, kind: type) -> None:
    async with counter(answering(de39=code)) as desk:
        image = desk.driver.reversal_image(desk.order())
        assert isinstance(await desk.perform(Step.REVERSE, image=image), kind)


async def test_an_unproved_answer_to_a_reversal_ends_nothing() -> None:
    async with counter(answering(key=bytes(16))) as desk:
        image = desk.driver.reversal_image(desk.order())
        assert isinstance(await desk.perform(Step.REVERSE, image=image), NotKnown)


async def test_no_message_with_money_leaves_without_keys() -> None:
    async with counter(answering()) as desk:
        bare = replace(desk.order().terminal, keys=None)
        for step in (Step.PAY, Step.VOID, Step.REFUND, Step.SETTLE):
            outcome = await desk.perform(step, terminal=bare, original=ORIGINAL, more_stans=(9,))
            assert outcome == NotSent("TERMINAL_KEYS_MISSING")

    assert desk.host.seen == []


@pytest.mark.parametrize(
    "options", [{"dialect": "x"}, {"mac": "md5"}, {"zone": "Mars/Base"}, {"tpdu": "zz"}, {"codes": "x"}]
)
async def test_options_nobody_knows_send_nothing(options: dict[str, str]) -> None:
    async with counter(answering()) as desk:
        wrong = replace(desk.order().terminal, options=options)
        outcome = await desk.perform(terminal=wrong)
        image = desk.driver.reversal_image(desk.order(terminal=wrong))

    assert outcome == NotSent("ACQUIRER_OPTIONS_WRONG")
    if "codes" not in options:
        assert image == ""


@pytest.mark.parametrize(
    "changes", [{"image": "{"}, {"image": "[]"}, {"image": '{"mti": "0400", "fields": {"x": 1}}'}]
)
async def test_an_image_that_is_none_of_ours_sends_nothing(changes: dict[str, str]) -> None:
    async with counter(answering()) as desk:
        assert await desk.perform(Step.REVERSE, **changes) == NotSent("ACQUIRER_MESSAGE_UNFIT")


async def test_a_terminal_code_too_long_for_the_wire_sends_nothing() -> None:
    async with counter(answering()) as desk:
        wrong = replace(desk.order().terminal, terminal_code="TERMINAL-0001")
        assert await desk.perform(terminal=wrong) == NotSent("ACQUIRER_MESSAGE_UNFIT")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=80), st.integers(0, 60), st.integers(0, 255))
def test_no_answer_however_damaged_is_taken_for_a_yes(tail: bytes, at: int, change: int) -> None:
    async def story(host: Host, request: Message) -> bytes:
        good = bytearray(host.answered(request, APPROVAL))
        good[at] ^= change or 1
        return bytes(good) + tail

    async def run() -> object:
        async with counter(story) as desk:
            return await desk.hurried()

    outcome = asyncio.run(run())

    assert isinstance(outcome, NotKnown)


def test_every_meaning_of_every_table_has_a_text_for_the_cashier() -> None:
    silent = {"approved", "partial", "declined", "totals", "in_progress", "late", "duplicate"}

    assert {meaning for meaning in meanings() if refusal_of(meaning) == "CARD_DECLINED"} == silent
