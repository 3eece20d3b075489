"""A terminal's application signed in the console by the NCALayer of that computer: its stand-in says the very
messages of the real one.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import WebSocketRoute

from addons.pos_terminal.tests.desk import BANK_CONTRACT, BIN, CARDS, FORM, Desk, at_desk
from gateway.app import create_app
from kernel.testing.app import OPENING_DAY
from simulators.ncalayer.server import VERSION, NcaLayer
from simulators.serving import serving
from tests.browser.eyes import Eyes, chromium, watched
from tests.browser.scene import DESK

pytestmark = [pytest.mark.browser]
ADDRESS = re.compile(r"wss?://127\.0\.0\.1:13579/")


@asynccontextmanager
async def at_the_console(desk: Desk) -> AsyncIterator[Eyes]:
    """The owner of that shop before a browser, signed in."""
    async with serving(create_app(desk.app)) as served, chromium() as browser:
        address = f"http://127.0.0.1:{served.port}"
        async with watched(browser, address, size=DESK, locale="ru-RU") as eyes:
            given = [
                {"name": each.name, "value": each.value or "", "url": address}
                for each in desk.http.cookies.jar
            ]
            await eyes.page.context.add_cookies(given)  # type: ignore[arg-type]
            yield eyes


async def drafted(desk: Desk) -> str:
    """The page of an application that waits for its signature."""
    await desk.see(f"{CARDS}/contracts/new")
    key = (await desk.saved(f"{CARDS}/contracts/new", **BANK_CONTRACT)).rpartition("/")[2]
    await desk.see(f"{CARDS}/new?contract={key}")
    asked = {**desk.place, "contractId": key, "what": "apply"}
    return await desk.saved(f"{CARDS}/new?contract={key}", **asked, **FORM)


async def test_an_application_is_signed_in_ncalayer_and_goes_to_the_bank(tmp_path: Path) -> None:
    layer = NcaLayer(bin_=BIN, moment=OPENING_DAY)
    for name, der in layer.certificates().items():
        (tmp_path / name).write_bytes(der)
    running = False

    async def play(socket: WebSocketRoute) -> None:
        if not running:
            await socket.close()
            return
        socket.on_message(lambda text: socket.send(json.dumps(layer.answer(str(text)))))
        socket.send(json.dumps({"result": {"version": VERSION}}))

    roots = {"signature_roots": str(tmp_path), "signature_revocation": "off"}
    async with at_desk(organization=roots) as desk, at_the_console(desk) as eyes:
        page = eyes.page
        await page.route_web_socket(ADDRESS, play)
        await eyes.go(await drafted(desk))
        await eyes.press("Подготовить текст к подписи")
        assert await eyes.findings() == []
        assert not await page.is_visible("#signature"), "the file is the second way"

        await page.click("[data-ncalayer-sign]")
        await eyes.wait_for("[data-ncalayer-said]:has-text('NCALayer не отвечает')")
        running, layer.is_cancelling = True, True
        await page.click("[data-ncalayer-sign]")
        await eyes.wait_for("[data-ncalayer-said]:has-text('Подписание отменено')")
        assert await eyes.findings() == []
        layer.is_cancelling = False
        await page.click("[data-ncalayer-sign]")
        await eyes.wait_for("text=Отправить в банк")

        assert "АХМЕТОВА АЙГУЛЬ" in await page.inner_text("main")
        await page.click("main button:has-text('Отправить в банк')")
        await eyes.wait_for("li[aria-current]:has-text('На рассмотрении')")
        assert eyes.complaints == []
