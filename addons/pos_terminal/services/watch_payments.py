"""What time alone brings about: cards that nobody showed, money that no receipt was made of."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from addons.organization.api import board_of
from addons.pos_terminal.services.attention import SOURCE, tell_board
from addons.pos_terminal.services.present_card import give_up_waiting
from kernel.ids import CompanyId
from kernel.security.principal import SYSTEM

if TYPE_CHECKING:
    from kernel.data.work import Work

EVERY = timedelta(seconds=15)
OPERATIONS_MAX = 500  # looked at in one round, the oldest first

_NOT_SHOWN = (
    "SELECT id, company_id FROM pos_payment WHERE state = 'AWAITING_CARD' AND deadline_ms <= ? "
    "ORDER BY deadline_ms LIMIT ?"
)
_OPEN = (
    "SELECT DISTINCT company_id, register_id FROM pos_payment "
    "WHERE (state = 'APPROVED' AND fiscal = 'AWAITED') OR state = 'REVERSING' LIMIT ?"
)


async def watch_payments(work: Work) -> None:
    """One round over all companies."""
    for row in await work.rows(_NOT_SHOWN, work.now_ms, OPERATIONS_MAX):
        with work.acting_as(SYSTEM.within(CompanyId(row["company_id"]))) as inner:
            await give_up_waiting(inner, row["id"])
    for row in await work.rows(_OPEN, OPERATIONS_MAX):
        with work.acting_as(SYSTEM.within(CompanyId(row["company_id"]))) as inner:
            told = {line.source for line in await board_of(inner, row["register_id"])}
            if SOURCE not in told:
                await tell_board(inner, row["register_id"])
