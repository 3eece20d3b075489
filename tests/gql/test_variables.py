"""Variables read by a plan are those graphql-core reads, and every mistake is left to graphql-core."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema, get_variable_values, parse
from hypothesis import given
from hypothesis import strategies as st

from kernel.gql.variables import VariablesPlan

SCHEMA = build_schema("""
  enum Kind { CASH CARD }
  input Line { name: String! quantity: Int = 1 tags: [String!] = ["a"] inner: Note }
  input Note { text: String at: Float }
  input Loop { next: Loop }
  type Query {
    sell(lines: [Line!]!, kind: Kind, note: Note = {text: "none"}, wait: Int! = 5): Boolean
    walk(loop: Loop): Boolean
  }
""")
SELL = parse("""
  query Sell($lines: [Line!]!, $kind: Kind, $wait: Int!, $note: Note) {
    sell(lines: $lines, kind: $kind, wait: $wait, note: $note)
  }
""")
PLAN = VariablesPlan.of(SCHEMA, SELL)

scalars = st.sampled_from([None, True, 1, -3, 2**40, 1.5, "", "CASH", "CARD", "x"])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "quantity", "tags", "inner", "text", "at", "no"]), inner)
    ),
    max_leaves=8,
)
lines = st.lists(
    st.fixed_dictionaries(
        {"name": st.just("Нан")},
        optional={"quantity": st.integers(-9, 9) | scalars, "tags": values, "inner": values},
    ),
    max_size=3,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "lines": lines | values,
            "kind": scalars,
            "wait": st.integers(0, 9) | scalars,
            "note": values,
        },
    )
)
def test_a_plan_reads_what_graphql_core_reads_or_leaves_it_to_it(variables: dict[str, Any]) -> None:
    assert PLAN is not None
    theirs = get_variable_values(SCHEMA, PLAN.operation.variable_definitions, variables)

    ours = PLAN.read(variables)

    if ours is not None:
        assert not isinstance(theirs, list), theirs
        assert ours.coerced == theirs.coerced
        assert {name: each.value for name, each in ours.sources.items()} == {
            name: each.value for name, each in theirs.sources.items()
        }


def test_an_everyday_sale_is_read_by_the_plan() -> None:
    assert PLAN is not None
    found = PLAN.read({"lines": [{"name": "Нан"}], "wait": 3, "kind": "CARD", "note": None})

    assert found is not None
    assert found.coerced == {
        "lines": [{"name": "Нан", "quantity": 1, "tags": ["a"]}],
        "wait": 3,
        "kind": "CARD",
        "note": None,
    }


@pytest.mark.parametrize(
    "document",
    [
        "query Walk($loop: Loop) { walk(loop: $loop) }",  # graphql-core bounds its depth
        "query A { walk } query B { walk }",
        "query A { ...F } fragment F on Query { walk }",
    ],
)
def test_unusual_documents_have_no_plan(document: str) -> None:
    assert VariablesPlan.of(SCHEMA, parse(document)) is None
