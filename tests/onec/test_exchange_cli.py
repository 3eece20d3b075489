"""`sauda connect-1c`, `export-1c --format commerceml`, `simulate onec`: an exchange by commands."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from typer.testing import CliRunner, Result

from addons.catalog_1c import exchange_cli
from addons.catalog_1c.demo.make_demo import IMPORT_FILE
from addons.catalog_1c.equipment_cli import exporting
from addons.catalog_1c.exchange_cli import connecting
from kernel.errors import Refusal
from simulators.cli import app as simulate
from tests.onec.house import Served, serve_desk


@pytest.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    async with serve_desk(catalog_1c={"busy_ms": 0}) as opened:
        loop = asyncio.get_running_loop()

        @contextlib.asynccontextmanager
        async def running(company: str) -> AsyncIterator[tuple[Any, Any]]:
            yield opened.app, opened.desk.system

        def run(coroutine: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)

        monkeypatch.setattr(exchange_cli, "_running", running)
        monkeypatch.setattr(exchange_cli.asyncio, "run", run)
        yield opened


async def command(app: Any, *arguments: str) -> Result:
    """A command in a thread of its own, beside the server it speaks to."""
    return await asyncio.to_thread(CliRunner().invoke, app, [*arguments])


async def test_base_is_connected_exchanges_and_takes_its_sales_from_a_file(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = json.loads((await command(connecting, "Розница", "--json")).stdout)
    shown = await command(connecting, "Розница")
    login = next(line.split()[-1] for line in shown.stdout.splitlines() if line.startswith("login"))
    secret = next(line.split()[-1] for line in shown.stdout.splitlines() if line.startswith("secret"))
    (made,) = await served.rows("SELECT id FROM c1c_connection WHERE title = 'Розница'")
    await served.desk.open_shift()
    await served.desk.sell("Нан")
    await served.desk.close_shift()

    monkeypatch.undo()
    sales = tmp_path / "sales.xml"
    to_server = ("onec", served.address, "--login", login, "--sales", str(sales))
    wrong = await command(simulate, *to_server, "--secret", given["secret"])
    done = await command(simulate, *to_server, "--secret", secret, str(IMPORT_FILE))

    assert (wrong.exit_code, done.exit_code) == (3, 0)
    assert "пароль" in wrong.output
    assert "1 files in" in done.output
    assert etree.parse(sales).getroot().tag == "КоммерческаяИнформация"
    assert await served.products(made["id"]) == 202


async def test_sales_go_into_a_file_until_it_is_acknowledged(served: Served, tmp_path: Path) -> None:
    await served.desk.open_shift()
    await served.desk.sell("Нан")
    await served.desk.close_shift()
    out = tmp_path / "orders.xml"
    write = ("--format", "commerceml", "--connection", "УТ магазин", "--out", str(out))

    first = await command(exporting, *write)
    documents = etree.parse(out).findall("Документ")
    second = await command(exporting, *write, "--acknowledge")
    third = await command(exporting, *write)
    unknown = await command(exporting, *write[:3], "нет такой", *write[4:])

    assert len(documents) == 1
    assert [each.stdout.split()[0] for each in (first, second, third)] == ["1", "1", "0"]
    assert isinstance(unknown.exception, Refusal)
    assert etree.parse(out).findall("Документ") == []
