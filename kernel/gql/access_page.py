"""The page docs/access.md: permissions of each role, and for each root field who may ask for it.

Made of the installed add-ons alone; tests/access asks every field as everybody and compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kernel.addons.entries import Owned
from kernel.addons.registry import Registry
from kernel.gql.composition import KERNEL, definition_of, root_fields
from kernel.gql.node import KernelQuery
from kernel.gql.permissions import rights_of
from kernel.gql.schema import KernelSchema
from kernel.security.roles import access_page as roles_page
from kernel.security.roles import columns_of

NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A root field. permissions: all are needed; none: anybody may ask."""

    kind: str
    name: str
    owner: str
    permissions: tuple[str, ...]


def field_rows(registry: Registry) -> list[FieldRow]:
    """Every root field of the composed schema, by kind and name."""
    roots: dict[str, tuple[Owned[type], ...]] = {
        "Query": (Owned(KERNEL, KernelQuery), *registry.queries),
        "Mutation": registry.mutations,
        "Subscription": registry.subscriptions,
    }
    rows = []
    for kind, owned in roots.items():
        for owner, field, name in root_fields(owned):
            permissions = tuple(each for each in rights_of(field) or () if each is not None)
            rows.append(FieldRow(kind, name, owner, permissions))
    return sorted(rows, key=lambda row: (row.kind, row.name))


def guarded_fields(schema: KernelSchema) -> Iterator[tuple[str, str]]:
    """("Type.field", permission) of fields below the roots that ask for more than their object does."""
    for kind in schema.python_types():
        definition = definition_of(kind)
        if definition.name in ("Query", "Mutation", "Subscription"):
            continue
        for field in schema.get_fields(definition):
            for permission in rights_of(field) or ():
                if permission is not None:
                    yield f"{definition.name}.{field.graphql_name or field.python_name}", permission


def access_page(registry: Registry, schema: KernelSchema) -> str:
    """The whole page."""
    columns = columns_of(registry.roles)
    lines = [
        "",
        "## Who may ask for what",
        "",
        "Every root field of the composed schema; `+`: the caller is not turned away at the door. What a",
        "caller sees behind it is only ever its own company's, and of limited callers only their registers.",
        "`tests/access` asks each field as each caller and compares, so a field without a row fails.",
        "",
        f"| field | add-on | {NOBODY} | " + " | ".join(columns) + " |",
        "|---|---|:-:|" + ":-:|" * len(columns),
    ]
    for row in field_rows(registry):
        held = [set(row.permissions) <= registry.roles[role] for role in columns]
        marks = " | ".join("+" if each else " " for each in (not row.permissions, *held))
        lines.append(f"| `{row.kind}.{row.name}` | {row.owner} | {marks} |")
    lines += [
        "",
        "## Fields that ask for more than their object",
        "",
        "| field | permission |",
        "|---|---|",
    ]
    lines += [f"| `{name}` | `{permission}` |" for name, permission in sorted(set(guarded_fields(schema)))]
    return roles_page(registry.roles) + "\n".join(lines) + "\n"
