"""Tables of goods for tests, and a shop that imports them as an owner does."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from openpyxl import Workbook

from addons.catalog.domain.source import SourceKey
from addons.catalog.tests.makers import Shop
from gateway.app import create_app
from kernel.app import App
from kernel.data.database import Database
from kernel.ids import CompanyId, new_id
from kernel.jobs.drive import run_due
from kernel.security.authenticator import Authenticator
from kernel.security.principal import Principal, PrincipalKind
from kernel.testing import running_app

IMPORT = """
  id state fileName refusal { code message } token read created updated unchanged failed archived groupsMade
  forSale toArchive isOverCeiling
  found { kind encoding delimiter decimal hasHeader columns }
  faults { line column code message cell } reasons { code count }
  preview { line action code barcode name price priceBefore }
"""
CHECK = f"""mutation($input: CheckSheetInput!) {{ checkSheet(input: $input) {{
  ... on SheetImport {{ {IMPORT} }} ... on Refused {{ why: code field }} }} }}"""
START = f"""mutation($id: ID!, $token: String!) {{ startSheet(importId: $id, token: $token) {{
  ... on SheetImport {{ {IMPORT} }} ... on Refused {{ why: code field }} }} }}"""
SHOW = f"query($id: ID!) {{ node(id: $id) {{ ... on SheetImport {{ {IMPORT} }} }} }}"


class Owner:
    """A shop owner at a browser: uploads files and asks GraphQL what came of them."""

    def __init__(self, shop: Shop, client: httpx.AsyncClient, folder: Path) -> None:
        self.shop = shop
        self.client = client
        self.folder = folder

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        answer = await self.client.post("/graphql", json={"query": document, "variables": variables})
        told = answer.json()
        assert "errors" not in told, told
        return dict(told["data"])

    async def upload(self, content: bytes, name: str = "goods.csv") -> str:
        answer = await self.client.post("/catalog/sheets", files={"file": (name, content)})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["importId"])

    async def work(self) -> None:
        await run_due(self.shop.app.database)

    async def check(self, content: bytes | str, **options: Any) -> dict[str, Any]:
        """Upload and dry run."""
        import_id = await self.upload(content if isinstance(content, bytes) else content.encode())
        return await self.check_again(import_id, **options)

    async def check_again(self, import_id: str, **options: Any) -> dict[str, Any]:
        begun = await self.ask(CHECK, input={"importId": import_id, **options})
        assert "why" not in begun["checkSheet"], begun
        await self.work()
        return await self.show(import_id)

    async def show(self, import_id: str) -> dict[str, Any]:
        return dict((await self.ask(SHOW, id=import_id))["node"])

    async def start(self, checked: dict[str, Any], token: str | None = None) -> dict[str, Any]:
        """Confirm and store; the import, or the refusal."""
        begun = await self.ask(START, id=checked["id"], token=token or checked["token"] or "")
        if "why" in begun["startSheet"]:
            return dict(begun["startSheet"])
        await self.work()
        return await self.show(checked["id"])

    async def store(self, content: bytes | str, **options: Any) -> dict[str, Any]:
        """Dry run and storing."""
        return await self.start(await self.check(content, **options))

    async def goods(self) -> list[tuple[Any, ...]]:
        """Code, name, price and whether it is archived, of every good."""
        rows = await self.shop.rows(
            "SELECT code, name, price_tiyn, is_archived FROM cat_product ORDER BY code"
        )
        return [(row["code"], row["name"], row["price_tiyn"], bool(row["is_archived"])) for row in rows]


@asynccontextmanager
async def new_owner(url: str | None = None) -> AsyncIterator[Owner]:
    """An owner with an empty catalogue."""
    with TemporaryDirectory(prefix="sauda-sheets-") as folder:
        settings = {"catalog": {"sheets_folder": folder}}
        async with running_app(["catalog"], url=url, settings=settings) as app:
            company = CompanyId(new_id())
            roles = app.registry.roles
            principal = Principal(PrincipalKind.USER, "owner", company, roles["owner"])
            cashier = Principal(PrincipalKind.OPERATOR, "cashier", company, roles["cashier"])
            _let_in(app, {"owner": principal, "cashier": cashier})
            transport = httpx.ASGITransport(create_app(app))
            headers = {"Authorization": "Bearer owner", "Accept-Language": "en"}
            async with httpx.AsyncClient(
                transport=transport, base_url="http://sauda", headers=headers
            ) as client:
                yield Owner(Shop(app, principal, SourceKey(new_id())), client, Path(folder))


class _Tokens:
    def __init__(self, people: dict[str, Principal]) -> None:
        self._people = people

    async def authenticate(self, database: Database, token: str) -> Principal:
        return self._people[token]


def _let_in(app: App, people: dict[str, Principal]) -> None:
    """Tokens are the business of organization; here each person has one."""
    app.registry._ports[Authenticator] = type(app.registry._ports[Authenticator])("tests", _Tokens(people))


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    """An Excel workbook of these rows."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
