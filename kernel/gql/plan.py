"""A document's operation made into a plan once, and executed by it ever after.

graphql-core finds out anew at every request which fields are asked for, how their arguments are read and
what their types are, and Strawberry wraps each resolver in four calls. A plan knows all that. It writes only
what is as it should be: **whatever is unusual, and every error, is given to graphql-core's executor at that
very place**, with the value already resolved, so nothing is done twice and errors are graphql-core's own. A
field the plan does not understand is executed by graphql-core with everything below it.
tests/gql/test_plan.py compares both.

Source: GraphQL specification (October 2021) §6.2 to §6.4, in the order of graphql-core's Executor.

Long because the pieces call one another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from inspect import isasyncgenfunction
from operator import attrgetter
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from graphql import (
    BREAK,
    SKIP,
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLAbstractType,
    GraphQLError,
    GraphQLField,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    Node,
    OperationDefinitionNode,
    OperationType,
    Undefined,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    VisitorAction,
    coerce_input_literal,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    visit,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, gather_with_cancel
from graphql.utilities.coerce_input_value import coerce_default_value
from strawberry import Info
from strawberry.execution import optimized_is_awaitable
from strawberry.permission import PermissionExtension
from strawberry.schema.schema_converter import GraphQLCoreConverter, field_contains_type
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE
from strawberry.types.field import StrawberryField

from kernel.errors import Refusal
from kernel.gql.attributes import Leaf, Write, writing
from kernel.gql.context import GqlContext
from kernel.gql.inputs import is_everyday
from kernel.gql.kept import Kept
from kernel.gql.permissions import RightsRule, deny, rights_of
from kernel.gql.refusals import RefusalHandler, Refused
from kernel.gql.variables import Make, Unfit, VariablesPlan, maker

if TYPE_CHECKING:
    from kernel.gql.schema import KernelExecutor, KernelSchema

PLANNED_FIELDS_MAX = 2_000  # of one operation; graphql-core executes the rest, so a kept document stays small

# Place in the answer: the place above, key or index, name of the type the key belongs to. None: the root.
Place = tuple[Any, str | int, str | None] | None
Complete = Callable[["Run", Any, Place], Any]

MISSING = object()
NO_VARIABLES = VariableValues({}, {})
NOTHING = Write(None, str, False)


class Plan:
    """How one operation of a valid document is executed."""

    def __init__(
        self, schema: KernelSchema, document: DocumentNode, operation: OperationDefinitionNode
    ) -> None:
        """Raises Unfit for a document with directives, or variables of unusual types."""
        self.schema = schema
        self.document = document
        self.operation = operation
        self.variables = VariablesPlan(schema.core, operation)
        self._uses = _uses_of_variables(document)
        self._fragments = {
            each.name.value: FragmentDetails(each, None)
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        self.room = PLANNED_FIELDS_MAX
        self._fields: _Fields | None = None

    async def execute(self, run: Run) -> dict[str, Any] | None:
        """The answer's data; errors are in the run."""
        try:
            fields = self._fields
            if fields is None:
                fields = self._fields = _Fields(self, self._root(), None)
            if self.operation.operation is OperationType.MUTATION:
                return await fields.one_by_one(run)
            data = fields.fill(run, run.root, None)
            if data.__class__ is CoroutineType:
                data = await data
            assert isinstance(data, dict)
            return data
        except GraphQLError as error:
            run.executor.collected_errors.add(error, None)
            return None

    def may_give(self, variable: str, parent: GraphQLObjectType) -> bool:
        """False for a list or an input object that more than one call of a resolver would get."""
        if variable not in self.variables.mutable:
            return True
        return self._uses[variable] == 1 and parent is self._root()

    def _root(self) -> GraphQLObjectType:
        root = self.schema.core.get_root_type(self.operation.operation)
        assert root is not None, "the document is valid"
        return root

    def collect(self, kind: GraphQLObjectType, above: _Field | None) -> dict[str, list[FieldDetails]]:
        """What is selected on a type: the fields of each name of the answer."""
        core = self.schema.core
        if above is None:
            return collect_fields(core, self._fragments, NO_VARIABLES, kind, self.operation).grouped_field_set
        return collect_subfields(
            core, self._fragments, NO_VARIABLES, self.operation, kind, above.details
        ).grouped_field_set


class Run:
    """One execution of a plan. values: the variables as Python values; given: as the client sent them."""

    __slots__ = ("_executor", "context", "extensions", "given", "plan", "root", "values")

    def __init__(
        self,
        plan: Plan,
        context: GqlContext,
        values: dict[str, Any],
        *,
        given: Mapping[str, Any] | None,
        root: object = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        self.plan = plan
        self.context = context
        self.values = values
        self.given = given
        self.root = root
        self.extensions = extensions
        self._executor: KernelExecutor | None = None

    @property
    def errors(self) -> list[GraphQLError]:
        """What went wrong so far."""
        return self._executor.collected_errors.errors if self._executor is not None else []

    @property
    def executor(self) -> KernelExecutor:
        """graphql-core's executor of this very operation, for errors and whatever is unusual."""
        if self._executor is None:
            plan = self.plan
            name = plan.operation.name
            self._executor = plan.schema.executor(
                plan.document,
                self.context,
                self.given,
                name.value if name else None,
                root=self.root,
                extensions=self.extensions,
            )
        return self._executor

    def fail(self, error: Exception, kind: GraphQLOutputType, field: _Field, place: Place) -> None:
        """Note the error of a nullable field or item. Raises GraphQLError for one that may not be null."""
        path = _path(place)
        assert path is not None
        self.executor.handle_field_error(error, kind, field.details, path)

    def complete(self, value: Any, kind: GraphQLOutputType, field: _Field, place: Place) -> Any:
        """Let graphql-core write the value, or say what is wrong with it."""
        path = _path(place)
        assert path is not None
        info = self.executor.build_resolve_info(field.core, field.nodes, field.parent, path)
        return self.executor.complete_value(kind, field.details, info, path, value, None)


class PlannedInfo(Info[GqlContext, None]):
    """Strawberry's info; graphql-core's is made when something of it is really asked for."""

    def __init__(self, run: Run, field: _Resolver, place: Place) -> None:
        self._run = run
        self._planned = field
        self._place = place
        self._field = field.definition

    @property
    def context(self) -> GqlContext:
        """As Strawberry's."""
        return self._run.context

    @property
    def schema(self) -> KernelSchema:
        """As Strawberry's."""
        return self._run.plan.schema

    @property
    def _raw_info(self) -> Any:
        planned, path = self._planned, _path(self._place)
        assert path is not None
        return self._run.executor.build_resolve_info(planned.core, planned.nodes, planned.parent, path)

    @_raw_info.setter
    def _raw_info(self, _: Any) -> None:
        raise AttributeError("made from the run")


class _Field:
    """A field of one type as selected in one place; this one is executed by graphql-core."""

    def __init__(
        self,
        parent: GraphQLObjectType,
        name: str,
        details: list[FieldDetails],
        core: GraphQLField,
    ) -> None:
        self.name = name
        self.parent = parent
        self.details = details
        self.nodes = [each.node for each in details]
        self.core = core

    def execute(self, run: Run, source: Any, above: Place) -> Any:
        """The written value, or a coroutine that gives it. Raises GraphQLError where null may not stay."""
        path = Path(_path(above), self.name, self.parent.name)
        return run.executor.execute_field(self.parent, source, self.details, path, None)


class _Attribute(_Field):
    """An attribute that is more than a single leaf."""

    def __init__(self, plan: Plan, *args: Any) -> None:
        super().__init__(*args)
        definition: StrawberryField = self.core.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
        self.definition = definition
        self.complete = _completion(plan, self, self.core.type, definition.type)
        self._read = attrgetter(definition.python_name)

    def execute(self, run: Run, source: Any, above: Place) -> Any:
        place = (above, self.name, self.parent.name)
        try:
            return self._written(run, self._read(source), place)
        except Exception as error:  # noqa: BLE001 -- of a resolver: an error of the answer
            run.fail(error, self.core.type, self, place)
            return None

    def _written(self, run: Run, value: Any, place: Place) -> Any:
        if optimized_is_awaitable(value):
            return self._awaited(run, value, place)
        completed = self.complete(run, value, place)
        if completed.__class__ is CoroutineType:
            return _guarded(run, completed, self.core.type, self, place)
        return completed

    async def _awaited(self, run: Run, value: Any, place: Place) -> Any:
        try:
            completed = self.complete(run, await value, place)
            return await completed if completed.__class__ is CoroutineType else completed
        except Exception as error:  # noqa: BLE001 -- of a resolver: an error of the answer
            run.fail(error, self.core.type, self, place)
            return None


class _Resolver(_Attribute):
    """A field with a resolver of ours, called as Strawberry would."""

    def __init__(self, plan: Plan, *args: Any) -> None:
        super().__init__(plan, *args)
        resolver = self.definition.base_resolver
        assert resolver is not None
        assert callable(resolver.wrapped_func), "see _is_everyday"
        self._call: Callable[..., Any] = resolver.wrapped_func
        self._rights = [each for each in rights_of(self.definition) or () if each is not None]
        self._has_self = resolver.self_parameter is not None
        self._source_names = tuple(
            each.name for each in (resolver.parent_parameter, resolver.root_parameter) if each is not None
        )
        self._info_name = resolver.info_parameter.name if resolver.info_parameter else None
        self._may_refuse = field_contains_type(self.definition, Refused)
        self._arguments = _Arguments(plan, self)

    def execute(self, run: Run, source: Any, above: Place) -> Any:
        if self.definition.is_async:
            return self._resolve_async(run, source, above)
        place = (above, self.name, self.parent.name)
        try:
            found = self._arguments.read(run.values)
            if found is None:
                return _Field.execute(self, run, source, above)
            try:
                value = self._resolve(run, source, place, found)
            except Refusal as refusal:
                value = self._refused(run, refusal, place)
            return self._written(run, value, place)
        except Exception as error:  # noqa: BLE001 -- of a resolver: an error of the answer
            run.fail(error, self.core.type, self, place)
            return None

    async def _resolve_async(self, run: Run, source: Any, above: Place) -> Any:
        found = self._arguments.read(run.values)
        if found is None:
            written = _Field.execute(self, run, source, above)
            return await written if optimized_is_awaitable(written) else written
        place = (above, self.name, self.parent.name)
        try:
            try:
                value = await self._resolve(run, source, place, found)
            except Refusal as refusal:
                value = self._refused(run, refusal, place)
            completed = self.complete(run, value, place)
            return await completed if completed.__class__ is CoroutineType else completed
        except Exception as error:  # noqa: BLE001 -- of a resolver: an error of the answer
            run.fail(error, self.core.type, self, place)
            return None

    def _resolve(self, run: Run, source: Any, place: Place, given: dict[str, Any]) -> Any:
        for permission in self._rights:
            deny(run.context.principal, permission)
        for name in self._source_names:
            given[name] = source
        if self._info_name is not None:
            given[self._info_name] = PlannedInfo(run, self, place)
        return self._call(source, **given) if self._has_self else self._call(**given)

    def _refused(self, run: Run, refusal: Refusal, place: Place) -> Refused:
        """The refusal as a member of the field's union; raised again where it is not one."""
        handler, info = RefusalHandler(), PlannedInfo(run, self, place)
        shown = handler.handle(refusal, field=self.definition, info=info) if self._may_refuse else None
        if shown is None:
            raise refusal
        return shown


class _Arguments:
    """How the arguments of one selected field come to be."""

    def __init__(self, plan: Plan, field: _Resolver) -> None:
        """Raises Unfit for unusual kinds."""
        self._fixed: dict[str, Any] = {}
        self._made: dict[str, Make] = {}
        self._variables: list[tuple[str, str, bool, Make | None]] = []
        nodes = {each.name.value: each.value for each in field.nodes[0].arguments or ()}
        scalars = plan.schema.schema_converter.scalar_registry
        for name, argument in field.core.args.items():
            definition = argument.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            if not isinstance(definition, StrawberryArgument) or not is_everyday(definition.type, scalars):
                raise Unfit
            python_name, kind, node = definition.python_name, argument.type, nodes.get(name)
            value = coerce_default_value(argument)
            if isinstance(node, VariableNode):
                make = None if value is Undefined else maker(kind, value)
                if not plan.may_give(node.name.value, field.parent):
                    raise Unfit
                self._variables.append((python_name, node.name.value, isinstance(kind, GraphQLNonNull), make))
                continue
            if node is not None:
                if _uses_of_variables(node):
                    raise Unfit
                value = coerce_input_literal(node, kind)
            if value is not Undefined:
                self._made[python_name] = make = maker(kind, value)
                if is_leaf_type(get_nullable_type(kind)):
                    self._fixed[python_name] = make()
                    del self._made[python_name]
            elif node is not None:
                raise Unfit

    def read(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """The resolver's arguments; None when graphql-core should look at them and say what is wrong."""
        found = self._fixed.copy()
        for python_name, make in self._made.items():
            try:
                found[python_name] = make()
            except Exception:  # noqa: BLE001 -- whatever an input raises, it will raise again
                return None
        for python_name, variable, is_required, default in self._variables:
            value = values.get(variable, MISSING)
            if value is MISSING:
                if default is not None:
                    found[python_name] = default()
                elif is_required:
                    return None
            elif value is None and is_required:
                return None
            else:
                found[python_name] = value
        return found


class _Fields:
    """The fields selected on one type."""

    def __init__(self, plan: Plan, kind: GraphQLObjectType, above: _Field | None) -> None:
        """Raises Unfit when the operation has no room for them."""
        selected = plan.collect(kind, above)
        if len(selected) > plan.room:
            raise Unfit
        plan.room -= len(selected)
        # Name; of leaf attributes also how they are read and written, and whether null is a mistake.
        self._fields: list[tuple[str, Callable[[Any], Any] | None, Write, bool, _Field]] = []
        for name, details in selected.items():
            called = details[0].node.name.value
            leaf = plan.schema.attributes.leaves.get((kind.name, called))
            if called == "__typename":
                leaf = Leaf(lambda _, written=kind.name: written, Write(str, str, True), True)  # type: ignore[misc]
            if leaf is None:
                self._fields.append((name, None, NOTHING, False, _field(plan, kind, name, details)))
            else:
                core = plan.schema.core.get_field(kind, called)
                assert core is not None, "the document is valid"
                slow = _Field(kind, name, details, core)
                self._fields.append((name, leaf.read, leaf.write, leaf.is_required, slow))

    def fill(self, run: Run, source: Any, place: Place) -> Any:
        """The object's answer, or a coroutine that gives it when some fields are still to come."""
        results: dict[str, Any] = {}
        pending: list[str] = []
        try:
            for name, read, write, is_required, field in self._fields:
                if read is not None:
                    try:
                        value = read(source)
                        if value is None and not is_required:
                            results[name] = None
                            continue
                        plain, call, is_same = write
                        if value.__class__ is plain or not optimized_is_awaitable(value):
                            written = value if is_same and value.__class__ is plain else call(value)
                            if written is not None and written is not Undefined:
                                results[name] = written
                                continue
                    except Exception:  # noqa: BLE001 -- graphql-core reads it again and says what is wrong
                        pass
                value = field.execute(run, source, place)
                results[name] = value
                if value.__class__ is CoroutineType:
                    pending.append(name)
        except Exception:
            if pending:  # what other fields began is not left in the air
                run.executor.settle_in_background([results[each] for each in pending])
            raise
        return _together(results, pending) if pending else results

    async def one_by_one(self, run: Run) -> dict[str, Any]:
        """The answer of a mutation: each field begins when the one before it has ended."""
        results: dict[str, Any] = {}
        for name, _, _, _, field in self._fields:
            value = field.execute(run, run.root, None)
            results[name] = await value if optimized_is_awaitable(value) else value
        return results


class _Leaf:
    """Writes single leaf values of resolvers and lists."""

    def __init__(self, field: _Field, kind: GraphQLOutputType, leaf: GraphQLLeafType, declared: Any) -> None:
        self._field, self._kind = field, kind
        self._is_required = isinstance(kind, GraphQLNonNull)
        self._plain, self._call, self._is_same = writing(leaf, declared)

    def complete(self, run: Run, value: Any, place: Place) -> Any:
        if value.__class__ is self._plain:
            written = value if self._is_same else self._call(value)
            if written is not None and written is not Undefined:
                return written
        elif value is None and not self._is_required:
            return None
        return run.complete(value, self._kind, self._field, place)


class _Object:
    """Writes objects of one type."""

    def __init__(self, plan: Plan, field: _Field, kind: GraphQLOutputType, shape: GraphQLObjectType) -> None:
        self._plan, self._field, self._kind, self._shape = plan, field, kind, shape
        definition = _definition_of(shape)
        self._class: type | None = None
        if definition is not None:  # objects of a generic type are of the class all its kinds share
            self._class = (definition.concrete_of or definition).origin
        self._fields: _Fields | None = None
        self._is_left = False  # to graphql-core: there was no room

    def complete(self, run: Run, value: Any, place: Place) -> Any:
        if value.__class__ is self._class and getattr(value, TYPE_CAST_ATTRIBUTE, None) is None:
            return self.fill(run, value, place)
        if value is None and self._kind is self._shape:
            return None
        return run.complete(value, self._kind, self._field, place)

    def fill(self, run: Run, value: Any, place: Place) -> Any:
        """Write an object that is surely of this type."""
        fields = self._fields
        if fields is None:
            fields = self._make()
            if fields is None:
                return run.complete(value, self._kind, self._field, place)
        return fields.fill(run, value, place)

    def _make(self) -> _Fields | None:
        if not self._is_left:
            try:
                self._fields = _Fields(self._plan, self._shape, self._field)
            except Unfit:
                self._is_left = True
        return self._fields


def _is_same(complete: Complete) -> bool:
    """Whether what it writes depends on nothing but attributes, so that it is the same for everybody."""
    writer = getattr(complete, "__self__", None)
    if isinstance(writer, _List):
        return _is_same(writer._complete)
    if isinstance(writer, _Object):
        fields = writer._fields or writer._make()
        return fields is not None and all(
            read is not None or (type(field) is _Attribute and _is_same(field.complete))
            for _, read, _, _, field in fields._fields
        )
    return isinstance(writer, _Leaf)


def _definition_of(shape: GraphQLObjectType) -> StrawberryObjectDefinition | None:
    """Strawberry's side of a type whose objects are told by their class; None for one with its own rule."""
    found = shape.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(found, StrawberryObjectDefinition) or found.is_type_of is not None:
        return None
    return found


class _Abstract:
    """Writes members of a union or an interface, told apart by their very class."""

    def __init__(
        self, plan: Plan, field: _Field, kind: GraphQLOutputType, abstract: GraphQLAbstractType
    ) -> None:
        self._plan, self._field, self._kind, self._abstract = plan, field, kind, abstract
        self._shapes: dict[type, GraphQLObjectType] = {}
        self._objects: dict[type, _Object] = {}
        definition = abstract.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if getattr(definition, "resolve_type", None) is None:
            for each in plan.schema.core.get_possible_types(abstract):
                shape = _definition_of(each)
                if shape is not None and shape.concrete_of is None:
                    self._shapes[shape.origin] = each

    def complete(self, run: Run, value: Any, place: Place) -> Any:
        kind = value.__class__
        if kind in self._shapes and getattr(value, TYPE_CAST_ATTRIBUTE, None) is None:
            found = self._objects.get(kind)
            if found is None:
                found = self._objects[kind] = _Object(self._plan, self._field, self._kind, self._shapes[kind])
            return found.fill(run, value, place)
        if value is None and self._kind is self._abstract:
            return None
        return run.complete(value, self._kind, self._field, place)


class _List:
    """Writes lists and tuples."""

    def __init__(
        self, plan: Plan, field: _Field, kind: GraphQLOutputType, item: GraphQLOutputType, declared: Any
    ) -> None:
        self._field, self._kind, self._item = field, kind, item
        self._is_required = isinstance(kind, GraphQLNonNull)
        self._complete = _completion(plan, field, item, declared)

    def complete(self, run: Run, value: Any, place: Place) -> Any:
        if value is None and not self._is_required:
            return None
        if value.__class__ is Kept:
            return self._kept(run, value, place)
        if value.__class__ is not list and value.__class__ is not tuple:
            return run.complete(value, self._kind, self._field, place)
        return self._each(run, value, place)

    def _kept(self, run: Run, value: Kept[Any], place: Place) -> Any:
        """As written before, if it was written without a mistake and is the same for everybody."""
        found = value.written(self)
        if found is None:
            mistakes = len(run.errors)
            found = self._each(run, value, place)
            if value and found.__class__ is list and len(run.errors) == mistakes and _is_same(self._complete):
                value.keep(self, found)
        return found

    def _each(self, run: Run, value: Sequence[Any], place: Place) -> Any:
        results: list[Any] = []
        pending: list[int] = []
        known: type | None = None  # the last class that is surely not awaitable
        try:
            for index, each in enumerate(value):
                here = (place, index, None)
                try:
                    if each.__class__ is not known and optimized_is_awaitable(each):
                        written = self._awaited(run, each, here)
                    else:
                        known = each.__class__
                        written = self._complete(run, each, here)
                        if written.__class__ is CoroutineType:
                            written = _guarded(run, written, self._item, self._field, here)
                except Exception as error:  # noqa: BLE001 -- of an item: an error of the answer
                    run.fail(error, self._item, self._field, here)
                    written = None
                results.append(written)
                if written.__class__ is CoroutineType:
                    pending.append(index)
        except Exception:
            later = [each for each in value[len(results) + 1 :] if optimized_is_awaitable(each)]
            if begun := [*(results[each] for each in pending), *later]:
                run.executor.settle_in_background(begun)
            raise
        return _together(results, pending) if pending else results

    async def _awaited(self, run: Run, item: Any, here: Place) -> Any:
        try:
            written = self._complete(run, await item, here)
            return await written if written.__class__ is CoroutineType else written
        except Exception as error:  # noqa: BLE001 -- of an item: an error of the answer
            run.fail(error, self._item, self._field, here)
            return None


def _completion(plan: Plan, field: _Field, kind: GraphQLOutputType, declared: Any) -> Complete:
    """How values of a type are written; declared is what Strawberry calls the type."""
    shape = get_nullable_type(kind)
    if isinstance(shape, GraphQLList):
        return _List(plan, field, kind, shape.of_type, declared).complete
    if is_leaf_type(shape):
        return _Leaf(field, kind, shape, declared).complete
    if is_abstract_type(shape):
        return _Abstract(plan, field, kind, shape).complete
    assert isinstance(shape, GraphQLObjectType), "nothing else can be an answer"
    return _Object(plan, field, kind, shape).complete


def _field(plan: Plan, parent: GraphQLObjectType, name: str, details: list[FieldDetails]) -> _Field:
    core = plan.schema.core.get_field(parent, details[0].node.name.value)
    assert core is not None, "the document is valid"
    definition = core.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if isinstance(definition, StrawberryField):
        try:
            if definition.is_basic_field:
                return _Attribute(plan, parent, name, details, core)
            if _is_everyday(definition):
                return _Resolver(plan, parent, name, details, core)
        except Unfit:
            pass
    return _Field(parent, name, details, core)


def _is_everyday(field: StrawberryField) -> bool:
    """True for a function of ours with rules of ours and nothing else around it."""
    resolver = field.base_resolver
    return (
        resolver is not None
        and callable(resolver.wrapped_func)
        and not isasyncgenfunction(resolver.wrapped_func)
        and all(type(each) is PermissionExtension and not each.fail_silently for each in field.extensions)
        and all(
            issubclass(each, RightsRule) and each.has_permission is RightsRule.has_permission
            for each in field.permission_classes
        )
    )


async def _together(results: Any, pending: list[Any]) -> Any:
    """The results with what was still to come, awaited together; the first error ends the others."""
    if len(pending) == 1:
        results[pending[0]] = await results[pending[0]]
        return results
    found = await gather_with_cancel(*(results[each] for each in pending))
    for key, value in zip(pending, found, strict=True):
        results[key] = value
    return results


async def _guarded(
    run: Run, written: Coroutine[Any, Any, Any], kind: GraphQLOutputType, field: _Field, place: Place
) -> Any:
    try:
        return await written
    except Exception as error:  # noqa: BLE001 -- of something below: an error of the answer
        run.fail(error, kind, field, place)
        return None


def _path(place: Place) -> Path | None:
    return None if place is None else Path(_path(place[0]), place[1], place[2])


class _Uses(Visitor):
    """Counts variables where they are used and looks out for directives."""

    def __init__(self) -> None:
        super().__init__()
        self.counted: Counter[str] = Counter()
        self.has_directives = False

    def enter_directive(self, node: DirectiveNode, *_: object) -> VisitorAction:
        self.has_directives = True
        return BREAK

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> VisitorAction:
        self.has_directives = self.has_directives or bool(node.directives)
        return SKIP

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.counted[node.name.value] += 1


def _uses_of_variables(node: Node) -> Counter[str]:
    """How often each variable is used below a node. Raises Unfit for directives."""
    uses = _Uses()
    visit(node, uses)
    if uses.has_directives:
        raise Unfit
    return uses.counted
