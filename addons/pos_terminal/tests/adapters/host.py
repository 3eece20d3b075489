"""A host of a few lines: answers as a story tells it, proved with the same keys."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from addons.pos_terminal.adapters.iso8583.driver import Iso8583
from addons.pos_terminal.domain.driver import (
    Agreed,
    CardData,
    DriverOrder,
    DriverOutcome,
    EntryMode,
    OriginalPayment,
    Step,
    TerminalCard,
)
from kernel.money import Money
from protocols.iso8583.crypto import MacRule, mac
from protocols.iso8583.dialect import Dialect, dialect_of
from protocols.iso8583.frame import answer_tpdu, read_frame
from protocols.iso8583.message import FieldValue, Message, answer_mti
from protocols.iso8583.numbers import Network
from protocols.iso8583.signing import is_genuine, pack_signed

KEY, OLD_KEY = bytes(range(16)), bytes(range(16, 32))
SENT_MS = 1_795_240_800_000  # 2026-11-21 06:00 UTC, 11:00 in Almaty
ECHOED = (3, 4, 7, 11, 41, 42, 70)
Story = Callable[["Host", Message], Awaitable[bytes | None]]
TERMINAL = TerminalCard(
    id="t1",
    company_id="c1",
    driver="iso8583",
    terminal_code="TERM0001",
    merchant_code="MERCHANT1",
    address="",
)
CARD = CardData(
    EntryMode.CONTACTLESS,
    track=bytes.fromhex("a1b2c3d4e5f6"),
    ksn=bytes.fromhex("ffff9876543210e00001"),
    pin_block=bytes(range(8)),
    chip=bytes.fromhex("9f2608a1a2a3a4a5a6a7a88407a0000000031010"),
    masked_number="440043******1234",
    scheme="VISA",
)


@dataclass
class Keys:
    """See addons.pos_terminal.domain.driver.TerminalKeys."""

    key: bytes = KEY
    before: bytes | None = OLD_KEY

    async def mac(self, rule: str, data: bytes) -> bytes:
        return mac(MacRule(rule), self.key, data)

    async def answer_macs(self, rule: str, data: bytes) -> tuple[bytes, ...]:
        keys = (self.key, *((self.before,) if self.before else ()))
        return tuple([mac(MacRule(rule), each, data) for each in keys])


@dataclass
class Host:
    """port: where it listens. seen: every request in its order; connections: how many were made."""

    dialect: Dialect
    story: Story
    port: int = 0
    connections: int = 0
    seen: list[Message] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    is_signed_well: list[bool] = field(default_factory=list)

    def answered(self, request: Message, more: Mapping[int, FieldValue], *, key: bytes | None = KEY) -> bytes:
        """The answer with what has to be echoed; without a MAC when key is None."""
        echoed = {number: request.fields[number] for number in ECHOED if number in request.fields}
        answer = Message(answer_mti(request.mti), {**echoed, **more})
        return self.dialect.pack(answer) if key is None else pack_signed(self.dialect, answer, key)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        while frame := await read_frame(reader, self.dialect.framing):
            request = self.dialect.unpack(frame.payload)
            if request.text(70) == Network.ECHO:
                answer: bytes | None = self.answered(request, {39: "00"}, key=None)
            else:
                self.seen.append(request)
                self.is_signed_well.append(is_genuine(self.dialect, frame.payload, request, KEY))
                answer = await self.story(self, request)
            if answer is not None:
                tpdu = answer_tpdu(frame.tpdu) if frame.tpdu else b""
                writer.write(self.dialect.framing.encode(answer, tpdu))


@dataclass
class Counter:
    """A driver at one terminal of that host."""

    host: Host
    driver: Iso8583
    options: Mapping[str, str]

    def order(self, step: Step = Step.PAY, tiyn: int = 125_050, **changes: object) -> DriverOrder:
        terminal = replace(TERMINAL, address=f"127.0.0.1:{self.host.port}", options=self.options, keys=Keys())
        order = DriverOrder(
            step, "op1", terminal, Money(tiyn), stan=7, batch=3, sent_ms=SENT_MS, card=CARD, deadline_ms=5_000
        )
        return replace(order, **changes)  # type: ignore[arg-type]

    async def hurried(self, **changes: object) -> DriverOutcome:
        """A purchase whose answer is awaited for a moment only; it surely leaves: there is a connection."""
        assert await self.perform(Step.ECHO) == Agreed("ready")
        return await self.perform(**{"deadline_ms": 40, **changes})  # type: ignore[arg-type]

    async def perform(self, step: Step = Step.PAY, **changes: object) -> DriverOutcome:
        return await self.driver.perform(self.order(step, **changes))


@asynccontextmanager
async def counter(
    story: Story, *, tls: ssl.SSLContext | None = None, **options: str
) -> AsyncIterator[Counter]:
    """A host that tells this story, and a driver with these options of the contract."""
    host = Host(dialect_of(options), story)
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0, ssl=tls)
    host.port = server.sockets[0].getsockname()[1]
    driver = Iso8583()
    try:
        async with server:
            yield Counter(host, driver, options)
    finally:
        driver.close()
        for writer in host.writers:
            writer.close()


ORIGINAL = OriginalPayment(
    kind="PURCHASE", stan=5, batch=3, amount=Money(125_050), sent_ms=SENT_MS - 60_000, rrn="632611000005",
    authorization_code="A1B2C3",
)  # fmt: skip


APPROVAL: Mapping[int, FieldValue] = {
    12: "110001", 13: "1121", 15: "1121", 37: "632611000007", 38: "123456", 39: "00",
}  # fmt: skip


def answering(key: bytes | None = KEY, **more: FieldValue) -> Story:
    """Every request gets an approval, with these elements instead: de39="51"."""
    told = {**APPROVAL} | {int(name.removeprefix("de")): given for name, given in more.items()}

    async def story(host: Host, request: Message) -> bytes:
        return host.answered(request, told, key=key)

    return story


async def silence(host: Host, request: Message) -> None:
    return None
