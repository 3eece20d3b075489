"""One demo for all files of stories that only add to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from simulators.demo.stage import open_stage
from simulators.demo.story import Story
from simulators.till import documents
from tests.browser.eyes import chromium
from tests.browser.scene import Scene


@pytest_asyncio.fixture(scope="session", loop_scope="session")  # it takes long to set up
async def scene() -> AsyncIterator[Scene]:
    async with chromium() as browser, open_stage() as stage:
        story = Story(stage)
        for _title, step in story.steps:
            await step()
        assert story.shop is not None
        # Stories of cards connect terminals of their own; the others take cards outside of the till.
        await story.shop.owner.mutate(documents.CLOSE_TERMINAL, id=story.terminal_id)
        try:
            yield Scene(stage, story, browser)
        finally:
            await story.close()
