"""A terminal in a shop without a house: a door that asks it directly and remembers secrets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from addons.pos_terminal.adapters.kaspi_smartpos.driver import KaspiSmartPos
from addons.pos_terminal.domain.driver import (
    DriverOrder,
    DriverOutcome,
    GoesOn,
    OriginalPayment,
    Step,
    TerminalCard,
)
from addons.pos_terminal.services.ports import TerminalDriver
from kernel.clock import FrozenClock
from kernel.device_http import DeviceAnswer, DeviceRequest, ask_device
from kernel.money import Money
from simulators.serving import serving
from simulators.smart_terminals.kaspi import KaspiTerminal
from simulators.smart_terminals.server import build_kaspi, make_tls

MORNING = datetime(2026, 11, 21, 5, tzinfo=UTC)
LIMIT_MS = 15_000
POLLS_MAX = 300


@dataclass
class Door:
    """See addons.pos_terminal.domain.driver.ShopDoor."""

    limit_ms: int = LIMIT_MS
    secrets: dict[str, str] = field(default_factory=dict)

    async def ask(self, request: DeviceRequest, *, limit_ms: int) -> DeviceAnswer:
        return await ask_device(request, limit_ms=min(limit_ms, self.limit_ms))

    async def keep_secrets(self, secrets: Mapping[str, str]) -> None:
        self.secrets = dict(secrets)


@dataclass
class Counter:
    """A driver at work with one terminal; time goes only where the story says so."""

    driver: TerminalDriver
    address: str
    clock: FrozenClock
    door: Door = field(default_factory=Door)

    def order(
        self,
        step: Step,
        tenge: int = 1500,
        *,
        memo: Mapping[str, str] | None = None,
        original: OriginalPayment | None = None,
        tiyn: int = 0,
    ) -> DriverOrder:
        """One step."""
        card = TerminalCard(
            "t1", "c1", "", "", "", self.address, secrets=dict(self.door.secrets), door=self.door
        )
        return DriverOrder(
            step, "o1", card, Money(tenge * 100 + tiyn), 1, 1, 0, memo=memo or {}, original=original
        )

    async def do(self, step: Step, tenge: int = 1500, **more: object) -> DriverOutcome:
        """One step and its outcome."""
        return await self.driver.perform(self.order(step, tenge, **more))  # type: ignore[arg-type]

    async def follow(self, begun: DriverOutcome, tenge: int = 1500) -> tuple[DriverOutcome, list[str]]:
        """Ask until it is over; what the cashier was shown in between."""
        notes: list[str] = []
        for _ in range(POLLS_MAX):
            if not isinstance(begun, GoesOn):
                return begun, notes
            if begun.note not in notes:
                notes.append(begun.note)
            self.clock.advance(timedelta(milliseconds=begun.after_ms))
            begun = await self.do(Step.QUERY, tenge, memo=begun.memo)
        raise AssertionError("it never ends")


@asynccontextmanager
async def kaspi(
    terminal: KaspiTerminal | None = None, *, has_codes_as_status: bool = False
) -> AsyncIterator[tuple[Counter, KaspiTerminal]]:
    """A Kaspi terminal that knows our till already."""
    clock = FrozenClock(MORNING)
    device = terminal or KaspiTerminal()
    device.clock = clock
    tls, fingerprint = make_tls(MORNING)
    app = build_kaspi(device, has_codes_as_status=has_codes_as_status)
    async with serving(app, tls=tls) as served:
        counter = Counter(KaspiSmartPos(clock), f"https://127.0.0.1:{served.port}", clock)
        given = device.call("register", {"name": "Sauda"}, "")
        counter.door.secrets = {
            "name": "Sauda",
            "access_token": str(given["accessToken"]),
            "refresh_token": str(given["refreshToken"]),
            "fingerprint": fingerprint,
        }
        yield counter, device
