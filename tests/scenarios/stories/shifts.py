"""X and Z reports say what the tax side counted."""

from __future__ import annotations

from simulators.till import documents
from simulators.till.documents import new_key
from simulators.till.shop import Till, card, cash, free_line
from tests.scenarios.stage import Stage, refusal

LINE = free_line("Шай", "1190.00")


class ShiftStories:
    """A shift opens with its first document and closes with a Z."""

    async def test_x_and_z_agree_with_the_tax_side_and_the_next_sale_opens_a_shift(
        self, stage: Stage, till: Till
    ) -> None:
        await till.move_cash(documents.DEPOSIT, "1000.00")
        sale = await till.sell([LINE], [cash("2000.00")])
        await till.sell([LINE], [card("1190.00")])
        await till.give_back(sale["id"])
        account = stage.account(till)

        x = await till.report(documents.X_REPORT)
        assert (x["state"], x["isOffline"]) == ("DONE", False)
        assert (account.is_shift_open, account.seq) == (True, 4)  # an X report is no document
        z = await till.report(documents.CLOSE_SHIFT)
        assert not account.is_shift_open

        for report in (x, z):
            own, server = report["report"], report["serverReport"]
            assert (own["revenue"], own["drawer"], own["shiftNumber"]) == ("1190.00", "1000.00", 1)
            assert (server["revenue"], server["drawer"], server["shiftNumber"]) == ("1190.00", "1000.00", 1)
            tickets = {each["operation"]: each["count"] for each in own["operations"] if each["count"]}
            assert tickets == {"SELL": 2, "SELL_RETURN": 1}
            assert {"placement": "DEPOSIT", "count": 1, "sum": "1000.00"} in own["cash"]
        assert account.documents[-1].differences == ()

        await till.sell([LINE], [card("1190.00")])
        assert (account.shift_number, account.is_shift_open) == (2, True)
        assert (await till.kkm())["shift"] == {"number": 2, "isOpen": True, "documents": 1}

    async def test_a_shift_is_closed_once_however_often_it_is_asked(self, stage: Stage, till: Till) -> None:
        await till.sell([LINE], [cash("1190.00")])
        key = new_key()

        first = await till.report(documents.CLOSE_SHIFT, key=key)
        second = await till.report(documents.CLOSE_SHIFT, key=key)
        other = await refusal(till.report(documents.CLOSE_SHIFT))

        assert first == second
        assert other == "SHIFT_NOT_OPEN"
        assert len(stage.account(till).documents) == 2
