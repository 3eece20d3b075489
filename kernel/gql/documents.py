"""Documents made ready once: parsed, validated, measured, kept in a bounded store. Execution does not belong
here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from graphql import (
    DocumentNode,
    GraphQLError,
    IntValueNode,
    MaxIntrospectionDepthRule,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types.graphql import OperationType

from kernel.gql.limits import Cost, CostMeter, Limits, check_shape, evaluate, mistake
from kernel.gql.plan import Plan
from kernel.gql.variables import Unfit

if TYPE_CHECKING:
    from kernel.gql.schema import KernelSchema

DOCUMENTS_MAX = 512  # kept documents
KEPT_TEXT_MAX = (
    16_384  # characters; a longer text is prepared anew each time, so the store stays within some megabytes
)
ERRORS_MAX = 20  # reported for one document

# Made once: a fresh rule class per request would make every validation a first one.
RULES = (*specified_rules, MaxIntrospectionDepthRule, MaybeNullValidationRule, OneOfInputValidationRule)


@dataclass(frozen=True, slots=True)
class Measured:
    """One operation of a document: its kind, its cost, the default values its page sizes have, and its plan.

    plan: None for an operation that graphql-core executes by itself.
    """

    kind: OperationType
    cost: Cost | None
    defaults: Mapping[str, int]
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to execute, or the errors that forbid it. document is None when the text does not
    parse.
    """

    document: DocumentNode | None
    errors: Sequence[GraphQLError] = ()
    operations: Mapping[str | None, Measured] = field(default_factory=dict)

    def operation(self, name: str | None) -> Measured | None:
        """The operation of that name; without a name the only one."""
        if name is None:
            return next(iter(self.operations.values()), None)
        return self.operations.get(name)


class DocumentStore:
    """The documents of one schema in this process; the least recently used make room."""

    def __init__(self, schema: KernelSchema, limits: Limits) -> None:
        self.limits = limits
        self.hits = 0
        self.misses = 0
        self._house = schema
        self._schema = schema.core
        self._kept: OrderedDict[str, Prepared] = OrderedDict()
        self._by_digest: OrderedDict[str, str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def prepare(self, text: str) -> Prepared:
        """The document of that text. Mistakes are found anew each time, so a flood of them does not empty the
        store.
        """
        found = self._kept.get(text)
        if found is not None:
            self.hits += 1
            self._kept.move_to_end(text)
            return found
        self.misses += 1
        made = self._make(text)
        if not made.errors and len(text) <= KEPT_TEXT_MAX:
            self._kept[text] = made
            if len(self._kept) > DOCUMENTS_MAX:
                self._kept.popitem(last=False)
        return made

    def cost_error(self, operation: Measured, variables: Mapping[str, object] | None) -> GraphQLError | None:
        """An error when the operation costs more than the limit for these variables."""
        if operation.cost is None:
            return mistake("QUERY_TOO_COSTLY", "The cost of the operation depends on too many variables.")
        given = {**operation.defaults, **variables} if variables else operation.defaults
        cost = evaluate(operation.cost, given)
        if cost <= self.limits.cost_max:
            return None
        return mistake(
            "QUERY_TOO_COSTLY",
            f"The operation costs {cost}; the limit is {self.limits.cost_max}. Ask for shorter pages.",
        )

    def remember(self, text: str) -> str:
        """Let the text be asked for by its digest from now on; the digest. Only for documents without
        mistakes.
        """
        digest = sha256(text.encode()).hexdigest()
        self._by_digest[digest] = text
        self._by_digest.move_to_end(digest)
        if len(self._by_digest) > DOCUMENTS_MAX:
            self._by_digest.popitem(last=False)
        return digest

    def by_digest(self, digest: str) -> str | None:
        """The remembered text of a digest."""
        return self._by_digest.get(digest)

    def _make(self, text: str) -> Prepared:
        try:
            document = parse(text, max_tokens=self.limits.tokens_max)
        except GraphQLError as error:
            return Prepared(None, [_parse_mistake(error)])
        errors = check_shape(document, self.limits)
        if not errors:
            errors = [
                _validation_mistake(each)
                for each in validate(self._schema, document, RULES, max_errors=ERRORS_MAX)
            ]
        if errors:
            return Prepared(document, errors)
        return Prepared(document, operations=self._measure(document))

    def _measure(self, document: DocumentNode) -> dict[str | None, Measured]:
        meter = CostMeter(self._schema, document)
        return {
            each.name.value if each.name else None: Measured(
                OperationType(each.operation.value),
                meter.cost(each),
                _default_sizes(each),
                self._plan(document, each),
            )
            for each in document.definitions
            if isinstance(each, OperationDefinitionNode)
        }

    def _plan(self, document: DocumentNode, operation: OperationDefinitionNode) -> Plan | None:
        if operation.operation.value == OperationType.SUBSCRIPTION.value:
            return None
        try:
            return Plan(self._house, document, operation)
        except Unfit:
            return None


def operation_name_missing() -> GraphQLError:
    """Which of several operations is meant must be said; Strawberry alone would run the first."""
    return mistake("BAD_USER_INPUT", "The document has several operations: say operationName.")


def _default_sizes(operation: OperationDefinitionNode) -> dict[str, int]:
    return {
        each.variable.name.value: int(each.default_value.value[:9])
        for each in operation.variable_definitions or ()
        if isinstance(each.default_value, IntValueNode)
    }


# The parser of graphql-core tells its limits apart by words alone.
_PARSER_LIMITS = (
    ("tokens. Parsing aborted", "DOCUMENT_TOO_LARGE"),
    ("nested too deeply", "DOCUMENT_TOO_DEEP"),
)


def _parse_mistake(error: GraphQLError) -> GraphQLError:
    code = "GRAPHQL_PARSE_FAILED"
    for words, special in _PARSER_LIMITS:
        if words in error.message:
            code = special
    error.extensions = {"code": code}
    return error


def _validation_mistake(error: GraphQLError) -> GraphQLError:
    if "code" not in (error.extensions or {}):
        error.extensions = {"code": "GRAPHQL_VALIDATION_FAILED"}
    return error
