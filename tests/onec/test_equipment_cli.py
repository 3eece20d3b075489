"""`sauda watch-folder`, `sauda export-1c`, `sauda import-1c --format`: a register beside 1C, by commands.

The tables are made at once, not by migrations: those are proved elsewhere and take their time.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from addons.catalog_1c import cli, equipment_cli
from addons.catalog_1c.adapters.equipment_folder import alone_in
from addons.catalog_1c.cli import app as import_1c
from addons.catalog_1c.equipment_cli import exporting, watching
from addons.catalog_1c.tests.device_makers import frontol, frontol_good, shtrih, shtrih_good
from addons.organization.api import (
    CreateCompany,
    CreateOutlet,
    CreateRegister,
    create_company,
    create_outlet,
    create_register,
)
from addons.trade.api import ShiftSummaryFacts, record_shift_summary
from kernel.addons.loader import load_addons
from kernel.app import App
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security.principal import SYSTEM
from kernel.testing import running_app
from tests.onec.device_sales import log_rows

BIN = "230140000109"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A database with one company and one register."""
    path = tmp_path_factory.mktemp("installation") / "sauda.db"
    registry = load_addons()

    async def furnish(work: Work) -> str:
        outlet_id = await create_outlet(work, CreateOutlet("Дүкен", "г. Алматы"))
        return str(await create_register(work, CreateRegister(outlet_id, "Касса 1")))

    async def found() -> str:
        url = f"sqlite:///{path}"
        async with running_app(registry=registry, url=url) as sauda:
            company = CreateCompany(bin=BIN, title="ТОО")
            company_id = await sauda.database.transact(create_company, company, principal=SYSTEM)
            return await sauda.database.transact(furnish, principal=SYSTEM.within(company_id))

    return path, asyncio.run(found())


@pytest.fixture
def register_id(installation: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The installation as new; commands find it by their settings."""
    path, found = installation
    shutil.copyfile(path, tmp_path / "sauda.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAUDA_DATABASE__URL", f"sqlite:///{tmp_path / 'sauda.db'}")
    for module in (cli, equipment_cli):
        monkeypatch.setattr(module, "prepare", as_it_is)
    return found


async def as_it_is(sauda: App) -> None:
    """In place of kernel.setup.prepare."""


def within(work: Callable[[App], Awaitable[Any]]) -> Any:
    """Do something in the installation between two commands."""

    async def run() -> Any:
        sauda = App.build()
        async with sauda.running():
            return await work(sauda)

    return asyncio.run(run())


def rows(sql: str) -> list[dict[str, Any]]:
    async def read(sauda: App) -> list[dict[str, Any]]:
        async with sauda.database.reading(SYSTEM) as reader:
            return [dict(row) for row in await reader.rows(sql)]

    return list(within(read))


def watch(folder: Path, *more: str) -> Any:
    arguments = [str(folder), "--format", "frontol", "--register", "1", "--once", *more]
    return CliRunner().invoke(watching, arguments)


def test_a_watched_folder_takes_goods_and_says_what_is_wrong(register_id: str, tmp_path: Path) -> None:
    folder = tmp_path / "till"
    folder.mkdir()
    (folder / "goods.txt").write_bytes(frontol("$$$ADDQUANTITY", frontol_good("5", "Кефир", f23="8")))
    (folder / "goods-flag.txt").touch()

    first = watch(folder, "--tax-group", "8=16")
    (folder / "goods.txt").write_bytes(frontol("$$$ADDQUANTITY", "5;;Кефир;;дорого"))
    (folder / "goods-flag.txt").touch()
    second = watch(folder)

    assert first.exit_code == 0, first.output
    assert rows("SELECT code, name, vat_kind FROM cat_product WHERE source IS NOT NULL") == [
        {"code": 5, "name": "Кефир", "vat_kind": "standard"}
    ]
    assert isinstance(second.exception, Refusal)
    assert second.exception.code == "C1C_DEVICE_FIELD"
    assert (folder / "goods.txt.refused").exists()


def test_a_report_is_exported_once_per_mark(register_id: str, tmp_path: Path) -> None:
    out = tmp_path / "sales.txt"
    command = ["--out", str(out), "--format", "frontol", "--register", "1"]

    assert CliRunner().invoke(exporting, command).exit_code == 0
    assert not out.exists()
    close_a_shift(register_id, number=1)
    assert CliRunner().invoke(exporting, command).exit_code == 0
    first = out.read_bytes()
    close_a_shift(register_id, number=2)
    CliRunner().invoke(exporting, command)
    assert out.read_bytes() == first

    out.write_bytes(first.replace(b"#", b"@", 1))
    CliRunner().invoke(exporting, command)
    assert [row[13] for row in log_rows(first)] == ["1", "1", "1"]
    assert [row[13] for row in log_rows(out.read_bytes())] == ["2", "2", "2"]


def test_one_file_is_imported_by_its_format(register_id: str, tmp_path: Path) -> None:
    path = tmp_path / "goods.spr"
    path.write_bytes(shtrih(shtrih_good("7", "Сыр голландский"), encoding="cp866"))

    done = CliRunner().invoke(import_1c, [str(path), "--format", "shtrih", "--encoding", "cp866", "--json"])
    wrong = CliRunner().invoke(import_1c, [str(path), "--format", "excel"])

    assert done.exit_code == 0, done.output
    assert rows("SELECT name FROM cat_product WHERE source IS NOT NULL") == [{"name": "Сыр голландский"}]
    assert wrong.exit_code == 2


@pytest.mark.parametrize(
    ("more", "code"),
    [(("--register", "9"), "C1C_LINK_REGISTER"), (("--goods", "../x"), "C1C_LINK_FILE_NAME")],
)
def test_what_cannot_be_watched_is_refused(
    register_id: str, tmp_path: Path, more: tuple[str, ...], code: str
) -> None:
    result = watch(tmp_path, *more)

    assert isinstance(result.exception, Refusal)
    assert result.exception.code == code


def test_two_commands_never_work_in_one_folder(register_id: str, tmp_path: Path) -> None:
    with alone_in(tmp_path):
        result = watch(tmp_path)

    assert isinstance(result.exception, Refusal)
    assert result.exception.code == "C1C_LINK_BUSY"
    assert watch(tmp_path).exit_code == 0


def close_a_shift(register_id: str, *, number: int) -> None:
    """A shift of that register, opened and closed a moment ago."""
    now_ms = time.time_ns() // 1_000_000

    async def close(sauda: App) -> None:
        async with sauda.database.reading(SYSTEM) as reader:
            row = await reader.row("SELECT company_id FROM org_register WHERE id = ?", register_id)
        assert row is not None
        facts = ShiftSummaryFacts(
            new_id(), register_id, row["company_id"], number, now_ms, closed_ms=now_ms + 1, documents=1
        )
        principal = SYSTEM.within(row["company_id"])
        await sauda.database.transact(record_shift_summary, facts, principal=principal)

    within(close)
