"""What a transaction says to a server, in order: changes that wait for the next packet, and questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pymysql import err
from pymysql.constants import ER
from tortoise.exceptions import IntegrityError, OperationalError

from kernel.data.failures import is_conflict
from kernel.data.literals import PACKET_BYTES
from kernel.data.wire import Answer, converse
from kernel.errors import AssumedWrong, Fault

if TYPE_CHECKING:
    from aiomysql import Connection

    from kernel.data.pooled import Pool

# Fails when the statement before it matched not exactly one row: nothing after it is run then, no COMMIT
# either. An answer without columns, on MariaDB as on MySQL; DO would swallow the error.
ONE_ROW = "SET @one_row = IF(ROW_COUNT() = 1, 1, (SELECT 1 UNION SELECT 2))"
# What Tortoise makes its OperationalError of; an InterfaceError stays what it is.
TRANSLATED = (
    err.OperationalError,
    err.ProgrammingError,
    err.DataError,
    err.InternalError,
    err.NotSupportedError,
)


class Said(NamedTuple):
    """A statement for whose answer nobody waits.

    template: what it was made of, without values; proof: what runs right after it; otherwise: what it means
    when one of the two fails with "more than one row".
    """

    text: str
    template: str
    proof: str | None = None
    otherwise: Fault | None = None


class Conversation:
    """Of one transaction, shared by its savepoints; the connection is taken when something must be said."""

    __slots__ = (
        "connection",
        "failure",
        "has_assumed",
        "is_begun",
        "is_committing",
        "kept",
        "kept_bytes",
        "pool",
        "revised",
    )

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.connection: Connection | None = None
        self.kept: list[Said] = []
        self.kept_bytes = 0
        self.is_begun = False
        self.is_committing = False
        self.has_assumed = False
        self.failure: Exception | None = None
        self.revised: set[str] = set()  # companies, of whose kept answers some may be no longer true

    async def say(self, *statements: str) -> list[Answer]:
        """Send what is kept and then these, whose answers are returned.

        Whoever catches the error of his own statement may go on. When a statement of somebody else's failed
        with it, one that was kept, or all was undone, everybody after him hears that too.
        """
        if self.failure is not None:
            raise self.failure
        if self.connection is None:
            self.connection = await self.pool.take()
        first = [] if self.is_begun else [Said("BEGIN", "BEGIN")]
        before = [*first, *self.kept]
        self.kept, self.kept_bytes, self.is_begun = [], 0, True
        texts = list(texts_of(before))
        self.is_committing = bool(statements) and statements[-1] == "COMMIT"
        try:
            answers, refused = await converse(self.connection, [*texts, *statements])
        except err.MySQLError as lost:
            self.failure = translated(lost)
            raise self.failure from lost
        if refused is None:
            return answers[len(texts) :]
        if len(answers) < len(texts) + len(statements) - 1:
            self.is_committing = False  # COMMIT, the last one, was not run
        error = what_it_means(refused, failed_of(before, len(answers)))
        if len(answers) < len(texts) or is_conflict(refused):
            self.failure = error
        raise error from refused

    async def keep(self, said: Said) -> None:
        """Say it with the next question."""
        self.kept.append(said)
        self.kept_bytes += len(said.text)
        self.has_assumed |= isinstance(said.otherwise, AssumedWrong)
        if self.kept_bytes > PACKET_BYTES:
            await self.say()

    async def rollback(self) -> None:
        """ROLLBACK, or the end of the connection. Never raises."""
        if self.is_begun and self.connection is not None:
            await roll_back(self.connection)


async def roll_back(connection: Connection) -> None:
    """ROLLBACK, or the end of the connection: the server undoes what it no longer hears of. Never raises."""
    if connection.closed:
        return
    try:
        _, refused = await converse(connection, ["ROLLBACK"])
    except (err.MySQLError, OSError):
        return  # closed already
    if refused is not None:
        connection.close()


def texts_of(statements: Sequence[Said]) -> Iterator[str]:
    """Statements with their proofs."""
    for said in statements:
        yield said.text
        if said.proof is not None:
            yield said.proof


def what_it_means(refused: err.MySQLError, failed: Said | None) -> Exception:
    """The error to raise for one of the server, at a statement that was kept or at another."""
    if failed is not None and failed.otherwise is not None and refused.args[0] == ER.SUBQUERY_NO_1_ROW:
        return failed.otherwise
    return translated(refused)


def translated(error: err.MySQLError) -> Exception:
    """What Tortoise raises for an error of the driver."""
    if isinstance(error, err.IntegrityError):
        return IntegrityError(error)
    return OperationalError(error) if isinstance(error, TRANSLATED) else error


def failed_of(statements: Sequence[Said], answered: int) -> Said | None:
    """The one whose text or proof got no answer any more, None when all have."""
    for said in statements:
        answered -= 1 if said.proof is None else 2
        if answered < 0:
            return said
    return None
