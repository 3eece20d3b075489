"""A process that works one lane of a database until it is killed at a crash point; run by test_crash."""

from __future__ import annotations

import asyncio
import sys

from kernel.jobs.drive import run_due
from kernel.jobs.tests.toys import Scribe, ToyRegistry, toy_database


async def main(url: str) -> None:
    registry = ToyRegistry(jobs={"toy": Scribe()})
    async with toy_database(url, registry).opened() as database:
        await run_due(database)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
