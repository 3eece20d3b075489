"""Guesses counted in Redis for all processes at once: an attacker's flood costs the database nothing.

One script looks at all subjects and counts at all of them or at none, by the rules of rate_limits. The counts
are of use for a day at most and may be lost; while Redis is away the caller counts in the database, from what
stands there. Who owns a guess, and what is secret about a subject, is the caller's to know.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from kernel.clock import Clock
from kernel.errors import Fault, Refusal
from kernel.security.rate_limits import DOUBLINGS_MAX, AttemptPolicy

log = logging.getLogger(__name__)

ANSWER_LIMIT_S = 0.5  # Redis is beside us: a slower one is away
AWAY_S = 5.0  # it is not asked again that long, so that its silence does not slow down everybody
PENDING_MAX = 10_000  # right guesses to be forgiven; more are forgiven by time alone

# KEYS: subjects in order. ARGV: now_ms, doublings_max, then free, first_ms, max_ms, forget_ms for each.
_ADMIT = """
local now, doublings = tonumber(ARGV[1]), tonumber(ARGV[2])
local counts = {}
for i, key in ipairs(KEYS) do
  local at = 3 + (i - 1) * 4
  local free, first = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local longest, forget = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local known = redis.call('HMGET', key, 'count', 'last_ms')
  local count, last = tonumber(known[1] or '0'), tonumber(known[2] or '0')
  if now - last >= forget then count = 0 end
  if count >= free then
    local pause = math.min(longest, first * 2 ^ math.min(count - free, doublings))
    local left = last + pause - now
    if left > 0 then return left end
  end
  counts[i] = count + 1
end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 'count', counts[i], 'last_ms', ARGV[1])
  redis.call('PEXPIRE', key, ARGV[3 + (i - 1) * 4 + 3])
end
return 0
"""
_TAKE_BACK = """
for _, key in ipairs(KEYS) do
  if tonumber(redis.call('HGET', key, 'count') or '0') > 0 then redis.call('HINCRBY', key, 'count', -1) end
end
return 0
"""

Counted = tuple[str, AttemptPolicy]


class RedisCounts:
    """Make it, `await start()`, at the end `await close()`. name: of the installation."""

    def __init__(self, url: str, *, name: str, clock: Clock) -> None:
        self._url, self._clock = url, clock
        self._prefix = f"sauda:guess:{hashlib.sha256(name.encode()).hexdigest()[:16]}:"
        self._redis: Redis | None = None
        self._pending: list[tuple[str, bool]] = []  # subjects whose guess was right; True: only the last one
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._away_until = 0.0

    async def start(self) -> None:
        """Begin; Redis itself is asked with the first guess."""
        if self._task is not None:
            raise Fault("the counts are started already")
        self._redis = Redis.from_url(
            self._url, socket_connect_timeout=ANSWER_LIMIT_S, socket_timeout=ANSWER_LIMIT_S
        )
        self._task = asyncio.create_task(self._forgive_forever(), name="redis-counts")

    async def close(self) -> None:
        """Stop; what is still to be forgiven is, if Redis answers."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._forgive_pending()
        if self._redis is not None:
            await self._redis.aclose()
            self._redis = None

    async def admit(self, guesses: Sequence[Counted], now_ms: int) -> bool:
        """Count one more guess at each subject; False: Redis is away and nothing was counted.

        Raises Refusal("AUTH_THROTTLED", seconds=…) and counts none when one comes too early.
        """
        await self._forgive_pending()
        guesses = sorted(guesses, key=lambda each: each[0])
        keys = [self._prefix + subject for subject, _ in guesses]
        numbers = [now_ms, DOUBLINGS_MAX]
        for _, policy in guesses:
            seconds = (policy.delay_first_s, policy.delay_max_s, policy.forget_after_s)
            numbers += [policy.free, *(each * 1000 for each in seconds)]
        left_ms = await self._ask(_ADMIT, keys, numbers)
        if left_ms:
            raise Refusal("AUTH_THROTTLED", seconds=-(-left_ms // 1000))
        return left_ms is not None

    def forgive(self, subject: str) -> None:
        """Forget the guesses at a subject, soon: a right one was written down."""
        self._later(subject, is_one=False)

    def take_back(self, subject: str) -> None:
        """One guess less at a subject, soon."""
        self._later(subject, is_one=True)

    def _later(self, subject: str, *, is_one: bool) -> None:
        if len(self._pending) < PENDING_MAX:
            self._pending.append((subject, is_one))
            self._news.set()

    async def _forgive_forever(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await self._forgive_pending()

    async def _forgive_pending(self) -> None:
        pending, self._pending = self._pending, []
        forgotten = [self._prefix + subject for subject, is_one in pending if not is_one]
        if forgotten:
            await self._ask("return redis.call('DEL', unpack(KEYS))", forgotten[:PENDING_MAX], [])
        fewer = [self._prefix + subject for subject, is_one in pending if is_one]
        if fewer:
            await self._ask(_TAKE_BACK, fewer, [])

    async def _ask(self, script: str, keys: Sequence[str], numbers: Sequence[int]) -> int | None:
        """What the script answers; None while Redis is away."""
        if self._redis is None or self._clock.monotonic() < self._away_until:
            return None
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                answer = self._redis.eval(script, len(keys), *keys, *map(str, numbers))
                return int(await answer)  # type: ignore[misc]  # of an asynchronous client
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = self._clock.monotonic() + AWAY_S
            log.error("redis is away, guesses are counted in the database: %s", error)
            with contextlib.suppress(RedisError, OSError):
                await self._redis.connection_pool.disconnect()
            return None


def counts_of(bus_url: str, *, name: str, clock: Clock) -> RedisCounts | None:
    """Counts beside the bus between processes; None within one process: then the database counts."""
    return None if bus_url.startswith("memory:") else RedisCounts(bus_url, name=name, clock=clock)
