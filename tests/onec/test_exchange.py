"""Stories of 1C's clients at the door: the handshake to the byte, and every manner that is known of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from addons.catalog_1c.demo.make_demo import IMPORT_FILE, OFFERS_FILE
from addons.catalog_1c.demo.many_goods import many_goods, many_groups
from addons.catalog_1c.demo.writer import write_import, write_offers
from addons.catalog_1c.services import access
from addons.catalog_1c.tests.files import document
from kernel.security.passwords import Verdict
from simulators.onec.client import DEFAULT_PATH, ExchangeFailed, zipped
from simulators.onec.habits import FORM, SCRIPT, SITE, SMALL_FIRM, TRADE, Habits
from tests.onec.house import Served, serve_desk
from worker.run import working

DEMO = {path.name: path.read_bytes() for path in (OFFERS_FILE, IMPORT_FILE)}
TRICKLE = replace(SCRIPT, trickle_bytes=10, is_alone=False, content_type="")


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serve_desk(catalog_1c={"file_limit_bytes": 10_000, "busy_ms": 0}) as opened:
        yield opened


async def test_handshake_is_to_the_byte(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.address, auth=(served.login, served.secret)) as http:

        async def ask(query: str) -> httpx.Response:
            return await http.get(f"/1c/exchange?{query}")

        auth = await ask("type=catalog&mode=checkauth")
        init = await ask("type=catalog&mode=init")
        done = [await ask(f"type=catalog&mode={mode}") for mode in ("deactivate", "complete")]
        early = await ask("type=sale&mode=success")
        missing = await ask("type=catalog&mode=import&filename=import.xml")
        info = await ask("type=sale&mode=info")

    word, name, value = auth.content.split(b"\n")
    assert (word, name, len(value)) == (b"success", b"sauda1c", 32)
    assert auth.headers["content-type"] == "text/plain; charset=utf-8"
    assert init.content == b"zip=yes\nfile_limit=10000"
    assert [each.content for each in (*done, early)] == [b"success"] * 3
    assert missing.content.startswith("failure\nФайл import.xml".encode())
    assert {each.status_code for each in (auth, init, *done, early, missing, info)} == {200}
    assert info.content.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<Справочник><Статусы>'.encode())


MANNERS: dict[str, tuple[Habits, str]] = {
    "trade": (TRADE, DEFAULT_PATH),
    "small firm": (replace(SMALL_FIRM, poll_pause_s=0.0), "/1c/exchange"),
    "site": (SITE, "/1c/exchange"),
    "script": (SCRIPT, DEFAULT_PATH),
    "trickle": (TRICKLE, "/1c/exchange"),
}


async def test_whole_catalogue_comes_whatever_the_manners_and_again_changes_nothing(served: Served) -> None:
    for title, (habits, path) in MANNERS.items():
        own = await served.another(title)
        async with own.base(habits, path=path) as base:
            await base.send(DEMO)
            await base.send(DEMO)

        sql = "SELECT state, report FROM c1c_session WHERE connection_id = ?"
        reports = await served.rows(sql, own.desk.connection_id)
        assert await own.products() == 202, title
        assert {each["state"] for each in reports} == {"done"}, title
        assert sum('"created":202' in each["report"] for each in reports) == 1, title
    assert await served.rows("SELECT id FROM c1c_pending_offer") == []


async def test_large_catalogue_in_portions_repeats_the_handshake_for_each(
    served: Served, tmp_path: Path
) -> None:
    goods = list(many_goods(900))
    portions = []
    for number in range(3):
        part = goods[number * 300 : (number + 1) * 300]
        paths = tmp_path / f"import0_{number + 1}.xml", tmp_path / f"offers0_{number + 1}.xml"
        write_import(paths[0], many_groups() if number == 0 else [], part)
        write_offers(paths[1], part)
        portions.append({path.name: path.read_bytes() for path in paths})

    async with served.base() as base:
        await base.send_portions(portions)
        steps = [mode for mode, _ in base.log.steps]

    assert await served.products() == 900
    assert (steps.count("checkauth"), steps.count("init")) == (3, 3)
    assert base.log.pieces > 6  # each archive was cut at 10 kB


async def test_pieces_of_one_name_are_put_together_and_init_begins_anew(served: Served) -> None:
    content = DEMO[IMPORT_FILE.name]
    async with served.base() as base:
        await base.check_auth()
        await base.init()
        await base.upload("import0_1.xml", content[: len(content) // 2], limit=7_001)
        await base.init()
        await base.upload("import0_1.xml", content, limit=50_000)
        await base.import_file("import0_1.xml")
        await base.upload("import0_1.xml", content, limit=50_000)  # the name is free again after its import
        await base.import_file("import0_1.xml")

    files = await served.rows("SELECT state, bytes FROM c1c_file ORDER BY id")
    assert [(each["state"], each["bytes"]) for each in files] == [
        ("received", len(content) // 2),
        ("done", len(content)),
        ("done", len(content)),
    ]
    assert await served.products() == 202


async def test_repeated_question_gets_the_stored_verdict(served: Served) -> None:
    async with served.base() as base:
        await base.check_auth()
        await base.upload("bad.xml", b"<a/>")
        answers = []
        for _ in range(2):
            with pytest.raises(ExchangeFailed) as failed:
                await base.import_file("bad.xml")
            answers.append(failed.value.answer)

    assert answers[0] == answers[1]
    assert answers[0].startswith("failure\n")
    assert "bad.xml" in answers[0]
    sessions = await served.rows("SELECT files, state, refusal_code FROM c1c_session")
    assert sessions == [{"files": '["bad.xml"]', "state": "refused", "refusal_code": "C1C_NOT_COMMERCEML"}]


async def test_pictures_and_orders_are_taken_without_harm(served: Served) -> None:
    files = {
        "import_files/ab/abcd.jpg": b"\xff\xd8\xff" + bytes(2_000),
        "import.xml": DEMO[IMPORT_FILE.name],
    }
    orders = document("<Документ><Ид>1</Ид></Документ>")
    async with served.base(replace(TRADE, is_cutting=False)) as base:
        await base.send(files)
        await base.check_auth()
        await base.upload("import_files/ab/abcd.jpg", files["import_files/ab/abcd.jpg"])
        await base.send({"orders-1.xml": orders.encode()}, kind="sale")

    pictures = await served.rows("SELECT COUNT(*) AS n FROM c1c_file WHERE is_picture = 1")
    assert pictures == [{"n": 2}]
    assert await served.products() == 202


async def test_second_exchange_of_one_base_is_refused_while_the_first_is_sending() -> None:
    async with serve_desk(works=False) as served, served.base() as first, served.base() as second:
        await first.check_auth()
        await first.init()
        await first.upload("import.xml", DEMO[IMPORT_FILE.name])

        with pytest.raises(ExchangeFailed) as busy:
            await second.check_auth()
        await second.check_auth("sale")

    assert "другой обмен" in busy.value.answer


async def test_client_without_pause_waits_at_the_door_and_hears_the_end() -> None:
    settings = {"poll_ms": 300, "busy_ms": 0}
    async with serve_desk(works=False, catalog_1c=settings) as served, served.base() as base:
        await base.check_auth()
        await base.upload("import.xml", DEMO[IMPORT_FILE.name])
        asking = asyncio.create_task(base.import_file("import.xml"))
        await base.waited(2)
        async with working(served.app):
            await asking

    assert base.log.polls < 10


async def test_right_secret_costs_one_slow_hash_for_many_requests(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    slowly = access.verify_secret

    async def counted(encoded: str | None, secret: str) -> Verdict:
        checked.append(secret)
        return await slowly(encoded, secret)

    monkeypatch.setattr(access, "verify_secret", counted)
    async with served.base(replace(TRADE, has_cookies=False)) as base:
        await base.check_auth()
        await base.send({"import.xml": DEMO[IMPORT_FILE.name]})

    assert checked == [served.secret]


async def test_cookie_of_one_kind_of_exchange_serves_the_other(served: Served) -> None:
    async with served.base(SITE) as base:
        await base.check_auth("sale")
        await base.init("catalog")
        await base.upload("import.xml", DEMO[IMPORT_FILE.name])
        await base.import_file("import.xml")

    kinds = await served.rows("SELECT kind FROM c1c_exchange ORDER BY id")
    assert [each["kind"] for each in kinds] == ["sale", "catalog"]
    assert await served.products() == 202


async def test_wrong_secrets_are_refused_and_throttled(served: Served) -> None:
    async with served.base(secret="wrong:secret") as thief:
        refused = []
        for _ in range(7):
            with pytest.raises(ExchangeFailed) as wrong:
                await thief.check_auth()
            refused.append(wrong.value.answer)
    nobody = httpx.BasicAuth("1c-nobody", "x")
    async with httpx.AsyncClient(base_url=served.address) as http:
        anonymous = await http.get("/1c/exchange?type=catalog&mode=init")
        stranger = await http.get("/1c/exchange?type=catalog&mode=checkauth", auth=nobody)
        cookie = await http.get(
            "/1c/exchange?type=catalog&mode=init", headers={"cookie": "sauda1c=" + "0" * 32}
        )
        other = await http.get("/1c/exchange?type=get&mode=init")

    assert all(answer.startswith("failure\n") for answer in refused)
    assert "пароль" in refused[0]
    assert refused[-1] != refused[0]  # told to wait
    assert "Authorization" in anonymous.text
    assert "завершён" in cookie.text
    assert stranger.text.startswith("failure\n")
    assert other.text.startswith("failure\n")


async def test_raw_archive_under_a_form_label_is_taken_as_it_is(served: Served) -> None:
    async with served.base(replace(SCRIPT, content_type=FORM)) as base:
        await base.check_auth()
        await base.upload("whatever.tmp", zipped(DEMO))
        await base.import_file("whatever.tmp")
        await base.import_file("whatever.tmp")

    assert await served.products() == 202
