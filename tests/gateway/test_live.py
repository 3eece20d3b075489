"""The stream of an open console page, by a real client on a real socket: what it hears, what it never hears,
and when it ends.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from addons.organization.api import CreateUser, Role, Severity, create_user
from addons.organization.services.status import STATUS_TOPIC, report_status
from addons.organization.tests.shops import PASSWORD, SECOND_BIN, Shop, open_shop, password_hash
from gateway.live import SESSION_STREAMS_MAX, WATCHES_MAX
from gateway.server import DRAIN_S, serving
from kernel.app import App
from kernel.data.work import Work
from kernel.events.bus import MemoryBus
from kernel.security.principal import SYSTEM
from kernel.testing.app import running_app

WAIT_S = 30.0
WATCH = "organization/status_watch"


@dataclass(frozen=True)
class House:
    """A served installation with one shop."""

    app: App
    address: str
    shop: Shop

    @asynccontextmanager
    async def browser(self, email: str = "") -> AsyncIterator[httpx.AsyncClient]:
        """Somebody who has signed in; the owner unless another is named."""
        async with httpx.AsyncClient(base_url=self.address) as client:
            form = {"email": email or self.shop.email, "password": PASSWORD}
            assert (await client.post("/console/login", data=form)).status_code == 303
            yield client

    @asynccontextmanager
    async def page(
        self, client: httpx.AsyncClient, *watches: str, **headers: str
    ) -> AsyncIterator[ClientConnection]:
        """An open page that watches these."""
        query = "&".join(f"watch={each}" for each in watches)
        url = f"{self.address.replace('http', 'ws', 1)}/console/live?{query}"
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        async with connect(
            url, additional_headers={"Cookie": cookies, **headers}, open_timeout=WAIT_S
        ) as page:
            yield page

    async def trouble(self, shop: Shop, code: str) -> None:
        """Something is wrong at the shop's register."""

        async def report(work: Work) -> None:
            await report_status(
                work,
                shop.register_id,
                source="test",
                severity=Severity.ERROR,
                code=code,
                since_ms=work.now_ms,
            )

        await self.app.database.transact(report, principal=SYSTEM.within(shop.company_id))

    async def followed(self, times: int) -> None:
        """Wait until the board is listened to so many times, however many pages are told."""
        bus = self.app.bus
        assert isinstance(bus, MemoryBus)
        async with asyncio.timeout(WAIT_S):
            while len(bus._taps.get(STATUS_TOPIC, ())) != times:  # noqa: ASYNC110 -- sockets fill it
                await asyncio.sleep(0.01)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with running_app(["organization"]) as app, serving(app, port=0) as address:
        yield House(app, address, await open_shop(app))


async def heard(page: ClientConnection) -> dict[str, str]:
    async with asyncio.timeout(WAIT_S):
        message: dict[str, str] = json.loads(await page.recv())
        return message


async def rest(page: ClientConnection) -> tuple[list[str | bytes], int | None]:
    """Everything that still comes, and the code of the end."""
    found = []
    async with asyncio.timeout(WAIT_S):
        try:
            while True:
                found.append(await page.recv())
        except ConnectionClosed:
            return found, page.close_code


async def test_tabs_of_a_session_hear_of_a_change_and_cost_one_subscription(house: House) -> None:
    async with (
        house.browser() as owner,
        house.page(owner, WATCH) as one,
        house.page(owner, WATCH, WATCH) as other,
    ):
        await house.followed(1)
        await house.trouble(house.shop, "JOURNAL_BROKEN")
        told = [await heard(one), await heard(other)]
        await house.followed(1)

    await house.followed(0)
    assert told == [{"changed": WATCH}] * 2


async def test_another_company_is_not_heard_and_signing_out_ends_the_stream(
    house: House,
) -> None:
    stranger = await open_shop(house.app, SECOND_BIN)
    async with house.browser() as owner, house.page(owner, WATCH) as page:
        await house.followed(1)
        await house.trouble(stranger, "JOURNAL_BROKEN")
        await house.trouble(house.shop, "JOURNAL_BROKEN")
        told = await heard(page)
        csrf = (await owner.get("/console/outlets")).text.partition('data-csrf="')[2].partition('"')[0]
        await owner.post("/console/logout", data={"csrf": csrf})
        more, code = await rest(page)

    assert told == {"changed": WATCH}
    assert (more, code) == ([], 4403)


async def test_who_may_not_see_it_is_told_that_nothing_will_come(house: House) -> None:
    user = CreateUser("books@example.kz", "Данияр", await password_hash(), Role.CASHIER, "ru")
    await house.app.database.transact(create_user, user, principal=SYSTEM.within(house.shop.company_id))
    async with house.browser("books@example.kz") as cashier, house.page(cashier, WATCH) as page:
        told = await heard(page)

    assert told == {"over": WATCH}


async def test_what_cannot_be_watched_ends_the_stream(house: House) -> None:
    a_query, too_many = "organization/alerts", [f"{WATCH}?n={number}" for number in range(WATCHES_MAX + 1)]
    ended = []
    async with house.browser() as owner:
        for watches in ([], [a_query], ["nobody/nothing"], too_many):
            async with house.page(owner, *watches) as page:
                ended.append(await rest(page))

    assert ended == [([], 4400)] * 4


async def test_nobody_and_foreign_pages_watch_nothing(house: House) -> None:
    async with httpx.AsyncClient() as nobody, house.page(nobody, WATCH) as page:
        ended = await rest(page)
    async with house.browser() as owner:
        with pytest.raises(InvalidStatus) as refused:
            async with house.page(owner, WATCH, Origin="https://evil.example"):
                pass

    assert ended == ([], 4403)
    assert refused.value.response.status_code == 403
    await house.followed(0)


async def test_a_browser_has_so_many_streams_and_a_closed_one_makes_room(house: House) -> None:
    async with house.browser() as owner:
        pages = [house.page(owner, WATCH) for _ in range(SESSION_STREAMS_MAX)]
        opened = [await each.__aenter__() for each in pages]
        async with house.page(owner, WATCH) as surplus:
            too_many = await rest(surplus)
        await house.followed(1)
        for each in pages[1:]:
            await each.__aexit__(None, None, None)
        await house.trouble(house.shop, "JOURNAL_BROKEN")
        told = await heard(opened[0])
        await pages[0].__aexit__(None, None, None)
        await house.followed(0)
        async with house.page(owner, WATCH) as again:
            await house.followed(1)
            await house.trouble(house.shop, "KKM_OFFLINE")
            told_again = await heard(again)

    assert too_many == ([], 1013)
    assert told == told_again == {"changed": WATCH}


async def test_a_gateway_that_stops_does_not_wait_for_open_pages() -> None:
    async with running_app(["organization"]) as app:
        async with serving(app, port=0) as address:
            house = House(app, address, await open_shop(app))
            async with house.browser() as owner:
                stack = house.page(owner, WATCH)
                page = await stack.__aenter__()
                await house.followed(1)
            began = asyncio.get_running_loop().time()
        took_s = asyncio.get_running_loop().time() - began
        ended = await rest(page)
        await stack.__aexit__(None, None, None)

    assert ended == ([], 1012)
    assert took_s < DRAIN_S
