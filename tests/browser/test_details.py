"""What the console's own script does: parts that hear of changes, files with visible progress, long lists
that are searched, tabs in view on a phone; and that pages may be mirrored.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, TimeoutError

from simulators.demo.stage import EMAIL
from tests.browser.eyes import WAIT_MS, Eyes
from tests.browser.scene import DESK, Scene

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"width": 390, "height": 844}
SALES_MAX, CHANGE_MS = 10, 6_000
# Parts ask by themselves every so many seconds only.
ASKING_EVERY = """document.addEventListener("DOMContentLoaded", () => {
  for (const part of document.querySelectorAll("[data-live]")) part.dataset.live = "%d";
});"""


@asynccontextmanager
async def at_console(scene: Scene, path: str, size: dict[str, int] = DESK) -> AsyncIterator[Eyes]:
    """The owner of the demo's shop at a page of the console."""
    async with scene.shown(f"{scene.stage.address}/console/login?next={path}", size=size) as eyes:
        await eyes.page.fill("#email", EMAIL)
        await eyes.page.fill("#password", scene.stage.password)
        await eyes.page.keyboard.press("Enter")
        await eyes.page.wait_for_url(lambda url: "/login" not in url, timeout=WAIT_MS)
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
    assert "Файл готовится: 0 из …" in told
    assert len(held) == 1
    assert complaints == []


async def test_a_file_is_counted_while_it_is_made(scene: Scene) -> None:
    asked = {"X-Sauda-Progress": "1"}
    async with at_console(scene, "/console/sales/lines") as eyes:
        request, lines = eyes.page.context.request, f"{eyes.address}/console/sales/lines"
        table, book = [await request.get(f"{lines}.{end}", headers=asked) for end in ("csv", "xlsx")]
        plain = await (await request.get(f"{lines}.csv")).body()
        counted: list[tuple[int, int]] = []
        content = _file(await table.body(), counted)
        workbook = _file(await book.body(), counted)

    assert content == plain
    assert workbook.startswith(b"PK")
    assert all(done <= total for done, total in counted)
    assert counted[-1][0] == counted[-1][1] > 1


@pytest.mark.parametrize(("has_stream", "poll_s"), [(True, 3_600), (False, 1)])
async def test_a_list_follows_what_happens_by_its_stream_or_by_asking(
    scene: Scene, has_stream: bool, poll_s: int
) -> None:
    async with at_console(scene, "/console/settings") as eyes:
        page = eyes.page
        await page.add_init_script(ASKING_EVERY % poll_s)
        if has_stream:
            async with page.expect_websocket(timeout=WAIT_MS):
                await eyes.go("/console/registers")
        else:
            await page.route_web_socket("**/console/live**", lambda socket: socket.close())
            await eyes.go("/console/registers")
        before = await page.inner_text("#list")
        after = await _changed(page, before, scene)
        await _leave_elsewhere(page)
        if has_stream:  # who was signed out learns it at once
            await page.wait_for_url("**/console/login**", timeout=WAIT_MS)

    assert after != before


async def test_a_long_list_is_searched_by_a_word(scene: Scene) -> None:
    async def lengthen(route: Route) -> None:
        answer = await route.fetch()
        shops = "".join(f'<option value="{number}">Киоск {number}</option>' for number in range(60))
        page = (await answer.text()).replace("</select>", f"{shops}</select>")
        await route.fulfill(response=answer, body=page)

    async with at_console(scene, "/console/settings") as eyes:
        page = eyes.page
        await page.route("**/console/registers/new", lengthen)
        await eyes.go("/console/registers/new")
        chosen = await page.input_value("#outletId")
        await page.get_by_role("searchbox").fill("киоск 27")
        shown = await page.locator("#outletId option").all_inner_texts()
        kept = await page.input_value("#outletId")
        findings = await eyes.findings()

    assert [each for each in shown if "Киоск" in each] == ["Киоск 27"]
    assert chosen == kept
    assert findings == []


@pytest.mark.parametrize("size", [DESK, PHONE])
async def test_pages_may_be_mirrored(scene: Scene, size: dict[str, int]) -> None:
    wider = []
    async with at_console(scene, "/console", size) as eyes:
        for path in ("/console", "/console/registers", "/console/sales", "/console/settings", "/pos"):
            await eyes.go(path)
            await eyes.page.evaluate("document.documentElement.dir = 'rtl'")
            await eyes.page.evaluate("document.fonts.ready")
            await eyes.picture(f"mirrored{path.replace('/', '-')}-{size['width']}")
            wider += [path] if await eyes.is_wider() else []

    assert wider == []


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


async def _changed(page: Page, before: str, scene: Scene) -> str:
    """The list after a sale at one of its registers."""
    till = scene.story.till
    assert till is not None
    goods = scene.story.products[0]
    lines = [{"productId": goods["id"], "quantity": "1"}]
    is_new = "before => document.querySelector('#list').innerText !== before"
    for _ in range(SALES_MAX):  # the first may come before the page listens
        await till.sell(lines, [{"kind": "CASH", "amount": goods["price"]}])
        with suppress(TimeoutError):
            await page.wait_for_function(is_new, arg=before, timeout=CHANGE_MS)
            break
    return await page.inner_text("#list")


async def _leave_elsewhere(page: Page) -> None:
    """The session ends, as from another tab."""
    csrf = await page.get_attribute("body", "data-csrf")
    origin = await page.evaluate("location.origin")
    await page.context.request.post(f"{origin}/console/logout", form={"csrf": csrf or ""}, max_redirects=0)


def _file(body: bytes, counted: list[tuple[int, int]]) -> bytes:
    """The file in its frames; counted: what they tell."""
    content = b""
    while body:
        head, _, body = body.partition(b"\n")
        done, total, size = map(int, head.split())
        counted.append((done, total))
        content, body = content + body[:size], body[size:]
    return content
