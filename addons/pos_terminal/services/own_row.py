"""A row of a table by its id, within the reader's company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow


async def own_row(reader: Reader, table: str, row_id: str, *, unknown: str, field: str) -> SqlRow:
    """The whole row. unknown: code of the refusal when the company has none; field: where it was asked."""
    sql = f"SELECT * FROM {table} WHERE id = ? AND company_id = ?"
    row = await reader.row(sql, row_id, reader.company_id)
    if row is None:
        raise Refusal(unknown, field=field)
    return row
