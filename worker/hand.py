"""A gateway's own hand: it works at once what this very process has accepted, and nothing else.

A sale and the intent to send it share a commit then, nobody has to be woken for it, and the process that
remembers the lane is the one that meets it again. Whatever does not end at once (a partner that is silent, a
queue that waits) is the workers': they find it as they find the lane of any other.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from structlog.contextvars import bind_contextvars

from kernel.clock import to_ms
from kernel.config_sections import WorkerSettings
from kernel.jobs import figures
from kernel.jobs.lanes import LANE_TOPIC
from kernel.jobs.leases import take_from_dead
from kernel.jobs.runner import LaneRunner, Step
from kernel.security.principal import SYSTEM
from worker.worker import DEAD_LEASES_MAX, RENEWS_PER_LEASE, Host

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Lane

log = logging.getLogger(__name__)


class Hand:
    """Takes lanes for one gateway (LaneTaker); use through `helping`."""

    def __init__(self, host: Host) -> None:
        self._database = host.database
        self._bus = host.bus
        self._settings = host.registry.settings_of(WorkerSettings)
        lease_ms = self._settings.lease_ms // timedelta(milliseconds=1)
        self.runner = LaneRunner(self._database, lease_ms=lease_ms)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def take(self, work: Work, lane: Lane) -> None:
        """Prepare the lane's head in the transaction that made it due, if there is a place (LaneTaker)."""
        if self.runner.is_draining or len(self._tasks) >= self._settings.lanes_max or lane.key in self._tasks:
            return
        step = await self.runner.take(work, lane)
        if step is not None:
            work.after_commit(partial(self._begin, lane.company_id, step))

    async def keep_leases(self) -> None:
        """Give back what a killed process of this host still holds, then prolong what this one does, for
        ever.
        """
        pace_s = self.runner.lease_ms / 1000 / RENEWS_PER_LEASE
        await self._guarded(self._database.transact(take_from_dead, DEAD_LEASES_MAX, principal=SYSTEM))
        while True:
            await asyncio.sleep(pace_s)
            await self._guarded(self.runner.renew_long(pace_s))

    async def _guarded(self, what: Awaitable[object]) -> None:
        try:
            await what
        except Exception:  # the edge: the database is away; the next round tries again
            log.error("leases could not be looked after", exc_info=True)

    async def drain(self) -> None:
        """Take no more, finish what runs within the drain time, give back the leases of what did not."""
        self.runner.is_draining = True
        running = list(self._tasks.values())
        if running:
            _, late = await asyncio.wait(running, timeout=self._settings.drain_ms.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.runner.close()

    def _begin(self, company_id: str | None, step: Step) -> None:
        key = step.job.lane_key
        # A context of its own: the request that enqueued the job has its own principal.
        work = self._work(key, company_id, step)
        task = asyncio.get_running_loop().create_task(work, context=contextvars.Context())
        self._tasks[key] = task
        figures.lanes_running.now += 1
        task.add_done_callback(partial(self._ended, key))

    def _ended(self, key: str, _: asyncio.Task[None]) -> None:
        del self._tasks[key]
        figures.lanes_running.now -= 1

    async def _work(self, key: str, company_id: str | None, step: Step) -> None:
        bind_contextvars(lane=key)  # for the logs; the context is this task's own
        try:
            rest = await self.runner.run(key, company_id, step)
        except Exception:  # the edge: the database is away; workers find the lane when its lease ends
            log.error("lane %s could not be worked", key, exc_info=True)
            return
        if rest.due_ms is not None and rest.due_ms <= to_ms(self._database.clock.now()):
            self._bus.publish(LANE_TOPIC, key)


@contextlib.asynccontextmanager
async def helping(host: Host) -> AsyncIterator[None]:
    """A hand of this process while the block runs, unless worker.in_gateways says no."""
    if not host.registry.settings_of(WorkerSettings).in_gateways:
        yield
        return
    hand = Hand(host)
    leases = asyncio.create_task(hand.keep_leases(), name="hand-leases")
    host.database.taker = hand
    try:
        yield
    finally:
        host.database.taker = None
        await hand.drain()
        leases.cancel()
