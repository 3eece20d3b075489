"""Where the money of a terminal goes: rows by banking day, never overwritten.

A change applies to the whole banking day in which it was approved; earlier days keep the account they had.
What the company writes into its own details touches no terminal. Source: acquiring reference §5.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.banking_day import banking_day
from addons.pos_terminal.services.contracts import terms_at, terms_of
from addons.pos_terminal.services.tell import tell
from addons.pos_terminal.services.terminals import write_terminal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

REQUISITES_MAX = 1_000  # of a terminal


async def add_requisites(work: Work, terminal: SqlRow, application: SqlRow) -> None:
    """The account of an approved application, from the current banking day on; who was to be told of money
    before is told of a change.
    """
    terms = terms_at(await terms_of(work, terminal["contract_id"]), work.now_ms).terms
    day = banking_day(work.now_ms, terms.zone, terms.cut_off_minute).isoformat()
    known = await requisites_of(work, terminal["id"])
    account: dict[str, str | int | None] = {"iban": application["iban"], "bic": application["bic"]}
    await work.insert(
        "pos_requisites",
        {
            "id": new_id(),
            "company_id": work.company_id,
            "terminal_id": terminal["id"],
            "version": 1 + max((row["version"] for row in known), default=0),
            "from_day": day,
            "application_id": application["id"],
            "created_ms": work.now_ms,
            **account,
        },
    )
    contact = application["contact_email"]
    await write_terminal(work, terminal["id"], {**account, "contact_email": contact})
    if known:
        ending = f"…{application['iban'][-4:]}"
        await tell(work, "requisites", terminal, to=terminal["contact_email"], account=ending, day=day)


async def requisites_of(reader: Reader, terminal_id: str) -> Sequence[SqlRow]:
    """All of a terminal, the latest first."""
    sql = """SELECT * FROM pos_requisites WHERE terminal_id = ? AND company_id = ?
             ORDER BY version DESC LIMIT ?"""
    return await reader.rows(sql, terminal_id, reader.company_id, REQUISITES_MAX)


def requisites_on(rows: Sequence[SqlRow], day: str) -> SqlRow | None:
    """Those of a banking day (ISO date); None before there were any. rows: the latest first."""
    return next((row for row in rows if row["from_day"] <= day), None)
