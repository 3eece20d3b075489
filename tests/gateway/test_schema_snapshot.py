"""The published schema: what is committed is what this code serves, and it explains itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    validate_schema,
)

from kernel.addons.loader import load_addons
from kernel.gql import schema as gql

SNAPSHOT = Path(__file__).resolve().parents[2] / "schema.graphql"
SELF_EXPLAINING = {"input", "id", "first", "last", "after", "before"}


@pytest.fixture(scope="module")
def schema() -> gql.KernelSchema:
    return gql.build_schema(load_addons())


def test_the_committed_schema_is_the_one_of_this_code(schema: gql.KernelSchema) -> None:
    """After a change on purpose: `make schema`, and a line in CHANGELOG.md."""
    assert SNAPSHOT.read_text(encoding="utf-8").rstrip() == schema.as_str().rstrip()


def test_the_committed_schema_is_valid_for_other_tools() -> None:
    assert validate_schema(build_schema(SNAPSHOT.read_text(encoding="utf-8"))) == []


def test_everything_in_the_schema_is_described(schema: gql.KernelSchema) -> None:
    mute = []
    for name, each in schema.core.type_map.items():
        if name.startswith("__"):
            continue
        if not each.description:
            mute.append(name)
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            mute += [f"{name}.{field}" for field, made in each.fields.items() if not made.description]
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType):
            mute += [
                f"{name}.{field}({argument}:)"
                for field, made in each.fields.items()
                for argument, given in made.args.items()
                if not given.description and argument not in SELF_EXPLAINING
            ]

    assert mute == []


def test_no_python_name_shows(schema: gql.KernelSchema) -> None:
    """A class SaleType is called Sale: `name=` was forgotten where the ending shows."""
    ending = {name for name in schema.core.type_map if name.endswith("Type") and not name.startswith("__")}
    assert ending == {"PriceType"}  # a type of prices, as 1C calls it


def test_money_never_travels_as_a_number(schema: gql.KernelSchema) -> None:
    assert "Float" not in schema.core.type_map
    assert "Decimal" not in schema.core.type_map
