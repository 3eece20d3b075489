"""Requests that are no request, and documents that nobody may ask for."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from simulators.till import documents
from simulators.till.shop import Till, cash, free_line
from tests.scenarios.stage import Stage, nothing_stored

STRICT = {"accept": "application/graphql-response+json", "content-type": "application/json"}
BODY_MAX = 1_000_000
DEEP = "query D($id: ID!) { sale(id: $id) " + "{ original " * 13 + "{ id }" + " }" * 13 + " }"
ALIASES = "{ " + " ".join(f"m{number}: me {{ kind }}" for number in range(16)) + " }"


async def post(till: Till, content: bytes | str, **headers: str) -> httpx.Response:
    """Send bytes as they are, in the till's name."""
    return await till.client.http.post("/graphql", content=content, headers={**STRICT, **headers})


async def ask(till: Till, query: str, language: str = "ru", **variables: Any) -> httpx.Response:
    """Send a document that is expected to fail."""
    return await till.client.http.post(
        "/graphql",
        json={"query": query, "variables": variables},
        headers={**STRICT, "accept-language": language},
    )


def code_of(response: httpx.Response) -> str:
    """The code of the only error."""
    (error,) = response.json()["errors"]
    assert error["message"]
    return str(error["extensions"]["code"])


class BadDocumentStories:
    """Each is answered with a code, and nothing is stored."""

    IS_TILL_SHARED = True

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"\x00\xff\xfe\x80",
            b"[]",
            b"5",
            b'"{me}"',
            b'{"query": 5}',
        ],
        ids=["nothing", "cut", "binary", "list", "number", "text", "query"],
    )
    async def test_a_body_that_is_no_request_is_refused(
        self, stage: Stage, till: Till, content: bytes
    ) -> None:
        with nothing_stored(stage):
            response = await post(till, content)

        assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("{ me { kind ", "GRAPHQL_PARSE_FAILED"),
            ("mutation { dropTables }", "GRAPHQL_VALIDATION_FAILED"),
            ("{ me { kind { deeper } } }", "GRAPHQL_VALIDATION_FAILED"),
            (DEEP, "DOCUMENT_TOO_DEEP"),
            ("{ me " * 900 + "}" * 900, "DOCUMENT_TOO_DEEP"),
            (ALIASES, "TOO_MANY_ALIASES"),
            ("{ me { " + "kind " * 3_000 + "} }", "DOCUMENT_TOO_LARGE"),
        ],
        ids=["cut", "unknown", "leaf", "deep", "nested", "aliases", "tokens"],
    )
    async def test_a_document_that_cannot_be_answered_is_refused_before_anything_runs(
        self, stage: Stage, till: Till, query: str, code: str
    ) -> None:
        with nothing_stored(stage):
            response = await ask(till, query, id="x")

        assert (response.status_code, code_of(response)) == (400, code)

    async def test_a_body_larger_than_a_megabyte_is_not_read(self, stage: Stage, till: Till) -> None:
        with nothing_stored(stage):
            response = await post(till, b" " * (BODY_MAX + 1))

        assert response.status_code == 413

    async def test_a_sale_is_never_made_by_get(self, stage: Stage, till: Till) -> None:
        with nothing_stored(stage):
            response = await till.client.http.get(
                "/graphql", params={"query": "mutation { signOut { __typename } }"}
            )

        assert (response.status_code, response.headers["allow"]) == (405, "POST")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"saleKey": "not-a-uuid"},
            {"saleKey": None},
            {"lines": [free_line("Нан", "12.345")]},
            {"lines": [{"name": "Нан", "price": 12.5}]},
            {"lines": [free_line("Нан", "1e3")]},
            {"lines": [free_line("Нан", "99999999999999.00")]},
            {"lines": [free_line("Нан", "1.00", "0.0001")]},
            {"lines": [free_line("Нан", "1.00", "NaN")]},
            {"lines": [free_line("Нан", "1.00", "-1")]},
            {"lines": [free_line("Нан", "1.00", "99999999999")]},
            {"payments": [{"kind": "GOLD", "amount": "1.00"}]},
            {"payments": "all"},
            {"isFree": True},
        ],
        ids=lambda wrong: "-".join(f"{value}"[:40] for value in wrong.values()),
    )
    async def test_a_value_of_a_wrong_shape_is_refused_with_its_place(
        self, stage: Stage, till: Till, wrong: dict[str, Any]
    ) -> None:
        cart = {
            "saleKey": documents.new_key(),
            "registerId": till.register_id,
            "operatorId": till.operator_id,
            "lines": [free_line("Нан", "210.00")],
            "payments": [cash("210.00")],
        }
        (name,) = wrong

        with nothing_stored(stage):
            response = await ask(till, documents.REGISTER_SALE, input={**cart, **wrong}, wait=0)

        (error,) = response.json()["errors"]
        assert (response.status_code, error["extensions"]["code"]) == (400, "BAD_USER_INPUT")
        assert name in error["message"]
