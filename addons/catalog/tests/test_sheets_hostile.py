"""Files that are not what they say, or mean harm: each is refused for a reason, and the catalogue stays."""

from __future__ import annotations

import errno
import io
import os
import random
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from addons.catalog.adapters import sheet_csv, sheet_xlsx
from addons.catalog.adapters.sheet_files import SheetFiles
from addons.catalog.domain.sheet_profile import (
    READY_PROFILES,
    DecimalMark,
    Delimiter,
    Encoding,
    SheetColumn,
    SheetKey,
)
from addons.catalog.domain.sheet_row import RowReader
from addons.catalog.pages import sheets as page
from addons.catalog.services import sheet_ports
from addons.catalog.tests.sheet_makers import CHECK, Owner, new_owner, workbook
from kernel.errors import Refusal

GOODS = READY_PROFILES["goods"]
PLAIN = "Код;Название;Цена\n1;Чай;100\n"


@pytest.fixture
async def owner() -> AsyncIterator[Owner]:
    async with new_owner() as owner:
        yield owner


def packed(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A workbook with changed parts."""
    with zipfile.ZipFile(io.BytesIO(workbook([["Код", "Название"], [1, "Чай"]]))) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    change(parts)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return file.getvalue()


def bomb(parts: dict[str, bytes]) -> None:
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"] + b" " * 20_000_000


def entities(parts: dict[str, bytes]) -> None:
    body = parts["xl/workbook.xml"].replace(b"<?xml version='1.0'?>", b"")
    parts["xl/workbook.xml"] = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + body


def no_sheet(parts: dict[str, bytes]) -> None:
    del parts["xl/worksheets/sheet1.xml"]


def cut_sheet(parts: dict[str, bytes]) -> None:
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"][:-40]


HOSTILE = {
    "a workbook that unpacks to too much": (packed(bomb), "SHEET_EXCEL_UNSAFE"),
    "a workbook with a document type": (packed(entities), "SHEET_EXCEL_UNSAFE"),
    "a workbook without its sheet": (packed(no_sheet), "SHEET_E"),
    "a workbook whose sheet is cut": (packed(cut_sheet), "SHEET_EXCEL_BROKEN"),
    "half a workbook": (workbook([["Код"], [1]])[:3000], "SHEET_EXCEL_BROKEN"),
    "some other packed file": (b"PK\x03\x04" + bytes(500), "SHEET_EXCEL_BROKEN"),
    "an old or locked workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "SHEET_OLD_EXCEL"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "SHEET_"),
    "a quote that is never closed": (f'Код;Название\n1;"{"я" * 40_000}'.encode(), "SHEET_CELL_TOO_LONG"),
    "bytes of no encoding": ("Код;Название\n1;Ча".encode("cp1251") + b"\x98\n", "SHEET_ENCODING_UNKNOWN"),
    "only blank lines": (b"\n;;\n  \n", "SHEET_EMPTY"),
    "titles nobody knows": ("Что;Почём\nЧай;1\n".encode(), "SHEET_COLUMN_MISSING"),
    "one title twice": ("Код;Цена;Цена\n1;2;3\n".encode(), "SHEET_COLUMN_TWICE"),
}


async def test_hostile_file_is_refused_for_a_reason(owner: Owner) -> None:
    for name, (content, code) in HOSTILE.items():
        checked = await owner.check(content)

        assert checked["state"] == "REFUSED", name
        assert checked["refusal"]["code"].startswith(code), (name, checked["refusal"])
        assert checked["refusal"]["message"], name
        assert (await owner.start(checked, "x"))["why"] == "SHEET_NOT_CHECKED"
    assert await owner.goods() == []


async def test_upload_is_bounded_and_leaves_nothing_behind(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "no room")

    client = owner.client
    empty = await client.post("/catalog/sheets", content=b"")
    nothing = await client.post("/catalog/sheets", data={"note": "x"}, files={"other": ("a.csv", b"1")})
    monkeypatch.setattr(page, "FILE_BYTES_MAX", 1000)
    large = await client.post("/catalog/sheets", content=b"x" * 1001)
    monkeypatch.setattr(os, "fsync", full)
    no_room = await client.post("/catalog/sheets", content=b"1;2")

    assert [each.json()["errors"][0]["extensions"]["code"] for each in (empty, nothing, large, no_room)] == [
        "SHEET_EMPTY", "SHEET_FILE_MISSING", "SHEET_TOO_LARGE", "SHEET_NO_ROOM",
    ]  # fmt: skip
    assert not [path for path in owner.folder.rglob("*") if path.is_file()]


async def test_body_above_the_limit_is_not_read(owner: Owner) -> None:
    answer = await owner.client.post(
        "/catalog/sheets", content=b"", headers={"Content-Length": str(page.BODY_BYTES_MAX + 1)}
    )

    assert answer.status_code == 413


async def test_name_of_a_file_is_only_shown(owner: Owner) -> None:
    import_id = await owner.upload(PLAIN.encode(), "../../\x1b[31m/etc/passwd\u202e.csv")
    shown = await owner.check_again(import_id)

    assert shown["state"] == "CHECKED"
    assert "\x1b" not in shown["fileName"]
    assert "\u202e" not in shown["fileName"]
    assert [path.parent.parent for path in owner.folder.rglob("*") if path.is_file()] == [owner.folder]


async def test_import_of_another_company_is_out_of_reach(owner: Owner) -> None:
    async with new_owner() as other:
        import_id = await other.upload(PLAIN.encode())

    answer = await owner.ask(CHECK, input={"importId": import_id})

    assert answer["checkSheet"] == {"why": "SHEET_UNKNOWN", "field": "importId"}


async def test_file_that_was_swept_is_asked_for_again(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = await owner.upload(PLAIN.encode())
    monkeypatch.setattr(sheet_ports, "FILE_KEPT_S", -10)

    assert sheet_ports.sweep_sheets(str(owner.folder)) == 1
    assert (await owner.check_again(import_id))["refusal"]["code"] == "SHEET_FILE_GONE"


async def test_number_of_rows_is_bounded(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_csv, "ROWS_MAX", 3)
    monkeypatch.setattr(sheet_xlsx, "ROWS_MAX", 3)
    rows = [["Код", "Название"], *([n, f"Товар {n}"] for n in range(1, 5))]
    text = "\n".join(";".join(map(str, row)) for row in rows)

    for content in (text.encode(), workbook(rows)):
        assert (await owner.check(content))["refusal"]["code"] == "SHEET_ROWS_TOO_MANY"
    for content in (text.rpartition("\n")[0].encode(), workbook(rows[:-1])):
        assert (await owner.check(content))["created"] == 3


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (PLAIN, "utf-8", (Encoding.UTF_8, Delimiter.SEMICOLON, DecimalMark.COMMA)),
        (PLAIN, "utf-8-sig", (Encoding.UTF_8_BOM, Delimiter.SEMICOLON, DecimalMark.COMMA)),
        (PLAIN, "windows-1251", (Encoding.WINDOWS_1251, Delimiter.SEMICOLON, DecimalMark.COMMA)),
        (PLAIN.replace(";", "\t"), "utf-16", (Encoding.UTF_16, Delimiter.TAB, DecimalMark.COMMA)),
        ("Код,Название,Цена\n1,Чай,10.50\n", "utf-8", (Encoding.UTF_8, Delimiter.COMMA, DecimalMark.POINT)),
        ('Код,Название,Цена\n1,Чай,"10,50"\n', "utf-8", (Encoding.UTF_8, Delimiter.COMMA, DecimalMark.COMMA)),
        (
            "Код|Название|Цена\n1|Чай, лист|1.234,50\n",
            "utf-8",
            (Encoding.UTF_8, Delimiter.BAR, DecimalMark.COMMA),
        ),
    ],
)
def test_encoding_delimiter_and_decimal_mark_are_told_by_the_file(
    tmp_path: Path, text: str, encoding: str, found: tuple[Encoding, Delimiter, DecimalMark]
) -> None:
    path = tmp_path / "goods"
    path.write_bytes(text.encode(encoding))

    facts = SheetFiles().look(path, GOODS)

    assert (facts.encoding, facts.delimiter, facts.decimal) == found


@pytest.mark.parametrize(
    ("cell", "decimal", "tiyn"),
    [
        ("1 234,50", ",", 123_450),
        ("1\u00a0234,5 ₸", ",", 123_450),
        ("1.234,50", ",", 123_450),
        ("1,234.50 тг", ".", 123_450),
        ("1234.5", ",", 123_450),
        ("12,50", ".", 1_250),
        ("1,234", ".", 123_400),
        ("1,234", ",", None),
        ("", ",", 0),
        ("-5", ",", None),
        ("1e3", ",", None),
        ("9" * 5_000, ",", None),
        ("9999999999999", ",", 999_999_999_999_900),
        ("٣", ",", None),
    ],
)
def test_prices_are_read_as_people_write_them(cell: str, decimal: str, tiyn: int | None) -> None:
    places = {SheetColumn.CODE: 0, SheetColumn.PRICE: 1}
    reader = RowReader(places, key=SheetKey.CODE, decimal=DecimalMark(decimal))

    row = reader.read(1, ["1", cell])

    if tiyn is None:
        assert isinstance(row, list)
        assert row[0].code in ("SHEET_NUMBER_MALFORMED", "SHEET_CELL_TOO_LONG")
    else:
        assert not isinstance(row, list)
        assert (0 if row.price is None else row.price.tiyn) == tiyn  # type: ignore[union-attr]


def test_far_cells_of_a_workbook_cost_nothing(tmp_path: Path) -> None:
    book = Workbook()
    book.active["A1"], book.active["XFD1"] = "Код", "Название"
    book.active["A1048576"] = 5
    book.save(tmp_path / "far.xlsx")

    facts = SheetFiles().look(tmp_path / "far.xlsx", GOODS)

    (line,) = SheetFiles().lines(tmp_path / "far.xlsx", facts)
    assert (line[0], line[1][0]) == (1_048_576, "5")


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with a few bytes changed, lost or put in."""
    body = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(body))
        match chance.randrange(4):
            case 0:
                body[place] = chance.randrange(256)
            case 1:
                del body[place : place + chance.randint(1, 30)]
            case 2:
                body[place:place] = chance.randbytes(chance.randint(1, 10))
            case _:
                body[place:place] = chance.choice(
                    (b'"', b"<", b"1e309", b"9" * 400, b"&#x0;", b'r="A0"', b"\n")
                )
    return bytes(body)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "a part of xlsx"])
def test_spoiled_files_are_read_or_refused_and_never_break_the_reader(tmp_path: Path, kind: str) -> None:
    rows = [["Код", "Название", "Цена", "НДС"], *([n, f"Товар {n}", n * 1.5, "16%"] for n in range(1, 20))]
    whole = workbook(rows) if kind != "csv" else "\n".join(";".join(map(str, row)) for row in rows).encode()
    refused = 0
    for seed in range(40 * int(os.environ.get("SAUDA_SCALE", "1"))):
        chance = random.Random(seed)
        if kind == "a part of xlsx":

            def spoil(parts: dict[str, bytes], chance: random.Random = chance) -> None:
                name = chance.choice([name for name, body in parts.items() if body])
                parts[name] = mutated(parts[name], chance)

            content = packed(spoil)
        else:
            content = mutated(whole, chance)
        path = tmp_path / str(seed)
        path.write_bytes(content)
        try:
            facts = SheetFiles().look(path, GOODS)
            reader = RowReader(facts.places, key=GOODS.key, decimal=facts.decimal)
            for line, cells in SheetFiles().lines(path, facts):
                reader.read(line, cells)
        except Refusal:
            refused += 1

    assert refused


def test_look_refuses_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        SheetFiles().look(tmp_path / "none", GOODS)

    assert refused.value.code == "SHEET_FILE_GONE"
