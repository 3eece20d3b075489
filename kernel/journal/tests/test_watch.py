"""The standing verification goes round every lane in slices, remembers where it was, and forgets nothing it
found.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from kernel.clock import FrozenClock
from kernel.data.database import Database
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.jobs.tests.toys import ALMA, OF_ALMA, START, open_toys
from kernel.journal.verify import Breach, LaneVerdict
from kernel.journal.watch import (
    check_slice,
    clear_breach,
    lanes_waiting,
    note_breach,
    noted_breach,
    save_slices,
    whole_since,
)
from kernel.security.principal import SYSTEM

LANES = ("register:1", "register:2", "register:3")
DIALECTS = ["sqlite", pytest.param("mysql", marks=pytest.mark.mariadb)]


@pytest.fixture(params=DIALECTS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    async with open_toys(request.param, tmp_path) as (opened, _):
        for lane in LANES:
            await opened.transact(note, lane, 600, principal=OF_ALMA)
        yield opened


async def note(work: Work, key: str, count: int) -> None:
    lane = await work.lane(key, company_id=ALMA)
    for number in range(count):
        lane.journal("toy.note", {"n": number})


async def round_of(database: Database, round_ms: int) -> tuple[int, list[LaneVerdict]]:
    """Slices the round took, and what it found."""
    found: list[LaneVerdict] = []
    for number in range(100):
        async with database.reading(SYSTEM) as reader:
            slices = await check_slice(reader, round_ms, entries_max=500)
        if not slices:
            return number, found
        found += await database.transact(save_slices, round_ms, slices, principal=SYSTEM)
    raise AssertionError("it never ends")


def now_ms(database: Database) -> int:
    assert isinstance(database.clock, FrozenClock)
    database.clock.advance(timedelta(seconds=1))
    return int(database.clock.now().timestamp() * 1000)


async def test_a_round_visits_every_lane_once_and_the_next_one_begins_anew(database: Database) -> None:
    first = now_ms(database)
    database.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]

    slices, found = await round_of(database, first)

    assert slices >= 3
    assert found == []
    async with database.reading(SYSTEM) as reader:
        assert await whole_since(reader, LANES[0]) is not None
        assert await lanes_waiting(reader, first, is_new_counted=True) == 0
        assert await lanes_waiting(reader, first + 60_000, is_new_counted=True) == 3
    assert await round_of(database, first) == (0, [])
    assert (await round_of(database, now_ms(database)))[0] >= 3


async def test_a_broken_lane_is_found_and_does_not_stop_the_others(database: Database) -> None:
    async def tamper(work: Work) -> None:
        await work.execute(
            "UPDATE kernel_journal SET body = ? WHERE lane_key = ? AND seq = 550", "{}", LANES[1]
        )

    await database.transact(tamper, principal=SYSTEM)

    _, found = await round_of(database, now_ms(database))

    assert [(each.lane_key, each.breach, each.seq, each.kind) for each in found] == [
        (LANES[1], Breach.ALTERED, 550, "toy.note")
    ]
    async with database.reading(SYSTEM) as reader:
        known = await noted_breach(reader, LANES[1])
        assert await noted_breach(reader, LANES[2]) is None
    assert known is not None
    assert (known.seq, known.kind, known.at_ms) == (550, "toy.note", int(START.timestamp() * 1000))


async def test_what_was_found_outside_of_a_round_is_noted_and_cleared(database: Database) -> None:
    verdict = LaneVerdict(LANES[0], 4, Breach.MISSING, 5)

    for _ in range(2):
        await database.transact(note_breach, LANES[0], ALMA, verdict, principal=SYSTEM)
        async with database.reading(SYSTEM) as reader:
            assert await noted_breach(reader, LANES[0]) == verdict
    await database.transact(clear_breach, LANES[0], principal=SYSTEM)

    async with database.reading(SYSTEM) as reader:
        assert await noted_breach(reader, LANES[0]) is None


async def test_a_refusal_may_leave_something_behind(database: Database) -> None:
    async def refuse(work: Work) -> None:
        lane = await work.lane(LANES[0], company_id=ALMA)
        lane.journal("toy.undone", {})
        refusal = Refusal("TOY_REFUSED")
        refusal.aftermath = block
        raise refusal

    async def block(work: Work) -> None:
        (await work.lane(LANES[0], company_id=ALMA)).block("TOY_BLOCKED")

    with pytest.raises(Refusal, match="TOY_REFUSED"):
        await database.transact(refuse, principal=OF_ALMA)

    async with database.reading(SYSTEM) as reader:
        row = await reader.row(
            "SELECT blocked_code, journal_seq FROM kernel_lane WHERE lane_key = ?", LANES[0]
        )
    assert row is not None
    assert (row["blocked_code"], row["journal_seq"]) == ("TOY_BLOCKED", 600)
