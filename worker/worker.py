"""The worker: finds lanes that are due, by notices and by looking, and works many of them at once, one task
each.

It also dispatches the outbox, runs schedules, shows that it is alive, and stops in an orderly way. How a lane
is worked is kernel.jobs.runner's business; nothing is remembered here that another worker would need.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import zlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol

from structlog.contextvars import bind_contextvars

from kernel.clock import to_ms
from kernel.config_sections import WorkerSettings
from kernel.events.dispatch import DISPATCH_EVENTS_MAX, DISPATCH_LANE, dispatch_events, oldest_event_ms
from kernel.events.outbox import OUTBOX_TOPIC
from kernel.jobs import figures
from kernel.jobs.lanes import LANE_TOPIC
from kernel.jobs.leases import company_of, due_lanes, is_dead, take_from_dead, unpark
from kernel.jobs.runner import LaneRunner, Step
from kernel.jobs.schedules import begin_schedules, due_schedules, run_schedule
from kernel.security.principal import SYSTEM
from worker.heartbeat import beat, living_workers, say_goodbye

if TYPE_CHECKING:
    from kernel.addons.registry import Registry
    from kernel.data.database import Database
    from kernel.data.work import Work
    from kernel.events.bus import Bus
    from kernel.jobs.lanes import Lane

log = logging.getLogger(__name__)

POLL_S = 1.0  # how often due lanes, events and schedules are looked for without a notice
POLL_LANES = 500
OTHERS_LANE_OVERDUE_MS = 1_000  # a lane of another worker's share is taken when it waits this long
OUTBOX_GATHER_S = 0.02  # pause after a notice, so that one transaction takes many events
HEARTBEAT_S = 5.0
READY_MAX = 20_000  # lanes waiting for a free place; more are found again by looking
TIMER_MAX_S = 5.0  # lanes due sooner are woken by a timer, later ones are found by looking
TIMERS_MAX = 10_000
COMPANIES_MAX = 100_000
RENEWS_PER_LEASE = 3
DEAD_LEASES_MAX = 10_000
POLL_SILENCE_MAX_S = 30.0  # without a look at the database the worker is not healthy


class Host(Protocol):
    """What a worker needs of kernel.app.App."""

    @property
    def database(self) -> Database: ...

    @property
    def bus(self) -> Bus: ...

    @property
    def registry(self) -> Registry: ...


class Worker:
    """One worker of a process. `await run()` works until `stop()`; make a new one to work again."""

    def __init__(self, host: Host, *, settings: WorkerSettings | None = None) -> None:
        self._database = host.database
        self._bus = host.bus
        self._registry = host.registry
        self._settings = settings or host.registry.settings_of(WorkerSettings)
        lease_ms = self._settings.lease_ms // timedelta(milliseconds=1)
        self.runner = LaneRunner(self._database, lease_ms=lease_ms)
        self._stopping = asyncio.Event()
        self._outbox_news = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._prepared: dict[str, Step] = {}  # begun inside the transactions that made them due
        self._again: set[str] = set()  # told of while their task was still running
        self._ready: dict[str, None] = {}
        self._companies: dict[str, str | None] = {}
        self._peers: list[str] = [self.runner.owner]
        self._timers = 0
        self._looked_at = self._database.clock.monotonic()

    async def run(self) -> None:
        """Work until `stop`, then finish the jobs at hand within the drain time and give the leases back."""
        taps = [self._bus.tap(LANE_TOPIC, self.wake), self._bus.tap(OUTBOX_TOPIC, self._hear_outbox)]
        lease_s = self.runner.lease_ms / 1000
        try:
            await self._recover()
            self._database.taker = self
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._every(POLL_S, self._look_for_lanes), name="worker-lanes")
                loops.create_task(self._every(POLL_S, self._run_schedules), name="worker-schedules")
                loops.create_task(self._every(HEARTBEAT_S, self._beat), name="worker-heartbeat")
                loops.create_task(
                    self._every(lease_s / RENEWS_PER_LEASE, self._renew_leases), name="worker-leases"
                )
                loops.create_task(self._dispatch_forever(), name="worker-outbox")
        finally:
            self.stop()
            for untap in taps:
                untap()
            await self._drain()

    def stop(self) -> None:
        """Begin no other job; `run` returns when the running ones are finished or cut off."""
        self.runner.is_draining = True
        if self._database.taker is self:
            self._database.taker = None
        self._stopping.set()
        self._outbox_news.set()

    def wake(self, key: str) -> None:
        """This lane has become due: work it as soon as there is a place, if it is in this worker's share."""
        if key in self._tasks:
            self._again.add(key)
        elif self._is_mine(key):
            self._begin(key)

    async def take(self, work: Work, lane: Lane) -> None:
        """Prepare the lane's head in the transaction that made it due, if there is a place (LaneTaker)."""
        key = lane.key
        has_place = not self._stopping.is_set() and len(self._tasks) < self._settings.lanes_max
        if not has_place or key in self._tasks or not self._is_mine(key):
            return
        step = await self.runner.take(work, lane)
        if step is not None:
            work.after_commit(partial(self._go_on, key, lane.company_id, step))

    def _go_on(self, key: str, company_id: str | None, step: Step) -> None:
        self._remember(key, company_id)
        self._prepared[key] = step
        if key in self._tasks:
            self._again.add(key)
        else:
            self._start(key)

    @property
    def lanes_running(self) -> int:
        """Lanes being worked at this moment."""
        return len(self._tasks)

    @property
    def lanes_ready(self) -> int:
        """Lanes waiting for a free place."""
        return len(self._ready)

    @property
    def is_healthy(self) -> bool:
        """True while the worker looks for work as often as it should."""
        silence_s = self._database.clock.monotonic() - self._looked_at
        return not self._stopping.is_set() and silence_s < POLL_SILENCE_MAX_S

    # Lanes

    def _begin(self, key: str) -> None:
        if self._stopping.is_set():
            return
        if len(self._tasks) >= self._settings.lanes_max:
            if len(self._ready) < READY_MAX:
                self._ready[key] = None
            return
        self._start(key)

    def _start(self, key: str) -> None:
        # A context of its own: who made the notice may be some request with its own principal.
        task = asyncio.get_running_loop().create_task(self._work(key), context=contextvars.Context())
        self._tasks[key] = task
        figures.lanes_running.now += 1
        task.add_done_callback(partial(self._ended, key))

    def _ended(self, key: str, task: asyncio.Task[None]) -> None:
        del self._tasks[key]
        figures.lanes_running.now -= 1
        if key in self._again:
            self._again.discard(key)
            self._ready[key] = None  # behind those that wait
        if self._ready and len(self._tasks) < self._settings.lanes_max:
            following = next(iter(self._ready))
            del self._ready[following]
            self._begin(following)

    async def _work(self, key: str) -> None:
        bind_contextvars(lane=key)  # for the logs; the context is this task's own
        try:
            if key not in self._companies:
                await self._learn_company(key)
            if key in self._companies:
                rest = await self.runner.run(key, self._companies[key], self._prepared.pop(key, None))
                if rest.due_ms is not None:
                    self._look_again(key, rest.due_ms)
        except Exception:  # the edge: the database is away; the lane is found again by looking
            log.error("lane %s could not be worked", key, exc_info=True)

    async def _learn_company(self, key: str) -> None:
        async with self._database.reading(SYSTEM) as reader:
            exists, company_id = await company_of(reader, key)
        if exists:
            self._remember(key, company_id)

    def _remember(self, key: str, company_id: str | None) -> None:
        if len(self._companies) >= COMPANIES_MAX:
            del self._companies[next(iter(self._companies))]
        self._companies[key] = company_id

    def _look_again(self, key: str, due_ms: int) -> None:
        wait_s = (due_ms - to_ms(self._database.clock.now())) / 1000
        if wait_s <= 0:
            self._again.add(key)
        elif wait_s <= TIMER_MAX_S and self._timers < TIMERS_MAX:
            self._timers += 1
            asyncio.get_running_loop().call_later(wait_s, self._timer, key)

    def _timer(self, key: str) -> None:
        self._timers -= 1
        if key in self._tasks:
            self._again.add(key)
        else:
            self._begin(key)

    async def _look_for_lanes(self) -> None:
        async with self._database.reading(SYSTEM) as reader:
            lanes = await due_lanes(reader, POLL_LANES)
            now_ms = reader.now_ms
        self._looked_at = self._database.clock.monotonic()
        for lane in lanes:
            self._remember(lane.key, lane.company_id)
            if lane.key in self._tasks or lane.key in self._ready:
                continue
            if self._is_mine(lane.key) or now_ms - lane.due_ms >= OTHERS_LANE_OVERDUE_MS:
                self._begin(lane.key)

    def _is_mine(self, key: str) -> bool:
        """Among living workers each lane has one that goes first; so notices do not make all of them run for
        it.
        """
        if len(self._peers) <= 1:
            return True
        first = max(self._peers, key=lambda peer: zlib.crc32(f"{peer}/{key}".encode()))
        return first == self.runner.owner

    # Everything else, at its pace

    async def _every(self, pace_s: float, what: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping.is_set():
            await self._guarded(what)
            await self._pause(pace_s)

    async def _guarded(self, what: Callable[[], Awaitable[None]]) -> None:
        try:
            await what()
        except Exception:  # the edge: whatever it was, the next round tries again
            log.error("a round of the worker failed", exc_info=True)

    async def _pause(self, seconds: float) -> None:
        """Wait, but not longer than until `stop`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    def _hear_outbox(self, _: str) -> None:
        if self._is_mine(DISPATCH_LANE):
            self._outbox_news.set()

    async def _dispatch_forever(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._outbox_news.wait()
                    await self._pause(OUTBOX_GATHER_S)
            self._outbox_news.clear()
            await self._guarded(self._dispatch)

    async def _dispatch(self) -> None:
        async with self._database.reading(SYSTEM) as reader:
            oldest_ms = await oldest_event_ms(reader)
            now_ms = reader.now_ms
        if oldest_ms is None:
            return
        if not self._is_mine(DISPATCH_LANE) and now_ms - oldest_ms < OTHERS_LANE_OVERDUE_MS:
            return
        while await self._database.transact(dispatch_events, principal=SYSTEM) == DISPATCH_EVENTS_MAX:
            pass

    async def _run_schedules(self) -> None:
        async with self._database.reading(SYSTEM) as reader:
            due = await due_schedules(reader)
        for schedule in self._registry.schedules:
            if schedule.name in due and not self._stopping.is_set():
                await run_schedule(self._database, schedule, due[schedule.name])

    async def _renew_leases(self) -> None:
        await self.runner.renew_long(self.runner.lease_ms / 1000 / RENEWS_PER_LEASE)

    async def _beat(self) -> None:
        await self._database.transact(beat, self.runner.owner, self.lanes_running, principal=SYSTEM)
        async with self._database.reading(SYSTEM) as reader:
            peers = await living_workers(reader, HEARTBEAT_S)
        self._peers = [peer for peer in peers if not is_dead(peer)] or [self.runner.owner]

    # Beginning and end

    async def _recover(self) -> None:
        schedules = self._registry.schedules
        taken = await self._database.transact(take_from_dead, DEAD_LEASES_MAX, principal=SYSTEM)
        unparked = await self._database.transact(unpark, principal=SYSTEM)
        await self._database.transact(begin_schedules, schedules, principal=SYSTEM)
        if taken or unparked:
            log.info("took %d lanes from dead workers, %d parked lanes try again", taken, unparked)

    async def _drain(self) -> None:
        running = list(self._tasks.values())
        if running:
            _, late = await asyncio.wait(running, timeout=self._settings.drain_ms.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.runner.close()
        await self._database.transact(say_goodbye, self.runner.owner, principal=SYSTEM)
