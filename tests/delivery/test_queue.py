"""A receipt reaches paper once, in order, and never a second time without saying so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from addons.delivery.api import PrintPaper, print_paper
from addons.trade.api import FiscalState
from addons.trade.tests.shop import BINS
from kernel.gql.ids import to_global
from kernel.ids import new_id
from kernel.security.principal import SYSTEM
from kernel.testing import mysql_database
from simulators.printer.commands import read, text_of
from tests.delivery.house import (
    TAKE,
    Counter,
    another_counter,
    content_of,
    hand_of,
    open_counter,
)

DUPLICATE = "ДУБЛИКАТ"


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    """A shop on SQLite."""
    async with open_counter() as opened:
        yield opened


def shown(order: dict[str, Any]) -> str:
    """What a person reads on the paper."""
    return text_of([command for command, _, _ in read(content_of(order))])


async def test_a_receipt_is_printed_and_a_reprint_says_that_it_is_one(counter: Counter) -> None:
    await counter.printer()
    sale, hand = await counter.sell(), hand_of(counter)
    asked = await counter.print(sale)
    [order] = await hand.take()
    assert (asked["state"], order["isMarkedDuplicate"]) == ("QUEUED", False)
    assert "БЕРЕКЕ" in shown(order).upper()
    assert DUPLICATE not in shown(order)
    assert await hand.printed(order) == {"state": "PRINTED"}

    await counter.print(sale)
    [again] = await hand.take()
    assert again["isMarkedDuplicate"]
    assert DUPLICATE in shown(again)


async def test_further_copies_are_marked(counter: Counter) -> None:
    await counter.printer()
    await counter.print(await counter.sell(), copies=3)
    [order] = await hand_of(counter).take()

    assert shown(order).count(DUPLICATE) == 2


async def test_each_printer_prints_in_order_and_does_not_wait_for_another(counter: Counter) -> None:
    front, back = await counter.printer("Зал"), await counter.printer("Кухня", connection="usb:04B8:0E15")
    for printer in (front, back, front, back, front):
        await counter.print(await counter.sell(), printer=printer)
    hand = hand_of(counter)

    orders = await hand.take(2)

    assert [(each["printerName"], each["number"]) for each in orders] == [
        ("Зал", 1), ("Зал", 2), ("Кухня", 1), ("Кухня", 2),
    ]  # fmt: skip
    assert orders[2]["connection"] == "usb:04b8:0e15"
    await hand.printed(orders[0])
    assert await hand.numbers(2) == [2, 3, 1, 2], "what is in hand comes again, then what follows"


async def test_what_is_in_a_hand_no_other_hand_gets(counter: Counter) -> None:
    await counter.printer()
    await counter.print(await counter.sell())
    await counter.print(await counter.sell())
    one, two = hand_of(counter), hand_of(counter)
    assert await one.numbers(1) == [1]

    assert await two.take() == []


async def test_an_agent_that_went_away_leaves_possibly_printed_papers(counter: Counter) -> None:
    await counter.printer()
    await counter.print(await counter.sell())
    gone, other = hand_of(counter), hand_of(counter)
    [taken] = await gone.take()
    counter.clock.advance(timedelta(minutes=3))
    [order] = await other.take()

    assert not taken["isMarkedDuplicate"]
    assert order["isMarkedDuplicate"]
    assert DUPLICATE in shown(order)
    assert (await gone.printed(taken))["code"] == "PRINT_JOB_NOT_YOURS"
    assert await other.printed(order) == {"state": "PRINTED"}


async def test_a_late_word_counts_while_nobody_else_has_the_paper(counter: Counter) -> None:
    await counter.printer()
    await counter.print(await counter.sell())
    hand = hand_of(counter)
    [order] = await hand.take()
    counter.clock.advance(timedelta(minutes=3))
    await counter.look_after()
    assert [job["isMarkedDuplicate"] for job in await counter.jobs()] == [True]

    assert await hand.printed(order) == {"state": "PRINTED"}
    assert await hand.printed(order) == {"state": "PRINTED"}, "saying it twice changes nothing"
    assert await hand.take() == []


async def test_no_paper_is_shown_holds_the_queue_and_ends_by_itself(counter: Counter) -> None:
    await counter.printer()
    await counter.prints_by_itself()
    await counter.sell()
    await counter.sell()
    hand = hand_of(counter)
    first, second = await hand.take()
    await hand.failed(first, "NO_PAPER")
    assert await counter.board() == {"delivery.printer": "PRINTER_NO_PAPER"}
    assert await hand.take() == [], "the head waits, and nobody overtakes it"
    [problem, waiting] = await counter.jobs()
    assert problem["problem"]["message"] == "The printer has run out of paper."
    assert (waiting["state"], waiting["isMarkedDuplicate"]) == ("QUEUED", False), "it was never begun"

    counter.clock.advance(timedelta(seconds=3))
    orders = await hand.take()
    assert [(each["number"], each["isMarkedDuplicate"]) for each in orders] == [(1, False), (2, False)]
    await hand.printed(orders[0])
    assert await counter.board() == {}
    assert second["number"] == 2


async def test_a_paper_that_was_begun_is_marked_when_it_comes_again(counter: Counter) -> None:
    await counter.printer()
    await counter.print(await counter.sell())
    hand = hand_of(counter)
    [order] = await hand.take()
    await hand.failed(order, "CUT_OFF", is_begun=True)
    [again] = await hand.take()

    assert again["isMarkedDuplicate"]
    assert await counter.board() == {}, "the printer is well"


async def test_a_receipt_given_back_by_one_who_never_began_it_stays_an_original(counter: Counter) -> None:
    await counter.printer()
    sale = await counter.sell()
    job = await counter.print(sale)
    document = """mutation ($id: ID!) { cancelPrintJob(jobId: $id) { ... on PrintJob { state }
      ... on Refused { code } } }"""
    assert await counter.ask(document, id=job["id"]) == {"state": "CANCELLED"}
    assert (await counter.ask(document, id=job["id"]))["code"] == "PRINT_JOB_ENDED"
    await counter.print(sale)
    [order] = await hand_of(counter).take()
    assert not order["isMarkedDuplicate"]


async def test_every_receipt_is_printed_once_by_itself_where_the_register_wants_it(counter: Counter) -> None:
    await counter.printer()
    await counter.sell()
    assert await counter.jobs() == []
    await counter.prints_by_itself(copies=2)

    offline = await counter.sell(state=FiscalState.OFFLINE)
    await counter.fiscal(offline, FiscalState.FISCALIZED, is_offline=True)
    await counter.fiscal(await counter.sell(state=FiscalState.PENDING), FiscalState.REJECTED)
    await counter.sell()

    assert [(job["number"], job["copies"], job["isMarkedDuplicate"]) for job in await counter.jobs()] == [
        (1, 2, False),
        (2, 2, False),
    ]


async def test_a_company_that_uses_none_of_this_pays_nothing_for_it(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kernel.data.work import Work

    written: list[str] = []

    async def noted(work: Work, kind: str, subject_id: str, body: Any) -> None:
        written.append(kind)

    monkeypatch.setattr(Work, "event", noted)
    await counter.shop.report(await counter.sell(state=FiscalState.PENDING), FiscalState.FISCALIZED)  # type: ignore[arg-type]
    assert "delivery.receipt_ready" not in written
    await counter.printer()
    await counter.prints_by_itself()
    await counter.shop.report(await counter.sell(state=FiscalState.PENDING), FiscalState.FISCALIZED)  # type: ignore[arg-type]
    assert "delivery.receipt_ready" in written
    await counter.prints_by_itself(is_on=False)
    written.clear()
    await counter.shop.report(await counter.sell(state=FiscalState.PENDING), FiscalState.FISCALIZED)  # type: ignore[arg-type]
    assert "delivery.receipt_ready" not in written


async def test_a_sale_stands_when_its_printer_is_gone(counter: Counter) -> None:
    printer = await counter.printer()
    await counter.prints_by_itself()
    document = """mutation ($id: ID!) { removePrinter(printerId: $id) {
      ... on PrinterRemoved { printerId } ... on Refused { code } } }"""
    assert await counter.ask(document, id=printer) == {"printerId": printer}
    await counter.sell()

    assert await counter.jobs() == []
    assert await counter.board() == {"delivery.printer": "PRINTER_NONE"}


async def test_papers_nobody_takes_are_told_of_and_at_last_given_up(counter: Counter) -> None:
    await counter.printer()
    await counter.prints_by_itself()
    await counter.sell()
    counter.clock.advance(timedelta(minutes=2))
    await counter.look_after()
    assert await counter.board() == {}, "no register names this printer, so nobody is told"

    [printer] = (await counter.ask("{ printers(first: 5) { nodes { id } } }"))["nodes"]
    document = """mutation ($r: ID!, $p: ID!) { setRegisterPrinting(registerId: $r, printerId: $p,
      printsReceipts: true) { ... on RegisterPrintingChanged { registerId } ... on Refused { code } } }"""
    await counter.ask(document, r=to_global("Register", counter.shop.register_id), p=printer["id"])
    counter.clock.advance(timedelta(minutes=1))
    await counter.look_after()
    assert await counter.board() == {"delivery.printer": "PRINT_AGENT_SILENT"}

    hand = hand_of(counter)
    [order] = await hand.take()
    assert await counter.board() == {}
    await hand.failed(order, "ABSENT")
    counter.clock.advance(timedelta(hours=3))
    await counter.look_after()
    [job] = await counter.jobs()
    assert job["state"] == "LATE"


async def test_what_ended_long_ago_is_forgotten(counter: Counter) -> None:
    await counter.printer()
    await counter.print(await counter.sell())
    hand = hand_of(counter)
    [order] = await hand.take()
    await hand.printed(order)
    counter.clock.advance(timedelta(days=31))
    await counter.look_after()

    assert await counter.jobs() == []


async def test_another_company_s_device_sees_and_settles_nothing(counter: Counter) -> None:
    await counter.printer()
    await counter.print(await counter.sell())
    stranger = hand_of(await another_counter(counter.app, BINS[1]))
    [order] = await hand_of(counter).take()

    assert await stranger.take() == []
    assert (await stranger.printed(order))["code"] == "PRINT_JOB_UNKNOWN"


async def test_a_key_is_a_company_s_own(counter: Counter) -> None:
    neighbour = await another_counter(counter.app, BINS[1])

    async def ask(who: Counter) -> object:
        await who.printer()
        paper = PrintPaper("hello.note", new_id(), who.shop.register_id, once_key="the same words")
        first = await who.app.database.transact(print_paper, paper, principal=who.manager)
        again = await who.app.database.transact(print_paper, paper, principal=who.manager)
        return first is not None, again

    assert [await ask(counter), await ask(neighbour)] == [(True, None), (True, None)]


async def test_only_a_device_takes_jobs_and_only_those_it_was_given_are_settled(counter: Counter) -> None:
    await counter.printer()
    job = await counter.print(await counter.sell())
    system = SYSTEM.within(counter.shop.company_id)
    refused = await counter.ask(TAKE, system, holder=new_id(), count=1)
    never_taken = await hand_of(counter).printed({"jobId": job["id"]})

    assert refused == {"code": "ONLY_FOR_DEVICES"}
    assert never_taken == {"code": "PRINT_JOB_NOT_YOURS"}


async def test_a_paper_nobody_can_make_ends_and_holds_up_no_other(counter: Counter) -> None:
    await counter.printer()
    strange = PrintPaper("hello.note", new_id(), counter.shop.register_id)
    await counter.app.database.transact(print_paper, strange, principal=counter.manager)
    await counter.print(await counter.sell())

    [order] = await hand_of(counter).take()

    assert order["number"] == 2
    [job, _] = await counter.jobs()
    assert (job["state"], job["problem"]["code"]) == ("IMPOSSIBLE", "PAPER_KIND_UNKNOWN")


async def test_an_answer_is_never_too_large(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    from addons.delivery.services import hand_out

    await counter.printer()
    for _ in range(3):
        await counter.print(await counter.sell())
    monkeypatch.setattr(hand_out, "ANSWER_BYTES_MAX", 3_000)
    hand = hand_of(counter)
    [order] = await hand.take()
    await hand.printed(order)

    [following, *_] = await hand.take()
    assert (following["number"], following["isMarkedDuplicate"]) == (2, False)


async def test_a_till_and_an_agent_follow_the_queue(counter: Counter) -> None:
    await counter.printer()
    hand = hand_of(counter)
    news = await counter.follow("subscription { printJobs { waiting } }", hand.device)
    assert await anext(news) == {"waiting": 0}
    job = await counter.print(await counter.sell())
    assert await anext(news) == {"waiting": 1}

    document = "subscription ($id: ID!) { printJobChanged(jobId: $id) { state problem { code } } }"
    states = await counter.follow(document, counter.manager, id=job["id"])
    assert await anext(states) == {"state": "QUEUED", "problem": None}
    [order] = await hand.take()
    await hand.failed(order, "COVER_OPEN")
    assert await anext(states) == {"state": "QUEUED", "problem": {"code": "PRINTER_COVER_OPEN"}}
    counter.clock.advance(timedelta(minutes=1))
    await hand.printed((await hand.take())[0])
    assert await anext(states) == {"state": "PRINTED", "problem": None}
    assert [news async for news in states] == []
    await news.aclose()


@pytest.mark.mariadb
async def test_two_agents_at_once_get_each_paper_once() -> None:
    async with mysql_database() as url, open_counter(url=url) as counter:
        printers = [await counter.printer(name) for name in ("A", "B", "C")]
        for number in range(9):
            await counter.print(await counter.sell(), printer=printers[number % 3])
        hands = [hand_of(counter) for _ in range(3)]

        async def work(index: int) -> list[str]:
            got: list[str] = []
            for _ in range(12):
                for order in await hands[index].take(1):
                    got.append(order["jobId"])
                    await hands[index].printed(order)
            return got

        got = await asyncio.gather(*(work(index) for index in range(3)))

        every = [job_id for each in got for job_id in each]
        assert (len(every), len(set(every))) == (9, 9)
        assert {job["isMarkedDuplicate"] for job in await counter.jobs()} == {False}
