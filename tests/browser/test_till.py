"""The cashier screen in Chromium, on the real house and the OFD simulator: what the till says was sold is
what the tax side has, whatever becomes of the link.

With SAUDA_TEST_PICTURES=<folder> the same run writes the pictures of the documentation. Long because the
stories share one till, one shop and one tax side, which take seconds to start.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Page, Route

from addons.trade.domain.cart import CartLine, Percent, calculate
from kernel.errors import Refusal
from kernel.money import Money
from kernel.quantity import Quantity
from protocols.ofd.codes import Operation
from simulators.demo.stage import EMAIL, FIRST_OFD_ID
from simulators.demo.story import CASHIER_PIN
from simulators.ofd.ledger import Document
from tests.browser.eyes import WAIT_MS, Eyes, chromium, watched
from tests.browser.scene import DESK, Scene

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SCALE = int(os.environ.get("SAUDA_SCALE", "1"))
PHONE = {"width": 390, "height": 844}
TABLET = {"width": 768, "height": 1024}
WIDE = {"width": 1440, "height": 900}
SIZES = [(WIDE, "ru-RU"), (PHONE, "kk-KZ")]
if SCALE > 1:
    SIZES += [(TABLET, "ru-RU"), (WIDE, "kk-KZ"), (PHONE, "en-GB"), (DESK, "en-GB")]
PIN, ADMINISTRATOR_PIN = CASHIER_PIN, "7391"
TRANSFERRED_MAX = 200 * 1024  # bytes of a first visit
CARTS = 300 * SCALE
PICTURES = ("cart-1440", "pay-390", "receipt-1440", "waiting")  # of the documentation
UNREACHABLE = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_NETWORK")
SCAN = """(code) => {
  const press = (key, code) => (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }));
  for (const digit of code) press(digit, `Digit${digit}`);
  press("Enter", "Enter");
}"""
Tickets = Callable[[], list[Document]]

CREATE_OPERATOR = """mutation($input: CreateOperatorInput!) {
  createOperator(input: $input) { __typename ... on Operator { id } } }"""
FIND = "query($name: String!) { products(first: 1, filter: {namePrefix: $name}) { nodes { id } } }"
REGISTERS = "query { registers(first: 1) { nodes { id } } }"
SET_PRICE = """mutation($input: UpdateProductInput!) {
  updateProduct(input: $input) { __typename ... on Refused { code message } } }"""
ORDER_GOODS = """mutation($register: ID!) {
  orderCatalogExchange(input: {kind: SEND_GOODS, registerIds: [$register]}) {
    __typename ... on Refused { code message } } }"""
ORDERS = "query { catalogExchanges(first: 1) { nodes { state } } }"
DEVICES = "query { devices(first: 1) { nodes { awaitsReport version settings { name value } } } }"
POLL_MS = 100
ASK_FOR_RETURNS = """mutation { setApprovalNeededFor(actions: [RETURN]) { __typename } }"""


@dataclass
class Till:
    """A browser that became a till, and what it complained about."""

    eyes: Eyes
    scene: Scene

    @property
    def page(self) -> Page:
        """The tab."""
        return self.eyes.page

    async def enrol(self, cashier: str = "Динара") -> None:
        """An administrator binds the device, a cashier signs in."""
        await self.bind(cashier)
        await self.page.keyboard.type(PIN)
        await self.page.keyboard.press("Enter")
        await self.selling()

    async def bind(self, cashier: str) -> None:
        """An administrator binds the device; the cashier is chosen."""
        page = self.page
        await page.fill("input[type=email]", EMAIL)
        await page.fill("input[type=password]", self.scene.stage.password)
        await page.keyboard.press("Enter")
        await page.click(".choices button")
        await page.click(f".people button:has-text('{cashier}')")

    async def selling(self) -> None:
        """After the self-test, if there is anything to read in it."""
        page = self.page
        await page.wait_for_selector(".tiles button, .ticks", timeout=WAIT_MS)
        if await page.locator(".ticks").count():
            await page.click(".narrow button.primary")
        await page.wait_for_selector(".tiles button", timeout=WAIT_MS)

    async def scan(self, code: str) -> None:
        """As a scanner types: faster than hands, ended by Enter, wherever the focus is."""
        await self.page.evaluate(SCAN, code)

    async def sold(self) -> None:
        await self.page.wait_for_selector(".receipt", timeout=WAIT_MS)

    async def go_on(self) -> None:
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_selector("dialog", state="detached", timeout=WAIT_MS)

    async def link(self, text: str) -> None:
        await self.page.wait_for_selector(f".top .badge:has-text('{text}')", timeout=WAIT_MS)

    async def kept(self) -> list[dict[str, Any]]:
        """Sales as the browser keeps them."""
        found: list[dict[str, Any]] = await self.page.evaluate(
            """() => new Promise((done, fail) => {
              const asked = indexedDB.open("sauda-till");
              asked.onerror = () => fail(asked.error);
              asked.onsuccess = () => {
                const all = asked.result.transaction("sales").objectStore("sales").getAll();
                all.onsuccess = () => { asked.result.close(); done(all.result); };
              };
            })"""
        )
        return found

    async def picture(self, name: str) -> None:
        if name in PICTURES:
            await self.eyes.picture(f"till-{name}")

    async def accessible(self) -> None:
        """No serious finding of axe on what is shown."""
        assert await self.eyes.findings() == []


@pytest.fixture
def tickets(scene: Scene) -> Tickets:
    """Asks for the documents the tax side took since the test began."""
    documents = scene.stage.simulator.ledger.documents
    before = len(documents(FIRST_OFD_ID))
    return lambda: list(documents(FIRST_OFD_ID))[before:]


@asynccontextmanager
async def opened(scene: Scene, size: dict[str, int] = WIDE, language: str = "ru-RU") -> AsyncIterator[Till]:
    async with watched(scene.browser, scene.stage.address, size=size, locale=language) as eyes:
        await eyes.page.goto(f"{scene.stage.address}/pos", wait_until="networkidle")
        yield Till(eyes, scene)


def _serious(till: Till) -> list[str]:
    return [each for each in till.eyes.complaints if not any(sign in each for sign in UNREACHABLE)]


def _scannable(scene: Scene) -> dict[str, Any]:
    """Goods of the demo's shop with a bar code."""
    return next(each for each in scene.story.products if each["barcode"])


@pytest.mark.parametrize(("size", "language"), SIZES)
async def test_a_new_cashier_sells_by_scanner(
    scene: Scene, tickets: Tickets, size: dict[str, int], language: str
) -> None:
    async with opened(scene, size, language) as till:
        await till.picture(f"enrol-{size['width']}")
        assert till.eyes.bytes <= TRANSFERRED_MAX
        await till.enrol()
        await till.accessible()
        product = _scannable(scene)
        await till.scan(product["barcode"])
        await till.scan(product["barcode"])
        if size is PHONE:
            await till.page.click(".tabs button:nth-child(2)")
        await till.page.wait_for_selector(".lines li")
        await till.picture(f"cart-{size['width']}")
        total = re.sub(r"\D", "", await till.page.inner_text(".total output"))
        assert total == str(2 * round(float(product["price"])))

        await till.page.keyboard.press("F9")
        await till.page.wait_for_selector(".cash")
        await till.accessible()
        await till.picture(f"pay-{size['width']}")
        await till.page.keyboard.press("Enter")
        await till.sold()
        await till.picture(f"receipt-{size['width']}")
        await till.accessible()
        wider = await till.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")

        assert not wider, "the screen must not scroll sideways"
        (sale,) = await till.kept()
        assert sale["state"] == "DONE"
        assert [each.operation for each in tickets()] == [Operation.SELL]
        assert sale["result"]["sign"] == tickets()[0].sign
        assert _serious(till) == []


async def test_a_till_says_what_it_is_and_a_cashier_chooses_a_pin_of_their_own(scene: Scene) -> None:
    owner = scene.story.shop.owner  # type: ignore[union-attr]
    newcomer = {"name": "Мейрам Қасымов", "pin": "4071", "isPinTemporary": True}
    await owner.execute(CREATE_OPERATOR, input=newcomer)
    async with opened(scene, PHONE, "kk-KZ") as till:
        page = till.page

        async def type_pins(*pins: str) -> None:
            for pin in pins:
                await page.keyboard.type(pin)
                await page.keyboard.press("Enter")

        await till.bind("Мейрам")
        await type_pins("4071")  # thought of by somebody else
        await page.wait_for_selector(".problem")
        await till.accessible()
        await type_pins("7351", "7353")
        await page.wait_for_selector(".problem:has-text('бірдей емес')")
        await type_pins("7351", "7351")
        await till.selling()
        device = (await owner.execute(DEVICES))["devices"]["nodes"][0]

        assert (device["awaitsReport"], device["version"] != "") == (False, True)
        assert {"name": "screen", "value": "390×844"} in device["settings"]
        assert _serious(till) == []


async def test_several_payments_and_a_return_that_an_administrator_approves(
    scene: Scene, tickets: Tickets
) -> None:
    owner = scene.story.shop.owner  # type: ignore[union-attr]
    await owner.execute(
        CREATE_OPERATOR, input={"name": "Сәуле Ахметова", "pin": ADMINISTRATOR_PIN, "role": "ADMINISTRATOR"}
    )
    await owner.execute(ASK_FOR_RETURNS)
    async with opened(scene) as till:
        page = till.page
        await till.enrol()
        await page.click(".tiles li:nth-child(3) button")
        await page.click(".tiles li:nth-child(5) button")
        await page.keyboard.press("F8")
        await page.click(".segments button:nth-child(4)")
        await page.fill(".part:nth-child(2) input", "500")
        await page.click(".part:nth-child(1) button")
        await page.click("dialog button.primary")
        await till.sold()
        (sale,) = await till.kept()
        await till.go_on()

        await page.keyboard.press("F7")
        await page.fill("dialog input", sale["result"]["sign"])
        await page.keyboard.press("Enter")
        await page.fill(".lines-back tbody tr:nth-child(1) input", "0")
        await page.click(
            "dialog .segments button:has-text('Наличные')"
        )  # of several payments a part came back
        await till.picture("return")
        await page.click("dialog .row button.primary")
        await page.wait_for_selector("dialog .keypad")  # the only administrator is chosen at once
        for digit in ADMINISTRATOR_PIN:
            await page.click(f".keypad button:text-is('{digit}')")
        await page.click(".keypad .enter")
        await page.wait_for_selector(".receipt", timeout=WAIT_MS)

        assert [each.operation for each in tickets()] == [Operation.SELL, Operation.SELL_RETURN]
        assert {payment["kind"] for payment in sale["payments"]} == {"CASH", "CARD"}
        assert _serious(till) == []


async def test_sales_without_a_server_are_replayed_once_and_in_order(scene: Scene, tickets: Tickets) -> None:
    async with opened(scene) as till:
        page = till.page
        await till.enrol()
        await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await page.context.set_offline(True)
        for place in (1, 2, 3):
            await page.click(f".tiles li:nth-child({place}) button")
            await page.keyboard.press("F9")
            await page.keyboard.press("Enter")
            await till.sold()
            assert await page.locator(".stamp").count() == 1, "nobody may take it for a fiscal receipt"
            if place == 1:
                await till.picture("waiting")
            await till.go_on()
        await page.reload()
        await till.link("3")
        await page.click(".top .quiet")
        assert await page.locator(".choices button:disabled").count() == 1, "nobody leaves with unsent sales"
        await page.keyboard.press("Escape")
        assert tickets() == []

        await page.context.set_offline(False)
        await till.link("На связи")

        sales = sorted(await till.kept(), key=lambda sale: sale["at"])
        assert [sale["state"] for sale in sales] == ["DONE"] * 3
        assert [each.sign for each in tickets()] == [sale["result"]["sign"] for sale in sales]
        await page.click(".top .badge")
        await page.click(".segments button:nth-child(2)")
        await till.picture("keys")
        assert await page.locator(".key").count() == 3
        assert _serious(till) == []


async def test_new_goods_wait_for_an_empty_cart_and_orders_are_answered(scene: Scene) -> None:
    owner = scene.story.shop.owner  # type: ignore[union-attr]
    async with opened(scene) as till:
        page = till.page
        await till.enrol()
        first, second = (
            page.locator(".tiles li:nth-child(6) button"),
            page.locator(".tiles li:nth-child(7) button"),
        )
        name = await second.locator(".name").inner_text()
        await first.click()
        found = await owner.execute(FIND, name=name)
        (product,) = found["products"]["nodes"]
        await owner.mutate(SET_PRICE, input={"productId": product["id"], "price": "7777.00"})
        (register,) = (await owner.execute(REGISTERS))["registers"]["nodes"]
        await owner.mutate(ORDER_GOODS, register=register["id"])

        await _until(lambda: _order(owner), "READY")
        assert "7 777" not in (await second.inner_text()).replace("\u00a0", " ")
        await page.keyboard.press("F9")
        await page.keyboard.press("Enter")
        await till.sold()
        await till.go_on()

        await _until(lambda: _order(owner), "APPLIED")
        assert "7 777" in (await second.inner_text()).replace("\u00a0", " ")
        assert _serious(till) == []


async def test_a_price_that_changed_under_an_open_cart_is_shown_before_it_is_taken(
    scene: Scene, tickets: Tickets
) -> None:
    owner = scene.story.shop.owner  # type: ignore[union-attr]
    cashier = {"name": "Бекзат Нұрланов", "pin": PIN, "role": "CASHIER"}
    await owner.mutate(CREATE_OPERATOR, input=cashier)
    async with opened(scene) as till:
        page = till.page
        await till.enrol("Бекзат")  # a senior cashier could sell at the price of before
        tile = page.locator(".tiles li:nth-child(8) button")
        found = await owner.execute(FIND, name=await tile.locator(".name").inner_text())
        await tile.click()
        product_id = found["products"]["nodes"][0]["id"]
        await owner.mutate(SET_PRICE, input={"productId": product_id, "price": "3333.00"})
        await page.keyboard.press("F9")
        await page.keyboard.press("Enter")
        await page.click("dialog button:has-text('новые цены')")
        await page.wait_for_selector(".total output:has-text('3 333')", timeout=WAIT_MS)
        assert tickets() == []
        await page.keyboard.press("F9")
        await page.keyboard.press("Enter")
        await till.sold()

        assert [each.total for each in tickets()] == [333_300]


async def _order(owner: Any) -> str:
    return str((await owner.execute(ORDERS))["catalogExchanges"]["nodes"][0]["state"])


async def _until(ask: Callable[[], Awaitable[str]], wanted: str) -> None:
    for _ in range(int(WAIT_MS / POLL_MS)):
        if await ask() == wanted:
            return
        await asyncio.sleep(POLL_MS / 1000)
    assert await ask() == wanted


async def test_an_answer_that_was_lost_is_asked_for_again_and_sold_once(
    scene: Scene, tickets: Tickets
) -> None:
    lost = 0

    async def lose(route: Route) -> None:
        nonlocal lost
        if "TillSell" in (route.request.post_data or "") and lost < 2:
            lost += 1
            await route.fetch()  # it reaches the server
            await route.abort()  # and nobody hears the answer
        else:
            await route.continue_()

    async with opened(scene) as till:
        page = till.page
        await till.enrol()
        await page.route("**/graphql", lose)
        await page.click(".tiles li:nth-child(4) button")
        await page.keyboard.press("F9")
        await page.keyboard.press("Enter")
        await till.sold()
        await page.wait_for_selector(".qr", timeout=WAIT_MS)

        (sale,) = await till.kept()
        assert lost == 2
        assert (sale["state"], len(tickets())) == ("DONE", 1)


async def test_the_cart_counts_as_the_server_does(scene: Scene) -> None:
    chance = random.Random(20261121)
    carts = []
    for _ in range(CARTS):
        lines = [
            {
                "price": chance.choice([chance.randint(1, 500), chance.randint(1, 10_000_000)]),
                "quantity": chance.choice([1000, 2000, chance.randint(1, 20_000)]),
                "discount": chance.choice([0, 0, 500, 1000, 3333]),
                "markup": chance.choice([0, 0, 0, 250]),
            }
            for _ in range(chance.randint(1, 8))
        ]
        carts.append((lines, chance.choice([None, None, 100, 777, 2500])))
    async with opened(scene) as till:
        address = await till.page.get_attribute("script[type=module]", "src")
        counted = await till.page.evaluate(
            """async ([address, carts]) => {
              const { totals } = await import(address.replace("start.js", "cart.js"));
              return carts.map(([lines, discount]) => totals({
                lines: lines.map(({ price, quantity, discount: discountBp, markup: markupBp }) => (
                  { price, quantity, discountBp, markupBp, reduction: null }
                )),
                discount: discount === null ? null : { basisPoints: discount },
              }).total);
            }""",
            [address, carts],
        )

    for (lines, discount), total in zip(carts, counted, strict=True):
        given = [
            CartLine(
                None, "x", "1", Quantity(line["quantity"]), Money(line["price"]), None, "796", "шт",
                discount=Percent(line["discount"]) if line["discount"] else None,
                markup=Percent(line["markup"]) if line["markup"] else None,
            )
            for line in lines
        ]  # fmt: skip
        try:
            ours = calculate(given, discount=None if discount is None else Percent(discount), markup=None)
        except Refusal:
            continue  # a line that costs nothing: neither sells it
        assert ours.total.tiyn == total


MARK = "0104870000000017215abcDEF12345"  # GTIN and serial number of a marked piece


def _film(place: Path, *codes: tuple[zxingcpp.BarcodeFormat, str]) -> None:
    """What the camera sees: each code for a while, black on white, as YUV4MPEG2."""
    width, height = 640, 480
    with place.open("wb") as film:
        film.write(f"YUV4MPEG2 W{width} H{height} F5:1 Ip A1:1 C420jpeg\n".encode())
        for kind, text in codes:
            drawn = Image.fromarray(zxingcpp.create_barcode(text, kind).to_image(scale=4))
            frame = Image.new("L", (width, height), 255)
            frame.paste(drawn, ((width - drawn.width) // 2, (height - drawn.height) // 2))
            for _ in range(10):
                film.write(b"FRAME\n" + frame.tobytes() + bytes([128]) * (width * height // 2))


async def test_the_camera_reads_bar_codes_and_marks(scene: Scene, tmp_path: Path) -> None:
    product = _scannable(scene)
    film = tmp_path / "film.y4m"
    formats = zxingcpp.BarcodeFormat
    _film(film, (formats.EAN13, product["barcode"]), (formats.DataMatrix, MARK))
    flags = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    async with chromium(*flags) as browser, opened(replace(scene, browser=browser)) as till:
        await till.enrol()
        await till.page.click(".search .icon")
        await till.page.wait_for_selector(f"dialog li:has-text('{product['barcode']}')", timeout=WAIT_MS)
        await till.page.wait_for_selector(f"dialog li:has-text('{MARK}')", timeout=WAIT_MS)
        await till.picture("camera")
        await till.page.click("dialog button.primary")

        assert product["name"] in await till.page.inner_text(".lines")
        assert _serious(till) == []
