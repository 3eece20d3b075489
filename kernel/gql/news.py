"""News without contents, for subscriptions that only say that something changed: who hears asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import datetime

from kernel.gql.context import GqlContext

NEWS_EVERY_S = 1.0  # notices of a busy shop are told together


async def moments(
    context: GqlContext, topics: Mapping[str, Callable[[str], bool]]
) -> AsyncGenerator[datetime, None]:
    """The moment of every notice of these topics whose id is ours, at most one a second.

    A lost notice is lost: nothing is told before the next one.
    """
    news = asyncio.Event()

    def ear(is_ours: Callable[[str], bool]) -> Callable[[str], None]:
        return lambda told: news.set() if is_ours(told) else None

    untaps = [context.app.bus.tap(topic, ear(is_ours)) for topic, is_ours in topics.items()]
    try:
        while True:
            await news.wait()
            news.clear()
            yield context.app.clock.now()
            await asyncio.sleep(NEWS_EVERY_S)
    finally:
        for untap in untaps:
            untap()
