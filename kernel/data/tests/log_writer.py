"""A process that writes to a SQLite file until it is killed, telling of each row that is durable.

    python -m kernel.data.tests.log_writer <address>

Its log is copied and begins anew every few dozen rows.
"""

from __future__ import annotations

import asyncio
import sys

from kernel.data import checkpoints
from kernel.data.tests.conftest import ALMA, make_database
from kernel.data.work import Work
from kernel.ids import new_id

WRITERS = 8


async def add(work: Work, name: str) -> None:
    """One parcel."""
    await work.insert("toy_parcel", {"id": new_id(), "company_id": "alma", "name": name})


async def main(url: str) -> None:
    """Rows of several callers at once, so that they share commits."""
    checkpoints.ROWS_BETWEEN, checkpoints.LOG_PAGES_MAX = 10, 60

    async def write(writer: int) -> None:
        while True:
            name = f"{new_id()}-{writer}"
            await database.transact(add, name, principal=ALMA)
            sys.stdout.write(f"{name}\n")
            sys.stdout.flush()

    async with make_database(url).opened() as database:
        await asyncio.gather(*map(write, range(WRITERS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
