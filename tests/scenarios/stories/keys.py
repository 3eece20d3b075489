"""A key made by the client acts once, however often and however fast it comes."""

from __future__ import annotations

import asyncio

from simulators.till import documents
from simulators.till.documents import new_key
from simulators.till.shop import Till, cash, free_line
from tests.scenarios.stage import Stage, refusal

AT_ONCE = 5
LINE = free_line("Нан", "210.00")


class KeyStories:
    """One key, one document."""

    async def test_the_same_sale_sent_twice_is_one_sale(self, stage: Stage, till: Till) -> None:
        key = new_key()

        first = await till.sell([LINE], [cash("500.00")], sale_key=key)
        second = await till.sell([LINE], [cash("500.00")], sale_key=key)

        assert (first.pop("replayed"), second.pop("replayed")) == (False, True)
        assert first == second
        assert len(stage.account(till).documents) == 1

    async def test_the_same_sale_sent_five_times_at_once_is_one_sale(self, stage: Stage, till: Till) -> None:
        key = new_key()

        sales = await asyncio.gather(
            *(till.sell([LINE], [cash("500.00")], sale_key=key) for _ in range(AT_ONCE))
        )

        assert sorted(each["replayed"] for each in sales) == [False] + [True] * (AT_ONCE - 1)
        assert {each["sign"] for each in sales} == {stage.account(till).documents[0].sign}
        assert len(stage.account(till).documents) == 1

    async def test_another_body_under_a_known_key_is_refused(self, stage: Stage, till: Till) -> None:
        key = new_key()
        await till.sell([LINE], [cash("500.00")], sale_key=key)

        dearer = await refusal(till.sell([free_line("Нан", "211.00")], [cash("500.00")], sale_key=key))
        twice = await refusal(till.sell([LINE, LINE], [cash("500.00")], sale_key=key))

        assert (dearer, twice) == ("SALE_KEY_CONFLICT", "SALE_KEY_CONFLICT")
        assert len(stage.account(till).documents) == 1

    async def test_a_refused_sale_does_not_use_up_its_key(self, stage: Stage, till: Till) -> None:
        key = new_key()

        assert await refusal(till.sell([LINE], [cash("200.00")], sale_key=key)) == "SALE_UNDERPAID"
        sale = await till.sell([LINE], [cash("210.00")], sale_key=key)

        assert (sale["state"], sale["replayed"]) == ("FISCALIZED", False)

    async def test_keys_of_returns_and_of_cash_act_once_too(self, stage: Stage, till: Till) -> None:
        sale = await till.sell([free_line("Нан", "210.00", "2")], [cash("420.00")])
        return_key, cash_key = new_key(), new_key()
        one = [{"position": 1, "quantity": "1"}]

        backs = [await till.give_back(sale["id"], sale_key=return_key, lines=one) for _ in range(2)]
        moves = await asyncio.gather(
            *(till.move_cash(documents.DEPOSIT, "50.00", cash_key=cash_key) for _ in range(AT_ONCE))
        )

        assert [each["replayed"] for each in backs] == [False, True]
        assert backs[0]["id"] == backs[1]["id"]
        assert {each["id"] for each in moves} == {moves[0]["id"]}
        assert (
            await refusal(till.move_cash(documents.DEPOSIT, "51.00", cash_key=cash_key))
            == "SALE_KEY_CONFLICT"
        )
        assert [each.total for each in stage.account(till).documents] == [42000, 21000, 5000]

    async def test_keys_of_reports_act_once_too(self, stage: Stage, till: Till) -> None:
        await till.sell([LINE], [cash("210.00")])

        for document in (documents.X_REPORT, documents.CLOSE_SHIFT):
            key = new_key()
            asked = await asyncio.gather(*(till.report(document, key=key) for _ in range(AT_ONCE)))
            assert {each["id"] for each in asked} == {asked[0]["id"]}

        assert await refusal(till.report(documents.X_REPORT, key=key)) == "FISCAL_KEY_CONFLICT"
        assert not (await till.kkm())["shift"]["isOpen"]
