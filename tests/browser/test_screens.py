"""The first pages of the house in Chromium: nothing foreign is fetched, no policy is broken.

With SAUDA_TEST_PICTURES=<folder> the same run writes the pictures of the README.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from simulators.demo.stage import Stage, open_stage
from simulators.demo.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CHROMIUM = os.environ.get("SAUDA_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 420, "height": 900}
DESK = {"width": 1180, "height": 760}
WAIT_MS = 20_000


@dataclass
class Shown:
    """A page and what it complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    async def picture(self, name: str, *, whole: bool = True) -> None:
        folder = os.environ.get("SAUDA_TEST_PICTURES")
        if folder:
            await self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole)


@dataclass(frozen=True)
class Scene:
    """The demo after its last step."""

    stage: Stage
    story: Story
    browser: Browser

    @asynccontextmanager
    async def shown(
        self, address: str, *, size: dict[str, int], scheme: str = "light", language: str = "ru-RU"
    ) -> AsyncIterator[Shown]:
        context = await self.browser.new_context(viewport=size, color_scheme=scheme, locale=language)  # type: ignore[arg-type]
        page = await context.new_page()
        shown = Shown(page)
        page.on("console", lambda said: shown.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: shown.complaints.append(str(error)))
        page.on("requestfailed", lambda request: shown.complaints.append(f"not loaded: {request.url[:200]}"))
        page.on("request", lambda request: self._foreign(request.url, shown))
        await page.goto(address, wait_until="networkidle")
        try:
            yield shown
        finally:
            await context.close()

    def _foreign(self, address: str, shown: Shown) -> None:
        if not address.startswith((self.stage.address, self.stage.ledger_address, "data:", "blob:")):
            shown.complaints.append(f"foreign: {address[:200]}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene() -> AsyncIterator[Scene]:
    if CHROMIUM is None:
        reason = "no Chromium on this machine (apt-get install chromium, or SAUDA_TEST_CHROMIUM)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with open_stage() as stage, async_playwright() as playwright:
        story = Story(stage)
        for _title, step in story.steps:
            await step()
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield Scene(stage, story, browser)
        finally:
            await browser.close()
            await story.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_receipt_page_shows_the_sale_and_its_code(scene: Scene, scheme: str) -> None:
    address = next(each.address for each in scene.story.documents if each.address)

    async with scene.shown(address, size=PHONE, scheme=scheme) as shown:
        text = await shown.page.inner_text("body")
        codes = await shown.page.locator("svg").count()
        wider = await shown.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        await shown.picture(f"receipt-{scheme}")

        assert "5 210.00" in text
        assert "ТЕСТ, нефискальный" in text
        assert codes >= 1
        assert not wider, "a phone must not scroll sideways"
        assert shown.complaints == []


async def test_the_receipt_page_speaks_kazakh(scene: Scene) -> None:
    address = next(each.address for each in scene.story.documents if each.address)

    async with scene.shown(address, size=PHONE, language="kk-KZ") as shown:
        assert await shown.page.get_attribute("html", "lang") == "kk"
        assert shown.complaints == []


async def test_graphiql_answers_without_the_internet(scene: Scene) -> None:
    async with scene.shown(f"{scene.stage.address}/graphql", size=DESK) as shown:
        await shown.page.wait_for_selector(".graphiql-execute-button", timeout=WAIT_MS)
        await shown.page.click(".graphiql-execute-button")
        await shown.page.wait_for_selector(
            ".result-window .CodeMirror-line:has-text('data')", timeout=WAIT_MS
        )
        await shown.picture("graphiql", whole=False)

        assert shown.complaints == []


async def test_the_tax_side_shows_what_it_accepted(scene: Scene) -> None:
    async with scene.shown(f"{scene.stage.ledger_address}/", size=DESK) as shown:
        text = await shown.page.inner_text("body")
        await shown.picture("ledger", whole=False)

        assert "1001" in text
        assert "7 080,00" in text.replace("\u00a0", " ").replace("\u202f", " ")
        assert [each for each in shown.complaints if "favicon" not in each and "404" not in each] == []


async def test_the_front_door_says_where_things_are(scene: Scene) -> None:
    async with scene.shown(f"{scene.stage.address}/", size=DESK) as shown:
        assert await shown.page.locator("a[href='/graphql']").count() >= 1
        assert shown.complaints == []
