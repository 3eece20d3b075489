"""A register whose journal is broken stops, alone, with the record named; a person lets it go on.

Verified are: the last shift of each register when a worker starts, before a shift opens and closes, when a
report is made, and every chain from its beginning each night (jobs/watch.py). How a chain is verified is the
kernel's business.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.zones import zone_of
from addons.fiscal_kz.services.register_news import tell_register
from addons.organization.api import Severity, administrators_of, report_status
from kernel.clock import from_ms
from kernel.errors import Refusal
from kernel.i18n import explain
from kernel.journal.periods import ZONE
from kernel.journal.verify import BEGIN, LaneVerdict, mark_at, tail_of, verify_from
from kernel.journal.watch import note_breach, noted_breach
from kernel.mail import Letter, post

if TYPE_CHECKING:
    from addons.fiscal_kz.services.records import KkmRecord
    from kernel.data.work import Reader, Work
    from kernel.jobs.lanes import Lane

log = logging.getLogger(__name__)

JOURNAL_BROKEN = "JOURNAL_BROKEN"
LAST_ENTRIES_MAX = 2_000  # some tens of milliseconds
SOURCE = "fiscal_kz.journal"

_LAST_SHIFT = "SELECT journal_seq FROM fkz_shift WHERE kkm_id = ? ORDER BY number DESC LIMIT 1"


async def verify_last_shift(reader: Reader, lane_key: str, kkm_id: str) -> LaneVerdict:
    """Whether the entries of the register's last shift, open or closed, are what was written, to the head.

    Bounded: of a long shift the last LAST_ENTRIES_MAX; its close and the night read all of them.
    """
    row = await reader.row(_LAST_SHIFT, kkm_id)
    after = 0 if row is None or row["journal_seq"] is None else int(row["journal_seq"])
    after = max(after, (await tail_of(reader, lane_key)).seq - LAST_ENTRIES_MAX)
    mark = await mark_at(reader, lane_key, after) or BEGIN
    walk = await verify_from(reader, lane_key, mark)
    assert walk.verdict is not None
    return walk.verdict


async def demand_whole(work: Work, lane: Lane, kkm: KkmRecord) -> None:
    """Before a shift opens. Raises Refusal("JOURNAL_BROKEN") that names the record, and the register is
    blocked though this Work is undone.
    """
    verdict = await verify_last_shift(work, lane.key, kkm.id)
    if not verdict.is_whole:
        raise refuse_after(verdict, kkm)


def refuse_after(verdict: LaneVerdict, kkm: KkmRecord) -> Refusal:
    """The refusal that blocks the register although the Work it is raised in is undone."""
    refusal = refusal_of(verdict, kkm)
    refusal.aftermath = block_after(verdict, kkm)
    return refusal


async def refuse_broken(reader: Reader, lane: Lane, kkm: KkmRecord) -> None:
    """The lane was blocked for its journal. Raises Refusal("JOURNAL_BROKEN")."""
    raise refusal_of(await noted_breach(reader, lane.key) or LaneVerdict(lane.key, 0), kkm)


def refusal_of(verdict: LaneVerdict, kkm: KkmRecord | None) -> Refusal:
    """The exact record, for people."""
    at, zone = "—", ZONE if kkm is None else kkm.card.zone
    if verdict.at_ms is not None:
        at = from_ms(verdict.at_ms).astimezone(zone_of(zone)).strftime("%d.%m.%Y %H:%M:%S")
    return Refusal(
        JOURNAL_BROKEN,
        register=(kkm and kkm.card.registration_number) or register_of(verdict.lane_key),
        seq=verdict.seq or 0,
        kind=verdict.kind or "—",
        at=at,
        breach=str(verdict.breach or ""),
    )


def block_after(verdict: LaneVerdict, kkm: KkmRecord) -> Callable[[Work], Awaitable[None]]:
    """The service that blocks the register once the Work that found it was undone."""

    async def block(work: Work) -> None:
        lane = await work.lane(verdict.lane_key, company_id=kkm.company_id)
        await block_broken(work, lane, kkm, verdict)

    return block


async def block_broken(work: Work, lane: Lane, kkm: KkmRecord | None, verdict: LaneVerdict) -> None:
    """Block the register, and only it, until somebody releases it; tell the board, the audit and the
    administrators.
    """
    await note_breach(work, lane.key, lane.company_id, verdict)
    if lane.blocked_code == JOURNAL_BROKEN:
        return
    lane.block(JOURNAL_BROKEN)
    refusal, register_id = refusal_of(verdict, kkm), register_of(lane.key)
    log.error("journal of register %s is broken: %s", register_id, refusal.facts)
    await report_status(
        work,
        register_id,
        source=SOURCE,
        severity=Severity.ERROR,
        code=JOURNAL_BROKEN,
        since_ms=work.now_ms,
        facts=refusal.facts,
    )
    await work.audit("fiscal_kz.journal_broken", register_id, refusal.facts)
    for each in await administrators_of(work):
        text = explain(refusal.code, refusal.facts, each.language)
        await post(work, Letter(each.email, text.message, f"{text.message}\n\n{text.next_action or ''}"))
    tell_register(work, register_id)


async def tell_whole(work: Work, register_id: str) -> None:
    """Take the line off the board."""
    await report_status(
        work, register_id, source=SOURCE, severity=Severity.OK, code="OK", since_ms=work.now_ms
    )
    tell_register(work, register_id)


def register_of(lane_key: str) -> str:
    """The register whose lane it is."""
    return lane_key.removeprefix("register:")
