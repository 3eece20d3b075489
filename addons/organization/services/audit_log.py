"""The audit of a company as a list to search and to take away. Rows are only ever added."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, SqlRow

EXPORT_MAX = 100_000  # rows of one export
EXPORT_BATCH = 1_000
COLUMNS = ("at_ms", "actor_kind", "actor_id", "via_company_id", "address", "action", "subject", "facts")


@dataclass(frozen=True, slots=True)
class AuditWish:
    """Which entries; every given condition must hold. action: exactly, or everything that begins with it when
    it ends in "."; text: somewhere in subject or facts; from_ms up to, without, to_ms.
    """

    action: str | None = None
    subject: str | None = None
    actor_id: str | None = None
    address: str | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    text: str | None = None
    is_guest: bool | None = None


def condition_of(wish: AuditWish) -> tuple[str, tuple[Param, ...]]:
    """A condition on kernel_audit, to stand beside that of the company."""
    parts: list[str] = ["1 = 1"]
    params: list[Param] = []

    def also(part: str, *values: Param) -> None:
        parts.append(part)
        params.extend(values)

    if wish.action is not None and wish.action.endswith("."):
        also("action LIKE ? ESCAPE '!'", _like(wish.action, begins=True))
    elif wish.action is not None:
        also("action = ?", wish.action)
    for column, value in (("subject", wish.subject), ("actor_id", wish.actor_id), ("address", wish.address)):
        if value is not None:
            also(f"{column} = ?", value)
    if wish.from_ms is not None:
        also("at_ms >= ?", wish.from_ms)
    if wish.to_ms is not None:
        also("at_ms < ?", wish.to_ms)
    if wish.text:
        also("(subject LIKE ? ESCAPE '!' OR facts LIKE ? ESCAPE '!')", *(_like(wish.text),) * 2)
    if wish.is_guest is not None:
        also(f"via_company_id IS {'NOT ' if wish.is_guest else ''}NULL")
    return " AND ".join(parts), tuple(params)


async def audit_rows(reader: Reader, wish: AuditWish) -> AsyncIterator[SqlRow]:
    """Entries of the reader's company, oldest first, at most EXPORT_MAX; read in batches."""
    where, params = condition_of(wish)
    at_ms, last_id, left = -1, "", EXPORT_MAX
    while left > 0:
        rows = await reader.rows(
            f"""SELECT id, {", ".join(COLUMNS)} FROM kernel_audit
                WHERE company_id = ? AND {where} AND (at_ms > ? OR (at_ms = ? AND id > ?))
                ORDER BY at_ms, id LIMIT {min(EXPORT_BATCH, left)}""",
            reader.company_id,
            *params,
            at_ms,
            at_ms,
            last_id,
        )
        for row in rows:
            yield row
        if len(rows) < EXPORT_BATCH:
            return
        left -= len(rows)
        at_ms, last_id = rows[-1]["at_ms"], rows[-1]["id"]


def _like(text: str, *, begins: bool = False) -> str:
    clean = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"{clean}%" if begins else f"%{clean}%"
