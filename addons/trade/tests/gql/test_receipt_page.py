"""The public page of a receipt: seen by whoever has the link, in both languages, and by nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from addons.trade.api import FiscalState
from addons.trade.domain.commands import SaleId
from addons.trade.pages.receipt_page import (
    PDF_PATH,
    PNG_PATH,
    RECEIPT_PATH,
    receipt_page,
    receipt_pdf_file,
    receipt_png_file,
)
from addons.trade.services.receipts import receipt_token
from addons.trade.services.register_sale import register_sale
from addons.trade.tests.shop import QR, Shop, open_shop


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


@pytest.fixture
async def browser(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    routes = ((PDF_PATH, receipt_pdf_file), (PNG_PATH, receipt_png_file), (RECEIPT_PATH, receipt_page))
    site = Starlette(routes=[Route(path, page) for path, page in routes])
    site.state.sauda = shop.app
    transport = httpx.ASGITransport(app=site)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client


async def link(shop: Shop, state: FiscalState = FiscalState.FISCALIZED, *, is_test: bool = False) -> str:
    accepted = await shop.run(register_sale, shop.buy("Нан", "Дәрі", cash="2000"))
    await shop.report(accepted.sale_id, state, is_test=is_test)
    return f"/r/{receipt_token(await shop.sale(SaleId(accepted.sale_id)))}"


async def test_page_shows_the_receipt_in_both_languages_with_its_qr(
    shop: Shop, browser: httpx.AsyncClient
) -> None:
    page = await browser.get(await link(shop), headers={"Accept-Language": "kk"})

    assert page.status_code == 200
    for text in (
        "ФИСКАЛДЫҚ ЧЕК",
        "ФИСКАЛЬНЫЙ ЧЕК",
        "1 550.00",
        "1234567890",
        "SWK00012345",
        "<svg",
        "0102030405",
    ):
        assert text in page.text
    assert '<html lang="kk"' in page.text
    assert QR.replace("&", "&amp;") in page.text
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("labels", "seen", "unseen"),
    [
        ("ru", ["ФИСКАЛЬНЫЙ ЧЕК", "ТОО «Береке»", "ул. Абая"], ["ФИСКАЛДЫҚ", "ЖШС", "Абай к-сі"]),
        ("kk", ["ФИСКАЛДЫҚ ЧЕК", "«Береке» ЖШС", "Абай к-сі"], ["ФИСКАЛЬНЫЙ", "ул. Абая", "Наличные"]),
        ("both", ["ФИСКАЛЬНЫЙ ЧЕК", "ФИСКАЛДЫҚ ЧЕК", "ул. Абая", "Абай к-сі"], []),
        ("en", ["ФИСКАЛЬНЫЙ ЧЕК", "ФИСКАЛДЫҚ ЧЕК"], []),
    ],
)
async def test_labels_stand_in_the_wanted_languages(
    shop: Shop, browser: httpx.AsyncClient, labels: str, seen: list[str], unseen: list[str]
) -> None:
    page = (await browser.get(await link(shop), params={"labels": labels})).text
    receipt = page[page.index("<article") : page.index("</article>")]

    assert [text for text in seen if text not in receipt] == []
    assert [text for text in unseen if text in receipt] == []


async def test_test_receipt_carries_a_loud_banner(shop: Shop, browser: httpx.AsyncClient) -> None:
    page = await browser.get(await link(shop, is_test=True))

    assert "ТЕСТ, нефискальный" in page.text
    assert "ФИСКАЛЬНЫЙ ЧЕК" not in page.text


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (FiscalState.OFFLINE, "Автономный"),
        (FiscalState.REJECTED, "Чек отклонён"),
        (FiscalState.PENDING, "ещё не"),
    ],
)
async def test_page_tells_the_state(
    shop: Shop, browser: httpx.AsyncClient, state: FiscalState, text: str
) -> None:
    assert text in (await browser.get(await link(shop, state))).text


@pytest.mark.parametrize(("paper", "style"), [("58", "paper-58"), ("80", "paper-80"), ("9", "paper-80")])
async def test_paper_width_is_chosen_in_the_address(
    shop: Shop, browser: httpx.AsyncClient, paper: str, style: str
) -> None:
    page = await browser.get(await link(shop), params={"paper": paper})

    assert f'class="sheet receipt {style}"' in page.text


async def test_wrong_link_is_a_plain_404(shop: Shop, browser: httpx.AsyncClient) -> None:
    right = await link(shop)

    for wrong in (right[:-1], right[:-1] + "!", "/r/x", right[:25] + "A" * 22):
        page = await browser.get(wrong)
        assert page.status_code == 404
        assert "Береке" not in page.text
