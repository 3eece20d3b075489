"""The board is told of changes at its own clients, and of nobody else's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from addons.dealer.services.links import BOARD_TOPIC
from addons.dealer.services.requests import AskDealer, ask_dealer
from addons.dealer.tests.service_centre import SEE, Side, engage, open_dealer, open_side, opened_app
from addons.organization.api import Severity, report_status
from kernel.app import App
from kernel.data.work import Work
from kernel.events.bus import MemoryBus
from kernel.gql.context import GqlContext
from kernel.security.principal import SYSTEM

WAIT_S = 60.0
SILENCE_S = 0.3  # in which a notice that is not ours would have been told
NEWS = "subscription { dealerBoardChanged }"


async def _trouble(app: App, side: Side) -> None:
    async def report(work: Work) -> None:
        code = "JOURNAL_BROKEN"
        await report_status(
            work, side.register_id, source="fleet", severity=Severity.ERROR, code=code, since_ms=1
        )

    await app.database.transact(report, principal=SYSTEM.within(side.company_id))


async def _followed(app: App, dealer: Side) -> AsyncGenerator[object, None]:
    context = GqlContext(app, dealer.owner, request_id="test", language="en")
    return await app.schema.subscribe(NEWS, context_value=context)  # type: ignore[return-value]


async def _listening(app: App) -> None:
    bus = app.bus
    assert isinstance(bus, MemoryBus)
    async with asyncio.timeout(WAIT_S):
        while not bus._taps.get(BOARD_TOPIC):  # noqa: ASYNC110 -- a subscription fills it
            await asyncio.sleep(0.01)


async def test_a_dealer_hears_of_troubles_at_its_clients_and_of_requests() -> None:
    async with opened_app() as app:
        dealer, client, stranger = await open_dealer(app), await open_side(app, 1), await open_side(app, 2)
        await engage(app, dealer, client)
        news = await _followed(app, dealer)
        told = asyncio.ensure_future(anext(news))
        await _listening(app)

        await _trouble(app, stranger)
        done, _ = await asyncio.wait({told}, timeout=SILENCE_S)
        assert not done
        await _trouble(app, client)
        async with asyncio.timeout(WAIT_S):
            assert (await told).data["dealerBoardChanged"]  # type: ignore[attr-defined]
        asked = asyncio.ensure_future(anext(news))
        await app.database.transact(ask_dealer, AskDealer(dealer.bin, (SEE,)), principal=stranger.owner)
        async with asyncio.timeout(WAIT_S):
            assert (await asked).data["dealerBoardChanged"]  # type: ignore[attr-defined]
        await news.aclose()
