"""GraphQL over HTTP, as any integrator would write it."""

from __future__ import annotations

from typing import Any

import httpx

ANSWER_WAIT_S = 30.0


class GraphQLErrors(Exception):
    """The answer had errors; `codes` are their extension codes."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(str(errors)[:2000])
        self.codes = [error.get("extensions", {}).get("code") for error in errors]


class RefusedByServer(Exception):
    """A mutation was refused; `code` says why."""

    def __init__(self, refusal: dict[str, Any]) -> None:
        super().__init__(f"{refusal.get('code')}: {refusal.get('message')} ({refusal.get('field')})")
        self.code = str(refusal.get("code"))
        self.field = refusal.get("field")


class Client:
    """Sends documents to one gateway with one token."""

    def __init__(self, address: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.address = address
        self.token = token
        self.http = httpx.AsyncClient(base_url=address, headers=headers, timeout=ANSWER_WAIT_S)

    def with_token(self, token: str) -> Client:
        """Another caller at the same gateway."""
        return Client(self.address, token)

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def execute(self, document: str, **variables: Any) -> dict[str, Any]:
        """Data of the answer. Raises GraphQLErrors, httpx.TransportError."""
        response = await self.http.post("/graphql", json={"query": document, "variables": variables})
        answer = response.json()
        if answer.get("errors"):
            raise GraphQLErrors(answer["errors"])
        data: dict[str, Any] = answer["data"]
        return data

    async def mutate(self, document: str, **variables: Any) -> dict[str, Any]:
        """The only root field of a mutation. Raises RefusedByServer, GraphQLErrors, httpx.TransportError."""
        (result,) = (await self.execute(document, **variables)).values()
        if result["__typename"] == "Refused":
            raise RefusedByServer(result)
        return dict(result)
