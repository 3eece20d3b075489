"""An inspector reads one register over one period, until the token ends; everything else is refused."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from addons.fiscal_kz.services import inspect_journal
from addons.fiscal_kz.tests.shop import Shop, open_shop
from addons.organization.api import inspection_of
from kernel.errors import Refusal
from kernel.gql.composition import root_fields
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.gql.node import node_types
from kernel.gql.permissions import Public
from kernel.journal.sealing import key_of
from kernel.security.authenticator import Authenticator
from kernel.security.principal import Principal

ISSUE = """mutation($input: IssueInspectionInput!) { issueInspection(input: $input) {
  __typename ... on IssuedApiToken { id token } ... on Refused { code field } } }"""
REVOKE = "mutation($id: ID!) { revokeApiToken(id: $id) { __typename } }"
LOOK = """{ inspection { registerNumber companyBin since until
  zReports(first: 9) { nodes { number report { shiftNumber revenue } } }
  documents(first: 9) { totalCount nodes { operation total sign } }
  journal journalState { entries isBlocked }
  verification { isWhole entries brokenSeq breach } } }"""
ON = "query($after: String!) { inspection { journal(afterSeq: $after) } }"


@dataclass(frozen=True)
class Desk:
    """An inspector's session and the token's id."""

    shop: Shop
    token: str
    id: str

    async def principal(self) -> Principal:
        database = self.shop.app.database
        return await self.shop.app.registry.port(Authenticator).authenticate(database, self.token)

    async def execute(self, document: str, **variables: Any) -> Any:
        context = GqlContext(self.shop.app, await self.principal(), request_id="test", language="en")
        return await self.shop.app.schema.execute(document, variable_values=variables, context_value=context)

    async def look(self, document: str = LOOK, **variables: Any) -> Any:
        result = await self.execute(document, **variables)
        assert result.errors is None, result.errors
        assert result.data is not None
        return result.data["inspection"]


async def issue(shop: Shop, since: datetime, until: datetime, *, days: int = 1, **changes: Any) -> Any:
    given = {
        "title": "Налоговая проверка",
        "registerId": to_global("Register", shop.register_id),
        "since": since.isoformat(),
        "until": until.isoformat(),
        "expiresAt": (shop.clock.now() + timedelta(days=days)).isoformat(),
        **changes,
    }
    return await shop.ask(ISSUE, input=given)


async def desk(shop: Shop, since: datetime, until: datetime) -> Desk:
    issued = await issue(shop, since, until)
    return Desk(shop, issued["token"], issued["id"])


async def test_an_inspector_sees_the_period_and_nothing_before_or_after() -> None:
    async with open_shop() as shop:
        await shop.sell()
        await shop.close()
        shop.clock.advance(timedelta(hours=1))
        since = shop.clock.now()
        await shop.sell(("Нан", "2"), cash="400.00")
        await shop.close()
        shop.clock.advance(timedelta(hours=1))
        until = shop.clock.now()
        await shop.sell(("Нан", "3"), cash="600.00")
        inspector = await desk(shop, since, until)

        seen = await inspector.look()
        entries = [json.loads(line) for line in seen["journal"]]
        rest = await inspector.look(ON, after=str(entries[0]["seq"]))

        assert seen["companyBin"] == "230140000109"
        assert [z["number"] for z in seen["zReports"]["nodes"]] == [2]
        made = [(each["operation"], each["total"]) for each in seen["documents"]["nodes"]]
        assert made == [("Z", "0.00"), ("SELL", "400.00")]
        assert seen["verification"]["isWhole"]
        assert seen["verification"]["entries"] == seen["journalState"]["entries"]
        stored = [each for each in await shop.journal() if _within(each.entry.at_ms, since, until)]
        assert [each["seq"] for each in entries] == [each.entry.seq for each in stored]
        assert [each["facts"] for each in entries] == [each.facts for each in stored]
        assert rest["journal"] == seen["journal"][1:]


async def test_a_long_journal_comes_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect_journal, "EXPORT_MAX", 2)
    async with open_shop() as shop:
        begun = shop.clock.now()
        await shop.sell()
        inspector = await desk(shop, begun, begun + timedelta(days=1))
        seqs, after = [], "0"
        for _ in range(50):
            lines = (await inspector.look(ON, after=after))["journal"]
            if not lines:
                break
            assert len(lines) <= 2
            seqs += [json.loads(line)["seq"] for line in lines]
            after = str(seqs[-1])

        assert seqs == [each.entry.seq for each in await shop.journal()]
        refused = await inspector.execute(ON, after="-1")
        assert refused.errors[0].extensions["code"] == "BAD_USER_INPUT"


async def test_a_forged_entry_is_found_by_the_inspector() -> None:
    async with open_shop() as shop:
        begun = shop.clock.now()
        await shop.sell()
        inspector = await desk(shop, begun, begun + timedelta(days=1))
        with closing(sqlite3.connect(shop.app.database.url.path)) as connection, connection:
            connection.execute("UPDATE kernel_journal SET body = body || ' ' WHERE seq = 2")

        found = await inspector.look("{ inspection { verification { isWhole brokenSeq breach } } }")

    assert found["verification"] == {"isWhole": False, "brokenSeq": "2", "breach": "altered"}


async def test_entries_that_cannot_be_opened_are_shown_as_damaged_among_the_others() -> None:
    async with open_shop() as shop:
        begun = shop.clock.now()
        await shop.sell()
        await shop.sell()
        whole = await shop.journal()
        inspector = await desk(shop, begun, begun + timedelta(days=1))
        name = key_of(whole[0].entry.body)
        with closing(sqlite3.connect(shop.app.database.url.path)) as connection, connection:
            connection.execute("UPDATE kernel_journal SET body = body || ' ' WHERE seq = 1")
            connection.execute("UPDATE kernel_journal SET body = 'нет' WHERE seq = 2")
            connection.execute(
                "UPDATE kernel_journal SET body = REPLACE(body, ?, ?) WHERE seq = 3", (f".{name}.", ".gone.")
            )

        lines = [json.loads(line) for line in (await inspector.look(ON, after="0"))["journal"]]

        assert [each.get("damaged") for each in lines[:3]] == ["altered", "altered", "key"]
        assert [each["facts"] for each in lines[:3]] == [None] * 3
        assert [each["kind"] for each in lines] == [each.entry.kind for each in whole]
        assert lines[3]["facts"] == whole[3].facts
        assert "damaged" not in lines[3]


async def test_every_other_root_field_and_node_asks_for_a_right_no_inspector_has() -> None:
    async with open_shop() as shop:
        now = shop.clock.now()
        inspector = await desk(shop, now, now + timedelta(days=1))
        who, registry = await inspector.principal(), shop.app.registry

        assert who.permissions == {"fiscal_kz.inspect"}
        assert who.register_ids == frozenset({shop.register_id})
        fields = [*registry.queries, *registry.mutations, *registry.subscriptions]
        with_public_fields, open_to_inspectors = set(), set()
        for owner, field, name in root_fields(fields):
            for guard in field.permission_classes:
                if guard is Public:
                    with_public_fields.add(owner)
                elif vars(guard)["permission"] in who.permissions:
                    open_to_inspectors.add(name)
        assert open_to_inspectors == {"inspection"}
        assert with_public_fields <= {"organization", "kernel"}  # ways in: nothing of a register
        nodes = node_types(shop.app.schema.python_types()).values()
        assert not [each for each in nodes if each.node_permission in who.permissions]
        for document in (
            "{ registers(first: 1) { nodes { id } } }",
            "{ companies { id } }",
            "{ kkms { nodes { id } } }",
        ):
            result = await inspector.execute(document)
            assert {error.extensions["code"] for error in result.errors} == {"FORBIDDEN"}, document


async def test_the_token_ends_by_time_and_by_hand() -> None:
    async with open_shop() as shop:
        now = shop.clock.now()
        first, second = [await desk(shop, now, now + timedelta(days=9)) for _ in range(2)]
        assert await first.look()

        await shop.ask(REVOKE, id=first.id)

        with pytest.raises(Refusal, match="UNAUTHENTICATED"):
            await first.look()
        assert await second.look()
        shop.clock.advance(timedelta(days=1))
        with pytest.raises(Refusal, match="UNAUTHENTICATED"):
            await second.look()


async def test_what_cannot_be_inspected_is_refused() -> None:
    async with open_shop() as shop:
        now = shop.clock.now()
        later = now + timedelta(days=1)

        assert await issue(shop, later, now) == _refused("INSPECTION_PERIOD_EMPTY", "until")
        assert await issue(shop, now, later, days=0) == _refused("API_TOKEN_EXPIRY_PAST", "expiresAt")
        stranger = to_global("Register", "01a1feb9-7db1-7358-82df-fae01e1f5582")
        assert await issue(shop, now, later, registerId=stranger) == _refused(
            "REGISTER_UNKNOWN", "registerId"
        )
        async with shop.app.database.reading(shop.owner) as reader:
            with pytest.raises(Refusal, match="FORBIDDEN"):
                await inspection_of(reader)


def _refused(code: str, field: str) -> Any:
    return {"__typename": "Refused", "code": code, "field": field}


def _within(at_ms: int, since: datetime, until: datetime) -> bool:
    return since.timestamp() * 1000 <= at_ms < until.timestamp() * 1000
