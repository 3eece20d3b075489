"""Puts the GraphQL parts of all add-ons together and refuses what does not fit, naming every owner at fault.

Strawberry lets the last of two equal GraphQL names win without a word, shows fields contributed to inputs but
drops their values, and knows nothing of our rights: hence the checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import strawberry
from strawberry.schema.name_converter import NameConverter
from strawberry.tools import merge_types
from strawberry.types.base import StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.field import StrawberryField

from kernel.addons.entries import Contribution, Owned
from kernel.addons.registry import Registry
from kernel.errors import SetupFault
from kernel.gql.node import KernelQuery
from kernel.gql.permissions import rights_of

KERNEL = "kernel"

_names = NameConverter()


class SchemaError(SetupFault):
    """The parts do not make a schema; the message lists every problem found."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Checked parts of one schema."""

    query: type
    mutation: type | None
    subscription: type | None
    open_types: tuple[type, ...]
    contributed: Mapping[str, Sequence[StrawberryField]]


def compose(registry: Registry) -> Parts:
    """The parts of a registry. Raises SchemaError."""
    roots: dict[str, Sequence[Owned[type]]] = {
        "Query": (Owned(KERNEL, KernelQuery), *registry.queries),
        "Mutation": registry.mutations,
        "Subscription": registry.subscriptions,
    }
    problems = [
        problem
        for name, owned in roots.items()
        for problem in (*_clashes(name, owned), *_unguarded(name, owned, registry.permissions))
    ]
    contributed: dict[str, list[StrawberryField]] = {}
    for each in registry.contributions:
        target = registry.open_types.get(each.type_name)
        if target is None:
            problems.append(f"{each.owner}: type {each.type_name} is not open to contributions")
            continue
        field = _field_of(each)
        problems += _contribution_problems(each, field, target)
        contributed.setdefault(each.type_name, []).append(field)
    if problems:
        raise SchemaError(problems)
    query = _merged("Query", roots["Query"])
    assert query is not None, "the kernel has a query root of its own"
    return Parts(
        query=query,
        mutation=_merged("Mutation", registry.mutations),
        subscription=_merged("Subscription", registry.subscriptions),
        open_types=tuple(each.thing for each in registry.open_types.values()),
        contributed=contributed,
    )


_ROOT_DESCRIPTIONS = {
    "Query": "What can be read.",
    "Mutation": "What can be done. Each mutation answers with its result or with `Refused`.",
    "Subscription": "What can be followed over graphql-transport-ws.",
}


def _merged(name: str, owned: Sequence[Owned[type]]) -> type | None:
    """One root type out of those of all add-ons."""
    if not owned:
        return None
    merged = merge_types(name, tuple(each.thing for each in owned))
    definition_of(merged).description = _ROOT_DESCRIPTIONS[name]
    return merged


def definition_of(graphql_type: type) -> StrawberryObjectDefinition:
    """What Strawberry knows about a type."""
    definition: StrawberryObjectDefinition = getattr(graphql_type, "__strawberry_definition__")  # noqa: B009
    return definition


def root_fields(owned: Iterable[Owned[type]]) -> Iterator[tuple[str, StrawberryField, str]]:
    """Owner, field and GraphQL name of every root field."""
    for each in owned:
        for field in definition_of(each.thing).fields:
            yield each.owner, field, _names.get_graphql_name(field)


def _clashes(root: str, owned: Sequence[Owned[type]]) -> Iterator[str]:
    """Two root fields with one GraphQL name, or with one Python name (the merged class has room for one)."""
    by_graphql: dict[str, list[str]] = {}
    by_python: dict[str, list[str]] = {}
    for owner, field, name in root_fields(owned):
        by_graphql.setdefault(name, []).append(owner)
        by_python.setdefault(field.python_name, []).append(owner)
    for name, owners in by_graphql.items():
        if len(owners) > 1:
            yield f"{root}.{name} is brought by {' and by '.join(owners)}"
    for name, owners in by_python.items():
        if len(owners) > 1 and _names.apply_naming_config(name) not in by_graphql:
            yield f"{root}: the Python name {name} is used by {' and by '.join(owners)}"


def _unguarded(root: str, owned: Sequence[Owned[type]], declared: Mapping[str, str]) -> Iterator[str]:
    """Root fields that say nothing about rights, or ask for a permission no manifest declares."""
    for owner, field, name in root_fields(owned):
        rights = rights_of(field)
        if rights is None:
            yield f"{owner}: {root}.{name} carries neither Requires(…) nor Public"
        for permission in rights or ():
            if permission is not None and permission not in declared:
                yield f"{owner}: {root}.{name} requires {permission}, which no manifest declares"


def _field_of(contribution: Contribution) -> StrawberryField:
    """The contributed field under its add-on's short; a plain resolver function will do too."""
    field = contribution.field
    if not isinstance(field, StrawberryField):
        resolver: Callable[..., object] = field
        field = strawberry.field(
            resolver=resolver, description=(resolver.__doc__ or "").strip().partition("\n")[0]
        )
    assert isinstance(field, StrawberryField)
    field.python_name = contribution.field_name
    field.graphql_name = contribution.field_name
    return field


def _contribution_problems(
    contribution: Contribution, field: StrawberryField, target: Owned[type]
) -> Iterator[str]:
    place = f"{contribution.owner}: field {contribution.field_name} on {contribution.type_name}"
    definition = definition_of(target.thing)
    if definition.is_input:
        yield f"{place}: nothing can be contributed to an input, its value would be dropped in silence"
    if definition.is_interface:
        yield f"{place}: nothing can be contributed to an interface, name the types that implement it"
    if not isinstance(field.type, StrawberryOptional):
        yield f"{place}: a contributed field is nullable, or one silent add-on takes the whole object away"
    if contribution.field_name in {_names.get_graphql_name(each) for each in definition.fields}:
        yield f"{place}: {target.owner} has a field of that name"
