"""Whatever is done to a written journal is found, at its first wrong entry."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.data.database import Database
from kernel.data.work import Work
from kernel.jobs.tests.toys import ALMA, OF_ALMA, open_toys
from kernel.journal.chain import GENESIS, JournalEntry, digest_of
from kernel.journal.verify import Breach, LaneVerdict, breach_at, verify_all, verify_lane
from kernel.security.principal import SYSTEM

KEY = "register:one"
ENTRIES = 9


def chain(length: int) -> list[JournalEntry]:
    entries: list[JournalEntry] = []
    previous = GENESIS
    for seq in range(1, length + 1):
        bare = JournalEntry(
            "alma", KEY, seq, "sale.accepted", f'{{"total":{seq}00}}', 1_700_000_000_000 + seq, ""
        )
        previous = digest_of(
            previous,
            company_id=bare.company_id,
            lane_key=bare.lane_key,
            seq=bare.seq,
            kind=bare.kind,
            at_ms=bare.at_ms,
            body=bare.body,
        )
        entries.append(replace(bare, digest=previous))
    return entries


GOOD = chain(3)


def text_of(entry: JournalEntry) -> bytes:
    return "\x1f".join(
        [
            entry.company_id or "",
            entry.lane_key,
            str(entry.seq),
            entry.kind,
            str(entry.at_ms),
            entry.body,
            entry.digest,
        ]
    ).encode()


def entry_of(text: bytes) -> JournalEntry | None:
    try:
        company, lane, seq, kind, at_ms, body, digest = text.decode().split("\x1f")
        return JournalEntry(company, lane, int(seq), kind, body, int(at_ms), digest)
    except ValueError:
        return None


@given(st.integers(0, len(text_of(GOOD[1])) - 1), st.integers(1, 255))
def test_every_altered_byte_of_an_entry_is_found(position: int, flip: int) -> None:
    text = bytearray(text_of(GOOD[1]))
    text[position] ^= flip

    altered = entry_of(bytes(text))

    assert breach_at(2, GOOD[0].digest, GOOD[1:]) is None
    if altered is not None and altered != GOOD[1]:
        assert breach_at(2, GOOD[0].digest, [altered, GOOD[2]]) is not None


def test_all_bytes_of_all_columns_matter() -> None:
    text = text_of(GOOD[1])
    unreadable = 0

    for position in range(len(text)):
        for flip in (1, 2, 16, 32):
            altered = entry_of(text[:position] + bytes([text[position] ^ flip]) + text[position + 1 :])
            if altered is None:
                unreadable += 1  # such a row could not even be stored in its columns
            else:
                assert breach_at(2, GOOD[0].digest, [altered, GOOD[2]]) is not None, altered
    assert unreadable < len(text)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_toys("sqlite", tmp_path) as (opened, _):

        async def write(work: Work, key: str, count: int) -> None:
            lane = await work.lane(key, company_id=ALMA)
            for number in range(count):
                lane.journal("toy.note", {"n": number})

        await opened.transact(write, KEY, ENTRIES, principal=OF_ALMA)
        await opened.transact(write, "register:two", 2, principal=OF_ALMA)
        yield opened


def tamper(database: Database, *statements: str) -> None:
    """As somebody with the file in hand would."""
    with sqlite3.connect(database.url.path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


async def verdict(database: Database, *, page: int = 4) -> LaneVerdict:
    async with database.reading(SYSTEM) as reader:
        return await verify_lane(reader, KEY, page=page)


async def test_an_untouched_journal_is_whole(database: Database) -> None:
    assert await verdict(database) == LaneVerdict(KEY, ENTRIES)


@pytest.mark.parametrize("page", [1, 3, ENTRIES, 100])
async def test_the_size_of_pages_does_not_matter(database: Database, page: int) -> None:
    assert await verdict(database, page=page) == LaneVerdict(KEY, ENTRIES)


@pytest.mark.parametrize(
    ("statement", "breach", "seq"),
    [
        (
            "UPDATE kernel_journal SET body = '{\"n\":8}' WHERE seq = 5 AND lane_key = '{key}'",
            Breach.ALTERED,
            5,
        ),
        (
            "UPDATE kernel_journal SET at_ms = at_ms + 1 WHERE seq = 1 AND lane_key = '{key}'",
            Breach.ALTERED,
            1,
        ),
        (
            "UPDATE kernel_journal SET company_id = 'x' WHERE seq = 9 AND lane_key = '{key}'",
            Breach.ALTERED,
            9,
        ),
        ("UPDATE kernel_journal SET lane_key = 'y' WHERE seq = 4 AND lane_key = '{key}'", Breach.MISSING, 4),
        ("DELETE FROM kernel_journal WHERE seq = 3 AND lane_key = '{key}'", Breach.MISSING, 3),
        ("DELETE FROM kernel_journal WHERE seq = 1 AND lane_key = '{key}'", Breach.MISSING, 1),
        ("DELETE FROM kernel_journal WHERE seq >= 8 AND lane_key = '{key}'", Breach.TRUNCATED, 8),
        ("DELETE FROM kernel_journal WHERE lane_key = '{key}'", Breach.TRUNCATED, 1),
        ("UPDATE kernel_lane SET journal_seq = 8 WHERE lane_key = '{key}'", Breach.EXTRA, 9),
        ("DELETE FROM kernel_lane WHERE lane_key = '{key}'", Breach.EXTRA, 1),
        ("UPDATE kernel_lane SET journal_digest = 'f' WHERE lane_key = '{key}'", Breach.ALTERED, 9),
    ],
)
async def test_tampering_is_found(database: Database, statement: str, breach: Breach, seq: int) -> None:
    tamper(database, statement.replace("{key}", KEY))

    found = await verdict(database)

    assert (found.breach, found.seq) == (breach, seq)


async def test_two_swapped_entries_are_found(database: Database) -> None:
    move = f"UPDATE kernel_journal SET seq = {{0}} WHERE seq = {{1}} AND lane_key = '{KEY}'"
    tamper(database, move.format(100, 2), move.format(2, 4), move.format(4, 100))

    found = await verdict(database)

    assert (found.breach, found.seq) == (Breach.REORDERED, 2)


async def test_a_chain_rebuilt_from_the_altered_entry_on_does_not_meet_the_lane(database: Database) -> None:
    async with database.reading(SYSTEM) as reader:
        row = await reader.row("SELECT * FROM kernel_journal WHERE lane_key = ? AND seq = ?", KEY, ENTRIES)
        before = await reader.row(
            "SELECT digest FROM kernel_journal WHERE lane_key = ? AND seq = ?", KEY, ENTRIES - 1
        )
    assert row is not None
    assert before is not None
    forged = digest_of(
        before["digest"],
        company_id=row["company_id"],
        lane_key=KEY,
        seq=ENTRIES,
        kind=row["kind"],
        at_ms=row["at_ms"],
        body='{"n":0}',
    )
    tamper(
        database,
        f"UPDATE kernel_journal SET body = '{{\"n\":0}}', digest = '{forged}' WHERE id = {row['id']}",
    )

    found = await verdict(database)

    assert (found.breach, found.seq) == (Breach.ALTERED, ENTRIES)


async def test_one_broken_lane_does_not_spoil_the_verdict_on_others(database: Database) -> None:
    tamper(database, f"DELETE FROM kernel_journal WHERE seq = 3 AND lane_key = '{KEY}'")

    async with database.reading(SYSTEM) as reader:
        verdicts = {each.lane_key: each.is_whole async for each in verify_all(reader, page=2)}

    assert verdicts == {KEY: False, "register:two": True}


async def test_a_lane_written_during_the_check_is_not_called_broken(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def add(work: Work) -> None:
        (await work.lane(KEY, company_id=ALMA)).journal("toy.note", {"n": 99})

    async with database.reading(SYSTEM) as reader:
        rows: Callable[..., object] = reader.rows
        added = False

        async def rows_and_write(sql: str, *params: object) -> object:
            nonlocal added
            if "kernel_journal" in sql and not added:
                added = True
                await database.transact(add, principal=OF_ALMA)
            return await rows(sql, *params)  # type: ignore[misc]

        monkeypatch.setattr(reader, "rows", rows_and_write)
        found = await verify_lane(reader, KEY, page=4)

    assert found == LaneVerdict(KEY, ENTRIES + 1)
