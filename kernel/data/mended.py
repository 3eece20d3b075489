"""Operations of migrations where Tortoise's own would fail on an installation that lives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.migrations.operations import AddField, Operation, RemoveConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State

from kernel.errors import Fault, SetupFault

_UNIQUE = re.compile(r',\s*CONSTRAINT "\w+" UNIQUE \(([^)]*)\)')
_OF_TABLE = "sqlite_autoindex_"  # indexes that are part of their table, and not to be dropped without it


def mended(key: str, operation: Operation) -> Operation:
    """The operation of that migration file as it has to run. Raises SetupFault as `_filling`."""
    if isinstance(operation, AddField):
        return _filling(key, operation)
    if isinstance(operation, RemoveConstraint):
        return _Unbinding(operation.model_name, operation.name, operation.fields)
    return operation


def _filling(key: str, operation: AddField) -> AddField:
    """A new column, whose default rows that are here already get too. Tortoise leaves it to new rows: SQLite
    then refuses the column, MariaDB puts a zero into it. Raises SetupFault where there is none.
    """
    field: Any = copy(operation.field)
    if field.null or field.has_db_default():
        return operation
    if field.default is None or callable(field.default):
        raise SetupFault([f"{key}: rows need a default of {operation.name}"])
    field.db_default = field.default
    filling = copy(operation)
    filling.field = field
    return filling


class _Unbinding(RemoveConstraint):
    """Takes a UNIQUE out of a table with rows. SQLite has no statement for it: the table is written anew, in
    the transaction of its migration. A run that was killed right behind it finds nothing more to do.
    """

    async def database_forward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        """Raises Fault for a table that says its UNIQUE in a way of its own."""
        constraint = self._resolve_constraint(old_state.models[app_label, self.model_name])
        if state_editor is None or not isinstance(constraint, UniqueConstraint):
            return await super().database_forward(app_label, old_state, new_state, state_editor)
        model = old_state.apps.get_model(f"{app_label}.{self.model_name}")
        table = model._meta.db_table
        columns = [model._meta.fields_db_projection[name] for name in constraint.fields]
        names = await _unique_names(state_editor.client, table, columns)
        if any(name.startswith(_OF_TABLE) for name in names):
            await _write_anew(state_editor.client, table, columns)
        elif names:
            await super().database_forward(app_label, old_state, new_state, state_editor)


async def _unique_names(client: BaseDBAsyncClient, table: str, columns: Sequence[str]) -> list[str]:
    """Unique indexes of the table on exactly those columns."""
    listed = f"""SELECT l.name AS name, i.name AS col FROM pragma_index_list('{table}') l
JOIN pragma_index_info(l.name) i WHERE l."unique" = 1 ORDER BY l.name, i.seqno"""
    if client.capabilities.dialect == "mysql":
        listed = f"""SELECT index_name AS name, column_name AS col FROM information_schema.statistics
WHERE table_schema = DATABASE() AND table_name = '{table}' AND non_unique = 0
ORDER BY index_name, seq_in_index"""
    found: dict[str, list[str]] = {}
    for row in await client.execute_query_dict(listed):
        found.setdefault(row["name"], []).append(row["col"])
    return [name for name, its in found.items() if its == list(columns)]


async def _write_anew(client: BaseDBAsyncClient, table: str, columns: Sequence[str]) -> None:
    """The same table of SQLite without its UNIQUE on those columns."""
    listed = await client.execute_query_dict(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL", [table]
    )
    (made,) = [row["sql"] for row in listed if row["type"] == "table"]
    quoted = ", ".join(f'"{column}"' for column in columns)
    found = [each for each in _UNIQUE.finditer(made) if each[1] == quoted]
    if len(found) != 1:
        raise Fault(f"no UNIQUE ({quoted}) is found in the text of table {table}")
    text = made[: found[0].start()] + made[found[0].end() :]
    statements = [
        text.replace(f'"{table}"', f'"new__{table}"', 1),
        f"INSERT INTO new__{table} SELECT * FROM {table}",
        f"DROP TABLE {table}",
        f"ALTER TABLE new__{table} RENAME TO {table}",
        *(row["sql"] for row in listed if row["type"] == "index"),
    ]
    for statement in statements:
        await client.execute_query(statement)
