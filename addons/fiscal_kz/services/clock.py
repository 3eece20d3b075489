"""The clock of this machine against others: warned of past one limit, refused past another.

A time server (SNTP, off by default) tells both ways. An OFD tells one: the moment in its report is never
ahead of the truth, so a clock behind it is wrong; a clock ahead may be right, for the report may be old.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from addons.fiscal_kz.domain.events import ClockSeen
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.desk import Desk
from addons.fiscal_kz.services.jobs import INFO_PURPOSE_RECONCILE, enqueue_info, lane_key
from addons.fiscal_kz.settings import FiscalSettings
from addons.organization.api import Severity, report_status
from kernel.ids import CompanyId
from kernel.jobs.policy import DONE, Settled
from kernel.security.principal import SYSTEM

if TYPE_CHECKING:
    from kernel.clock import Clock
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job

CLOCK_JOB = "fiscal_kz.clock"
CLOCK_LANE = "clock:watch"
SOURCE = "fiscal_kz.clock"
PAGE_REGISTERS = 200

_OTHERS = """SELECT id, company_id, register_id FROM fkz_kkm
WHERE is_active = 1 AND clock_drift_ms <> ? AND id > ? ORDER BY id LIMIT ?"""


@dataclass(frozen=True, slots=True)
class Measured:
    """drift_ms: what our clock is ahead of the time server's; negative: behind."""

    drift_ms: int


@dataclass(frozen=True, slots=True)
class ClockPlan:
    """Whom to ask."""

    host: str
    port: int
    clock: Clock


class TimeSource(Protocol):
    """A time server."""

    async def measure(self, host: str, port: int, clock: Clock) -> Measured | None:
        """What our clock is ahead of the server's; None when it is silent or not to be believed."""


async def watch_clock(work: Work) -> None:
    """Ask the time server; without one, have the OFD asked again by registers whose clock was wrong."""
    settings = work.settings(FiscalSettings)
    if settings.time_server:
        lane = await work.lane(CLOCK_LANE, company_id=None)
        if not lane.length:
            lane.enqueue(CLOCK_JOB, {})
        return
    for row in await work.rows(_OTHERS, 0, "", PAGE_REGISTERS):
        with work.acting_as(SYSTEM.within(CompanyId(row["company_id"]))) as own:
            lane = await own.lane(lane_key(row["register_id"]), company_id=row["company_id"])
            kkm = await store.kkm_of_lane(own, lane, row["register_id"])
            if kkm is not None and not lane.length and not kkm.state.is_autonomous:
                enqueue_info(lane, kkm, purpose=INFO_PURPOSE_RECONCILE)


def plan_clock(work: Work, job: Job) -> ClockPlan | Settled:
    """The time server of the settings."""
    server = time_server_of(work.settings(FiscalSettings))
    return DONE if server is None else ClockPlan(*server, work.database.clock)


def time_server_of(settings: FiscalSettings) -> tuple[str, int] | None:
    """Host and port; None while it is switched off."""
    if not settings.time_server:
        return None
    host, _, port = settings.time_server.rpartition(":")
    return host.strip("[]"), int(port)


async def settle_clock(work: Work, measured: Measured | None) -> Settled:
    """Tell every register whose last word about the clock is another one. Silence changes nothing."""
    if measured is None:
        return DONE
    drift_ms = noticed(measured.drift_ms, work.settings(FiscalSettings))
    after = ""
    while True:
        rows = await work.rows(_OTHERS, drift_ms, after, PAGE_REGISTERS)
        for row in rows:
            await _tell(work, row["company_id"], row["register_id"], drift_ms)
        if len(rows) < PAGE_REGISTERS:
            return DONE
        after = rows[-1]["id"]


def noticed(drift_ms: int, settings: FiscalSettings) -> int:
    """The drift in whole seconds as far as it matters, else 0: clocks that are right cost no writing."""
    return drift_ms // 1_000 * 1_000 if abs(drift_ms) > settings.clock_warn_seconds * 1_000 else 0


async def ofd_time_seen(desk: Desk, told_ms: int | None) -> None:
    """An OFD's report carries that moment. It proves a clock that is behind, and none that is ahead."""
    known = desk.state.clock_drift_ms
    behind = 0 if told_ms is None else min(0, desk.work.now_ms - told_ms)
    drift_ms = noticed(behind, desk.settings)
    if drift_ms or known < 0:
        await clock_seen(desk, drift_ms)


async def clock_seen(desk: Desk, drift_ms: int) -> None:
    """Keep it in the register's state, tell the board."""
    if drift_ms == desk.state.clock_drift_ms:
        return
    desk.decide(ClockSeen(drift_ms))
    desk.chronicle.note("clock", {"drift_ms": drift_ms})
    is_wrong = abs(drift_ms) > desk.settings.clock_refuse_seconds * 1_000
    await report_status(
        desk.work,
        desk.kkm.register_id,
        source=SOURCE,
        severity=Severity.ERROR if is_wrong else Severity.WARNING if drift_ms else Severity.OK,
        code="KKM_CLOCK_WRONG" if is_wrong else "KKM_CLOCK_DRIFTS" if drift_ms else "OK",
        since_ms=desk.work.now_ms,
        facts={"seconds": drift_ms // 1_000},
    )


async def _tell(work: Work, company_id: str, register_id: str, drift_ms: int) -> None:
    with work.acting_as(SYSTEM.within(CompanyId(company_id))) as own:
        lane = await own.lane(lane_key(register_id), company_id=company_id)
        kkm = await store.kkm_of_lane(own, lane, register_id)
        if kkm is not None:
            desk = Desk(own, lane, kkm)
            await clock_seen(desk, drift_ms)
            await desk.save()
