"""The edges of the 1C exchange: GraphQL, the command line, MariaDB."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from addons.catalog_1c import cli
from addons.catalog_1c.adapters.commerceml import CommerceMl
from addons.catalog_1c.cli import app as import_1c
from addons.catalog_1c.demo.make_demo import IMPORT_FILE, OFFERS_FILE
from addons.catalog_1c.domain.commands import ImportFiles
from addons.catalog_1c.services.import_files import import_files
from addons.catalog_1c.tests.files import catalogue, document, goods, written
from addons.organization.api import CreateCompany, create_company, find_company
from kernel.addons.loader import load_addons
from kernel.app import App
from kernel.errors import Refusal
from kernel.gql.context import GqlContext
from kernel.ids import CompanyId, new_id
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing import mysql_database, running_app

IMPORT = """
mutation($input: ImportCatalogInput!) {
  importCatalog(input: $input) {
    ... on CatalogImport { id state files created unchanged reasons { code message count } }
    ... on Refused { code message field nextAction }
  }
}"""


@pytest.fixture
async def app() -> AsyncIterator[App]:
    async with running_app(["catalog_1c"]) as app:
        yield app


def owner_of(app: App) -> Principal:
    return Principal(
        PrincipalKind.USER, "owner", CompanyId(new_id()), app.registry.roles["owner"], language="en"
    )


async def run(app: App, document: str, principal: Principal, **variables: Any) -> Any:
    context = GqlContext(app, principal, request_id="test", language=principal.language)
    return await app.schema.execute(document, variable_values=variables, context_value=context)


def sent(*texts: str) -> list[dict[str, str]]:
    return [
        {"name": f"C:\\webdata\\import0_{n}.xml", "base64": base64.b64encode(text.encode()).decode()}
        for n, text in enumerate(texts)
    ]


async def test_files_sent_over_graphql_are_imported_and_the_report_is_kept(app: App) -> None:
    owner = owner_of(app)
    text = document(catalogue(goods("a"), goods("b", attributes=' Статус="Удален"')))

    done = (await run(app, IMPORT, owner, input={"files": sent(text)})).data["importCatalog"]
    again = (await run(app, IMPORT, owner, input={"files": sent(text)})).data["importCatalog"]
    listed = await run(app, "{ catalogImports(first: 5) { nodes { id state created } } }", owner)
    node = await run(
        app, "query($id: ID!) { node(id: $id) { ... on CatalogImport { connection } } }", owner, id=done["id"]
    )

    assert (done["state"], done["created"], done["files"]) == ("DONE", 1, ["import0_0.xml"])
    assert done["reasons"] == [
        {
            "code": "GOODS_DELETED_UNKNOWN",
            "message": "Marked as deleted, and the catalogue never had it.",
            "count": 1,
        }
    ]
    assert again["unchanged"] == 1
    assert [node["id"] for node in listed.data["catalogImports"]["nodes"]] == [again["id"], done["id"]]
    assert node.data["node"] == {"connection": "1C"}


@pytest.mark.parametrize(
    ("files", "code", "field"),
    [
        ([], "C1C_NO_FILES", None),
        ([{"name": "a.xml", "base64": "@@"}], "C1C_FILE_NOT_BASE64", "files.0.base64"),
        (sent("<a/>"), "C1C_NOT_COMMERCEML", None),
        (sent('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "C1C_XML_DOCTYPE", None),
        ([{"name": "a.xml", "base64": "AAAA" * 250_000}], "C1C_FILES_TOO_LARGE", "files"),
    ],
)
async def test_bad_files_sent_over_graphql_are_refused(
    app: App, files: list[dict[str, str]], code: str, field: str | None
) -> None:
    answer = (await run(app, IMPORT, owner_of(app), input={"files": files})).data["importCatalog"]

    assert (answer["code"], answer["field"]) == (code, field)
    async with app.database.reading(SYSTEM) as reader:
        assert list(await reader.rows("SELECT id FROM cat_product")) == []


async def test_refused_import_tells_its_reason_later_too(app: App) -> None:
    owner = owner_of(app)
    await run(app, IMPORT, owner, input={"files": sent("<a/>")})

    listed = await run(
        app, "{ catalogImports(first: 1) { nodes { state refusal { code message } } } }", owner
    )

    (node,) = listed.data["catalogImports"]["nodes"]
    assert node["state"] == "REFUSED"
    assert node["refusal"]["code"] == "C1C_NOT_COMMERCEML"
    assert "its root is a" in node["refusal"]["message"]


async def test_cashier_may_not_import(app: App) -> None:
    cashier = Principal(PrincipalKind.OPERATOR, "op", CompanyId(new_id()), app.registry.roles["cashier"])

    denied = await run(app, IMPORT, cashier, input={"files": []})

    assert denied.errors[0].extensions["code"] == "FORBIDDEN"


async def test_company_of_a_command_is_found_by_bin_or_when_it_is_the_only_one(app: App) -> None:
    async with app.database.reading(SYSTEM) as reader:
        with pytest.raises(Refusal) as none:
            await find_company(reader, "")
    ids = [
        await app.database.transact(create_company, CreateCompany(bin=number, title="ТОО"), principal=SYSTEM)
        for number in ("230140000109", "230140000021")
    ]

    async with app.database.reading(SYSTEM) as reader:
        by_bin = await find_company(reader, "230140000109")
        by_id = await find_company(reader, ids[1])
        with pytest.raises(Refusal) as many:
            await find_company(reader, "")

    assert none.value.code == "COMPANY_UNKNOWN"
    assert (by_bin.id, by_id.id) == (ids[0], ids[1])
    assert (many.value.code, many.value.facts["choices"]) == (
        "COMPANY_NOT_CHOSEN",
        "230140000021, 230140000109",
    )


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings that lead the command to a database of its own, whose tables are there already."""
    url = f"sqlite:///{tmp_path / 'sauda.db'}"

    async def found_company() -> None:
        async with running_app(registry=load_addons(), url=url) as sauda:
            company = CreateCompany(bin="230140000109", title="ТОО")
            await sauda.database.transact(create_company, company, principal=SYSTEM)

    async def as_it_is(sauda: App) -> None:
        """In place of kernel.setup.prepare: migrations are proved elsewhere and take their time."""

    asyncio.run(found_company())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAUDA_DATABASE__URL", url)
    monkeypatch.setattr(cli, "prepare", as_it_is)
    return tmp_path


def test_command_imports_and_prints_json_for_programs(installation: Path) -> None:
    arguments = [str(IMPORT_FILE), str(OFFERS_FILE), "--company", "230140000109"]

    first = CliRunner().invoke(import_1c, [*arguments, "--json"])
    second = CliRunner().invoke(import_1c, arguments)

    report = json.loads(first.stdout)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert (report["created"], report["reasons"]) == (202, {"C1C_PRICE_EMPTY": 1})
    assert report["notes"][0]["message"].startswith("Цена пустая")
    assert "404" in second.stdout


@pytest.mark.mariadb
async def test_import_is_idempotent_and_holds_early_offers_on_mariadb(tmp_path: Path) -> None:
    async with mysql_database() as url, running_app(["catalog_1c"], url=url) as app:
        principal = SYSTEM.within(CompanyId(new_id()))

        async def load(*paths: Path) -> Any:
            return await import_files(
                app.database, ImportFiles(paths), format=CommerceMl(), principal=principal
            )

        early = await load(OFFERS_FILE)
        whole = await load(IMPORT_FILE)
        again = await load(IMPORT_FILE, OFFERS_FILE)
        small = await load(written(tmp_path, document(catalogue(goods("own", name="Ёлка")))))

        assert (early.report.pending, early.waiting) == (202, 202)
        assert (whole.report.created, whole.report.attached, whole.waiting) == (202, 202, 0)
        assert again.report.unchanged == 404
        assert small.report.created == 1
