"""The stand-in of a Kaspi Smart POS: codes, times and sums as the real one has them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from kernel.clock import FrozenClock
from simulators.smart_terminals.kaspi import KaspiTerminal
from simulators.smart_terminals.plan import Ending, Losing, Loss, Outcome
from simulators.smart_terminals.server import Place, build_kaspi, serving_kaspi


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(datetime(2026, 11, 20, 9, tzinfo=UTC))


@pytest.fixture
def terminal(clock: FrozenClock) -> KaspiTerminal:
    return KaspiTerminal(clock=clock)


@pytest.fixture
async def place(terminal: KaspiTerminal) -> AsyncIterator[Place]:
    async with serving_kaspi(terminal) as found:
        yield found


class Till:
    """A client of the terminal that trusts whatever certificate it shows."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.token = self.refresh = ""

    async def get(self, call: str, **query: object) -> dict[str, Any]:
        headers = {"accesstoken": self.token} if self.token else {}
        answer = await self.http.get(
            f"/v2/{call}", params={k: str(v) for k, v in query.items()}, headers=headers
        )
        found: dict[str, Any] = answer.json()
        return found

    async def admit(self, call: str = "register", **query: object) -> dict[str, Any]:
        answer = await self.get(call, name="KASSA-1", **query)
        data: dict[str, Any] = answer["data"]
        self.token, self.refresh = data["accessToken"], data["refreshToken"]
        return data

    async def pay(self, tenge: int = 1500) -> str:
        answer = await self.get("payment", amount=tenge, owncheque="false")
        number: str = answer["data"]["processId"]
        return number

    async def status(self, number: str, call: str = "status") -> dict[str, Any]:
        answer = await self.get(call, processId=number)
        data: dict[str, Any] = answer["data"]
        return data


@pytest.fixture
async def till(terminal: KaspiTerminal) -> AsyncIterator[Till]:
    transport = httpx.ASGITransport(build_kaspi(terminal))
    async with httpx.AsyncClient(transport=transport, base_url="https://terminal.test") as http:
        till = Till(http)
        await till.admit()
        yield till


@pytest.fixture
async def far_till(place: Place) -> AsyncIterator[Till]:
    """Over the network and TLS."""
    async with httpx.AsyncClient(base_url=place.address, verify=False) as http:
        till = Till(http)
        await till.admit()
        yield till


async def test_a_payment_goes_through_its_stages_and_ends(
    till: Till, terminal: KaspiTerminal, clock: FrozenClock
) -> None:
    number = await till.pay(1500)
    stages = []
    for _ in range(5):
        stages.append((await till.status(number))["subStatus"])
        clock.advance(timedelta(seconds=1))

    paid = await till.status(number)

    assert stages == ["Initialize", "WaitUser", "ProcessingCard", "WaitForPinCode", "CardTransactionSuccess"]
    assert (paid["status"], paid["chequeInfo"]["amount"]) == ("success", "1500 ₸")
    assert paid["transactionId"] == paid["chequeInfo"]["rrn"]
    assert terminal.journal.taken == 1500


async def test_only_one_operation_goes_on_and_a_second_one_is_a_breach(
    till: Till, terminal: KaspiTerminal, clock: FrozenClock
) -> None:
    await till.pay()

    busy = await till.get("payment", amount=10)
    clock.advance(timedelta(seconds=4))
    free = await till.get("payment", amount=10)

    assert busy["statusCode"] == 107
    assert free["statusCode"] == 0
    assert len(terminal.journal.breaches) == 1


async def test_an_unknown_outcome_is_asked_about_but_not_too_often(
    till: Till, terminal: KaspiTerminal, clock: FrozenClock
) -> None:
    terminal.plan.arm(Ending(Outcome.UNKNOWN, asks=1))
    number = await till.pay()
    clock.advance(timedelta(seconds=4))

    said = [(await till.status(number))["status"], (await till.status(number, "actualize"))["status"]]
    too_soon = await till.get("actualize", processId=number)
    clock.advance(timedelta(seconds=10))
    said.append((await till.status(number, "actualize"))["status"])
    clock.advance(timedelta(seconds=10))
    over = await till.get("actualize", processId=number)

    assert said == ["unknown", "unknown", "success"]
    assert (too_soon["statusCode"], over["statusCode"]) == (103, 103)
    assert (terminal.journal.taken, len(terminal.journal.breaches)) == (1500, 1)


async def test_a_process_without_an_end_is_forgotten_although_money_moved(
    till: Till, terminal: KaspiTerminal, clock: FrozenClock
) -> None:
    terminal.plan.arm(Ending(Outcome.FORGET))
    number = await till.pay()
    clock.advance(timedelta(seconds=119))
    waiting = await till.status(number)
    clock.advance(timedelta(seconds=1))

    assert waiting["status"] == "wait"
    assert (await till.get("status", processId=number))["statusCode"] == 101
    assert terminal.journal.taken == 1500


@pytest.mark.parametrize(
    ("outcome", "words"), [(Outcome.DECLINE, "CardTransactionFailure"), (Outcome.CANCEL, "ProcessCancelled")]
)
async def test_a_no_takes_nothing(
    till: Till, terminal: KaspiTerminal, clock: FrozenClock, outcome: Outcome, words: str
) -> None:
    terminal.plan.arm(Ending(outcome))
    number = await till.pay()
    clock.advance(timedelta(seconds=4))

    refused = await till.status(number)

    assert (refused["status"], refused["subStatus"], terminal.journal.taken) == ("fail", words, 0)


@pytest.mark.parametrize("method", ["card", "qr"])
async def test_a_refund_gives_back_what_was_paid_and_no_more(
    till: Till, terminal: KaspiTerminal, clock: FrozenClock, method: str
) -> None:
    terminal.plan.arm(Ending(method=method))
    number = await till.pay(1500)
    clock.advance(timedelta(seconds=4))
    reference = (await till.status(number))["transactionId"]

    ends = []
    for tenge, what in ((1000, reference), (501, reference), (1, "nothing"), (500, reference)):
        asked = await till.get("refund", amount=tenge, method=method, transactionId=what)
        clock.advance(timedelta(seconds=4))
        ends.append((await till.status(asked["data"]["processId"]))["status"])

    assert ends == ["success", "fail", "fail", "success"]
    assert terminal.journal.taken == 0


@pytest.mark.parametrize("amount", ["0", "-1", "12.5", "9999999999", "", "１２"])
async def test_only_whole_positive_tenge(till: Till, amount: str) -> None:
    assert (await till.get("payment", amount=amount))["statusCode"] == 999


async def test_tokens_end_and_are_renewed_with_the_current_one(
    till: Till, terminal: KaspiTerminal, clock: FrozenClock
) -> None:
    old = till.refresh
    renewed = await till.admit("revoke", refreshToken=till.refresh)
    wrong = await till.get("revoke", name="KASSA-1", refreshToken=old)
    clock.advance(timedelta(hours=24))
    late = await till.get("deviceinfo")
    terminal.is_allowing = False
    stranger = await till.get("register", name="KASSA-2")

    assert renewed["expirationDate"] == "Nov 21, 2026 09:00:00"
    assert (wrong["statusCode"], late["statusCode"], stranger["statusCode"]) == (105, 401, 100)


@pytest.mark.parametrize("loss", [Loss.CUT_BEFORE, Loss.CUT_AFTER])
async def test_a_lost_answer_leaves_the_client_without_a_number(
    far_till: Till, terminal: KaspiTerminal, loss: Loss
) -> None:
    terminal.plan.arm(Losing(loss, on="payment"))

    await far_till.get("deviceinfo")
    with pytest.raises(httpx.RemoteProtocolError):
        await far_till.pay()

    assert len(terminal.journal.operations) == (loss is Loss.CUT_AFTER)


async def test_it_can_be_away_and_come_back_and_its_panel_stays(far_till: Till, place: Place) -> None:
    async with httpx.AsyncClient(base_url=place.panel) as panel:
        await panel.post("/control", json={"action": "refuse"})
        with pytest.raises(httpx.TransportError):
            await far_till.get("deviceinfo")
        away = (await panel.get("/ledger")).json()["is_accepting"]
        await panel.post("/control", json={"action": "accept"})

    assert away is False
    assert (await far_till.get("deviceinfo"))["data"]["terminalId"] == "31452963"


async def test_the_certificate_is_the_one_whose_fingerprint_was_told(place: Place) -> None:
    host, port = place.address.removeprefix("https://").split(":")

    shown = await asyncio.to_thread(ssl.get_server_certificate, (host, int(port)))
    certificate = x509.load_pem_x509_certificate(shown.encode())

    assert certificate.fingerprint(hashes.SHA256()).hex() == place.fingerprint


async def test_error_numbers_may_come_as_http_status(terminal: KaspiTerminal) -> None:
    """What a client of such a device really gets: for 107 an informational answer and then nonsense."""
    async with (
        serving_kaspi(terminal, has_codes_as_status=True) as place,
        httpx.AsyncClient(base_url=place.address, verify=False) as http,
    ):
        till = Till(http)
        await till.admit()
        await till.pay()
        with pytest.raises(httpx.RemoteProtocolError):
            await till.pay()
        missing = await till.get("payment")

    assert missing["statusCode"] == 999
