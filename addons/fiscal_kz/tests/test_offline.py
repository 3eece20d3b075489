"""Losing the link and coming back: places, numbers, bytes, order, limits; on SQLite with the simulator's
OFD behind a script.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from addons.fiscal_kz.services.desk import BACKLOG_BATCH
from addons.fiscal_kz.tests.shop import CLOSE, LOST, REFUSED, REPORT, X_REPORT, Shop, open_shop
from kernel.journal.canonical import canonical_json
from protocols.ofd import ofd_pb2 as pb


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


async def test_without_a_link_the_customer_gets_an_autonomous_receipt_at_once(shop: Shop) -> None:
    shop.ofd.is_down = True

    sale = await shop.sell()

    assert sale["state"] == "OFFLINE"
    fiscal = sale["fiscal"]
    assert fiscal["isOffline"]
    assert 0 < int(fiscal["offlineNumber"]) < 2**31
    assert f"i={fiscal['offlineNumber']}&f=000000001001&s=200.00&t=20260115T093000" in fiscal["qr"]
    kkm = await shop.kkm()
    assert (kkm["link"], kkm["undelivered"], kkm["drawer"]) == ("OFFLINE", 1, "200.00")


async def test_the_queue_is_delivered_in_order_after_the_pause(shop: Shop) -> None:
    shop.ofd.is_down = True
    sales = [await shop.sell() for _ in range(3)]
    await shop.move_cash("depositCash", "50.00")
    shop.ofd.is_down = False

    await shop.later(timedelta(seconds=30))
    assert len(shop.account.documents) == 0  # not before the pause between attempts is over
    await shop.later(timedelta(seconds=31))

    assert [document.number for document in shop.account.documents] == [1, 2, 3, 4]
    assert [document.is_offline for document in shop.account.documents] == [True] * 4
    for sale, document in zip(sales, shop.account.documents, strict=False):
        now = await shop.sale(sale["id"])
        assert now["state"] == "FISCALIZED"
        assert now["sign"] == document.sign
        assert int(now["offlineNumber"]) == document.offline_number
    kkm = await shop.kkm()
    assert (kkm["link"], kkm["undelivered"]) == ("ONLINE", 0)
    assert shop.ofd.sent[-1].payload[:2] == b"\x08\x05"  # INFO: both sides compared their counters
    assert "fiscal_kz.counters_differ" not in {each.entry.kind for each in await shop.journal()}


async def test_the_offline_period_runs_from_the_first_failure_to_each_sending(shop: Shop) -> None:
    shop.ofd.is_down = True
    await shop.sell()
    shop.ofd.is_down = False
    await shop.later()

    periods = [pb.Request.FromString(sent.payload).service for sent in shop.ofd.sent[1:]]
    assert not periods[0].HasField("offline_period")
    begin, end = periods[1].offline_period.begin_time.time, periods[1].offline_period.end_time.time
    assert (begin.hour, begin.minute, begin.second) == (9, 30, 0)
    assert (end.hour, end.minute, end.second) == (9, 31, 1)


async def test_a_lost_answer_is_asked_for_with_the_same_command_token_number_and_bytes(shop: Shop) -> None:
    shop.ofd.script.append("LOST_AFTER")
    sale = await shop.sell()
    assert sale["state"] == "OFFLINE"

    await shop.later()

    first, again = shop.ofd.sent[1], shop.ofd.sent[2]
    assert (first.token, first.reqnum) == (again.token, again.reqnum)
    repeated = pb.Request.FromString(again.payload)
    assert repeated.service.HasField("offline_period")
    repeated.service.ClearField("offline_period")
    assert repeated == pb.Request.FromString(first.payload)
    now = await shop.sale(sale["id"])
    assert now["state"] == "FISCALIZED"
    assert len(shop.account.documents) == 1
    assert shop.account.documents[0].retries == 1


async def test_a_document_that_surely_never_left_carries_its_offline_number(shop: Shop) -> None:
    shop.ofd.script.append(REFUSED)
    sale = await shop.sell()

    await shop.later()

    first, again = shop.ofd.sent[1], shop.ofd.sent[2]
    assert (first.token, first.reqnum) == (again.token, again.reqnum)
    assert shop.account.documents[0].offline_number == int(sale["offlineNumber"])


async def test_while_anything_is_undelivered_new_documents_join_the_tail(shop: Shop) -> None:
    shop.ofd.script.append(LOST)
    await shop.sell()

    during = await shop.accept(("Нан", "1"), cash="200.00")
    assert during["state"] == "OFFLINE"  # known at once, nothing had to be waited for
    await shop.later()
    after = await shop.sell()

    assert after["state"] == "FISCALIZED"
    assert not after["isOffline"]
    assert [document.number for document in shop.account.documents] == [1, 2, 3]


async def test_documents_already_accepted_behind_the_head_become_offline_documents_in_order(
    shop: Shop,
) -> None:
    shop.ofd.is_down = True
    accepted = [await shop.accept(("Нан", "1"), cash="200.00") for _ in range(4)]

    await shop.work()

    now = [await shop.sale(each["id"]) for each in accepted]
    assert [each["state"] for each in now] == ["OFFLINE"] * 4
    assert [each["documentNumber"] for each in now] == [1, 2, 3, 4]
    numbers = [int(each["offlineNumber"]) for each in now]
    assert numbers == sorted(set(numbers))


async def test_a_backlog_larger_than_a_batch_is_issued_without_waiting_for_the_link(shop: Shop) -> None:
    shop.ofd.is_down = True
    count = BACKLOG_BATCH + 5
    accepted = [await shop.accept(("Нан", "1"), cash="200.00") for _ in range(count)]
    await shop.work()
    late = await shop.accept(("Нан", "1"), cash="200.00")

    await shop.later()
    now = [await shop.sale(each["id"]) for each in (*accepted, late)]

    assert [each["documentNumber"] for each in now] == list(range(1, count + 2))
    shop.ofd.is_down = False
    await shop.later()
    assert [document.number for document in shop.account.documents] == list(range(1, count + 2))


async def test_a_shift_closed_offline_makes_its_own_z_and_agrees_later(shop: Shop) -> None:
    await shop.sell()
    shop.ofd.is_down = True
    await shop.sell(("Дәрі", "1"), cash="2000.00")

    closed = await shop.close()
    assert closed["state"] == "OFFLINE"
    assert closed["isOffline"]
    assert closed["report"]["revenue"] == "1550.00"
    next_sale = await shop.sell()
    assert next_sale["shiftNumber"] == 2
    shop.ofd.is_down = False
    await shop.later()

    delivered = await shop.ask(REPORT, id=closed["id"])
    assert delivered["state"] == "DONE"
    assert delivered["serverReport"]["revenue"] == "1550.00"
    assert shop.ofd.simulator.ledger.violations() == []


async def test_an_x_report_without_a_link_is_local_and_waits_for_nobody(shop: Shop) -> None:
    await shop.sell()
    shop.ofd.is_down = True
    asked = await shop.ask_report(X_REPORT)
    await shop.work()

    report = await shop.ask(REPORT, id=asked["id"])
    assert (report["state"], report["isOffline"], report["serverReport"]) == ("DONE", True, None)
    again = await shop.ask_report(X_REPORT)
    assert again["state"] == "DONE"
    shop.ofd.is_down = False
    await shop.later()
    assert (await shop.kkm())["link"] == "ONLINE"  # a poll found out, there was nothing to deliver


async def test_a_return_of_an_undelivered_sale_names_the_sign_it_has_when_delivered(shop: Shop) -> None:
    shop.ofd.script.append(LOST)
    sale = await shop.sell()
    assert sale["state"] == "OFFLINE"
    returned = await shop.take_back(sale["id"])
    assert returned["state"] == "OFFLINE"

    await shop.later()

    assert (await shop.sale(returned["id"]))["state"] == "FISCALIZED"
    assert shop.account.drawer == 0


async def test_after_72_hours_the_register_stops_but_goes_on_delivering(shop: Shop) -> None:
    shop.ofd.is_down = True
    await shop.sell()
    await shop.later(timedelta(hours=20))
    await shop.ask_report(CLOSE)
    await shop.sell()
    await shop.later(timedelta(hours=20))
    await shop.ask_report(CLOSE)
    await shop.sell()
    await shop.later(timedelta(hours=20))
    await shop.ask_report(CLOSE)
    await shop.later(timedelta(hours=13))

    refused = await shop.accept(("Нан", "1"), cash="200.00")
    assert refused["code"] == "KKM_OFFLINE_TOO_LONG"
    assert (await shop.kkm())["block"] == "OFFLINE_TOO_LONG"
    shop.ofd.is_down = False
    await shop.later()

    kkm = await shop.kkm()
    assert (kkm["block"], kkm["undelivered"], kkm["link"]) == ("NONE", 0, "ONLINE")
    assert (await shop.sell())["state"] == "FISCALIZED"
    assert shop.ofd.simulator.ledger.violations() == []


async def test_a_shift_longer_than_a_day_sells_nothing_until_it_is_closed(shop: Shop) -> None:
    await shop.sell()
    shop.clock.advance(timedelta(hours=24))

    refused = await shop.accept(("Нан", "1"), cash="200.00")
    await shop.close()
    after = await shop.sell()

    assert refused["code"] == "SHIFT_TOO_LONG"
    assert after["shiftNumber"] == 2


async def test_after_a_replay_counters_are_compared_with_the_ofds(shop: Shop) -> None:
    shop.ofd.is_down = True
    await shop.sell()
    shop.account.drawer += 7  # the tax side went mad
    shop.ofd.is_down = False
    await shop.later()

    [note] = [each for each in await shop.journal() if each.entry.kind == "fiscal_kz.counters_differ"]
    assert '"life.drawer":[20000,20007]' in canonical_json(note.facts)
    assert (await shop.kkm())["drawer"] == "200.00"  # shown, never silently overwritten
