"""Terminals in a shop's network: letting the till in, and asking a terminal who it is.

No money moves here, so nothing waits in the terminal's lane; the terminal itself says when it is busy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.driver import Agreed, DriverOrder, NotSent, Step, TerminalCard
from addons.pos_terminal.services.ports import PairingDriver, TerminalDriver
from addons.pos_terminal.services.terminal_card import terminal_card
from addons.pos_terminal.services.terminals import terminal_row
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.money import Money

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.data.database import Database
    from kernel.data.work import Reader, Work
    from kernel.security.principal import Principal

NAME = "Sauda"  # on the terminal's screen, with the beginning of the terminal's id
ECHO_LIMIT_MS = 15_000


@dataclass(frozen=True, slots=True)
class DeviceCheck:
    """What a terminal says of itself; texts are empty where it does not tell.

    is_same: its serial number is the one that was written down, or one of them is not known.
    """

    terminal_id: str
    serial_number: str
    terminal_code: str
    fingerprint: str
    is_same: bool


async def pair_terminal(database: Database, principal: Principal, terminal_id: str) -> DeviceCheck:
    """Ask the terminal to let the till in (a person confirms on its screen), see that it is the one that was
    meant, and keep what it gave, sealed.

    Raises Refusal: TERMINAL_UNKNOWN, TERMINAL_CLOSED, TERMINAL_PAIRING_NOT_NEEDED, TERMINAL_OTHER_DEVICE and
    those of PairingDriver.pair.
    """
    async with database.reading(principal) as reader:
        card, driver, serial_number = await _asked(reader, terminal_id)
    if not isinstance(driver, PairingDriver):
        raise Refusal("TERMINAL_PAIRING_NOT_NEEDED", field="id")
    secrets = await driver.pair(card, f"{NAME} {terminal_id[-6:]}")
    found = await _told(driver, replace(card, secrets=secrets), serial_number)
    if not found.is_same:
        raise Refusal("TERMINAL_OTHER_DEVICE", field="id", serial=found.serial_number)
    assert card.door is not None, "a card of this house"
    await card.door.keep_secrets(secrets)
    await database.transact(_write_down, terminal_id, found.fingerprint, principal=principal)
    return found


async def check_device(database: Database, principal: Principal, terminal_id: str) -> DeviceCheck:
    """Ask a terminal in the shop who it is. Raises Refusal: TERMINAL_UNKNOWN, TERMINAL_CLOSED,
    TERMINAL_CHECK_BY_KEYS and what stands in the way of reaching it.
    """
    async with database.reading(principal) as reader:
        card, driver, serial_number = await _asked(reader, terminal_id)
    if driver.capabilities.needs_keys:
        raise Refusal("TERMINAL_CHECK_BY_KEYS", field="id")
    return await _told(driver, card, serial_number)


async def _asked(reader: Reader, terminal_id: str) -> tuple[TerminalCard, TerminalDriver, str]:
    card, terms = await terminal_card(reader, terminal_id)
    row = await terminal_row(reader, terminal_id, field="id")
    if row["state"] == "closed":
        raise Refusal("TERMINAL_CLOSED", field="id", title=terms.title)
    driver = reader.database.registry.offers(TerminalDriver).get(card.driver)
    if driver is None:
        raise Refusal("TERMINAL_DRIVER_UNKNOWN", field="id", driver=card.driver)
    return card, driver, row["serial_number"]


async def _told(driver: TerminalDriver, card: TerminalCard, serial_number: str) -> DeviceCheck:
    order = DriverOrder(Step.ECHO, new_id(), card, Money.ZERO, 0, 0, 0, deadline_ms=ECHO_LIMIT_MS)
    match await driver.perform(order):
        case Agreed(memo=memo):
            return _check(card, memo, serial_number)
        case NotSent(code):
            raise Refusal(code, field="id")
        case _:
            raise Refusal("TERMINAL_ABSENT", field="id")


def _check(card: TerminalCard, memo: Mapping[str, str], serial_number: str) -> DeviceCheck:
    seen = memo.get("serial_number", "")
    return DeviceCheck(
        card.id,
        seen,
        memo.get("terminal_code", ""),
        card.secrets.get("fingerprint", ""),
        is_same=not seen or not serial_number or seen == serial_number,
    )


async def _write_down(work: Work, terminal_id: str, fingerprint: str) -> None:
    await work.audit("pos_terminal.pair", f"terminal:{terminal_id}", {"fingerprint": fingerprint})
