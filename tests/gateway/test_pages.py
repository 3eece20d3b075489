"""Pages: GraphiQL out of our own files, hashed names, registered routes and rights, health, figures."""

from __future__ import annotations

import re

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from gateway import graphiql
from gateway.app import create_app
from gateway.health import Health
from kernel.addons.registry import Registry
from kernel.errors import Refusal
from kernel.web import scripts
from tests.gateway.shop_house import CLERK_TOKEN, shop_app, shop_client

HTML = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ADDRESSES = re.compile(r"""(?:src|href|action)=["']([^"']*)["']""")


async def who(request: Request) -> Response:
    return PlainTextResponse(request.state.principal.subject_id or "nobody")


async def refuses(request: Request) -> Response:
    raise Refusal("REGISTER_FORBIDDEN")


async def breaks(request: Request) -> Response:
    raise RuntimeError("secret 12345")


async def takes(request: Request) -> Response:
    taken = 0
    async for piece in request.stream():
        taken += len(piece)
    return PlainTextResponse(f"{request.headers['authorization']} {taken}")


def pages(registry: Registry) -> None:
    registry.door("/takes", takes, ("POST",), body_bytes_max=2_000_000)
    registry.route("/who", who, public=True)
    registry.route("/mine", who)
    registry.route("/refuses", refuses, public=True)
    registry.route("/breaks", breaks, public=True)


@pytest.mark.skipif(
    bool(scripts.missing_scripts()), reason="NOT CHECKED: run `make scripts`, GraphiQL is not installed"
)
async def test_graphiql_and_everything_it_loads_come_from_our_own_files() -> None:
    async with shop_client() as client:
        page = await client.get("/graphql", headers=HTML)
        addresses = ADDRESSES.findall(page.text)
        loaded = [await client.get(address) for address in addresses]

    assert page.status_code == 200
    assert len(addresses) == 8
    assert all(address.startswith("/static/") for address in addresses)
    assert "://" not in page.text
    assert [each.status_code for each in loaded] == [200] * 8
    assert {each.headers["cache-control"] for each in loaded} == {"public, max-age=31536000, immutable"}


async def test_pages_may_run_and_embed_nothing_foreign() -> None:
    async with shop_client() as client:
        page = await client.get("/", headers=HTML)

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in page.text
    assert "style=" not in page.text


async def test_without_the_scripts_the_page_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphiql, "SCRIPTS", {"vendor/absent.js": "absent.js"})
    async with shop_client() as client:
        page = await client.get("/graphql", headers=HTML)

    assert page.status_code == 503
    assert "make scripts" in page.text


async def test_a_file_is_served_only_under_its_hashed_name() -> None:
    async with shop_client() as client:
        plain = await client.get("/static/theme/base.css")
        climbing = await client.get("/static/../../pyproject.toml")

    assert (plain.status_code, climbing.status_code) == (404, 404)


async def test_a_registered_page_knows_its_caller_and_a_private_one_wants_one() -> None:
    async with shop_client(pages) as client:
        public = await client.get("/who")
        known = await client.get("/who", headers=CLERK_TOKEN)
        refused = await client.get("/mine")
        wrong = await client.get("/who", headers={"authorization": "Bearer nobody"})
        mine = await client.get("/mine", headers=CLERK_TOKEN)

    assert (public.text, known.text, mine.text) == ("nobody", "clerk", "clerk")
    assert (refused.status_code, wrong.status_code) == (401, 401)


async def test_a_refusal_and_a_fault_of_a_page_are_answers_without_insides() -> None:
    async with shop_client(pages) as client:
        refused = await client.get("/refuses", headers={"accept-language": "kk"})
        for_program = await client.get("/breaks")
        for_person = await client.get("/breaks", headers=HTML)

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["message"] == "Бұл кассамен жұмыс істеуге рұқсатыңыз жоқ."
    assert (for_program.status_code, for_person.status_code) == (500, 500)
    assert "12345" not in for_program.text + for_person.text
    assert for_person.headers["x-request-id"] in for_person.text


@pytest.mark.parametrize(("language", "words"), [("kk", "Мұндай бет жоқ"), ("en", "There is no such page")])
async def test_a_missing_page_speaks_the_language_of_the_reader(language: str, words: str) -> None:
    async with shop_client() as client:
        page = await client.get("/nothing/here", headers={**HTML, "accept-language": language})

    assert page.status_code == 404
    assert words in page.text
    assert f'<html lang="{language}"' in page.text


async def test_ready_names_the_probe_that_fails_and_live_does_not_care() -> None:
    async def silent_worker() -> bool:
        raise ConnectionError("no heartbeat")

    async with shop_app() as app:
        health = Health(app, {"worker": silent_worker})
        health._is_migrated = True  # tables of tests are made without migrations
        ready = await health.ready(None)  # type: ignore[arg-type]
        live = await health.live(None)  # type: ignore[arg-type]

    assert ready.status_code == 503
    assert ready.body == b'{"status":"failed","checks":{"database":"ok","migrations":"ok","worker":"failed"}}'
    assert live.status_code == 200


async def test_figures_are_for_this_machine_or_for_who_knows_the_token() -> None:
    async with shop_client() as client:
        here = await client.get("/metrics")
        forwarded = await client.get("/metrics", headers={"x-forwarded-for": "203.0.113.5"})
    async with shop_client(server={"metrics_token": "m" * 20}) as client:
        without = await client.get("/metrics")
        with_token = await client.get("/metrics", headers={"authorization": f"Bearer {'m' * 20}"})

    assert (here.status_code, forwarded.status_code) == (200, 403)
    assert (without.status_code, with_token.status_code) == (403, 200)
    assert "sauda_http_requests_total" in with_token.text


async def test_figures_count_operations_by_outcome_and_never_by_what_a_client_wrote() -> None:
    async with shop_client() as client:
        await client.post("/graphql", json={"query": "query Invented {echo}"})
        await client.post("/graphql", json={"query": "{declined}"})
        figures = (await client.get("/metrics")).text

    assert 'sauda_graphql_operations_total{kind="query",outcome="ok",transport="http"}' in figures
    assert 'outcome="REGISTER_FORBIDDEN"' in figures
    assert "Invented" not in figures


async def test_an_addon_with_an_endpoint_that_would_block_the_loop_is_refused_at_start() -> None:
    def blocking(request: Request) -> Response:
        return Response()

    async with shop_app(lambda registry: registry.route("/blocking", blocking)) as app:
        with pytest.raises(AssertionError, match="/blocking is not an async function"):
            create_app(app)


async def test_door_asks_itself_who_is_calling_and_takes_bodies_of_its_own_size() -> None:
    foreign = {"authorization": "Basic Zm9vOmJhcg=="}
    async with shop_client(pages) as client:
        taken = await client.post("/takes", headers=foreign, content=b"x" * 1_500_000)
        too_much = await client.post("/takes", headers=foreign, content=b"x" * 2_000_001)
        elsewhere = await client.get("/who", headers=foreign)

    assert taken.text == "Basic Zm9vOmJhcg== 1500000"
    assert (too_much.status_code, elsewhere.status_code) == (413, 401)
