"""The agent prints what its outlet asks for: at once, in order, once; through HTTP, WebSocket and a printer's
own wire.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent import memory as memory_module
from agent.agent import Agent, Pause
from agent.cli import app
from agent.devices import Devices, Outcome
from agent.local import printing_locally
from agent.memory import Memory, MemoryTaken
from agent.server import ServerAway, ServerRefuses, value_of
from kernel.errors import SetupFault
from simulators.printer.server import Paper, PrinterSimulator
from simulators.processes import Process, free_port
from tests.agent.rig import Link, Rig, eventually, open_rig
from tests.delivery.house import Counter, open_counter

DUPLICATE = "ДУБЛИКАТ"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A served shop with one printer."""
    async with open_rig(tmp_path) as opened:
        yield opened


async def test_receipts_are_printed_at_once_and_in_order(rig: Rig) -> None:
    sales = [await rig.counter.sell() for _ in range(5)]
    async with rig.agent(await rig.token(), look_s=60.0):
        await asyncio.sleep(0.3)  # it has looked, found nothing and listens now
        for sale in sales:
            await rig.counter.print(sale)
        await rig.until_states(*["PRINTED"] * 5)

    assert len(rig.papers()) == 5
    assert all(job.cuts == 1 and DUPLICATE not in job.text for job in rig.papers())
    stored = await rig.counter.rows("SELECT number FROM dlv_job ORDER BY ended_ms, number")
    assert [row["number"] for row in stored] == [1, 2, 3, 4, 5]


async def test_an_absent_printer_is_told_of_and_printed_on_when_it_is_back(rig: Rig) -> None:
    await rig.counter.print(await rig.counter.sell())
    port = rig.printer.port
    async with PrinterSimulator().running() as gone:
        rig.printer.port = gone.port
    gone_connection = rig.printer.connection
    await _move_printer(rig, gone_connection)
    async with rig.agent(await rig.token()):
        await rig.until_board("PRINTER_ABSENT")
        rig.printer.port = port
        await _move_printer(rig, rig.printer.connection)
        [(_, is_marked)] = await rig.until_states("PRINTED")

    assert not is_marked
    assert await rig.counter.board() == {}


async def test_a_printer_that_stands_still_holds_up_no_other(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = await rig.counter.printer("Кухня", connection="network:127.0.0.1:9")
    front = (await rig.counter.ask("{ printers(first: 1) { nodes { id } } }"))["nodes"][0]["id"]
    stuck, patient = threading.Event(), Devices._do

    def slow(devices: Devices, connection: str, content: bytes | None) -> Outcome:
        if connection.endswith(":9"):
            stuck.wait(10)
            return Outcome("ABSENT")
        return patient(devices, connection, content)

    monkeypatch.setattr(Devices, "_do", slow)
    await rig.counter.print(await rig.counter.sell(), printer=back)
    async with rig.agent(await rig.token()):
        try:
            for number in range(1, 4):
                await rig.counter.print(await rig.counter.sell(), printer=front)
                await rig.until_states("TAKEN", *["PRINTED"] * number)
        finally:
            stuck.set()

    assert len(rig.papers()) == 3


async def test_without_paper_nothing_is_begun_and_a_new_roll_is_enough(rig: Rig) -> None:
    rig.printer.paper = Paper.OUT
    await rig.counter.print(await rig.counter.sell())
    async with rig.agent(await rig.token()):
        await rig.until_board("PRINTER_NO_PAPER")
        rig.printer.paper = Paper.LOW
        [(_, is_marked)] = await rig.until_states("PRINTED")

    assert not is_marked
    assert len(rig.papers()) == 1
    [printer] = (await rig.counter.ask("{ printers(first: 1) { nodes { paper problem { code } } } }"))[
        "nodes"
    ]
    assert printer == {"paper": "LOW", "problem": None}


async def test_a_roll_that_ends_in_the_middle_gives_a_second_paper_that_says_so(rig: Rig) -> None:
    rig.printer.paper_lines = 3
    await rig.counter.print(await rig.counter.sell())
    async with rig.agent(await rig.token()):
        await rig.until_board("PRINTER_NO_PAPER")
        rig.printer.paper = Paper.ENOUGH
        await rig.until_states("PRINTED")

    assert DUPLICATE in rig.papers()[-1].text


async def test_what_is_wrong_is_seen_before_the_printer_is_needed(rig: Rig) -> None:
    await rig.counter.registers_printer()
    async with rig.agent(await rig.token(), state_s=0.1):
        rig.printer.paper = Paper.OUT
        await rig.until_board("PRINTER_NO_PAPER")
        rig.printer.paper = Paper.LOW
        await eventually(lambda: _is_board_empty(rig))

    [printer] = (await rig.counter.ask("{ printers(first: 1) { nodes { paper } } }"))["nodes"]
    assert printer == {"paper": "LOW"}
    assert rig.papers() == []


async def test_an_open_cover_is_told_of(rig: Rig) -> None:
    rig.printer.is_cover_open = True
    await rig.counter.print(await rig.counter.sell())
    async with rig.agent(await rig.token()):
        await rig.until_board("PRINTER_COVER_OPEN")
        rig.printer.is_cover_open = False
        await rig.until_states("PRINTED")


async def test_a_printer_that_tells_nothing_prints_all_the_same(rig: Rig) -> None:
    rig.printer.is_silent = True
    for _ in range(3):
        await rig.counter.print(await rig.counter.sell())
    async with rig.agent(await rig.token()):
        await rig.until_states(*["PRINTED"] * 3)

    assert len(rig.papers()) == 3


async def test_where_nobody_allowed_it_nothing_is_printed(rig: Rig, tmp_path: Path) -> None:
    await _move_printer(rig, f"file:{tmp_path}/victim")
    await rig.counter.print(await rig.counter.sell())
    async with rig.agent(await rig.token()):
        await rig.until_board("PRINTER_FORBIDDEN")

    assert not (tmp_path / "victim").exists()


async def test_the_link_may_be_lost_at_any_time(rig: Rig) -> None:
    async with Link(rig.address).running() as link, rig.agent(await rig.token(), link.address):
        await rig.counter.print(await rig.counter.sell())
        await rig.until_states("PRINTED")
        link.cut()
        await rig.counter.print(await rig.counter.sell())
        await asyncio.sleep(0.5)
        assert len(rig.papers()) == 1
        link.is_cut = False
        await rig.until_states("PRINTED", "PRINTED")

    assert len(rig.papers()) == 2


async def test_a_report_that_was_lost_is_said_again_and_nothing_is_printed_again(rig: Rig) -> None:
    async with Link(rig.address).running() as link, rig.agent(await rig.token(), link.address):
        link.cut_after_answers = "reportPrinted"
        await rig.counter.print(await rig.counter.sell())
        await link.was_cut.wait()
        rig.counter.clock.advance(timedelta(minutes=3))  # the lease has run out
        await rig.counter.look_after()
        assert await rig.states() == [("QUEUED", True)]
        link.cut_after_answers, link.is_cut = "", False
        await rig.until_states("PRINTED")

    assert len(rig.papers()) == 1


@pytest.mark.parametrize(
    ("point", "papers", "is_second_marked"),
    [("agent.after_begin", 1, True), ("agent.after_print", 2, True), ("agent.before_report", 1, False)],
)
async def test_killed_between_printing_and_reporting(
    rig: Rig, tmp_path: Path, point: str, papers: int, is_second_marked: bool
) -> None:
    """Nothing is lost and nothing is printed twice without the mark, wherever the power goes."""
    await rig.counter.print(await rig.counter.sell())
    arguments = ["agent", "--url", rig.address, "--memory", str(tmp_path), "--allow", "network:127.0.0.1:*"]
    environ = {"SAUDA_AGENT_TOKEN": await rig.token()}
    dying = Process(arguments, {**environ, "SAUDA_CRASH_AT": point}, tmp_path / "dying.log")
    await dying.start()
    assert await dying.died() == -9, dying.output
    assert await rig.states() == [("TAKEN", False)]

    living = Process(arguments, environ, tmp_path / "living.log")
    await living.start()
    try:
        [(_, is_marked)] = await rig.until_states("PRINTED")
    finally:
        assert await living.stop() == 0, living.output

    assert is_marked is is_second_marked
    assert len(rig.papers()) == papers
    assert (DUPLICATE in rig.papers()[-1].text) is is_second_marked
    assert sum(DUPLICATE not in job.text for job in rig.papers()) <= 1


async def test_a_device_that_was_unbound_ends_its_agent(rig: Rig) -> None:
    token = await rig.token()
    async with rig.agent(token, look_s=0.1) as agent:
        await rig.counter.print(await rig.counter.sell())
        await rig.until_states("PRINTED")
        document = """mutation ($id: ID!) { unbindDevice(id: $id) { __typename ... on Refused { code } } }"""
        assert (await rig.counter.ask(document, id=rig.device_id))["__typename"] != "Refused"
        with pytest.raises(ServerRefuses):
            await _work_on(agent)


async def test_an_agent_binds_itself_and_says_what_it_serves(rig: Rig, tmp_path: Path) -> None:
    arguments = ["--url", rig.address, "--memory", str(tmp_path), "--allow", "network:127.0.0.1:*", "--check"]
    bound = await asyncio.to_thread(_run, *arguments, "--bind", await rig.binding())
    kept = await asyncio.to_thread(_run, *arguments)

    assert bound == kept == (None, f"Касса  {rig.printer.connection}  ready, paper: enough\n")
    assert oct((tmp_path / "agent.db").stat().st_mode)[-3:] == "600"


def test_what_cannot_work_is_said_without_a_traceback(tmp_path: Path) -> None:
    at, folder = f"http://127.0.0.1:{free_port()}", ["--memory", str(tmp_path)]
    no_token, _ = _run("--url", at, *folder)
    no_server, _ = _run("--url", at, *folder, "--token", "x", "--check")
    no_url, _ = _run("--url", "kassa", *folder)

    assert [type(each) for each in (no_token, no_server, no_url)] == [SetupFault] * 3
    assert "--bind" in str(no_token)
    assert "ConnectError" in str(no_server)
    assert "https://" in str(no_url)


async def test_sauda_up_prints_on_its_own_printers(tmp_path: Path) -> None:
    settings = {"prints_locally": True, "local_folder": str(tmp_path)}
    async with (
        open_counter(delivery=settings) as counter,
        PrinterSimulator().running(port=_raw_port()) as printer,
        PrinterSimulator().running() as remote,
    ):
        local = await counter.printer("Осында", connection=printer.connection, isLocal=True)
        await counter.printer("Дүкенде", connection=remote.connection)
        await counter.print(await counter.sell(), printer=local)
        async with printing_locally(counter.app):
            await eventually(lambda: _has_printed(counter))

        assert (len(printer.papers), len(remote.papers)) == (1, 0)


def test_one_memory_has_one_agent_and_survives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "BUSY_S", 0.05)
    memory = Memory(tmp_path / "agent.db")
    memory.begin("one")
    memory.begin("two")
    memory.printed("two", "LOW")
    with pytest.raises(MemoryTaken):
        Memory(tmp_path / "agent.db")
    holder = memory.holder
    memory.close()

    again = Memory(tmp_path / "agent.db")
    try:
        assert again.holder == holder
        assert [(job.id, job.step.value, job.paper) for job in again.unreported()] == [
            ("one", "begun", "UNKNOWN"),
            ("two", "printed", "LOW"),
        ]
        again.reported("one")
        again.reported("two")
        assert (again.step_of("one"), again.step_of("two")) == (None, "reported")
        assert again.unreported() == []
    finally:
        again.close()


def test_pauses_grow_up_to_their_bound() -> None:
    pause = Pause(first_s=1.0, max_s=10.0)
    pauses = [pause.next_s() for _ in range(50)]
    assert all(0.5 * whole <= each <= whole for whole, each in zip([1, 2, 4, 8, 10], pauses, strict=False))
    assert max(pauses) <= 10.0
    pause.reset()
    assert pause.next_s() <= 1.0


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ([], ServerAway),
        ({"data": None}, ServerAway),
        ({"errors": [{"message": "x", "extensions": {"code": "DATABASE_UNAVAILABLE"}}]}, ServerAway),
        ({"errors": [{"message": "x", "extensions": {"code": "UNAUTHENTICATED"}}]}, ServerRefuses),
        (
            {"data": {"a": {"__typename": "Refused", "code": "ONLY_FOR_DEVICES", "message": "x"}}},
            ServerRefuses,
        ),
    ],
)
def test_who_is_away_and_who_refuses(body: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        value_of(json.loads(json.dumps(body)))


async def _move_printer(rig: Rig, connection: str) -> None:
    [printer] = (await rig.counter.ask("{ printers(first: 1) { nodes { id name } } }"))["nodes"]
    document = """mutation ($id: ID!, $input: PrinterInput!) { updatePrinter(printerId: $id, input: $input) {
      ... on Printer { connection } ... on Refused { code } } }"""
    setup = {"name": printer["name"], "connection": connection}
    assert await rig.counter.ask(document, id=printer["id"], input=setup) == {"connection": connection}


async def _is_board_empty(rig: Rig) -> bool:
    return await rig.counter.board() == {}


async def _has_printed(counter: Counter) -> bool:
    return [job["state"] for job in await counter.jobs()] == ["PRINTED"]


async def _work_on(agent: Agent) -> None:
    async with asyncio.timeout(60):
        while True:
            await agent.round()


def _run(*arguments: str) -> tuple[BaseException | None, str]:
    """What `sauda agent` raised and what it printed."""
    done = CliRunner().invoke(app, list(arguments))
    return done.exception, done.stdout


def _raw_port() -> int:
    """A free port that an agent prints on without being told that it may."""
    for port in range(9100, 9200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    pytest.skip("no port for a printer is free")
