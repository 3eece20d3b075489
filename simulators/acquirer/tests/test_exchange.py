"""Keys, MACs, dialects, the socket and its faults."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from kernel.clock import FrozenClock
from protocols.iso8583.dialect import DIALECTS
from protocols.iso8583.errors import TruncatedFrame, WireError
from protocols.iso8583.frame import read_frame
from protocols.iso8583.message import Message
from protocols.iso8583.signing import is_genuine, pack_signed
from simulators.acquirer.faults import AMOUNT_FAULTS, FAULTS_FROM, Fault, FaultKind
from simulators.acquirer.server import AcquirerSimulator
from simulators.acquirer.settings import AcquirerSettings
from simulators.acquirer.tests.terminal import TestTerminal


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_from_keys_to_a_void(clock: FrozenClock, dialect: str) -> None:
    host = AcquirerSimulator(AcquirerSettings(options={"dialect": dialect}), clock=clock)
    terminal = TestTerminal(host, clock)
    terminal.exchange_keys()
    local = {12: "261120120000", 13: "1120"} if dialect == "smartvista" else {}
    request = terminal.request(125_050).with_fields(local)

    answer = terminal.send(request)
    void = terminal.send(terminal.void(request, answer).with_fields(local))

    assert {answer.text(39), void.text(39)} <= {"00", "000"}
    assert host.ledger.taken == 0
    assert len(host.ledger.postings) == 2


def test_nothing_is_posted_without_a_key_that_is_known(host: AcquirerSimulator, clock: FrozenClock) -> None:
    stranger = TestTerminal(host, clock)
    stranger.mac_key = bytes(16)

    assert stranger.code_of(stranger.request(100)) == "97"
    assert (host.ledger.taken, host.exchange.unsigned) == (0, 1)


def test_new_keys_come_into_force_when_they_are_used_and_old_ones_live_for_what_is_in_flight(
    host: AcquirerSimulator, terminal: TestTerminal, clock: FrozenClock
) -> None:
    old = terminal.mac_key
    terminal.exchange_keys()
    new, terminal.mac_key = terminal.mac_key, old

    before = terminal.code_of(terminal.request(1))
    terminal.mac_key = new
    during = terminal.code_of(terminal.request(1))
    terminal.mac_key = old
    in_flight = terminal.code_of(terminal.request(1))
    clock.advance(timedelta(minutes=3))
    late = terminal.code_of(terminal.request(1))

    assert [before, during, in_flight, late] == ["00", "00", "00", "97"]


def test_an_unknown_terminal_or_merchant_is_told_so(host: AcquirerSimulator, terminal: TestTerminal) -> None:
    assert terminal.code_of(terminal.request(1).with_fields({41: "99999999"})) == "58"
    assert terminal.code_of(terminal.request(1).with_fields({42: "NOBODY         "})) == "03"
    host.terminal(terminal.code).is_blocked = True
    assert terminal.code_of(terminal.request(1)) == "58"
    assert host.ledger.taken == 0


def test_sign_on_echo_and_an_unknown_network_code(terminal: TestTerminal) -> None:
    assert [terminal.network(code).text(39) for code in ("001", "301", "002", "999")] == [
        "00",
        "00",
        "00",
        "12",
    ]


async def talk(host: AcquirerSimulator, terminal: TestTerminal, message: Message, wait_s: float = 5) -> str:
    """What a client sees on the socket: a code, or what went wrong."""
    dialect = host.dialect
    async with host.running() as endpoint:
        reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        writer.write(dialect.framing.encode(pack_signed(dialect, message, terminal.mac_key)))
        try:
            async with asyncio.timeout(wait_s):
                frame = await read_frame(reader, dialect.framing)
        except TimeoutError:
            return "silence"
        except (TruncatedFrame, ConnectionError):
            return "cut"
        finally:
            writer.close()
        if frame is None:
            return "cut"
        try:
            answer = dialect.unpack(frame.payload)
        except WireError:
            return "garbage"
        if not is_genuine(dialect, frame.payload, answer, terminal.mac_key):
            return "wrong mac"
        if answer.text(41) != terminal.code:
            return "wrong terminal"
        return answer.text(39) if answer.text(4) == message.text(4).zfill(12) else "wrong amount"


@pytest.mark.parametrize(
    ("kind", "seen", "is_posted"),
    [
        (FaultKind.CUT_BEFORE, "cut", False),
        (FaultKind.CUT_AFTER, "cut", True),
        (FaultKind.CUT_INSIDE, "cut", True),
        (FaultKind.SILENCE_BEFORE, "silence", False),
        (FaultKind.SILENCE_AFTER, "silence", True),
        (FaultKind.CODE, "96", False),
        (FaultKind.DELAY, "00", True),
        (FaultKind.HELD, "00", True),
        (FaultKind.WRONG_MAC, "wrong mac", True),
        (FaultKind.WRONG_AMOUNT, "wrong amount", True),
        (FaultKind.WRONG_TERMINAL, "wrong terminal", True),
        (FaultKind.GARBAGE, "garbage", True),
    ],
)
async def test_each_fault_shows_what_it_says_and_posts_or_not(
    host: AcquirerSimulator, terminal: TestTerminal, kind: FaultKind, seen: str, is_posted: bool
) -> None:
    host.faults.arm(Fault(kind, delay_ms=20, on="2"))

    wait_s = 0.1 if seen == "silence" else 5
    assert await talk(host, terminal, terminal.request(100), wait_s) == seen
    assert host.ledger.taken == (100 if is_posted else 0)


@pytest.mark.parametrize(
    ("tenge", "seen"),
    [(9_000_051, "51"), (9_000_091, "91"), (9_000_000, "00"), (FAULTS_FROM + len(AMOUNT_FAULTS), "00")],
)
async def test_an_amount_asks_for_its_answer(
    host: AcquirerSimulator, terminal: TestTerminal, tenge: int, seen: str
) -> None:
    assert await talk(host, terminal, terminal.request(tenge * 100)) == seen


async def test_an_amount_asks_for_a_fault(host: AcquirerSimulator, terminal: TestTerminal) -> None:
    tenge = FAULTS_FROM + AMOUNT_FAULTS.index(FaultKind.CUT_AFTER)

    assert await talk(host, terminal, terminal.request(tenge * 100)) == "cut"
    assert host.ledger.taken == tenge * 100


async def test_garbage_closes_the_connection_and_a_host_that_is_away_comes_back(
    host: AcquirerSimulator,
) -> None:
    async with host.running() as endpoint:
        reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        writer.write(b"\x00\x05hello")
        ended = await reader.read()
        writer.close()
        await host.refuse_connections()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(endpoint.host, endpoint.port)
        await host.accept_connections()
        _, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        writer.close()

    assert (ended, host.garbage) == (b"", 1)
