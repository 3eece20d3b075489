"""Carries questions from the server to terminals in the shop's network, and their answers back.

A question may take a customer's money, so it is asked at most once: it is remembered on the disk before its
first byte leaves, and one that was only begun when this program ended is told as lost, never repeated. Where
questions may go is decided by who runs the agent, not by the server.
"""

from __future__ import annotations

import asyncio
import base64
import fnmatch
import json
import logging
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from agent.agent import Pause
from agent.documents import ANSWER_EXCHANGE, EXCHANGE_NEWS, TAKE_EXCHANGES
from agent.memory import Memory
from agent.server import Server, ServerAway, ServerRefuses
from kernel import crash
from kernel.device_http import AnswerLost, DeviceNotReached, DeviceRequest, ask_device, origin_of

TAKE_COUNT = 20
LOOK_S = 5.0  # how often questions are asked for without news: a cashier waits
PAUSE_MAX_S = 10.0
# The server does not know the question any more: nothing is left to be said about it.
SETTLED_CODES = frozenset({"SHOP_EXCHANGE_UNKNOWN", "SHOP_ANSWER_TOO_LONG", "BAD_ID"})

log = logging.getLogger("sauda.agent")


def http_patterns(allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `--allow` that speak of terminals: `https://192.168.1.*:8080`."""
    return tuple(each for each in allowed if each.startswith(("http://", "https://")))


@dataclass(slots=True)
class Carrier:
    """One outlet's way to its terminals; `await run()` until it is cancelled or the server refuses it."""

    server: Server
    memory: Memory
    allowed: tuple[str, ...]
    look_s: float = LOOK_S
    pause_max_s: float = PAUSE_MAX_S
    _asking: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Carry what comes. Raises ServerRefuses when a person has to look."""
        listener = asyncio.create_task(self._listen(), name="carrier-news")
        worker = asyncio.create_task(self._work(), name="carrier-work")
        try:
            done, _ = await asyncio.wait({listener, worker}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            tasks = (listener, worker, *self._asking.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def round(self) -> None:
        """Tell what is not told yet, take questions, begin to ask them. Raises ServerAway, ServerRefuses."""
        for exchange_id, told in self.memory.untold_exchanges():
            if exchange_id not in self._asking:
                await self._tell(exchange_id, told or _lost("agent_ended"))
        answer = await self.server.ask(TAKE_EXCHANGES, {"holder": self.memory.holder, "count": TAKE_COUNT})
        if "code" in answer:
            raise ServerAway(f"{answer['code']}: {answer['message']}")
        for exchange in answer["exchanges"]:
            key = str(exchange["exchangeId"])
            if key not in self._asking and not self.memory.knows_exchange(key):
                task = asyncio.create_task(self._carry(key, exchange), name=f"exchange-{key}")
                self._asking[key] = task
                task.add_done_callback(partial(self._ended, key))

    def _ended(self, key: str, _: asyncio.Task[None]) -> None:
        del self._asking[key]
        self._news.set()

    async def _carry(self, key: str, exchange: dict[str, Any]) -> None:
        self.memory.begin_exchange(key)
        crash.point("agent.after_exchange_begin")
        told = await self._ask(exchange)
        crash.point("agent.after_exchange")
        self.memory.end_exchange(key, json.dumps(told))
        try:
            await self._tell(key, told)
        except (ServerAway, ServerRefuses) as error:  # it is remembered, and told later
            log.warning("an answer could not be told yet (%s)", error)

    async def _ask(self, exchange: dict[str, Any]) -> dict[str, Any]:
        title = exchange["terminalTitle"]
        try:
            origin = origin_of(exchange["origin"])
        except ValueError:
            return _not_reached("address")
        if not any(fnmatch.fnmatchcase(origin, pattern) for pattern in self.allowed):
            log.warning("%s: %s is not allowed here (--allow)", title, origin)
            return _not_reached("forbidden")
        request = DeviceRequest(
            origin,
            exchange["method"],
            exchange["path"],
            {each["name"]: each["value"] for each in exchange["headers"]},
            base64.b64decode(exchange["body"]),
            exchange["fingerprint"],
        )
        try:
            answer = await ask_device(request, limit_ms=exchange["limitMs"])
        except DeviceNotReached as absent:
            log.warning("%s: %s is not reached (%s)", title, origin, absent.reason)
            return _not_reached(absent.reason)
        except AnswerLost as lost:
            log.warning("%s: no usable answer of %s (%s)", title, origin, lost.reason)
            return _lost(lost.reason)
        body = base64.b64encode(answer.body).decode()
        return {
            "end": "ANSWERED",
            "status": answer.status,
            "body": body,
            "fingerprint": answer.fingerprint,
        }

    async def _tell(self, key: str, told: dict[str, Any]) -> None:
        said = {"exchangeId": key, "holder": self.memory.holder, **told}
        answer = await self.server.ask(ANSWER_EXCHANGE, {"input": said})
        if "code" in answer and answer["code"] not in SETTLED_CODES:
            raise ServerAway(f"{answer['code']}: {answer['message']}")
        self.memory.told_exchange(key)

    async def _work(self) -> None:
        pause = Pause(max_s=self.pause_max_s)
        while True:
            self._news.clear()
            try:
                await self.round()
            except ServerAway as away:
                wait_s = pause.next_s()
                log.warning("the server is away (%s); next try in %.1f s", away, wait_s)
            else:
                pause.reset()
                wait_s = self.look_s
            try:
                async with asyncio.timeout(wait_s):
                    await self._news.wait()
            except TimeoutError:
                pass

    async def _listen(self) -> None:
        pause = Pause(max_s=self.pause_max_s)
        while True:
            try:
                async with aclosing(self.server.news(EXCHANGE_NEWS)) as news:
                    async for _ in news:
                        pause.reset()
                        self._news.set()
            except ServerAway as away:
                log.info("no news from the server (%s)", away)
            await asyncio.sleep(pause.next_s())


async def carry(carrier: Carrier) -> None:
    """Run it beside the printing, which goes on when the server knows nothing of terminals."""
    if not carrier.allowed:
        return
    try:
        await carrier.run()
    except ServerRefuses as refused:
        log.error("terminals are not carried for: %s", refused)


def _not_reached(reason: str) -> dict[str, Any]:
    return {"end": "NOT_REACHED", "reason": reason}


def _lost(reason: str) -> dict[str, Any]:
    return {"end": "LOST", "reason": reason}
