"""A person lets a register with a broken journal go on after an investigation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.commands import ReleaseJournal
from addons.fiscal_kz.domain.kinds import Block
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.integrity import JOURNAL_BROKEN, tell_whole
from addons.fiscal_kz.services.jobs import lane_key
from addons.fiscal_kz.services.journal import Chronicle
from kernel.errors import Refusal
from kernel.journal.canonical import JSON
from kernel.journal.gaps import release_breaches
from kernel.journal.verify import BEGIN, mark_at
from kernel.journal.watch import clear_breach, noted_breach

if TYPE_CHECKING:
    from kernel.data.work import Work

REASON_LENGTH_MIN = 10


async def release_journal(work: Work, command: ReleaseJournal) -> None:
    """Write down that the broken entries prove nothing any more, and let the register work. What was found
    and why it was released stays in the journal itself and in the audit.

    Raises Refusal: KKM_NOT_ACTIVE, JOURNAL_NOT_BROKEN, JOURNAL_REASON_REQUIRED.
    """
    work.principal.require("fiscal_kz.release_journal")
    work.principal.require_register(command.register_id)
    reason = command.reason.strip()
    if len(reason) < REASON_LENGTH_MIN:
        raise Refusal("JOURNAL_REASON_REQUIRED", field="reason", min=REASON_LENGTH_MIN)
    lane = await work.lane(lane_key(command.register_id), company_id=work.company_id)
    kkm = await store.kkm_of_lane(work, lane, command.register_id)
    if kkm is None:
        raise Refusal("KKM_NOT_ACTIVE")
    if lane.blocked_code != JOURNAL_BROKEN:
        raise Refusal("JOURNAL_NOT_BROKEN")
    noted = await noted_breach(work, lane.key)
    known = None if noted is None or noted.seq is None else await mark_at(work, lane.key, noted.seq - 1)
    released = await release_breaches(work, lane, reason=reason, since=known or BEGIN)
    await clear_breach(work, lane.key)
    gaps: list[JSON] = [[each.from_seq, each.to_seq, str(each.verdict.breach)] for each in released]
    Chronicle(lane).note(
        "journal_released", {"gaps": gaps, "by": work.principal.subject_id, "reason": reason}
    )
    if kkm.state.block is Block.NONE or kkm.state.block is Block.SERVER:  # the OFD's own block is polled
        lane.unblock()
    else:
        lane.block(f"KKM_{kkm.state.block.value}")
    await tell_whole(work, kkm.register_id)
    await work.audit("fiscal_kz.release_journal", kkm.id, {"gaps": gaps, "reason": reason})
