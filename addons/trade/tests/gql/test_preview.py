"""Samples of receipts for whoever makes a theme: of every kind, and for nobody without the right."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from addons.trade.services.preview import PASS_MAX
from addons.trade.tests.gql.test_receipt_media import ask
from addons.trade.tests.shop import Shop, open_shop
from gateway.app import create_app
from kernel.clock import FrozenClock
from kernel.gql.context import GqlContext


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened.with_rights("trade.preview")


@pytest.fixture
async def browser(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(shop.app))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client


async def test_a_pass_is_given_only_with_the_right(shop: Shop) -> None:
    context = GqlContext(shop.app, shop.with_rights().principal, request_id="test", language="ru")

    result = await shop.app.schema.execute("{ receiptPreviewUrl }", context_value=context)

    assert result.errors is not None
    assert result.errors[0].extensions["code"] == "FORBIDDEN"


async def test_samples_are_seen_with_a_pass_only(shop: Shop, browser: httpx.AsyncClient) -> None:
    url = (await ask(shop, "{ receiptPreviewUrl }"))["receiptPreviewUrl"]
    place = httpx.URL(url)
    given = place.params["pass"]
    page = await browser.get(place.path, params={"pass": given, "state": "offline", "language": "kk"})

    assert page.status_code == 200
    assert "Автономды" in page.text
    assert page.headers["cache-control"] == "no-store"
    for wrong in ({}, {"pass": given[:-8]}, {"pass": "x"}, {"pass": "A" * (PASS_MAX + 1)}):
        answer = await browser.get(place.path, params=wrong)
        assert answer.status_code in (400, 401)
        assert "Береке" not in answer.text
    for ending, kind in (
        ("png", "image/png"),
        ("pdf", "application/pdf"),
        ("bin", "application/octet-stream"),
        ("html", "text/html; charset=utf-8"),
    ):
        for theme in ("default", "compact"):
            params = {"pass": given, "theme": theme, "branding": "1", "paper": "58"}
            file = await browser.get(f"{place.path}/receipt.{ending}", params=params)
            assert (file.status_code, file.headers["content-type"]) == (200, kind)
    for state, said in (("z_report", "Z-ЕСЕП"), ("cashiers", "ОТЧЁТ ПО КАССИРАМ"), ("cash_slip", "ИЗЪЯТИЕ")):
        params = {"pass": given, "state": state}
        assert said in (await browser.get(f"{place.path}/receipt.html", params=params)).text
        assert said in (await browser.get(place.path, params=params)).text
    assert (await browser.get(f"{place.path}/receipt.exe", params={"pass": given})).status_code == 400

    clock = shop.app.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(timedelta(minutes=61))
    assert (await browser.get(place.path, params={"pass": given})).status_code == 400
