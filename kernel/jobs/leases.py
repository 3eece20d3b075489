"""Leases as a worker process sees them: which lanes are due, keeping long ones, giving back, taking from the
dead.

Every statement is a compare-and-set on the epoch, so a worker that is wrong about itself changes nothing.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel.jobs.policy import BLOCKED_WITHOUT_HANDLER
from kernel.values import value

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

_living: set[str] = set()  # owners of this process

_DUE = (
    "SELECT lane_key, company_id, due_ms FROM kernel_lane WHERE due_ms IS NOT NULL AND due_ms <= ? "
    "ORDER BY due_ms LIMIT ?"
)
_COMPANY = "SELECT company_id FROM kernel_lane WHERE lane_key = ?"
# Each raises the revision: a process that remembers the lane's row shall know that it is another now.
_MOVE = (
    "UPDATE kernel_lane SET due_ms = ?, revision = revision + 1 "
    "WHERE lane_key = ? AND lease_owner = ? AND lease_epoch = ?"
)
_GIVE_BACK = (
    "UPDATE kernel_lane SET due_ms = ?, lease_owner = NULL, revision = revision + 1 "
    "WHERE lane_key = ? AND lease_owner = ? AND lease_epoch = ?"
)
_LEASED_HERE = (
    "SELECT lane_key, lease_owner, lease_epoch FROM kernel_lane WHERE due_ms > ? AND lease_owner LIKE ? "
    "ORDER BY due_ms LIMIT ?"
)
_UNPARK = (
    "UPDATE kernel_lane SET blocked_code = NULL, due_ms = ?, revision = revision + 1 "
    "WHERE blocked_code = ? AND lease_owner IS NULL"
)


@dataclass(frozen=True, slots=True)
class DueLane:
    """A lane somebody should look at."""

    key: str
    company_id: str | None
    due_ms: int


@value
class Lease:
    """The right to work a lane, as its holder remembers it."""

    lane_key: str
    owner: str
    epoch: int


def new_owner() -> str:
    """A name for a worker of this process: host, process and something unique."""
    owner = f"{_host_prefix()}{os.getpid()}:{secrets.token_hex(4)}"
    _living.add(owner)
    return owner


def retire_owner(owner: str) -> None:
    """This worker works no more."""
    _living.discard(owner)


def is_dead(owner: str) -> bool:
    """True when the owner was a worker of this host whose process is gone; false when not known."""
    prefix = _host_prefix()
    if not owner.startswith(prefix) or owner in _living:
        return False
    process = owner.removeprefix(prefix).partition(":")[0]
    if not process.isdecimal():
        return False
    if int(process) == os.getpid():
        return True  # a former process with our number: restarted containers are always process 1
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


async def due_lanes(reader: Reader, limit: int) -> Sequence[DueLane]:
    """The lanes that have been due longest; leased ones are not among them until their lease has ended."""
    rows = await reader.rows(_DUE, reader.now_ms, limit)
    return [DueLane(row["lane_key"], row["company_id"], row["due_ms"]) for row in rows]


async def company_of(reader: Reader, key: str) -> tuple[bool, str | None]:
    """Whether there is such a lane, and its company."""
    row = await reader.row(_COMPANY, key)
    return (False, None) if row is None else (True, row["company_id"])


async def renew(work: Work, leases: Iterable[Lease], lease_ms: int) -> list[Lease]:
    """Prolong leases of long performances; those that were lost meanwhile."""
    until = work.now_ms + lease_ms
    return [
        lease
        for lease in sorted(leases, key=lambda lease: lease.lane_key)
        if not await work.execute(_MOVE, until, lease.lane_key, lease.owner, lease.epoch)
    ]


async def give_back(work: Work, leases: Iterable[Lease]) -> None:
    """Let others work these lanes at once."""
    for lease in sorted(leases, key=lambda lease: lease.lane_key):
        await work.execute(_GIVE_BACK, work.now_ms, lease.lane_key, lease.owner, lease.epoch)


async def take_from_dead(work: Work, limit: int) -> int:
    """Give back what killed workers of this host still hold, so that a restart need not wait for leases to
    end.
    """
    rows = await work.rows(_LEASED_HERE, work.now_ms, _host_prefix() + "%", limit)
    dead = [
        Lease(row["lane_key"], row["lease_owner"], row["lease_epoch"])
        for row in rows
        if is_dead(row["lease_owner"])
    ]
    await give_back(work, dead)
    return len(dead)


async def unpark(work: Work) -> int:
    """Let parked lanes try again: the add-on of their head may be active now. Who still has no handler is
    parked again.
    """
    return await work.execute(_UNPARK, work.now_ms, BLOCKED_WITHOUT_HANDLER)


def _host_prefix() -> str:
    return f"{socket.gethostname()[:48]}:"
