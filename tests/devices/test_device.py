"""The reference device against a served company: what its cashier and its administrator live through."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from addons.catalog.api import CreateProduct, UpdateProduct, create_product, update_product
from addons.catalog.domain.commands import ArchiveProduct
from addons.catalog.domain.commands_view import PriceRow, SetPrices, SetRegisterView
from addons.catalog.domain.exchange import ExchangeKind, OrderExchange
from addons.catalog.services.feed_pages import FeedPages
from addons.catalog.services.feed_tidy import compact_feed
from addons.catalog.services.order_exchange import order_exchange
from addons.catalog.services.prices import set_prices
from addons.catalog.services.products import archive_product
from addons.catalog.services.register_view import set_register_view
from examples.device.device import Device, GoodsDamaged
from examples.device.goods import Goods, price_at
from examples.device.server import Refused, Server
from kernel.clock import FrozenClock, to_ms
from kernel.money import Money
from kernel.security.principal import SYSTEM
from kernel.testing import OPENING_DAY
from simulators.processes import ROOT
from tests.devices.stage import Stage, new_company, open_stage

NEWS_WAIT_S = 60.0


pytestmark = pytest.mark.asyncio(loop_scope="module")
_numbers = count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[Stage]:
    async with open_stage(FrozenClock(OPENING_DAY)) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(house: Stage) -> Stage:
    """Every story has a company of its own."""
    return await new_company(house.app, house.address, next(_numbers))


class Till:
    """A device with its file; is_busy: there is something in the cart."""

    def __init__(self, stage: Stage, token: str, file: Path) -> None:
        self.is_busy = False
        self.sales = 3
        self.server = Server(stage.address, token)
        self.goods = Goods(file)
        self.device = Device(
            self.server,
            self.goods,
            may_apply=lambda: not self.is_busy,
            send_sales=self.send_sales,
            page_rows=2,
        )

    async def send_sales(self) -> int:
        sent, self.sales = self.sales, 0
        return sent

    async def close(self) -> None:
        await self.server.close()
        self.goods.close()

    async def has(self, *names: str) -> None:
        """Wait until these are its goods."""
        async with asyncio.timeout(NEWS_WAIT_S):
            while self.names() != list(names):  # noqa: ASYNC110 -- another connection writes
                await asyncio.sleep(0.02)

    def names(self) -> list[str]:
        cards = [row["name"] for row in self.goods.rows().values() if "code" in row and "prices" in row]
        return sorted(name for name in cards if name != "Свободная позиция")


@pytest_asyncio.fixture(loop_scope="module")
async def till(stage: Stage, tmp_path: Path) -> AsyncIterator[Till]:
    till = Till(stage, await stage.token(), tmp_path / "till.db")
    yield till
    await till.close()


_FOLLOWERS = "SELECT is_verified FROM cat_feed_follower WHERE company_id = ?"
_EXCHANGES = "SELECT kind, state, moved_count FROM cat_exchange WHERE company_id = ? ORDER BY id"


async def order(stage: Stage, kind: ExchangeKind, *, is_full: bool = False) -> None:
    rows = await _rows(stage, "SELECT id FROM org_register WHERE company_id = ?")
    await stage.run(order_exchange, OrderExchange(kind, (rows[0]["id"],), is_full=is_full))


async def states(stage: Stage) -> list[tuple[str, str, int]]:
    rows = await _rows(stage, _EXCHANGES)
    return [(row["kind"], row["state"], row["moved_count"]) for row in rows]


async def _rows(stage: Stage, sql: str) -> list[Any]:
    async with stage.app.database.reading(stage.principal) as reader:
        return list(await reader.rows(sql, reader.company_id))


async def test_goods_wait_for_the_main_menu_with_an_empty_cart(stage: Stage, till: Till) -> None:
    tea = await stage.run(create_product, CreateProduct("Чай", price=Money.tenge(500)))
    await till.device.sync()
    await stage.run(update_product, UpdateProduct(tea, price=Money.tenge(600), name="Чай чёрный"))
    await order(stage, ExchangeKind.SEND_GOODS)

    till.is_busy = True
    await till.device.sync()
    in_cart, told = till.names(), await states(stage)
    till.is_busy = False
    await till.device.sync()

    assert (in_cart, told) == (["Чай"], [("send_goods", "ready", 0)])
    assert till.names() == ["Чай чёрный"]
    assert await states(stage) == [("send_goods", "applied", 3)]


async def test_everything_is_loaded_anew_when_that_is_ordered(stage: Stage, till: Till) -> None:
    for n in range(5):
        await stage.run(create_product, CreateProduct(f"Товар {n}"))
    await till.device.sync()
    before = till.goods.rows()
    await order(stage, ExchangeKind.SEND_GOODS, is_full=True)

    till.is_busy = True
    await till.device.sync()
    is_loading = till.goods.is_loading
    till.is_busy = False
    await till.device.sync()

    assert is_loading
    assert till.goods.rows() == before
    assert await states(stage) == [("send_goods", "applied", 7)]


async def test_sales_are_sent_and_the_link_answers_when_that_is_ordered(stage: Stage, till: Till) -> None:
    await order(stage, ExchangeKind.FETCH_SALES)
    await order(stage, ExchangeKind.TEST_LINK)

    await till.device.sync()

    assert await states(stage) == [("fetch_sales", "applied", 3), ("test_link", "applied", 0)]
    assert till.sales == 0


async def test_goods_that_do_not_add_up_are_loaded_anew(stage: Stage, till: Till, tmp_path: Path) -> None:
    keys = [await stage.run(create_product, CreateProduct(f"Товар {n}")) for n in range(6)]
    await till.device.sync()
    with sqlite3.connect(tmp_path / "till.db") as file:
        file.execute("DELETE FROM goods WHERE body LIKE '%Товар 2%'")
        file.execute("UPDATE goods SET version = version - 1 WHERE body LIKE '%Товар 3%'")
    file.close()

    await stage.run(update_product, UpdateProduct(keys[0], section=1))
    await till.device.sync()

    assert till.names() == [f"Товар {n}" for n in range(6)]


async def test_goods_that_never_add_up_are_not_sold_by(
    stage: Stage, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    tea = await stage.run(create_product, CreateProduct("Чай"))
    await till.device.sync()
    await stage.run(update_product, UpdateProduct(tea, name="Кофе"))
    monkeypatch.setattr("examples.device.goods.CHECK_PRIME", 7)

    with pytest.raises(GoodsDamaged):
        await till.device.sync()

    assert till.names() == ["Чай"]


async def test_goods_without_a_checksum_are_applied_and_verified_later(
    stage: Stage, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object) -> None:
        """The server has no time to add up."""

    await stage.run(create_product, CreateProduct("Чай"))
    monkeypatch.setattr(FeedPages, "check", busy)
    await till.device.sync()
    told = [row["is_verified"] for row in await _rows(stage, _FOLLOWERS)]
    monkeypatch.undo()
    await till.device.sync()

    assert till.names() == ["Чай"]
    assert told + [row["is_verified"] for row in await _rows(stage, _FOLLOWERS)] == [0, 1]


async def test_after_sixty_days_away_the_goods_are_equal_again(stage: Stage, till: Till) -> None:
    clock = stage.app.clock
    assert isinstance(clock, FrozenClock)
    keys = [await stage.run(create_product, CreateProduct(f"Товар {n}")) for n in range(6)]
    await till.device.sync()
    for day in range(60):
        clock.advance(timedelta(days=1))
        await stage.run(update_product, UpdateProduct(keys[day % 3], name=f"Товар дня {day}"))
        if day == 20:
            await stage.run(archive_product, ArchiveProduct(keys[5]))
        if day % 20 == 0:
            await stage.app.database.transact(compact_feed, principal=SYSTEM)

    await till.device.sync()

    assert till.names() == ["Товар 3", "Товар 4", "Товар дня 57", "Товар дня 58", "Товар дня 59"]


async def test_another_view_is_loaded_beside_the_old_goods(stage: Stage, till: Till) -> None:
    tea = await stage.run(
        create_product, CreateProduct("Чай", price=Money.tenge(500), barcodes=("4870071000003",))
    )
    await till.device.sync()
    register = (await _rows(stage, "SELECT id FROM org_register WHERE company_id = ?"))[0]["id"]
    await stage.run(set_register_view, SetRegisterView((register,), percent_bp=9_000))
    now = stage.app.clock.now()
    to_come = PriceRow(tea, Money.tenge(1000), from_ms=to_ms(now + timedelta(days=1)))
    await stage.run(set_prices, SetPrices((to_come,)))

    (card, quantity) = till.goods.find("4870071000003")[0]
    await till.device.sync()
    ((after, _),) = till.goods.find("4870071000003")

    assert (quantity, price_at(card)) == ("1", "500.00")
    assert price_at(after, now) == "450.00"
    assert price_at(after, now + timedelta(days=2)) == "900.00"


async def test_news_bring_new_goods_at_once_and_an_ended_server_leaves_them(stage: Stage, till: Till) -> None:
    await stage.run(create_product, CreateProduct("Первый", barcodes=("4870071000003",)))
    following = asyncio.create_task(till.device.follow())
    await till.has("Первый")
    await stage.run(create_product, CreateProduct("Второй"))
    await till.has("Второй", "Первый")
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)

    nowhere = Device(Server("http://127.0.0.1:9", "none"), till.goods)
    away = asyncio.create_task(nowhere.follow())
    await asyncio.sleep(0.05)
    is_trying = not away.done()
    away.cancel()
    await asyncio.gather(away, return_exceptions=True)
    await nowhere.server.close()

    assert is_trying
    assert till.goods.find("4870071000003")


async def test_a_device_whose_binding_ended_is_told_so(stage: Stage, tmp_path: Path) -> None:
    till = Till(stage, "sauda_device_0000", tmp_path / "other.db")

    with pytest.raises(Refused) as refused:
        await till.device.sync()
    await till.close()

    assert refused.value.code == "UNAUTHENTICATED"


async def test_the_command_line_of_the_example(stage: Stage, till: Till, tmp_path: Path) -> None:
    await stage.run(create_product, CreateProduct("Чай", price=Money.tenge(500), barcodes=("4870071000003",)))
    await till.device.sync()

    async def example(*arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "examples.device", *arguments), cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        assert process.returncode == 0
        return output.decode()

    token = till.server._token
    status, found = await asyncio.gather(
        example("status", "--server", stage.address, "--token", token),
        example("find", "--file", str(tmp_path / "till.db"), "4870071000003"),
    )

    assert "0 changes behind, verified: True" in status
    assert found == "1 × Чай 500.00\n"


async def test_the_forty_lines_of_the_page_for_device_authors(
    stage: Stage, till: Till, tmp_path: Path
) -> None:
    page = await asyncio.to_thread((ROOT / "docs/device.md").read_text, encoding="utf-8")
    program = page.partition("```python\n")[2].partition("```")[0]
    keys = [await stage.run(create_product, CreateProduct(f"Товар {n}")) for n in range(4)]
    names = []
    for _ in range(2):
        arguments = ("-c", program, stage.address, till.server._token, str(tmp_path / "small.db"))
        process = await asyncio.create_subprocess_exec(sys.executable, *arguments)
        assert await process.wait() == 0
        with sqlite3.connect(tmp_path / "small.db") as file:
            names.append([json.loads(body)["name"] for (body,) in file.execute("SELECT body FROM goods")])
        file.close()
        await stage.run(update_product, UpdateProduct(keys[0], name="Иной"))
        await stage.run(archive_product, ArchiveProduct(keys[1]))

    assert sorted(names[0]) == ["Свободная позиция", "Товар 0", "Товар 1", "Товар 2", "Товар 3"]
    assert sorted(names[1]) == ["Иной", "Свободная позиция", "Товар 2", "Товар 3"]
