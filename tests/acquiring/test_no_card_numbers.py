"""No card number or track is in the database, its files, the log or an answer, after a day with everything in
it: payments, declines, voids, refunds, lost and wrong answers with their reversals, the closing of the batch.

The search itself is tried first with a number planted in each of those places. docs/pci.md.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from prometheus_client import generate_latest

from addons.pos_terminal.tests.services.key_house import CODE, FORM_SIZE, KeyHouse, key_house
from kernel.clock import FrozenClock
from kernel.config_sections import LogFormat, LogSettings, SecuritySettings
from kernel.gql.ids import to_global
from kernel.ids import new_id
from kernel.jobs.drive import run_schedules
from kernel.journal.export import export_lane, lanes_of
from kernel.journal.periods import parse_period
from kernel.journal.sealing import journal_sealer
from kernel.metrics import REGISTRY
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing.logs import logged
from protocols.iso8583.key_block import Usage, unwrap
from simulators.acquirer import settings as acquirer
from simulators.acquirer.cards import BY_TITLE, CARDS, Card
from simulators.acquirer.device import CardReader, Gesture, PinKey, Way
from simulators.acquirer.faults import Fault, FaultKind
from tests.acquiring.card_numbers import card_numbers, known_in

START = """mutation ($input: StartCardPaymentInput!) { startCardPayment(input: $input) {
  ... on CardOperation { id } ... on Refused { code } } }"""
PRESENT = """mutation ($input: PresentCardInput!) { presentCard(input: $input) {
  __typename ... on Refused { code } } }"""
VOID = """mutation ($key: UUID!, $id: ID!) { voidCardPayment(operationKey: $key, operationId: $id) {
  __typename ... on Refused { code } } }"""
REFUND = """mutation ($key: UUID!, $id: ID!, $amount: Money!) {
  refundCard(operationKey: $key, operationId: $id, amount: $amount) {
    __typename ... on Refused { code } } }"""
PIN_KEY = "query ($id: ID!) { terminalPinKey(terminalId: $id) { keyBlock } }"
LIST = """query { cardOperations(first: 50) { nodes {
  state maskedNumber scheme rrn authorizationCode responseCode events { kind details { name value } } } } }"""
NUMBERS = [card.number for card in CARDS]


def secrets_in(text: str) -> list[str]:
    """Card numbers by their form, and those of the cards that were used in whatever way they are written."""
    return card_numbers(text) + known_in(text.encode(), NUMBERS)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything logged while the test runs, at the most talkative level."""
    with logged(LogSettings(level="debug", format=LogFormat.JSON, all_requests=True)) as stream:
        yield stream


async def test_after_a_whole_day_no_card_number_is_anywhere(tmp_path: Path, written: io.StringIO) -> None:
    async with key_house(tmp_path) as house:
        await house.load()
        day = Day(house)
        await day.live()

        assert [
            kind
            for kind in ("VOIDED", "REFUNDED", "DECLINED", "REVERSED", "APPROVED")
            if kind not in day.states()
        ] == []
        assert len(house.host.ledger.postings) >= 4
        assert await house.merchant.rows("SELECT id FROM pos_card_data") == []
        places = {
            "the database": await dump(house),
            "the log": written.getvalue(),
            "the journal": await journal(house, tmp_path / "journal"),
            "the metrics": generate_latest(REGISTRY).decode(),
            "the answers": json.dumps(day.answers),
        }
        in_files = known_in(files(house), NUMBERS)

    assert BY_TITLE["visa"].masked_number in places["the database"]
    assert "4020" in places["the database"] or "4021" in places["the database"]
    assert "acquirer_garbage" in places["the log"]
    assert "card." in places["the journal"]
    assert {place: secrets_in(text) for place, text in places.items() if secrets_in(text)} == {}
    assert in_files == []


async def test_the_search_would_find_a_number_in_each_place(tmp_path: Path, written: io.StringIO) -> None:
    number = BY_TITLE["visa"].number
    spaced = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    async with key_house(tmp_path) as house:

        async def plant(work: Any) -> None:
            await work.execute("UPDATE pos_terminal SET title = ?", f"из письма: {spaced}")

        await house.merchant.do(plant)
        structlog.get_logger("somebody").warning("odd", text=f"track {BY_TITLE['visa'].track}")

        assert secrets_in(await dump(house)) == [number]
        assert number in secrets_in(written.getvalue())

        async def plant_packed(work: Any) -> None:
            await work.execute("UPDATE pos_terminal SET title = ?", f"из письма: {number}")

        assert known_in(files(house), NUMBERS) == []
        await house.merchant.do(plant_packed)
        assert known_in(files(house), NUMBERS) == [number]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.title)
def test_the_search_knows_a_number_in_every_dress(card: Card) -> None:
    number = card.number
    spaced = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    packed = bytes.fromhex(number[: len(number) // 2 * 2])

    assert card_numbers(f"pan={number};") == card_numbers(f"({spaced})") == [number]
    assert card_numbers(f"it took 0.{number} s") == []
    for data in (number.encode(), packed, packed.hex().encode(), base64.b64encode(number.encode())):
        assert known_in(b"\x01" + data + b"\x02", NUMBERS) == [number]
    assert secrets_in(f"track {card.track}") == [number, number]


@pytest.mark.parametrize(
    "text",
    [
        "4003030000000015",  # a wrong check digit
        "1768451400000",  # a moment
        "600400000001",  # a BIN
        "400303******0014",
        "a4003030000000014f",  # within a digest
        "4870001234562",  # a bar code that is none of a card: its check digit would be another
    ],
)
def test_the_search_lets_other_numbers_be(text: str) -> None:
    assert card_numbers(text) == []


class Day:
    """Everything a terminal does, through GraphQL; what was answered is kept."""

    def __init__(self, house: KeyHouse) -> None:
        self.house = house
        self.reader = CardReader()
        self.answers: list[Any] = []
        roles = house.merchant.app.registry.roles
        company_id = house.merchant.company_id
        self.device = Principal(PrincipalKind.DEVICE, "till", company_id, roles["device"], language="ru")

    async def live(self) -> None:
        """One of each."""
        house = self.house
        kept = await self.pay("1250.50")
        taken_back = await self.pay("300.00", Gesture(BY_TITLE["mastercard"], way=Way.STRIPE))
        await self.ask(VOID, key=new_id(), id=taken_back)
        await house.work()
        returned = await self.pay("400.00", Gesture(BY_TITLE["apple-visa"]))
        await self.ask(REFUND, key=new_id(), id=returned, amount="400.00")
        await house.work()
        house.host.faults.arm(Fault(FaultKind.CODE, code="51", on="2"))
        await self.pay("500.00", Gesture(BY_TITLE["unionpay"]))
        for kind in (FaultKind.CUT_AFTER, FaultKind.WRONG_MAC, FaultKind.GARBAGE):
            house.host.faults.arm(Fault(kind, on="2"))
            await self.pay("600.00", Gesture(BY_TITLE["visa-2"]))
            await self.later(minutes=1)
        await self.later(hours=18)  # past the cut-off: the batch is compared and closed
        await self.ask(LIST)
        assert kept

    async def pay(self, amount: str, gesture: Gesture | None = None) -> str:
        """A payment with this card; the operation's id."""
        house, gesture = self.house, gesture or Gesture()
        given = {
            "paymentKey": new_id(),
            "registerId": to_global("Register", house.merchant.register_id),
            "terminalId": to_global("CardTerminal", house.terminal_id),
            "amount": amount,
        }
        started = await self.ask(START, input=given)
        operation = started["startCardPayment"]["id"]
        wrapped = await self.ask(PIN_KEY, self.device, id=to_global("CardTerminal", house.terminal_id))
        master = acquirer.test_master_key(CODE, FORM_SIZE)
        opened = unwrap(master, wrapped["terminalPinKey"]["keyBlock"], usages=frozenset({Usage.PIN}))
        pin_key = PinKey(opened.header.algorithm, opened.key)
        read = self.reader.read(gesture, int(amount.replace(".", "")), pin_key)
        presented = await self.ask(PRESENT, self.device, input={"operationId": operation, **read})
        assert presented["presentCard"]["__typename"] == "CardPresented", presented
        await house.work()
        return str(operation)

    async def ask(self, document: str, principal: Principal | None = None, **variables: Any) -> Any:
        """A GraphQL document."""
        answer = await self.house.merchant.ask(document, principal, **variables)
        self.answers.append(answer)
        return answer

    async def later(self, **length: int) -> None:
        """Time goes on, what is due is done."""
        app = self.house.merchant.app
        assert isinstance(app.clock, FrozenClock)
        app.clock.advance(timedelta(**length))
        await run_schedules(app.database)
        await self.house.work()

    def states(self) -> set[str]:
        """Of all operations, as they were listed."""
        return {node["state"] for node in self.answers[-1]["cardOperations"]["nodes"]}


async def dump(house: KeyHouse) -> str:
    """Every value of every table."""
    async with house.merchant.app.database.reading(SYSTEM) as reader:
        tables = await reader.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        rows = [await reader.rows(f"SELECT * FROM {table['name']}") for table in tables]
    return json.dumps([[dict(row) for row in each] for each in rows], default=str, ensure_ascii=False)


def files(house: KeyHouse) -> bytes:
    """Of the database: free pages and the log of changes included."""
    path = Path(house.merchant.app.database.url.path)
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


async def journal(house: KeyHouse, folder: Path) -> str:
    """Of all lanes, opened."""
    app, company_id = house.merchant.app, house.merchant.company_id
    opener = journal_sealer(app.config.section(SecuritySettings))
    async with app.database.reading(SYSTEM) as reader:
        for lane in await lanes_of(reader, company_id):
            period = parse_period("2026-01")
            await export_lane(reader, lane, period, folder, company_id=company_id, opener=opener)
    texts = await asyncio.to_thread(lambda: [each.read_text("utf-8") for each in folder.rglob("*.jsonl")])
    return "".join(texts)
