"""A company served on a real socket, into which 1C's files are imported, and its devices."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from addons.catalog_1c.adapters.commerceml import CommerceMl
from addons.catalog_1c.demo.many_goods import many_groups
from addons.catalog_1c.demo.writer import DemoGoods, write_import, write_offers
from addons.catalog_1c.domain.commands import ImportFiles
from addons.catalog_1c.services.import_files import import_files
from addons.organization.api import (
    CreateCompany,
    CreateOutlet,
    CreateRegister,
    create_company,
    create_outlet,
    create_register,
)
from addons.organization.domain.bin import check_digit
from addons.organization.services.devices import IssueBinding, bind, issue_binding
from gateway.server import serving
from kernel.app import App
from kernel.clock import Clock, SystemClock
from kernel.security.principal import SYSTEM, Principal
from kernel.testing import running_app


@dataclass
class Stage:
    """principal: of the company itself."""

    app: App
    address: str
    principal: Principal
    outlet_id: Any

    async def run(self, service: Any, *args: Any) -> Any:
        """A service in a transaction of its own."""
        return await self.app.database.transact(service, *args, principal=self.principal)

    async def token(self, title: str = "Касса") -> str:
        """Of a device bound to a new register."""
        register_id = await self.run(create_register, CreateRegister(self.outlet_id, title))
        issued = await self.run(issue_binding, IssueBinding(register_id, title))
        return (await bind(self.app.database, issued.token)).token

    async def import_(self, folder: Path, goods: Sequence[DemoGoods]) -> None:
        """What 1C exports of these goods."""
        command = ImportFiles(_exported(folder, goods))
        await import_files(self.app.database, command, format=CommerceMl(), principal=self.principal)


def _exported(folder: Path, goods: Sequence[DemoGoods]) -> tuple[Path, ...]:
    folder.mkdir()
    paths = (folder / "import0_1.xml", folder / "offers0_1.xml")
    write_import(paths[0], many_groups(), goods)
    write_offers(paths[1], goods)
    return paths


@asynccontextmanager
async def open_stage(clock: Clock | None = None) -> AsyncIterator[Stage]:
    """The catalogue with its imports, served."""
    async with (
        running_app(["catalog_1c"], clock=clock or SystemClock()) as app,
        serving(app, port=0) as address,
    ):
        yield await new_company(app, address, 0)


async def new_company(app: App, address: str, number: int) -> Stage:
    """One more company with an outlet."""
    transact = app.database.transact
    bodies = (f"23014{number:03d}{n:03d}" for n in range(1000))
    bin_ = next(f"{body}{digit}" for body in bodies if (digit := check_digit(body)) is not None)
    company_id = await transact(create_company, CreateCompany(bin_, "Дән"), principal=SYSTEM)
    principal = SYSTEM.within(company_id)
    outlet_id = await transact(create_outlet, CreateOutlet("Дүкен", "Алматы"), principal=principal)
    return Stage(app, address, principal, outlet_id)
