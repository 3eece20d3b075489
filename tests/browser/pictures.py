"""`make screenshots`: the console as it is, in real Chromium, for the README and docs/.

An installation of the demo gets a fortnight of sales: they are made now, through the API and the simulated
OFD, and only then moved in time in the throw-away database: nobody waits a fortnight for a picture.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import sys
from contextlib import AsyncExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser

from simulators.demo.stage import EMAIL, FIRST_OFD_ID, FIRST_TOKEN, Stage, open_stage
from simulators.demo.story import Story
from simulators.till.shop import Till
from tests.browser.eyes import Eyes, chromium, opened_eyes

SALES = 90
DAYS = 14
DAY_MS, HOUR_MS = 86_400_000, 3_600_000
SEED = 7  # the same shop each time
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
SHOTS = (
    ("console-home", "/console", 1440, "ru", "light"),
    ("console-home-dark", "/console", 1440, "ru", "dark"),
    ("console-home-phone", "/console", 390, "kk", "light"),
    ("console-registers", "/console/registers", 1440, "ru", "light"),
    ("console-sales", "/console/sales", 1440, "ru", "light"),
    ("console-goods", "/console/goods", 1440, "ru", "light"),
    ("console-cards", "/console/cards", 1440, "ru", "light"),
    ("console-card-operations", "/console/cards/operations", 1440, "ru", "light"),
)
FURTHER = {"console-registers": "console-register", "console-sales": "console-receipt"}


async def main() -> int:
    """Write the pictures into the folder given, or docs/pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    async with open_stage() as stage, chromium() as browser, AsyncExitStack() as stack:
        story = Story(stage)
        stack.push_async_callback(story.close)
        await _a_fortnight(stage, story)
        for shot in SHOTS:
            await _take(folder, stage, browser, shot)
    return 0


async def _take(folder: Path, stage: Stage, browser: Browser, shot: tuple[str, str, int, str, str]) -> None:
    """A page of SHOTS, and what its first entry leads to."""
    name, path, width, language, scheme = shot
    async with opened_eyes(browser, stage.address, width=width, language=language, scheme=scheme) as eyes:
        await _sign_in(eyes, stage, language)
        await eyes.go(path)
        await eyes.page.evaluate("document.fonts.ready")
        await eyes.page.screenshot(path=folder / f"{name}.png")
        if further := FURTHER.get(name):
            async with eyes.page.expect_navigation(wait_until="load"):
                await eyes.page.click("a.main")
            await eyes.page.evaluate("document.fonts.ready")
            await eyes.page.screenshot(path=folder / f"{further}.png")
        if name == "console-registers":
            await eyes.go(f"{urlsplit(eyes.page.url).path}/cards")
            await eyes.page.screenshot(path=folder / "console-mpos.png")


async def _sign_in(eyes: Eyes, stage: Stage, language: str) -> None:
    await eyes.go("/console/login")
    await eyes.page.fill("#email", EMAIL)
    await eyes.page.fill("#password", stage.password)
    await eyes.page.locator("#password").press("Enter")
    await eyes.page.wait_for_url("**/console")
    await eyes.go(f"/console/choice?language={language}&next=/console/outlets/new")


async def _a_fortnight(stage: Stage, story: Story) -> None:
    chance = random.Random(SEED)
    for _, step in story.steps:
        await step()
    assert story.shop is not None
    assert story.till is not None
    second = await story.shop.till(
        title="Касса 2", operator="Мадина Ахметова", ofd_id=FIRST_OFD_ID + 1, token=FIRST_TOKEN + 1
    )
    for _ in range(SALES):
        await _sell(chance, story, story.till if chance.random() < 0.6 else second)
    path = stage.environ["SAUDA_DATABASE__URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=30)) as database, database:
        for (sale_id,) in database.execute("SELECT id FROM trd_sale").fetchall():
            back = chance.randrange(DAYS) * DAY_MS + chance.randrange(10) * HOUR_MS
            database.execute(
                "UPDATE trd_sale SET created_at = created_at - ?, ticket_at = ticket_at - ? WHERE id = ?",
                (back, back, sale_id),
            )


async def _sell(chance: random.Random, story: Story, till: Till) -> None:
    goods = chance.sample(story.products[:30], chance.randint(1, 4))
    amounts = [chance.randint(1, 3) for _ in goods]
    lines = [
        {"productId": each["id"], "quantity": str(count)} for each, count in zip(goods, amounts, strict=True)
    ]
    tiyn = sum(
        int(each["price"].replace(".", "")) * count for each, count in zip(goods, amounts, strict=True)
    )
    payment = {
        "kind": chance.choice(["CASH", "CARD", "CARD", "MOBILE"]),
        "amount": f"{tiyn // 100}.{tiyn % 100:02d}",
    }
    sale = await till.sell(lines, [payment])
    if chance.random() < 0.06:
        await till.give_back(sale["id"])


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
