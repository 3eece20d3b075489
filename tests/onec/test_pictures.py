"""Stories of pictures: they come with 1C's exchange in any order and find the goods that name them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from addons.catalog.api import PICTURE_BYTES_MAX
from addons.catalog_1c.adapters.commerceml import CommerceMl
from addons.catalog_1c.cli import _picture_folders
from addons.catalog_1c.domain.choices import ConnectionChoices
from addons.catalog_1c.domain.commands import ImportFiles
from addons.catalog_1c.domain.report import ImportReport
from addons.catalog_1c.services.connections import SaveConnection, save_connection
from addons.catalog_1c.services.import_files import import_files
from addons.catalog_1c.tests.files import catalogue, document, goods, offer, offers
from simulators.onec.habits import SCRIPT, SITE, TRADE
from tests.onec.house import Served, serve_desk
from worker.run import working

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
FRONT, BACK = "import_files/ab/front.jpg", "import_files/ab/back.png"
PICTURES = {FRONT: JPEG + b"front" * 100, BACK: PNG + b"back" * 100}


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    folder = {"pictures_folder": str(tmp_path / "pictures")}
    own = {"busy_ms": 0, "picture_quiet_ms": 200}
    async with serve_desk(catalog=folder, catalog_1c=own) as opened:
        yield opened


def milk(*pictures: str, external_id: str = "g1", name: str = "Молоко") -> bytes:
    """An export of one good that names its pictures."""
    body = "".join(f"<Картинка>{each}</Картинка>" for each in pictures)
    return document(catalogue(goods(external_id, name=name, body=body))).encode()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def kept(served: Served, external_id: str = "g1") -> list[str]:
    """Digests of the pictures of a good, the first one first."""
    rows = await served.rows(
        "SELECT i.digest FROM cat_picture i JOIN cat_product p ON p.id = i.product_id"
        " WHERE p.source = ? AND p.external_id = ? ORDER BY i.place",
        served.desk.connection_id,
        external_id,
    )
    return [each["digest"] for each in rows]


async def reports(served: Served) -> list[dict[str, Any]]:
    """Reports of the imports, the oldest one first."""
    rows = await served.rows("SELECT state, report FROM c1c_session ORDER BY id")
    assert {each["state"] for each in rows} == {"done"}
    return [orjson.loads(each["report"]) for each in rows]


async def test_pictures_of_an_archive_are_kept_in_order_and_once(served: Served, tmp_path: Path) -> None:
    files = {"import.xml": milk(f"webdata/{FRONT}", BACK), **PICTURES, "import_files/manual.pdf": b"%PDF"}
    async with served.base() as base:
        await base.send(files)
        await base.send(files)
        await base.send({**files, "import.xml": milk(FRONT, BACK, name="Молоко 3,2%")})

    first, again, renamed = await reports(served)
    assert await kept(served) == [digest(PICTURES[FRONT]), digest(PICTURES[BACK])]
    assert [each["pictures"] for each in (first, again, renamed)] == [2, 0, 2]
    assert {each["pictures_left"] for each in (first, again, renamed)} == {0}
    on_disk = [path for path in (tmp_path / "pictures").rglob("*") if path.is_file()]
    assert sorted(path.read_bytes() for path in on_disk) == sorted(PICTURES.values())
    assert await served.rows("SELECT pictures FROM c1c_exchange") == [{"pictures": 1}] * 3  # the manual
    assert await served.rows("SELECT id FROM c1c_awaited_picture") == []


async def test_pictures_that_offers_name_go_to_their_goods_beside_those_of_the_catalogue(
    served: Served,
) -> None:
    named = f"<Картинка>{BACK}</Картинка>"
    package = document(offers(offer("g1", body=named), offer("g9", body=named, name="Позже"))).encode()
    async with served.base() as base:
        await base.send({"import.xml": milk(FRONT), "offers.xml": package, **PICTURES})
        early = await kept(served), await kept(served, "g9")
        await base.send({"import.xml": milk(external_id="g9", name="Позже")})

    assert early == ([digest(PICTURES[FRONT]), digest(PICTURES[BACK])], [])
    assert await kept(served, "g9") == [digest(PICTURES[BACK])], "the offer waited with its picture"


async def test_pictures_beside_files_on_disk_are_taken_and_links_lead_nowhere(
    served: Served, tmp_path: Path
) -> None:
    folder, secret = tmp_path / "webdata", tmp_path / "secret.jpg"
    (folder / "import_files" / "ab").mkdir(parents=True)
    export = folder / "import.xml"
    export.write_bytes(milk(FRONT, "import_files/link.jpg", "import_files/none.jpg"))
    secret.write_bytes(JPEG + b"secret")
    (folder / "import_files" / "link.jpg").symlink_to(secret)
    command = ImportFiles((export,), connection_id=served.desk.connection_id)

    async def take(*folders: Path) -> ImportReport:
        result = await import_files(
            served.app.database,
            command,
            format=CommerceMl(),
            principal=served.desk.system,
            picture_folders=folders,
        )
        return result.report

    blind = await take()
    (folder / FRONT).write_bytes(PICTURES[FRONT])
    seeing = await take(*_picture_folders([export]))

    assert (blind.pictures, blind.pictures_left) == (0, 0)
    assert (seeing.pictures, seeing.pictures_left) == (1, 2)
    assert await kept(served) == [digest(PICTURES[FRONT])]
    assert _picture_folders([tmp_path / "elsewhere.xml", export]) == [tmp_path, folder]
    secret.unlink()
    assert _picture_folders([tmp_path / "elsewhere.xml"]) == []


@pytest.mark.parametrize("habits", [SITE, SCRIPT], ids=["site", "script"])
async def test_picture_of_another_portion_finds_its_good(served: Served, habits: Any) -> None:
    async with served.base(habits) as base:
        await base.send({FRONT: PICTURES[FRONT]})
        await base.send({"import.xml": milk(FRONT, BACK)})
        (early,) = await reports(served)
        await base.check_auth()
        await base.init()
        await base.upload(BACK, PICTURES[BACK], limit=150)  # in three pieces
    served.app.database.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
    async with working(served.app):
        await served.until("SELECT id FROM cat_picture WHERE place = 1")

    (late,) = await reports(served)
    assert await kept(served) == [digest(PICTURES[FRONT]), digest(PICTURES[BACK])]
    assert (early["pictures"], early["pictures_left"]) == (1, 1)
    assert early["notes"] == [["C1C_PICTURE_WAITS", "g1", BACK, False]]
    assert (late["pictures"], late["pictures_left"], late["reasons"], late["notes"]) == (2, 0, {}, [])


async def test_archive_that_comes_later_brings_the_picture(served: Served) -> None:
    async with served.base() as base:
        await base.send({"import.xml": milk(FRONT)})
        await base.send({"import.xml": milk("import_files/no.jpg", external_id="g2"), **PICTURES})
    await served.until("SELECT id FROM cat_picture")

    assert await kept(served) == [digest(PICTURES[FRONT])]
    assert [(each["pictures"], each["pictures_left"]) for each in await reports(served)] == [(1, 0), (0, 1)]


async def test_what_cannot_be_kept_is_a_remark_and_fails_nothing(served: Served) -> None:
    large = "import_files/large.jpg"
    many = {f"import_files/{number}.jpg": JPEG + bytes([number]) for number in range(12)}
    files = {
        "import.xml": document(
            catalogue(
                goods("g1", body=f"<Картинка>{large}</Картинка><Картинка>../../etc/x.jpg</Картинка>"),
                goods("g2", body="<Картинка>import_files/text.jpg</Картинка>"),
                goods("g3", body="".join(f"<Картинка>{each}</Картинка>" for each in many)),
                goods("g4", body="<Картинка>import_files/single.png</Картинка>"),
            )
        ).encode(),
        large: JPEG + bytes(PICTURE_BYTES_MAX),
        "import_files/text.jpg": "не картинка".encode(),
        **many,
    }
    async with served.base() as base:
        await base.check_auth()
        await base.init()
        await base.upload("import_files/single.png", PNG + bytes(PICTURE_BYTES_MAX), limit=1_000_000)
        await base.upload_all(files, is_zip=True, limit=1_000_000)
        await base.import_file("import.xml")

    (report,) = await reports(served)
    assert report["created"] == 4
    assert (report["pictures"], report["pictures_left"]) == (10, 5)
    assert report["reasons"] == {
        "C1C_PICTURE_NAME": 1,
        "C1C_PICTURE_LARGE": 2,
        "C1C_PICTURE_KIND": 1,
        "C1C_PICTURES_MANY": 2,
    }
    assert {note[1] for note in report["notes"]} == {"g1", "g2", "g3", "g4"}
    assert await kept(served, "g1") == await kept(served, "g2") == await kept(served, "g4") == []


async def test_base_that_wants_no_pictures_gets_none_until_it_does(served: Served) -> None:
    files = {"import.xml": milk(FRONT), **PICTURES}

    async def choose(takes: bool) -> None:
        command = SaveConnection(
            "УТ магазин", served.desk.connection_id, choices=ConnectionChoices(takes_pictures=takes)
        )
        await served.app.database.transact(save_connection, command, principal=served.desk.system)

    await choose(False)
    async with served.base(TRADE) as base:
        await base.send(files)
        await base.upload(BACK, PICTURES[BACK])
        before = await kept(served)
        (off,) = await served.rows("SELECT pictures FROM c1c_exchange")
        await choose(True)
        await base.send(files)

    assert (before, off["pictures"]) == ([], 3)
    assert await kept(served) == [digest(PICTURES[FRONT])]


async def test_picture_that_could_not_be_written_is_kept_by_the_next_import(
    served: Served, tmp_path: Path
) -> None:
    (tmp_path / "pictures").write_text("a file where the folder should be")
    async with served.base() as base:
        await base.send({"import.xml": milk(FRONT), **PICTURES})
        before = (await reports(served))[0]
        (tmp_path / "pictures").unlink()
        await base.send({"import.xml": milk(FRONT)})

    assert (before["pictures"], before["reasons"]) == (0, {"C1C_PICTURE_WAITS": 1})
    assert await kept(served) == [digest(PICTURES[FRONT])]
