"""A shop linked to 1C as a piece of its equipment, with the manners of 1C's own driver."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from addons.catalog.api import ProductCard, product_by_code
from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.domain.device_files import DeviceFormat
from addons.catalog_1c.domain.equipment import LinkEquipment, LinkId, LinkWay, RunLink
from addons.catalog_1c.services.equipment_links import link_equipment, run_link
from addons.trade.domain.commands import LineAsked
from addons.trade.tests.shop import BINS
from kernel.jobs.drive import run_due, run_schedules
from kernel.quantity import Quantity
from tests.onec.house import Desk, open_desk


@dataclass
class Linked:
    """A desk with its link and the folder in which both sides meet."""

    desk: Desk
    root: Path
    link_id: str = ""

    @property
    def folder(self) -> Path:
        return self.root / BINS[0] / "till"

    async def link(self, **choices: Any) -> LinkId:
        """Make the link, or change it."""
        command = {
            "connection": "Розница",
            "format": DeviceFormat.FRONTOL,
            "way": LinkWay.FOLDER,
            "folder": "till",
            "register_id": self.desk.shop.register_id,
            **choices,
        }
        database = self.desk.app.database
        self.link_id = await database.transact(
            link_equipment, LinkEquipment(**command), principal=self.desk.system
        )
        (row,) = await self.rows("SELECT connection_id FROM c1c_equipment_link WHERE id = ?", self.link_id)
        self.desk.connection_id = ConnectionId(row["connection_id"])
        return self.link_id

    async def run(self, *, again: bool = False) -> str:
        """Run the link now; the code of what stands in the way, "" when nothing does."""
        database = self.desk.app.database
        command = RunLink(LinkId(self.link_id), again)
        await database.transact(run_link, command, principal=self.desk.system)
        await run_due(database)
        return await self.trouble()

    async def look(self) -> str:
        """Let the schedule find the link."""
        await run_schedules(self.desk.app.database)
        await run_due(self.desk.app.database)
        return await self.trouble()

    async def trouble(self) -> str:
        (row,) = await self.rows("SELECT trouble_code FROM c1c_equipment_link WHERE id = ?", self.link_id)
        return str(row["trouble_code"])

    async def rows(self, sql: str, *params: Any) -> list[dict[str, Any]]:
        async with self.desk.app.database.reading(self.desk.system) as reader:
            return [dict(row) for row in await reader.rows(sql, *params)]

    async def reports(self) -> list[tuple[int, str]]:
        """Numbers and states of the reports."""
        rows = await self.rows("SELECT number, state FROM c1c_equipment_report ORDER BY number")
        return [(row["number"], row["state"]) for row in rows]

    async def card(self, code: int) -> ProductCard | None:
        async with self.desk.app.database.reading(self.desk.system) as reader:
            return await product_by_code(reader, code)

    async def sell_a_shift(self, *codes: int) -> None:
        """A closed shift with one receipt of goods that came from 1C, by code, or of our own bread."""
        await self.desk.open_shift()
        lines = []
        for code in codes:
            card = await self.card(code)
            assert card is not None
            lines.append(LineAsked(Quantity.ONE, product_id=card.id))
        await self.desk.sell(*(lines or ["Нан"]))
        await self.desk.close_shift()

    # What 1C does in the folder

    def put_goods(self, content: bytes, *, flag: bool = True, name: str = "goods.txt") -> None:
        """Export goods; long enough ago to count as quiet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        path.write_bytes(content)
        os.utime(path, (time.time() - 60, time.time() - 60))
        if flag:
            (self.folder / "goods-flag.txt").touch()

    def goods(self, name: str = "goods.txt") -> bytes:
        return (self.folder / name).read_bytes()

    def report(self) -> bytes:
        return (self.folder / "sales.txt").read_bytes()

    def take_report(self) -> None:
        """Mark the report as 1C does once it has loaded it."""
        path = self.folder / "sales.txt"
        lines = path.read_bytes().split(b"\r\n")
        assert lines[0] == b"#"
        path.write_bytes(b"\r\n".join((b"@", *lines[1:])))


@asynccontextmanager
async def open_linked(root: Path, *, url: str | None = None) -> AsyncIterator[Linked]:
    """A shop whose server watches the folder."""
    async with open_desk(url=url, settings={"catalog_1c": {"equipment_folder": str(root)}}) as desk:
        yield Linked(desk, root)
