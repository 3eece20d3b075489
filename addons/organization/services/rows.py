"""Small statements that several services share: change one row of the company, lock the company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tortoise.exceptions import IntegrityError

from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, SqlRow, Work


async def lock_company(work: Work) -> None:
    """Hold the row of the principal's company until the commit: numbers and codes are given one at a time.

    Raises Refusal("COMPANY_UNKNOWN"), Refusal("COMPANY_CLOSED").
    """
    lock = " FOR UPDATE" if work.dialect == "mysql" else ""
    row = await work.row(f"SELECT closed_ms FROM org_company WHERE id = ?{lock}", work.company_id)
    if row is None:
        raise Refusal("COMPANY_UNKNOWN")
    if row["closed_ms"] is not None:
        raise Refusal("COMPANY_CLOSED")


def require_all_registers(work: Work) -> None:
    """Raises Refusal("REGISTER_FORBIDDEN") for a principal limited to some registers."""
    if work.principal.register_ids is not None:
        raise Refusal("REGISTER_FORBIDDEN")


async def insert_unique(work: Work, table: str, values: Mapping[str, Param], refusal: Refusal) -> None:
    """Insert a row; raises the refusal when somebody else was faster with the same unique value."""
    try:
        await work.insert(table, values)
    except IntegrityError:
        raise refusal from None


async def change(work: Work, table: str, row_id: str, values: Mapping[str, Param]) -> bool:
    """Set columns of one row of the principal's company; False when there is no such row."""
    if not values:
        return True
    columns = ", ".join(f"{column} = ?" for column in values)
    sql = f"UPDATE {table} SET {columns} WHERE id = ? AND company_id = ?"
    return await work.execute(sql, *values.values(), row_id, work.company_id) > 0


async def own_row(
    reader: Reader, table: str, row_id: str, refusal: str, *, field: str | None = None
) -> SqlRow:
    """A row of the principal's company. Raises Refusal(refusal) when the company has no such row."""
    row = await reader.row(
        f"SELECT * FROM {table} WHERE id = ? AND company_id = ?", row_id, reader.company_id
    )
    if row is None:
        raise Refusal(refusal, field=field)
    return row


async def require_own(
    reader: Reader, table: str, ids: Sequence[str], refusal: str, *, field: str | None = None
) -> None:
    """All ids are rows of the principal's company. Raises Refusal(refusal)."""
    wanted = set(ids)
    if not wanted:
        return
    marks = ", ".join("?" * len(wanted))
    sql = f"SELECT COUNT(*) AS found FROM {table} WHERE company_id = ? AND id IN ({marks})"
    row = await reader.row(sql, reader.company_id, *wanted)
    if row is None or row["found"] != len(wanted):
        raise Refusal(refusal, field=field)
