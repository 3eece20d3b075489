"""Input objects built by functions made once per type, with names and types of fields already resolved.

Strawberry's own way resolves them anew for every value of every request, which was the largest single cost of
a sale. The result is the same; whatever is not of the everyday kinds goes Strawberry's way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING
from functools import cached_property
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

# What makes a Python value of a GraphQL one that is not null; None: it is the same. The context is of use
# to unusual kinds only: everyday ones take None for it.
Convert = Callable[[Any, Any], Any]
Scalars = Mapping[object, ScalarWrapper | ScalarDefinition]


def prepare_inputs(
    definitions: Iterable[StrawberryObjectDefinition], names: NameConverter, scalars: Scalars
) -> None:
    """Give every input type its building function. Types that bring their own keep it."""
    for definition in definitions:
        if definition.is_input and not definition.is_one_of and definition.from_input is None:
            definition.from_input = InputBuilder(definition, names, scalars)


class InputBuilder:
    """`from_input` of one type; its plan is made at the first value, when all types are known.

    absent: what a field without a default is when it is left out, by Python name: None, as in Strawberry.
    """

    def __init__(
        self, definition: StrawberryObjectDefinition, names: NameConverter, scalars: Scalars
    ) -> None:
        self._definition = definition
        self._names = names
        self._scalars = scalars
        self.absent: dict[str, None] = {
            each.python_name: None
            for each in definition.fields
            if each.default_value is MISSING and each.default_factory is MISSING
        }

    @cached_property
    def fields(self) -> dict[str, tuple[str, Convert | None]]:
        """Python name and conversion of each field, by GraphQL name."""
        return {
            self._names.from_field(each): (each.python_name, converter(each.resolve_type(), self._scalars))
            for each in self._definition.fields
        }

    @cached_property
    def is_everyday(self) -> bool:
        """True when nothing in it needs a context: its values can be made before the field is resolved."""
        kinds = [each.resolve_type() for each in self._definition.fields]
        return self._definition.concrete_of is None and all(
            is_everyday(each, self._scalars) for each in kinds
        )

    def __call__(self, origin: type, value: Mapping[str, Any], context: InputContext | None) -> Any:
        """The input object."""
        fields = self.fields
        given: dict[str, Any] = dict(self.absent)
        for name, part in value.items():
            python_name, convert = fields[name]
            given[python_name] = part if convert is None or part is None else convert(part, context)
        return origin(**given)


def converter(kind: Any, scalars: Scalars) -> Convert | None:
    """How values of a Strawberry type that are not null become Python's."""
    if isinstance(kind, StrawberryOptional) and not isinstance(kind, StrawberryMaybe):
        return converter(kind.of_type, scalars)
    if isinstance(kind, StrawberryList):
        inner = converter(kind.of_type, scalars)
        return _copied if inner is None else _list_of(inner)
    if _is_leaf(kind, scalars):
        return None
    builder = _builder_of(kind)
    if builder is not None:
        return lambda value, context: builder(kind, value, context)
    return lambda value, context: context.convert(value, kind)


def is_everyday(kind: Any, scalars: Scalars) -> bool:
    """True for scalars, enums and our input objects, and for lists of them.

    Of an input object only its own kind is looked at; `InputBuilder.is_everyday` looks at its fields.
    """
    while isinstance(kind, StrawberryList | StrawberryOptional) and not isinstance(kind, StrawberryMaybe):
        kind = kind.of_type
    return _is_leaf(kind, scalars) or _builder_of(kind) is not None


def _is_leaf(kind: Any, scalars: Scalars) -> bool:
    if has_enum_definition(kind) or isinstance(kind, StrawberryEnumDefinition):
        return True
    return kind is not GlobalID and is_scalar(kind, scalars)


def _builder_of(kind: Any) -> InputBuilder | None:
    if isinstance(kind, StrawberryMaybe) or not has_object_definition(kind):
        return None
    build = kind.__strawberry_definition__.from_input
    return build if isinstance(build, InputBuilder) else None


def _copied(value: Iterable[Any], _: object) -> list[Any]:
    return list(value)  # graphql-core gives the same default list to every request


def _list_of(inner: Convert) -> Convert:
    def convert(value: Iterable[Any], context: object) -> list[Any]:
        return [None if each is None else inner(each, context) for each in value]

    return convert
