"""Approvals that come after nobody waited for them any more: a fact of the operation, never its revival."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.driver import Approved, Step
from addons.pos_terminal.domain.events import AnsweredLate
from addons.pos_terminal.services import payment_rows as rows
from addons.pos_terminal.services.payment_step import happen, lane_key
from kernel.ids import CompanyId
from kernel.security.principal import SYSTEM

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Work


@dataclass(frozen=True, slots=True)
class LateAnswers:
    """Whom a driver tells: see `late` of addons.pos_terminal.domain.driver.DriverOrder."""

    database: Database
    company_id: str
    operation_id: str
    step: Step

    async def __call__(self, outcome: Approved) -> None:
        """Durable on return. Raises Unavailable when the database cannot take it now."""
        principal = SYSTEM.within(CompanyId(self.company_id))
        await self.database.transact(hear_late, self.operation_id, self.step, outcome, principal=principal)


async def hear_late(work: Work, operation_id: str, step: Step, outcome: Approved) -> None:
    """Write the approval down; where the reversal seemed to be over, it goes out once more."""
    found = await rows.payment_by_id(work, operation_id)
    lane = await work.lane(lane_key(found.terminal_id), company_id=found.company_id)
    record = await rows.locked_payment(work, operation_id)
    await happen(work, lane, record, AnsweredLate(step, outcome), source="terminal")
