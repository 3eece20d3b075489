"""One process on SQLite dies at every boundary of a document's way; the same register lives through all of
it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.crash.power import Clerk, DarkHouse, dark_house
from tests.crash.stories import (
    SCALE,
    die_offline,
    die_online,
    live_with_power_cuts,
    offline_deaths,
    online_deaths,
    open_clerk,
    open_clerks,
)
from tests.support.nursery import Nursery

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]
SEED = 20_260_115
CUTS = 6 * SCALE


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DarkHouse]:
    async with dark_house(nursery, tmp_path_factory.mktemp("embedded")) as house:
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clerk(house: DarkHouse) -> Clerk:
    return await open_clerk(house)


@pytest.mark.parametrize(("point", "kind"), online_deaths())
async def test_a_power_cut_loses_and_doubles_nothing(
    house: DarkHouse, clerk: Clerk, point: str, kind: str
) -> None:
    await die_online(house, clerk, point, kind)

    assert await house.disagreements(clerk.promised) == []


@pytest.mark.parametrize(("kind", "in_hand", "at_once", "replay"), offline_deaths())
async def test_a_power_cut_in_an_offline_period_keeps_the_order(
    house: DarkHouse, clerk: Clerk, kind: str, in_hand: str, at_once: str, replay: str
) -> None:
    await die_offline(house, clerk, kind=kind, in_hand=in_hand, at_once=at_once, replay=replay)

    assert await house.disagreements(clerk.promised) == []


async def test_power_cuts_at_any_moment_under_load(house: DarkHouse, clerk: Clerk) -> None:
    clerks = await open_clerks(house, 4)

    await live_with_power_cuts(house, clerks, seed=SEED, cuts=CUTS)

    promised = clerk.promised.union(*(each.promised for each in clerks))
    assert await house.disagreements(promised) == []
    code, output = await house.command("journal", "verify")
    assert code == 0, output
