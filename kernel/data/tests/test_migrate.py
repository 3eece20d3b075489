"""Migrations give the tables the models describe, run once under a lock, and notice an altered file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pymysql
import pytest

from kernel.addons.loader import load_addons
from kernel.app import model_modules, table_sets
from kernel.data import migrate as migrating
from kernel.data.database import DatabaseUrl
from kernel.data.migrate import MigrationAltered, TableSet, migrate, pending
from kernel.errors import SetupFault
from kernel.testing.schema import create_tables, mysql_database, sqlite_url

KERNEL_ONLY = load_addons([])


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


async def test_migrations_give_what_the_models_describe(tmp_path: Path) -> None:
    migrated, generated = sqlite_url(tmp_path), sqlite_url(tmp_path)

    applied = await migrate(migrated, table_sets(load_addons()))
    await create_tables(generated, model_modules(load_addons()))

    assert applied
    assert sqlite_shape(migrated) == sqlite_shape(generated)
    assert await pending(migrated, table_sets(load_addons())) == []


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


async def test_two_processes_migrate_one_after_the_other(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    sets = table_sets(KERNEL_ONLY)

    first, second = await asyncio.gather(migrate(url, sets), migrate(url, sets))

    assert sorted([len(first), len(second)]) == [0, max(len(first), len(second))]


@pytest.mark.mariadb
async def test_mariadb_gets_the_same_tables() -> None:
    registry = load_addons()
    async with mysql_database() as migrated, mysql_database() as generated:
        await migrate(migrated, table_sets(registry))
        await create_tables(generated, model_modules(registry))

        assert mysql_shape(migrated) == mysql_shape(generated)


@pytest.mark.mariadb
async def test_on_mariadb_the_server_holds_the_lock() -> None:
    async with mysql_database() as url:
        sets = table_sets(KERNEL_ONLY)
        with mysql_cursor(url) as cursor:
            cursor.execute("SELECT GET_LOCK(%s, 0)", (migrating.LOCK_NAME,))
            waiting = asyncio.create_task(migrate(url, sets))
            done, _ = await asyncio.wait({waiting}, timeout=0.5)
            cursor.execute("SELECT RELEASE_LOCK(%s)", (migrating.LOCK_NAME,))

        assert not done
        assert len(await waiting) > 5
