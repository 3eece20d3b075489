"""How large an operation may be: tokens, depth, aliases, and a cost that multiplies lists by the size asked
for.

The limits are checked once per document; only a cost that depends on variables is evaluated again, as a small
polynomial. Fragments are measured once each, so a document that spreads them many times over cannot make the
measuring itself expensive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from kernel.gql.paging import PAGE_MAX

# Cost of a document: variables it depends on (with repetition, sorted) → how often that product counts.
Cost = Mapping[tuple[str, ...], int]

TERMS_MAX = 64  # products of variables in one cost; a document with more is refused as too costly
LIST_LENGTH_ASSUMED = 10  # a plain list without `first`: lines of a sale, barcodes of a product
CONSTANT: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one operation. cost is in values of the answer (a page of 100 objects with 8 fields costs
    about 900).
    """

    tokens_max: int = 2_000
    depth_max: int = 12
    aliases_max: int = 15
    cost_max: int = 20_000


DEFAULT_LIMITS = Limits()


def mistake(code: str, message: str) -> GraphQLError:
    """A mistake of the client's document, already carrying its code."""
    return GraphQLError(message, extensions={"code": code})


class Shape:
    """Depth and aliases of a document, before it is validated: unknown fragments and cycles are left to
    validation.
    """

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._known: dict[str, tuple[int, int]] = {}
        measured = [
            self._measure(each.selection_set)
            for each in document.definitions
            if isinstance(each, OperationDefinitionNode)
        ]
        self.depth = max((depth for depth, _ in measured), default=0)
        self.aliases = sum(aliases for _, aliases in measured)

    def _measure(self, selections: SelectionSetNode | None) -> tuple[int, int]:
        depth = aliases = 0
        for each in selections.selections if selections else ():
            if isinstance(each, FragmentSpreadNode):
                below, more = self._fragment(each.name.value)
            elif isinstance(each, FieldNode):
                aliases += each.alias is not None
                if each.name.value.startswith("__"):
                    continue  # introspection has a rule of its own
                below, more = self._measure(each.selection_set)
                below += each.selection_set is not None
            else:
                assert isinstance(each, InlineFragmentNode)
                below, more = self._measure(each.selection_set)
            depth, aliases = max(depth, below), aliases + more
        return depth, aliases

    def _fragment(self, name: str) -> tuple[int, int]:
        if name not in self._known:
            self._known[name] = (0, 0)  # what a cycle counts as; validation refuses it
            if name in self._fragments:
                self._known[name] = self._measure(self._fragments[name].selection_set)
        return self._known[name]


def check_shape(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """Errors when the document is too deep or has too many aliases."""
    shape = Shape(document)
    errors = []
    if shape.depth > limits.depth_max:
        errors.append(
            mistake(
                "DOCUMENT_TOO_DEEP",
                f"The document is {shape.depth} levels deep; the limit is {limits.depth_max}.",
            )
        )
    if shape.aliases > limits.aliases_max:
        errors.append(
            mistake(
                "TOO_MANY_ALIASES",
                f"The document has {shape.aliases} aliases; the limit is {limits.aliases_max}.",
            )
        )
    return errors


class CostMeter:
    """Costs of the operations of a valid document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._known: dict[tuple[str, str | int], Cost] = {}

    def cost(self, operation: OperationDefinitionNode) -> Cost | None:
        """Cost of an operation, or None when it has more terms than TERMS_MAX."""
        root = self._schema.get_root_type(operation.operation)
        assert root is not None, "the document is valid"
        try:
            return self._selections(operation.selection_set, root, LIST_LENGTH_ASSUMED)
        except _TooManyTerms:
            return None

    def _selections(self, selections: SelectionSetNode, parent: GraphQLNamedType, length: str | int) -> Cost:
        total: dict[tuple[str, ...], int] = {}
        for each in selections.selections:
            if isinstance(each, FieldNode):
                part = self._field(each, parent, length)
            elif isinstance(each, FragmentSpreadNode):
                part = self._fragment(each.name.value, length)
            else:
                assert isinstance(each, InlineFragmentNode)
                condition = each.type_condition
                inner = self._schema.type_map[condition.name.value] if condition else parent
                part = self._selections(each.selection_set, inner, length)
            for term, count in part.items():
                total[term] = total.get(term, 0) + count
            if len(total) > TERMS_MAX:
                raise _TooManyTerms
        return total

    def _fragment(self, name: str, length: str | int) -> Cost:
        key = (name, length)
        if key not in self._known:
            fragment = self._fragments[name]
            parent = self._schema.type_map[fragment.type_condition.name.value]
            self._known[key] = self._selections(fragment.selection_set, parent, length)
        return self._known[key]

    def _field(self, node: FieldNode, parent: GraphQLNamedType, length: str | int) -> Cost:
        """One for the field itself plus its children, as many times as the list is long; length is what the
        nearest
        `first` or `last` above promises to the lists of its connection."""
        name = node.name.value
        if name.startswith("__"):
            return {}
        field = getattr(parent, "fields", {})[name]
        asked = _asked_length(node)
        own: Cost = {CONSTANT: 1}
        if node.selection_set is not None and is_composite_type(inner := get_named_type(field.type)):
            children = self._selections(node.selection_set, inner, asked or LIST_LENGTH_ASSUMED)
            own = _sum(own, children)
        return _times(own, length) if _is_list(field.type) else own


class _TooManyTerms(Exception):
    """The cost depends on more products of variables than we keep."""


def _is_list(field_type: object) -> bool:
    inner = field_type.of_type if isinstance(field_type, GraphQLNonNull) else field_type
    return isinstance(inner, GraphQLList)


def _asked_length(node: FieldNode) -> str | int | None:
    """Value of `first` or `last`: a number, or "$name" of a variable."""
    for argument in node.arguments or ():
        if argument.name.value in ("first", "last"):
            if isinstance(argument.value, IntValueNode):
                return _clamped(int(argument.value.value[:9]))
            if isinstance(argument.value, VariableNode):
                return argument.value.name.value
    return None


def _sum(one: Cost, other: Cost) -> Cost:
    total = dict(one)
    for term, count in other.items():
        total[term] = total.get(term, 0) + count
    return total


def _times(cost: Cost, length: str | int) -> Cost:
    if isinstance(length, int):
        return {term: count * length for term, count in cost.items()}
    return {tuple(sorted((*term, length))): count for term, count in cost.items()}


def _clamped(value: object) -> int:
    """A page size as the resolver would take it; anything it would refuse counts as the largest."""
    return value if isinstance(value, int) and 1 <= value <= PAGE_MAX else PAGE_MAX


def evaluate(cost: Cost, variables: Mapping[str, object]) -> int:
    """The cost for these variables; a variable that is missing or no page size counts as the largest page."""
    total = 0
    for term, count in cost.items():
        for name in term:
            count *= _clamped(variables.get(name))
        total += count
    return total
