"""GraphQL over WebSocket, by a real client on a real socket: the protocol's codes, rights, limits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from gateway import sockets
from kernel.app import App
from kernel.security.authenticator import Authenticator
from tests.gateway.shop_house import shop_served, socket_to

TOKEN = {"Authorization": "Bearer clerk"}


@pytest.fixture
async def served() -> AsyncIterator[tuple[App, str]]:
    async with shop_served() as house:
        yield house


async def test_events_arrive_and_the_operation_completes(served: tuple[App, str]) -> None:
    async with socket_to(served[1]) as socket:
        await socket.begin(TOKEN)
        await socket.subscribe("1", "subscription($n: Int!) {watch(times: $n) {title tax {code}}}", n=2)
        events = [await socket.receive() for _ in range(3)]

    assert [each["type"] for each in events] == ["next", "next", "complete"]
    assert events[0]["payload"]["data"] == {"watch": {"title": "Good 7", "tax": {"code": "T7"}}}


async def test_queries_and_mutations_are_served_over_a_socket_too(served: tuple[App, str]) -> None:
    async with socket_to(served[1]) as socket:
        await socket.begin({"token": "clerk", "language": "ru"})
        await socket.subscribe("q", "mutation {sell(number: -1) {... on Refused {message}}}")
        answer = await socket.receive()

    assert answer["payload"]["data"] == {"sell": {"message": "Вам нельзя работать с этой кассой."}}


@pytest.mark.parametrize(
    "payload", [{"Authorization": "Bearer nobody"}, {"Authorization": "Basic x"}, {"token": ""}]
)
async def test_a_refused_token_closes_with_4403(served: tuple[App, str], payload: dict[str, str]) -> None:
    async with socket_to(served[1]) as socket:
        await socket.send({"type": "connection_init", "payload": payload})

        assert await socket.close_code() == 4403


async def test_without_a_token_only_public_things_are_served(served: tuple[App, str]) -> None:
    async with socket_to(served[1]) as socket:
        await socket.begin()
        await socket.subscribe("1", "subscription {watch {title}}")
        answer = await socket.receive()
        await socket.subscribe("2", "{echo}")
        public = await socket.receive()

    assert answer["type"] == "error"
    assert answer["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert public["payload"]["data"] == {"echo": "nothing"}


@pytest.mark.parametrize(
    "message",
    [
        '"text"',
        "5",
        "[]",
        "not json",
        b"\x00\x01",
        {"type": 5},
        {"id": "1"},
        {"type": "subscribe", "id": "1"},
        {"type": "subscribe", "id": "1", "payload": "x"},
        {"type": "subscribe", "id": "1", "payload": {"query": 5}},
        {"type": "subscribe", "id": "1", "payload": {"query": "{echo}", "variables": [1]}},
        {"type": "subscribe", "id": 1, "payload": {"query": "{echo}"}},
        {"type": "complete"},
        {"type": "start", "id": "1"},
    ],
)
async def test_a_message_of_a_wrong_shape_closes_with_4400(served: tuple[App, str], message: Any) -> None:
    async with socket_to(served[1]) as socket:
        await socket.begin(TOKEN)
        await socket.send(message)

        assert await socket.close_code() == 4400


async def test_asking_before_the_beginning_closes_with_4401(served: tuple[App, str]) -> None:
    async with socket_to(served[1]) as socket:
        await socket.subscribe("1", "{echo}")

        assert await socket.close_code() == 4401


async def test_the_same_id_twice_closes_with_4409(served: tuple[App, str]) -> None:
    async with socket_to(served[1]) as socket:
        await socket.begin(TOKEN)
        await socket.subscribe("1", "subscription {silence}")
        await socket.subscribe("1", "subscription {silence}")

        assert await socket.close_code() == 4409


async def test_other_protocols_are_not_spoken(served: tuple[App, str]) -> None:
    async with socket_to(served[1], protocol="graphql-ws") as socket:
        assert await socket.close_code() == 4406


async def test_operations_of_one_socket_are_bounded(served: tuple[App, str]) -> None:
    async with socket_to(served[1]) as socket:
        await socket.begin(TOKEN)
        for number in range(sockets.OPERATIONS_MAX + 1):
            await socket.subscribe(str(number), "subscription {silence}")
        answer = await socket.receive()

    assert (answer["type"], answer["id"]) == ("error", str(sockets.OPERATIONS_MAX))


async def test_sockets_of_one_process_are_bounded(
    served: tuple[App, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "SOCKETS_MAX", 1)
    async with socket_to(served[1]) as first:
        await first.begin(TOKEN)
        async with socket_to(served[1]) as second:
            assert await second.close_code() == 1013


async def test_a_token_that_stops_being_valid_closes_the_socket(
    served: tuple[App, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "RECHECK_S", 0.05)
    app, address = served
    async with socket_to(address) as socket:
        await socket.begin(TOKEN)
        await socket.subscribe("1", "subscription {silence}")
        app.registry.port(Authenticator).clerks.pop("clerk")  # type: ignore[attr-defined, type-abstract]

        assert await socket.close_code() == 4403


async def test_a_page_of_another_origin_may_not_open_a_socket(served: tuple[App, str]) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with socket_to(served[1], origin="https://evil.example"):
            pass

    assert caught.value.response.status_code == 403


async def test_a_mistake_in_a_document_is_an_error_message_with_its_code(served: tuple[App, str]) -> None:
    async with socket_to(served[1]) as socket:
        await socket.begin(TOKEN)
        await socket.subscribe("1", "subscription {nothing}")
        answer = await socket.receive()

    assert answer["type"] == "error"
    assert answer["payload"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
