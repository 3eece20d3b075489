"""A house with its shop, fresh tills, patience, and the comparison of both sides."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from kernel.money import Money
from simulators.ofd.ledger import Account
from simulators.till.client import RefusedByServer
from simulators.till.shop import Shop, Till
from tests.support.agreement import disagreements
from tests.support.house import FIRST_OFD_ID, FIRST_TOKEN, House, eventually, open_house

BUSINESS = ("trd_", "fkz_", "cat_", "kernel_journal", "kernel_job")
# Schedules go on meanwhile, on lanes of their own.
OF_REGISTERS = {
    "kernel_job": "WHERE id LIKE 'register:%'",
    "kernel_lane": "WHERE lane_key LIKE 'register:%'",
    "kernel_journal": "WHERE lane_key LIKE 'register:%'",
}
REST_LOOK_S = 0.1
FOLLOWING = ("cat_search_",)  # filled by a job from what was stored before
REST_WAIT_S, EVENTUALLY_ONCE_S = 60.0, 0.1
REGISTERS = 100  # known to the OFD: one for every story of a module
LAST_OFD_ID, LAST_TOKEN = FIRST_OFD_ID + REGISTERS - 1, FIRST_TOKEN + REGISTERS - 1


class Stage:
    """One installation that serves all stories of a module."""

    def __init__(self, house: House, shop: Shop) -> None:
        self.house = house
        self.shop = shop
        self.simulator = house.simulator
        self._opened = 0
        self._common: Till | None = None
        self._patience_s = REST_WAIT_S

    async def till(self, shop: Shop | None = None, **how: Any) -> Till:
        """A register nobody has used yet."""
        place, self._opened = self._opened, self._opened + 1
        return await (shop or self.shop).till(
            title=f"Касса {place + 1}",
            operator=f"Кассир {place + 1}",
            ofd_id=FIRST_OFD_ID + place,
            token=FIRST_TOKEN + place,
            **how,
        )

    async def common_till(self) -> Till:
        """The same register for all who ask."""
        if self._common is None:
            self._common = await self.till()
        return self._common

    def account(self, till: Till) -> Account:
        """What the tax side believes of a till."""
        return self.simulator.ledger.account(till.ofd_id)

    def pardon(self, till: Till) -> None:
        """Forget what the tax side refused: the story asked for it."""
        self.account(till).refusals.clear()

    async def delivered(self, till: Till, sale: dict[str, Any]) -> dict[str, Any]:
        """The sale when its sign has come."""

        async def look() -> dict[str, Any] | None:
            found = await till.sale_by_key(sale["saleKey"])
            return found if found is not None and found["state"] == "FISCALIZED" else None

        return dict(await eventually(look, f"sign of {sale['saleKey']}"))

    async def kkm(self, till: Till, **wanted: Any) -> dict[str, Any]:
        """The till's KKM when it has these values."""

        async def look() -> dict[str, Any] | None:
            found = await till.kkm()
            return found if all(found[name] == value for name, value in wanted.items()) else None

        return dict(await eventually(look, f"KKM of {till.ofd_id} with {wanted}"))

    async def agrees(self, till: Till) -> None:
        """Nothing waits any more, and the tax side believes what we do."""
        account = self.account(till)
        kkm = await self.kkm(till, undelivered=0, block="NONE")
        assert kkm["drawer"] == str(Money(account.drawer))
        assert kkm["documents"] == str(account.seq)
        assert kkm["shift"]["isOpen"] == account.is_shift_open
        if account.is_shift_open:
            sums = zip(account.sums, account.start_sums, strict=True)
            bought, bought_back, sold, sold_back = (now - before for now, before in sums)
            assert kkm["revenue"] == str(Money(sold - sold_back - bought + bought_back))
        found: list[str] = []

        async def is_at_rest() -> bool:
            """The counters may still be compared after a replay."""
            found[:] = disagreements(self.house.database_url, self.simulator.ledger)
            return not found

        try:
            await eventually(is_at_rest, "agreement of both sides", self._patience_s)
        except AssertionError as vain:
            self._patience_s = EVENTUALLY_ONCE_S  # what disagrees goes on to; every later story fails at once
            raise AssertionError("\n".join(found)) from vain

    def await_rest(self) -> None:
        """Until nothing is on its way: what follows from earlier stories is not this one's."""
        path = self.house.database_url.removeprefix("sqlite:///")
        lanes = "SELECT count(*) FROM kernel_lane WHERE due_ms > 0"
        sql = f"SELECT (SELECT count(*) FROM kernel_outbox) + ({lanes})"
        give_up_at = time.monotonic() + REST_WAIT_S
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)) as connection:
            while connection.execute(sql).fetchone()[0] and time.monotonic() < give_up_at:
                time.sleep(REST_LOOK_S)

    def stored(self) -> dict[str, object]:
        """What an embedded house holds: rows of business as they are, of other tables how many."""
        path = self.house.database_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            found: dict[str, object] = {}
            for (name,) in tables:
                if name.startswith(FOLLOWING):
                    continue
                what = "*" if name.startswith(BUSINESS) else "count(*)"
                which = OF_REGISTERS.get(name, "")
                found[name] = connection.execute(f"SELECT {what} FROM {name} {which}").fetchall()
            return found


@contextmanager
def nothing_stored(stage: Stage, *, but: Collection[str] = ()) -> Iterator[None]:
    """Fails when tables other than those of `but` hold something else afterwards, or the tax side heard of a
    document.
    """
    stage.await_rest()
    before, heard = stage.stored(), stage.simulator.ledger.accepted()
    yield
    after = stage.stored()
    assert {name for name in after if after[name] != before[name]} <= set(but)
    assert stage.simulator.ledger.accepted() == heard


@asynccontextmanager
async def open_stage(folder: Path, *, is_cluster: bool) -> AsyncIterator[Stage]:
    """A house with its shop open."""
    async with open_house(folder, is_cluster=is_cluster, registers=REGISTERS) as house:
        shop = await house.shop()
        try:
            yield Stage(house, shop)
        finally:
            await shop.close()


async def refusal(attempt: Any) -> str:
    """The code an awaitable mutation is refused with; fails when it is not."""
    with pytest.raises(RefusedByServer) as caught:
        await attempt
    return caught.value.code
