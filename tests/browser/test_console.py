"""The console in Chromium: a company's first register and sale, a session that times out, and every page as
axe, a phone, a slow line and a Kazakh reader meet it.

SAUDA_SCALE of 10 or more: further sizes, languages and colours. SAUDA_TEST_PICTURES=<folder>: pictures.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from urllib.parse import unquote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from simulators.demo.stage import EMAIL, FIRST_OFD_ID, FIRST_TOKEN, Stage, open_stage
from tests.browser.eyes import WAIT_MS, Eyes, chromium, opened_eyes

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PAGE_BYTES_MAX = 150 * 1024  # transferred with an empty cache
SCALE = int(os.environ.get("SAUDA_SCALE", "1"))
LOOKS = [(1440, "ru", "light"), (390, "kk", "light")]
LOOKS += (
    [(768, "en", "light"), (390, "ru", "dark"), (1440, "kk", "dark"), (2560, "ru", "light")]
    if SCALE >= 10
    else []
)
PAGES = (
    "/console",
    "/console/registers",
    "/console/sales",
    "/console/sales/lines",
    "/console/goods",
    "/console/goods/new",
    "/console/goods/groups",
    "/console/goods/import",
    "/console/cards",
    "/console/cards/new",
    "/console/cards/operations",
    "/console/cards/review",
    "/console/cards/statement",
    "/console/cards/contracts",
    "/console/cards/contracts/new",
    "/console/outlets",
    "/console/register-groups",
    "/console/operators",
    "/console/users",
    "/console/settings",
    "/console/settings/security",
    "/console/settings/keys",
    "/console/settings/audit",
    "/console/settings/installed",
    "/console/settings/registers",
    "/console/settings/receipts",
    "/console/1c",
    "/console/1c-equipment",
    "/console/1c-equipment/new",
)
REGISTER_TABS = ("", "/desk", "/documents", "/shifts", "/cards", "/settings")
IDLE_S = 1_800
WORDS = {
    "ru": {
        "enter": "Войти", "new": "Новая касса", "create": "Создать", "known": "Ввести данные",
        "activate": "Активировать", "first": "Первая продажа", "add": "Добавить кассира", "sell": "Продать",
        "fiscal": "фискальный", "online": "на связи", "idle": "В связи с отсутствием активности",
    },
    "kk": {
        "enter": "Кіру", "new": "Жаңа касса", "create": "Жасау", "known": "Деректерді енгізу",
        "activate": "Іске қосу", "first": "Алғашқы сату", "add": "Кассир қосу", "sell": "Сату",
        "fiscal": "фискалдық", "online": "байланыста", "idle": "Ұзақ уақыт әрекет болмағандықтан",
    },
}  # fmt: skip


@dataclass(frozen=True)
class House:
    """An installation with a company and nothing else, and a browser."""

    stage: Stage
    browser: Browser

    @asynccontextmanager
    async def signed_in(self, width: int, language: str, scheme: str = "light") -> AsyncIterator[Eyes]:
        async with opened_eyes(
            self.browser, self.stage.address, width=width, language=language, scheme=scheme
        ) as eyes:
            await eyes.go("/console")
            await self.sign_in(eyes)
            await eyes.go(f"/console/choice?language={language}&next=/console/outlets/new")
            yield eyes

    async def sign_in(self, eyes: Eyes) -> None:
        await eyes.page.fill("#email", EMAIL)
        await eyes.page.fill("#password", self.stage.password)
        await eyes.page.locator("#password").press("Enter")
        await eyes.page.wait_for_url(lambda url: "/login" not in url, timeout=WAIT_MS)

    def nobody_was_there_for(self, seconds: int) -> None:
        """As if so much time had passed since anybody touched any browser."""
        path = self.stage.environ["SAUDA_DATABASE__URL"].removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=60)) as database, database:
            database.execute("UPDATE org_browser SET seen_ms = seen_ms - ?", (seconds * 1000,))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[House]:
    async with chromium() as browser, open_stage() as stage:
        yield House(stage, browser)


@pytest.mark.parametrize(("place", "width", "language"), [(0, 1440, "ru"), (1, 390, "kk")])
async def test_a_company_registers_its_first_register_and_sells(
    house: House, place: int, width: int, language: str
) -> None:
    words = WORDS[language]
    async with house.signed_in(width, language) as eyes:
        page = eyes.page

        await eyes.go("/console/registers")
        await eyes.press(words["new"])
        if place == 0:  # the first register of a company brings its first outlet
            await page.fill("#outletTitle", "Магазин «Дән»")
            await page.fill("#address", "г. Алматы, ул. Абая, 10")
            await page.fill("#latitude", "43.2389")
            await page.fill("#longitude", "76,8897")
        await page.fill("#title", f"Касса {place + 1}")
        await eyes.press(words["create"])
        await eyes.picture(f"setup-{width}-{language}")
        await eyes.press(words["known"])
        await page.fill("#ofdId", str(FIRST_OFD_ID + place))
        await page.fill("#token", str(FIRST_TOKEN + place))
        await eyes.press(words["activate"])
        await eyes.wait_for(f"main >> text={words['first']}")  # comes by itself when the OFD has answered
        card = page.url.removesuffix("/setup")
        await eyes.press(words["first"])
        if place == 0:
            await eyes.press(words["add"])
            await page.fill("#name", "Ерлан Қасымов")
            await page.fill("#pin", "4812")
            await eyes.press(words["create"])
            await page.goto(f"{card}/desk", wait_until="load")
        await page.fill("#name", "Бауырсақ")
        await page.fill("#price", "1 250,50")
        await eyes.press(words["sell"])
        await expect(page.locator(".head .badge")).to_have_text(words["fiscal"], timeout=WAIT_MS)
        paper = await page.inner_text(".paper-view pre")
        await eyes.picture(f"receipt-{width}-{language}", whole=True)
        await page.goto(card, wait_until="load")
        shown = (await page.inner_text("main")).replace("\u00a0", " ")

        assert "Бауырсақ" in paper
        assert "1 250" in paper.replace("\u00a0", " ")
        assert words["online"] in shown
        assert "1 250,50 ₸" in shown
        assert eyes.complaints == []


async def test_a_session_times_out_and_comes_back_to_the_same_page(house: House) -> None:
    async with house.signed_in(1440, "ru") as eyes:
        page = eyes.page
        await page.clock.install()
        await eyes.go("/console/sales?period=quarter")

        house.nobody_was_there_for(IDLE_S - 45)
        await page.clock.fast_forward((IDLE_S - 50) * 1000)
        await eyes.wait_for("dialog#idle[open]")
        await eyes.picture("idle-warning")
        await page.click("#idle-stay")
        await expect(page.locator("dialog#idle")).not_to_be_visible()
        await eyes.go("/console/sales?period=quarter")
        assert "/login" not in page.url  # who stays goes on working

        house.nobody_was_there_for(IDLE_S)
        await page.clock.fast_forward(IDLE_S * 1000)
        await page.wait_for_url("**/console/login**", timeout=WAIT_MS)
        said = await page.inner_text("main")
        await eyes.picture("idle-ended")
        await house.sign_in(eyes)

        assert WORDS["ru"]["idle"] in said
        assert unquote(page.url).endswith("/console/sales?period=quarter")
        assert [each for each in eyes.complaints if "401" not in each] == []


async def test_a_stranger_is_led_to_the_sign_in_and_back(house: House) -> None:
    async with opened_eyes(house.browser, house.stage.address) as eyes:
        await eyes.go("/console/goods?q=1")
        await eyes.page.fill("#email", EMAIL)
        await eyes.page.fill("#password", "wrong password")
        await eyes.page.locator("#password").press("Enter")
        await eyes.wait_for(".notice.danger")
        await house.sign_in(eyes)

        assert eyes.page.url.endswith("/console/goods?q=1")


async def test_a_price_is_written_into_the_list(house: House) -> None:
    async with house.signed_in(1440, "ru") as eyes:
        page = eyes.page
        await eyes.go("/console/goods/new")
        await page.fill("#name", "Курт солёный")
        await page.fill("#price", "100")
        await eyes.press("Создать")
        price = page.locator("tr", has_text="Курт солёный").locator("input[name=price]")
        await price.fill("125,5")
        await price.press("Enter")
        await eyes.wait_for("input.is-new")
        await eyes.go("/console/goods?q=курт")

        assert await page.input_value("tr:has-text('Курт солёный') input[name=price]") == "125,50"
        assert eyes.complaints == []


@pytest.mark.parametrize(("width", "language", "scheme"), LOOKS)
async def test_every_page_is_light_whole_and_readable(
    house: House, width: int, language: str, scheme: str
) -> None:
    problems: list[str] = []
    async with house.signed_in(width, language, scheme) as eyes:
        await eyes.go("/console/registers")
        card = await eyes.page.get_attribute("a.main", "href")
        assert card is not None, "the stories before made a register"
        await eyes.go("/console/sales")
        sale = await eyes.page.get_attribute("a.main", "href")
        assert sale is not None
        network = await eyes.page.context.new_cdp_session(eyes.page)
        for path in (*PAGES, *(card + tab for tab in REGISTER_TABS), sale, f"{sale}/return"):
            await network.send("Network.clearBrowserCache")
            eyes.bytes = 0
            await eyes.go(path)
            await eyes.page.evaluate("document.fonts.ready")
            weight = eyes.bytes
            name = f"{path.replace(card, '/register').replace(sale, '/sale').strip('/').replace('/', '-')}"
            await eyes.picture(f"{name}-{width}-{language}-{scheme}", whole=True)
            problems += [f"{path}: {each}" for each in await eyes.findings()]
            if weight > PAGE_BYTES_MAX:
                problems.append(f"{path}: {weight} bytes")
            if await eyes.is_wider():
                problems.append(f"{path}: wider than the screen")
        problems += eyes.complaints

    assert problems == []
