"""The statement of a banking day adds up, whatever the tariff; its page and its files are readable."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import openpyxl
import pytest

from kernel.clock import FrozenClock
from simulators.acquirer.server import AcquirerSimulator
from simulators.acquirer.settings import AcquirerSettings, Tariff
from simulators.acquirer.statement import RETURN, UNDONE, rows_of
from simulators.acquirer.tests.terminal import TestTerminal
from simulators.acquirer.web import build_web


@pytest.fixture
async def web(host: AcquirerSimulator) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(build_web(host)), base_url="http://acquirer.test"
    ) as client:
        yield client


def test_both_ways_of_rounding_differ_and_each_adds_up(clock: FrozenClock) -> None:
    """Two hundred operations: 1.29 % of each rounded, or of their sum rounded (acquiring reference §6.2)."""
    fees = []
    for is_per_day in (False, True):
        settings = AcquirerSettings(tariff=Tariff(is_per_day=is_per_day))
        host = AcquirerSimulator(settings, clock=clock)
        terminal = TestTerminal(host, clock)
        terminal.exchange_keys()
        for index in range(200):
            terminal.send(terminal.request(1_000_19 + index * 31))
        rows = rows_of(host.ledger, settings.tariff, host.rules.day)
        gross = sum(row.gross for row in rows)
        fees.append(sum(row.fee for row in rows))
        assert gross == host.ledger.taken
        assert sum(row.net for row in rows) == gross + fees[-1]
        if is_per_day:
            assert -fees[-1] == (gross * 12_900 + 500_000) // 1_000_000

    assert fees[0] != fees[1]


def test_a_return_gives_the_commission_back_in_parts_and_an_undone_payment_leaves_no_trace(
    host: AcquirerSimulator, terminal: TestTerminal, clock: FrozenClock
) -> None:
    request = terminal.request(100_03)
    answer = terminal.send(request)
    undone, voided = terminal.request(77), terminal.request(88)
    terminal.send(undone)
    terminal.send(terminal.reversal(undone))
    terminal.send(terminal.void(voided, terminal.send(voided)))
    today = host.rules.day
    clock.advance(timedelta(days=1))
    terminal.send(terminal.refund(request, answer, 50_00))
    terminal.send(terminal.refund(request, answer, 50_03))

    (paid,) = rows_of(host.ledger, host.settings.tariff, today)
    back = rows_of(host.ledger, host.settings.tariff, host.rules.day)

    assert (paid.gross, paid.fee) == (100_03, -129)
    assert [row.kind for row in back] == [RETURN, RETURN]
    assert sum(row.gross for row in back) == -100_03
    assert sum(row.fee for row in back) == 129


def test_a_reversal_of_a_later_day_is_a_row_of_that_day(
    host: AcquirerSimulator, terminal: TestTerminal, clock: FrozenClock
) -> None:
    request = terminal.request(1000_00)
    terminal.send(request)
    clock.advance(timedelta(days=1))
    terminal.send(terminal.reversal(request))

    (row,) = rows_of(host.ledger, host.settings.tariff, host.rules.day)

    assert (row.kind, row.gross, row.fee) == (UNDONE, -1000_00, 12_90)


async def test_the_files_have_seventeen_columns_and_a_row_of_totals(
    terminal: TestTerminal, web: httpx.AsyncClient
) -> None:
    terminal.send(terminal.request(1000_50))
    terminal.send(terminal.request(2000_00))

    text = (await web.get("/statement/2026-11-20.csv")).content.decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO((await web.get("/statement/2026-11-20.xlsx")).content))
    lines = list(csv.reader(io.StringIO(text), delimiter=";"))
    sheet = list(book.active.iter_rows(values_only=True))

    assert {len(line) for line in lines} == {17}
    assert lines[1][0] == "21.11.2026"
    assert lines[1][8:11] == ["1000.50", "987.59", "-12.91"]
    assert (lines[-1][0], lines[-1][8:11]) == ("Итого", ["3000.50", "2961.79", "-38.71"])
    assert sheet[-1][8:11] == (3000.5, 2961.79, -38.71)
    assert (await web.get("/statement/yesterday.csv")).status_code == 404


@pytest.mark.parametrize(("language", "word"), [("ru", "покупка"), ("kk", "сатып алу"), ("en", "purchase")])
async def test_the_page_and_the_ledger_show_what_was_posted(
    terminal: TestTerminal, web: httpx.AsyncClient, language: str, word: str
) -> None:
    terminal.send(terminal.request(1234_00))

    page = (await web.get(f"/?lang={language}")).text
    ledger = (await web.get("/ledger")).json()

    assert word in page
    assert (ledger["taken"], ledger["postings"][0]["kind"], ledger["banking_day"]) == (
        1234_00,
        "purchase",
        "2026-11-20",
    )
    assert (await web.get("/ledger?limit=0")).json()["postings"] == []


async def test_a_terminal_is_made_by_command_and_its_test_keys_are_told(web: httpx.AsyncClient) -> None:
    made = await web.post("/control", json={"action": "terminal", "terminal_code": "77000001"})

    assert made.json() == (await web.get("/keys/77000001")).json()
    assert len(made.json()["components"]) == 2
    assert (await web.get("/keys/1")).status_code == 404


@pytest.mark.parametrize(
    "command",
    [
        1,
        {"action": "sing"},
        {"action": "terminal", "terminal_code": "too long a code"},
        {"action": "terminal", "terminal_code": "88000001"},
        {"action": "terminal", "terminal_code": "1", "colour": "red"},
        {"action": "fault", "kind": "boredom"},
        {"action": "fault", "kind": "code", "code": 96},
        {"action": "fault", "kind": "code", "times": 0},
        {"action": "block", "terminal_code": "1"},
    ],
)
async def test_a_command_that_makes_no_sense_is_refused_in_words(
    terminal: TestTerminal, web: httpx.AsyncClient, command: object
) -> None:
    answer = await web.post("/control", json=command)

    assert answer.status_code == 400
    assert answer.json()["error"]
