"""Stories of people behind the exchange: a base is connected, a choice put right, sales are taken."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from lxml import etree

from addons.catalog_1c.tests.files import catalogue, document, goods, offer, offers, price, price_type
from addons.trade.api import FiscalState
from addons.trade.domain.commands import LineAsked
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.ids import CompanyId, new_id
from kernel.jobs.drive import run_schedules
from kernel.quantity import Quantity
from kernel.security.principal import Principal, PrincipalKind
from simulators.onec.client import ExchangeFailed, OneC
from tests.onec.house import Served, serve_desk

TURNS = 20  # of the loop, in which what was started comes to its first wait
SAVE = """mutation($input: CatalogConnectionInput!) { saveCatalogConnection(input: $input) {
  ... on CatalogConnection { id title priceType salesBy warehouses { externalId outletId } }
  ... on Refused { code field message } } }"""
ACCESS = """mutation($id: ID!) { issueCatalogAccess(connectionId: $id) {
  ... on CatalogAccess { login secret paths connection { login } } ... on Refused { code } } }"""
REVOKE = """mutation($id: ID!) { revokeCatalogAccess(connectionId: $id) {
  ... on CatalogConnection { login } } }"""
EXCHANGES = """{ catalogImportExchanges(first: 5) { nodes { connection kind isOpen documents
  files { id name kind state downloadPath refusal { code message }
    import { id state created reasons { code } progressPercent } } } } }"""
RETRY = """mutation($id: ID!) { retryCatalogImport(fileId: $id) {
  ... on CatalogImportFile { state } ... on Refused { code } } }"""
FOLLOW = """subscription { catalogImportChanged { id state updated progressPercent } }"""
RETAIL, WHOLESALE = price_type("retail", "Розничная"), price_type("club", "Оптовая")


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serve_desk(catalog_1c={"busy_ms": 0}) as opened:
        yield opened


class Owner:
    """Somebody in the console."""

    def __init__(self, served: Served, *, role: str = "owner", company_id: str | None = None) -> None:
        self.app = served.app
        company = CompanyId(company_id or served.desk.shop.company_id)
        rights = self.app.registry.roles[role]
        self.principal = Principal(PrincipalKind.USER, "owner", company, rights, language="en")

    def context(self) -> GqlContext:
        return GqlContext(self.app, self.principal, request_id="test", language="en")

    async def ask(self, text: str, **variables: Any) -> Any:
        result = await self.app.schema.execute(text, variable_values=variables, context_value=self.context())
        assert result.errors is None, result.errors
        assert result.data is not None
        (value,) = result.data.values()
        return value


async def test_base_is_connected_signs_in_and_loses_its_old_secret(served: Served) -> None:
    owner = Owner(served)

    made = await owner.ask(SAVE, input={"title": " Розница  2 ", "salesBy": "RECEIPT"})
    twin = await owner.ask(SAVE, input={"title": "Розница 2"})
    wrong = await owner.ask(SAVE, input={"title": "Б", "language": "de"})
    first = await owner.ask(ACCESS, id=made["id"])
    second = await owner.ask(ACCESS, id=made["id"])
    async with OneC(served.address, first["login"], first["secret"]) as old:
        with pytest.raises(ExchangeFailed):
            await old.check_auth()
    async with OneC(served.address, second["login"], second["secret"]) as base:
        await base.check_auth()
        await base.init()
        await owner.ask(REVOKE, id=made["id"])
        with pytest.raises(ExchangeFailed, match="пароль"):
            await base.upload("import.xml", b"<a/>")

    assert (made["title"], made["salesBy"], twin["code"], wrong["code"]) == (
        "Розница 2",
        "RECEIPT",
        "C1C_CONNECTION_EXISTS",
        "C1C_CHOICE_WRONG",
    )
    assert second["connection"]["login"] == second["login"] != first["login"]
    assert second["paths"] == ["/1c/exchange", "/bitrix/admin/1c_exchange.php"]
    secrets = await served.rows("SELECT secret_hash FROM c1c_access")
    assert not any(second["secret"] in row["secret_hash"] for row in secrets)


def _import_of(event: Any) -> dict[str, Any]:
    assert event.errors is None, event.errors
    told: dict[str, Any] = event.data["catalogImportChanged"]
    return told


async def test_report_says_what_stopped_and_the_file_goes_in_after_the_choice_is_put_right(
    served: Served,
) -> None:
    owner = Owner(served)
    connection = to_global("CatalogConnection", served.desk.connection_id)
    text = document(
        catalogue(goods("a")),
        offers(offer("a", price("500"), price("450", type_id="club")), types=[RETAIL, WHOLESALE]),
    )
    async with served.base() as base:
        with pytest.raises(ExchangeFailed, match="Розничная"):
            await base.send({"import.xml": text.encode()})

    (exchange,) = (await owner.ask(EXCHANGES))["nodes"]
    (archive, file) = exchange["files"]
    await owner.ask(SAVE, input={"id": connection, "title": "УТ магазин", "priceType": "Розничная"})
    events = await owner.app.schema.subscribe(FOLLOW, context_value=owner.context())
    async with aclosing(events):
        coming = asyncio.ensure_future(anext(events))
        for _ in range(TURNS):
            await asyncio.sleep(0)  # it listens before anything happens
        again = await owner.ask(RETRY, id=file["id"])
        news = [_import_of(await coming)]
        while news[-1]["state"] == "RUNNING":
            news.append(_import_of(await anext(events)))
    await served.until("SELECT id FROM c1c_file WHERE state = 'done' AND kind = 'xml'")
    (later,) = (await owner.ask(EXCHANGES))["nodes"]
    async with httpx.AsyncClient() as http:
        token_less = await http.get(served.address + file["downloadPath"])
    stranger = await Owner(served, company_id=new_id()).ask(RETRY, id=file["id"])

    assert (archive["kind"], file["name"], file["state"]) == ("ARCHIVE", "import.xml", "REFUSED")
    assert file["refusal"]["code"] == "C1C_PRICE_TYPE_NOT_CHOSEN"
    assert file["import"]["state"] == "REFUSED"
    assert again["state"] in ("QUEUED", "RUNNING", "DONE")
    assert (news[-1]["state"], news[-1]["updated"], news[-1]["progressPercent"]) == ("DONE", 1, 100)
    assert later["files"][1]["state"] == "DONE"
    assert {each["code"] for each in later["files"][1]["import"]["reasons"]} == {"C1C_PRICE_TYPE_UNMAPPED"}
    assert (token_less.status_code, stranger) == (401, {"code": "C1C_FILE_UNKNOWN"})


async def test_dry_run_counts_everything_and_stores_nothing(served: Served) -> None:
    owner = Owner(served)
    text = document(
        catalogue(goods("a"), goods("b")),
        offers(offer("a", price("5")), offer("x", price("6")), types=[RETAIL]),
    )
    content = base64.b64encode(text.encode()).decode()
    mutation = """mutation($input: ImportCatalogInput!) { importCatalog(input: $input) {
      ... on CatalogImport { isDry read created updated pending } ... on Refused { code } } }"""

    dry = await owner.ask(mutation, input={"files": [{"name": "a.xml", "base64": content}], "isDry": True})

    assert dry == {"isDry": True, "read": 4, "created": 2, "updated": 1, "pending": 1}
    assert await served.products() == 0
    assert await served.rows("SELECT id FROM c1c_pending_offer") == []


async def test_files_go_after_their_time_and_reports_after_theirs(served: Served) -> None:
    async with served.base() as base:
        await base.send({"import.xml": document(catalogue(goods("a"))).encode()})
    served.app.database.clock.advance(timedelta(days=15))
    await run_schedules(served.app.database)

    (exchange,) = (await Owner(served).ask(EXCHANGES))["nodes"]
    assert [each["downloadPath"] for each in exchange["files"]] == [None, None]
    assert list((served.folder / served.desk.connection_id).iterdir()) == []
    served.app.database.clock.advance(timedelta(days=3650))
    await run_schedules(served.app.database)
    for table in ("c1c_file", "c1c_exchange", "c1c_session"):
        assert await served.rows(f"SELECT id FROM {table}") == [], table


def parsed(body: bytes) -> list[dict[str, Any]]:
    """Documents of an answer, as 1C would see them."""
    found = []
    for each in etree.fromstring(body).findall("Документ"):
        facts = {
            fact.findtext("Наименование"): fact.findtext("Значение")
            for fact in each.findall("ЗначенияРеквизитов/ЗначениеРеквизита")
        }
        lines = [
            (
                good.findtext("Ид"),
                good.findtext("Количество"),
                good.findtext("ЦенаЗаЕдиницу"),
                good.findtext("Сумма"),
            )
            for good in each.findall("Товары/Товар")
        ]
        head = {name: each.findtext(name) for name in ("Ид", "НомерВерсии", "ХозОперация", "Сумма", "Номер")}
        found.append({**head, "facts": facts, "lines": lines})
    return found


async def test_sales_go_to_1c_by_shift_until_it_took_them(served: Served) -> None:
    desk = served.desk
    async with served.base() as base:
        await base.send(
            {
                "a.xml": document(
                    catalogue(goods("milk", name="Сүт")), offers(offer("milk", price("500")))
                ).encode()
            }
        )
        (milk,) = await served.rows("SELECT id FROM cat_product WHERE external_id = 'milk'")
        line = LineAsked(Quantity.parse("2"), product_id=milk["id"])
        await desk.open_shift()
        await desk.sell(line)
        sold = await desk.sell(replace(line, quantity=Quantity.parse("1.5")), "Нан")
        await desk.give_back(sold, 2)
        await desk.close_shift()

        kept = await base.fetch_sales(acknowledges=False)
        taken = await base.fetch_sales()
        empty = await base.fetch_sales()
        owner = Owner(served)
        exchanges = (await owner.ask(EXCHANGES))["nodes"]

    sale, back = parsed(taken)
    assert kept == taken
    assert parsed(empty) == []
    assert (sale["Ид"], sale["НомерВерсии"], sale["ХозОперация"]) == (
        f"{desk.shift_id}#SELL",
        "1",
        "Заказ товара",
    )
    assert ("milk", "3.5", "500.00", "1750.00") in sale["lines"]
    assert (back["Ид"], back["ХозОперация"], back["Номер"]) == (
        f"{desk.shift_id}#SELL_RETURN",
        "Возврат товара",
        f"{sale['Номер']}-В",
    )
    assert sum(float(line[3]) for line in sale["lines"]) == float(sale["Сумма"])
    assert sale["facts"]["Номер смены"] == "1"
    assert [each["documents"] for each in exchanges][:3] == [0, 2, 2]


async def test_the_moment_from_which_sales_go_outlives_a_new_login_and_new_choices(served: Served) -> None:
    desk, owner = served.desk, Owner(served)
    base = {"id": to_global("CatalogConnection", desk.connection_id), "title": "УТ"}
    since = "query($id: ID!) { node(id: $id) { ... on CatalogConnection { salesSince } } }"
    await owner.ask(SAVE, input={**base, "salesSince": "2027-01-01T00:00:00Z"})
    await desk.open_shift()
    await desk.sell("Нан")
    await desk.close_shift()

    async with served.base() as onec:
        early = parsed(await onec.fetch_sales())
    access = await owner.ask(ACCESS, id=base["id"])
    again = replace(served, login=access["login"], secret=access["secret"])
    await owner.ask(SAVE, input={**base, "title": "УТ 11"})
    kept = await owner.ask(since, id=base["id"])
    async with again.base() as onec:
        later = parsed(await onec.fetch_sales())
    await owner.ask(SAVE, input={**base, "salesSince": None})
    async with again.base() as onec:
        asked_for = parsed(await onec.fetch_sales())

    assert kept["salesSince"].startswith("2027-01-01T00:00:00")
    assert (early, later) == ([], []), "what was closed before that moment stays here"
    assert len(asked_for) == 1


async def test_receipts_go_one_by_one_with_versions_and_their_originals(served: Served) -> None:
    desk, owner = served.desk, Owner(served)
    connection = to_global("CatalogConnection", desk.connection_id)
    await owner.ask(
        SAVE, input={"id": connection, "title": "УТ", "salesBy": "RECEIPT", "salesOperation": "RELEASE"}
    )
    await desk.open_shift()
    sold = await desk.sell("Нан")
    back = await desk.give_back(sold, 1)
    late = await desk.sell("Сүт 1 л", state=FiscalState.OFFLINE)
    await desk.close_shift()

    async with served.base() as base:
        first = parsed(await base.fetch_sales())
        await desk.report(late, FiscalState.REJECTED)
        second = parsed(await base.fetch_sales())
        await owner.ask(
            """mutation($id: ID!, $since: DateTime!) { tellSalesAgain(connectionId: $id, since: $since) {
              ... on CatalogConnection { id } ... on Refused { code } } }""",
            id=connection,
            since="2020-01-01T00:00:00Z",
        )
        again = parsed(await base.fetch_sales())

    assert [each["Ид"] for each in first] == [sold, back, late]
    assert {each["ХозОперация"] for each in first} == {"Отпуск товара", "Возврат товара"}
    assert first[1]["facts"]["Документ-основание Ид"] == sold
    assert [(each["Ид"], each["НомерВерсии"], each["facts"]["Отменен"]) for each in second] == [
        (late, "2", "true")
    ]
    assert [each["Ид"] for each in again] == [sold, back]
