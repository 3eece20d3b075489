"""Reports of sales in a folder: told once, taken when 1C says so, never told again by themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from addons.catalog_1c.domain.equipment import TakenWhen
from addons.catalog_1c.tests.device_makers import FULL, frontol, frontol_good
from kernel.clock import FrozenClock
from kernel.testing.schema import mysql_database
from tests.onec.device_sales import frontol_sales, log_rows
from tests.onec.equipment_house import Linked, open_linked

MILK = frontol(*FULL, frontol_good("501", "Кефир 1 л", "512,50"))


@pytest.fixture
async def linked(tmp_path: Path) -> AsyncIterator[Linked]:
    async with open_linked(tmp_path / "exchange") as opened:
        yield opened


async def test_a_closed_shift_goes_out_once_and_the_next_one_waits_for_the_mark(linked: Linked) -> None:
    await linked.link()
    linked.put_goods(MILK)
    await linked.run()
    await linked.sell_a_shift(501)
    await linked.run()
    first = linked.report()
    await linked.sell_a_shift(501, 501)
    await linked.run()
    await linked.run()

    assert linked.report() == first
    assert [(each["code"], each["sum"]) for each in frontol_sales(first)] == [("501", Decimal("512.5"))]
    assert first.split(b"\r\n")[:3] == [b"#", b"SAUDA", b"1"]
    assert await linked.reports() == [(1, "written")]

    linked.take_report()
    await linked.run()
    second = linked.report()

    assert await linked.reports() == [(1, "taken"), (2, "written")]
    assert [each["code"] for each in frontol_sales(second)] == ["501", "501"]
    last, following = int(log_rows(first)[-1][0]), int(log_rows(second)[0][0])
    assert following == last + 1

    linked.take_report()
    await linked.run()
    assert await linked.reports() == [(1, "taken"), (2, "taken")]


@pytest.mark.mariadb
async def test_the_round_of_goods_and_reports_is_the_same_on_a_server(tmp_path: Path) -> None:
    async with mysql_database() as url, open_linked(tmp_path, url=url) as linked:
        await linked.link()
        linked.put_goods(MILK)
        assert await linked.look() == ""
        await linked.sell_a_shift(501)
        await linked.run()
        linked.take_report()
        await linked.run()

        assert await linked.reports() == [(1, "taken")]
        assert await linked.look() == ""


async def test_a_report_that_went_away_is_not_told_again_by_itself(linked: Linked) -> None:
    await linked.link()
    await linked.sell_a_shift()
    await linked.run()
    before = linked.report()
    (linked.folder / "sales.txt").unlink()

    assert await linked.run() == "C1C_REPORT_LOST"
    assert await linked.look() == "C1C_REPORT_LOST"
    assert not (linked.folder / "sales.txt").exists()

    assert await linked.run(again=True) == ""
    assert frontol_sales(linked.report()) == frontol_sales(before)
    assert await linked.reports() == [(1, "replaced"), (2, "written")]


async def test_a_lost_report_that_comes_back_with_its_mark_is_taken(linked: Linked) -> None:
    await linked.link()
    await linked.sell_a_shift()
    await linked.run()
    before = linked.report()
    (linked.folder / "sales.txt").unlink()
    await linked.run()

    (linked.folder / "sales.txt").write_bytes(before.replace(b"#", b"@", 1))

    assert await linked.run() == ""
    assert await linked.reports() == [(1, "taken")]


async def test_where_1c_takes_files_away_a_report_that_is_gone_is_taken(linked: Linked) -> None:
    await linked.link(taken_when=TakenWhen.REMOVED)
    await linked.sell_a_shift()
    await linked.run()
    (linked.folder / "sales.txt").unlink()

    assert await linked.run() == ""

    assert await linked.reports() == [(1, "taken")]
    assert not (linked.folder / "sales.txt").exists()


async def test_a_report_of_somebody_else_is_not_written_over(linked: Linked) -> None:
    await linked.link()
    await linked.sell_a_shift()
    linked.folder.mkdir(parents=True, exist_ok=True)
    (linked.folder / "sales.txt").write_bytes(b"#\r\n7\r\n15\r\n")

    assert await linked.run() == "C1C_REPORT_FOREIGN"
    assert linked.report() == b"#\r\n7\r\n15\r\n"

    (linked.folder / "sales.txt").write_bytes(b"@\r\n7\r\n15\r\n")
    assert await linked.run() == ""
    assert len(frontol_sales(linked.report())) == 1


async def test_1c_asks_for_a_report_by_its_flag(linked: Linked) -> None:
    await linked.link()
    linked.folder.mkdir(parents=True)
    flag = linked.folder / "sales-flag.txt"
    flag.write_text("$$$TRANSACTIONSBYDATERANGE\r\n01.01.2026;31.01.2026\r\n")
    await linked.run()
    assert linked.report() == b"#\r\nSAUDA\r\n1\r\n"
    assert not flag.exists()

    await linked.sell_a_shift()
    linked.take_report()
    await linked.run()
    linked.take_report()
    await linked.run()
    flag.write_text("$$$TRANSACTIONSBYDATERANGE\n01.01.2026; 31.01.2026")
    await linked.run()

    assert len(frontol_sales(linked.report())) == 1
    assert await linked.reports() == [(1, "taken"), (2, "taken"), (3, "written")]


async def test_a_request_for_past_days_tells_those_days_and_none_before(linked: Linked) -> None:
    await linked.link()
    linked.folder.mkdir(parents=True)
    clock = linked.desk.app.database.clock
    assert isinstance(clock, FrozenClock)
    days = []
    for _ in range(3):
        await linked.sell_a_shift()
        days.append(clock.now())
        clock.advance(timedelta(days=2))
    await linked.run()
    linked.take_report()
    await linked.run()

    (linked.folder / "sales-flag.txt").write_text(
        f"$$$TRANSACTIONSBYDATERANGE\n{days[1]:%d.%m.%Y};{days[1]:%d.%m.%Y}"
    )
    await linked.run()

    assert [row[13] for row in log_rows(linked.report()) if row[3] == "62"] == ["2", "3"]
