"""A shop owner with a table of goods: what is told before anything is stored, and what is stored."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from os import environ
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from addons.catalog import sheet_cli
from addons.catalog.adapters.sheet_files import SheetFiles
from addons.catalog.api import CreateProduct, create_product
from addons.catalog.domain.sheet_profile import READY_PROFILES
from addons.catalog.services import sheet_run
from addons.catalog.services.sheet_imports import RUNS_MAX
from addons.catalog.sheet_cli import export_goods, import_goods
from addons.catalog.tests.makers import good
from addons.catalog.tests.sheet_makers import Owner, new_owner, workbook
from addons.organization.api import CreateCompany, create_company
from kernel.addons.loader import load_addons
from kernel.app import App, model_modules
from kernel.errors import Refusal
from kernel.gql.context import GqlContext
from kernel.money import Money
from kernel.security.principal import SYSTEM
from kernel.testing import create_tables, mysql_database

SEVEN = """1,3.2,4870001000011,Молоко 1 л,545.50,0,16
2,3.2,4870001000028,"Хлеб, нарезка",180,5,16
"""


@pytest.fixture
async def owner() -> AsyncIterator[Owner]:
    async with new_owner() as owner:
        yield owner


async def test_dry_run_tells_everything_and_stores_nothing(owner: Owner) -> None:
    checked = await owner.check(SEVEN, profile="seven_columns")

    assert (checked["state"], checked["read"], checked["created"], checked["failed"]) == ("CHECKED", 2, 2, 0)
    assert checked["groupsMade"] == 2  # 3 and 3.2
    assert checked["found"] == {
        "kind": "CSV", "encoding": "UTF_8", "delimiter": "COMMA", "decimal": "POINT", "hasHeader": False,
        "columns": ["CODE", "GROUP_CODE", "BARCODE", "NAME", "PRICE", "DISCOUNT", "VAT"],
    }  # fmt: skip
    assert checked["preview"][1] == {
        "line": 2, "action": "CREATE", "code": 2, "barcode": "4870001000028", "name": "Хлеб, нарезка",
        "price": "180.00", "priceBefore": None,
    }  # fmt: skip
    assert await owner.goods() == []
    assert await owner.shop.rows("SELECT id FROM cat_group") == []


async def test_confirmed_sheet_is_stored_once_and_again_changes_nothing(owner: Owner) -> None:
    stored = await owner.store(SEVEN, profile="seven_columns")
    again = await owner.store(SEVEN, profile="seven_columns")
    changed = await owner.check(SEVEN.replace("545.50", "560"), profile="seven_columns")

    assert (stored["state"], stored["created"], stored["groupsMade"]) == ("DONE", 2, 2)
    assert (again["created"], again["updated"], again["unchanged"], again["groupsMade"]) == (0, 0, 2, 0)
    assert (changed["updated"], changed["unchanged"]) == (1, 1)
    assert changed["preview"][0]["priceBefore"] == "545.50"
    assert await owner.goods() == [
        (1, "Молоко 1 л", 54_550, False), (2, "Хлеб, нарезка", 18_000, False),
    ]  # fmt: skip
    groups = await owner.shop.rows("SELECT code, name FROM cat_group ORDER BY code")
    assert [(row["code"], row["name"]) for row in groups] == [("3", "Группа 3"), ("3.2", "Группа 3.2")]
    (bread,) = await owner.shop.rows("SELECT discount_bp, vat_kind, source FROM cat_product WHERE code = 2")
    assert bread == {"discount_bp": 500, "vat_kind": "standard", "source": None}


async def test_goods_of_another_source_are_changed_and_stay_its_own(owner: Owner) -> None:
    await owner.shop.upsert(good("milk", "d1", name="Молоко", price=Money.tenge(500), barcodes=("111",)))
    await owner.store("Код;Цена\n1;650,00\n")
    again = await owner.shop.upsert(
        good("milk", "d1", name="Молоко", price=Money.tenge(500), barcodes=("111",))
    )
    (row,) = await owner.shop.rows("SELECT price_tiyn, source, external_id FROM cat_product")

    assert row == {"price_tiyn": 65_000, "source": owner.shop.source, "external_id": "milk"}
    assert again.unchanged == 1  # what the source says has not changed, so what people say stays


async def test_what_is_exported_is_imported_without_a_change(owner: Owner) -> None:
    await owner.ask(
        """mutation { saveSheetProfile(input: {name: "mine", columns: [CODE], doesMakeGroups: true})
        { ... on SheetProfile { name isReady } ... on Refused { code } } }"""
    )
    stored = await owner.store(
        "Код;Штрихкоды;Артикул;Название;Группа;Цена;Скидка;НДС;Ед.;Маркировка\n"
        "7;4870001000011 222;=1+1;@Молоко;Еда / Молочное;1 234,50;7,5;5%;кг;да\n"
        "8;;-5;Услуга;;;0;Без НДС;шт;нет\n",
        profile="mine",
    )
    assert (stored["state"], stored["created"], stored["faults"]) == ("DONE", 2, [])
    for form in ("csv", "xlsx"):
        answer = await owner.client.get("/catalog/goods", params={"format": form})
        assert answer.status_code == 200
        again = await owner.check(answer.content)
        assert (again["read"], again["unchanged"], again["faults"]) == (2, 2, []), form

    text = (await owner.client.get("/catalog/goods")).content.decode("utf-8-sig")
    head, milk, service = text.splitlines()
    assert head.startswith("Код;Штрихкоды;Артикул;Название;")
    assert milk.startswith("7;4870001000011 222;'=1+1;'@Молоко;;")  # no cell is a formula
    assert ";Еда / Молочное;1234,50;7,5;0;5;кг;" in milk
    assert service.split(";")[2] == "'-5"


async def test_faults_name_row_and_column_and_the_policy_decides(owner: Owner) -> None:
    sheet = (
        "Код;Название;Цена;НДС;Штрихкод\n"
        "1;Чай;100;16;\n"
        "abc;Кофе;100;16;\n"
        "2;Сок;10,505;16;\n"
        "\n"
        "3;Вода;50;сто;4,87E+12\n"
        "1;Чай ещё раз;120;16;\n"
        ";;;;\n"
        ";Без ключа;1;16;\n"
        "4;;70;16;\n"
    )
    checked = await owner.check(sheet)
    refused = await owner.start(checked)
    skipping = await owner.check(sheet, policy="REJECT_FAILED_ROWS")
    done = await owner.start(skipping)

    told = [(fault["line"], fault["column"], fault["code"]) for fault in checked["faults"]]
    assert told == [
        (3, "Код", "SHEET_CODE_MALFORMED"),
        (4, "Цена", "SHEET_NUMBER_MALFORMED"),
        (6, "НДС", "SHEET_NUMBER_MALFORMED"),
        (6, "Штрихкод", "SHEET_BARCODE_ROUNDED"),
        (7, "", "SHEET_KEY_TWICE"),
        (9, "Код", "SHEET_KEY_EMPTY"),
        (10, "Название", "GOODS_NAME_MISSING"),
    ]
    assert checked["faults"][0]["cell"] == "abc"
    assert checked["faults"][4]["message"] == "1 stands in a row above already."
    assert (checked["read"], checked["created"], checked["failed"]) == (7, 1, 6)
    assert refused == {"why": "SHEET_HAS_FAULTS", "field": None}
    assert (done["state"], done["created"], done["failed"]) == ("DONE", 1, 6)
    assert await owner.goods() == [(1, "Чай", 10_000, False)]


async def test_replacing_all_archives_the_rest_under_a_ceiling(owner: Owner) -> None:
    await owner.shop.upsert(*(good(f"g{n}", name=f"Товар {n}") for n in range(1, 11)))
    half = "Код\n" + "\n".join(str(code) for code in range(1, 6))
    most = "Код\n" + "\n".join(str(code) for code in range(1, 10))

    checked = await owner.check(half, replacesAll=True)
    refused = await owner.start(checked)
    plain = await owner.store(half)
    allowed = await owner.check(most, replacesAll=True)
    done = await owner.start(allowed)

    assert (checked["forSale"], checked["toArchive"], checked["isOverCeiling"]) == (10, 5, True)
    assert refused["why"] == "SHEET_ARCHIVES_TOO_MANY"
    assert plain["archived"] == 0
    assert (allowed["toArchive"], allowed["isOverCeiling"], allowed["archived"]) == (1, False, 0)
    assert (done["state"], done["archived"]) == ("DONE", 1)
    assert [code for code, _, _, is_archived in await owner.goods() if is_archived] == [10]


async def test_nothing_is_stored_without_the_token_of_the_last_dry_run(owner: Owner) -> None:
    first = await owner.check("Код;Название\n1;Чай\n")
    again = await owner.check_again(first["id"])

    assert (await owner.start(again, token=first["token"]))["why"] == "SHEET_TOKEN_WRONG"
    assert (await owner.start(again, token="x"))["why"] == "SHEET_TOKEN_WRONG"
    uploaded = await owner.upload(b"1;2\n")
    assert (await owner.start({"id": uploaded, "token": "x"}))["why"] == "SHEET_NOT_CHECKED"
    assert await owner.goods() == []
    assert (await owner.start(again))["created"] == 1
    assert (await owner.start(again))["state"] == "DONE"  # the same confirmation, the same answer


async def test_worker_that_dies_leaves_the_rest_to_the_next(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_run, "BATCH_ROWS", 10)
    checked = await owner.check("Код;Название\n" + "\n".join(f"{n};Товар {n}" for n in range(1, 56)))
    stored = sheet_run.store_batch
    batches = 0

    async def dies(*args: object) -> object:
        nonlocal batches
        batches += 1
        if batches == 3:
            raise RuntimeError("the process was killed")
        return await stored(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(sheet_run, "store_batch", dies)
    await owner.start(checked)
    halfway = await owner.show(checked["id"])
    owner.shop.app.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    await owner.work()
    done = await owner.show(checked["id"])

    assert (halfway["state"], halfway["created"]) == ("STORING", 20)
    assert (done["state"], done["read"], done["created"]) == ("DONE", 55, 55)
    assert len(await owner.goods()) == 55


async def test_import_that_always_breaks_off_is_given_up_and_lets_others_pass(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*args: object) -> object:
        raise RuntimeError("a fault of ours")

    first = await owner.check("Код;Название\n1;Чай\n")
    second = await owner.check("Код;Название\n2;Кофе\n")
    stored = sheet_run.store_batch
    monkeypatch.setattr(sheet_run, "store_batch", dies)
    await owner.start(first)
    for _ in range(RUNS_MAX):
        owner.shop.app.clock.advance(timedelta(minutes=10))  # type: ignore[attr-defined]
        await owner.work()
    monkeypatch.setattr(sheet_run, "store_batch", stored)

    given_up = await owner.show(first["id"])
    assert (given_up["state"], given_up["refusal"]["code"]) == ("REFUSED", "SHEET_GIVEN_UP")
    assert (await owner.start(second))["state"] == "DONE"
    assert await owner.goods() == [(2, "Кофе", None, False)]


async def test_stopped_import_stays_stopped(owner: Owner) -> None:
    checked = await owner.check("Код;Название\n1;Чай\n")
    await owner.ask("mutation($id: ID!) { stopSheet(importId: $id) { __typename } }", id=checked["id"])

    assert (await owner.start(checked))["why"] == "SHEET_NOT_CHECKED"
    assert (await owner.show(checked["id"]))["state"] == "STOPPED"
    assert await owner.goods() == []


async def test_excel_is_read_as_people_see_it(owner: Owner) -> None:
    book = workbook(
        [
            ["Код", "Штрихкод", "Наименование", "Цена", "НДС, %"],
            [1, 4870001000011, "Молоко", 545.5, 16],
            [2.0, "0048700010", "Хлеб", 180, "Без НДС"],
            [None, None, None, None, None],
        ]
    )
    done = await owner.store(book)

    assert (done["state"], done["created"], done["found"]["kind"]) == ("DONE", 2, "XLSX")
    assert await owner.goods() == [(1, "Молоко", 54_550, False), (2, "Хлеб", 18_000, False)]
    codes = await owner.shop.rows("SELECT barcode FROM cat_barcode ORDER BY barcode")
    assert [row["barcode"] for row in codes] == ["0048700010", "4870001000011"]


async def test_price_list_goes_by_barcodes(owner: Owner) -> None:
    await owner.shop.run(create_product, CreateProduct("Молоко", barcodes=("4870001000011", "222")))
    await owner.shop.run(create_product, CreateProduct("Двойник 1", barcodes=("333",)))
    await owner.shop.run(create_product, CreateProduct("Двойник 2", barcodes=("333",)))
    done = await owner.store(
        "Штрихкод;Название;Цена\n04870001000011;;545\n333;;10\n444;Новый;20\n",
        profile="price_list",
        policy="REJECT_FAILED_ROWS",
    )

    assert [(fault["line"], fault["code"]) for fault in done["faults"]] == [(3, "SHEET_KEY_AMBIGUOUS")]
    assert (done["updated"], done["created"]) == (1, 1)
    assert (await owner.goods())[0] == (1, "Молоко", 54_500, False)
    rows = await owner.shop.rows(
        "SELECT barcode FROM cat_barcode WHERE barcode LIKE '%222' OR barcode = '444'"
    )
    assert len(rows) == 2  # the second barcode of the milk stays


async def test_cashier_neither_uploads_nor_exports(owner: Owner) -> None:
    headers = {"Authorization": "Bearer cashier"}

    upload = await owner.client.post("/catalog/sheets", content=b"1;2", headers=headers)
    export = await owner.client.get("/catalog/goods", headers=headers)

    assert (upload.status_code, export.status_code) == (403, 403)
    assert not list(owner.folder.glob("*/*"))


async def test_profiles_of_a_company_are_kept_changed_and_forgotten(owner: Owner) -> None:
    save = """mutation($input: SheetProfileInput!) { saveSheetProfile(input: $input) {
        ... on SheetProfile { name } ... on Refused { code field } } }"""
    supplier = {
        "name": "supplier", "columns": ["BARCODE", "SKIP", "NAME", "PRICE"], "key": "BARCODE",
        "hasHeader": False, "delimiter": "SEMICOLON", "encoding": "WINDOWS_1251",
    }  # fmt: skip
    remove = """mutation($name: String!) { removeSheetProfile(name: $name) {
        ... on SheetProfileRemoved { name } ... on Refused { code } } }"""

    await owner.ask(save, input=supplier)
    stored = await owner.store("111;x;Чай;99,90\n".encode("cp1251"), profile="supplier")
    wrong = [
        await owner.ask(save, input={"name": "goods", "columns": ["CODE"]}),
        await owner.ask(save, input={"name": "x", "columns": ["NAME"]}),
        await owner.ask(save, input={"name": "x", "columns": []}),
        await owner.ask(save, input={"name": "x", "columns": ["CODE", "NAME", "NAME"]}),
    ]
    listed = await owner.ask("{ sheetProfiles { name isReady } }")
    gone = await owner.ask(remove, name="supplier")
    again = await owner.ask(remove, name="supplier")

    assert (stored["state"], stored["created"], stored["found"]["encoding"]) == ("DONE", 1, "WINDOWS_1251")
    assert await owner.goods() == [(1, "Чай", 9_990, False)]
    assert [each["saveSheetProfile"]["code"] for each in wrong] == [
        "SHEET_PROFILE_NAME_WRONG", "SHEET_COLUMN_MISSING", "SHEET_COLUMNS_WRONG", "SHEET_COLUMN_TWICE",
    ]  # fmt: skip
    assert listed["sheetProfiles"][-1] == {"name": "supplier", "isReady": False}
    assert gone["removeSheetProfile"] == {"name": "supplier"}
    assert again["removeSheetProfile"] == {"code": "SHEET_PROFILE_UNKNOWN"}


async def test_import_is_followed_live(owner: Owner) -> None:
    import_id = await owner.upload("Код;Название\n1;Чай\n".encode())
    document = "subscription($id: ID!) { sheetImportChanged(importId: $id) { state read } }"
    shop = owner.shop
    context = GqlContext(shop.app, shop.principal, request_id="test", language="en")
    heard = await shop.app.schema.subscribe(
        document, variable_values={"id": import_id}, context_value=context
    )
    told = [event.data["sheetImportChanged"] async for event in heard]  # type: ignore[union-attr]

    assert told == [{"state": "UPLOADED", "read": 0}]  # and it ends, for nothing runs


def test_commands_import_after_a_dry_run_and_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAUDA_DATABASE__URL", f"sqlite:///{tmp_path / 'sauda.db'}")
    monkeypatch.setenv("SAUDA_SECURITY__SEAL_KEY_FILE", str(tmp_path / "seal.key"))
    monkeypatch.setenv("SAUDA_CATALOG__SHEETS_FOLDER", str(tmp_path / "sheets"))
    registry = load_addons(["catalog"])  # of all add-ons, migrated one by one, half a minute would pass
    build = App.build

    async def open_shop() -> None:
        await create_tables(environ["SAUDA_DATABASE__URL"], model_modules(registry))
        app = build(registry=registry)
        async with app.running():
            company = CreateCompany(bin="230140000109", title="ТОО «Өлшем»")
            await app.database.transact(create_company, company, principal=SYSTEM)

    async def is_prepared(app: App) -> None:
        """Tables are there."""

    asyncio.run(open_shop())
    monkeypatch.setattr(App, "build", partial(build, registry=registry))
    monkeypatch.setattr(sheet_cli, "prepare", is_prepared)
    sheet, out = tmp_path / "goods.csv", tmp_path / "out.csv"
    sheet.write_text("Код;Название;Цена\n1;Чай;100\n2;Кофе;сто\n", encoding="utf-8")

    tried = CliRunner().invoke(import_goods, [str(sheet), "--dry-run", "--json"])
    refused = CliRunner().invoke(import_goods, [str(sheet), "--yes"])
    unsure = CliRunner().invoke(import_goods, [str(sheet), "--skip-bad-rows"], input="n\n")
    stored = CliRunner().invoke(import_goods, [str(sheet), "--yes", "--skip-bad-rows", "--json"])
    written = CliRunner().invoke(export_goods, [str(out), "--json"])

    assert (tried.exit_code, orjson.loads(tried.stdout)["state"]) == (0, "checked"), tried.output
    assert isinstance(refused.exception, Refusal)
    assert refused.exception.code == "SHEET_HAS_FAULTS"
    assert unsure.exit_code == 1
    assert "Цена · " in unsure.output
    assert orjson.loads(stored.stdout)["created"] == 1
    assert orjson.loads(written.stdout)["goods"] == 1
    assert out.read_text(encoding="utf-8-sig").splitlines()[1].startswith("1;;;Чай;")


def test_reading_keeps_a_row_and_not_the_file(tmp_path: Path) -> None:
    count = 20_000 * int(environ.get("SAUDA_SCALE", "1"))
    path = tmp_path / "goods"
    with path.open("w", encoding="utf-8") as file:
        file.write("Код;Название;Цена\n")
        file.writelines(f"{n};Товар {n} с названием средней длины;{n},50\n" for n in range(1, count + 1))
    files = SheetFiles()

    tracemalloc.start()
    facts = files.look(path, READY_PROFILES["goods"])
    read = sum(1 for _ in files.lines(path, facts))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert read == count
    assert peak < 3 * 1024 * 1024  # two pieces of 256 kB as text, and the sample


@pytest.mark.mariadb
async def test_sheets_on_mariadb() -> None:
    async with mysql_database() as url, new_owner(url) as owner:
        stored = await owner.store(SEVEN, profile="seven_columns")
        again = await owner.store(SEVEN.replace("545.50", "560"), profile="seven_columns", replacesAll=True)

        assert (stored["state"], stored["created"], stored["groupsMade"]) == ("DONE", 2, 2)
        assert (again["state"], again["updated"], again["unchanged"], again["archived"]) == ("DONE", 1, 1, 0)
