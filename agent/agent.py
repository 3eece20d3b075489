"""The agent: takes what is to be printed, prints it in order, says what came of it, and survives everything
in between.

Intent before effect: a job is remembered on the disk as begun before its first byte leaves, and as printed
before the server is told. After a crash a job that was only begun is given back as possibly printed, so the
server marks its second paper; one that was printed is reported and never printed again.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import random
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any

from agent.devices import Devices, Outcome
from agent.documents import FAILED, MY_PRINTERS, PRINTED, STATES, TAKE
from agent.memory import Memory, Remembered, Step
from agent.server import Server, ServerAway, ServerRefuses
from kernel import crash

TAKE_COUNT = 3  # jobs of each printer at a time: what is in hand nobody else can print
LOOK_S = 20.0  # how often work is asked for without news
TROUBLED_S = 120.0  # how long a printer that did not print is looked after closely
STATE_S = 60.0  # how often idle printers are asked how they are
RETRY_LOOK_S = 2.0  # while a printer does not print
PAUSE_FIRST_S = 0.5
PAUSE_MAX_S = 60.0
CUT_OFF = "CUT_OFF"
# The server does not know the job, or somebody else dealt with it: nothing is left to be said about it.
SETTLED_CODES = frozenset({"PRINT_JOB_UNKNOWN", "PRINT_JOB_NOT_YOURS", "BAD_ID"})

log = logging.getLogger("sauda.agent")


class Pause:
    """Longer after every failure, up to a bound, never quite the same for two agents."""

    def __init__(self, first_s: float = PAUSE_FIRST_S, max_s: float = PAUSE_MAX_S) -> None:
        self._first_s = first_s
        self._max_s = max_s
        self._failures = 0

    def reset(self) -> None:
        """It worked."""
        self._failures = 0

    def next_s(self) -> float:
        """Seconds to wait after one more failure."""
        whole = min(self._max_s, self._first_s * (1 << min(self._failures, 20)))
        self._failures += 1
        return whole * random.uniform(0.5, 1.0)


@dataclass(slots=True)
class Agent:
    """One outlet's agent; `await run()` works until `stop()` or until the server refuses it."""

    server: Server
    memory: Memory
    devices: Devices = field(default_factory=Devices)
    look_s: float = LOOK_S
    retry_look_s: float = RETRY_LOOK_S
    pause_max_s: float = PAUSE_MAX_S
    state_s: float = STATE_S
    printed: int = 0  # since the start
    _states: dict[str, Outcome] = field(default_factory=dict)
    _queues: dict[str, asyncio.Task[bool]] = field(default_factory=dict)  # printers at work
    _ended: Counter[str] = field(default_factory=Counter)  # how often each printer's turn has ended
    _troubled: dict[str, float] = field(default_factory=dict)  # until when a printer is looked after closely
    _error: BaseException | None = None
    _in_hand: set[str] = field(default_factory=set)
    _telling: asyncio.Lock = field(default_factory=asyncio.Lock)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Print what comes. Raises ServerRefuses when a person has to look."""
        listener = asyncio.create_task(self._listen(), name="agent-news")
        looker = asyncio.create_task(self._look_forever(), name="agent-states")
        worker = asyncio.create_task(self._work(), name="agent-work")
        try:
            done, _ = await asyncio.wait({listener, looker, worker}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self.stop()
            listener.cancel()
            looker.cancel()
            await asyncio.gather(listener, looker, worker, *self._queues.values(), return_exceptions=True)

    def stop(self) -> None:
        """Finish the paper at hand and go."""
        self._stopping.set()
        self._news.set()

    async def round(self) -> None:
        """Say what is not said yet, take work, and let each printer that is free begin with its own.

        Raises ServerAway, ServerRefuses.
        """
        await self._report_all()
        before = Counter(self._ended)
        answer = await self.server.ask(TAKE, {"holder": self.memory.holder, "count": TAKE_COUNT})
        if "code" in answer:
            raise ServerAway(f"{answer['code']}: {answer['message']}")
        for printer_id, orders in groupby(answer["orders"], key=lambda order: str(order["printerId"])):
            # Whoever ended a turn since we asked has told the server what this answer does not know yet.
            if printer_id not in self._queues and self._ended[printer_id] == before[printer_id]:
                task = asyncio.create_task(self._print_queue(list(orders)), name=f"printer-{printer_id}")
                self._queues[printer_id] = task
                task.add_done_callback(partial(self._turn_ended, printer_id))

    def _turn_ended(self, printer_id: str, task: asyncio.Task[bool]) -> None:
        del self._queues[printer_id]
        self._ended[printer_id] += 1
        if task.cancelled():
            return
        self._error = task.exception()
        if self._error is None and task.result():
            self._troubled.pop(printer_id, None)
        else:
            self._troubled[printer_id] = asyncio.get_running_loop().time() + TROUBLED_S
        self._news.set()

    async def look(self) -> None:
        """Ask idle network printers how they are, and tell the server what is new.

        Raises ServerAway, ServerRefuses.
        """
        mine = (await self.server.ask(MY_PRINTERS, {}))["value"]
        asked = [each for each in mine if self.devices.may_look(each["connection"])]
        found = await asyncio.gather(
            *(asyncio.to_thread(self.devices.look, each["connection"]) for each in asked)
        )
        states = {each["id"]: seen for each, seen in zip(asked, found, strict=True) if seen is not None}
        news = [
            {"printerId": printer, "problem": it.problem or None, "text": it.text, "paper": it.paper}
            for printer, it in states.items()
            if self._states.get(printer) != it
        ]
        if news:
            await self.server.ask(STATES, {"states": news})
        self._states |= states

    async def _work(self) -> None:
        pause = Pause(max_s=self.pause_max_s)
        while not self._stopping.is_set():
            self._news.clear()
            if self._error is not None:
                raise self._error
            try:
                await self.round()
            except ServerAway as away:
                wait_s = pause.next_s()
                log.warning("the server is away (%s); next try in %.1f s", away, wait_s)
                await self._wait(self._stopping, wait_s)
                continue
            pause.reset()
            now = asyncio.get_running_loop().time()
            is_troubled = any(until > now for until in self._troubled.values())
            await self._wait(self._news, self.retry_look_s if is_troubled else self.look_s)

    async def _look_forever(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.look()
            except ServerAway as away:
                log.info("nobody to tell how the printers are (%s)", away)
            await self._wait(self._stopping, self.state_s)

    async def _listen(self) -> None:
        pause = Pause(max_s=self.pause_max_s)
        while not self._stopping.is_set():
            try:
                async with aclosing(self.server.news()) as news:
                    async for _ in news:
                        pause.reset()
                        self._news.set()
            except ServerAway as away:
                log.info("no news from the server (%s)", away)
            await self._wait(self._stopping, pause.next_s())

    async def _print_queue(self, orders: list[dict[str, Any]]) -> bool:
        """Papers of one printer, in order, until one does not come out: the rest is given out again."""
        try:
            for order in orders:
                if self._stopping.is_set():
                    return True
                if not await self._print(order):
                    return False
        except ServerAway as away:  # what became of the paper is remembered, and told later
            log.warning("the server is away (%s)", away)
            return False
        return True

    async def _print(self, order: dict[str, Any]) -> bool:
        job_id: str = order["jobId"]
        if self.memory.step_of(job_id) in (Step.PRINTED, Step.REPORTED):
            log.info("job %s lies on paper already", order["number"])
            self.memory.printed(job_id, "UNKNOWN")
            await self._report_all()
            return True
        self._in_hand.add(job_id)
        self.memory.begin(job_id)
        crash.point("agent.after_begin")
        content = base64.b64decode(order["content"])
        outcome: Outcome = await asyncio.to_thread(self.devices.print, order["connection"], content)
        crash.point("agent.after_print")
        self._in_hand.discard(job_id)
        if outcome.problem:
            log.warning("%s: %s %s", order["printerName"], outcome.problem, outcome.text)
            self.memory.failed(
                job_id, outcome.problem, outcome.text, is_begun=outcome.is_begun, paper=outcome.paper
            )
        else:
            self.printed += 1
            self.memory.printed(job_id, outcome.paper)
        crash.point("agent.before_report")
        await self._report_all()
        return not outcome.problem

    async def _report_all(self) -> None:
        """Everything the server does not know yet, in the order it happened."""
        async with self._telling:
            for job in self.memory.unreported():
                if job.id not in self._in_hand:
                    await self._report(job)

    async def _report(self, job: Remembered) -> None:
        answer = await self.server.ask(*self._told(job))
        if answer.get("__typename") == "Refused":
            log.warning("job %s: %s %s", job.id, answer["code"], answer["message"])
            if answer["code"] not in SETTLED_CODES:
                raise ServerAway(f"{answer['code']}: {answer['message']}")
            if job.step is not Step.PRINTED:
                self.memory.forget(job.id)
        self.memory.reported(job.id)

    def _told(self, job: Remembered) -> tuple[str, dict[str, Any]]:
        told: dict[str, Any] = {"jobId": job.id, "holder": self.memory.holder, "paper": job.paper}
        if job.step is Step.PRINTED:
            return PRINTED, told
        is_cut = job.step is Step.BEGUN  # we ended in the middle of it
        return FAILED, {
            **told,
            "problem": CUT_OFF if is_cut else job.problem,
            "text": job.text,
            "isBegun": is_cut or job.is_begun,
        }

    @staticmethod
    async def _wait(event: asyncio.Event, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            pass


__all__ = ["Agent", "Pause", "ServerAway", "ServerRefuses"]
