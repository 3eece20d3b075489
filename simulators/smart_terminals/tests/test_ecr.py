"""The stand-in of a bank's terminal in cash register mode, and the panel that both have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from simulators.serving import Served
from simulators.smart_terminals.ecr import EcrTerminal
from simulators.smart_terminals.panel import build_panel
from simulators.smart_terminals.plan import Ending, Losing, Loss, Outcome, Plan
from simulators.smart_terminals.server import Place, build_ecr, serving_ecr

AT_ONCE = 0


@pytest.fixture
def terminal() -> EcrTerminal:
    return EcrTerminal(plan=Plan(usual=Ending(customer_ms=AT_ONCE)))


@pytest.fixture
async def place(terminal: EcrTerminal) -> AsyncIterator[Place]:
    async with serving_ecr(terminal) as found:
        yield found


@pytest.fixture
async def panel(terminal: EcrTerminal) -> AsyncIterator[httpx.AsyncClient]:
    served = Served(build_ecr(terminal), "127.0.0.1", 0, None)
    transport = httpx.ASGITransport(build_panel(terminal, served))
    async with httpx.AsyncClient(transport=transport, base_url="http://panel.test") as client:
        yield client


async def post(terminal: EcrTerminal, task: str, **data: object) -> httpx.Response:
    """To the application itself, without a network."""
    transport = httpx.ASGITransport(build_ecr(terminal))
    async with httpx.AsyncClient(transport=transport, base_url="http://terminal.test") as client:
        return await client.post("/", json={"task": task, "data": data})


async def ask(terminal: EcrTerminal, task: str, **data: object) -> dict[str, Any]:
    found: dict[str, Any] = (await post(terminal, task, **data)).json()["data"]
    return found


async def test_a_purchase_and_its_refund(terminal: EcrTerminal) -> None:
    paid = await ask(terminal, "purchase", amount=1500)
    back = await ask(terminal, "refund", amount=600, tagRRN=paid["tagRRN"])
    more = await ask(terminal, "refund", amount=901, tagRRN=paid["tagRRN"])

    assert [each["result"] for each in (paid, back, more)] == [0, 0, 1]
    assert paid["terminalId"] == terminal.terminal_id
    assert terminal.journal.taken == 900


async def test_the_call_blocks_another_is_busy_and_a_cancel_ends_it(terminal: EcrTerminal) -> None:
    terminal.plan.arm(Ending(Outcome.HOLD))
    waiting = asyncio.create_task(ask(terminal, "purchase", amount=10))
    while not terminal.journal.operations:  # noqa: ASYNC110 - until it has begun
        await asyncio.sleep(0.001)

    busy = await ask(terminal, "purchase", amount=11)
    stopped = await ask(terminal, "cancel")

    assert [busy["result"], stopped["result"], (await waiting)["result"]] == [1008, 1010, 1010]
    assert (await ask(terminal, "cancel"))["result"] == -240
    assert (await ask(terminal, "status"))["result"] == -240
    assert (terminal.journal.taken, len(terminal.journal.breaches)) == (0, 1)


@pytest.mark.parametrize("loss", [Loss.EMPTY, Loss.GARBAGE])
async def test_an_answer_that_says_nothing_but_the_money_is_taken(terminal: EcrTerminal, loss: Loss) -> None:
    terminal.plan.arm(Losing(loss, on="purchase"))

    answer = await post(terminal, "purchase", amount=5)

    assert (answer.status_code, answer.text) == (200, "" if loss is Loss.EMPTY else "<html>")
    assert terminal.journal.taken == 5


async def test_a_broken_connection_leaves_the_money_taken(terminal: EcrTerminal, place: Place) -> None:
    terminal.plan.arm(Losing(Loss.CUT_AFTER, on="purchase"))

    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post(place.address, json={"task": "purchase", "data": {"amount": 5}})

    assert terminal.journal.taken == 5


async def test_an_operation_goes_on_when_its_client_is_gone(terminal: EcrTerminal, place: Place) -> None:
    terminal.plan.arm(Ending(Outcome.HOLD))
    async with httpx.AsyncClient(timeout=httpx.Timeout(30, read=0.1)) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.post(place.address, json={"task": "purchase", "data": {"amount": 7}})

    while not terminal.journal.operations:  # noqa: ASYNC110 - until it has begun
        await asyncio.sleep(0.001)
    terminal.decide(Outcome.APPROVE)
    while terminal.journal.operations[0].result == "waiting":  # noqa: ASYNC110 - until it is done
        await asyncio.sleep(0.001)

    assert terminal.journal.taken == 7


async def test_it_does_not_know_and_answers_nothing(terminal: EcrTerminal) -> None:
    terminal.plan.arm(Ending(Outcome.UNKNOWN, customer_ms=AT_ONCE, is_charged=False))

    answer = await post(terminal, "purchase", amount=7)

    assert (answer.status_code, answer.text, terminal.journal.taken) == (200, "", 0)


@pytest.mark.parametrize("amount", [0, -5, 1.5, "7", True, None, 10**10])
async def test_only_whole_positive_tenge(terminal: EcrTerminal, amount: object) -> None:
    assert (await ask(terminal, "purchase", amount=amount))["result"] == 1


@pytest.mark.parametrize(("language", "word"), [("ru", "одобрено"), ("kk", "мақұлданды"), ("en", "approved")])
async def test_the_panel_shows_what_happened(
    terminal: EcrTerminal, panel: httpx.AsyncClient, language: str, word: str
) -> None:
    await ask(terminal, "purchase", amount=1234)

    page = await panel.get(f"/?lang={language}")
    ledger = (await panel.get("/ledger")).json()

    assert "1234" in page.text
    assert word in page.text
    assert (ledger["taken"], ledger["operations"][0]["result"]) == (1234, "approved")
    assert ledger["is_accepting"] is False


@pytest.mark.parametrize(
    "command",
    [
        [],
        {"action": "dance"},
        {"action": "ending", "outcome": "perhaps"},
        {"action": "ending", "outcome": "approve", "times": 0},
        {"action": "ending", "outcome": "approve", "times": "1"},
        {"action": "losing"},
        {"action": "losing", "loss": "cut_after", "colour": "red"},
        {"action": "decide", "outcome": "approve"},
        {"action": "expire_tokens"},
    ],
)
async def test_a_command_that_makes_no_sense_is_refused_in_words(
    panel: httpx.AsyncClient, command: object
) -> None:
    answer = await panel.post("/control", json=command)

    assert answer.status_code == 400
    assert answer.json()["error"]
