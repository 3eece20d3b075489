"""One writer for SQLite: Works that are ready run one after another inside a single BEGIN … COMMIT.

While a commit is flushed in a thread the next Works gather, so the group grows with the load and a lone Work
waits for nobody. SQLite copies each page that is changed inside a savepoint, which is an eighth of all that a
sale costs; so Works get savepoints only when one of their group has failed after it had written: then all of
it is undone and runs again, each in a savepoint of its own, and so does every group until one goes well.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple, Protocol, TypeVar

from kernel.data.checkpoints import Checkpoints
from kernel.data.failures import is_busy
from kernel.data.group_writes import GroupWrites
from kernel.data.kept import KeptAnswers
from kernel.errors import Refusal

log = logging.getLogger(__name__)

T = TypeVar("T")

GROUP_MAX = 128  # works per commit: bounds how long the first one waits for the last
LOCK_WAIT_MAX_S = 45  # while another process (an import, a migration) writes to the file
BUSY_PAUSE_S = 0.002  # between looks at its lock; SQLite's own pauses of 100 ms would starve us


class Body(Protocol):
    """What is run: again when another of its group has failed, or not at all when the group cannot begin."""

    async def run(self) -> Any:
        """Do it, from the start, in a context of its own. What it raises undoes it."""
        ...

    def committed(self) -> None:
        """Called right after the flush."""
        ...


class _Entry(NamedTuple):
    body: Body
    context: contextvars.Context
    outcome: asyncio.Future[Any]


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
    kept: what is known of the rows; forgotten whenever something is undone or changed by others. said: what
    waits to be written with the group. checkpoints: of the connection's database.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        kept: KeptAnswers,
        said: GroupWrites,
        checkpoints: Checkpoints,
    ) -> None:
        self._connection = connection
        self._checkpoints = checkpoints
        self._kept = kept
        self._said = said
        self._version = -1  # of the data, as other connections change it
        self._loop = asyncio.get_running_loop()  # asked once: asking costs a system call
        self._cursor = connection.cursor()
        connection.execute("PRAGMA busy_timeout=0")  # the event loop never waits for another process's lock
        self._waiting: deque[_Entry] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._is_careful = False  # each Work of the next group gets a savepoint
        self._flusher = _Flusher(connection)

    async def run(self, body: Body) -> Any:
        """Result of the body once it is durable. It runs in a copy of the caller's context variables."""
        outcome = self._loop.create_future()
        self._waiting.append(_Entry(body, contextvars.copy_context(), outcome))
        if self._writer is None or self._writer.done():
            self._writer = self._loop.create_task(
                self._write(), name="sqlite-writer", context=contextvars.Context()
            )
        try:
            return await outcome
        except asyncio.CancelledError:
            if not outcome.cancelled():  # it had ended before its caller could hear how
                _unheard(outcome)
            raise

    async def close(self) -> None:
        """Wait for what is queued, then stop."""
        if self._writer is not None:
            await self._writer
        self._flusher.close()
        self._checkpoints.close()

    async def _write(self) -> None:
        while self._waiting:
            if not await self._begin():
                continue
            done: list[tuple[_Entry, Any]] = []
            try:
                is_whole = await self._run_group(done)
            except BaseException as error:  # what is not committed is gone: all of the group hear it
                self._undo()
                _fail([each for each, _ in done], error)
                if not isinstance(error, Exception):
                    raise
                continue
            if is_whole:
                await self._commit(done)
            if self._waiting:
                await asyncio.sleep(0)  # who was woken goes first: its next Work joins the group

    async def _run_group(self, done: list[tuple[_Entry, Any]]) -> bool:
        """Run who waits; `done` gets those that succeeded. False when all is undone to run again."""
        is_careful, self._is_careful = self._is_careful, False
        said = self._said
        while self._waiting and len(done) < GROUP_MAX:
            entry = self._waiting.popleft()
            said.begin()
            try:
                if is_careful:
                    self._cursor.execute("SAVEPOINT work")
                result = await _InContext(entry.body.run(), entry.context)
                if is_careful:
                    said.run()
                if said.failure is not None:  # and somebody has caught it
                    raise said.failure
                if is_careful:
                    self._cursor.execute("RELEASE work")
            except BaseException as error:
                # SQLite itself may have undone everything, on a full disk for one.
                if not isinstance(error, Exception) or not self._connection.in_transaction:
                    _fail([entry], error)
                    raise
                must_be_undone = said.has_written or said.failure is not None
                self._is_careful |= must_be_undone
                if must_be_undone and not is_careful:
                    self._run_again([*done, (entry, None)], error)
                    return False
                _fail([entry], error)
                if is_careful:
                    said.forget()
                    self._kept.forget()
                    self._connection.execute("ROLLBACK TO work")
                    self._connection.execute("RELEASE work")
                elif said.take_back():
                    self._kept.forget()
            else:
                done.append((entry, result))
        try:
            said.run()
        except Exception as error:
            if not self._connection.in_transaction:
                raise
            self._is_careful = True
            self._run_again(done, error)
            return False
        return True

    def _run_again(self, entries: list[tuple[_Entry, Any]], error: Exception) -> None:
        """Undo the group for its Works to run again; a single one has failed by itself."""
        self._undo()
        if len(entries) == 1:
            _fail([entries[0][0]], error)
        else:
            self._waiting.extendleft(entry for entry, _ in reversed(entries))

    async def _begin(self) -> bool:
        """Open the transaction. When that is not possible, everybody who waits hears it and it is False."""
        give_up_at = time.monotonic() + LOCK_WAIT_MAX_S
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                self._heed_others()
                return True
            except sqlite3.Error as error:
                self._undo()
                if is_busy(error) and time.monotonic() < give_up_at:
                    await asyncio.sleep(BUSY_PAUSE_S)
                    continue
                _fail(list(self._waiting), error)
                self._waiting.clear()
                return False

    async def _commit(self, done: list[tuple[_Entry, Any]]) -> None:
        try:
            await self._flusher.commit()
        except sqlite3.Error as error:
            self._undo()
            _fail([entry for entry, _ in done], error)
            return
        for entry, result in done:
            try:
                entry.body.committed()
            except Exception:  # it is durable all the same, and the others of the group wait
                log.exception("what should follow a commit failed")
            if not entry.outcome.done():
                entry.outcome.set_result(result)
        if self._checkpoints.after_commit():
            await self._flusher.run(self._checkpoints.copy_rest)

    def _heed_others(self) -> None:
        """Forget what was kept when another connection has committed something since."""
        (version,) = self._cursor.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version = version
            self._kept.forget()

    def _undo(self) -> None:
        self._said.forget()
        self._kept.forget()
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


class _Flusher:
    """The thread in which the writer waits for the disk; an executor costs more than it on a fast one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._commit = partial(connection.execute, "COMMIT")
        self._loop = asyncio.get_running_loop()
        self._orders: SimpleQueue[tuple[Callable[[], object], asyncio.Future[None]] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="sqlite-commit", daemon=True)
        self._thread.start()

    async def commit(self) -> None:
        """Raises what COMMIT raises."""
        await self.run(self._commit)

    async def run(self, step: Callable[[], object]) -> None:
        """Raises what the step raises."""
        done = self._loop.create_future()
        self._orders.put((step, done))
        await done

    def close(self) -> None:
        """End the thread; nothing may be on its way."""
        self._orders.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (order := self._orders.get()) is not None:
            step, done = order
            failure: BaseException | None = None
            try:
                step()
            except BaseException as error:  # noqa: BLE001  # handed on to who waits, which decides
                failure = error
            self._loop.call_soon_threadsafe(_tell, done, failure)


def _tell(done: asyncio.Future[None], failure: BaseException | None) -> None:
    if done.done():  # who waited was cancelled
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)


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
    if error is not None:
        _log_unheard(error)


def _log_unheard(error: BaseException) -> None:
    if not isinstance(error, Refusal):
        log.error("a transaction failed after its caller had gone", exc_info=error)


def _fail(entries: list[_Entry], error: BaseException) -> None:
    for entry in entries:
        if entry.outcome.cancelled():
            _log_unheard(error)
        elif not entry.outcome.done():
            entry.outcome.set_exception(error)
