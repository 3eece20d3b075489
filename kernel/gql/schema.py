"""The schema of one set of add-ons: its parts are checked, put together and built once; here it is also
executed.

Who may serve it over a wire is not decided here.
"""

from __future__ import annotations

import copy
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLSchema, lexicographic_sort_schema
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.execution import ExecutionContext, ExecutionResult, PreExecutionError
from strawberry.types.field import StrawberryField

from kernel.addons.registry import Registry
from kernel.gql.attributes import quicken
from kernel.gql.composition import Parts, compose
from kernel.gql.context import GqlContext
from kernel.gql.documents import DocumentStore, operation_name_missing
from kernel.gql.errors import present
from kernel.gql.inputs import prepare_inputs
from kernel.gql.limits import DEFAULT_LIMITS, Limits
from kernel.gql.node import Node, node_types
from kernel.gql.refusals import RefusalHandler, Refused
from kernel.gql.scalars import SCALARS


class KernelExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes plain attributes without info, and each event of a subscription with loaders of its own, so
    that an event never sees what an earlier one loaded.
    """

    def build_resolve_info(self, field_def: GraphQLField, *args: Any, **kwargs: Any) -> Any:
        """The info of a field; nobody reads that of a plain leaf."""
        schema: KernelSchema = self.schema._strawberry_schema  # type: ignore[attr-defined]
        if field_def.resolve in schema.leaves:
            return None
        return super().build_resolve_info(field_def, *args, **kwargs)

    def build_per_event_executor(self, payload: Any) -> Any:
        """The executor of one event: the fields below the event's root."""
        executor = super().build_per_event_executor(payload)
        executor.context_value = executor.context_value.fresh()
        return executor

    def cancellable_iterable(self, iterable: AsyncIterable[Any]) -> Any:
        """The source of events: what its own resolver loaded for one event is forgotten before the next."""
        return super().cancellable_iterable(_forgetting(iterable, self.context_value))


async def _forgetting(events: AsyncIterable[Any], context: GqlContext) -> AsyncIterator[Any]:
    source = aiter(events)
    try:
        while True:
            context.forget()
            try:
                event = await anext(source)
            except StopAsyncIteration:
                return
            yield event
    finally:
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()


class KernelSchema(strawberry.Schema):
    """Strawberry's schema with contributed fields, our document store, our limits and our errors."""

    def __init__(self, parts: Parts, *, limits: Limits = DEFAULT_LIMITS) -> None:
        self._contributed: Mapping[str, Sequence[StrawberryField]] = parts.contributed
        super().__init__(
            query=parts.query,
            mutation=parts.mutation,
            subscription=parts.subscription,
            types=[Refused, *parts.open_types],
            config=StrawberryConfig(scalar_map=SCALARS),
            exception_handlers=[RefusalHandler()],
            execution_context_class=KernelExecutor,
        )
        prepare_inputs(self._definitions(), self.config.name_converter, self.schema_converter.scalar_registry)
        self.leaves = quicken(self.core)
        self.documents = DocumentStore(self.core, limits)
        self.node_types: dict[str, type[Node]] = node_types(self.python_types())

    @property
    def core(self) -> GraphQLSchema:
        """The graphql-core schema beneath."""
        return self._schema

    def python_types(self) -> list[type]:
        """Classes of all object types of the schema."""
        return [each.origin for each in self._definitions()]

    def _definitions(self) -> list[StrawberryObjectDefinition]:
        definitions = (each.definition for each in self.schema_converter.type_map.values())
        return [each for each in definitions if isinstance(each, StrawberryObjectDefinition)]

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Fields of the owner, then those other add-ons contributed."""
        added = self._contributed.get(type_definition.name, ())
        return [*type_definition.fields, *added]

    def as_str(self) -> str:
        """The schema as text, sorted so that the order in which add-ons register never shows.

        Only the text is sorted: executing a sorted copy breaks every union, whose members are found by
        identity.
        """
        shown = copy.copy(self)
        shown._schema = lexicographic_sort_schema(self._schema)
        return f"{print_schema(shown)}\n"

    def _get_middleware_manager(self, extensions: list[SchemaExtension]) -> Any:
        """None: no extension of ours wraps resolvers, and an empty manager costs at every field."""
        return None

    def process_errors(self, errors: list[Any], execution_context: ExecutionContext | None = None) -> None:
        """Nothing here: `_handle_execution_result` presents and logs each error exactly once."""

    async def stream(self, query: str | None, *args: Any, **kwargs: Any) -> Any:
        """Operations of one connection share a caller, never what was loaded for one of them."""
        kwargs["context_value"] = kwargs["context_value"].fresh()
        return await super().stream(query, *args, **kwargs)

    async def _prepare_operation_async(
        self, context: ExecutionContext, extensions_runner: SchemaExtensionsRunner
    ) -> PreExecutionError | None:
        """Parse, validate and measure through the store, not through extensions run for each request."""
        if not context.query:
            return await super()._prepare_operation_async(context, extensions_runner)
        prepared = self.documents.prepare(context.query)
        if prepared.document is None:
            return PreExecutionError(data=None, errors=list(prepared.errors))
        context.graphql_document = prepared.document
        try:
            operation_type = context.operation_type
        except RuntimeError as error:
            raise CannotGetOperationTypeError(context.operation_name) from error
        if context._provided_operation_name is None and len(prepared.operations) > 1:
            return PreExecutionError(data=None, errors=[operation_name_missing()])
        context.context.operation = operation_type.value
        if operation_type not in context.allowed_operations:
            raise InvalidOperationTypeError(operation_type)
        if prepared.errors:
            return PreExecutionError(data=None, errors=list(prepared.errors))
        costly = self.documents.cost_error(prepared, context.operation_name, context.variables)
        return PreExecutionError(data=None, errors=[costly]) if costly else None

    async def _handle_execution_result(
        self,
        context: ExecutionContext,
        result: Any,
        extensions_runner: SchemaExtensionsRunner,
        *,
        skip_process_errors: bool = False,
    ) -> ExecutionResult:
        """Present the errors of every result: of queries, mutations and each event of a subscription."""
        shown = await super()._handle_execution_result(
            context, result, extensions_runner, skip_process_errors=skip_process_errors
        )
        if shown.errors:
            shown.errors = present(shown.errors, context.context)
        return shown


def build_schema(registry: Registry, *, limits: Limits = DEFAULT_LIMITS) -> KernelSchema:
    """The schema of a frozen registry.

    Raises SchemaError listing every fault of the parts: names that clash, root fields without a rule, wrong
    contributions.
    """
    return KernelSchema(compose(registry), limits=limits)
