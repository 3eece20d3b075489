"""A folder that 1C and we share, when a process dies or both sides write at once: nothing is lost or told
twice."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from addons.catalog_1c.adapters.equipment_folder import Folder
from addons.catalog_1c.adapters.equipment_tools import Tools
from addons.catalog_1c.services.equipment_folder_run import FolderRun
from addons.catalog_1c.services.equipment_links import link_snapshot
from addons.catalog_1c.tests.device_makers import FULL, frontol, frontol_good
from kernel.money import Money
from tests.onec.device_sales import frontol_sales
from tests.onec.equipment_house import Linked, open_linked

MILK = frontol(*FULL, frontol_good("501", "Кефир 1 л", "512,50"))
CHEAPER = frontol("$$$REPLACEQUANTITY", frontol_good("501", "Кефир 1 л", "500"))


class PowerCut(BaseException):
    """The process is gone at this very moment."""


@pytest.fixture
async def linked(tmp_path: Path) -> AsyncIterator[Linked]:
    async with open_linked(tmp_path / "exchange") as opened:
        yield opened


async def test_a_file_that_comes_while_another_is_read_is_not_lost(
    linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    await linked.link()
    linked.put_goods(MILK)
    finish = Folder.finish_goods

    def late(self: Folder, claim: Any, *, is_taken: bool) -> bool:
        if not (linked.folder / "goods.txt").exists():
            linked.put_goods(CHEAPER)
        return finish(self, claim, is_taken=is_taken)

    monkeypatch.setattr(Folder, "finish_goods", late)

    await linked.run()
    assert linked.goods() == CHEAPER
    monkeypatch.undo()
    await linked.run()

    card = await linked.card(501)
    assert card is not None
    assert card.price == Money.tenge(500)
    assert linked.goods().startswith(b"##@@&&\r\n@")


@pytest.mark.parametrize("moment", ["finish_goods", "_publish"])
async def test_a_process_that_dies_over_a_file_leaves_it_to_the_next_one(
    linked: Linked, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    await linked.link()
    linked.put_goods(MILK)

    def cut(*_: object, **__: object) -> bool:
        raise PowerCut

    monkeypatch.setattr(Folder, moment, cut)
    with pytest.raises(PowerCut):
        await directly(linked)
    monkeypatch.undo()
    assert not (linked.folder / "goods.txt").exists()

    assert await linked.run() == ""

    assert linked.goods().startswith(b"##@@&&\r\n@")
    assert not list(linked.folder.glob(".sauda-*"))
    reports = await linked.rows("SELECT report FROM c1c_session ORDER BY id")
    assert '"unchanged":1' in reports[-1]["report"]


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_report_leaves_once_whenever_the_process_dies(
    linked: Linked, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    await linked.link()
    await linked.sell_a_shift()
    write = Folder.write_report

    def cut(self: Folder, content: bytes) -> None:
        if moment == "after":
            write(self, content)
        raise PowerCut

    monkeypatch.setattr(Folder, "write_report", cut)
    with pytest.raises(PowerCut):
        await directly(linked)
    monkeypatch.undo()
    if moment == "after":
        linked.take_report()  # 1C was quicker than our restart

    await linked.run()
    states = await linked.reports()
    if moment == "before":
        assert len(frontol_sales(linked.report())) == 1
        linked.take_report()
        await linked.run()
        states = await linked.reports()

    assert [state for _, state in states if state != "replaced"] == ["taken"]
    await linked.run()
    assert linked.report().startswith(b"@")


@pytest.mark.parametrize("moment", ["rename", "replace", "unlink", "open"])
async def test_a_share_that_fails_is_tried_again_by_the_next_look(
    linked: Linked, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    await linked.link()
    await linked.sell_a_shift()
    linked.put_goods(MILK)

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "share is gone")

    monkeypatch.setattr(Path, moment, fail)
    trouble = await linked.run()
    monkeypatch.undo()

    assert trouble in ("C1C_LINK_FOLDER", "C1C_FILE_UNREADABLE")
    assert await linked.run() == ""
    assert linked.goods().startswith(b"##@@&&\r\n@")
    assert len(frontol_sales(linked.report())) == 1


async def directly(linked: Linked) -> None:
    """One look without the worker, so that its death is seen."""
    async with linked.desk.app.database.reading(linked.desk.system) as reader:
        link = await link_snapshot(reader, linked.link_id)
    assert link is not None
    linked.folder.mkdir(parents=True, exist_ok=True)
    folder = Folder(linked.folder, link.command.names, link.command.format)
    await FolderRun(linked.desk.app.database, linked.desk.system, link, folder=folder, tools=Tools()).run()
