"""A wrong clock: told of past one limit, refused past another, found by a time server or by the OFD's own
report; and a clock put right lets the register go on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from addons.fiscal_kz.adapters.sntp import SntpClient
from addons.fiscal_kz.services.clock import Measured, noticed
from addons.fiscal_kz.services.compare import compare_counters
from addons.fiscal_kz.settings import FiscalSettings
from addons.fiscal_kz.tests.shop import Shop, open_shop
from kernel.clock import FrozenClock, to_ms
from kernel.jobs.drive import run_schedules
from kernel.testing.app import OPENING_DAY
from simulators.sntp.server import SntpStandIn

NOW_MS = to_ms(OPENING_DAY)


@asynccontextmanager
async def timed_shop(stand_in: SntpStandIn) -> AsyncIterator[Shop]:
    """A shop that asks a time server; its own clock stands still at NOW_MS until it is moved."""
    stand_in.now_ms = NOW_MS
    async with (
        stand_in.running() as (host, port),
        open_shop(time_server=f"{host}:{port}") as shop,
    ):
        yield shop


async def ask_time(shop: Shop) -> None:
    """Ten minutes on both clocks, then the schedule."""
    shop.clock.advance(timedelta(minutes=11))
    await run_schedules(shop.app.database)
    await shop.work()


async def compare(shop: Shop) -> None:
    """The OFD is asked for its report."""
    await shop.app.database.transact(compare_counters, shop.register_id, principal=shop.owner)
    await shop.work()


async def board(shop: Shop) -> dict[str, str]:
    rows = await shop.rows("SELECT source, code FROM org_status")
    return {row["source"]: row["code"] for row in rows}


@pytest.mark.parametrize(
    ("ahead_s", "code"),
    [(0, None), (59, None), (61, "KKM_CLOCK_DRIFTS"), (-601, "KKM_CLOCK_WRONG"), (601, "KKM_CLOCK_WRONG")],
)
async def test_a_time_server_finds_a_clock_wrong_both_ways(ahead_s: int, code: str | None) -> None:
    stand_in = SntpStandIn(offset_ms=11 * 60_000 - ahead_s * 1_000)
    async with timed_shop(stand_in) as shop:
        await ask_time(shop)

        sold = await shop.accept(("Нан", "1"), cash="200.00")
        assert (await board(shop)).get("fiscal_kz.clock") == code
        if code == "KKM_CLOCK_WRONG":
            assert (sold["code"], bool(sold["nextAction"])) == ("KKM_CLOCK_WRONG", True)
        else:
            assert sold["__typename"] == "Sale"


async def test_a_clock_put_right_lets_the_register_go_on() -> None:
    stand_in = SntpStandIn(offset_ms=-3_600_000)
    async with timed_shop(stand_in) as shop:
        await ask_time(shop)
        wrong = await shop.accept(("Нан", "1"), cash="200.00")
        stand_in.offset_ms = 22 * 60_000
        await ask_time(shop)

        assert wrong["code"] == "KKM_CLOCK_WRONG"
        assert (await shop.sell())["state"] == "FISCALIZED"
        assert await board(shop) == {}


async def test_silence_of_the_time_server_changes_nothing() -> None:
    stand_in = SntpStandIn(stratum=0)  # a kiss of death is as good as silence
    async with timed_shop(stand_in) as shop:
        await ask_time(shop)

        assert stand_in.asked == 1
        assert (await shop.sell())["state"] == "FISCALIZED"


async def test_the_ofds_report_proves_a_clock_that_is_behind_until_it_is_right_again() -> None:
    async with open_shop() as shop:
        await shop.sell()
        heard_at = shop.account.last_at
        shop.account.last_at = heard_at + timedelta(hours=1)  # an hour that is still to come here
        await compare(shop)
        wrong, told = await shop.accept(("Нан", "1"), cash="200.00"), await board(shop)
        shop.account.last_at = heard_at
        await ask_time(shop)  # no time server: the OFD is asked again

        assert (wrong["code"], told["fiscal_kz.clock"]) == ("KKM_CLOCK_WRONG", "KKM_CLOCK_WRONG")
        assert (await shop.record()).state.clock_drift_ms == 0
        assert (await shop.sell())["state"] == "FISCALIZED"


async def test_only_an_honest_answer_to_our_own_question_is_believed() -> None:
    clock, client = FrozenClock(OPENING_DAY), SntpClient()
    honest = SntpStandIn(offset_ms=-5_000, now_ms=NOW_MS)
    stranger = SntpStandIn(now_ms=NOW_MS, is_stranger=True)
    unset = SntpStandIn(now_ms=NOW_MS, stratum=16)
    async with honest.running() as right, stranger.running() as other, unset.running() as lost:
        measured = await client.measure(*right, clock)
        assert measured is not None
        assert abs(measured.drift_ms - 5_000) <= 1
        assert await client.measure(*other, clock) is None
        assert await client.measure(*lost, clock) is None
    assert await client.measure("127.0.0.1", right[1], clock) is None  # nobody listens any more


def test_clocks_that_are_right_cost_no_writing() -> None:
    settings = FiscalSettings()

    assert noticed(60_000, settings) == noticed(-60_000, settings) == 0
    assert noticed(60_900, settings) == 60_000
    assert Measured(1) == Measured(1)
