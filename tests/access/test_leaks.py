"""A company that sells beside one that looks: with every id of the other, in every field that takes one,
nothing of the other is seen, and nothing of it changes.

Made of the schema and of the rows that are there, so a new field or a new table is asked too.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import build_schema as parse_schema

from addons.fiscal_kz.tests.shop import SELLER_BIN, Shop, open_shop
from addons.organization.api import (
    CreateCompany,
    CreateOperator,
    CreateOutlet,
    CreateRegister,
    Role,
    create_company,
    create_operator,
    create_outlet,
    create_register,
)
from kernel.app import App
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.gql.node import node_types
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from tests.access.documents import Writer

OUR_BIN = "230140000021"
QUOTED = re.compile(r'"([A-Za-z0-9+/=]{20,})"')  # global ids in a document
ID = re.compile(r"[0-9a-f-]{36}")
NODES_AT_ONCE = 100
DEPTHS = (4, 3, 2, 1)  # objects below a root field: as many as the limits let pass
TOO_MUCH = {"QUERY_TOO_COSTLY", "DOCUMENT_TOO_DEEP"}


@dataclass(frozen=True)
class Beside:
    """Theirs sold something; ours looks. ids: global ids of theirs by type."""

    app: App
    theirs: Shop
    ours: Principal
    them: Principal
    ids: Mapping[str, str]
    traces: frozenset[str]


@pytest.fixture
async def beside() -> AsyncIterator[Beside]:
    """Two companies on one installation."""
    async with open_shop() as shop:
        await shop.sell(("Нан", "2"), cash="1000.00")
        app = shop.app
        them = Principal(
            PrincipalKind.USER, "their-user", shop.company_id, app.registry.roles[Role.OWNER], language="en"
        )
        ours = await _twin(app)
        keys = await _keys(app, shop.company_id)
        ids = await _ids(app, them, keys)
        assert len(ids) >= 8, f"only {sorted(ids)} are found: the test would not notice a leak"
        traces = frozenset({*keys, *ids.values(), SELLER_BIN, "Көрме"})
        yield Beside(app, shop, ours, them, ids, traces)


async def _twin(app: App) -> Principal:
    """Our company, furnished as theirs."""
    transact = app.database.transact
    company_id = await transact(create_company, CreateCompany(OUR_BIN, "Ours"), principal=SYSTEM)
    owner = SYSTEM.within(company_id)
    outlet_id = await transact(create_outlet, CreateOutlet("Дүкен", "Алматы, Абая 10"), principal=owner)
    await transact(create_register, CreateRegister(outlet_id, "Касса 1"), principal=owner)
    await transact(create_operator, CreateOperator("Айгүл С."), principal=owner)
    return Principal(
        PrincipalKind.USER, "our-user", company_id, app.registry.roles[Role.OWNER], language="en"
    )


async def _tables(app: App) -> list[str]:
    async with app.database.reading(SYSTEM) as reader:
        rows = await reader.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        found = []
        for row in rows:
            columns = await reader.rows(f"PRAGMA table_info({row['name']})")
            if "company_id" in {column["name"] for column in columns}:
                found.append(row["name"])
    return found


async def _rows(app: App, company_id: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of a company."""
    found = {}
    for table in await _tables(app):
        async with app.database.reading(SYSTEM) as reader:
            rows = await reader.rows(f"SELECT * FROM {table} WHERE company_id = ?", company_id)
        found[table] = sorted((dict(row) for row in rows), key=repr)
    return found


async def _keys(app: App, company_id: str) -> set[str]:
    """Ids of every row of a company, and of the company itself."""
    rows = (row for rows in (await _rows(app, company_id)).values() for row in rows)
    return {company_id, *(str(row["id"]) for row in rows if ID.fullmatch(str(row.get("id"))))}


async def _ids(app: App, them: Principal, keys: set[str]) -> dict[str, str]:
    """One global id of each type that its owner can find."""
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    found: dict[str, str] = {}
    for kind in node_types(app.schema.python_types()):
        ids = [to_global(kind, key) for key in sorted(keys)]
        for place in range(0, len(ids), NODES_AT_ONCE):
            context = GqlContext(app, them, request_id="test", language="en")
            part = ids[place : place + NODES_AT_ONCE]
            result = await app.schema.execute(document, variable_values={"ids": part}, context_value=context)
            assert result.errors is None, result.errors
            for node in (result.data or {}).get("nodes") or ():
                if node is not None:
                    found.setdefault(kind, node["id"])
    return found


async def _answer(app: App, writer: Writer, kind: str, name: str, principal: Principal) -> str:
    """Data and errors of the deepest document about a field that is not too costly to be answered."""
    for depth in DEPTHS if kind == "Query" else DEPTHS[-1:]:
        document = writer.document(kind, name, depth=depth)
        context = GqlContext(app, principal, request_id="test", language="en")
        result = await app.schema.execute(document, context_value=context)
        codes = {str((each.extensions or {}).get("code")) for each in result.errors or ()}
        if not codes & TOO_MUCH:
            break
    errors = [f"{(each.extensions or {}).get('code')}: {each.message}" for each in result.errors or ()]
    assert not [each for each in result.errors or () if each.path is None], (document, errors)
    answer = json.dumps([result.data, errors], default=str, ensure_ascii=False)
    for named in set(QUOTED.findall(document)):
        answer = answer.replace(named, "")  # what the question itself said is no trace
    return answer


def _ids_of(beside: Beside, other: str) -> Callable[[str], str]:
    """An id of theirs by the name of an argument (registerId, toOutletId, operatorIds), or the other one."""

    def named(name: str) -> str:
        word = name.removesuffix("s").removesuffix("Id").lower()
        return next(
            (each for kind, each in beside.ids.items() if word and word.endswith(kind.lower())), other
        )

    return named


def _seen(answer: str, beside: Beside) -> list[str]:
    """Traces of theirs in an answer."""
    return [trace for trace in beside.traces if trace in answer]


async def test_no_query_shows_anything_of_another_company(beside: Beside) -> None:
    schema = parse_schema(beside.app.schema.as_str())
    leaks, own_eyes = [], 0

    for kind, global_id in {"": "x", **beside.ids}.items():
        writer = Writer(schema, id_of=_ids_of(beside, global_id), with_optional_ids=bool(kind))
        for name in writer.roots("Query"):
            if kind and not writer.takes_ids("Query", name):
                continue
            seen = _seen(await _answer(beside.app, writer, "Query", name, beside.ours), beside)
            if seen:
                leaks.append((name, kind, seen[:3]))
            if not kind:
                own = await _answer(beside.app, writer, "Query", name, beside.them)
                own_eyes += bool(_seen(own, beside))

    assert not leaks
    assert own_eyes > 8, "its owner sees hardly anything: the test would not notice a leak"


async def test_no_node_of_another_company_is_found(beside: Beside) -> None:
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    ids = list(beside.ids.values())
    answers = []
    for principal in (beside.ours, beside.them):
        context = GqlContext(beside.app, principal, request_id="test", language="en")
        result = await beside.app.schema.execute(
            document, variable_values={"ids": ids}, context_value=context
        )
        answers.append([node and node["id"] for node in (result.data or {})["nodes"]])

    assert answers == [[None] * len(ids), ids]


async def test_no_mutation_with_ids_of_another_company_changes_or_shows_any_of_it(
    beside: Beside,
) -> None:
    schema = parse_schema(beside.app.schema.as_str())
    before, leaks = await _rows(beside.app, beside.theirs.company_id), []
    understood: set[str] = set()

    writers = [
        Writer(schema, id_of=_ids_of(beside, global_id), with_optional_ids=True)
        for global_id in beside.ids.values()
    ]
    for name in writers[0].roots("Mutation"):
        for writer in writers if writers[0].takes_ids("Mutation", name) else ():
            answer = await _answer(beside.app, writer, "Mutation", name, beside.ours)
            seen = _seen(answer, beside)
            if seen or "INTERNAL" in answer:
                leaks.append((name, answer, seen[:3]))
            if "BAD_ID" not in answer:
                understood.add(name)
                break  # an id of the right type: what other types would do is no question any more

    after = await _rows(beside.app, beside.theirs.company_id)
    assert not leaks
    assert {table for table in before if before[table] != after[table]} == set()
    assert len(understood) > 40, "hardly any mutation got ids of the right type"


async def test_no_subscription_tells_of_another_company(beside: Beside) -> None:
    writer = Writer(parse_schema(beside.app.schema.as_str()))
    streams = []
    for name in writer.roots("Subscription"):
        context = GqlContext(beside.app, beside.ours, request_id="test", language="en")
        stream: Any = await beside.app.schema.subscribe(
            writer.document("Subscription", name, depth=2), context_value=context
        )
        streams.append(stream)
    heard = [_listen(stream) for stream in streams]

    tasks = [asyncio.ensure_future(each) for each in heard]
    for _ in range(20):
        await asyncio.sleep(0)
    await beside.theirs.sell(("Нан", "1"), cash="500.00")
    for _ in range(200):
        await asyncio.sleep(0)

    told = [task.result() for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(streams) >= 3
    assert not [event for event in told if any(trace in event for trace in beside.traces)]


async def _listen(stream: Any) -> str:
    if not hasattr(stream, "__anext__"):
        return ""
    result = await stream.__anext__()
    return json.dumps(result.data, default=str, ensure_ascii=False)
