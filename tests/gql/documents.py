"""Writes documents at random for any schema: valid ones, save that two selections of one name may differ."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

LEAVES: dict[str, Sequence[Any]] = {
    "Int": [0, 1, 5, -1],
    "Boolean": [True, False],
    "Float": [1.5],
    "ID": ["1", "bm8"],
    "String": ["a", "plain", ""],
    "Money": ["1.50", "100"],
    "Quantity": ["1", "0.125"],
    "DateTime": ["2026-01-15T04:30:00Z"],
    "Date": ["2026-01-15"],
    "UUID": ["018f2f6e-7a2b-7c3d-8e4f-5a6b7c8d9e0f"],
}


class Writer:
    """One document. texts, ids: values of strings and ids that are likely to find something; without: fields
    that are not asked for.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        chance: random.Random,
        *,
        texts: Sequence[str] = (),
        ids: Sequence[str] = (),
        without: Sequence[str] = (),
        depth: int = 4,
    ) -> None:
        self.schema = schema
        self.chance = chance
        self.depth = depth
        self.without = without
        self.leaves = {
            **LEAVES,
            **({"String": texts} if texts else {}),
            **({"ID": [*ids, "bm8"]} if ids else {}),
        }
        self.variables: dict[str, Any] = {}
        self._declared: list[str] = []
        self._fragments: list[str] = []

    def operation(self, *, with_mutations: bool = True) -> tuple[str, dict[str, Any]]:
        """A query or a mutation with its variables."""
        chance = self.chance
        is_mutation = with_mutations and chance.random() < 0.3
        root = self.schema.mutation_type if is_mutation else self.schema.query_type
        assert root is not None
        body = self._selections(root, self.depth)
        declared = f"({', '.join(self._declared)})" if self._declared else ""
        word = "mutation" if is_mutation else "query"
        return f"{word} Q{declared} {body} {' '.join(self._fragments)}", self.variables

    def _selections(self, kind: Any, depth: int) -> str:
        chance = self.chance
        parts = []
        if is_abstract_type(kind):
            members = list(self.schema.get_possible_types(kind))
            for member in chance.sample(members, min(len(members), 3)):
                parts.append(f"... on {member.name} {self._selections(member, depth)}")
        fields = [
            name
            for name, field in getattr(kind, "fields", {}).items()
            if name not in self.without and (depth > 0 or is_leaf_type(get_named_type(field.type)))
        ]
        for name in chance.sample(fields, min(len(fields), chance.randint(1, 4))):
            parts.append(self._field(kind, name, depth))
        if not parts or chance.random() < 0.3:
            parts.insert(chance.randint(0, len(parts)), "__typename")
        chance.shuffle(parts)
        text = f"{{ {' '.join(parts)} }}"
        if isinstance(kind, GraphQLObjectType) and chance.random() < 0.15:
            name = f"F{len(self._fragments)}"
            self._fragments.append(f"fragment {name} on {kind.name} {text}")
            return f"{{ ...{name} {'__typename' if chance.random() < 0.5 else ''} }}"
        return text

    def _field(self, kind: Any, name: str, depth: int) -> str:
        chance, field = self.chance, kind.fields[name]
        alias = f"a{chance.randint(0, 999)}: " if chance.random() < 0.1 else ""
        given = []
        for each, argument in field.args.items():
            if is_required_argument(argument) or chance.random() < 0.4 or each == "first":
                given.append(f"{each}: {self._argument(each, argument.type)}")
        arguments = f"({', '.join(given)})" if given else ""
        inner = get_named_type(field.type)
        below = "" if is_leaf_type(inner) else f" {self._selections(inner, depth - 1)}"
        return f"{alias}{name}{arguments}{below}"

    def _argument(self, name: str, kind: GraphQLInputType) -> str:
        if name == "first":
            return str(self.chance.randint(1, 3))
        value = self._value(kind, 3)
        if self.chance.random() < 0.4:
            variable = f"v{len(self.variables)}"
            self._declared.append(f"${variable}: {kind}")
            if value is not None or self.chance.random() < 0.5 or isinstance(kind, GraphQLNonNull):
                self.variables[variable] = value
            else:
                self.variables[f"{variable}x"] = None  # an unknown one does not matter
            return f"${variable}"
        return _literal(kind, value)

    def _value(self, kind: Any, depth: int) -> Any:
        chance = self.chance
        if isinstance(kind, GraphQLNonNull):
            return self._value_of(kind.of_type, depth)
        return None if chance.random() < 0.2 else self._value_of(kind, depth)

    def _value_of(self, kind: Any, depth: int) -> Any:
        chance = self.chance
        if isinstance(kind, GraphQLList):
            return [self._value(kind.of_type, depth - 1) for _ in range(chance.randint(0, 2))]
        if isinstance(kind, GraphQLInputObjectType):
            return {
                name: self._value(field.type, depth - 1)
                for name, field in kind.fields.items()
                if is_required_input_field(field) or (depth > 0 and chance.random() < 0.4)
            }
        if isinstance(kind, GraphQLEnumType):
            return chance.choice(list(kind.values))
        return chance.choice(self.leaves[kind.name])


def _literal(kind: Any, value: Any) -> str:
    """The value as a document writes it."""
    if isinstance(kind, GraphQLNonNull):
        return _literal(kind.of_type, value)
    if value is None:
        return "null"
    if isinstance(kind, GraphQLList):
        return f"[{', '.join(_literal(kind.of_type, each) for each in value)}]"
    if isinstance(kind, GraphQLInputObjectType):
        parts = (f"{name}: {_literal(kind.fields[name].type, part)}" for name, part in value.items())
        return f"{{{', '.join(parts)}}}"
    if isinstance(kind, GraphQLEnumType):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else f'"{value}"'
