"""A shift closes by itself before its 24 hours are over, online or not, and the administrator is told.

Each long shift gets one job on a lane of its own: it warns, waits, closes, and writes the letter once the
close is a fact. A close that waits behind an exchange without an answer, or that the OFD refuses, is looked
after until the shift is closed, by whom ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.bodies import DeskBody
from addons.fiscal_kz.domain.kinds import DocumentKind
from addons.fiscal_kz.domain.shift_clock import ShiftClock
from addons.fiscal_kz.domain.zones import zone_of
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.accept import accept_document
from addons.fiscal_kz.services.close_letter import letters_about_close
from addons.fiscal_kz.services.close_shift import withdraws_at_close
from addons.fiscal_kz.services.jobs import lane_key
from addons.fiscal_kz.services.proof import prove_ahead
from addons.fiscal_kz.services.records import KkmRecord
from addons.fiscal_kz.services.status import clear_shift, warn_shift
from addons.fiscal_kz.settings import FiscalSettings
from addons.organization.api import Severity, register_card
from kernel.clock import from_ms
from kernel.errors import Refusal
from kernel.ids import CompanyId
from kernel.jobs.policy import DONE, Again, Settled
from kernel.journal.canonical import JSON
from kernel.mail import is_mail_on, post
from kernel.security.principal import SYSTEM

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job, Lane

SHIFT_JOB = "fiscal_kz.shift"
SYSTEM_OPERATOR = DeskBody("", 0, "Система")
PENDING_PAUSE_MS = 5_000  # a close is on its way
BLOCKED_PAUSE_MS = 60_000  # the register may not work: until somebody releases it

_CLOSED = "SELECT number, closed_ms, closed_by FROM fkz_shift WHERE id = ? AND company_id = ?"
_PENDING = """SELECT id FROM fkz_document
WHERE kkm_id = ? AND lane_seq >= ? AND kind = 'CLOSE' AND state = 'QUEUED' LIMIT 1"""


@dataclass(frozen=True, slots=True)
class ShiftPlan:
    """The shift a job looks after."""

    database: Database
    company_id: str
    register_id: str
    shift_id: str


def shift_lane(register_id: str) -> str:
    """The lane of a register's long shifts: apart from its documents, which it must not hold up."""
    return f"shift:{register_id}"


def plan_shift(work: Work, job: Job) -> ShiftPlan:
    """Which shift it is about."""
    assert job.company_id is not None
    return ShiftPlan(work.database, job.company_id, str(job.body["register"]), str(job.body["shift"]))


async def read_shift(plan: ShiftPlan) -> None:
    """Prove the shift outside of the Work that closes it, so that its lane is not held for long."""
    async with plan.database.reading(SYSTEM.within(CompanyId(plan.company_id))) as reader:
        await prove_ahead(reader, plan.register_id)


async def keep_shift(work: Work, plan: ShiftPlan) -> Settled:
    """Warn, wait, close, tell: whatever is next for this shift."""
    lane = await work.lane(lane_key(plan.register_id), company_id=plan.company_id)
    kkm = await store.kkm_of_lane(work, lane, plan.register_id)
    if kkm is None:
        return DONE
    opened_ms = kkm.state.shift_opened_ms
    if opened_ms is None or kkm.shift_id != plan.shift_id:
        await _tell(work, kkm, plan.shift_id)
        return DONE
    clock = work.settings(FiscalSettings).shift_clock(opened_ms)
    if not clock.is_due(work.now_ms):
        if clock.is_ending(work.now_ms):
            await _warn(work, kkm, clock)
        return Again(clock.pause_ms(work.now_ms))
    if await work.row(_PENDING, kkm.id, lane.head_seq) is not None:
        return Again(PENDING_PAUSE_MS)
    return await _close(work, lane, kkm, clock)


async def _close(work: Work, lane: Lane, kkm: KkmRecord, clock: ShiftClock) -> Settled:
    register = await register_card(work, kkm.register_id)
    try:
        await accept_document(
            work,
            lane,
            register_id=register.id,
            outlet=register.outlet,
            kind=DocumentKind.CLOSE,
            body=SYSTEM_OPERATOR if not withdraws_at_close(work) else DeskBody("", 0, "Система", True),
            created_ms=work.now_ms,
        )
    except Refusal as refusal:
        if refusal.aftermath is not None:
            await refusal.aftermath(work)
        await _warn(work, kkm, clock, cause=refusal.code)
        return Again(BLOCKED_PAUSE_MS)
    await work.audit("fiscal_kz.auto_close", kkm.id, {"shift": kkm.state.shift_number})
    return Again(PENDING_PAUSE_MS)  # the letter follows when it is a fact


async def _warn(work: Work, kkm: KkmRecord, clock: ShiftClock, *, cause: str = "") -> None:
    zone = zone_of(kkm.card.zone)
    moment = clock.ends_ms if clock.closes_ms is None or cause else clock.closes_ms
    at = from_ms(moment).astimezone(zone).strftime("%d.%m.%Y %H:%M")
    code = "KKM_SHIFT_ENDING" if clock.closes_ms is not None else "KKM_SHIFT_ENDS"
    severity = Severity.WARNING
    if cause or work.now_ms >= clock.ends_ms:
        code, severity = "KKM_SHIFT_NOT_CLOSED", Severity.ERROR
    facts: dict[str, JSON] = {"at": at, "shift": kkm.state.shift_number, "cause": cause}
    await warn_shift(work, kkm.register_id, severity, code, since_ms=clock.warns_ms, facts=facts)


async def _tell(work: Work, kkm: KkmRecord, shift_id: str) -> None:
    """The shift is closed; the administrators hear of it if nobody did it."""
    await clear_shift(work, kkm.register_id)
    row = await work.row(_CLOSED, shift_id, work.company_id)
    if row is None or row["closed_ms"] is None or row["closed_by"] is not None or not is_mail_on(work):
        return
    at = from_ms(row["closed_ms"]).astimezone(zone_of(kkm.card.zone))
    register = await register_card(work, kkm.register_id)
    for letter in await letters_about_close(work, register, kkm, number=row["number"], at=at):
        await post(work, letter)
