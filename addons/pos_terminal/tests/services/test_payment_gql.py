"""Card operations as programs see them."""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta
from typing import Any

import pytest

from addons.pos_terminal.api import GoesOn
from addons.pos_terminal.tests.counter import BINS, Counter, furnish, open_counter
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.ids import new_id

SHOWN = """id state stage fiscalState amount approvedAmount maskedNumber rrn tender bankingDay undoUntil
  saleId note refusal { code } attention { code } terminal { title }
  events { number kind source state details { name value } } undoings { id kind state }"""
FIELDS = f"__typename ... on Refused {{ code message nextAction field }} ... on CardOperation {{ {SHOWN} }}"
WAIT_S = 60.0
START = f"mutation($input: StartCardPaymentInput!) {{ startCardPayment(input: $input) {{ {FIELDS} }} }}"
READ = f"query($id: ID!) {{ cardOperation(id: $id) {{ {SHOWN} }} }}"
BY_KEY = "query($key: UUID!) { cardOperationByKey(key: $key) { id state } }"
LIST = """query($filter: CardOperationFilter) {
  cardOperations(filter: $filter, first: 10) { nodes { id state } } }"""
VOID = f"""mutation($key: UUID!, $id: ID!) {{
  voidCardPayment(operationKey: $key, operationId: $id) {{ {FIELDS} }} }}"""
CANCEL = f"mutation($id: ID!) {{ cancelCardPayment(operationId: $id) {{ {FIELDS} }} }}"
PRESENT = """mutation($input: PresentCardInput!) { presentCard(input: $input) {
  __typename ... on Refused { code } ... on CardPresented { operationId } } }"""
REGISTER = """query($id: ID!) { node(id: $id) { ... on Register { card { terminals { waitingReversals
  terminal { title } operation { id stage note } } } } } }"""
TASKS = "subscription($id: ID!) { terminalTasks(terminalId: $id) { tasks { operationId amount } } }"
FOLLOW_ALL = "subscription { cardsChanged }"
FOLLOW_REGISTER = "subscription($id: ID!) { cardOperationChanged(registerId: $id) { id state } }"
AMBIGUOUS = "subscription { cardOperationChanged { id } }"
FOLLOW = "subscription($id: ID!) { cardOperationChanged(operationId: $id) { state stage } }"


def asked(counter: Counter, driver: str, amount: str, **changes: Any) -> dict[str, Any]:
    return {
        "paymentKey": new_id(),
        "registerId": to_global("Register", counter.register_id),
        "terminalId": to_global("CardTerminal", counter.terminals[driver]),
        "amount": amount,
        **changes,
    }


async def test_a_payment_is_followed_from_the_till_and_taken_back() -> None:
    async with open_counter() as counter:
        counter.drivers["smart"].script.append(GoesOn(500, "wait_pin", {"process": "7"}))
        given = asked(counter, "smart", "1500.00")

        started, again = await counter.ask(START, input=given), await counter.ask(START, input=given)
        assert started["id"] == again["id"]
        assert started["stage"] == "WAITING"
        other = await counter.ask(START, input={**given, "amount": "1600.00"})
        assert other["code"] == "CARD_KEY_CONFLICT"

        await counter.work()
        place = await counter.ask(REGISTER, id=given["registerId"])
        (busy,) = [each for each in place["card"]["terminals"] if each["operation"]]
        assert busy["operation"] == {"id": started["id"], "stage": "ENTER_PIN", "note": "wait_pin"}

        counter.clock.advance(timedelta(seconds=1))
        counter.drivers["smart"].bank.taken[counter.drivers["smart"].orders[0].operation_id] = 150_000
        await counter.work()
        paid = await counter.ask(READ, id=started["id"])
        assert (paid["state"], paid["stage"], paid["tender"]) == ("APPROVED", "MAKE_RECEIPT", "CARD")
        assert paid["undoUntil"] == "2026-01-15T17:28:00.000Z"
        assert [event["kind"] for event in paid["events"]] == ["Started", "Turned", "Answered", "Answered"]
        assert (await counter.ask(BY_KEY, key=given["paymentKey"]))["id"] == started["id"]

        taken_back = await counter.ask(VOID, key=new_id(), id=started["id"])
        await counter.work()
        assert (await counter.ask(READ, id=taken_back["id"]))["state"] == "APPROVED"
        gone = await counter.ask(READ, id=started["id"])
        assert gone["state"] == "REFUNDED"
        assert [each["id"] for each in gone["undoings"]] == [taken_back["id"]]
        found = await counter.ask(LIST, filter={"state": "REFUNDED"})
        assert [each["id"] for each in found["nodes"]] == [started["id"]]


async def test_a_refusal_says_what_to_do_in_the_callers_language() -> None:
    async with open_counter() as counter:
        refused = await counter.ask(START, input=asked(counter, "smart", "649.50"))

        assert refused["code"] == "TERMINAL_WHOLE_TENGE"
        assert refused["field"] == "amount"
        assert "649.00" in refused["nextAction"]
        assert "650.00" in refused["nextAction"]


async def test_a_page_of_cards_hears_that_something_changed_at_its_company() -> None:
    async with open_counter() as counter:
        news = await _subscribe(counter, FOLLOW_ALL)
        told = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0)  # let it listen

        await counter.ask(START, input=asked(counter, "host", "700.00"))
        async with asyncio.timeout(WAIT_S):
            assert await told


async def test_a_device_hears_of_its_task_and_the_till_of_the_outcome() -> None:
    async with open_counter() as counter:
        device = counter.as_(permissions=frozenset({"pos_terminal.present_card", "pos_terminal.view"}))
        tasks = await _subscribe(device, TASKS, id=to_global("CardTerminal", counter.terminals["host"]))
        assert (await anext(tasks))["tasks"] == []

        started = await counter.ask(START, input=asked(counter, "host", "700.00"))
        assert (await anext(tasks))["tasks"] == [{"operationId": started["id"], "amount": "700.00"}]
        news = await _subscribe(counter, FOLLOW, id=started["id"])
        assert (await anext(news))["stage"] == "SHOW_CARD"

        card = {
            "operationId": started["id"],
            "entryMode": "CONTACTLESS",
            "track": base64.b64encode(b"\x01sealed").decode(),
        }
        shown = await device.ask(PRESENT, input=card)
        assert shown["operationId"] == started["id"]
        await counter.work()
        assert (await anext(news))["state"] in ("QUEUED", "SENT", "APPROVED")
        late = await counter.ask(CANCEL, id=started["id"])
        assert late["code"] == "CARD_ALREADY_APPROVED"


async def test_a_register_is_followed_and_nothing_but_it() -> None:
    async with open_counter() as counter:
        register = to_global("Register", counter.register_id)
        news = await _subscribe(counter, FOLLOW_REGISTER, id=register)
        heard = asyncio.create_task(anext(news))
        far = await furnish(counter.app, BINS[1])  # meanwhile it listens
        await far.pay("blind")
        paid = await counter.pay("blind")

        assert (await heard)["id"] == to_global("CardOperation", paid.id)
        refused = await _subscribe(counter, AMBIGUOUS)
        with pytest.raises(AssertionError, match="CARD_SUBSCRIPTION_AMBIGUOUS"):
            await anext(refused)


async def test_another_company_sees_nothing_of_an_operation() -> None:
    async with open_counter() as counter:
        paid = await counter.pay("blind")
        stranger = await furnish(counter.app, BINS[1])
        far = counter.as_(register_ids=frozenset({new_id()}))

        for who in (stranger, far):
            assert await who.ask(READ, id=to_global("CardOperation", paid.id)) is None
            assert await who.ask(BY_KEY, key=paid.payment_key) is None
            assert (await who.ask(LIST, filter={}))["nodes"] == []
        refused = await stranger.ask(CANCEL, id=to_global("CardOperation", paid.id))
        assert refused["code"] == "CARD_OPERATION_UNKNOWN"


async def _subscribe(counter: Counter, document: str, **variables: Any) -> Any:
    """What the only field of a subscription says, one after the other."""
    context = GqlContext(counter.app, counter.principal, request_id="test", language="ru")
    stream: Any = await counter.app.schema.subscribe(
        document, variable_values=variables, context_value=context
    )

    async def told() -> Any:
        async for result in stream:
            assert result.errors is None, result.errors
            (value,) = result.data.values()
            yield value

    return told()
