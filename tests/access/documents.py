"""Documents made of the schema alone: any field with arguments that fit its types, and everything that can be
selected below it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

VALUES = {
    "String": '"x"',
    "Int": "1",
    "Float": "1.0",
    "Boolean": "false",
    "ID": '"x"',
    "Money": '"1.00"',
    "Quantity": '"1"',
    "DateTime": '"2026-01-15T05:00:00Z"',
    "Date": '"2026-01-15"',
    "UUID": '"0b8f7a4e-6a0a-4d8e-9f64-1f6c7c2b9d11"',
}
OBJECT = " { __typename }"
FIRST = 2  # of a list


class Writer:
    """Writes documents for one schema. id_of: what to say for an ID, by the name of its argument;
    with_optional_ids: also where none must be given.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        id_of: Callable[[str], str] = lambda _: "x",
        with_optional_ids: bool = False,
    ) -> None:
        self._schema = schema
        self._id_of = id_of
        self._with_optional_ids = with_optional_ids

    def roots(self, kind: str) -> Mapping[str, GraphQLField]:
        """Fields of Query, Mutation or Subscription by name."""
        root = self._schema.get_type(kind)
        return root.fields if isinstance(root, GraphQLObjectType) else {}

    def document(self, kind: str, name: str, *, depth: int = 0) -> str:
        """A document that asks for one root field, and for everything below it down to so many objects."""
        field = self.roots(kind)[name]
        below = self._below(field.type, depth)
        return f"{kind.lower()} {{ {name}{self._arguments(field.args)}{below} }}"

    def takes_ids(self, kind: str, name: str) -> bool:
        """Whether an ID stands somewhere in the arguments."""
        return any(_has_id(each.type, set()) for each in self.roots(kind)[name].args.values())

    def _arguments(self, given: Mapping[str, GraphQLArgument]) -> str:
        written = [
            f"{name}: {FIRST if name == 'first' else self._value(argument.type, name)}"
            for name, argument in given.items()
            if name == "first" or self._is_wanted(argument)
        ]
        return f"({', '.join(written)})" if written else ""

    def _is_wanted(self, argument: GraphQLArgument | GraphQLInputField) -> bool:
        if (
            isinstance(argument.type, GraphQLNonNull)
            and argument.default_value.__class__.__name__ == "UndefinedType"
        ):
            return True
        return self._with_optional_ids and _has_id(argument.type, set())

    def _value(self, kind: GraphQLInputType, name: str) -> str:
        if isinstance(kind, GraphQLNonNull):
            return self._value(kind.of_type, name)
        if isinstance(kind, GraphQLList):
            return f"[{self._value(kind.of_type, name)}]"
        if isinstance(kind, GraphQLEnumType):
            return next(iter(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            inner = {name: each for name, each in kind.fields.items() if self._is_wanted(each)}
            if kind.is_one_of:
                inner = dict([next(iter(kind.fields.items()))])
            return f"{{{', '.join(f'{key}: {self._value(each.type, key)}' for key, each in inner.items())}}}"
        return json.dumps(self._id_of(name)) if kind.name == "ID" else VALUES[kind.name]

    def _below(self, kind: GraphQLOutputType, depth: int) -> str:
        named = get_named_type(kind)
        if is_leaf_type(named):
            return ""
        if isinstance(named, GraphQLUnionType):
            # One member alone: fields of one name may have different types in others.
            result = next(each for each in named.types if each.name != "Refused")
            refused = "... on Refused { refusal: code }"
            return (
                f" {{ __typename {refused} ... on {result.name}{self._below(result, depth)} }}"
                if depth
                else OBJECT
            )
        if isinstance(named, GraphQLInterfaceType) or not depth:
            return OBJECT
        assert isinstance(named, GraphQLObjectType)
        return f" {{ __typename {' '.join(self._selected(named, depth))} }}"

    def _selected(self, kind: GraphQLObjectType, depth: int) -> Iterator[str]:
        for name, field in kind.fields.items():
            needs = [each for each in field.args.values() if self._is_wanted(each)]
            named = get_named_type(field.type)
            if needs or (depth == 1 and not is_leaf_type(named)):
                continue
            yield f"{name}{self._arguments(field.args)}{self._below(field.type, depth - 1)}"


def _has_id(kind: GraphQLInputType, seen: set[str]) -> bool:
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        if named.name in seen:
            return False
        seen.add(named.name)
        return any(_has_id(each.type, seen) for each in named.fields.values())
    return named.name == "ID"
