"""GraphQL over HTTP beyond the audits: bodies of every wrong kind, methods, media types, rights, sizes."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from gateway import graphql_view
from gateway.app import create_app
from gateway.media import Media, choose_media
from tests.gateway.shop_house import CLERK_TOKEN, shop_app, shop_client

RESPONSE = {"accept": "application/graphql-response+json"}
JSON = {"content-type": "application/json"}


def only_error(response: httpx.Response) -> dict[str, Any]:
    (error,) = response.json()["errors"]
    assert isinstance(error, dict)
    return error


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'"{echo}"', 400),
        (b"[]", 400),
        (b'[{"query": "{echo}"}]', 400),
        (b"null", 400),
        (b"1", 400),
        (b"{", 400),
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"{}", 400),
        (b'{"query": ["{echo}"]}', 400),
        (b'{"query": "{echo}", "variables": [1]}', 400),
        (b'{"query": "{echo}", "operationName": 5}', 400),
        (b'{"query": "{echo}", "extensions": "x"}', 400),
    ],
)
async def test_a_body_of_a_wrong_kind_is_a_json_error_and_never_a_fault(body: bytes, status: int) -> None:
    async with shop_client() as client:
        response = await client.post("/graphql", content=body, headers=JSON)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert only_error(response)["extensions"]["requestId"] == response.headers["x-request-id"]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/json; charset=cp1251",
    ],
)
async def test_a_post_a_foreign_page_could_send_unasked_is_refused(content_type: str) -> None:
    """Only application/json makes a browser ask first (CSRF)."""
    async with shop_client() as client:
        response = await client.post(
            "/graphql", content=b'{"query": "{echo}"}', headers={"content-type": content_type}
        )

    assert response.status_code == 415


async def test_a_mutation_by_get_is_refused_and_not_executed() -> None:
    async with shop_client() as client:
        response = await client.get(
            "/graphql", params={"query": "mutation {sell(number: 0) {__typename}}"}, headers=CLERK_TOKEN
        )

    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_a_subscription_by_post_says_where_subscriptions_are() -> None:
    async with shop_client() as client:
        response = await client.post("/graphql", json={"query": "subscription {silence}"})

    assert response.status_code == 400
    assert "graphql-transport-ws" in only_error(response)["message"]


async def test_an_accept_header_that_mentions_event_streams_still_gets_json() -> None:
    """urql's default header; an event stream for a mutation would hide a sale that was made."""
    accept = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed"
    async with shop_client() as client:
        response = await client.post(
            "/graphql",
            json={"query": "mutation {sell(number: 3) {__typename}}"},
            headers={**CLERK_TOKEN, "accept": accept},
        )

    assert response.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert response.json() == {"data": {"sell": {"__typename": "Good"}}}


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, Media.JSON),
        ("*/*", Media.JSON),
        ("text/plain", Media.JSON),
        ("application/graphql-response+json", Media.RESPONSE),
        ("application/json;q=0.5, application/graphql-response+json;q=0.9", Media.RESPONSE),
        ("application/graphql-response+json;q=0.1, application/json", Media.JSON),
        ("application/graphql-response+json;q=0, application/json;q=0.1", Media.JSON),
        ("application/graphql-response+json;q=zzz", Media.JSON),
    ],
)
def test_the_media_type_follows_the_weights(accept: str | None, media: Media) -> None:
    assert choose_media(accept) is media


@pytest.mark.parametrize(
    ("headers", "plain", "strict", "code"),
    [
        ({}, 200, 401, "UNAUTHENTICATED"),
        ({"authorization": "Bearer nobody"}, 200, 401, "UNAUTHENTICATED"),
        ({"authorization": "Basic Y2xlcms6"}, 200, 401, "UNAUTHENTICATED"),
        ({"authorization": f"Bearer {'x' * 5000}"}, 200, 401, "UNAUTHENTICATED"),
        ({"authorization": "Bearer guest"}, 200, 403, "FORBIDDEN"),
    ],
)
async def test_a_caller_who_may_not_ask_gets_the_code_and_under_the_new_type_the_status(
    headers: dict[str, str], plain: int, strict: int, code: str
) -> None:
    body = {"query": "{goods(first: 1) {nodes {id}}}"}
    async with shop_client() as client:
        old = await client.post("/graphql", json=body, headers=headers)
        new = await client.post("/graphql", json=body, headers={**headers, **RESPONSE})

    assert (old.status_code, new.status_code) == (plain, strict)
    assert only_error(old)["extensions"]["code"] == only_error(new)["extensions"]["code"] == code


async def test_a_wrong_token_is_not_taken_for_none() -> None:
    async with shop_client() as client:
        response = await client.post(
            "/graphql", json={"query": "{echo}"}, headers={"authorization": "Bearer nobody", **RESPONSE}
        )

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert "data" not in response.json()


async def test_a_document_with_mistakes_has_no_data_and_the_status_its_media_type_wants() -> None:
    async with shop_client() as client:
        for document in ("{", "{nothing}", "query($m: Money!) {echo(money: $m)}"):
            old = await client.post("/graphql", json={"query": document})
            new = await client.post("/graphql", json={"query": document}, headers=RESPONSE)

            assert (old.status_code, new.status_code) == (200, 400)
            assert "data" not in old.json()
            assert "data" not in new.json()


async def test_a_body_above_the_limit_is_refused_whether_declared_or_not() -> None:
    async def unannounced() -> Any:
        for _ in range(30):
            yield b" " * 1_000

    async with shop_client(server={"request_bytes_max": 20_000}) as client:
        declared = await client.post("/graphql", content=b" " * 20_001, headers=JSON)
        streamed = await client.post("/graphql", content=unannounced(), headers=JSON)

    assert (declared.status_code, streamed.status_code) == (413, 413)
    assert only_error(streamed)["extensions"]["code"] == "BODY_TOO_LARGE"


async def test_a_body_that_comes_in_pieces_is_read_whole() -> None:
    async def pieces() -> Any:
        for each in (b'{"query":', b' "{echo(text: \\"', "Нан".encode(), b'\\")}"', b"}"):
            yield each

    async with shop_client() as client:
        response = await client.post("/graphql", content=pieces(), headers=JSON)

    assert response.json() == {"data": {"echo": "Нан"}}


async def test_a_client_that_leaves_while_it_sends_is_not_served() -> None:
    sent: list[Any] = []
    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "scheme": "http"}

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    async with shop_app() as app:
        with capture_logs() as logs:
            await create_app(app)(
                scope | {"headers": [(b"content-type", b"application/json")]}, receive, send
            )

    assert sent[0]["status"] == 400
    assert not [each for each in logs if each["log_level"] == "error"], "a fault of ours was reported"


async def test_a_fault_before_execution_is_answered_and_told_to_us(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fall(*_: object) -> None:
        raise RuntimeError("password of the database is 12345")

    monkeypatch.setattr(graphql_view, "caller_of", fall)
    async with shop_client() as client:
        with capture_logs() as logs:
            response = await client.post("/graphql", json={"query": "{echo}"})

    assert response.status_code == 500
    assert "12345" not in response.text
    assert only_error(response)["extensions"]["requestId"] == response.headers["x-request-id"]
    assert [each["event"] for each in logs if each["log_level"] == "error"] == ["request failed"]


async def test_an_unexpected_error_shows_its_request_id_and_nothing_else() -> None:
    async with shop_client() as client:
        response = await client.post(
            "/graphql",
            json={"query": "{broken}"},
            headers={"x-request-id": "till-0042-a", "accept-language": "en"},
        )

    assert response.headers["x-request-id"] == "till-0042-a"
    assert "12345" not in response.text
    assert only_error(response)["message"].endswith("name the request till-0042-a.")


async def test_an_operation_that_takes_too_long_says_its_outcome_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(graphql_view, "OPERATION_TIMEOUT_S", 0.05)
    async with shop_client() as client:
        response = await client.post("/graphql", json={"query": "{waits}"}, headers={"accept-language": "en"})

    assert response.status_code == 504
    assert only_error(response)["extensions"]["code"] == "TIMED_OUT"
    assert "may still be done" in only_error(response)["message"]


async def test_a_request_id_of_a_strange_form_is_replaced() -> None:
    async with shop_client() as client:
        response = await client.post(
            "/graphql", json={"query": "{echo}"}, headers={"x-request-id": "a b<script>"}
        )

    assert "<" not in response.headers["x-request-id"]


async def test_other_origins_are_not_let_in_unless_named() -> None:
    preflight = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    async with shop_client() as closed:
        refused = await closed.options("/graphql", headers=preflight)
    async with shop_client(server={"allowed_origins": "https://shop.example"}) as opened:
        allowed = await opened.options("/graphql", headers=preflight)
        stranger = await opened.options("/graphql", headers={**preflight, "origin": "https://evil.example"})

    assert "access-control-allow-origin" not in refused.headers
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-credentials" not in allowed.headers
    assert stranger.headers.get("access-control-allow-origin") is None


async def test_a_document_sent_once_with_its_digest_is_known_by_it_afterwards() -> None:
    document = "query Once($text: String) {echo(text: $text)}"
    digest = sha256(document.encode()).hexdigest()
    asked = {
        "extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}},
        "variables": {"text": "x"},
    }
    async with shop_client() as client:
        unknown = await client.post("/graphql", json=asked)
        sent = await client.post("/graphql", json={**asked, "query": document})
        by_digest = await client.post("/graphql", json=asked)
        by_id = await client.post(
            "/graphql", json={"documentId": f"sha256:{digest}", "variables": {"text": "y"}}
        )

    assert only_error(unknown)["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert sent.json() == by_digest.json() == {"data": {"echo": "x"}}
    assert by_id.json() == {"data": {"echo": "y"}}


async def test_a_digest_of_another_document_or_a_broken_one_is_not_remembered() -> None:
    digest = sha256(b"{broken").hexdigest()
    asked = {"documentId": f"sha256:{digest}"}
    async with shop_client() as client:
        swapped = await client.post("/graphql", json={**asked, "query": "{echo}"})
        broken = await client.post("/graphql", json={**asked, "query": "{broken"})
        after = await client.post("/graphql", json=asked)
        malformed = await client.post("/graphql", json={"documentId": "5"})

    assert (swapped.status_code, malformed.status_code) == (400, 400)
    assert only_error(broken)["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    assert only_error(after)["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
