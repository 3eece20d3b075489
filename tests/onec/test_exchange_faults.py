"""What may go wrong at the door: a clear failure for 1C and in the report, and the catalogue untouched."""

from __future__ import annotations

import asyncio
import errno
import io
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from addons.catalog_1c.adapters import upload
from addons.catalog_1c.demo.make_demo import IMPORT_FILE, OFFERS_FILE
from addons.catalog_1c.demo.many_goods import many_goods, many_groups
from addons.catalog_1c.demo.writer import write_import
from addons.catalog_1c.services import import_files as importing
from addons.catalog_1c.tests.files import catalogue, document, goods
from kernel.jobs.drive import run_due
from kernel.jobs.runner import LaneRunner
from simulators.onec.client import ExchangeFailed, zipped
from tests.onec.house import Served, serve_desk
from worker.run import working

DEMO = {path.name: path.read_bytes() for path in (IMPORT_FILE, OFFERS_FILE)}
ONE = document(catalogue(goods("a")))
BOMB = "<КоммерческаяИнформация>" + " " * 70_000_000
XXE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serve_desk(catalog_1c={"busy_ms": 0, "session_bytes_max": 100_000_000}) as opened:
        yield opened


def archive(*entries: tuple[str, str], flags: int = 0) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in entries:
            made.writestr(name, text)
            made.filelist[-1].flag_bits |= flags
    return target.getvalue()


BAD: tuple[tuple[bytes, str], ...] = (
    (zipped({"import.xml": BOMB.encode()}), "C1C_ARCHIVE_BOMB"),
    (archive(("../../import.xml", ONE)), "C1C_NAME_UNSAFE"),
    (archive(("/etc/import.xml", ONE)), "C1C_NAME_UNSAFE"),
    (archive(("import.xml", ONE), flags=1), "C1C_ARCHIVE_ENCRYPTED"),
    (zipped(DEMO)[:-2_000], "C1C_ARCHIVE_BROKEN"),
    (archive(("import.xml", XXE)), "C1C_XML_DOCTYPE"),
    (archive(("import.xml", ONE[:-30])), "C1C_XML_CUT"),
    (
        document(catalogue(goods("a", name="Сүт"))).encode("windows-1251", "xmlcharrefreplace"),
        "C1C_XML_BROKEN",
    ),
    (b"", "C1C_FILE_EMPTY"),
    (b"no xml at all", "C1C_XML_BROKEN"),
)


async def test_bad_content_is_a_failure_for_1c_and_in_the_report(served: Served) -> None:
    for content, code in BAD:
        async with served.base() as base:
            await base.check_auth()
            await base.init()
            await base.upload("import.xml", content)
            with pytest.raises(ExchangeFailed) as failed:
                await base.import_file("import.xml")

        noted = await served.rows(
            "SELECT refusal_code FROM c1c_file WHERE refusal_code <> '' ORDER BY received_ms, id"
        )
        assert failed.value.answer.startswith("failure\n"), code
        assert "progress" not in failed.value.answer, code
        assert code in [row["refusal_code"] for row in noted]
        assert await served.products() == 0, code
    files = list((served.folder / served.desk.connection_id).iterdir())
    assert len(files) == len(BAD) + 2  # as they came, and what two of the archives hold


async def test_archive_of_too_many_files_is_refused_before_anything_is_unpacked() -> None:
    async with serve_desk(catalog_1c={"entries_max": 3}) as served, served.base() as base:
        await base.check_auth()
        await base.upload("v8.zip", archive(*((f"import{n}.xml", ONE) for n in range(4))))
        with pytest.raises(ExchangeFailed, match="больше 3 файлов"):
            await base.import_file("import0.xml")


UNSAFE = ("../up.xml", "/etc/passwd", "C:\\Temp\\a.xml", "a\0b.xml", "", "x/../../y.xml")


async def test_names_that_lead_elsewhere_are_refused(served: Served) -> None:
    async with served.base() as base:
        await base.check_auth()
        for name in UNSAFE:
            with pytest.raises(ExchangeFailed) as failed:
                await base.upload(name, ONE.encode())
            assert failed.value.answer.startswith("failure\n"), name

    assert not served.folder.joinpath(served.desk.connection_id).exists()


async def test_upload_that_is_cut_off_is_useless_until_it_is_sent_again(served: Served) -> None:
    async with served.base() as base:
        await base.check_auth()
        await base.init()
        await base.upload("import.xml", DEMO[IMPORT_FILE.name][:10_000])
        head = (
            f"POST /1c/exchange?type=catalog&mode=file&filename=import.xml HTTP/1.1\r\nHost: x\r\n"
            f"Cookie: {base.cookie}\r\nContent-Length: 50000\r\n\r\n"
        )
        _, writer = await asyncio.open_connection(*served.address.removeprefix("http://").split(":"))
        writer.write(head.encode() + bytes(20_000))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        cut = await served.until("SELECT bytes FROM c1c_file WHERE state = 'cut'")
        with pytest.raises(ExchangeFailed, match="оборвалась"):
            await base.import_file("import.xml")
        await base.upload("import.xml", DEMO[IMPORT_FILE.name])
        await base.import_file("import.xml")

    assert cut == [{"bytes": 10_000}]
    assert await served.products() == 202


async def test_full_disk_is_told_and_leaves_the_file_as_it_was(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Any, file: Any, data: bytes) -> None:
        raise upload._disk(OSError(errno.ENOSPC, "full"))

    async with served.base() as base:
        await base.check_auth()
        await base.upload("import.xml", b"<a>")
        with monkeypatch.context() as patched:
            patched.setattr(upload.FileShelf, "_write", full)
            with pytest.raises(ExchangeFailed, match="нет места") as told:
                await base.upload("import.xml", b"</a>")
        with pytest.raises(ExchangeFailed, match="нет места"):
            await base.import_file("import.xml")

    (path,) = (served.folder / served.desk.connection_id).iterdir()
    assert (told.value.step, path.read_bytes()) == ("file", b"<a>")


async def test_import_cut_off_by_a_death_is_finished_once_by_another_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "import.xml"
    write_import(path, many_groups(), list(many_goods(1_200)))
    monkeypatch.setattr(importing, "BATCH_ROWS", 100)

    told, batches, half_way = importing._Run._tell, 0, asyncio.Event()

    async def dying(run: Any, batch: Any) -> None:
        nonlocal batches
        batches += 1
        await told(run, batch)
        if batches == 5:
            half_way.set()
            await asyncio.Event().wait()

    async with serve_desk(works=False) as served, served.base() as base:
        await base.check_auth()
        await base.upload("import.xml", path.read_bytes())
        asked = asyncio.create_task(base.import_file("import.xml"))
        await served.until("SELECT id FROM c1c_file WHERE state = 'queued'")
        with monkeypatch.context() as patched:
            patched.setattr(importing._Run, "_tell", dying)
            working_on = asyncio.create_task(
                run_due(served.app.database, runner=LaneRunner(served.app.database))
            )
            await half_way.wait()
            working_on.cancel()  # as good as killed: nothing is settled, the lease is not given back
            await asyncio.wait([working_on])
        half = await served.products()
        served.app.database.clock.advance(timedelta(seconds=60))  # the lease of the dead one is over
        async with working(served.app):
            await asked

        sessions = await served.rows("SELECT state, report FROM c1c_session")
        whole = await served.products()

    assert (half, whole) == (500, 1_200)
    assert [each["state"] for each in sessions] == ["done"]


async def test_import_that_always_breaks_off_is_given_up_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("always")

    monkeypatch.setattr(importing._Run, "_tell", broken)
    async with serve_desk(works=False) as served, served.base() as base:
        await base.check_auth()
        await base.upload("import.xml", ONE.encode())
        asked = asyncio.create_task(base.import_file("import.xml"))
        await served.until("SELECT id FROM c1c_file WHERE state = 'queued'")
        for _ in range(5):
            await run_due(served.app.database)
            served.app.database.clock.advance(timedelta(minutes=1))
        with pytest.raises(ExchangeFailed, match="прерывалась"):
            await asked
        sessions = await served.rows("SELECT state, refusal_code FROM c1c_session")
        lane = await served.rows("SELECT blocked_code FROM kernel_lane WHERE lane_key LIKE 'c1c:%'")

    assert sessions == [{"state": "refused", "refusal_code": "C1C_IMPORT_BROKE"}]
    assert lane == [{"blocked_code": None}]


async def test_two_bases_of_one_company_do_not_know_each_other(served: Served) -> None:
    other = await served.another("УТ склад")
    async with served.base() as one, other.base() as two:
        await asyncio.gather(one.send(DEMO), two.send(DEMO))

    assert (await served.products(), await other.products()) == (202, 202)


async def test_fault_of_ours_is_still_an_answer_1c_understands(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("secret 12345")

    monkeypatch.setattr("addons.catalog_1c.adapters.exchange_door.begin_anew", broken)
    async with httpx.AsyncClient(base_url=served.address, auth=(served.login, served.secret)) as http:
        answer = await http.get("/1c/exchange?type=catalog&mode=init")

    assert answer.status_code == 200
    assert answer.text.startswith("failure\nНа сервере произошла ошибка")
    assert "12345" not in answer.text


async def test_quota_of_one_exchange_is_kept() -> None:
    async with serve_desk(catalog_1c={"session_bytes_max": 5_000}) as served, served.base() as base:
        await base.check_auth()
        await base.upload("one.xml", b"<" * 4_000)
        with pytest.raises(ExchangeFailed, match="МиБ"):
            await base.upload("two.xml", b"<" * 4_000)
        with pytest.raises(ExchangeFailed, match="МиБ"):
            await base.upload("two.xml", b"<" * 4_000)

        (kept,) = await served.rows("SELECT SUM(bytes) AS n FROM c1c_file")

    assert kept["n"] == 4_000


async def test_import_waits_while_a_command_imports_the_same_base(served: Served) -> None:
    async with served.base() as base:
        await base.check_auth()
        await base.upload("import.xml", DEMO[IMPORT_FILE.name])
        await served.app.database.transact(
            importing.open_session,
            importing.OpenSession("УТ магазин", None, None, ("by.xml",)),
            principal=served.desk.system,
        )
        asked = asyncio.create_task(base.import_file("import.xml"))
        await served.until("SELECT id FROM c1c_file WHERE state = 'queued' AND session_id IS NOT NULL")
        served.app.database.clock.advance(timedelta(seconds=200))  # the command died
        await asked

    assert await served.products() == 202
