"""A terminal with the terms that hold now: what payments, keys and drivers ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from addons.pos_terminal.domain.driver import TerminalCard
from addons.pos_terminal.domain.terminal import QrAs, TerminalState, TerminalTerms
from addons.pos_terminal.services.keys_store import working_keys
from addons.pos_terminal.services.shop_door import HouseDoor
from addons.pos_terminal.services.terminal_secrets import open_secrets
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow

_SELECT = """
SELECT t.*, c.driver, c.options, c.address AS host, k.zone, k.cut_off_minute, k.qr_as, k.has_partial_refund
FROM pos_terminal t
JOIN pos_contract c ON c.id = t.contract_id
JOIN pos_terms k ON k.contract_id = t.contract_id
WHERE t.id = ? AND t.company_id = ? AND k.valid_from_ms <= ?
ORDER BY k.valid_from_ms DESC LIMIT 1
"""


async def terminal_card(
    reader: Reader, terminal_id: str, *, at_ms: int | None = None
) -> tuple[TerminalCard, TerminalTerms]:
    """The terminal of the reader's company as a driver has to know it, its secrets open, and what it may do.

    at_ms: the moment whose terms are meant, now by itself. Raises Refusal("TERMINAL_UNKNOWN").
    """
    row = await _row(reader, terminal_id, at_ms)
    sealed = row["secrets_sealed"]
    card = TerminalCard(
        id=row["id"],
        company_id=row["company_id"],
        driver=row["driver"],
        terminal_code=row["terminal_code"] or "",
        merchant_code=row["merchant_code"],
        address=row["address"] or row["host"],
        options=orjson.loads(row["options"]),
        secrets=open_secrets(reader, row["id"], sealed) if sealed else {},
        is_through_agent=bool(row["is_through_agent"]),
        door=HouseDoor(
            reader.database, row["company_id"], row["outlet_id"], row["id"], bool(row["is_through_agent"])
        ),
        keys=None if row["keys_loaded_ms"] is None else await working_keys(reader, row["id"]),
    )
    return card, _terms(row)


async def terminal_terms(reader: Reader, terminal_id: str, *, at_ms: int | None = None) -> TerminalTerms:
    """The same without the driver's side: no secret is opened. Raises Refusal("TERMINAL_UNKNOWN")."""
    return _terms(await _row(reader, terminal_id, at_ms))


async def _row(reader: Reader, terminal_id: str, at_ms: int | None) -> SqlRow:
    moment = reader.now_ms if at_ms is None else at_ms
    row = await reader.row(_SELECT, terminal_id, reader.company_id, moment)
    if row is None:
        raise Refusal("TERMINAL_UNKNOWN", field="terminalId")
    return row


def _terms(row: SqlRow) -> TerminalTerms:
    return TerminalTerms(
        terminal_id=row["id"],
        company_id=row["company_id"],
        contract_id=row["contract_id"],
        outlet_id=row["outlet_id"],
        register_id=row["register_id"],
        operator_id=row["operator_id"],
        title=row["title"],
        state=TerminalState(row["state"]),
        driver=row["driver"],
        terminal_code=row["terminal_code"] or "",
        merchant_code=row["merchant_code"],
        batch=row["batch"],
        keys_loaded_ms=row["keys_loaded_ms"],
        zone=row["zone"],
        cut_off_minute=row["cut_off_minute"],
        qr_as=QrAs(row["qr_as"]),
        has_partial_refund=bool(row["has_partial_refund"]),
    )
