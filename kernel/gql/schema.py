"""The schema of one set of add-ons: its parts are checked, put together and built once; here it is also
executed.

Who may serve it over a wire is not decided here.
"""

from __future__ import annotations

import copy
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    execute,
    lexicographic_sort_schema,
)
from graphql.execution.collect_fields import FieldDetails
from strawberry.exceptions import MissingQueryError
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.execution import ExecutionContext, ExecutionResult, PreExecutionError
from strawberry.types.field import StrawberryField
from strawberry.types.graphql import OperationType

from kernel import metrics
from kernel.addons.registry import Registry
from kernel.errors import Fault
from kernel.gql.attributes import quicken
from kernel.gql.broadcast import Broadcasts
from kernel.gql.composition import Parts, compose
from kernel.gql.context import GqlContext
from kernel.gql.documents import DocumentStore, Prepared, operation_name_missing
from kernel.gql.errors import outcome_of, present
from kernel.gql.inputs import prepare_inputs
from kernel.gql.limits import DEFAULT_LIMITS, Limits
from kernel.gql.node import Node, node_types
from kernel.gql.plan import Run
from kernel.gql.refusals import RefusalHandler, Refused
from kernel.gql.scalars import SCALARS

ANY_OPERATION = frozenset(OperationType)


class KernelExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes plain attributes without info, and each event of a subscription with loaders of its own, so
    that an event never sees what an earlier one loaded.
    """

    def build_resolve_info(self, field_def: GraphQLField, *args: Any, **kwargs: Any) -> Any:
        """The info of a field; nobody reads that of a plain leaf."""
        schema: KernelSchema = self.schema._strawberry_schema  # type: ignore[attr-defined]
        if field_def.resolve in schema.attributes.resolvers:
            return None
        return super().build_resolve_info(field_def, *args, **kwargs)

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: list[FieldDetails],
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """The value of one field: a plain attribute at once, unless it is not as it should be."""
        schema: KernelSchema = self.schema._strawberry_schema  # type: ignore[attr-defined]
        leaf = schema.attributes.leaves.get((parent_type.name, field_details_list[0].node.name.value))
        if leaf is not None:
            try:
                value = leaf.read(source)
                if value is None and not leaf.is_required:
                    return None
                if not self.is_awaitable(value):
                    written = leaf.write.call(value)
                    if written is not None and written is not Undefined:
                        return written
            except Exception:  # noqa: BLE001 -- graphql-core reads it again and says what is wrong
                pass
        return super().execute_field(parent_type, source, field_details_list, *args, **kwargs)

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
        self.attributes = quicken(self.core)
        self.documents = DocumentStore(self, limits)
        self.broadcasts = Broadcasts()
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

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Run a query or mutation as the caller of the context.

        As Strawberry's, without its extensions, of which we have none: half of the time of a small operation.
        Raises CannotGetOperationTypeError for an unknown name and InvalidOperationTypeError for a kind that
        is not allowed.
        """
        if not query:
            raise MissingQueryError
        prepared = self.documents.prepare(query)
        errors = self._faults(
            prepared, operation_name, allowed_operation_types or ANY_OPERATION, variable_values, context_value
        )
        if errors:
            return PreExecutionError(data=None, errors=present(errors, context_value))
        operation = prepared.operation(operation_name)
        plan = operation.plan if operation is not None else None
        values = plan.variables.read(variable_values or {}) if plan is not None else None
        if plan is None or values is None:
            return await self.execute_unplanned(
                prepared, variable_values, context_value, root_value, operation_name, operation_extensions
            )
        run = Run(
            plan,
            context_value,
            values,
            given=variable_values,
            root=root_value,
            extensions=operation_extensions,
        )
        data = await plan.execute(run)
        failed = run.errors
        return ExecutionResult(data=data, errors=present(failed, context_value) if failed else None)

    async def execute_unplanned(
        self,
        prepared: Prepared,
        variable_values: dict[str, Any] | None,
        context_value: Any,
        root_value: Any = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """The same by graphql-core alone: what no plan understands, and mistakes in variables."""
        assert prepared.document is not None
        result = execute(
            self._schema,
            prepared.document,
            root_value,
            context_value,
            variable_values,
            operation_name,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
            executor_class=self.execution_context_class,
            operation_extensions=operation_extensions,
        )
        if isawaitable(result):
            result = await result
        return ExecutionResult(
            data=result.data, errors=present(result.errors, context_value) if result.errors else None
        )

    def executor(
        self,
        document: DocumentNode,
        context: GqlContext,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        *,
        root: object = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> KernelExecutor:
        """graphql-core's executor of one operation whose variables are known to be right."""
        made = KernelExecutor.build(
            self._schema,
            document,
            root,
            context,
            dict(variables or {}),
            operation_name,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
            operation_extensions=extensions,
        )
        if isinstance(made, list):
            raise Fault(f"variables that a plan has read are wrong: {made[0].message}")
        assert isinstance(made, KernelExecutor)
        return made

    async def stream(self, query: str | None, *args: Any, **kwargs: Any) -> Any:
        """Operations of one connection share a caller, never what was loaded for one of them."""
        kwargs["context_value"] = kwargs["context_value"].fresh()
        return await super().stream(query, *args, **kwargs)

    async def _prepare_operation_async(
        self, context: ExecutionContext, extensions_runner: SchemaExtensionsRunner
    ) -> PreExecutionError | None:
        """For streams: parse, validate and measure through the store."""
        if not context.query:
            raise MissingQueryError
        prepared = self.documents.prepare(context.query)
        context.graphql_document = prepared.document
        name = context._provided_operation_name
        errors = self._faults(prepared, name, context.allowed_operations, context.variables, context.context)
        return PreExecutionError(data=None, errors=errors) if errors else None

    def _faults(
        self,
        prepared: Prepared,
        name: str | None,
        allowed: Iterable[OperationType],
        variables: Mapping[str, object] | None,
        context: GqlContext,
    ) -> list[GraphQLError]:
        """Why the operation will not be run: mistakes in the document, no such operation, its cost."""
        if prepared.errors:
            return list(prepared.errors)
        if name is None and len(prepared.operations) > 1:
            return [operation_name_missing()]
        operation = prepared.operation(name)
        if operation is None:
            raise CannotGetOperationTypeError(name)
        context.operation = operation.kind.value
        if operation.kind not in allowed:
            raise InvalidOperationTypeError(operation.kind)
        costly = self.documents.cost_error(operation, variables)
        return [costly] if costly else []

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
        metrics.count_event(context.context.operation, outcome_of(shown.errors))
        return shown


def build_schema(registry: Registry, *, limits: Limits = DEFAULT_LIMITS) -> KernelSchema:
    """The schema of a frozen registry.

    Raises SchemaError listing every fault of the parts: names that clash, root fields without a rule, wrong
    contributions.
    """
    return KernelSchema(compose(registry), limits=limits)
