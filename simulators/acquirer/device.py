"""The terminal's own application with its card reader: reads a card of cards.py and hands it over encrypted.

`CardReader` makes the data, `CardDevice` is the application: it takes tasks from Sauda and does what its
person does. A number never leaves it in clear (acquiring reference §2: the platform relays a blob).
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from protocols.iso8583.crypto import Algorithm
from protocols.iso8583.key_block import Usage, unwrap
from protocols.iso8583.pin import pin_block_0, pin_block_4
from simulators.acquirer.cards import BY_TITLE, READER_KEY, READER_SET, Card
from simulators.acquirer.dukpt import encrypt_data, initial_key, operation_key, with_counter
from simulators.acquirer.keys import MASTER_SIZE
from simulators.acquirer.settings import test_master_key

PIN_USAGE = frozenset({Usage.PIN})
WAIT_S = 30.0
AGAIN_S = 2.0  # until a lost connection is made anew
LOOKS_MAX, LOOK_S = 300, 0.2  # at what becomes of a payment that has to be taken back

TASKS = """subscription($terminal: ID!) { terminalTasks(terminalId: $terminal) {
    tasks { operationId amount method until } } }"""
PRESENT = """mutation($input: PresentCardInput!) { presentCard(input: $input) {
    __typename ... on Refused { code message } } }"""
WITHDRAW = """mutation($id: ID!) { withdrawCard(operationId: $id) {
    __typename ... on Refused { code message } } }"""
PIN_KEY = "query($terminal: ID!) { terminalPinKey(terminalId: $terminal) { keyBlock } }"
NOT_ANSWERED = "CARD_OUTCOME_UNKNOWN"


class Way(StrEnum):
    """How the card is shown; as entryMode in GraphQL."""

    CHIP = "CHIP"
    CONTACTLESS = "CONTACTLESS"
    STRIPE = "STRIPE"
    FALLBACK = "FALLBACK"


class Act(StrEnum):
    """What the person at the device does."""

    PAY = "pay"
    WRONG_PIN = "wrong_pin"
    REMOVE = "remove"  # takes the card away too early: nothing is handed over, the payment is given up
    REFUSE = "refuse"  # the chip says no after the approval (second cryptogram): the payment is taken back
    CANCEL = "cancel"  # presses cancel before a card is shown
    IGNORE = "ignore"  # does nothing at all


class DeviceError(Exception):
    """Sauda refused what the device asked."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code


@dataclass(slots=True)
class Gesture:
    """The next thing a person does. way: None for what the card does by itself."""

    card: Card = BY_TITLE["visa"]
    act: Act = Act.PAY
    way: Way | None = None
    with_pin: bool | None = None  # None: chip cards with a PIN ask for it


class PinKey(NamedTuple):
    """The terminal's PIN key as it came out of its block."""

    algorithm: Algorithm
    key: bytes

    def block(self, pin: str, number: str) -> bytes:
        """Format 4 with AES, format 0 with TDES."""
        make = pin_block_4 if self.algorithm is Algorithm.AES else pin_block_0
        return make(self.key, pin, number)


@dataclass(slots=True)
class CardReader:
    """A reader with its key; serial: below 2^19."""

    serial: int = 1
    counter: int = 0
    card_counters: dict[str, int] = field(default_factory=dict)
    _initial: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._initial = initial_key(READER_KEY, self.ksn)

    @property
    def ksn(self) -> bytes:
        """Of the operation that goes on."""
        return with_counter(READER_SET + (self.serial << 21).to_bytes(5, "big"), self.counter)

    def read(self, gesture: Gesture, amount_tiyn: int, pin_key: PinKey | None = None) -> dict[str, Any]:
        """The fields of presentCard, in base64. pin_key: the terminal's, when a PIN is to be entered."""
        card = gesture.card
        self.counter += 1
        key = operation_key(self._initial, self.ksn)
        way = gesture.way or (Way.CONTACTLESS if card.wallet else Way.CHIP)
        has_chip = way in (Way.CHIP, Way.CONTACTLESS)
        asks_pin = way is Way.CHIP if gesture.with_pin is None else gesture.with_pin
        pin = f"{card.pin}0" if card.pin and gesture.act is Act.WRONG_PIN else card.pin
        return {
            "entryMode": way.value,
            "track": _text(encrypt_data(key, f";{card.track}?".encode())),
            "ksn": _text(self.ksn),
            "pinBlock": _text(pin_key.block(pin, card.number) if asks_pin and pin and pin_key else b""),
            "chip": _text(self._chip(card, amount_tiyn) if has_chip else b""),
            "maskedNumber": card.masked_number,
            "scheme": card.scheme.value,
            "isWallet": card.wallet is not None,
        }

    def _chip(self, card: Card, amount_tiyn: int) -> bytes:
        """The row of tags of DE55, without those that hold the number."""
        counter = self.card_counters[card.title] = self.card_counters.get(card.title, 0) + 1
        unpredictable = os.urandom(4)
        tags = {
            "9F26": card.cryptogram(amount_tiyn, counter, unpredictable),
            "9F27": b"\x80",
            "9F10": bytes.fromhex("06010A03A0A800"),
            "9F37": unpredictable,
            "9F36": counter.to_bytes(2, "big"),
            "95": bytes(5),
            "9C": b"\x00",
            "9F02": bytes.fromhex(f"{amount_tiyn:012d}"),
            "5F2A": bytes.fromhex("0398"),
            "82": bytes.fromhex("1C00"),
            "9F1A": bytes.fromhex("0398"),
            "9F33": bytes.fromhex("E0F8C8"),
            "9F34": bytes.fromhex("420300"),
            "84": bytes.fromhex(card.aid),
        }
        return b"".join(bytes.fromhex(tag) + bytes([len(given)]) + given for tag, given in tags.items())


@dataclass(slots=True)
class CardDevice:
    """One terminal's application. address: of Sauda; gesture: what is done at each payment, by its amount.

    terminal_code: DE41, for the test master key; empty: no PIN is asked for.
    """

    address: str
    token: str
    terminal_id: str
    terminal_code: str = ""
    gesture: Callable[[int], Gesture] = lambda _amount: Gesture()
    reader: CardReader = field(default_factory=CardReader)
    tell: Callable[[str], None] = lambda _line: None
    done: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """Take tasks until cancelled; a lost connection is made anew."""
        while True:
            try:
                await self.serve()
            except (OSError, ConnectionClosed, TimeoutError, httpx.TransportError) as error:
                self.tell(f"connection lost: {type(error).__name__}")
            await asyncio.sleep(AGAIN_S)

    async def serve(self) -> None:
        """Take tasks until the connection ends."""
        async with self._following() as (connection, client):
            while True:
                message = json.loads(await connection.recv())
                match message["type"]:
                    case "ping":
                        await connection.send(json.dumps({"type": "pong"}))
                    case "next":
                        (news,) = message["payload"]["data"].values()
                        for task in news["tasks"]:
                            await self._do(client, task)
                    case "complete":
                        return
                    case _:
                        raise DeviceError(str(message))

    @asynccontextmanager
    async def _following(self) -> AsyncIterator[tuple[ClientConnection, httpx.AsyncClient]]:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.address.replace('http', 'ws', 1)}/graphql"
        async with (
            httpx.AsyncClient(base_url=self.address, headers=headers, timeout=WAIT_S) as client,
            connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as connection,
        ):
            await connection.send(json.dumps({"type": "connection_init", "payload": headers}))
            acknowledged = json.loads(await connection.recv())
            if acknowledged["type"] != "connection_ack":
                raise DeviceError(str(acknowledged))
            payload = {"query": TASKS, "variables": {"terminal": self.terminal_id}}
            await connection.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            yield connection, client

    async def _do(self, client: httpx.AsyncClient, task: dict[str, Any]) -> None:
        key = task["operationId"]
        if key in self.done:
            return
        self.done.add(key)
        amount = _tiyn(task["amount"])
        gesture = await asyncio.to_thread(self.gesture, amount)  # a person may be asked at a keyboard
        self.tell(f"{task['amount']}: {gesture.act.value} with {gesture.card.title}")
        try:
            if gesture.act in (Act.CANCEL, Act.REMOVE):
                await self._ask(client, WITHDRAW, id=key)
            elif gesture.act is not Act.IGNORE:
                pin_key = await self._pin_key(client) if gesture.card.pin and self.terminal_code else None
                card = self.reader.read(gesture, amount, pin_key)
                await self._ask(client, PRESENT, input={"operationId": key, **card})
                if gesture.act is Act.REFUSE:
                    await self._take_back(client, key)
        except DeviceError as error:
            self.tell(str(error))

    async def _take_back(self, client: httpx.AsyncClient, key: str) -> None:
        """The chip refused although the host approved: the payment must not stand. Said until it is heard."""
        for _ in range(LOOKS_MAX):
            try:
                await self._ask(client, WITHDRAW, id=key)
            except DeviceError as error:
                if error.code != NOT_ANSWERED:
                    raise
            else:
                return
            await asyncio.sleep(LOOK_S)

    async def _pin_key(self, client: httpx.AsyncClient) -> PinKey | None:
        found = await self._ask(client, PIN_KEY, terminal=self.terminal_id)
        if not found:
            return None
        master = test_master_key(self.terminal_code, MASTER_SIZE)
        opened = unwrap(master, found["keyBlock"], usages=PIN_USAGE)
        return PinKey(opened.header.algorithm, opened.key)

    async def _ask(self, client: httpx.AsyncClient, document: str, **variables: Any) -> dict[str, Any]:
        """The only root field. Raises DeviceError when it was refused."""
        answer = (await client.post("/graphql", json={"query": document, "variables": variables})).json()
        if answer.get("errors"):
            raise DeviceError(str(answer["errors"][0].get("extensions", {}).get("code")))
        (found,) = answer["data"].values()
        if found and found.get("__typename") == "Refused":
            raise DeviceError(found["code"], found["message"])
        return dict(found or {})


def _tiyn(text: str) -> int:
    tenge, _, tiyn = text.partition(".")
    return int(tenge) * 100 + int(tiyn.ljust(2, "0") or 0)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
