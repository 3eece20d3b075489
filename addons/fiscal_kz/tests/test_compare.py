"""After a replay both sides are compared: differences are kept and shown, nothing of ours is changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from addons.fiscal_kz.tests.shop import Shop, open_shop
from addons.fiscal_kz.tests.test_refused import act, refused, stop_the_queue
from kernel.gql.ids import to_global

COMPARISONS = """query($id: ID!) { counterComparisons(registerId: $id) {
  at shiftNumber isEqual isExplained differences { counter ours theirs explained isExplained } } }"""
HANDLED = """query($id: ID!) { handledDocuments(registerId: $id) {
  documentId kind documentNumber total resultCode reason handledBy } }"""
COMPARE = """mutation($id: ID!) { compareCounters(registerId: $id) {
  __typename ... on Kkm { drawer } ... on Refused { code nextAction } } }"""


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


async def ask(shop: Shop, query: str) -> Any:
    return await shop.ask(query, id=to_global("Register", shop.register_id))


async def board(shop: Shop) -> list[str]:
    return [row["code"] for row in await shop.rows("SELECT code FROM org_status")]


async def test_an_outage_that_left_nothing_behind_is_compared_and_equal(shop: Shop) -> None:
    shop.ofd.is_down = True
    await shop.sell()
    shop.ofd.is_down = False
    await shop.later()

    (compared,) = await ask(shop, COMPARISONS)

    assert (compared["isEqual"], compared["differences"]) == (True, [])
    assert await board(shop) == []


async def test_a_difference_is_shown_and_nothing_of_ours_changes(shop: Shop) -> None:
    await shop.sell()
    shop.account.drawer += 5
    shop.account.ticket_counts[2] += 1
    before = (await shop.record()).state.counters

    asked = await ask(shop, COMPARE)
    await shop.work()

    (compared,) = await ask(shop, COMPARISONS)
    assert asked["__typename"] == "Kkm"
    assert (compared["isEqual"], compared["isExplained"]) == (False, False)
    assert {
        "counter": "life.drawer",
        "ours": "200.00",
        "theirs": "200.05",
        "explained": "0.00",
        "isExplained": False,
    } in compared["differences"]
    assert ("life.n.SELL", "1", "2") in [
        (each["counter"], each["ours"], each["theirs"]) for each in compared["differences"]
    ]
    assert (await shop.record()).state.counters == before
    assert await board(shop) == ["KKM_COUNTERS_DIFFER"]


async def test_what_was_marked_handled_explains_its_difference(shop: Shop) -> None:
    await stop_the_queue(shop)
    document_id = (await refused(shop))["documentId"]
    await act(shop, "markHandled", document_id)
    await shop.work()

    newest = (await ask(shop, COMPARISONS))[0]
    (handled,) = await ask(shop, HANDLED)

    assert (newest["isEqual"], newest["isExplained"]) == (False, True)
    drawer = next(each for each in newest["differences"] if each["counter"] == "life.drawer")
    assert (drawer["ours"], drawer["theirs"], drawer["explained"]) == ("600.00", "400.00", "200.00")
    assert (handled["documentId"], handled["documentNumber"], handled["resultCode"]) == (document_id, "1", 13)
    assert handled["reason"]
    assert await board(shop) == []


async def test_while_documents_wait_there_is_nothing_to_compare(shop: Shop) -> None:
    shop.ofd.is_down = True
    await shop.sell()

    refusal = await ask(shop, COMPARE)

    assert refusal["code"] == "KKM_OFFLINE"
    assert refusal["nextAction"]
    assert await ask(shop, COMPARISONS) == []
