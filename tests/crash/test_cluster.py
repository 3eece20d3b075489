"""Gateway and two workers on MariaDB and Redis: one of them dies, or all of them, and another goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.crash.power import FINAL, Clerk, DarkHouse, dark_house
from tests.crash.stories import (
    ACCEPTANCE,
    EXCHANGE,
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

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.mariadb,
    pytest.mark.redis,
    pytest.mark.slow,
]
SEED = 20_260_116
CUTS = 6 * SCALE
LEASE_MS = 1_500
# All of them on SQLite; here each point once, and an offline period in every fourth way.
ONLINE = (
    online_deaths()
    if SCALE > 1
    else [*zip(ACCEPTANCE, ("sale", "return"), strict=True)]
    + [
        (point, kind)
        for point, kind in zip(
            EXCHANGE, ("sale", "deposit", "return", "close", "sale", "close", "mixed", "sale"), strict=True
        )
    ]
)
OFFLINE = offline_deaths()[:: 1 if SCALE > 1 else 4]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DarkHouse]:
    folder = tmp_path_factory.mktemp("cluster")
    async with dark_house(nursery, folder, is_cluster=True, WORKER__LEASE_MS=str(LEASE_MS)) as house:
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clerk(house: DarkHouse) -> Clerk:
    return await open_clerk(house)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def apart(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DarkHouse]:
    """Gateways of this house leave all exchanges to the workers."""
    folder = tmp_path_factory.mktemp("apart")
    settings = {"WORKER__LEASE_MS": str(LEASE_MS), "WORKER__IN_GATEWAYS": "false"}
    async with dark_house(nursery, folder, is_cluster=True, **settings) as house:
        yield house


@pytest.mark.parametrize(("point", "kind"), ONLINE)
async def test_a_dead_process_loses_and_doubles_nothing(
    house: DarkHouse, clerk: Clerk, point: str, kind: str
) -> None:
    await die_online(house, clerk, point, kind)

    assert await house.disagreements(clerk.promised) == []


TAKEN_OVER = ("jobs.after_prepare", "fiscal_kz.after_send", "jobs.before_settle_commit")


@pytest.mark.parametrize("point", TAKEN_OVER)
async def test_the_other_worker_takes_over_when_the_lease_ends(apart: DarkHouse, point: str) -> None:
    clerk = await open_clerk(apart)
    wish = clerk.wish("sale")
    apart.arm(point)
    asked = asyncio.ensure_future(clerk.ask(wish))
    await apart.death()
    (dead,) = apart.dead()

    await asked
    await clerk.insist(wish, FINAL)

    assert apart.dead() == [dead] != apart.all[:1]
    assert await apart.disagreements(clerk.promised) == []
    await apart.start()


@pytest.mark.parametrize("point", TAKEN_OVER)
async def test_a_worker_ends_what_a_dead_gateway_had_begun(
    house: DarkHouse, clerk: Clerk, point: str
) -> None:
    await house.mend()
    wish = clerk.wish("sale")
    house.arm(point)
    asked = asyncio.ensure_future(clerk.ask(wish))
    await house.death()
    gateway = house.all[0]

    assert await asked is None
    await house.rest()  # there is nobody to ask, and a worker goes on

    assert house.dead() == [gateway]
    accepted = house.simulator.ledger.accepted()
    await house.start()
    await clerk.insist(wish, FINAL)
    assert house.simulator.ledger.accepted() == accepted
    assert await house.disagreements(clerk.promised) == []


@pytest.mark.parametrize(("kind", "in_hand", "at_once", "replay"), OFFLINE)
async def test_a_dead_process_in_an_offline_period_keeps_the_order(
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
