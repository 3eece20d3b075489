"""Waiting for news of a company's goods: the head of the feed moved, or an exchange was ordered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from addons.catalog.services.feed_head import Head, feed_head
from addons.catalog.services.feed_notes import FEED_TOPIC
from kernel.gql.context import GqlContext

NEWS_EVERY_S = 1  # at most; the newest head says it all
LOOK_EVERY_S = 5  # notices may be lost, and an import of another process without Redis gives none
HEARTBEAT_S = 30  # without news the head is told all the same


async def heads(context: GqlContext, company_id: str) -> AsyncGenerator[Head | None, None]:
    """The head now, soon after it is another, and every HEARTBEAT_S seconds; None: the feed has not begun."""
    news = asyncio.Event()
    untap = context.app.bus.tap(FEED_TOPIC, lambda told: news.set() if told == company_id else None)
    told: Head | None = None
    silent_s = HEARTBEAT_S
    try:
        while True:
            is_news = news.is_set()
            news.clear()
            async with context.reading() as reader:
                found = await feed_head(reader)
            if found != told or is_news or silent_s >= HEARTBEAT_S:
                told, silent_s = found, 0
                yield found
                await asyncio.sleep(NEWS_EVERY_S)
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await news.wait()
            except TimeoutError:
                silent_s += LOOK_EVERY_S
    finally:
        untap()
