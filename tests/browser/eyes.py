"""What a test sees in Chromium: a page, what it complained about, what it weighed, what axe says of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, TimeoutError, async_playwright

CHROMIUM = os.environ.get("SAUDA_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WAIT_MS = 60_000
PICTURES = "SAUDA_TEST_PICTURES"


@dataclass
class Eyes:
    """One tab. complaints: errors of the console, of scripts and of loading; bytes: transferred so far."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    bytes: int = 0

    async def go(self, path: str) -> None:
        """Open a page of ours."""
        await self.page.goto(self.address + path, wait_until="load")

    async def press(self, text: str) -> None:
        """Press what is called so and wait for the page it leads to."""
        async with self.page.expect_navigation(wait_until="load", timeout=WAIT_MS):
            await self.page.get_by_role("main").get_by_text(text, exact=True).first.click()

    async def wait_for(self, selector: str) -> None:
        """Wait until it is there; says what is there instead when it does not come."""
        try:
            await self.page.wait_for_selector(selector, timeout=WAIT_MS)
        except TimeoutError:
            pytest.fail(f"{selector} did not come at {self.page.url}:\n{await self.page.inner_text('body')}")

    async def is_wider(self) -> bool:
        """Whether the page scrolls sideways."""
        return bool(
            await self.page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
        )

    async def findings(self) -> list[str]:
        """Serious findings of axe, one line each."""
        if not AXE.exists():
            pytest.fail("axe-core is not installed: npm ci")
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[dict[str, Any]] = await self.page.evaluate(
            """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
               .filter(each => ["serious", "critical"].includes(each.impact))
               .map(each => ({id: each.id, nodes: each.nodes.slice(0, 3).map(node => node.html)}))"""
        )
        return [f"{each['id']}: {node[:160]}" for each in found for node in each["nodes"]]

    async def picture(self, name: str, *, whole: bool = False) -> None:
        """Keep a picture when somebody wants them."""
        if folder := os.environ.get(PICTURES):
            await self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole)


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    """A Chromium of this machine; the test is skipped without one, but not in CI."""
    if CHROMIUM is None:
        reason = "no Chromium on this machine (apt-get install chromium, or SAUDA_TEST_CHROMIUM)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def watched(
    browser: Browser,
    address: str,
    *,
    size: dict[str, int],
    locale: str,
    scheme: str = "light",
    also_ours: tuple[str, ...] = (),
) -> AsyncIterator[Eyes]:
    """A tab with nothing remembered. locale: such as kk-KZ; scheme: light or dark; also_ours: further
    addresses it may ask.
    """
    context = await browser.new_context(viewport=size, locale=locale, color_scheme=scheme)  # type: ignore[arg-type]
    page = await context.new_page()
    eyes = Eyes(page, address)
    ours = (address, *also_ours, "data:", "blob:")

    def asked(url: str) -> None:
        if not url.startswith(ours):
            eyes.complaints.append(f"foreign: {url[:200]}")

    def weigh(event: dict[str, Any]) -> None:
        eyes.bytes += int(event["encodedDataLength"])

    page.on("console", lambda said: eyes.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: eyes.complaints.append(str(error)))
    page.on("request", lambda request: asked(request.url))
    network = await context.new_cdp_session(page)
    await network.send("Network.enable")
    network.on("Network.loadingFinished", weigh)
    try:
        yield eyes
    finally:
        await context.close()


@asynccontextmanager
async def opened_eyes(
    browser: Browser, address: str, *, width: int = 1440, language: str = "ru", scheme: str = "light"
) -> AsyncIterator[Eyes]:
    """The same by width and language: ru, kk or en."""
    size = {"width": width, "height": 844 if width < 500 else 900}
    async with watched(browser, address, size=size, locale=f"{language}-KZ", scheme=scheme) as eyes:
        yield eyes
