"""The cashier screen as files: what a browser gets, keeps, and gets anew when anything has changed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from addons.till.pages.pos import PROGRAM, TEXTS, program_of
from gateway.app import create_app
from kernel.app import App
from kernel.i18n import incomplete, read_texts
from kernel.testing import running_app

ASKED = re.compile(r'\b(?:ask|tell|askAsDevice|askAsCashier|tellAsCashier|can)\(\s*"(\w+)"')
SAID = re.compile(r'\bt\(\s*"([a-z_]+)"')


@pytest.fixture
async def app() -> AsyncIterator[App]:
    async with running_app() as found:
        yield found


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as found:
        yield found


async def test_every_kept_file_is_served_and_may_be_kept_for_ever(
    app: App, client: httpx.AsyncClient
) -> None:
    program = program_of(app)

    for address in program.kept:
        answer = await client.get(address)
        assert answer.status_code == 200, address
        if program.version in address:
            assert "immutable" in answer.headers["cache-control"]


async def test_another_version_is_not_found_and_not_kept(app: App, client: httpx.AsyncClient) -> None:
    version = program_of(app).version
    assert (await client.get(f"/pos/files/{version}/start.js")).status_code == 200

    for address in ("/pos/files/0000000000000000/start.js", f"/pos/files/{version}/pos.py"):
        answer = await client.get(address)
        assert answer.status_code == 404
        assert "immutable" not in answer.headers.get("cache-control", "")


async def test_the_page_runs_nothing_foreign_and_is_asked_for_anew(client: httpx.AsyncClient) -> None:
    answer = await client.get("/pos", headers={"accept-language": "kk"})

    policy = answer.headers["content-security-policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["cache-control"] == "no-cache"
    assert '<html lang="kk"' in answer.text
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert all("src=" in each or "application/json" in each for each in scripts)


async def test_the_program_asks_only_what_the_schema_answers(app: App) -> None:
    written = {path.stem for path in (PROGRAM / "documents").glob("*.graphql")}
    asked = {
        name
        for path in PROGRAM.rglob("*.js")
        for name in re.findall(
            r'(?:ask|tell|askAsDevice|askAsCashier|tellAsCashier|can)\(\s*"(\w+)"', path.read_text()
        )
    }

    assert asked <= written
    assert all(f'"{name}"' in str(program_of(app).settings) for name in written), "all add-ons are here"


def test_every_text_is_written_in_three_languages() -> None:
    texts = read_texts(TEXTS)
    said = {key for path in PROGRAM.rglob("*.js") for key in SAID.findall(path.read_text())}

    assert not incomplete(texts)
    assert said <= set(texts)
