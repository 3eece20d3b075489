"""Do everything that is due now, in the calling task: for tests, simulations and one-shot commands. Servers
use worker/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.errors import Fault
from kernel.events.dispatch import DISPATCH_EVENTS_MAX, dispatch_events
from kernel.jobs.leases import due_lanes
from kernel.jobs.runner import LaneRunner
from kernel.jobs.schedules import due_schedules, ensure_schedules, run_schedule
from kernel.security.principal import SYSTEM

if TYPE_CHECKING:
    from kernel.data.database import Database

ROUNDS_MAX = 1_000
LANES_PER_ROUND = 200


async def run_due(
    database: Database, *, runner: LaneRunner | None = None, rounds_max: int = ROUNDS_MAX
) -> LaneRunner:
    """Dispatch events and work all due lanes until nothing is due at the clock's time; the runner used.

    Raises Fault after rounds_max rounds (a job that never settles). Jobs put off to later stay.
    """
    own = runner or LaneRunner(database)
    try:
        for _ in range(rounds_max):
            while await database.transact(dispatch_events, principal=SYSTEM) == DISPATCH_EVENTS_MAX:
                pass
            async with database.reading(SYSTEM) as reader:
                lanes = await due_lanes(reader, LANES_PER_ROUND)
            if not lanes:
                return own
            for lane in lanes:
                await own.run(lane.key, lane.company_id)
        raise Fault(f"still not idle after {rounds_max} rounds")
    finally:
        if runner is None:
            await own.close()


async def run_schedules(database: Database) -> list[str]:
    """Run the schedules that are due now; the names of those that ran."""
    schedules = {schedule.name: schedule for schedule in database.registry.schedules}
    await database.transact(ensure_schedules, list(schedules.values()), principal=SYSTEM)
    async with database.reading(SYSTEM) as reader:
        due = await due_schedules(reader)
    return [
        name
        for name, due_ms in sorted(due.items())
        if name in schedules and await run_schedule(database, schedules[name], due_ms)
    ]
