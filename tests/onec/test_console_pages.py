"""A story in the console: a base is connected, 1C exchanges, the choice is put right, the report is read."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from addons.catalog_1c.tests.files import catalogue, document, goods, offer, offers, price, price_type
from addons.organization.api import (
    CreateCompany,
    CreateOutlet,
    CreateOwner,
    CreateRegister,
    create_outlet,
    create_owner,
    create_register,
)
from addons.organization.tests.shops import PASSWORD, password_hash
from kernel.security.principal import SYSTEM
from simulators.onec.client import ExchangeFailed, OneC
from tests.onec.house import Served, serve_desk

CSRF = re.compile(r'data-csrf="([0-9a-f]+)"')
SECRET = re.compile(r'<code class="secret">([^<]*)</code>')
EMAIL = "owner@example.kz"
TYPES = [price_type("retail", "Розничная"), price_type("club", "Клубная")]
STORES = "<Склады><Склад><Ид>w1</Ид><Наименование>Магазин</Наименование></Склад></Склады>"


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serve_desk(catalog_1c={"busy_ms": 0}) as opened:
        yield opened


class Browser:
    """Somebody at the console."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.csrf = ""

    async def see(self, path: str) -> str:
        answer = await self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        found = CSRF.search(answer.text)
        self.csrf = found[1] if found else self.csrf
        return html.unescape(answer.text)

    async def post(self, path: str, **form: str) -> httpx.Response:
        return await self.http.post(path, data={"csrf": self.csrf, **form})


async def test_owner_connects_1c_and_reads_what_came(served: Served) -> None:
    owner = CreateOwner(EMAIL, "Айгүл", await password_hash(), CreateCompany("230140000021", "ТОО"), "ru")
    transact = served.app.database.transact
    company_id, _ = await transact(create_owner, owner, principal=SYSTEM)
    await transact(create_outlet, CreateOutlet("Дүкен", "Абая, 10"), principal=SYSTEM.within(company_id))
    package = offers(
        offer(
            "a",
            price("500"),
            price("450", type_id="club"),
            body='<Склад ИдСклада="w1" КоличествоНаСкладе="3"/>',
        ),
        types=TYPES,
    ).replace("<Предложения>", f"{STORES}<Предложения>")
    files = {"import.xml": document(catalogue(goods("a"))).encode(), "offers.xml": document(package).encode()}

    async with httpx.AsyncClient(base_url=served.address) as http:
        browser = Browser(http)
        await http.post("/console/login", data={"email": EMAIL, "password": PASSWORD})
        empty = await browser.see("/console/1c")
        made = await browser.post("/console/1c/new", title="Розница")
        own = made.headers["location"]
        await browser.see(own)
        shown = (await browser.post(f"{own}/access")).text
        address, login, secret = SECRET.findall(shown)
        async with OneC(address.removesuffix("/1c/exchange"), login, secret) as base:
            with pytest.raises(ExchangeFailed, match="Клубная, Розничная"):
                await base.send(files)
            before = await browser.see(own)
            outlet = re.search(r'<option value="([^"]+)">Дүкен', before)
            assert outlet is not None
            chosen = {
                "title": "Розница",
                "priceType": "Розничная",
                "type:club": "Клуб",
                "store:w1": outlet[1],
            }
            saved = await browser.post(own, **chosen)
            wrong = await browser.post(own, **{**chosen, "title": ""})
            await base.send(files)
        after = await browser.see(own)
        report = await browser.see(re.findall(r'href="(/console/1c-reports/[^"]+)"', after)[1])
        file = await http.get(re.findall(r'href="(/console/1c-files/[^"]+)"', after)[0])
        listed = await browser.see("/console/1c")

    assert "Базы 1С не подключены" in empty
    assert login in listed
    assert secret not in after + listed
    assert "Видов цен несколько" in before
    assert (saved.status_code, wrong.status_code) == (303, 422)
    assert "Остатки какого склада" in after
    assert "Изменено остатков" in report
    assert file.status_code == 200
    assert "attachment" in file.headers["content-disposition"]
    assert await served.rows_of(company_id, "SELECT thousandths FROM cat_stock") == [{"thousandths": 3_000}]


async def test_owner_links_1c_as_equipment_and_sees_what_stands_in_the_way(tmp_path: Path) -> None:
    async with serve_desk(catalog_1c={"equipment_folder": str(tmp_path)}) as served:
        owner = CreateOwner(EMAIL, "Айгүл", await password_hash(), CreateCompany("230140000021", "ТОО"), "ru")
        transact = served.app.database.transact
        company_id, _ = await transact(create_owner, owner, principal=SYSTEM)
        company = SYSTEM.within(company_id)
        outlet_id = await transact(create_outlet, CreateOutlet("Дүкен", "Абая, 10"), principal=company)
        await transact(create_register, CreateRegister(outlet_id, "Касса у входа"), principal=company)
        form = {"format": "FRONTOL", "way": "FOLDER", "takenWhen": "MARKED", "isEnabled": "1"}
        async with httpx.AsyncClient(base_url=served.address) as http:
            browser = Browser(http)
            await http.post("/console/login", data={"email": EMAIL, "password": PASSWORD})
            empty = await browser.see("/console/1c-equipment")
            blank = await browser.see("/console/1c-equipment/new")
            register = re.search(r'<option value="([^"]+)">№ 1 Касса у входа', blank)
            assert register is not None
            form |= {"connection": "Розница", "folder": "till", "registerId": register[1]}
            anybody = await browser.post("/console/1c-equipment/new", **form | {"registerId": ""})
            groups = await browser.post("/console/1c-equipment/new", **form, taxes="1:16")
            made = await browser.post("/console/1c-equipment/new", **form, taxes="1=16\n2=Без НДС")
            own = made.headers["location"]
            await browser.see(own)
            wrong = await browser.post(own, **form, goodsFile="../goods.txt")
            saved = await browser.post(
                own, **form, goodsFile="goods1.txt", reportFile="sales1.txt", everyS="60"
            )
            ran = await browser.post(f"{own}/run")
            await served.until("SELECT id FROM c1c_equipment_link WHERE ran_ms IS NOT NULL")
            shown = await browser.see(own)
            listed = await browser.see("/console/1c-equipment")

    assert "Ни одна база 1С" in empty
    assert [each.status_code for each in (anybody, groups, wrong)] == [422] * 3
    assert 'aria-describedby="registerId-error"' in anybody.text
    assert "1=16" in html.unescape(groups.text)
    assert 'aria-describedby="goodsFile-error"' in wrong.text
    assert [each.status_code for each in (made, saved, ran)] == [303] * 3
    assert 'value="goods1.txt"' in shown
    assert "2=Без НДС" in shown
    assert 'name="everyS" type="text" value="60"' in shown
    assert "Розница" in listed
    assert "АТОЛ" in listed
