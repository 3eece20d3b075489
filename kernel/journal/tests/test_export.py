"""An export is checked by one file and the standard library; whatever is done to it is found."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kernel.clock import FrozenClock, to_ms
from kernel.data.database import Database
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.jobs.tests.toys import ALMA, OF_ALMA, open_toys
from kernel.journal.chain import GENESIS
from kernel.journal.export import LaneExport, export_lane, finish_export, lanes_of
from kernel.journal.periods import parse_period
from kernel.journal.reading import read_journal
from kernel.journal.sealing import JournalSealer
from kernel.journal.verify import verify_lane
from kernel.security.principal import SYSTEM

ONE, TWO = "register:one", "register:two"
MONTHS = ("2026-01", "2026-02", "2026-03")


async def note(work: Work, key: str, count: int) -> None:
    lane = await work.lane(key, company_id=ALMA)
    for number in range(count):
        kind = "toy.note" if number % 2 else "toy.sale"
        lane.journal(kind, {"n": number, "secret": f"of {number}"}, face={"n": number})


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Two registers: the first writes in January, February (nothing in its first half) and March."""
    async with open_toys("sqlite", tmp_path) as (opened, _):
        clock = opened.clock
        assert isinstance(clock, FrozenClock)
        for count in (5, 4, 3):
            await opened.transact(note, ONE, count, principal=OF_ALMA)
            await opened.transact(note, TWO, 1, principal=OF_ALMA)
            clock.advance(timedelta(days=29))
        yield opened


async def exported(
    database: Database, folder: Path, *names: str, is_opened: bool = False
) -> list[LaneExport]:
    found = []
    opener = database.journal_sealer if is_opened else None
    async with database.reading(SYSTEM) as reader:
        for name in names:
            period = parse_period(name)
            made = [
                await export_lane(reader, lane, period, folder, company_id=ALMA, opener=opener)
                for lane in await lanes_of(reader, ALMA)
            ]
            finish_export(folder, period, made, company_id=ALMA, made_ms=reader.now_ms)
            found += made
    return found


def checked(folder: Path) -> tuple[int, str]:
    """As a stranger would: an isolated Python without site packages."""
    line = [sys.executable, "-I", "-S", str(folder / "journal_check.py")]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd="/")
    assert not done.stderr
    return done.returncode, done.stdout


async def test_three_months_continue_each_other(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "archive"

    made = await exported(database, folder, *MONTHS)

    code, text = checked(folder)
    assert (code, text.splitlines()[-1]) == (0, "15 entries checked: all is whole")
    assert [each.entries for each in made] == [5, 1, 4, 1, 3, 1]
    january, february = (
        json.loads((folder / f"register-one/{name}.manifest.json").read_text()) for name in MONTHS[:2]
    )
    assert january["head_before"] == GENESIS
    assert (february["head_before"], february["seq_before"]) == (january["head_after"], 5)
    assert january["kinds"] == {"toy.note": 2, "toy.sale": 3}


async def test_a_period_without_entries_is_a_link_too(database: Database, tmp_path: Path) -> None:
    await exported(database, tmp_path / "a", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04")

    assert checked(tmp_path / "a")[0] == 0


async def test_the_present_month_can_be_taken_and_taken_again(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    await exported(database, folder, *MONTHS, "2026-04")
    assert "the period was not over yet" in checked(folder)[1]
    await database.transact(note, ONE, 2, principal=OF_ALMA)

    await exported(database, folder, "2026-04")

    assert checked(folder)[0] == 0
    assert "17 entries checked" in checked(folder)[1]


async def test_a_missing_period_is_found(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    await exported(database, folder, "2026-01", "2026-03")

    code, text = checked(folder)

    assert code == 1
    assert "register:one: entries 6 to 9, before 2026-03, are missing" in text


async def test_an_archive_may_begin_later_and_says_so(database: Database, tmp_path: Path) -> None:
    await exported(database, tmp_path / "a", "2026-02")

    code, text = checked(tmp_path / "a")

    assert code == 0
    assert "register:one: begins after entry 5" in text


LINES = "register-one/2026-02.jsonl"


def altered(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        (LINES, altered('"body":"j1.toy', '"body":"j1.tow'), "entry 6 (toy.sale"),
        (LINES, altered("toy.sale", "toy.tale"), "entry 6 (toy.tale"),
        (LINES, lambda text: "".join(text.splitlines(True)[1:]), "is number 7"),
        (LINES, lambda text: "".join(text.splitlines(True)[:-1]), "the manifest ends with 9"),
        (LINES, lambda text: "".join(reversed(text.splitlines(True))), "is number 9"),
        (LINES, lambda text: text + "{}\n", "cannot be read"),
        (LINES, lambda text: "not json\n" + text, "line 1 cannot be read"),
        ("register-one/2026-02.manifest.json", altered('"entries": 4', '"entries": 5'), "was altered"),
        ("register-one/2026-02.manifest.json", altered("head_before", "head_bevore"), "cannot be used"),
        ("register-one/2026-02.manifest.json", lambda _: "{", "cannot be read"),
        ("2026-02.index.json", altered('"lanes"', '"lines"'), "no index names it"),
    ],
)
async def test_whatever_is_done_to_a_file_is_found(
    database: Database, tmp_path: Path, name: str, change: Callable[[str], str], said: str
) -> None:
    folder = tmp_path / "archive"
    await exported(database, folder, *MONTHS)
    path = folder / name
    before = path.read_text()
    path.write_text(change(before))
    assert path.read_text() != before

    code, text = checked(folder)

    assert code == 1
    assert said in text


@pytest.mark.parametrize("name", [LINES, "register-two/2026-01.manifest.json"])
async def test_a_lost_file_is_found(database: Database, tmp_path: Path, name: str) -> None:
    await exported(database, tmp_path / "a", *MONTHS)
    (tmp_path / "a" / name).unlink()

    code, text = checked(tmp_path / "a")

    assert code == 1
    assert "is missing" in text


async def test_a_whole_chain_made_anew_does_not_meet_the_months_around_it(
    database: Database, tmp_path: Path
) -> None:
    """Somebody rewrites February with all its digests and manifests; March still remembers the old head."""
    folder = tmp_path / "archive"
    await exported(database, folder, *MONTHS)
    (tmp_path / "other").mkdir()
    async with open_toys("sqlite", tmp_path / "other") as (other, _):
        clock = other.clock
        assert isinstance(clock, FrozenClock)
        await other.transact(note, ONE, 5, principal=OF_ALMA)
        clock.advance(timedelta(days=29))
        await other.transact(note, ONE, 3, principal=OF_ALMA)  # one sale less
        await other.transact(note, ONE, 1, principal=OF_ALMA)
        await exported(other, tmp_path / "forged", "2026-02")
    shutil.copytree(tmp_path / "forged/register-one", folder / "register-one", dirs_exist_ok=True)
    shutil.copy(tmp_path / "forged/2026-02.index.json", folder)

    code, text = checked(folder)

    assert code == 1
    assert "register:one: 2026-03 does not continue the period before" in text


async def test_a_broken_chain_is_written_and_told(database: Database, tmp_path: Path) -> None:
    with sqlite3.connect(database.url.path) as connection:
        connection.execute(
            "UPDATE kernel_journal SET body = '{\"n\":7}' WHERE seq = 8 AND lane_key = ?", [ONE]
        )
    connection.close()

    made = await exported(database, tmp_path / "a", *MONTHS)

    assert [each.broken for each in made if each.lane_key == ONE] == [None, 8, None]
    code, text = checked(tmp_path / "a")
    assert code == 1
    assert "register:one 2026-02: line 3, entry 8 (toy.sale" in text


async def test_a_clock_that_went_back_loses_nothing_between_periods(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    async with open_toys("sqlite", tmp_path) as (database, _):
        clock = FrozenClock(datetime(2026, 1, 31, 18, 59, tzinfo=UTC))  # a minute to midnight in Almaty
        for minutes in (0, 2):
            clock.advance(timedelta(minutes=minutes))
            database.clock = clock
            await database.transact(note, ONE, 2, principal=OF_ALMA)
        database.clock = FrozenClock(datetime(2026, 1, 31, 18, 58, tzinfo=UTC))
        await database.transact(note, ONE, 2, principal=OF_ALMA)
        database.clock = clock
        made = await exported(database, folder, "2026-01", "2026-02")

    assert [each.entries for each in made] == [2, 4]
    assert checked(folder)[0] == 0


async def test_a_company_without_journals_is_refused(database: Database) -> None:
    async with database.reading(SYSTEM) as reader:
        with pytest.raises(Refusal, match="JOURNAL_COMPANY_UNKNOWN"):
            await lanes_of(reader, "nobody")


async def test_a_sealed_export_shows_nothing_but_the_face(database: Database, tmp_path: Path) -> None:
    await exported(database, tmp_path / "a", *MONTHS)

    line = json.loads((tmp_path / "a" / LINES).read_text().splitlines()[0])

    assert set(line) == {"seq", "kind", "at_ms", "body", "digest"}
    assert line["body"].endswith('.{"n":0}')  # the face
    assert "secret" not in line["body"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("of 1", "of 7", "was opened to another text"),
        ('"salt":"', '"salt":"00', "was opened to another text"),
        ('"plain"', '"blain"', "has no opened text"),
        ('.{\\"n\\":1}', '.{\\"n\\":2}', "does not follow"),
    ],
)
async def test_an_opened_export_proves_its_texts_without_a_key(
    database: Database, tmp_path: Path, old: str, new: str, said: str
) -> None:
    await exported(database, tmp_path / "a", *MONTHS, is_opened=True)
    lines = tmp_path / "a" / LINES
    text = lines.read_text()
    assert '"secret\\":\\"of ' in text
    assert checked(tmp_path / "a")[0] == 0
    assert old in text

    lines.write_text(text.replace(old, new, 1))

    code, told = checked(tmp_path / "a")
    assert code == 1
    assert said in told


async def test_without_the_key_the_chain_is_verified_and_exported_but_not_read(
    database: Database, tmp_path: Path
) -> None:
    database.__dict__["journal_sealer"] = JournalSealer({"new": bytes(range(32))})  # the old key is lost

    await exported(database, tmp_path / "a", *MONTHS)
    await database.transact(note, ONE, 1, principal=OF_ALMA)

    assert checked(tmp_path / "a")[0] == 0
    async with database.reading(SYSTEM) as reader:
        assert (await verify_lane(reader, ONE)).is_whole
        [last] = [each async for each in read_journal(reader, ONE, after=12)]
        with pytest.raises(Refusal, match="JOURNAL_KEY_MISSING"):
            [each async for each in read_journal(reader, ONE)]
    assert last.facts["n"] == 0
    with pytest.raises(Refusal, match="JOURNAL_KEY_MISSING"):
        await exported(database, tmp_path / "b", *MONTHS, is_opened=True)


async def test_an_archive_never_shrinks(database: Database, tmp_path: Path) -> None:
    await exported(database, tmp_path / "a", *MONTHS)
    with sqlite3.connect(database.url.path) as connection:
        connection.execute("DELETE FROM kernel_journal WHERE seq >= 11 AND lane_key = ?", [ONE])
        connection.execute("UPDATE kernel_lane SET journal_seq = 10 WHERE lane_key = ?", [ONE])
    connection.close()

    with pytest.raises(Refusal) as refused:
        await exported(database, tmp_path / "a", "2026-03")

    assert refused.value.code == "JOURNAL_EXPORT_SMALLER"
    assert checked(tmp_path / "a")[0] == 0


def test_an_empty_folder_is_nothing_to_check(tmp_path: Path) -> None:
    from kernel.journal import journal_check

    shutil.copy(journal_check.__file__, tmp_path / "journal_check.py")

    assert checked(tmp_path)[0] == 2


@pytest.mark.parametrize(
    ("text", "begin", "days"),
    [("2026", "2025-12-31", 365), ("2026-01", "2025-12-31", 31), ("2026-12", "2026-11-30", 31)]
    + [("2028-02-29", "2028-02-28", 1), ("2026-12-31", "2026-12-30", 1)],
)
def test_periods_begin_at_midnight_of_the_zone(text: str, begin: str, days: int) -> None:
    period = parse_period(text)

    assert period.from_ms == to_ms(datetime.fromisoformat(f"{begin}T19:00+00:00"))
    assert period.to_ms - period.from_ms == days * 86_400_000


@pytest.mark.parametrize(
    "text", ["", "26", "2026-13", "2026-00", "2026-02-30", "2026-1", "0000", "9999-12-31x"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="PERIOD_MALFORMED"):
        parse_period(text)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(Refusal, match="JOURNAL_ZONE_UNKNOWN"):
        parse_period("2026-01", zone)
