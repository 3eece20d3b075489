"""Cards at the till in Chromium, with a terminal that is played: what it took is what the tax side and the
console have, a no of the bank stays a no, and money without a receipt is offered again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Route

from simulators.demo.stage import EMAIL, FIRST_OFD_ID
from simulators.demo.story import CASHIER_PIN as PIN
from simulators.serving import serving
from simulators.smart_terminals.kaspi import KaspiTerminal
from simulators.smart_terminals.plan import Ending, Outcome, Plan
from simulators.smart_terminals.server import build_kaspi, make_tls
from tests.browser.scene import Scene
from tests.browser.test_till import CREATE_OPERATOR, PHONE, WIDE, Till, _serious, opened

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CUSTOMER_MS = 400
SENIOR = "Гүлнар Ибраева"
SLOW_MS = 8_000  # the card is asked for between a quarter and a half of it
REGISTER = "query { registers(first: 1) { nodes { id } } outlets(first: 1) { nodes { id } } }"
CONTRACT = """mutation ($input: AcquirerContractInput!) { setAcquirerContract(input: $input) {
  __typename ... on AcquirerContract { id } ... on Refused { code message } } }"""
CONNECT = """mutation ($contract: ID!, $place: TerminalPlaceInput!, $address: String!) {
  connectTerminal(contractId: $contract, place: $place, address: $address) {
    __typename ... on CardTerminal { id } ... on Refused { code message } } }"""
PAIR = """mutation ($id: ID!) { pairTerminal(id: $id) {
  __typename ... on TerminalCheck { isSame } ... on Refused { code message } } }"""
CLOSE = "mutation ($id: ID!) { closeTerminal(id: $id) { __typename ... on Refused { code message } } }"


@asynccontextmanager
async def bound(scene: Scene) -> AsyncIterator[KaspiTerminal]:
    """A Kaspi terminal at the demo's register while inside."""
    owner: Any = scene.story.shop.owner  # type: ignore[union-attr]
    device = KaspiTerminal(plan=Plan(usual=Ending(customer_ms=CUSTOMER_MS)))
    tls, _ = make_tls(device.clock.now())
    async with serving(build_kaspi(device), tls=tls) as served:
        found = await owner.execute(REGISTER)
        place = {
            "registerId": found["registers"]["nodes"][0]["id"],
            "outletId": found["outlets"]["nodes"][0]["id"],
            "title": "Kaspi",
        }
        terms = {"tariffs": [{"ratePpm": 12_900}]}
        given = {"title": "Kaspi", "driver": "kaspi_smartpos", "terms": terms}
        contract = (await owner.execute(CONTRACT, input=given))["setAcquirerContract"]["id"]
        address = f"https://127.0.0.1:{served.port}"
        asked = {"contract": contract, "place": place, "address": address}
        terminal = (await owner.execute(CONNECT, **asked))["connectTerminal"]["id"]
        assert (await owner.execute(PAIR, id=terminal))["pairTerminal"]["isSame"]
        try:
            yield device
        finally:
            closed = await owner.execute(CLOSE, id=terminal)  # other stories take cards outside of the till
        assert closed["closeTerminal"]["__typename"] == "CardTerminal", closed


async def unanswered(route: Route) -> None:
    """Who asks what became of a payment hears nothing; everything else goes its way."""
    if "query TillCardOperation" not in (route.request.post_data or ""):
        await route.fallback()


async def rung_up(till: Till) -> None:
    """Two goods in the cart, and the card dialog open."""
    await till.page.click(".tiles li:nth-child(3) button")
    await till.page.click(".tiles li:nth-child(5) button")
    await till.page.wait_for_function("document.querySelectorAll('.lines li').length === 2")
    await till.page.keyboard.press("F8")
    await till.page.click("dialog button.primary")
    await till.eyes.wait_for("dialog .card-ways button.primary")


async def test_card_is_declined_then_taken_and_stands_in_the_console(scene: Scene) -> None:
    documents = scene.stage.simulator.ledger.documents
    before = len(documents(FIRST_OFD_ID))
    async with bound(scene) as device, opened(scene, WIDE) as till:
        page = till.page
        await till.enrol()
        await page.route("**/graphql", unanswered)  # what becomes of a payment is told, not asked for
        await rung_up(till)
        await till.accessible()
        device.plan.arm(Ending(Outcome.HOLD, customer_ms=SLOW_MS))
        await page.keyboard.press("Enter")
        await till.eyes.wait_for(".card-live:has-text('Приложите карту')")
        await till.accessible()
        device.decide(Outcome.DECLINE)
        await till.eyes.wait_for(".problem:has-text('Карта не принята')")
        await page.click("dialog .card-ways button.primary")
        await till.eyes.wait_for(".receipt")

        await page.unroute_all(behavior="ignoreErrors")
        (sale,) = await till.kept()
        declined, taken = device.journal.operations
        assert (declined.moved, taken.moved * 100) == (0, sale["total"])
        assert sale["state"] == "DONE"
        assert len(sale["payments"][0]["operationIds"]) == 1
        assert len(documents(FIRST_OFD_ID)) == before + 1
        await till.eyes.go("/console/login")
        await page.fill("input[type=email]", EMAIL)
        await page.fill("input[type=password]", scene.stage.password)
        await page.keyboard.press("Enter")
        await till.eyes.wait_for(".sidebar")
        for width in (WIDE, PHONE):
            await page.set_viewport_size(width)  # type: ignore[arg-type]
            await till.eyes.go("/console/cards/operations")
            await till.eyes.wait_for(f"text={taken.card_mask}")
            assert await till.eyes.findings() == []
            wider = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            assert not wider, "the page must not scroll sideways"
        await till.eyes.go(f"/console/sales/{quote(sale['result']['id'])}")
        await till.eyes.wait_for(f"text=RRN {taken.rrn}")
        assert _serious(till) == []


async def test_two_cards_and_cash_pay_one_receipt_and_get_it_back(scene: Scene) -> None:
    owner: Any = scene.story.shop.owner  # type: ignore[union-attr]
    await owner.execute(CREATE_OPERATOR, input={"name": SENIOR, "pin": PIN, "role": "SENIOR_CASHIER"})
    async with bound(scene) as device, opened(scene, WIDE) as till:
        page = till.page
        await till.enrol(SENIOR)
        await page.click(".tiles li:nth-child(3) button")
        await page.click(".tiles li:nth-child(5) button")
        await page.keyboard.press("F8")
        await page.click(".segments button:nth-child(4)")
        await page.fill(".part:nth-child(1) input", "100")  # cash
        await page.click(".part:nth-child(2) button")  # the rest by card
        await page.click("dialog button.primary")
        await page.click("dialog summary")
        await page.fill("dialog details input", "300")
        await page.click("dialog .card-ways button.primary")
        await till.eyes.wait_for(".choices li:has-text('300 ₸')")
        await page.click("dialog .card-ways button.primary")
        await till.eyes.wait_for(".receipt")

        (sale,) = await till.kept()
        card = next(each for each in sale["payments"] if each["kind"] == "CARD")
        assert len(card["operationIds"]) == 2
        assert device.journal.taken * 100 == card["amount"]
        assert card["amount"] == sale["total"] - 100_00
        await till.go_on()

        await page.keyboard.press("F7")
        await page.fill("dialog input", sale["result"]["sign"])
        await page.keyboard.press("Enter")
        await till.eyes.wait_for("dialog .check:has-text('на карту')")
        await till.accessible()
        await page.click("dialog .row button.primary")
        await till.eyes.wait_for(".receipt")
        assert device.journal.taken == 0
        assert device.journal.breaches == []
        await till.go_on()

        await page.click(".top .quiet")
        await page.click("dialog button:has-text('не пробивая чек')")
        await page.fill("dialog input", "250")
        await page.keyboard.press("Enter")
        await till.eyes.wait_for("dialog .card-ways button.primary")
        await page.click("dialog .card-ways button.primary")
        await till.eyes.wait_for(".note:has-text('Оплачено картой 250')")
        assert device.journal.taken == 250
        assert len(await till.kept()) == 1, "no receipt was made of it"
        assert _serious(till) == []


async def test_receipt_that_was_refused_is_made_with_the_same_payment(scene: Scene) -> None:
    refused: list[str] = []

    async def refuse_once(route: Route) -> None:
        asked = route.request.post_data or ""
        if refused or "registerSale" not in asked:
            await route.fallback()
            return
        refused.append(asked)
        answer = {"__typename": "Refused", "code": "SHIFT_OVERDUE", "message": "Смена", "nextAction": None}
        await route.fulfill(json={"data": {"answer": answer}})

    async with bound(scene) as device, opened(scene, WIDE) as till:
        page = till.page
        await till.enrol()
        await page.route("**/graphql", refuse_once)
        await rung_up(till)
        await page.click("dialog .card-ways button.primary")
        await till.eyes.wait_for("dialog:has-text('С карты уже списано')")
        await till.accessible()
        await page.click("dialog button.primary")
        await till.eyes.wait_for(".receipt")

        sale = max(await till.kept(), key=lambda each: each["at"])
        assert len(device.journal.operations) == 1, "the card is charged once"
        assert device.journal.taken * 100 == sale["total"]
        assert sale["payments"][0]["operationIds"][0] in refused[0]
        assert sale["state"] == "DONE"


async def test_tiyn_the_terminal_cannot_take_are_offered_in_cash(scene: Scene) -> None:
    async with bound(scene) as device, opened(scene, WIDE) as till:
        page = till.page
        await till.enrol()
        await page.click(".tiles li:nth-child(3) button")
        await page.click(".tiles li:nth-child(5) button")
        await page.keyboard.press("F8")
        await page.click(".segments button:nth-child(4)")
        await page.fill(".part:nth-child(1) input", "100,50")  # cash
        await page.click(".part:nth-child(2) button")  # the rest by card
        await page.click("dialog button.primary")
        await till.eyes.wait_for("dialog .problem:has-text('только целые тенге')")
        assert await page.is_disabled("dialog .card-ways button.primary")
        await till.accessible()
        await page.click("dialog .problem button:has-text('0,50 ₸ наличными')")
        await page.click("dialog .card-ways button.primary:not([disabled])")
        await till.eyes.wait_for(".receipt")

        (sale,) = await till.kept()
        paid = {each["kind"]: each["amount"] for each in sale["payments"]}
        assert paid == {"CASH": 101_00, "CARD": sale["total"] - 101_00}
        assert device.journal.taken * 100 == paid["CARD"]
        assert _serious(till) == []


async def test_old_keys_are_updated_by_the_cashier_and_the_payment_goes_on(scene: Scene) -> None:
    """What a host's terminal would say is played; the payment after it is a real one."""
    told: list[str] = []
    keys = {"__typename": "CardTerminalKeys", "isFresh": False, "updateState": "QUEUED"}
    played = {
        "mutation TillStartCard": {
            "answer": {
                "__typename": "Refused",
                "code": "TERMINAL_KEYS_OLD",
                "message": "Ключи",
                "nextAction": None,
            }
        },
        "mutation TillUpdateKeys": {"answer": keys},
        "query TillCardKeys": {
            "cardTerminalKeys": {"isFresh": True, "updateState": "DONE", "updateRefusal": None}
        },
    }

    async def play(route: Route) -> None:
        asked = next((each for each in played if each in (route.request.post_data or "")), None)
        if asked is None or asked in told:
            await route.fallback()
            return
        told.append(asked)
        await route.fulfill(json={"data": played[asked]})

    async with bound(scene) as device, opened(scene, WIDE) as till:
        page = till.page
        await till.enrol()
        await page.route("**/graphql", play)
        await rung_up(till)
        await page.click("dialog .card-ways button.primary")
        await till.eyes.wait_for("dialog button:has-text('Обновить ключи')")
        await till.accessible()
        assert device.journal.operations == [], "no payment leaves without keys"
        await page.click("dialog button:has-text('Обновить ключи')")
        await till.eyes.wait_for(".receipt")

        (sale,) = await till.kept()
        assert told == list(played)
        assert device.journal.taken * 100 == sale["total"]
        assert _serious(till) == []


async def test_payment_goes_on_after_the_till_was_closed_in_the_middle(scene: Scene) -> None:
    async with bound(scene) as device, opened(scene, PHONE) as till:
        page = till.page
        await page.route_web_socket("**/graphql", lambda socket: socket.close())  # asking is left
        await page.reload()
        await till.enrol()
        device.plan.arm(Ending(Outcome.HOLD))
        await rung_up(till)
        await page.click("dialog .card-ways button.primary")
        await till.eyes.wait_for(".card-live[data-state=SENT]")
        await page.reload()
        await till.eyes.wait_for("dialog:has-text('Оплата картой без чека')")
        await till.accessible()
        await page.click("dialog button.primary")
        await till.eyes.wait_for(".card-live")
        device.decide(Outcome.APPROVE)
        await till.eyes.wait_for(".receipt")

        (sale,) = await till.kept()
        (taken,) = device.journal.operations
        assert taken.moved * 100 == sale["total"]
        assert sale["state"] == "DONE"
        assert _serious(till) == []
