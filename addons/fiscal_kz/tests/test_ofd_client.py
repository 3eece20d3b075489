"""The client over real sockets against the simulator: one deadline, same bytes, three outcomes, one kept
connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from addons.fiscal_kz.adapters import ofd_client
from addons.fiscal_kz.adapters.ofd_client import OfdClient
from addons.fiscal_kz.adapters.ofd_wire import OfdWire
from addons.fiscal_kz.domain.bodies import CashBody
from addons.fiscal_kz.domain.card import KkmCard
from addons.fiscal_kz.domain.facts import Numbers
from addons.fiscal_kz.domain.kinds import Placement
from addons.fiscal_kz.domain.ways import Way
from addons.fiscal_kz.services.ports import OfdAnswered, OfdLost, Shipment
from addons.fiscal_kz.tests.patience import LONG_MS, SHORT_MS, in_time
from protocols.ofd.frame import HEADER_SIZE, encode_frame
from simulators.ofd.faults import Fault, FaultKind
from simulators.ofd.server import OfdSimulator

OFD_ID, TOKEN = 1001, 3_000_000_001
CARD = KkmCard(zone="Asia/Almaty", latitude_e4=432389, longitude_e4=768897, registration_number="1")
DEPOSIT = CashBody(Placement.DEPOSIT, 50_000, 1, "Айгүл")
NUMBERS = Numbers(1, 1, 1, 1_768_451_400_000)


@asynccontextmanager
async def exchange_with(
    *faults: Fault, deadline_ms: int = LONG_MS
) -> AsyncIterator[tuple[OfdSimulator, OfdClient, Shipment]]:
    simulator = OfdSimulator()
    simulator.add_register(OFD_ID, TOKEN)
    for fault in faults:
        simulator.faults.arm(fault)
    client = OfdClient()
    payload = OfdWire().cash(DEPOSIT, NUMBERS, CARD, version=203)
    async with simulator.running() as endpoint:
        way = Way(((endpoint.host, endpoint.port),))
        shipment = Shipment("kkm", way, 203, OFD_ID, TOKEN, 1, payload, deadline_ms=deadline_ms)
        try:
            yield simulator, client, shipment
        finally:
            client.close()


async def test_an_answer_brings_code_token_and_raw_bytes() -> None:
    async with exchange_with() as (simulator, client, shipment):
        outcome = await client.exchange(shipment)

        assert isinstance(outcome, OfdAnswered)
        assert outcome.code == 0
        assert outcome.token == simulator.ledger.account(OFD_ID).token != TOKEN
        assert outcome.payload[:2] == b"\x08\x06"


async def test_one_connection_serves_many_exchanges() -> None:
    async with exchange_with() as (simulator, client, shipment):
        for reqnum in range(1, 4):
            token = simulator.ledger.account(OFD_ID).token
            outcome = await client.exchange(replace(shipment, token=token, reqnum=reqnum))
            assert isinstance(outcome, OfdAnswered)

        assert len(simulator.connections) == 1


async def test_a_connection_is_not_kept_when_the_ofd_does_not_want_it() -> None:
    async with exchange_with() as (_, client, shipment):
        await client.exchange(replace(shipment, is_connection_kept=False))

        assert client.take(shipment) is None


@pytest.mark.parametrize(
    "kind", [FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER, FaultKind.CUT_INSIDE, FaultKind.GARBAGE]
)
async def test_a_broken_connection_is_made_again_and_the_same_bytes_are_sent(kind: FaultKind) -> None:
    async with exchange_with(Fault(kind)) as (simulator, client, shipment):
        outcome = await client.exchange(shipment)

        assert isinstance(outcome, OfdAnswered)
        assert outcome.code == 0
        account = simulator.ledger.account(OFD_ID)
        assert (len(account.documents), account.drawer) == (1, 50_000)


async def test_254_is_tried_again_within_the_time() -> None:
    async with exchange_with(Fault(FaultKind.CODE, code=254)) as (_, client, shipment):
        outcome = await client.exchange(shipment)

        assert isinstance(outcome, OfdAnswered)
        assert outcome.code == 0


async def test_254_for_the_whole_time_is_an_unknown_outcome() -> None:
    fault = Fault(FaultKind.CODE, times=100, code=254)
    async with exchange_with(fault, deadline_ms=SHORT_MS) as (_, client, shipment):
        assert await client.exchange(shipment) == OfdLost(may_have_arrived=True, reason="unavailable")


async def test_silence_is_unknown_and_never_takes_longer_than_the_deadline() -> None:
    silence = Fault(FaultKind.SILENCE_BEFORE, times=100)
    async with exchange_with(silence, deadline_ms=SHORT_MS) as (_, client, shipment):
        assert await client.exchange(shipment) == OfdLost(may_have_arrived=True, reason="timeout")
        assert client.take(shipment) is None  # a late answer must not meet the next request


async def test_silence_on_a_kept_connection_is_unknown_in_time_too() -> None:
    async with exchange_with() as (simulator, client, shipment):
        await client.exchange(shipment)
        simulator.faults.arm(Fault(FaultKind.SILENCE_BEFORE, times=100))
        token = simulator.ledger.account(OFD_ID).token
        again = replace(shipment, token=token, reqnum=2, deadline_ms=SHORT_MS)

        outcome = await in_time(client.exchange(again), 3 * SHORT_MS / 1000)

        assert outcome == OfdLost(may_have_arrived=True, reason="timeout")
        assert client.take(again) is None


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (FaultKind.CUT_BEFORE, "closed"),
        (FaultKind.CUT_INSIDE, "closed"),
        (FaultKind.GARBAGE, "garbage"),
        (FaultKind.WRONG_REQNUM, "garbage"),
    ],
)
@pytest.mark.parametrize("is_kept", [False, True])
async def test_why_there_was_no_answer_is_said(kind: FaultKind, reason: str, is_kept: bool) -> None:
    async with exchange_with() as (simulator, client, shipment):
        if is_kept:
            await client.exchange(shipment)
            shipment = replace(shipment, token=simulator.ledger.account(OFD_ID).token, reqnum=2)
        simulator.faults.arm(Fault(kind, times=100))
        shipment = replace(shipment, deadline_ms=SHORT_MS)  # it is tried again until then

        assert await client.exchange(shipment) == OfdLost(may_have_arrived=True, reason=reason)


@pytest.mark.parametrize("size", [1, HEADER_SIZE, 200])
async def test_what_comes_unasked_is_never_taken_for_the_next_answer(size: int) -> None:
    async with exchange_with() as (simulator, client, shipment):
        await client.exchange(shipment)
        again = replace(shipment, token=simulator.ledger.account(OFD_ID).token, reqnum=2)
        unasked = encode_frame(203, OFD_ID, TOKEN, 2, bytes(200))[:size]
        (connection,) = simulator.connections
        assert connection._transport is not None
        connection._transport.write(unasked)
        await asyncio.sleep(0.02)

        outcome = await client.exchange(again)

        assert isinstance(outcome, OfdAnswered)
        assert simulator.ledger.account(OFD_ID).retries == 0  # sent once, over a new connection


async def test_a_caller_that_goes_away_leaves_no_connection_behind() -> None:
    async with exchange_with() as (simulator, client, shipment):
        await client.exchange(shipment)
        simulator.faults.arm(Fault(FaultKind.SILENCE_BEFORE))
        again = replace(shipment, token=simulator.ledger.account(OFD_ID).token, reqnum=2)
        exchange = asyncio.create_task(client.exchange(again))
        await asyncio.sleep(0.02)
        exchange.cancel()

        with pytest.raises(asyncio.CancelledError):
            await exchange
        assert client.take(again) is None


async def test_no_connection_at_all_means_surely_not_sent() -> None:
    async with exchange_with(deadline_ms=SHORT_MS) as (simulator, client, shipment):
        await simulator.refuse_connections()

        assert await client.exchange(shipment) == OfdLost(may_have_arrived=False, reason="refused")


async def test_a_lost_then_refused_connection_stays_unknown() -> None:
    silence = Fault(FaultKind.SILENCE_AFTER)
    async with exchange_with(silence, deadline_ms=SHORT_MS) as (simulator, client, shipment):
        await client.exchange(shipment)
        await simulator.refuse_connections()
        await simulator.accept_connections()
        simulator.faults.arm(Fault(FaultKind.CUT_BEFORE, times=100))

        outcome = await client.exchange(shipment)

        assert isinstance(outcome, OfdLost)
        assert outcome.may_have_arrived


async def test_an_answer_to_another_request_is_not_taken_for_ours() -> None:
    async with exchange_with(Fault(FaultKind.WRONG_REQNUM)) as (simulator, client, shipment):
        outcome = await client.exchange(shipment)

        assert isinstance(outcome, OfdAnswered)
        assert simulator.ledger.account(OFD_ID).retries == 1  # asked again, the OFD knew it


async def test_a_connection_the_ofd_closed_while_idle_costs_nothing() -> None:
    async with exchange_with() as (simulator, client, shipment):
        await client.exchange(shipment)
        await simulator.refuse_connections()
        await simulator.accept_connections()
        token = simulator.ledger.account(OFD_ID).token

        outcome = await client.exchange(replace(shipment, token=token, reqnum=2))

        assert isinstance(outcome, OfdAnswered)
        assert simulator.ledger.account(OFD_ID).drawer == 100_000


async def test_a_connection_that_was_idle_for_long_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async with exchange_with() as (simulator, client, shipment):
        await client.exchange(shipment)
        monkeypatch.setattr(ofd_client, "IDLE_MAX_S", -1.0)

        assert client.take(shipment) is None
        token = simulator.ledger.account(OFD_ID).token
        assert isinstance(await client.exchange(replace(shipment, token=token, reqnum=2)), OfdAnswered)
