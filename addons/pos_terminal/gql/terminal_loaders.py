"""Batches for DataLoaders: one statement each, as far as the caller may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow


async def terminal_by_id(reader: Reader, keys: Sequence[str]) -> list[SqlRow | None]:
    """Rows of terminals within the caller's reach."""
    allowed = reader.principal.register_ids
    rows = await _by_id(reader, "pos_terminal", keys)
    return [
        row if row is None or allowed is None or row["register_id"] in (None, *allowed) else None
        for row in rows
    ]


async def contract_by_id(reader: Reader, keys: Sequence[str]) -> list[SqlRow | None]:
    """Rows of contracts."""
    return await _by_id(reader, "pos_contract", keys)


async def application_by_id(reader: Reader, keys: Sequence[str]) -> list[SqlRow | None]:
    """Rows of applications."""
    return await _by_id(reader, "pos_application", keys)


async def _by_id(reader: Reader, table: str, keys: Sequence[str]) -> list[SqlRow | None]:
    places = ", ".join("?" * len(keys))
    sql = f"SELECT * FROM {table} WHERE id IN ({places}) AND company_id = ?"
    found = {row["id"]: row for row in await reader.rows(sql, *keys, reader.company_id)}
    return [found.get(key) for key in keys]
