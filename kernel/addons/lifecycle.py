"""Life of an add-on on this installation: install, upgrade, activate, deactivate, purge, and a company's own
switch.

A process reads the states once, at start, and keeps that set of add-ons; a change takes effect when it is
started again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import pymysql
from packaging.version import Version

from kernel.addons.discovery import discover
from kernel.addons.graph import dependents, select
from kernel.addons.loader import load
from kernel.addons.manifest import Manifest
from kernel.addons.registry import Registry
from kernel.clock import from_ms
from kernel.config import DatabaseSettings, kernel_section
from kernel.config_sections import JournalSettings
from kernel.data.database import DatabaseUrl
from kernel.data.work import Reader, Work
from kernel.errors import Refusal, SetupFault, Unavailable
from kernel.jobs.policy import BLOCKED_WITHOUT_HANDLER

CONNECT_TIMEOUT_S = 5
# no socket, refused, unknown host, gone, lost, full, stopping
SERVER_SILENT = frozenset({2002, 2003, 2005, 2006, 2013, 1040, 1053})
MIGRATIONS_TABLE = "tortoise_migrations"  # where the migration executor remembers what it applied

_SELECT = "SELECT name, version, state, retained_until_ms FROM kernel_addon"


class AddonState(StrEnum):
    """Whether the rows, jobs and screens of an add-on are served."""

    ACTIVE = "active"
    INACTIVE = "inactive"  # rows stay, jobs are parked


@dataclass(frozen=True, slots=True)
class Installed:
    """An add-on as the database knows it."""

    name: str
    version: Version
    state: AddonState
    retained_until_ms: int | None = None


def states_of(url: str) -> dict[str, Installed]:
    """States by name, read before anything is loaded; empty for a database that is new.

    Blocking: for the start of a process only. Raises Unavailable("DATABASE_UNREACHABLE") for a silent
    server, SetupFault for one that lets us not in and for a file that is no database.
    """
    target = DatabaseUrl.parse(url)
    rows = _sqlite_rows(target) if target.dialect == "sqlite" else _mysql_rows(target)
    return {row[0]: _installed(row[0], row[1], row[2], row[3]) for row in rows}


def chosen(available: Mapping[str, Manifest], states: Mapping[str, Installed]) -> list[str]:
    """Names to load: everything that is found here and was not deactivated."""
    inactive = {name for name, installed in states.items() if installed.state is AddonState.INACTIVE}
    resting = inactive | {other for name in inactive for other in dependents(available, name)}
    return sorted(set(available) - resting)


def load_chosen(url: str | None = None) -> Registry:
    """The registry of this installation: what is found here and was not deactivated in its database."""
    available = discover()
    states = states_of(url or kernel_section(DatabaseSettings).url)
    return load(select(available, chosen(available, states)))


async def installed_addons(reader: Reader) -> dict[str, Installed]:
    """States by name."""
    rows = await reader.rows(_SELECT)
    return {
        row["name"]: _installed(row["name"], row["version"], row["state"], row["retained_until_ms"])
        for row in rows
    }


async def install(work: Work, manifests: Sequence[Manifest]) -> list[str]:
    """Write down that these add-ons are here, in their versions; a line for each that is new or newer.

    Its tables are made before, by kernel.data.migrate. Raises Refusal("ADDON_OLDER").
    """
    known = await installed_addons(work)
    news = []
    for manifest in manifests:
        before = known.get(manifest.name)
        if before is None:
            await work.insert("kernel_addon", _fresh_row(manifest, work.now_ms))
            news.append(f"{manifest.name} {manifest.version}")
        elif manifest.version < before.version:
            raise Refusal(
                "ADDON_OLDER", name=manifest.name, found=str(manifest.version), installed=str(before.version)
            )
        elif manifest.version > before.version:
            await _upgrade(work, manifest)
            news.append(f"{manifest.name} {before.version} → {manifest.version}")
    return news


async def activate(work: Work, name: str) -> None:
    """Serve the add-on from the next start on; its parked jobs go on.

    Raises Refusal("ADDON_NOT_INSTALLED").
    """
    await _set_state(work, name, AddonState.ACTIVE, retained_until_ms=None)
    await work.execute(
        "UPDATE kernel_lane SET blocked_code = NULL, attempts = 0, due_ms = ?, revision = revision + 1 "
        "WHERE blocked_code = ?",
        work.now_ms,
        BLOCKED_WITHOUT_HANDLER,
    )
    await work.audit("addon.activate", name)


async def deactivate(work: Work, name: str, *, available: Mapping[str, Manifest]) -> None:
    """Stop serving the add-on from the next start on: rows stay, jobs are parked, retention begins to count.

    Raises Refusal("ADDON_NOT_INSTALLED"), ("ADDON_NEEDED") while active add-ons depend on it.
    """
    known = await installed_addons(work)
    needed_by = [
        other
        for other in dependents(available, name)
        if other in known and known[other].state is AddonState.ACTIVE
    ]
    if needed_by:
        raise Refusal("ADDON_NEEDED", name=name, others=", ".join(needed_by))
    until_ms = work.now_ms + work.settings(JournalSettings).keep // timedelta(milliseconds=1)
    await _set_state(work, name, AddonState.INACTIVE, retained_until_ms=until_ms)
    await work.audit("addon.deactivate", name)


async def purge(work: Work, manifest: Manifest) -> list[str]:
    """Drop the tables of a deactivated add-on; their names. DDL cannot be undone on MariaDB and MySQL.

    Raises Refusal("ADDON_NOT_INSTALLED"), ("ADDON_ACTIVE"), ("ADDON_RETENTION") while rows must be kept.
    """
    installed = await _require(work, manifest.name)
    if installed.state is AddonState.ACTIVE:
        raise Refusal("ADDON_ACTIVE", name=manifest.name)
    tables = await _tables(work, manifest.tables_prefix)
    until_ms = installed.retained_until_ms
    if (until_ms is None or work.now_ms < until_ms) and await _any_rows(work, tables):
        until = "?" if until_ms is None else from_ms(until_ms).date().isoformat()
        raise Refusal("ADDON_RETENTION", name=manifest.name, until=until)
    for table in tables:
        await work.execute(f"DROP TABLE {table}")
    if await _tables(work, MIGRATIONS_TABLE):
        await work.execute(f"DELETE FROM {MIGRATIONS_TABLE} WHERE app = ?", manifest.name)
    await work.execute("DELETE FROM kernel_migration WHERE file_key LIKE ?", f"{manifest.name}.%")
    await work.execute("DELETE FROM kernel_addon WHERE name = ?", manifest.name)
    await work.audit("addon.purge", manifest.name, {"tables": len(tables)})
    return tables


async def switch_for_company(work: Work, name: str, *, is_active: bool) -> None:
    """The company of the principal switches an add-on on or off for itself. Raises
    Refusal("ADDON_NOT_INSTALLED").
    """
    await _require(work, name)
    key = f"{work.company_id}/{name}"
    values: dict[str, str | int] = {
        "id": key,
        "company_id": work.company_id,
        "name": name,
        "is_active": int(is_active),
    }
    changed = await work.execute(
        "UPDATE kernel_addon_company SET is_active = ? WHERE id = ?", int(is_active), key
    )
    if not changed:
        await work.insert("kernel_addon_company", values)
    await work.audit("addon.switch", name, {"is_active": is_active})


async def require_active(reader: Reader, name: str) -> None:
    """Raises Refusal("ADDON_OFF_FOR_COMPANY") when the principal's company switched the add-on off."""
    row = await reader.row(
        "SELECT is_active FROM kernel_addon_company WHERE id = ?", f"{reader.company_id}/{name}"
    )
    if row is not None and not row["is_active"]:
        raise Refusal("ADDON_OFF_FOR_COMPANY", name=name)


def _fresh_row(manifest: Manifest, now_ms: int) -> dict[str, str | int]:
    return {
        "name": manifest.name,
        "version": str(manifest.version),
        "state": AddonState.ACTIVE.value,
        "installed_ms": now_ms,
        "changed_ms": now_ms,
    }


async def _upgrade(work: Work, manifest: Manifest) -> None:
    sql = "UPDATE kernel_addon SET version = ?, changed_ms = ? WHERE name = ?"
    await work.execute(sql, str(manifest.version), work.now_ms, manifest.name)


async def _require(work: Work, name: str) -> Installed:
    known = (await installed_addons(work)).get(name)
    if known is None:
        raise Refusal("ADDON_NOT_INSTALLED", name=name)
    return known


async def _set_state(work: Work, name: str, state: AddonState, *, retained_until_ms: int | None) -> None:
    await _require(work, name)
    sql = "UPDATE kernel_addon SET state = ?, changed_ms = ?, retained_until_ms = ? WHERE name = ?"
    await work.execute(sql, state.value, work.now_ms, retained_until_ms, name)


async def _tables(work: Work, prefix: str) -> list[str]:
    """Tables with that prefix, the youngest first so that references go before what they refer to."""
    if work.dialect == "sqlite":
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid DESC"
    else:
        sql = (
            "SELECT table_name AS name FROM information_schema.tables "
            "WHERE table_schema = DATABASE() ORDER BY create_time DESC, table_name DESC"
        )
    return [row["name"] for row in await work.rows(sql) if row["name"].startswith(prefix)]


async def _any_rows(work: Work, tables: Sequence[str]) -> bool:
    for table in tables:
        if await work.row(f"SELECT 1 AS one FROM {table} LIMIT 1"):
            return True
    return False


def _installed(name: str, version: str, state: str, retained_until_ms: int | None) -> Installed:
    return Installed(name, Version(version), AddonState(state), retained_until_ms)


Rows = Sequence[tuple[str, str, str, int | None]]


def _sqlite_rows(target: DatabaseUrl) -> Rows:
    if not Path(target.path).exists():
        return []
    connection = sqlite3.connect(f"file:{target.path}?mode=ro", uri=True, timeout=CONNECT_TIMEOUT_S)
    try:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'kernel_addon'").fetchone():
            return []
        return connection.execute(_SELECT).fetchall()
    except sqlite3.DatabaseError as error:
        raise SetupFault([f"{target.path} cannot be read as a SQLite database: {error}"]) from error
    finally:
        connection.close()


def _not_reached(target: DatabaseUrl, error: pymysql.err.OperationalError) -> SetupFault | Unavailable:
    """A silent server may come back; a wrong name or password has to be corrected by somebody."""
    number, why = error.args[0], str(error.args[-1])
    where = f"{target.host}:{target.port}"
    if number in SERVER_SILENT:
        return Unavailable("DATABASE_UNREACHABLE", where=where)
    return SetupFault([f"the database server at {where} lets nobody in by database.url: {why}"])


def _mysql_rows(target: DatabaseUrl) -> Rows:
    try:
        connection = pymysql.connect(
            host=target.host,
            port=target.port,
            user=target.user,
            password=target.password,
            database=target.path,
            connect_timeout=CONNECT_TIMEOUT_S,
        )
    except pymysql.err.OperationalError as error:
        raise _not_reached(target, error) from error
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM information_schema.tables "
            "WHERE table_schema = DATABASE() AND table_name = 'kernel_addon'"
        )
        if not cursor.fetchone():
            return []
        cursor.execute(_SELECT)
        return list(cursor.fetchall())
