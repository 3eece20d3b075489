"""Sockets: connections kept or not, garbage, every fault, unreachable and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from protocols.ofd import build
from protocols.ofd.answer import read_answer
from protocols.ofd.errors import TruncatedFrame, WireError
from protocols.ofd.frame import Frame, read_frame
from simulators.faults import ARMED_MAX
from simulators.listening import Endpoint
from simulators.ofd.faults import Fault, FaultKind
from simulators.ofd.server import OfdSimulator
from simulators.ofd.settings import OfdSettings
from simulators.ofd.tests.till import SERVICE, Till, sale

TICKET = build.build_ticket(sale(), SERVICE, version=203)
SYSTEM = build.build_system(SERVICE, version=203)
PATIENCE_S = 60


@asynccontextmanager
async def running(**settings: object) -> AsyncIterator[tuple[OfdSimulator, Endpoint, Till]]:
    simulator = OfdSimulator(OfdSettings(**settings))  # type: ignore[arg-type]
    till = Till(simulator)
    async with simulator.running() as endpoint:
        yield simulator, endpoint, till


async def ask(endpoint: Endpoint, data: bytes) -> Frame:
    """One request on a connection of its own."""
    reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
    try:
        writer.write(data)
        return await asyncio.wait_for(read_frame(reader), PATIENCE_S)
    finally:
        writer.close()


async def test_many_requests_on_one_connection_and_one_on_each() -> None:
    async with running() as (simulator, endpoint, till):
        reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        for _ in range(3):
            writer.write(till.next_frame(TICKET))
            assert till.take(await read_frame(reader)).code == 0
        writer.close()

        for _ in range(3):
            assert till.take(await ask(endpoint, till.next_frame(TICKET))).code == 0

    assert simulator.ledger.account(1001).seq == 6
    assert simulator.ledger.violations() == []


async def test_a_request_cut_into_bytes_is_put_together() -> None:
    async with running() as (_, endpoint, till):
        reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        for byte in till.next_frame(SYSTEM):
            writer.write(bytes((byte,)))
            await writer.drain()

        assert till.take(await read_frame(reader)).code == 0
        writer.close()


@pytest.mark.parametrize(
    "garbage", [b"GET / HTTP/1.0\r\n\r\n", b"\x00" * 40, b"\xa2\x81\xcb\x00\xff\xff\xff\xff" + b"\x00" * 10]
)
async def test_garbage_closes_the_connection_quietly_and_is_counted(garbage: bytes) -> None:
    async with running() as (simulator, endpoint, till):
        reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        writer.write(garbage)

        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
        writer.close()

        assert simulator.ledger.garbage == 1
        assert till.take(await ask(endpoint, till.next_frame(SYSTEM))).code == 0


async def test_an_unreachable_ofd_breaks_connections_and_comes_back_on_its_port() -> None:
    async with running() as (simulator, endpoint, till):
        reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        writer.write(till.next_frame(SYSTEM))
        till.take(await read_frame(reader))

        await simulator.refuse_connections()

        with pytest.raises((ConnectionError, TruncatedFrame)):
            await asyncio.wait_for(read_frame(reader), PATIENCE_S)
        with pytest.raises(ConnectionError):
            await asyncio.open_connection(endpoint.host, endpoint.port)
        assert not simulator.is_accepting
        writer.close()

        await simulator.accept_connections()

        assert till.take(await ask(endpoint, till.next_frame(TICKET))).code == 0


@pytest.mark.parametrize(
    ("kind", "is_processed"),
    [
        (FaultKind.CUT_BEFORE, False),
        (FaultKind.CUT_AFTER, True),
        (FaultKind.CUT_INSIDE, True),
        (FaultKind.GARBAGE, True),
    ],
)
async def test_after_a_broken_exchange_the_same_bytes_are_answered_once(
    kind: FaultKind, is_processed: bool
) -> None:
    async with running() as (simulator, endpoint, till):
        simulator.faults.arm(Fault(kind))
        frame = till.next_frame(TICKET)

        with pytest.raises((WireError, ConnectionError)):
            await ask(endpoint, frame)
        assert till.account.seq == is_processed

        assert till.take(await ask(endpoint, frame)).code == 0
        assert till.account.seq == 1
        assert till.account.retries == is_processed


@pytest.mark.parametrize(
    ("kind", "is_processed"), [(FaultKind.SILENCE_BEFORE, False), (FaultKind.SILENCE_AFTER, True)]
)
async def test_silence_leaves_the_connection_open(kind: FaultKind, is_processed: bool) -> None:
    async with running() as (simulator, endpoint, till):
        simulator.faults.arm(Fault(kind))
        reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        frame = till.next_frame(TICKET)

        writer.write(frame)
        writer.write(frame)  # the second is answered, the first never

        assert till.take(await asyncio.wait_for(read_frame(reader), PATIENCE_S)).code == 0
        assert till.account.retries == is_processed
        writer.close()


async def test_codes_on_demand_process_nothing_and_leave_the_token() -> None:
    async with running() as (simulator, endpoint, till):
        simulator.faults.arm(Fault(FaultKind.CODE, times=2, code=254))
        frame = till.next_frame(TICKET)

        codes = [till.take(await ask(endpoint, frame)).code for _ in range(3)]

        assert codes == [254, 254, 0]
        assert simulator.faults.struck[FaultKind.CODE] == 2
        assert not simulator.faults


async def test_a_delayed_answer_was_processed_at_once() -> None:
    async with running() as (simulator, endpoint, till):
        simulator.faults.arm(Fault(FaultKind.DELAY, delay_ms=30))
        asked = asyncio.get_running_loop().time()

        answer = till.take(await ask(endpoint, till.next_frame(TICKET)))

        assert answer.code == 0
        assert asyncio.get_running_loop().time() - asked >= 0.029


async def test_every_answer_is_late_when_the_ofd_is_slow() -> None:
    async with running(latency_ms=20) as (_, endpoint, till):
        asked = asyncio.get_running_loop().time()

        till.take(await ask(endpoint, till.next_frame(SYSTEM)))

        assert asyncio.get_running_loop().time() - asked >= 0.019


async def test_a_wrong_token_or_number_in_the_header() -> None:
    async with running() as (simulator, endpoint, till):
        simulator.faults.arm(Fault(FaultKind.WRONG_TOKEN))
        simulator.faults.arm(Fault(FaultKind.WRONG_REQNUM))

        first = await ask(endpoint, till.next_frame(TICKET))
        assert first.token != till.account.token
        till.token = till.account.token
        second = await ask(endpoint, till.next_frame(TICKET))

        assert second.reqnum != till.reqnum
        assert read_answer(second.payload, version=203).code == 0


async def test_a_fault_strikes_only_what_it_is_meant_for() -> None:
    async with running() as (simulator, endpoint, till):
        simulator.faults.arm(Fault(FaultKind.CODE, code=255, skip=1, command=1, ofd_id=1001))
        simulator.faults.arm(Fault(FaultKind.CODE, code=254, ofd_id=9))

        codes = [
            till.take(await ask(endpoint, till.next_frame(p))).code
            for p in (SYSTEM, TICKET, SYSTEM, TICKET, TICKET)
        ]

        assert codes == [0, 0, 0, 255, 0]


def test_the_fast_loop_serves_too() -> None:
    uvloop = pytest.importorskip("uvloop")

    async def story() -> int:
        async with running() as (_, endpoint, till):
            return till.take(await ask(endpoint, till.next_frame(TICKET))).code

    assert uvloop.run(story()) == 0


def test_faults_by_chance_repeat_with_their_seed() -> None:
    def pattern(seed: int) -> list[bool]:
        simulator = OfdSimulator(seed=seed)
        simulator.faults.arm(Fault(FaultKind.CODE, times=1000, chance_bp=3000))
        return [simulator.faults.strike(1, 1) is not None for _ in range(200)]

    assert pattern(1) == pattern(1) != pattern(2)
    assert 30 < sum(pattern(1)) < 90


def test_senseless_faults_are_refused() -> None:
    simulator = OfdSimulator()
    for fault in (Fault(FaultKind.DELAY, times=0), Fault(FaultKind.DELAY, chance_bp=0)):
        with pytest.raises(ValueError, match="out of range"):
            simulator.faults.arm(fault)
    for _ in range(ARMED_MAX):
        simulator.faults.arm(Fault(FaultKind.DELAY))
    with pytest.raises(ValueError, match="at most"):
        simulator.faults.arm(Fault(FaultKind.DELAY))

    simulator.faults.clear()

    assert simulator.faults.armed == ()


async def test_connections_beyond_the_limit_are_dropped() -> None:
    async with running(connections_max=1) as (_, endpoint, till):
        reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        writer.write(till.next_frame(SYSTEM))
        till.take(await read_frame(reader))

        with pytest.raises((WireError, ConnectionError)):
            await ask(endpoint, till.next_frame(SYSTEM))
        writer.close()


def test_a_device_is_registered_once_and_with_sensible_numbers() -> None:
    simulator = OfdSimulator()
    simulator.add_register(5, 5)

    for ofd_id, token in ((5, 6), (0, 1), (1, 0), (2**32, 1)):
        with pytest.raises(ValueError, match=r"regist|numbers"):
            simulator.add_register(ofd_id, token)
    with pytest.raises(KeyError):
        simulator.block(6)
