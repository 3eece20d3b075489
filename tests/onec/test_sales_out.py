"""Stories of sales on their way to 1C: told until acknowledged, told again when they change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from addons.catalog_1c.demo.make_demo import IMPORT_FILE, OFFERS_FILE
from addons.catalog_1c.services.sales_out import forget_acknowledgements
from addons.trade.api import FiscalState, SaleKind
from kernel.testing.schema import mysql_database
from tests.onec.house import HOUR_MS, Desk, open_desk, serve_desk


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as opened:
        yield opened


@pytest.mark.mariadb
async def test_day_with_1c_on_mariadb(tmp_path: Path) -> None:
    own = {"folder": str(tmp_path), "busy_ms": 0, "file_limit_bytes": 10_000}
    async with mysql_database() as url, serve_desk(url=url, catalog_1c=own) as served:
        async with served.base() as base:
            await base.send({path.name: path.read_bytes() for path in (OFFERS_FILE, IMPORT_FILE)})
        await test_ticket_that_was_offline_is_told_again_once_its_outcome_is_known(served.desk)

        assert await served.products() == 202


async def test_closed_shift_is_told_until_it_is_acknowledged_and_never_again(desk: Desk) -> None:
    await desk.open_shift()
    sold = await desk.sell("Нан", "Сүт 1 л")
    back = await desk.give_back(sold, 1)
    early = await desk.offer()
    await desk.close_shift()

    first = await desk.offer()
    again = await desk.offer()
    stale = await desk.acknowledge(first)  # the second offer took its place
    taken = await desk.acknowledge(again)
    twice = await desk.acknowledge(again)
    after = await desk.offer()

    assert early.shifts == after.shifts == ()
    assert (stale, taken, twice) == (0, 1, 0)
    (shift,) = again.shifts
    assert shift.version == 1
    assert shift == first.shifts[0]
    assert [each.sale.id for each in shift.receipts] == [sold, back]
    sale, returned = shift.receipts
    assert (returned.sale.kind, returned.original) == (SaleKind.SELL_RETURN, sale.sale)
    assert [line.code for line in sale.lines] != [0, 0]
    assert all(each.is_changed and not each.is_cancelled for each in shift.receipts)


async def test_ticket_that_was_offline_is_told_again_once_its_outcome_is_known(desk: Desk) -> None:
    await desk.open_shift()
    plain = await desk.sell("Нан")
    late = await desk.sell("Сүт 1 л", state=FiscalState.OFFLINE)
    lost = await desk.sell("Дәрі", state=FiscalState.OFFLINE)
    await desk.close_shift()
    await desk.acknowledge(await desk.offer())

    quiet = await desk.offer()
    await desk.report(late, FiscalState.FISCALIZED)
    second = await desk.offer()
    await desk.report(lost, FiscalState.REJECTED)
    third = await desk.offer()
    await desk.acknowledge(third)
    end = await desk.offer()

    assert quiet.shifts == end.shifts == ()
    (told,) = second.shifts
    assert told.version == 2
    assert {each.sale.id: each.is_changed for each in told.receipts} == {
        plain: False,
        late: True,
        lost: False,
    }
    (last,) = third.shifts
    assert last.version == 3
    assert [each.sale.id for each in last.standing] == [plain, late]
    assert [
        (each.sale.id, each.is_cancelled, each.is_changed) for each in last.receipts if each.is_changed
    ] == [
        (late, False, True),  # the second offer was never acknowledged
        (lost, True, True),
    ]


async def test_channels_of_one_base_are_acknowledged_apart_and_test_sales_only_on_wish(desk: Desk) -> None:
    await desk.open_shift(is_test=True)
    await desk.sell("Нан")
    await desk.close_shift()

    left_out = await desk.offer()
    wished = await desk.offer(with_test=True)
    await desk.acknowledge(wished)
    other = await desk.offer(with_test=True, channel="frontol")
    elsewhere = await desk.offer(with_test=True, channel="shtrih", outlet_ids=frozenset({"another"}))

    assert (left_out.shifts, left_out.left_out) == ((), 1)
    assert len(wished.shifts) == len(other.shifts) == 1
    assert elsewhere.shifts == ()


async def test_moment_from_which_sales_go_may_be_chosen_anew(desk: Desk) -> None:
    await desk.open_shift()
    await desk.sell("Нан")
    await desk.close_shift()
    later = desk.opened_ms + 10 * HOUR_MS

    none = await desk.offer(since_ms=later)
    some = await desk.offer(since_ms=desk.opened_ms)
    as_before = await desk.offer(since_ms=None)

    assert none.shifts == ()
    assert len(some.shifts) == len(as_before.shifts) == 1


async def test_base_that_was_restored_is_told_everything_again_under_the_same_version(desk: Desk) -> None:
    for _ in range(2):
        await desk.open_shift()
        await desk.sell("Нан")
        await desk.close_shift()
    first = await desk.offer()
    await desk.acknowledge(first)

    await desk.app.database.transact(forget_acknowledgements, desk.connection_id, 0, principal=desk.system)
    again = await desk.offer()

    assert [each.facts.shift_id for each in again.shifts] == [each.facts.shift_id for each in first.shifts]
    assert [each.version for each in again.shifts] == [1, 1]
