"""A merchant whose terminal speaks to an acquirer's host on this machine, before its first key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from addons.pos_terminal.adapters.iso8583.driver import Iso8583
from addons.pos_terminal.domain.driver import DriverName, DriverOrder, DriverOutcome, Step, TerminalCard
from addons.pos_terminal.domain.keys import KeyForm
from addons.pos_terminal.domain.terminal import TerminalState
from addons.pos_terminal.services.contracts import contract_row, set_contract
from addons.pos_terminal.services.keys_ceremony import (
    EnterComponent,
    StartCeremony,
    confirm_ceremony,
    enter_component,
    start_ceremony,
)
from addons.pos_terminal.services.ports import TerminalDriver
from addons.pos_terminal.services.terminal_card import terminal_card
from addons.pos_terminal.services.terminals import new_terminal
from addons.pos_terminal.tests.merchant import Merchant, contract, open_merchant
from kernel.clock import FrozenClock
from kernel.data.work import Work
from kernel.jobs.drive import run_due
from kernel.money import Money
from kernel.security.principal import Principal
from protocols.iso8583.crypto import Algorithm, check_value
from simulators.acquirer.server import AcquirerSimulator
from simulators.acquirer.settings import AcquirerSettings, TerminalData, test_components, test_master_key

CODE, MERCHANT_CODE = "TRM00001", "MRC000000000001"
FORM_SIZE = 16


@dataclass
class KeyHouse:
    """merchant.owner and merchant.clerk keep the two components of the letters."""

    merchant: Merchant
    host: AcquirerSimulator
    terminal_id: str
    form: KeyForm

    @property
    def letters(self) -> list[str]:
        """Components as printed, in groups of four."""
        made = [each.hex().upper() for each in test_components(CODE, FORM_SIZE)]
        return [" ".join(each[at : at + 4] for at in range(0, len(each), 4)) for each in made]

    @property
    def check(self) -> str:
        """The check value of the whole key, as in the letter."""
        return check_value(self.form.algorithm, test_master_key(CODE, FORM_SIZE))

    async def ceremony(self) -> str:
        """Both components are in."""
        owner, clerk = self.letters
        opened = str(await self.merchant.do(start_ceremony, StartCeremony(self.terminal_id, self.form)))
        await self.merchant.do(enter_component, EnterComponent(opened, owner))
        await self.merchant.do(enter_component, EnterComponent(opened, clerk), by=self.merchant.clerk)
        return opened

    async def confirm(self, ceremony_id: str, check: str = "", by: Principal | None = None) -> str:
        """The key goes in."""
        person = by or self.merchant.owner
        return await confirm_ceremony(self.merchant.app.database, person, ceremony_id, check or self.check)

    async def load(self) -> None:
        """Master key and working keys."""
        await self.confirm(await self.ceremony())
        await self.work()

    async def work(self) -> None:
        """Jobs that are due."""
        await run_due(self.merchant.app.database)

    async def card(self) -> TerminalCard:
        """The terminal as a driver sees it now."""
        async with self.merchant.app.database.reading(self.merchant.owner) as reader:
            card, _ = await terminal_card(reader, self.terminal_id)
        return card

    async def pay(self, tiyn: int, stan: int) -> DriverOutcome:
        """A purchase, past the house's own books."""
        driver = self.merchant.app.registry.offers(TerminalDriver)[DriverName.ISO8583]
        now_ms = self.merchant.app.clock.now().timestamp() * 1000
        order = DriverOrder(
            Step.PAY, "op", await self.card(), Money(tiyn), stan=stan, batch=1, sent_ms=int(now_ms)
        )
        return await driver.perform(order)

    async def states(self) -> tuple[str, str, str]:
        """Of the terminal, of the last exchange, and why that failed."""
        terminal = await self.merchant.row("SELECT state FROM pos_terminal WHERE id = ?", self.terminal_id)
        updates = await self.merchant.rows("SELECT state, code FROM pos_key_update")
        update = updates[0] if updates else {"state": "", "code": ""}
        return str(terminal["state"]), str(update["state"]), str(update["code"])


@asynccontextmanager
async def key_house(
    folder: Path,
    *,
    options: Mapping[str, str] | None = None,
    settings: Mapping[str, Mapping[str, object]] | None = None,
    url: str | None = None,
) -> AsyncIterator[KeyHouse]:
    """A provisioned terminal and a running host. options: of the contract and of the host."""
    options = options or {}
    async with open_merchant(folder, settings or {}, url=url) as merchant:
        host = AcquirerSimulator(AcquirerSettings(options=options), clock=merchant.app.clock)
        host.add_terminal(TerminalData(CODE, MERCHANT_CODE))
        async with host.running() as endpoint:
            address = f"{endpoint.host}:{endpoint.port}"
            command = contract(
                driver=DriverName.ISO8583.value, address=address, options=options, merchant_code=MERCHANT_CODE
            )
            merchant.contract_id = await merchant.do(set_contract, command)
            terminal_id = await merchant.do(_provisioned, merchant)
            rule = host.dialect.mac_rule
            form = KeyForm.AES_128 if rule.algorithm is Algorithm.AES else KeyForm.TDES_112
            try:
                yield KeyHouse(merchant, host, terminal_id, form)
            finally:
                driver = merchant.app.registry.offers(TerminalDriver)[DriverName.ISO8583]
                assert isinstance(driver, Iso8583)
                driver.close()


async def _provisioned(work: Work, merchant: Merchant) -> str:
    """A terminal with its number and without its paper: how it comes to that is another story."""
    contract = await contract_row(work, merchant.contract_id)
    state = TerminalState.PROVISIONED
    return await new_terminal(work, contract, merchant.place(), state, terminal_code=CODE)


def advance(house: KeyHouse, **length: int) -> None:
    clock = house.merchant.app.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(timedelta(**length))
