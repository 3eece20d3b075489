"""The console without a browser: sessions and forms, an add-on's own pages, a fragment that fails alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.responses import Response

from addons.organization.addon import register
from addons.organization.tests.shops import MAIL, PASSWORD, SECOND_BIN, clock_of, last_token, open_shop
from gateway.app import create_app
from gateway.envelope import PAGE_POLICY, TILL_POLICY
from kernel.addons.discovery import discover
from kernel.addons.entries import RegistryError
from kernel.addons.registry import Registry
from kernel.app import App
from kernel.i18n import texts
from kernel.testing.app import running_app
from kernel.web.pages import HOME_PLACE, Menu, Pages, Tab
from kernel.web.view import View, own_path
from tests.gql.shop import manifest

CSRF = re.compile(r'data-csrf="([0-9a-f]+)"')
HALL = '{% extends "console/layout.html" %}{% block content %}hall{% endblock %}'
IDLE = timedelta(minutes=31)


def guest_registry(pages: Pages, folder: Path) -> Registry:
    """organization, and an add-on `guest` with these pages."""
    registry = Registry()
    organization = discover()["organization"]
    with registry.owned_by(organization):
        register(registry)
    texts().add(organization.folder / "locale")
    guest = manifest("guest", depends=["organization"], permissions=["guest.see"])
    object.__setattr__(guest, "folder", folder)
    with registry.owned_by(guest):
        registry.pages(pages)
        registry.role("owner", {"guest.see"})
    registry.freeze()
    return registry


@asynccontextmanager
async def browsing(
    registry: Registry | None = None, **settings: Mapping[str, object]
) -> AsyncIterator[tuple[App, httpx.AsyncClient, str]]:
    """An application with a shop, a browser, and the owner's e-mail."""
    async with running_app(["organization"], registry=registry, settings=settings) as app:
        shop = await open_shop(app)
        transport = httpx.ASGITransport(create_app(app), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield app, client, shop.email


async def sign_in(client: httpx.AsyncClient, email: str, **more: str) -> httpx.Response:
    form = {"email": email, "password": PASSWORD, "next": "/console/outlets", **more}
    return await client.post("/console/login", data=form)


async def csrf_of(client: httpx.AsyncClient) -> str:
    found = CSRF.search((await client.get("/console/outlets")).text)
    assert found is not None
    return found[1]


async def test_a_sign_in_makes_a_cookie_nobody_else_reads_and_leads_back() -> None:
    async with browsing() as (_, client, email):
        stranger = await client.get("/console/outlets?x=1")
        wrong = await sign_in(client, email, password="no")
        right = await sign_in(client, email)
        page = await client.get("/console/outlets")

    cookie = right.headers["set-cookie"]
    assert stranger.headers["location"] == "/console/login?next=%2Fconsole%2Foutlets%3Fx%3D1"
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (422, False)
    assert right.headers["location"] == "/console/outlets"
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "unsafe" not in page.headers["content-security-policy"]


async def test_over_https_the_cookie_is_of_this_host_alone() -> None:
    async with browsing() as (_, client, email):
        client.base_url = httpx.URL("https://gateway")
        right = await sign_in(client, email)

    assert right.headers["set-cookie"].startswith("__Host-sauda_session=")
    assert "Secure" in right.headers["set-cookie"]


async def test_a_browser_where_nothing_happens_is_signed_out_and_live_parts_do_not_prolong_it() -> None:
    async with browsing() as (app, client, email):
        await sign_in(client, email)
        clock_of(app).advance(IDLE / 2)
        live = await client.get("/console/session", headers={"X-Sauda-Live": "1"})
        clock_of(app).advance(IDLE / 2)
        gone = await client.get(
            "/console/outlets",
            headers={"HX-Request": "true", "HX-Current-URL": "http://gateway/console/operators?q=1"},
        )
        said = await client.get("/console/login?idle=1", headers={"accept-language": "ru"})

    assert live.json()["left_s"] < 1_000
    assert gone.status_code == 401
    assert gone.headers["hx-redirect"] == "/console/login?next=%2Fconsole%2Foperators%3Fq%3D1&idle=1"
    assert "В связи с отсутствием активности" in said.text


async def test_an_installation_wears_the_theme_it_chose() -> None:
    async with browsing(web={"theme": "compact"}) as (_, client, email):
        await sign_in(client, email)
        page = (await client.get("/console/outlets")).text
        installed = (await client.get("/console/settings/installed")).text
        tokens = re.search(r"/static/tokens/compact\.[0-9a-f]+\.css", page)
        assert tokens is not None
        sheet = await client.get(tokens[0])

    brand = page[page.index('class="wordmark"') :].partition("</a>")[0]
    assert 'data-theme="compact"' in page
    assert page.index("/static/tokens/default.") < tokens.start()
    assert "<img" not in brand  # the template of this theme, not of the one it stands on
    assert "--" in sheet.text
    assert re.search(r"compact.{0,400}badge ok", installed, re.DOTALL)


async def test_somebody_who_is_there_stays_signed_in() -> None:
    async with browsing() as (app, client, email):
        await sign_in(client, email)
        for _ in range(3):
            clock_of(app).advance(IDLE / 2)
            page = await client.get("/console/outlets")

    assert page.status_code == 200


async def test_a_form_of_a_foreign_page_changes_nothing() -> None:
    async with browsing() as (_, client, email):
        await sign_in(client, email)
        csrf = await csrf_of(client)
        outlet = {"title": "Чужая", "address": "где-то"}
        bare = await client.post("/console/outlets/new", data=outlet)
        foreign = await client.post(
            "/console/outlets/new", data={**outlet, "csrf": csrf}, headers={"origin": "https://evil.example"}
        )
        own = await client.post("/console/outlets/new", data={**outlet, "csrf": csrf})
        listed = await client.get("/console/outlets")
        abroad = await client.post(
            "/console/login", data={"email": email}, headers={"sec-fetch-site": "cross-site"}
        )

    assert (bare.status_code, foreign.status_code, abroad.status_code) == (400, 400, 400)
    assert own.status_code == 303
    assert listed.text.count("Чужая") == 1


async def test_a_refused_form_comes_back_with_what_was_written() -> None:
    async with browsing() as (_, client, email):
        await sign_in(client, email)
        form = {"title": "Киоск", "address": "", "zone": "Asia/Nowhere", "csrf": await csrf_of(client)}
        refused = await client.post("/console/outlets/new", data=form)

    assert refused.status_code == 422
    assert 'value="Киоск"' in refused.text
    assert 'role="alert"' in refused.text


async def test_signing_out_ends_the_session_itself() -> None:
    async with browsing() as (app, client, email):
        await sign_in(client, email)
        cookie = client.cookies["sauda_session"]
        await client.post("/console/logout", data={"csrf": await csrf_of(client)})
        clock_of(app).advance(timedelta(seconds=10))
        stolen = await client.get("/console/outlets", headers={"cookie": f"sauda_session={cookie}"})

    assert stolen.status_code == 303


async def test_a_forgotten_password_comes_back_by_a_letter() -> None:
    async with browsing(mail=MAIL) as (app, client, email):
        asked = await client.post("/console/account/forgot", data={"email": email})
        token = await last_token(app)
        from_letter = await client.get("/account/password")
        form = {"token": token, "password": "new horse battery staple"}
        weak = await client.post("/console/account/password", data={**form, "token": "nothing"})
        done = await client.post("/console/account/password", data=form)
        old = await sign_in(client, email)
        new = await sign_in(client, email, password=form["password"])

    assert asked.headers["location"] == "/console/account/password"
    assert from_letter.headers["location"] == "/console/account/password"
    assert (weak.status_code, done.headers["location"]) == (422, "/console/login")
    assert (old.status_code, new.status_code) == (422, 303)


async def test_a_stranger_opens_an_account_and_a_company() -> None:
    async with browsing(mail=MAIL) as (app, client, _email):
        person = {"email": "new@example.kz", "name": "Дана", "password": "new horse battery staple"}
        asked = await client.post("/console/account/new", data=person)
        token = await last_token(app)
        confirmed = await client.post("/console/account/sign-up", data={"token": token})
        page = await client.get("/console/account/company")
        csrf = CSRF.search(page.text)
        assert csrf is not None
        company = {"bin": SECOND_BIN, "legalForm": "IP", "name": "Дана", "csrf": csrf[1]}
        opened = await client.post("/console/account/company", data=company)
        outlets = await client.get("/console/outlets")

    assert asked.headers["location"] == "/console/account/sign-up"
    assert confirmed.headers["location"] == "/console/account/company"
    assert opened.headers["location"] == "/console/registers/new"
    assert outlets.status_code == 200


async def test_nobody_is_sent_to_another_site() -> None:
    async with browsing() as (_, client, email):
        away = await sign_in(client, email, next="//evil.example/console")
        chosen = await client.get("/console/choice?scheme=dark&next=https://evil.example")

    assert away.headers["location"] == "/console"
    assert chosen.headers["location"] == "/console"
    assert [own_path(each) for each in ("/console\\evil", "/consolex", "/console/a\r\nb", "/console?x")] == [
        "/console", "/console", "/console", "/console?x",
    ]  # fmt: skip


async def test_an_addon_adds_a_page_a_menu_entry_and_a_card_whose_failure_stays_its_own(
    tmp_path: Path,
) -> None:
    pages = Pages("guest")
    templates = tmp_path / "pages" / "templates" / "guest"
    templates.mkdir(parents=True)
    (templates / "hall.html").write_text(
        '{% extends "console/layout.html" %}{% block content %}hall{% endblock %}'
    )
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale" / "pages.toml").write_text('[hall]\nen = "Hall"\nru = "Зал"\nkk = "Зал"\n')
    (tmp_path / "pages" / "documents").mkdir()
    (tmp_path / "pages" / "documents" / "mine.graphql").write_text("query Mine { me { kind } }")

    @pages.page("/console/hall", title="guest.hall", permission="guest.see", menu=Menu("shop", 99, "home"))
    async def hall(view: View) -> Response:
        assert (await view.query("mine"))["me"]["kind"] == "USER"
        return view.show("guest/hall.html")

    @pages.slot(HOME_PLACE, order=1)
    async def broken(view: View) -> str:
        raise RuntimeError("secret 12345")

    @pages.slot(HOME_PLACE, order=2)
    async def whole(view: View) -> str:
        return "<p>still here</p>"

    async with browsing(guest_registry(pages, tmp_path)) as (_, client, email):
        await sign_in(client, email)
        page = await client.get("/console/hall", headers={"accept-language": "en"})
        home = await client.get("/console")

    assert "hall</main>" in page.text.replace("\n", "").replace(" ", "")
    assert 'href="/console/hall" aria-current="page"' in page.text
    assert home.status_code == 200
    assert "still here" in home.text
    assert "guest" in home.text
    assert "12345" not in home.text


@pytest.mark.parametrize(
    ("fill", "complaint"),
    [
        (lambda pages: pages.page("/console/a", title="t", permission="guest.fly")(whole_page), "guest.fly"),
        (lambda pages: pages.page("/console/outlets", title="t")(whole_page), "is a page of organization"),
        (lambda pages: pages.slot("organization.nowhere")(whole_page), "organization.nowhere is not a place"),
        (
            lambda pages: pages.page("/console/b", title="t", tab=Tab("organization.no", 1))(whole_page),
            "organization.no is not a place",
        ),
    ],
)
async def test_promises_of_pages_are_checked_at_the_start(fill, complaint: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    pages = Pages("guest")
    fill(pages)

    with pytest.raises(RegistryError, match=complaint):
        guest_registry(pages, tmp_path)


async def whole_page(view: View) -> Response:
    return view.show("console/home.html", cards=[])


async def test_webassembly_runs_on_the_cashier_screen_alone() -> None:
    async with browsing() as (_, client, _email):
        console = await client.get("/console/login")
        till = await client.get("/pos/nothing", headers={"accept": "text/html"})

    assert console.headers["content-security-policy"] == PAGE_POLICY
    assert till.headers["content-security-policy"] == TILL_POLICY
    assert "wasm-unsafe-eval" in TILL_POLICY
    assert "wasm-unsafe-eval" not in PAGE_POLICY
