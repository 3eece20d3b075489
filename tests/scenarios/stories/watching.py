"""What others see of a sale: subscribers, buyers with the link, operators of the machine."""

from __future__ import annotations

import re

from simulators.till import documents
from simulators.till.shop import Till, cash, free_line
from simulators.till.socket import follow
from tests.scenarios.stage import Stage

LINE = free_line("Құрт", "480.00")
HTML = {"accept": "text/html"}
ADDRESS = re.compile(r"""https?://[^\s"'<>]+""")


class WatchingStories:
    """Subscriptions, pages, tools."""

    async def test_a_subscriber_hears_a_receipt_become_fiscal(self, stage: Stage, till: Till) -> None:
        await stage.simulator.refuse_connections()
        sale = await till.sell([LINE], [cash("480.00")])
        gateway = stage.house.address

        async with follow(
            gateway, till.client.token or "", documents.RECEIPT_STATUS, saleId=sale["id"]
        ) as status:
            first = await status.next()
            await stage.simulator.accept_connections()
            second = await status.next()
            end = await status.next()

        assert first is not None
        assert (first["state"], first["offlineNumber"]) == ("OFFLINE", sale["offlineNumber"])
        assert second is not None
        assert (second["state"], second["sign"]) == ("FISCALIZED", stage.account(till).documents[0].sign)
        assert end is None

    async def test_a_subscriber_hears_a_register_lose_and_find_its_link(
        self, stage: Stage, till: Till
    ) -> None:
        gateway = stage.house.address

        async with follow(
            gateway, till.client.token or "", documents.REGISTER_STATE, registerId=till.register_id
        ) as state:
            first = await state.next()
            await stage.simulator.refuse_connections()
            await till.sell([LINE], [cash("480.00")])
            lost = await state.until(link="OFFLINE")
            await stage.simulator.accept_connections()
            found = await state.until(link="ONLINE", undelivered=0)

        assert first is not None
        assert (first["link"], first["shift"]["isOpen"]) == ("ONLINE", False)
        assert (lost["undelivered"], found["shift"]["documents"]) == (1, 1)

    async def test_whoever_has_the_link_sees_the_receipt_and_nobody_else(
        self, stage: Stage, till: Till
    ) -> None:
        sale = await till.sell([LINE], [cash("480.00")])
        link = sale["receiptUrl"]

        async with stage.house.stranger() as buyer:
            page = await buyer.get(link, headers=HTML)
            guessed = await buyer.get(link[:-1] + ("A" if link[-1] != "A" else "B"), headers=HTML)

        assert page.status_code == 200
        assert "<svg" in page.text
        assert sale["sign"] in page.text
        assert "Құрт" in page.text
        assert guessed.status_code == 404
        assert sale["sign"] not in guessed.text

    async def test_an_operator_signs_in_by_pin_at_a_bound_till_and_sells_in_their_own_name(
        self, stage: Stage, till: Till
    ) -> None:
        owner = stage.shop.owner
        person = await owner.mutate(
            documents.CREATE_OPERATOR, input={"name": "Динара Омарова", "pin": "4812"}
        )
        binding = await owner.mutate(documents.BIND, registerId=till.register_id)
        device = await owner.mutate(documents.BE_BOUND, bindingToken=binding["bindingToken"])
        at = {"registerId": till.register_id}
        async with owner.with_token(device["deviceToken"]) as bound:
            session = await bound.mutate(
                documents.SIGN_IN_OPERATOR, **at, operatorId=person["id"], pin="4812"
            )
        cart = {"saleKey": documents.new_key(), **at, "lines": [LINE], "payments": [cash("480.00")]}
        async with owner.with_token(session["tokens"]["accessToken"]) as operator:
            sale = await operator.mutate(documents.REGISTER_SALE, input=cart, wait=5000)
            receipt = await operator.execute(documents.RECEIPT_TEXT, id=sale["id"], width=48)

        assert session["operator"]["name"] == "Динара Омарова"
        assert sale["state"] == "FISCALIZED"
        assert "Динара Омарова" in receipt["sale"]["receiptText"]

    async def test_pages_of_the_machine_answer_and_load_nothing_foreign(
        self, stage: Stage, till: Till
    ) -> None:
        await till.sell([LINE], [cash("480.00")])

        async with stage.house.stranger() as stranger:
            live = await stranger.get("/health/live")
            ready = await stranger.get("/health/ready")
            figures = await stranger.get("/metrics")
            page = await stranger.get("/graphql", headers=HTML)

        assert (live.status_code, ready.status_code) == (200, 200)
        assert set(ready.json()["checks"].values()) == {"ok"}
        assert "sauda_graphql_operations_total" in figures.text
        assert page.status_code == 200
        assert "graphiql" in page.text.lower()
        assert ADDRESS.findall(page.text) == []

    async def test_the_chain_of_every_register_is_whole(self, stage: Stage, till: Till) -> None:
        await till.sell([LINE], [cash("480.00")])

        code, output = await stage.house.command("journal", "verify")

        assert code == 0, output
        assert "0 lanes broken" in output
