"""Pictures that goods name, until their files are found: a picture may come before its good, with it or after
it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from addons.catalog_1c.domain.commands import ConnectionId, SessionId
from addons.catalog_1c.domain.report import NOTES_MAX, PICTURE_WAITS, Note
from kernel.ids import new_ids

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

AWAITED_MAX = 100_000  # of one connection
IN_LIST = 400
TABLE = "c1c_awaited_picture"


async def await_pictures(
    work: Work,
    connection_id: ConnectionId,
    session_id: SessionId,
    wanted: Mapping[str, Sequence[str]],
    *,
    is_more: bool = False,
) -> list[Note]:
    """Remember which pictures each good names, in place of what it named before, or with is_more beside that
    (an offer names some, its good others); notes of those there is no room for.
    """
    external_ids = list(wanted)
    if is_more:
        wanted = await _unknown(work, connection_id, wanted)
        external_ids = []
    for start in range(0, len(external_ids), IN_LIST):
        piece = external_ids[start : start + IN_LIST]
        await work.execute(
            f"DELETE FROM {TABLE} WHERE company_id = ? AND connection_id = ?"
            f" AND external_id IN ({', '.join('?' * len(piece))})",
            work.company_id,
            connection_id,
            *piece,
        )
    row = await work.row(
        f"SELECT COUNT(*) AS n FROM {TABLE} WHERE company_id = ? AND connection_id = ?",
        work.company_id,
        connection_id,
    )
    assert row is not None
    named = [(external_id, name) for external_id, names in wanted.items() for name in names]
    room = max(0, AWAITED_MAX - int(row["n"]))
    await work.execute_many(
        f"INSERT INTO {TABLE} (id, company_id, connection_id, external_id, name, session_id)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [
            (key, work.company_id, connection_id, external_id, name, session_id)
            for key, (external_id, name) in zip(new_ids(len(named[:room])), named, strict=False)
        ],
    )
    return [Note("C1C_PICTURES_WAIT_FULL", external_id, name[:80]) for external_id, name in named[room:]]


async def _unknown(
    reader: Reader, connection_id: str, wanted: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Names that are not waited for already."""
    external_ids, known = list(wanted), set()
    for start in range(0, len(external_ids), IN_LIST):
        piece = external_ids[start : start + IN_LIST]
        rows = await reader.rows(
            f"SELECT external_id, name FROM {TABLE} WHERE company_id = ? AND connection_id = ?"
            f" AND external_id IN ({', '.join('?' * len(piece))})",
            reader.company_id,
            connection_id,
            *piece,
        )
        known |= {(row["external_id"], row["name"]) for row in rows}
    return {key: [name for name in names if (key, name) not in known] for key, names in wanted.items()}


async def still_awaited(reader: Reader, session_id: SessionId) -> tuple[int, list[Note]]:
    """How many pictures of an import have not come, and notes of the first ones."""
    where = f"FROM {TABLE} WHERE company_id = ? AND session_id = ?"
    row = await reader.row(f"SELECT COUNT(*) AS n {where}", reader.company_id, session_id)
    assert row is not None
    rows = await reader.rows(
        f"SELECT external_id, name {where} ORDER BY id LIMIT {NOTES_MAX}", reader.company_id, session_id
    )
    return int(row["n"]), [Note(PICTURE_WAITS, each["external_id"], each["name"][:80]) for each in rows]


async def is_awaited(reader: Reader, connection_id: str, names: Sequence[str]) -> bool:
    """Whether goods of the connection wait for one of these pictures; at most IN_LIST names."""
    marks = ", ".join("?" * len(names))
    sql = f"SELECT id FROM {TABLE} WHERE company_id = ? AND connection_id = ? AND name IN ({marks}) LIMIT 1"
    return await reader.row(sql, reader.company_id, connection_id, *names) is not None
