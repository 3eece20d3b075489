"""The status board: the latest word of each source about each register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson

from addons.organization.domain.cards import BoardLine, Severity
from kernel.ids import new_id
from kernel.journal.canonical import JSON, canonical_json

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

CODE_OK = "OK"
STATUS_TOPIC = "status"  # notices carry the register's id
STATUS_OF_COMPANY_TOPIC = "status_company"  # the same, with the company's id
SEVERITY_RANK = {Severity.OK: 0, Severity.WARNING: 1, Severity.ERROR: 2}


async def report_status(
    work: Work,
    register_id: str,
    *,
    source: str,
    severity: Severity,
    code: str,
    since_ms: int,
    facts: Mapping[str, JSON] | None = None,
) -> None:
    """Put a line on the board, replacing the source's former one; code "OK" takes it off.

    A line that only repeats its code keeps the moment since when it holds.
    """
    sql = "SELECT id, code, since_ms FROM org_status WHERE register_id = ? AND source = ? AND company_id = ?"
    known = await work.row(sql, register_id, source, work.company_id)
    if code == CODE_OK:
        if known is not None:
            await work.execute("DELETE FROM org_status WHERE id = ?", known["id"])
            _tell(work, register_id)
        return
    text = canonical_json(dict(facts or {}))
    rank = SEVERITY_RANK[severity]
    if known is None:
        await work.insert(
            "org_status",
            {
                "id": new_id(),
                "company_id": work.company_id,
                "register_id": register_id,
                "source": source,
                "severity": severity.value,
                "severity_rank": rank,
                "code": code,
                "since_ms": since_ms,
                "facts": text,
                "updated_ms": work.now_ms,
            },
        )
    else:
        await work.execute(
            """UPDATE org_status SET severity = ?, severity_rank = ?, facts = ?, updated_ms = ?, code = ?,
               since_ms = ? WHERE id = ?""",
            severity.value,
            rank,
            text,
            work.now_ms,
            code,
            since_ms if known["code"] != code else known["since_ms"],
            known["id"],
        )
    _tell(work, register_id)


async def board_of(reader: Reader, register_id: str) -> list[BoardLine]:
    """Lines about a register of the reader's company; none when all is well."""
    sql = "SELECT source, severity, code, facts FROM org_status WHERE register_id = ? AND company_id = ?"
    rows = await reader.rows(sql, register_id, reader.company_id)
    return [
        BoardLine(row["source"], Severity(row["severity"]), row["code"], orjson.loads(row["facts"]))
        for row in rows
    ]


def _tell(work: Work, register_id: str) -> None:
    work.notice(STATUS_TOPIC, register_id)
    work.notice(STATUS_OF_COMPANY_TOPIC, work.company_id)
