"""One writer for SQLite: Works that are ready run one after another inside a single BEGIN … COMMIT, each in
its own savepoint.

While a commit is flushed in a thread the next Works gather, so the group grows with the load and a lone Work
waits for nobody.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from kernel.data.failures import is_busy
from kernel.errors import Refusal

log = logging.getLogger(__name__)

T = TypeVar("T")

GROUP_MAX = 128  # works per commit: bounds how long the first one waits for the last
LOCK_WAIT_MAX_S = 45  # while another process (an import, a migration) writes to the file
BUSY_PAUSE_S = 0.002  # between looks at its lock; SQLite's own pauses of 100 ms would starve us


@dataclass(slots=True)
class _Entry:
    body: Callable[[], Coroutine[Any, Any, Any]]
    context: contextvars.Context
    outcome: asyncio.Future[Any]
    committed: Callable[[], None]


class _InContext(Awaitable[Any]):
    """Runs a coroutine inside the caller's context variables, although the writer's task drives it."""

    __slots__ = ("context", "coroutine")

    def __init__(self, coroutine: Coroutine[Any, Any, Any], context: contextvars.Context) -> None:
        self.coroutine = coroutine
        self.context = context

    def __await__(self) -> Generator[Any, Any, Any]:
        step: Callable[..., Any] = self.coroutine.send
        argument: Any = None
        while True:
            try:
                waited_for = self.context.run(step, argument)
            except StopIteration as finished:
                return finished.value
            try:
                argument, step = (yield waited_for), self.coroutine.send
            except BaseException as error:  # noqa: BLE001  # handed on to the coroutine, which decides
                argument, step = error, self.coroutine.throw


class GroupCommit:
    """Runs bodies on one connection in order of arrival and commits them in groups.

    A body that raises is undone alone; the others of its group are not touched. If the commit itself fails,
    every caller of the group hears it. A caller that is cancelled while its body is queued or running does
    not stop it: the outcome is then unknown to the caller, never half done.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("PRAGMA busy_timeout=0")  # the event loop never waits for another process's lock
        self._waiting: deque[_Entry] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-commit")

    async def run(self, body: Callable[[], Coroutine[Any, Any, Any]], committed: Callable[[], None]) -> Any:
        """Result of the body once it is durable; `committed` is called right after the flush."""
        entry = _Entry(
            body, contextvars.copy_context(), asyncio.get_running_loop().create_future(), committed
        )
        self._waiting.append(entry)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(
                self._write(), name="sqlite-writer", context=contextvars.Context()
            )
        return await outcome_of(entry.outcome)

    async def close(self) -> None:
        """Wait for what is queued, then stop."""
        if self._writer is not None:
            await self._writer
        self._thread.shutdown()

    async def _write(self) -> None:
        while self._waiting:
            if not await self._begin():
                continue
            done: list[tuple[_Entry, Any]] = []
            try:
                while self._waiting and len(done) < GROUP_MAX:
                    entry = self._waiting.popleft()
                    succeeded, result = await self._run_one(entry)
                    if succeeded:
                        done.append((entry, result))
            except BaseException as error:  # what is not committed is gone: all of the group hear it
                self._undo()
                _fail([each for each, _ in done], error)
                if not isinstance(error, Exception):
                    raise
                continue
            await self._commit(done)

    async def _begin(self) -> bool:
        """Open the transaction. When that is not possible, everybody who waits hears it and it is False."""
        give_up_at = time.monotonic() + LOCK_WAIT_MAX_S
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                return True
            except sqlite3.Error as error:
                if is_busy(error) and time.monotonic() < give_up_at:
                    await asyncio.sleep(BUSY_PAUSE_S)
                    continue
                _fail(list(self._waiting), error)
                self._waiting.clear()
                return False

    async def _run_one(self, entry: _Entry) -> tuple[bool, Any]:
        """Whether the body succeeded, and its result. Raises when the whole transaction is lost with it."""
        try:
            self._connection.execute("SAVEPOINT work")
            result = await _InContext(entry.body(), entry.context)
            self._connection.execute("RELEASE work")
        except BaseException as error:
            _fail([entry], error)
            # SQLite itself may have undone everything, on a full disk for one.
            if not isinstance(error, Exception) or not self._connection.in_transaction:
                raise
            self._connection.execute("ROLLBACK TO work")
            self._connection.execute("RELEASE work")
            return False, None
        return True, result

    async def _commit(self, done: list[tuple[_Entry, Any]]) -> None:
        try:
            await self._in_thread("COMMIT")
        except sqlite3.Error as error:
            self._undo()
            _fail([entry for entry, _ in done], error)
            return
        for entry, result in done:
            try:
                entry.committed()
            except Exception:  # it is durable all the same, and the others of the group wait
                log.exception("what should follow a commit failed")
            if not entry.outcome.done():
                entry.outcome.set_result(result)

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    async def _in_thread(self, statement: str) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.execute, statement)


async def outcome_of(transaction: asyncio.Future[T]) -> T:
    """The result of a transaction that goes on when its caller is cancelled; how it then ended is logged if
    it was a fault.
    """
    try:
        return await asyncio.shield(transaction)
    except asyncio.CancelledError:
        transaction.add_done_callback(_unheard)
        raise


def _unheard(transaction: asyncio.Future[Any]) -> None:
    error = None if transaction.cancelled() else transaction.exception()
    if error is not None and not isinstance(error, Refusal):
        log.error("a transaction failed after its caller had gone", exc_info=error)


def _fail(entries: list[_Entry], error: BaseException) -> None:
    for entry in entries:
        if not entry.outcome.done():
            entry.outcome.set_exception(error)
