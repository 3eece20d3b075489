"""Who looks after a company: to whom a word about its registers is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel.data.work import Reader

ADMINISTRATORS_MAX = 20

_SQL = """SELECT u.email, u.name, u.language FROM org_membership m JOIN org_user u ON u.id = m.user_id
WHERE m.company_id = ? AND m.is_active = 1 AND m.role IN ('owner', 'administrator') AND u.is_blocked = 0
ORDER BY u.email LIMIT ?"""


@dataclass(frozen=True, slots=True)
class Administrator:
    """An owner or administrator who may sign in. language: ru, kk or en."""

    email: str
    name: str
    language: str


async def administrators_of(reader: Reader) -> list[Administrator]:
    """Those of the reader's company, at most ADMINISTRATORS_MAX."""
    rows = await reader.rows(_SQL, reader.company_id, ADMINISTRATORS_MAX)
    return [Administrator(row["email"], row["name"], row["language"]) for row in rows]
