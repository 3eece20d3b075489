"""Plain attributes of objects, read without ceremony: most values of an answer are such, and cost is by
value.

Strawberry reads an attribute through three calls and graphql-core first builds the info of the field; neither
is of use to a field without resolver. What is measured by bench/graphql_list.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLID,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryContainer
from strawberry.types.field import StrawberryField

Resolve = Callable[..., Any]


class Write(NamedTuple):
    """How a leaf value leaves. Values of the class `plain` are surely not awaitable; None: nobody knows."""

    plain: type | None
    call: Callable[[Any], Any]  # gives None or Undefined for what graphql-core would not accept
    is_same: bool  # a plain value leaves as it is


class Leaf(NamedTuple):
    """A single scalar or enum value behind an attribute."""

    read: Callable[[Any], Any]
    write: Write
    is_required: bool


class Attributes(NamedTuple):
    """Resolvers of leaf values, which need no info; and single leaves by (name of the type, of the field)."""

    resolvers: frozenset[Resolve]
    leaves: Mapping[tuple[str, str], Leaf]


def quicken(schema: GraphQLSchema) -> Attributes:
    """Give fields without resolver a direct one, and find those whose value can be read at once."""
    resolvers: list[Resolve] = []
    leaves: dict[tuple[str, str], Leaf] = {}
    for each in schema.type_map.values():
        if not isinstance(each, GraphQLObjectType) or each.name.startswith("__"):
            continue
        for name, field in each.fields.items():
            definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            if isinstance(definition, StrawberryField) and definition.is_basic_field and not field.subscribe:
                field.resolve = resolve = _reader(definition.python_name)
                if is_leaf_type(get_named_type(field.type)):
                    resolvers.append(resolve)
                single = get_nullable_type(field.type)
                if is_leaf_type(single):
                    is_required = single is not field.type
                    read = attrgetter(definition.python_name)
                    leaves[each.name, name] = Leaf(read, writing(single, definition.type), is_required)
    return Attributes(frozenset(resolvers), leaves)


def writing(leaf: GraphQLLeafType, declared: Any) -> Write:
    """How values of a leaf type are written; declared is what Strawberry calls the type, or a list of it."""
    while isinstance(declared, StrawberryContainer):
        declared = declared.of_type
    if isinstance(leaf, GraphQLEnumType):
        members = leaf.wrapped_cls  # type: ignore[attr-defined]  # Strawberry makes all enums
        return Write(members, {each: leaf.coerce_output_value(each) for each in members}.__getitem__, False)
    if leaf is GraphQLString or leaf is GraphQLID:
        return Write(str, leaf.coerce_output_value, True)
    plain = declared if isinstance(declared, type) else None
    return Write(plain, leaf.coerce_output_value, False)


def _reader(name: str) -> Resolve:
    get = attrgetter(name)

    def read(source: Any, info: object) -> Any:
        return get(source)

    return read
