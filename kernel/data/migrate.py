"""Runs the migrations of the kernel and every add-on, always all together and only forwards.

Tortoise's own commands are not used: they skip files, without a word, when one add-on's migrations lean on
another's.
"""

from __future__ import annotations

import hashlib
import importlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext, get_current_context
from tortoise.migrations.executor import MigrationExecutor, PlanStep
from tortoise.migrations.operations import AddField, CreateModel
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps

from kernel.clock import Clock, SystemClock, to_ms
from kernel.data.database import CONNECTION, DatabaseUrl
from kernel.data.literals import whole
from kernel.data.locks import file_lock, named_lock
from kernel.data.mended import mended
from kernel.data.revisions import EVERYBODY, RAISE
from kernel.data.statements import percent_style
from kernel.errors import SetupFault

LOCK_NAME = "sauda-migrate"
KERNEL_APP = "kernel"
KERNEL_MIGRATIONS = "kernel.data.migrations"

Progress = Callable[[str], None]


class MigrationAltered(SetupFault):
    """A file that was applied is not the same any more."""


@dataclass(frozen=True, slots=True)
class TableSet:
    """Tables of the kernel or of one add-on: where the models and the migration files are."""

    label: str
    models: tuple[str, ...]
    migrations: str  # dotted package


def tortoise_apps(apps: Sequence[TableSet]) -> dict[str, dict[str, Any]]:
    """The `apps` part of a Tortoise configuration, in dependency order."""
    return {
        app.label: {
            "models": list(app.models),
            "migrations": app.migrations,
            "default_connection": CONNECTION,
        }
        for app in apps
    }


def file_digests(app: TableSet) -> dict[str, str]:
    """SHA-256 of each migration file by key "<label>.<file>"."""
    package = importlib.import_module(app.migrations)
    return {
        f"{app.label}.{path.stem}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(Path(package.__path__[0]).glob("[0-9]*.py"))
    }


async def migrate(
    url: str, apps: Sequence[TableSet], *, clock: Clock | None = None, progress: Progress | None = None
) -> list[str]:
    """Bring the database up to date; keys of the files applied now.

    Raises MigrationAltered when an applied file changed, Unavailable("MIGRATION_LOCKED") when another process
    migrates for too long.
    """
    target = DatabaseUrl.parse(url)
    if target.dialect == "sqlite":
        _prepare_file(target.path)
    async with _Migrating(target, apps) as context:
        client = context.connections.get(CONNECTION)
        async with _exclusive(target, client):
            return await _migrate_locked(client, apps, clock or SystemClock(), progress)


async def pending(url: str, apps: Sequence[TableSet]) -> list[str]:
    """Keys of files that are not applied yet; nothing is changed."""
    target = DatabaseUrl.parse(url)
    if target.dialect == "sqlite" and not _exists(target.path):
        return [key for app in apps for key in file_digests(app)]
    async with _Migrating(target, apps) as context:
        executor = MigrationExecutor(context.connections.get(CONNECTION), tortoise_apps(apps))
        return [f"{step.migration.app_label}.{step.migration.name}" for step in await executor.plan()]


class _Before:
    """How the models were before an operation; classes are made of them only when it looks at them."""

    def __init__(self, state: State) -> None:
        self.models: dict[tuple[str, str], ModelState] = {
            key: model.clone() for key, model in state.models.items()
        }
        self._now = state.apps

    @cached_property
    def apps(self) -> StateApps:
        """As `State.clone` makes them."""
        return self._now.clone(model_states=self.models)


class _Frugal(State):
    """Tortoise copies the classes of all models before each operation; most never look at the copy, and it
    took three quarters of a first start.
    """

    def clone(self) -> State:
        return cast(State, _Before(self))


class _Classes(StateApps):
    """Classes of models that make no queries: operations read their fields only."""

    def _build_initial_querysets(self) -> None:
        """Nothing; Tortoise prepares all models again for each operation."""


class _Executor(MigrationExecutor):
    async def _project_state(self, *args: Any, **kwargs: Any) -> State:
        state = await super()._project_state(*args, **kwargs)
        state.apps.__class__ = _Classes
        return _Frugal(state.models, state.apps)

    def _migration_plan(self, *args: Any, **kwargs: Any) -> list[PlanStep]:
        plan = super()._migration_plan(*args, **kwargs)
        for migration in (step.migration for step in plan):
            key = f"{migration.app_label}.{migration.name}"
            migration.operations = [mended(key, each) for each in migration.operations]
        return plan


class _Migrating:
    """A Tortoise context of its own, with the stock clients that can run scripts."""

    def __init__(self, target: DatabaseUrl, apps: Sequence[TableSet]) -> None:
        engine = target.tortoise(is_stock=True, pool_max=3)
        self._config = {
            "connections": {CONNECTION: engine},
            "apps": tortoise_apps(apps),
            "use_tz": True,
            "timezone": "UTC",
        }
        self._context = TortoiseContext()

    async def __aenter__(self) -> TortoiseContext:
        context = await self._context.__aenter__()
        await context.init(config=self._config)
        return context

    async def __aexit__(self, *error: Any) -> None:
        await self._context.__aexit__(*error)


def _exists(path: str) -> bool:
    return Path(path).exists()


def _prepare_file(path: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _exclusive(target: DatabaseUrl, client: BaseDBAsyncClient) -> AbstractAsyncContextManager[None]:
    if target.dialect == "sqlite":
        return file_lock(Path(f"{target.path}.migrate-lock"))
    return named_lock(client, LOCK_NAME)


async def _migrate_locked(
    client: BaseDBAsyncClient, apps: Sequence[TableSet], clock: Clock, progress: Progress | None
) -> list[str]:
    executor = _Executor(client, tortoise_apps(apps))
    plan = await executor.plan()
    todo = [f"{step.migration.app_label}.{step.migration.name}" for step in plan]
    digests = {key: digest for app in apps for key, digest in file_digests(app).items()}
    _check_unaltered(digests, await _known_digests(client))
    if not plan:
        return []

    def report(event: str, label: str, name: str) -> None:
        if progress is not None and event == "apply_done":
            progress(f"{label}.{name}")

    await _drop_left_tables(client, plan)
    await _drop_left_columns(client, plan)
    # Processes that run meanwhile may keep answers that these files change.
    is_revised = client.capabilities.dialect == "mysql" and "kernel_revision" in await _table_names(client)
    await executor.migrate(direction="forward", progress=report)
    if is_revised:
        await client.execute_query(whole(RAISE, (EVERYBODY,)))
    known = await _known_digests(client)
    await _remember(client, {key: digest for key, digest in digests.items() if key not in known}, clock)
    return todo


async def _drop_left_tables(client: BaseDBAsyncClient, plan: Sequence[PlanStep]) -> None:
    """Drop the empty table a run left behind when it was killed between making it and noting its file: no
    dialect does both in one transaction. Raises SetupFault when such a table has rows: it is not ours.
    """
    made = [each for step in plan for each in step.migration.operations if isinstance(each, CreateModel)]
    found = await _table_names(client)
    for table in (each.model._meta.db_table for each in reversed(made)):
        if table not in found:
            continue
        if await client.execute_query_dict(f"SELECT 1 AS one FROM {table} LIMIT 1"):
            raise SetupFault([f"table {table} is here with rows, but the migration that makes it never ran"])
        await client.execute_script(f"DROP TABLE {table}")


async def _drop_left_columns(client: BaseDBAsyncClient, plan: Sequence[PlanStep]) -> None:
    """The same for a column: nobody has written into it yet. Raises SetupFault when its rows differ."""
    loaded = get_current_context()
    assert loaded is not None
    assert loaded.apps is not None
    for step in plan:
        models = loaded.apps[step.migration.app_label]
        for added in step.migration.operations:
            if not isinstance(added, AddField) or added.model_name not in models:
                continue
            meta = models[added.model_name]._meta
            table, column = meta.db_table, meta.fields_db_projection.get(added.name, added.name)
            if column not in await _column_names(client, table):
                continue
            values = f"SELECT {column} FROM {table} GROUP BY {column} LIMIT 2"
            if len(await client.execute_query_dict(values)) > 1:
                raise SetupFault([f"column {table}.{column} is in use, but its migration never ran"])
            await client.execute_script(f"ALTER TABLE {table} DROP COLUMN {column}")


async def _column_names(client: BaseDBAsyncClient, table: str) -> frozenset[str]:
    listed = f"SELECT name FROM pragma_table_info('{table}')"
    if client.capabilities.dialect == "mysql":
        listed = (
            "SELECT column_name AS name FROM information_schema.columns "
            f"WHERE table_schema = DATABASE() AND table_name = '{table}'"
        )
    return frozenset(row["name"] for row in await client.execute_query_dict(listed))


async def _table_names(client: BaseDBAsyncClient) -> frozenset[str]:
    listed = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if client.capabilities.dialect == "mysql":
        listed = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()"
    return frozenset(row["name"] for row in await client.execute_query_dict(listed))


def _check_unaltered(now: Mapping[str, str], applied: Mapping[str, str]) -> None:
    altered = [key for key, digest in applied.items() if key in now and now[key] != digest]
    if altered:
        raise MigrationAltered([f"applied migration files were altered: {', '.join(sorted(altered))}"])


async def _known_digests(client: BaseDBAsyncClient) -> dict[str, str]:
    if "kernel_migration" not in await _table_names(client):
        return {}
    rows = await client.execute_query_dict("SELECT file_key, digest FROM kernel_migration")
    return {row["file_key"]: row["digest"] for row in rows}


async def _remember(client: BaseDBAsyncClient, digests: Mapping[str, str], clock: Clock) -> None:
    sql = "INSERT INTO kernel_migration (file_key, digest, at_ms) VALUES (?, ?, ?)"
    if client.capabilities.dialect == "mysql":
        sql = percent_style(sql)
    for key, digest in digests.items():
        await client.execute_insert(sql, [key, digest, to_ms(clock.now())])
