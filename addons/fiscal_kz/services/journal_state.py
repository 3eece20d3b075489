"""What is known of a register's journal, without reading it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.fiscal_kz.services.integrity import JOURNAL_BROKEN
from addons.fiscal_kz.services.jobs import lane_key
from kernel.errors import Refusal
from kernel.journal.verify import LaneVerdict
from kernel.journal.watch import noted_breach, whole_since

if TYPE_CHECKING:
    from kernel.data.work import Reader

_LANE = """SELECT journal_seq, journal_digest, blocked_code FROM kernel_lane
WHERE lane_key = ? AND company_id = ?"""


@dataclass(frozen=True, slots=True)
class JournalState:
    """entries, head: the last entry; verified_ms: when the chain was last verified from its beginning."""

    entries: int
    head: str
    verified_ms: int | None
    is_blocked: bool
    breach: LaneVerdict | None


async def journal_state(reader: Reader, register_id: str) -> JournalState:
    """Of a register of the reader's company. Raises Refusal: REGISTER_FORBIDDEN, KKM_NOT_ACTIVE."""
    reader.principal.require_register(register_id)
    key = lane_key(register_id)
    row = await reader.row(_LANE, key, reader.company_id)
    if row is None:
        raise Refusal("KKM_NOT_ACTIVE")
    return JournalState(
        entries=row["journal_seq"],
        head=row["journal_digest"],
        verified_ms=await whole_since(reader, key),
        is_blocked=row["blocked_code"] == JOURNAL_BROKEN,
        breach=await noted_breach(reader, key),
    )
