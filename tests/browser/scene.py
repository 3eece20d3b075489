"""The demo after its last step, and a browser before it: what several files of stories share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser

from simulators.demo.stage import Stage
from simulators.demo.story import Story
from tests.browser.eyes import Eyes, watched

PHONE = {"width": 420, "height": 900}
DESK = {"width": 1180, "height": 760}


@dataclass(frozen=True)
class Scene:
    """The demo after its last step."""

    stage: Stage
    story: Story
    browser: Browser

    @asynccontextmanager
    async def shown(
        self, address: str, *, size: dict[str, int], scheme: str = "light", language: str = "ru-RU"
    ) -> AsyncIterator[Eyes]:
        """A page of the house or of the tax side, whole; what did not load is a complaint, too."""
        async with watched(
            self.browser,
            self.stage.address,
            size=size,
            scheme=scheme,
            locale=language,
            also_ours=(self.stage.ledger_address,),
        ) as eyes:
            failed = eyes.complaints.append
            eyes.page.on("requestfailed", lambda request: failed(f"not loaded: {request.url[:200]}"))
            await eyes.page.goto(address, wait_until="networkidle")
            yield eyes
