"""What the console's own script does: files with visible progress, tabs in view on a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, Route

from simulators.demo.stage import EMAIL
from tests.browser.eyes import WAIT_MS, Eyes
from tests.browser.scene import DESK, Scene

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"width": 390, "height": 844}


@asynccontextmanager
async def at_console(scene: Scene, path: str, size: dict[str, int] = DESK) -> AsyncIterator[Eyes]:
    """The owner of the demo's shop at a page of the console."""
    async with scene.shown(f"{scene.stage.address}/console/login?next={path}", size=size) as eyes:
        await eyes.page.fill("#email", EMAIL)
        await eyes.page.fill("#password", scene.stage.password)
        await eyes.page.keyboard.press("Enter")
        await eyes.page.wait_for_url(f"**{path}", timeout=WAIT_MS)
        yield eyes


async def test_a_file_shows_how_far_it_is_and_may_be_stopped(scene: Scene, tmp_path: Path) -> None:
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    async with at_console(scene, "/console/sales/lines") as eyes:
        page = eyes.page
        async with page.expect_download(timeout=WAIT_MS) as downloading:
            await page.click("a[data-export]:has-text('CSV')")
        download = await downloading.value
        await download.save_as(tmp_path / "sales.csv")
        async with page.expect_download(timeout=WAIT_MS) as downloading:
            await page.click("a[data-export]:has-text('Excel')")
        book = await downloading.value

        whole = await (await page.context.request.get(f"{eyes.address}/console/sales/lines.csv")).text()

        await page.route("**/sales/lines.csv*", hold)
        await page.click("a[data-export]:has-text('CSV')")
        told = await page.inner_text("main [role=status]")
        await page.click("main [role=status] button")
        await page.wait_for_selector("main [role=status]", state="detached", timeout=WAIT_MS)
        # Chromium calls what a script took to its end, and offers as a file, aborted.
        complaints = [each for each in eyes.complaints if "/sales/lines." not in each]

    taken = (tmp_path / "sales.csv").read_bytes().decode()
    assert download.suggested_filename.endswith(".csv")
    assert book.suggested_filename.endswith(".xlsx")
    assert taken == whole
    assert taken.count("\n") > 1
    assert "Файл готовится" in told
    assert len(held) == 1
    assert complaints == []


async def test_the_tab_one_is_at_is_in_view_on_a_phone(scene: Scene) -> None:
    async with at_console(scene, "/console/settings", PHONE) as eyes:
        last = await eyes.page.locator(".tabs a").last.get_attribute("href")
        await eyes.page.goto(f"{scene.stage.address}{last}")
        seen = await _seen(eyes.page)
        wider = await eyes.is_wider()

    assert seen, "the bar has scrolled to it"
    assert not wider


async def _seen(page: Page) -> bool:
    """Whether the bar is wider than the screen and the present tab is in what is shown of it."""
    return bool(
        await page.evaluate(
            """() => {
              const bar = document.querySelector(".tabs"), tab = bar.querySelector("[aria-current]");
              const [outer, inner] = [bar.getBoundingClientRect(), tab.getBoundingClientRect()];
              const isInside = inner.left >= outer.left - 1 && inner.right <= outer.right + 1;
              return bar.scrollWidth > bar.clientWidth && isInside;
            }"""
        )
    )
