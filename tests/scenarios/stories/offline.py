"""The OFD is away, silent or unwell: the buyer gets a receipt at once, and nothing is lost or doubled."""

from __future__ import annotations

import asyncio

import pytest

from simulators.ofd.faults import Fault, FaultKind
from simulators.till import documents
from simulators.till.documents import new_key
from simulators.till.shop import Till, card, cash, free_line
from tests.scenarios.stage import Stage
from tests.support.house import TRANSACTION_MS

LINE = free_line("Сүт", "545.00")


class OfflineStories:
    """Autonomous work and its replay."""

    async def test_without_a_link_sales_get_receipts_at_once_and_signs_later_in_order(
        self, stage: Stage, till: Till
    ) -> None:
        await till.sell([LINE], [cash("545.00")])
        await stage.simulator.refuse_connections()

        sales = [await till.sell([LINE], [cash("600.00")]) for _ in range(3)]
        back = await till.give_back(sales[0]["id"])
        deposit = await till.move_cash(documents.DEPOSIT, "100.00")

        offline = [*sales, back]
        assert [each["state"] for each in offline] == ["OFFLINE"] * 4
        assert deposit["state"] == "OFFLINE"
        assert not any(each["sign"] for each in offline)
        numbers = [int(each["offlineNumber"]) for each in offline]
        assert numbers == sorted(set(numbers))
        page = await till.client.http.get(sales[0]["receiptUrl"])
        assert sales[0]["offlineNumber"] in page.text
        assert len(stage.account(till).documents) == 1

        await stage.simulator.accept_connections()
        arrived = [await stage.delivered(till, each) for each in offline]
        await stage.kkm(till, undelivered=0, link="ONLINE")

        replayed = list(stage.account(till).documents)[1:]
        assert [each.sign for each in replayed[:4]] == [each["sign"] for each in arrived]
        assert [each.offline_number for each in replayed[:4]] == numbers
        assert [each.number for each in stage.account(till).documents] == [1, 2, 3, 4, 5, 6]
        online = await till.sell([LINE], [cash("545.00")])
        assert (online["state"], online["isOffline"]) == ("FISCALIZED", False)

    async def test_a_shift_is_closed_and_opened_without_a_link(self, stage: Stage, till: Till) -> None:
        await till.sell([LINE], [cash("545.00")])
        await stage.simulator.refuse_connections()
        await till.sell([LINE], [card("545.00")])

        closed = await till.report(documents.CLOSE_SHIFT)
        after = await till.sell([LINE], [cash("545.00")])

        assert (closed["state"], closed["report"]["revenue"]) == ("OFFLINE", "1090.00")
        assert after["state"] == "OFFLINE"
        await stage.simulator.accept_connections()
        await stage.delivered(till, after)
        account = stage.account(till)
        assert [each.shift_number for each in account.documents] == [1, 1, 1, 2]
        assert account.documents[2].differences == ()

    @pytest.mark.parametrize(
        ("kind", "times"),
        [
            # A broken connection is repaired within the transaction time, so every repeat is struck too.
            (FaultKind.CUT_AFTER, 3),
            (FaultKind.CUT_INSIDE, 3),
            (FaultKind.GARBAGE, 3),
            (FaultKind.WRONG_REQNUM, 3),
            (FaultKind.SILENCE_AFTER, 1),
            (FaultKind.DELAY, 1),
        ],
    )
    async def test_an_answer_lost_after_processing_doubles_nothing(
        self, stage: Stage, till: Till, kind: FaultKind, times: int
    ) -> None:
        await till.sell([LINE], [cash("545.00")])
        late_ms = TRANSACTION_MS + 300 if kind is FaultKind.DELAY else 0
        stage.simulator.faults.arm(Fault(kind, times=times, ofd_id=till.ofd_id, delay_ms=late_ms))

        sale = await till.sell([LINE], [cash("600.00")])
        follower = await till.sell([LINE], [cash("545.00")])
        arrived = await stage.delivered(till, sale)
        await stage.delivered(till, follower)

        account = stage.account(till)
        assert [each.total for each in account.documents] == [54500] * 3
        assert account.documents[1].sign == arrived["sign"]
        assert account.documents[1].retries >= 1
        assert stage.simulator.faults.struck[kind] > 0

    async def test_a_client_that_lost_its_answer_asks_again_and_gets_the_same_sale(
        self, stage: Stage, till: Till
    ) -> None:
        key = new_key()
        stage.simulator.faults.arm(Fault(FaultKind.DELAY, delay_ms=400, ofd_id=till.ofd_id))

        pending = await till.sell([LINE], [cash("545.00")], sale_key=key, wait_ms=0)
        waited = await till.sell([LINE], [cash("545.00")], sale_key=key)

        assert pending["state"] == "PENDING"
        assert (waited["state"], waited["replayed"]) == ("FISCALIZED", True)
        assert len(stage.account(till).documents) == 1

    async def test_an_ofd_that_is_unwell_for_a_while_is_worked_around(self, stage: Stage, till: Till) -> None:
        stage.simulator.faults.arm(Fault(FaultKind.CODE, times=4, code=254, ofd_id=till.ofd_id))

        sales = [await till.sell([LINE], [cash("545.00")]) for _ in range(2)]
        arrived = await asyncio.gather(*(stage.delivered(till, each) for each in sales))

        assert sales[0]["state"] == "OFFLINE"
        assert [each.sign for each in stage.account(till).documents] == [each["sign"] for each in arrived]
