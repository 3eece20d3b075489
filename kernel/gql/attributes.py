"""Plain attributes of objects, read without ceremony: most values of an answer are such, and cost is by
value.

Strawberry reads an attribute through three calls and graphql-core first builds the info of the field; neither
is of use to a field without resolver. What is measured by bench/graphql_list.py.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

Resolve = Callable[..., Any]


def quicken(schema: GraphQLSchema) -> frozenset[Resolve]:
    """Give fields without resolver a direct one; those of leaf types, which need no info, are returned."""
    leaves = []
    for each in schema.type_map.values():
        if not isinstance(each, GraphQLObjectType) or each.name.startswith("__"):
            continue
        for field in each.fields.values():
            definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            if isinstance(definition, StrawberryField) and definition.is_basic_field and not field.subscribe:
                field.resolve = read = _reader(definition.python_name)
                if is_leaf_type(get_named_type(field.type)):
                    leaves.append(read)
    return frozenset(leaves)


def _reader(name: str) -> Resolve:
    get = attrgetter(name)

    def read(source: Any, info: object) -> Any:
        return get(source)

    return read
