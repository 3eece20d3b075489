"""Goods that a full load does not name any more: archived only where a link chose it, and never many at once.

1C expresses by a full load that there are no other goods; a cut or mistaken export says the same. So there is
a ceiling, and what is archived comes back with the next file that names it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from addons.catalog.api import GoodsRow, SourceKey, external_ids_for_sale, upsert_goods
from addons.catalog_1c.domain.commands import ConnectionId, SessionId
from addons.catalog_1c.domain.encoding import read_report, report_text
from addons.catalog_1c.domain.report import Note
from addons.catalog_1c.models import ImportSession

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Work
    from kernel.security.principal import Principal

ABSENT_PERCENT_MAX = 10  # of the goods for sale
ABSENT_FREE = 20  # so few may go whatever share they are
ROWS = 500  # in one transaction
ARCHIVED = "C1C_ABSENT_ARCHIVED"
TOO_MANY = "C1C_ABSENT_TOO_MANY"


async def archive_absent(
    database: Database,
    principal: Principal,
    *,
    connection_id: ConnectionId,
    session_id: SessionId,
    present: Collection[str],
) -> int:
    """Archive the goods of the connection that are not among those present; how many.

    None at all when they are more than the ceiling. The report of the import says either.
    """
    source = SourceKey(connection_id)
    known: list[str] = []
    while True:
        async with database.reading(principal) as reader:
            page = await external_ids_for_sale(reader, source, known[-1] if known else "", ROWS)
        known.extend(page)
        if len(page) < ROWS:
            break
    absent = [external_id for external_id in known if external_id not in present]
    if not absent:
        return 0
    if len(absent) > max(ABSENT_FREE, len(known) * ABSENT_PERCENT_MAX // 100):
        note = Note(TOO_MANY, "", f"{len(absent)} / {len(known)}")
        await database.transact(_note, session_id, note, principal=principal)
        return 0
    for start in range(0, len(absent), ROWS):
        rows = [GoodsRow(each, "", is_deleted=True) for each in absent[start : start + ROWS]]
        await database.transact(upsert_goods, source, rows, principal=principal)
    await database.transact(_note, session_id, Note(ARCHIVED, "", str(len(absent))), principal=principal)
    return len(absent)


async def _note(work: Work, session_id: SessionId, note: Note) -> None:
    session = await ImportSession.get(id=session_id)
    report = read_report(session.report)
    report.add([note])
    session.report = report_text(report)
    await session.save(update_fields=["report"])
    await work.audit(f"catalog_1c.{note.code.lower()}", session_id, {"goods": note.fact})
