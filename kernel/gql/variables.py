"""Variables of a document read by functions made once per document. Only values that are right are read here.

graphql-core coerces variables by walking the types anew for every value of every request. The plan walks them
once; whatever it does not understand, and every mistake, is left to graphql-core, which explains mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    is_leaf_type,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.utilities.coerce_input_value import coerce_default_value

Read = Callable[[Any], Any]


class _Unfit(Exception):
    """The value, or the type, is graphql-core's business."""


class VariablesPlan:
    """How the variables of a document's only operation are read."""

    def __init__(
        self, operation: OperationDefinitionNode, variables: list[tuple[GraphQLVariableSignature, Read]]
    ) -> None:
        self.operation = operation
        self._variables = variables

    @classmethod
    def of(cls, schema: GraphQLSchema, document: DocumentNode) -> VariablesPlan | None:
        """The plan of a valid document; None for one with fragments, several operations or unusual types."""
        (operation, *more) = document.definitions
        if more or not isinstance(operation, OperationDefinitionNode):
            return None
        variables: list[tuple[GraphQLVariableSignature, Read]] = []
        for node in operation.variable_definitions or ():
            signature = get_variable_signature(schema, node)
            if isinstance(signature, GraphQLError):
                return None
            try:
                variables.append((signature, _reader(signature.type, ())))
            except _Unfit:
                return None
        return cls(operation, variables)

    def read(self, given: Mapping[str, Any]) -> VariableValues | None:
        """The coerced values, or None when graphql-core should look at them."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature, read in self._variables:
            name = signature.name
            value = given.get(name, Undefined)
            sources[name] = VariableValueSource(signature, value)
            if value is Undefined:
                if signature.default is not None or isinstance(signature.type, GraphQLNonNull):
                    return None
                continue
            try:
                coerced[name] = read(value)
            except _Unfit:
                return None
        return VariableValues(sources, coerced)


def _reader(kind: GraphQLInputType, above: tuple[GraphQLInputType, ...]) -> Read:
    """A function from JSON value to coerced value. Raises _Unfit for types that hold themselves."""
    if isinstance(kind, GraphQLNonNull):
        return _not_null(_nullable(kind.of_type, above))
    inner = _nullable(kind, above)
    return lambda value: None if value is None else inner(value)


def _nullable(kind: GraphQLInputType, above: tuple[GraphQLInputType, ...]) -> Read:
    """The same for values that are not null."""
    if isinstance(kind, GraphQLList):
        return _list(_reader(kind.of_type, above))
    if isinstance(kind, GraphQLInputObjectType):
        if kind.is_one_of or kind in above:
            raise _Unfit
        return _object(kind, (*above, kind))
    if not is_leaf_type(kind):
        raise _Unfit
    return _leaf(kind.coerce_input_value)


def _not_null(inner: Read) -> Read:
    def read(value: Any) -> Any:
        if value is None:
            raise _Unfit
        return inner(value)

    return read


def _leaf(coerce: Read) -> Read:
    def read(value: Any) -> Any:
        try:
            return coerce(value)
        except Exception as error:  # whatever a scalar raises, graphql-core shows it
            raise _Unfit from error

    return read


def _list(inner: Read) -> Read:
    def read(value: Any) -> Any:
        if type(value) is not list:
            raise _Unfit
        return [inner(each) for each in value]

    return read


def _object(kind: GraphQLInputObjectType, above: tuple[GraphQLInputType, ...]) -> Read:
    readers: dict[str, tuple[str, Read]] = {}
    defaults: dict[str, Any] = {}
    required = []
    for name, field in kind.fields.items():
        out_name = field.out_name or name
        readers[name] = (out_name, _reader(field.type, above))
        if is_required_input_field(field):
            required.append(out_name)
        else:
            default = coerce_default_value(field)
            if default is not Undefined:
                defaults[out_name] = default
    finish = kind.out_type

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise _Unfit
        found = defaults.copy()
        for name, part in value.items():
            reader = readers.get(name)
            if reader is None:
                raise _Unfit
            found[reader[0]] = reader[1](part)
        for name in required:
            if name not in found:
                raise _Unfit
        return finish(found)

    return read
