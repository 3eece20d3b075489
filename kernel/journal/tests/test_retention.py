"""What must be kept is kept; what may go leaves a chain that still proves itself. Gaps are never silent."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from kernel.clock import FrozenClock
from kernel.config_sections import JournalSettings
from kernel.data.database import Database
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.jobs.tests.toys import ALMA, OF_ALMA, open_toys
from kernel.journal.export import export_lane, finish_export
from kernel.journal.gaps import Released, release_breaches
from kernel.journal.periods import parse_period
from kernel.journal.retention import begin_purge, check_archive, plan_purge, purge_some
from kernel.journal.verify import BEGIN, Breach, Mark, mark_at, verify_from, verify_lane

KEY = "register:one"


async def note(work: Work, count: int) -> None:
    lane = await work.lane(KEY, company_id=ALMA)
    for number in range(count):
        lane.journal("toy.note", {"n": number})


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Entries 1 to 5 in January 2026, 6 to 9 in February."""
    async with open_toys("sqlite", tmp_path) as (opened, _):
        await opened.transact(note, 5, principal=OF_ALMA)
        clock_of(opened).advance(timedelta(days=29))
        await opened.transact(note, 4, principal=OF_ALMA)
        yield opened


def clock_of(database: Database) -> FrozenClock:
    assert isinstance(database.clock, FrozenClock)
    return database.clock


async def export(database: Database, folder: Path, *names: str) -> None:
    async with database.reading(OF_ALMA) as reader:
        for name in names:
            period = parse_period(name)
            made = await export_lane(reader, KEY, period, folder, company_id=ALMA)
            finish_export(folder, period, [made], company_id=ALMA, made_ms=reader.now_ms)


async def purge(database: Database, archive: Path, before: str) -> int:
    check_archive(archive)
    async with database.reading(OF_ALMA) as reader:
        plan = await plan_purge(reader, KEY, parse_period(before), archive)
    await database.transact(begin_purge, plan, principal=OF_ALMA, company_id=ALMA, reason="term over")
    return await database.transact(purge_some, plan, principal=OF_ALMA)


async def test_nothing_goes_before_its_term(database: Database, tmp_path: Path) -> None:
    await export(database, tmp_path / "a", "2026-01", "2026-02")
    clock_of(database).advance(JournalSettings().keep - timedelta(days=30))

    with pytest.raises(Refusal) as refused:
        await purge(database, tmp_path / "a", "2026-02")

    assert (refused.value.code, refused.value.facts["lane"]) == ("JOURNAL_RETENTION", KEY)
    async with database.reading(OF_ALMA) as reader:
        assert await verify_lane(reader, KEY) == await verify_lane(reader, KEY)
        assert (await verify_lane(reader, KEY)).entries == 9


async def test_what_was_not_exported_stays(database: Database, tmp_path: Path) -> None:
    await export(database, tmp_path / "a", "2026-02")
    clock_of(database).advance(JournalSettings().keep)

    with pytest.raises(Refusal, match="JOURNAL_NOT_EXPORTED"):
        await purge(database, tmp_path / "a", "2026-02")


async def test_a_broken_archive_is_no_archive(database: Database, tmp_path: Path) -> None:
    await export(database, tmp_path / "a", "2026-01")
    lines = tmp_path / "a" / "register-one" / "2026-01.jsonl"
    lines.write_bytes(lines.read_bytes().replace(b"3", b"4"))
    clock_of(database).advance(JournalSettings().keep)

    with pytest.raises(Refusal, match="JOURNAL_ARCHIVE_BROKEN"):
        await purge(database, tmp_path / "a", "2026-02")


async def test_after_the_term_old_entries_go_and_the_rest_proves_itself(
    database: Database, tmp_path: Path
) -> None:
    archive = tmp_path / "a"
    await export(database, archive, "2026-01", "2026-02")
    clock_of(database).advance(JournalSettings().keep)

    assert await purge(database, archive, "2026-02") == 5

    async with database.reading(OF_ALMA) as reader:
        assert (await verify_lane(reader, KEY)).is_whole
        assert len(await reader.rows("SELECT seq FROM kernel_journal")) == 4
    await export(database, archive, "2026-02")  # what is left continues what was taken away
    check_archive(archive)
    tamper(database, "UPDATE kernel_journal SET body = '{}' WHERE seq = 7")
    async with database.reading(OF_ALMA) as reader:
        assert (await verify_lane(reader, KEY)).seq == 7


@pytest.mark.parametrize("years", [0, 4, -1])
def test_the_term_cannot_be_set_shorter_than_the_law(years: int) -> None:
    with pytest.raises(ValueError, match="5 or more"):
        JournalSettings(years)


def tamper(database: Database, *statements: str) -> None:
    with sqlite3.connect(database.url.path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


async def release(work: Work) -> list[Released]:
    lane = await work.lane(KEY, company_id=ALMA)
    released = await release_breaches(work, lane, reason="the disk was replaced")
    lane.journal("toy.released", {"count": len(released)})
    return released


@pytest.mark.parametrize(
    ("statements", "gaps"),
    [
        (["UPDATE kernel_journal SET body = '{}' WHERE seq = 3"], [(3, 3)]),
        (["UPDATE kernel_journal SET digest = 'f' WHERE seq = 3"], [(3, 4)]),
        (["DELETE FROM kernel_journal WHERE seq = 3"], [(3, 4)]),
        (["DELETE FROM kernel_journal WHERE seq = 1"], [(1, 2)]),
        (["DELETE FROM kernel_journal WHERE seq >= 8"], [(8, 9)]),
        (["DELETE FROM kernel_journal"], [(1, 9)]),
        (["UPDATE kernel_lane SET journal_seq = 8"], [(9, 9)]),
        (["UPDATE kernel_lane SET journal_digest = 'f'"], [(9, 9)]),
        (["UPDATE kernel_journal SET body = '{}' WHERE seq IN (2, 6)"], [(2, 2), (6, 6)]),
        (["UPDATE kernel_journal SET body = '{}' WHERE seq = 9"], [(9, 9)]),
    ],
)
async def test_a_release_makes_the_smallest_gap_and_the_chain_goes_on(
    database: Database, statements: list[str], gaps: list[tuple[int, int]]
) -> None:
    tamper(database, *statements)

    released = await database.transact(release, principal=OF_ALMA)

    assert [(each.from_seq, each.to_seq) for each in released] == gaps
    assert await database.transact(release, principal=OF_ALMA) == []
    async with database.reading(OF_ALMA) as reader:
        assert (await verify_lane(reader, KEY)).entries == 11
    for _, last in gaps:  # what lies behind a gap is still watched
        if last < 9:
            tamper(database, f"UPDATE kernel_journal SET at_ms = 1 WHERE seq = {last + 1}")
            async with database.reading(OF_ALMA) as reader:
                found = await verify_lane(reader, KEY)
            assert (found.breach, found.seq) == (Breach.ALTERED, last + 1)
            break


async def test_a_verification_goes_on_where_it_stopped(database: Database) -> None:
    tamper(database, "UPDATE kernel_journal SET body = '{}' WHERE seq = 8")
    async with database.reading(OF_ALMA) as reader:
        mark, parts = BEGIN, []
        while True:
            walk = await verify_from(reader, KEY, mark, entries_max=2, page=2)
            mark = walk.mark
            parts.append(walk.entries)
            if walk.verdict is not None:
                break
        only_the_end = await verify_from(reader, KEY, await mark_at(reader, KEY, 8) or BEGIN)
        lost = await mark_at(reader, KEY, 12)

    assert parts == [2, 2, 2, 1]
    assert (walk.verdict.breach, walk.verdict.seq, walk.verdict.kind) == (Breach.ALTERED, 8, "toy.note")
    assert only_the_end.verdict is not None
    assert only_the_end.verdict.is_whole
    assert (only_the_end.entries, lost) == (1, None)
    assert mark == Mark(7, mark.digest)
