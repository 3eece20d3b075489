"""Input objects built by functions made once per type, with names and types of fields already resolved.

Strawberry's own way resolves them anew for every value of every request, which was the largest single cost of
a sale. The result is the same; whatever is not of the everyday kinds goes Strawberry's way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING
from typing import Any

from strawberry.relay import GlobalID
from strawberry.scalars import is_scalar
from strawberry.schema.name_converter import NameConverter
from strawberry.types.arguments import InputContext
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.scalar import ScalarDefinition, ScalarWrapper

# What makes a Python value of a GraphQL one that is not null; None: it is the same.
Convert = Callable[[Any, InputContext], Any]
Scalars = Mapping[object, ScalarWrapper | ScalarDefinition]


def prepare_inputs(
    definitions: Iterable[StrawberryObjectDefinition], names: NameConverter, scalars: Scalars
) -> None:
    """Give every input type its building function. Types that bring their own keep it."""
    for definition in definitions:
        if definition.is_input and not definition.is_one_of and definition.from_input is None:
            definition.from_input = _Builder(definition, names, scalars)


class _Builder:
    """`from_input` of one type; its plan is made at the first value, when all types are known."""

    def __init__(
        self, definition: StrawberryObjectDefinition, names: NameConverter, scalars: Scalars
    ) -> None:
        self._definition = definition
        self._names = names
        self._scalars = scalars
        self._fields: dict[str, tuple[str, Convert | None]] | None = None
        # As Strawberry: a nullable field without a default is None when it is left out.
        self._absent: dict[str, None] = {
            each.python_name: None
            for each in definition.fields
            if each.default_value is MISSING and each.default_factory is MISSING
        }

    def __call__(self, origin: type, value: Mapping[str, Any], context: InputContext) -> Any:
        """The input object."""
        fields = self._fields
        if fields is None:
            fields = self._fields = {
                self._names.from_field(each): (each.python_name, self._convert(each.resolve_type()))
                for each in self._definition.fields
            }
        given: dict[str, Any] = dict(self._absent)
        for name, part in value.items():
            python_name, convert = fields[name]
            given[python_name] = part if convert is None or part is None else convert(part, context)
        return origin(**given)

    def _convert(self, kind: Any) -> Convert | None:
        if isinstance(kind, StrawberryOptional) and not isinstance(kind, StrawberryMaybe):
            return self._convert(kind.of_type)
        if isinstance(kind, StrawberryList):
            inner = self._convert(kind.of_type)
            if inner is None:
                return _copied  # graphql-core gives the same default list to every request
            return _list_of(inner)
        if has_enum_definition(kind) or isinstance(kind, StrawberryEnumDefinition):
            return None
        if kind is not GlobalID and is_scalar(kind, self._scalars):
            return None
        if has_object_definition(kind):
            build = kind.__strawberry_definition__.from_input
            if isinstance(build, _Builder):
                return lambda value, context: build(kind, value, context)
        return lambda value, context: context.convert(value, kind)


def _copied(value: Iterable[Any], _: InputContext) -> list[Any]:
    return list(value)


def _list_of(inner: Convert) -> Convert:
    def convert(value: Iterable[Any], context: InputContext) -> list[Any]:
        return [None if each is None else inner(each, context) for each in value]

    return convert
