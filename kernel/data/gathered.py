"""On a server: transactions of several Works in one, of those that ask nothing and have only said changes.

Such Works have proofs instead of answers (revisions.py), so a group is one packet and one COMMIT, and what
all of them insert into a table is one statement: that costs a server half of what as many transactions do.
A group is what came while others were on their way, so a Work that is alone does not wait for more. When
anything fails, nobody's change is done; the Works run again one by one, each asking for itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pymysql import err

from kernel.data.conversation import (
    Conversation,
    Said,
    failed_of,
    roll_back,
    texts_of,
    translated,
    what_it_means,
)
from kernel.data.literals import PACKET_BYTES, head_of_insert
from kernel.data.revisions import STILL
from kernel.data.wire import converse
from kernel.errors import AssumedWrong

if TYPE_CHECKING:
    from kernel.data.pooled import Pool

GROUPS_AT_ONCE = 2  # one is written while the other waits for the disk
WORKS_MAX = 32
LOCK_WAIT_S = 1  # a group gives way to who holds the lane of one of its Works; alone that one may wait longer

_Entry = tuple[Conversation, "asyncio.Future[None]"]


class Gatherer:
    """Of one process. `pool`: its own connections, which wait for locks no longer than LOCK_WAIT_S."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: deque[_Entry] = deque()
        self._writers: set[asyncio.Task[None]] = set()

    async def commit(self, conversation: Conversation) -> None:
        """Write what it has kept, and COMMIT. Raises AssumedWrong when somebody else's write undid the group,
        else as its own COMMIT would.
        """
        written = asyncio.get_running_loop().create_future()
        conversation.is_committing = True
        self._waiting.append((conversation, written))
        self._begin()
        await written

    def _begin(self) -> None:
        if self._waiting and len(self._writers) < GROUPS_AT_ONCE:
            writer = asyncio.create_task(self._write())
            self._writers.add(writer)
            writer.add_done_callback(self._ended)

    def _ended(self, writer: asyncio.Task[None]) -> None:
        self._writers.discard(writer)
        self._begin()  # when it ended by a fault, there are others who wait

    async def _write(self) -> None:
        while group := self._next():
            try:
                await self._commit(group)
            except BaseException as error:
                _fail(group, error)
                raise

    def _next(self) -> list[_Entry]:
        group: list[_Entry] = []
        size = 0
        while self._waiting and len(group) < WORKS_MAX and size < PACKET_BYTES:
            entry = self._waiting.popleft()
            if not entry[1].done():  # else who waited was cancelled
                group.append(entry)
                size += entry[0].kept_bytes
        return group

    async def _commit(self, group: list[_Entry]) -> None:
        try:
            connection = await self._pool.take()
        except err.MySQLError as error:
            _undo(group, error)
            return
        try:
            works = [conversation.kept for conversation, _ in group]
            statements = ["BEGIN", *together(works), "COMMIT"]
            try:
                answers, refused = await converse(connection, statements)
            except err.MySQLError as lost:  # whether it is done nobody knows
                _fail(group, translated(lost))
                return
            except UnicodeEncodeError as error:
                _undo(group, error)
                return
            if refused is None:
                for _, written in group:
                    if not written.done():
                        written.set_result(None)
                return
            await roll_back(connection)
            if len(answers) == len(statements) - 1:  # COMMIT itself
                _fail(group, translated(refused))
            elif len(group) > 1:
                _undo(group, AssumedWrong("another Work undid the group"))
            else:
                _undo(group, what_it_means(refused, failed_of(works[0], len(answers) - 1)))
        finally:
            self._pool.give_back(connection)


def _undo(group: Iterable[_Entry], error: Exception) -> None:
    for conversation, _ in group:
        conversation.is_committing = False
    _fail(group, error)


def _fail(group: Iterable[_Entry], error: BaseException) -> None:
    for _, written in group:
        if not written.done():
            written.set_exception(error)


def together(works: Iterable[Sequence[Said]]) -> Iterator[str]:
    """Statements of several Works, each Work's in their order; what those of one shape insert into a table at
    one step is one statement.
    """
    shapes: dict[tuple[str, ...], list[Sequence[Said]]] = {}
    for kept in works:
        shapes.setdefault(tuple(said.template for said in kept), []).append(kept)
    for alike in shapes.values():
        for step in zip(*alike, strict=True):
            yield from _step(step)


def _step(step: Sequence[Said]) -> Iterator[str]:
    first = step[0]
    if first.template == STILL:
        yield from dict.fromkeys(said.text for said in step)
        return
    head = None if len(step) == 1 or first.proof is not None else head_of_insert(first.template)
    if head is None:
        yield from texts_of(step)
    else:
        yield head + ",".join(said.text[len(head) :] for said in step)
