"""Variables of an operation read in one pass: from JSON to the Python values resolvers are given.

graphql-core coerces variables by walking their types anew for every value of every request, and Strawberry
then walks the result once more to build its input objects. Here both walks are made once per operation and
become functions. Only values that are right are read: whatever is unusual, and every mistake, is left to
graphql-core, which explains mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import fields, is_dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    Undefined,
    is_leaf_type,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.utilities.coerce_input_value import coerce_default_value
from strawberry.schema.schema_converter import GraphQLCoreConverter

from kernel.gql.inputs import InputBuilder

Read = Callable[[Any], Any]
# Makes a Python value anew for each request: lists and input objects may be changed by whoever gets one.
Make = Callable[[], Any]


GENERATED = "<string>"  # where dataclasses say their own methods come from


class Unfit(Exception):
    """The value, or the type, is graphql-core's business."""


class VariablesPlan:
    """How the variables of one operation are read."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        """Raises Unfit for unusual types."""
        self._variables: list[tuple[str, Read, bool, Make | None]] = []
        self.mutable: set[str] = set()  # variables whose values are lists or input objects
        for node in operation.variable_definitions or ():
            signature = get_variable_signature(schema, node)
            if isinstance(signature, GraphQLError):
                raise Unfit
            default = coerce_default_value(signature)
            make = None if default is Undefined else maker(signature.type, default)
            is_required = isinstance(signature.type, GraphQLNonNull) and make is None
            self._variables.append((signature.name, _reader(signature.type, ()), is_required, make))
            if not is_leaf_type(_nullable(signature.type)):
                self.mutable.add(signature.name)

    def read(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """The values by name without those left out, or None when graphql-core should look at them."""
        found: dict[str, Any] = {}
        try:
            for name, read, is_required, make in self._variables:
                if name in given:
                    found[name] = read(given[name])
                elif make is not None:
                    found[name] = make()
                elif is_required:
                    return None
        except Exception:  # noqa: BLE001 -- whatever a scalar or an input raises, graphql-core shows it
            return None
        return found


def maker(kind: GraphQLInputType, coerced: Any) -> Make:
    """Makes the Python value of one that graphql-core has coerced: a default, or what a document says itself.

    Raises Unfit for unusual types.
    """
    if coerced is None:
        return lambda: None
    convert = _converter(kind, ())
    return lambda: convert(coerced)


def _nullable(kind: GraphQLInputType) -> Any:
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind


def _converter(kind: GraphQLInputType, above: tuple[GraphQLInputType, ...]) -> Read:
    """From graphql-core's coerced value that is not null to Python's."""
    kind = _nullable(kind)
    if isinstance(kind, GraphQLList):
        inner = _converter(kind.of_type, above)
        return lambda value: [None if each is None else inner(each) for each in value]
    if isinstance(kind, GraphQLInputObjectType):
        _reader(kind, above)  # everything below is everyday
        origin, builder = _builder(kind)
        return lambda value: builder(origin, value, None)
    return lambda value: value


def _builder(kind: GraphQLInputObjectType) -> tuple[type, InputBuilder]:
    definition = kind.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    builder = getattr(definition, "from_input", None)
    if not isinstance(builder, InputBuilder) or not builder.is_everyday:
        raise Unfit
    return definition.origin, builder  # type: ignore[union-attr]


def _reader(kind: GraphQLInputType, above: tuple[GraphQLInputType, ...]) -> Read:
    """From JSON to the Python value. Raises Unfit for types that hold themselves, which need a bound."""
    if isinstance(kind, GraphQLNonNull):
        return _not_null(_reader_of_nullable(kind.of_type, above))
    inner = _reader_of_nullable(kind, above)
    return lambda value: None if value is None else inner(value)


def _reader_of_nullable(kind: GraphQLInputType, above: tuple[GraphQLInputType, ...]) -> Read:
    """The same for values that are not null."""
    if isinstance(kind, GraphQLList):
        return _list(_reader(kind.of_type, above))
    if isinstance(kind, GraphQLInputObjectType):
        if kind.is_one_of or kind in above:
            raise Unfit
        return _object(kind, (*above, kind))
    if kind is GraphQLString or kind is GraphQLID:
        return _text(kind.coerce_input_value)
    if isinstance(kind, GraphQLEnumType):
        return {name: kind.coerce_input_value(name) for name in kind.values}.__getitem__
    if not is_leaf_type(kind):
        raise Unfit
    read: Read = kind.coerce_input_value
    return read


def _not_null(inner: Read) -> Read:
    def read(value: Any) -> Any:
        if value is None:
            raise Unfit
        return inner(value)

    return read


def _text(coerce: Read) -> Read:
    return lambda value: value if type(value) is str else coerce(value)


def _list(inner: Read) -> Read:
    def read(value: Any) -> Any:
        if type(value) is not list:
            raise Unfit
        return [inner(each) for each in value]

    return read


def _object(kind: GraphQLInputObjectType, above: tuple[GraphQLInputType, ...]) -> Read:
    origin, builder = _builder(kind)
    readers: dict[str, tuple[str, Read]] = {}
    absent: dict[str, Any] = dict(builder.absent)
    made: dict[str, Make] = {}
    required = []
    for name, field in kind.fields.items():
        python_name, convert = builder.fields[name]
        readers[name] = (python_name, _reader(field.type, above))
        if is_required_input_field(field):
            required.append(name)
            continue
        default = coerce_default_value(field)
        if default is Undefined:
            continue
        if convert is None or default is None:
            absent[python_name] = default
        else:
            made[python_name] = list if default == [] else maker(field.type, default)
    known = {*absent, *made, *(builder.fields[name][0] for name in required)}
    build = plain_builder(origin, known) or (lambda fields: origin(**fields))

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise Unfit
        for name in required:
            if name not in value:
                raise Unfit
        found = absent.copy()
        for name, part in value.items():
            python_name, read_part = readers[name]
            found[python_name] = read_part(part)
        for python_name, make in made.items():
            if python_name not in found:
                found[python_name] = make()
        return build(found)

    return read


def plain_builder(origin: type, known: Set[str]) -> Callable[[dict[str, Any]], Any] | None:
    """Makes an object of its fields without calling `__init__`, which costs more than reading them all.

    None when `__init__` does more than to set the known fields.
    """
    is_plain = (
        is_dataclass(origin)
        and origin.__init__.__code__.co_filename == GENERATED
        and not hasattr(origin, "__post_init__")
        and not hasattr(origin, "__slots__")
        and origin.__setattr__ is object.__setattr__
        and {each.name for each in fields(origin)} == known
    )
    if not is_plain:
        return None

    def build(found: dict[str, Any]) -> Any:
        made: Any = new(origin)
        made.__dict__ = found
        return made

    new = object.__new__
    return build
