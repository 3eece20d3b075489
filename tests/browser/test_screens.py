"""The first pages of the house in Chromium: nothing foreign is fetched, no policy is broken.

With SAUDA_TEST_PICTURES=<folder> the same run writes the pictures of the README.
"""

from __future__ import annotations

import pytest

from protocols.ofd import ofd_pb2 as pb
from simulators.demo.stage import FIRST_OFD_ID
from tests.browser.eyes import WAIT_MS
from tests.browser.scene import DESK, PHONE, Scene

STORY_SOLD = 708_000  # tiyn; three receipts of the demo's story

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_receipt_page_shows_the_sale_and_its_code(scene: Scene, scheme: str) -> None:
    address = next(each.address for each in scene.story.documents if each.address)

    async with scene.shown(address, size=PHONE, scheme=scheme) as shown:
        text = await shown.page.inner_text("body")
        codes = await shown.page.locator("svg").count()
        wider = await shown.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        await shown.picture(f"receipt-{scheme}", whole=True)

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
        await shown.picture("graphiql")

        assert shown.complaints == []


async def test_the_tax_side_shows_what_it_accepted(scene: Scene) -> None:
    async with scene.shown(f"{scene.stage.ledger_address}/", size=DESK) as shown:
        # Other stories sell on this register before or after this one: the ledger itself knows how much.
        sold = scene.stage.simulator.ledger.accounts[FIRST_OFD_ID].sums[pb.OPERATION_SELL]
        row = await shown.page.locator("tr", has_text=str(FIRST_OFD_ID)).inner_text()
        await shown.picture("ledger", whole=False)

        assert sold >= STORY_SOLD
        assert f"{sold // 100:,},{sold % 100:02d}".replace(",", " ") in row.replace(",", " ")
        assert [each for each in shown.complaints if "favicon" not in each and "404" not in each] == []


async def test_the_front_door_leads_to_the_sign_in(scene: Scene) -> None:
    async with scene.shown(f"{scene.stage.address}/", size=DESK) as shown:
        assert shown.page.url.startswith(f"{scene.stage.address}/console/login")
        assert shown.complaints == []
