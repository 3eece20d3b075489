"""The stage of the demo.

An installation of its own in a temporary folder, and beside it the OFD simulator and a card terminal.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from kernel.addons.discovery import discover
from simulators.ofd.server import OfdSimulator
from simulators.ofd.settings import OfdSettings, RegisterData
from simulators.processes import Process, free_port, succeed
from simulators.smart_terminals.kaspi import KaspiTerminal
from simulators.smart_terminals.plan import Ending, Plan
from simulators.smart_terminals.server import Place, serving_kaspi

EMAIL, COMPANY_BIN = "owner@demo.kz", "230140000109"
COMPANY_TITLE, COMPANY_TITLE_KK = "ТОО «Дән Маркет»", "«Дән Маркет» ЖШС"
FIRST_OFD_ID, FIRST_TOKEN, REGISTERS = 1001, 100_000_001, 4
RETRY_PAUSE_MS = 1_500  # a minute by the protocol; nobody waits a minute for a demo
TRANSACTION_MS = 1_500
CUSTOMER_MS = 2_500  # until the buyer has held the card to the terminal
FIRST_KGD_NUMBER = 10_101_234_567  # of the tax authority; by it and the sign a receipt is found


@dataclass(frozen=True, slots=True)
class Stage:
    """A running installation. `password` belongs to EMAIL and is made anew for every demo.

    terminal: a Kaspi Smart POS at `device.address`, which no register knows yet; `device.panel` is its page.
    """

    simulator: OfdSimulator
    terminal: KaspiTerminal
    device: Place
    house: Process
    address: str
    ledger_address: str
    password: str
    environ: dict[str, str]

    async def command(self, *arguments: str) -> str:
        """Run `sauda …` beside the house; what it printed. Raises ProcessEnded when it fails."""
        return await succeed(*arguments, environ=self.environ)


@asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    """Everything started and empty but for the company; all of it is gone on leaving."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sauda-demo-")))
        simulator = OfdSimulator(OfdSettings(http_port=0))
        endpoint = await stack.enter_async_context(simulator.running())
        for place in range(REGISTERS):
            simulator.add_register(FIRST_OFD_ID + place, FIRST_TOKEN + place, _register(place))
        terminal = KaspiTerminal(plan=Plan(usual=Ending(customer_ms=CUSTOMER_MS)))
        device = await stack.enter_async_context(serving_kaspi(terminal))
        ledger_address = f"http://{endpoint.host}:{endpoint.http_port}"
        port, password = free_port(), secrets.token_urlsafe(9)
        environ = {
            "SAUDA_DATABASE__URL": f"sqlite:///{folder / 'demo.db'}",
            "SAUDA_SERVER__PORT": str(port),
            "SAUDA_SERVER__PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SAUDA_FISCAL_KZ__PROFILES": _profile(endpoint.port, ledger_address),
            "SAUDA_FISCAL_KZ__RETRY_PAUSE_MS": str(RETRY_PAUSE_MS),
            "SAUDA_FISCAL_KZ__TRANSACTION_MS": str(TRANSACTION_MS),
            "SAUDA_LOG__LEVEL": "warning",
        }
        await succeed(
            *("user", "create-owner", "--email", EMAIL, "--name", "Айгүл Сәрсенова", "--password-stdin"),
            *("--company-bin", COMPANY_BIN),
            *("--company-title", COMPANY_TITLE, "--company-title-kk", COMPANY_TITLE_KK),
            environ=environ,
            standard_input=f"{password}\n",
        )
        house = Process(["up"], environ, folder / "up.log")
        await house.start()
        stack.push_async_callback(house.stop)
        address = f"http://127.0.0.1:{port}"
        await house.ready(address)
        yield Stage(simulator, terminal, device, house, address, ledger_address, password, environ)


def catalogue_files() -> list[str]:
    """The export of a 1C base that comes with the add-on catalog_1c."""
    folder = discover()["catalog_1c"].folder / "demo"
    return [str(path) for path in sorted(folder.glob("*.xml"))]


def _register(place: int) -> RegisterData:
    return RegisterData(
        kgd_number=f"{FIRST_KGD_NUMBER + place:012d}",
        serial_number=f"SAUDA-{place + 1:04d}",
        org_title=COMPANY_TITLE,
        org_title_kz=COMPANY_TITLE_KK,
        org_bin=COMPANY_BIN,
    )


def _profile(ofd_port: int, ledger_address: str) -> str:
    return f"simulator;127.0.0.1:{ofd_port};Симулятор ОФД;{ledger_address}/check;simulator"
