"""Migrations give the tables the models describe, run once under a lock, and notice an altered file."""

from __future__ import annotations

import asyncio
import importlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import pytest
import pytest_asyncio
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.operations import AddField, RemoveConstraint

from kernel.addons.loader import load_addons
from kernel.app import model_modules, table_sets
from kernel.data import migrate as migrating
from kernel.data.database import DatabaseUrl
from kernel.data.mended import _write_anew
from kernel.data.migrate import MigrationAltered, TableSet, migrate, pending
from kernel.errors import Fault, SetupFault
from kernel.testing.schema import create_tables, mysql_database, sqlite_url

KERNEL_ONLY, WHOLE = load_addons([]), load_addons()


def sqlite_shape(url: str) -> dict[str, object]:
    """Columns and indexes of every table, without the names of indexes."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = [name for (name,) in listed]
        shape: dict[str, object] = {}
        for table in tables:
            if table.startswith(("sqlite_", "tortoise_")):
                continue
            columns = sorted(row[1:] for row in connection.execute(f"PRAGMA table_info({table})"))
            columns = [(name, kind, required, key) for name, kind, required, _default, key in columns]
            indexes = sorted(
                (unique, [column for *_, column in connection.execute(f"PRAGMA index_info({name!r})")])
                for _, name, unique, *_ in connection.execute(f"PRAGMA index_list({table})")
            )
            shape[table] = (columns, indexes)
        return shape


@contextmanager
def mysql_cursor(url: str) -> Iterator[pymysql.cursors.Cursor]:
    target = DatabaseUrl.parse(url)
    with (
        pymysql.connect(
            host=target.host,
            port=target.port,
            user=target.user,
            password=target.password,
            database=target.path,
        ) as connection,
        connection.cursor() as cursor,
    ):
        yield cursor


def mysql_shape(url: str) -> list[tuple[object, ...]]:
    with mysql_cursor(url) as cursor:
        cursor.execute(
            "SELECT table_name, column_name, column_type, is_nullable, column_key "
            "FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND table_name NOT LIKE 'tortoise%' ORDER BY 1, 2"
        )
        return list(cursor.fetchall())


@dataclass(frozen=True)
class Upgraded:
    """A database that was brought from nothing to today; added: (table, column, what its rows get). freed:
    (table that lost a UNIQUE, its rows before).
    """

    url: str
    added: list[tuple[str, str, object]]
    freed: list[tuple[str, list[tuple[object, ...]]]]


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("mysql", marks=pytest.mark.mariadb)],
)
async def upgraded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Upgraded]:
    """All migrations of the house. Every table that is ever given a column has a row at that moment, as in an
    installation that lives.
    """
    added: list[tuple[str, str, object]] = []
    freed: list[tuple[str, list[tuple[object, ...]]]] = []
    async with AsyncExitStack() as stack:
        url = sqlite_url(tmp_path_factory.mktemp("upgraded"))
        if request.param == "mysql":
            url = await stack.enter_async_context(mysql_database())
        emit = migrating._Executor._emit

        def fill(progress: object, event: str, key: MigrationKey) -> None:
            if event == "apply_start":
                added.extend(_before_columns(url, key))
                freed.extend(_before_freedom(url, key))
            emit(progress, event, key)  # type: ignore[arg-type]

        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(migrating._Executor, "_emit", staticmethod(fill))
        await migrate(url, table_sets(WHOLE))
        yield Upgraded(url, added, freed)


async def test_migrations_give_what_the_models_describe(upgraded: Upgraded, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        shape, generated = sqlite_shape, sqlite_url(tmp_path)
        if not upgraded.url.startswith("sqlite"):
            shape, generated = mysql_shape, await stack.enter_async_context(mysql_database())
        await create_tables(generated, model_modules(WHOLE))

        assert shape(upgraded.url) == shape(generated)
    assert await pending(upgraded.url, table_sets(WHOLE)) == []


async def test_a_database_with_rows_is_upgraded_and_old_rows_get_the_default(upgraded: Upgraded) -> None:
    assert len(upgraded.added) > 20
    for table, column, default in upgraded.added:
        assert _values(upgraded.url, table, column) == {default}, (table, column)


async def test_a_table_that_loses_a_unique_keeps_its_rows_and_indexes(upgraded: Upgraded) -> None:
    ((table, rows),) = upgraded.freed
    assert (table, len(rows)) == ("fkz_document", 1)
    assert _rows(upgraded.url, "fkz_document") == rows
    if upgraded.url.startswith("sqlite"):  # where the table was written anew
        with closing(sqlite3.connect(upgraded.url.removeprefix("sqlite:///"))) as connection:
            indexes = "SELECT name, \"unique\", origin FROM pragma_index_list('fkz_document')"
            listed = connection.execute(indexes).fetchall()
            assert sorted(listed) == [
                ("fkz_document_client", 0, "c"),
                ("fkz_document_queue", 0, "c"),
                ("fkz_document_subject", 0, "c"),
                ("sqlite_autoindex_fkz_document_1", 1, "pk"),
            ]


@pytest.mark.mariadb
@pytest.mark.filterwarnings("ignore:Table 'tortoise_migrations' already exists")
async def test_a_run_killed_after_a_unique_is_taken_up_again_on_mariadb() -> None:
    async with mysql_database() as url:
        await migrate(url, table_sets(WHOLE))
        with mysql_cursor(url) as cursor:
            cursor.execute("DELETE FROM tortoise_migrations WHERE app = 'fiscal_kz' AND name >= '0016'")
            cursor.execute("DROP INDEX fkz_document_client ON fkz_document")  # of the file behind it
            cursor.connection.commit()

        applied = await migrate(url, table_sets(WHOLE))
        assert applied[0] == "fiscal_kz.0016_removeconstraint_fiscaldocument_none"


async def test_a_unique_in_words_of_its_own_is_not_guessed_at() -> None:
    class Client:
        async def execute_query_dict(self, *_: object) -> list[dict[str, str]]:
            return [{"type": "table", "sql": "CREATE TABLE toy (a INT, b INT, unique(a, b))"}]

    with pytest.raises(Fault, match="no UNIQUE"):
        await _write_anew(Client(), "toy", ["a", "b"])  # type: ignore[arg-type]


def _before_freedom(url: str, key: MigrationKey) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    """Put a row into each table from which the migration takes a UNIQUE; the table and its rows."""
    for operation in _operations(key):
        if isinstance(operation, RemoveConstraint):
            table = _table_of(key.app_label, operation.model_name)
            _one_row(url, table)
            yield table, _rows(url, table)


def _rows(url: str, table: str) -> list[tuple[object, ...]]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return connection.execute(f"SELECT * FROM {table}").fetchall()
    with mysql_cursor(url) as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        return list(cursor.fetchall())


def _operations(key: MigrationKey) -> list[Any]:
    apps = {each.label: each for each in table_sets(WHOLE)}
    module = importlib.import_module(f"{apps[key.app_label].migrations}.{key.name}")
    return list(module.Migration.operations)


def _before_columns(url: str, key: MigrationKey) -> Iterator[tuple[str, str, object]]:
    """Put a row into each table to which the migration adds a column; table, column and what its rows get."""
    for operation in _operations(key):
        if isinstance(operation, AddField):
            table = _table_of(key.app_label, operation.model_name)
            field: Any = operation.field
            _one_row(url, table)
            given = field.db_default if field.has_db_default() else field.default
            default = None if field.null else field.to_db_value(given, None)
            yield table, field.source_field or operation.name, default


def _table_of(label: str, model: str) -> str:
    for name in model_modules(WHOLE)[label]:
        found = getattr(importlib.import_module(name), model, None)
        if found is not None:
            return str(found._meta.db_table)
    raise AssertionError(f"{label} has no model {model}")


def _one_row(url: str, table: str) -> None:
    """A row of zeros and empty texts, if the table is empty."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            needed = [name for _, name, _, required, default, _ in columns if required and default is None]
            if not connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]:
                zeros = ", ".join("0" * len(needed))
                connection.execute(f"INSERT INTO {table} ({', '.join(needed)}) VALUES ({zeros})")
        return
    with mysql_cursor(url) as cursor:
        cursor.execute("SET sql_mode = '', foreign_key_checks = 0")
        cursor.execute(f"SELECT COUNT(*) FROM {table}")
        if not cursor.fetchone()[0]:
            cursor.execute(f"INSERT INTO {table} () VALUES ()")
            cursor.connection.commit()


def _values(url: str, table: str, column: str) -> set[object]:
    sql = f"SELECT {column} FROM {table}"
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return {value for (value,) in connection.execute(sql)}
    with mysql_cursor(url) as cursor:
        cursor.execute(sql)
        return {value for (value,) in cursor.fetchall()}


async def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    sets = table_sets(KERNEL_ONLY)

    before = await pending(url, sets)
    first = await migrate(url, sets)
    second = await migrate(url, sets)

    assert sorted(first) == sorted(before)
    assert second == []


async def test_an_altered_file_that_was_applied_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = sqlite_url(tmp_path)
    sets = table_sets(KERNEL_ONLY)
    await migrate(url, sets)
    honest = migrating.file_digests

    def tampered(tables: TableSet) -> dict[str, str]:
        return honest(tables) | {"kernel.0002_addonrow": "0" * 64}

    monkeypatch.setattr(migrating, "file_digests", tampered)
    with pytest.raises(MigrationAltered, match=r"kernel\.0002_addonrow"):
        await migrate(url, sets)


async def test_a_run_that_was_killed_is_taken_up_again(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    sets = table_sets(KERNEL_ONLY)
    await migrate(url, sets)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:  # made, but not noted
        connection.execute("DELETE FROM tortoise_migrations WHERE name > '0006'")
        connection.execute("DELETE FROM kernel_migration")
        connection.commit()
    whole = sqlite_shape(url)

    again = await migrate(url, sets)

    assert again
    assert sqlite_shape(url) == whole
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        digests = connection.execute("SELECT COUNT(*) FROM kernel_migration").fetchone()
    assert digests == (len(await pending(sqlite_url(tmp_path), sets)),)


async def test_a_table_with_rows_is_never_taken_for_a_left_over(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("CREATE TABLE kernel_job (id TEXT)")
        connection.execute("INSERT INTO kernel_job VALUES ('x')")
        connection.commit()

    with pytest.raises(SetupFault, match="kernel_job"):
        await migrate(url, table_sets(KERNEL_ONLY))


LANE = (
    "INSERT INTO kernel_lane (lane_key, head_seq, tail_seq, attempts, faults, lease_epoch, journal_seq, "
    "journal_digest) VALUES ('{key}', 1, 0, 0, 0, 0, 0, '')"
)


@pytest.mark.parametrize("is_noted", [True, False], ids=["released", "killed"])
async def test_a_column_comes_to_a_table_that_has_rows(tmp_path: Path, is_noted: bool) -> None:
    url = sqlite_url(tmp_path)
    sets = table_sets(KERNEL_ONLY)
    await migrate(url, sets)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("DELETE FROM tortoise_migrations WHERE name >= '0012'")
        if is_noted:  # a house of the release before; else a run killed between the column and the note of it
            connection.execute("ALTER TABLE kernel_lane DROP COLUMN revision")
        connection.execute(LANE.format(key="old"))
        connection.commit()

    assert "kernel.0012_addfield_lanerow_revision" in await migrate(url, sets)

    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("SELECT lane_key, revision FROM kernel_lane").fetchall() == [("old", 0)]


@pytest.mark.mariadb
@pytest.mark.filterwarnings("ignore:Table 'tortoise_migrations' already exists")
async def test_a_run_killed_after_a_column_is_taken_up_again_on_mariadb() -> None:
    sets = table_sets(KERNEL_ONLY)
    async with mysql_database() as url:
        await migrate(url, sets)
        with mysql_cursor(url) as cursor:
            cursor.execute("DELETE FROM tortoise_migrations WHERE name >= '0012'")
            cursor.execute(LANE.format(key="old"))
            cursor.connection.commit()

        await migrate(url, sets)

        with mysql_cursor(url) as cursor:
            cursor.execute("SELECT lane_key, revision FROM kernel_lane")
            assert list(cursor.fetchall()) == [("old", 0)]


@pytest.mark.mariadb
@pytest.mark.filterwarnings("ignore:Table 'tortoise_migrations' already exists")
async def test_on_mariadb_no_process_keeps_answers_from_before_a_migration() -> None:
    of_kernel = table_sets(KERNEL_ONLY)
    more = [each for each in table_sets(WHOLE) if each.label in ("kernel", "delivery")]
    async with mysql_database() as url:
        for sets, expected in ((of_kernel, []), (more, [("", 1)]), (more, [("", 1)])):
            await migrate(url, sets)
            with mysql_cursor(url) as cursor:
                cursor.execute("SELECT company_id, revision FROM kernel_revision")
                assert list(cursor.fetchall()) == expected


async def test_a_column_in_use_is_never_taken_for_a_left_over(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    sets = table_sets(KERNEL_ONLY)
    await migrate(url, sets)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("DELETE FROM tortoise_migrations WHERE name >= '0012'")
        connection.execute(LANE.format(key="old"))
        connection.execute(LANE.format(key="new"))
        connection.execute("UPDATE kernel_lane SET revision = 7 WHERE lane_key = 'new'")
        connection.commit()

    with pytest.raises(SetupFault, match=r"kernel_lane\.revision"):
        await migrate(url, sets)


async def test_two_processes_migrate_one_after_the_other(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    sets = table_sets(KERNEL_ONLY)

    first, second = await asyncio.gather(migrate(url, sets), migrate(url, sets))

    assert sorted([len(first), len(second)]) == [0, max(len(first), len(second))]


@pytest.mark.mariadb
async def test_on_mariadb_the_server_holds_the_lock() -> None:
    async with mysql_database() as url:
        sets = table_sets(KERNEL_ONLY)
        with mysql_cursor(url) as cursor:
            cursor.execute("SELECT GET_LOCK(%s, 60)", (migrating.LOCK_NAME,))  # others migrate beside us
            assert cursor.fetchone() == (1,)
            waiting = asyncio.create_task(migrate(url, sets))
            done, _ = await asyncio.wait({waiting}, timeout=0.5)
            cursor.execute("SELECT RELEASE_LOCK(%s)", (migrating.LOCK_NAME,))

        assert not done
        assert len(await waiting) > 5
