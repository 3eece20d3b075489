"""Devices of these tests: they follow the feed as docs/device.md tells, apart from the product's own code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from addons.catalog.api import SourceKey
from addons.catalog.tests.makers import Shop, new_shop
from addons.organization.api import (
    CreateCompany,
    CreateOutlet,
    CreateRegister,
    create_company,
    create_outlet,
    create_register,
)
from kernel.gql.context import GqlContext
from kernel.gql.ids import split_global
from kernel.ids import new_id
from kernel.security.principal import SYSTEM, Principal, PrincipalKind

PRIME = 2_147_483_647
PAGES_MAX = 1_000  # of one catching up
ROW = "id version"
CARD = (
    f"{ROW} code name nameKk characteristic article barcode barcodes {{ barcode quantity }} groupIds baseId"
    " section prices { since price } vatKind vatPercent unitCode unitName ntin gtin isMarked isPriceEditable"
    " discountPercent markupPercent"
)
CHANGES = f"""
query($cursor: String, $limit: Int!) {{ catalogChanges(cursor: $cursor, limit: $limit) {{
  mustRefetch isLoad tombstones nextCursor hasMore upToDate count checksum
  cards {{ {CARD} }}
  bundles {{ {ROW} name nameKk barcode lines {{ productId quantity }} }}
  groups {{ {ROW} code name nameKk parentId }}
}} }}"""
ACK = """
mutation($cursor: String!, $isVerified: Boolean!) {
  ackCatalog(input: {cursor: $cursor, isVerified: $isVerified}) {
    ... on CatalogFollower { waitingCount isVerified } ... on Refused { refusal: code } } }"""


@dataclass
class Chain(Shop):
    """A company with an outlet, to which registers are added."""

    outlet_id: Any

    async def device(self, name: str = "device") -> Device:
        """A device at a register of its own."""
        register_id = await self.run(create_register, CreateRegister(self.outlet_id, f"Касса {name}"))
        return self.at(register_id, name)

    def at(self, register_id: str, name: str = "another") -> Device:
        """A further device at that register."""
        return Device(self, register_id, device_principal(self, register_id, name))


@asynccontextmanager
async def new_chain(url: str | None = None) -> AsyncIterator[Chain]:
    """A running app with one company."""
    async with new_shop(url=url) as shop:
        yield await chain_of(shop)


async def chain_of(shop: Shop, bin_: str = "230140000109") -> Chain:
    """A new company with that number."""
    transact = shop.app.database.transact
    company_id = await transact(create_company, CreateCompany(bin_, "ТОО «Дән»"), principal=SYSTEM)
    principal = SYSTEM.within(company_id)
    outlet_id = await transact(create_outlet, CreateOutlet("Дүкен", "Алматы"), principal=principal)
    return Chain(shop.app, principal, SourceKey(new_id()), outlet_id)


def device_principal(shop: Shop, register_id: str, device_id: str = "device") -> Principal:
    """A bound till of that register."""
    return Principal(
        PrincipalKind.DEVICE,
        device_id,
        shop.principal.company_id,
        shop.app.registry.roles["device"],
        frozenset({register_id}),
        language="en",
        device_id=device_id,
    )


async def ask(shop: Shop, principal: Principal, document: str, **variables: Any) -> Any:
    """The one field of the answer."""
    result = await run(shop, principal, document, **variables)
    assert result.errors is None, result.errors
    assert result.data is not None
    return next(iter(result.data.values()))


async def run(shop: Shop, principal: Principal, document: str, **variables: Any) -> Any:
    """The whole answer."""
    context = GqlContext(shop.app, principal, request_id="test", language="en")
    return await shop.app.schema.execute(document, variable_values=variables, context_value=context)


@dataclass
class Device:
    """A till with its own copy of the goods. rows: what it sells by; incoming: what it is still loading."""

    shop: Shop
    register_id: str
    principal: Principal
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    incoming: dict[str, dict[str, Any]] | None = None
    cursor: str | None = None
    refetches: list[str] = field(default_factory=list)
    told: int = 0  # rows and tombstones that came
    is_alone: bool = True  # nobody writes while it reads, so there is always a checksum

    async def step(self, limit: int = 1000) -> bool:
        """Read one page; whether there is more."""
        page = await ask(self.shop, self.principal, CHANGES, cursor=self.cursor, limit=limit)
        if page["mustRefetch"]:
            assert (page["cards"], page["tombstones"], page["nextCursor"]) == ([], [], None)
            self.refetches.append(page["mustRefetch"])
            self.cursor = None
            return True
        if self.cursor is None:
            self.incoming = {}
        rows = self.rows if self.incoming is None else self.incoming
        for each in [*page["cards"], *page["bundles"], *page["groups"]]:
            rows[each["id"]] = each
            self.told += 1
        for each in page["tombstones"]:
            rows.pop(each, None)
            self.told += 1
        self.cursor = page["nextCursor"]
        assert page["hasMore"] is not page["upToDate"]
        if page["upToDate"]:
            if self.incoming is not None:
                self.rows, self.incoming = self.incoming, None
            if page["count"] is None:
                assert not self.is_alone
            else:
                assert (page["count"], page["checksum"]) == (len(self.rows), self.checksum)
        return bool(page["hasMore"])

    @property
    def checksum(self) -> int:
        """What the server should say."""
        return sum(int(row["version"]) ** 2 % PRIME for row in self.rows.values()) % PRIME

    async def catch_up(self, limit: int = 1000) -> int:
        """Read until up to date; rows and tombstones that came."""
        before = self.told
        for _ in range(PAGES_MAX):
            if not await self.step(limit):
                return self.told - before
        raise AssertionError("never up to date")

    async def ack(self) -> Any:
        """Say what was applied."""
        return await ask(self.shop, self.principal, ACK, cursor=self.cursor, isVerified=True)

    def names(self, kind: str = "Product") -> list[str]:
        """Names of its rows of one kind, without the free position."""
        found = [row["name"] for row in self.rows.values() if split_global(row["id"])[0] == kind]
        return sorted(name for name in found if name != "Свободная позиция")

    def card(self, name: str) -> dict[str, Any]:
        """The card of that name."""
        return next(row for row in self.rows.values() if row["name"] == name)

    async def fresh(self) -> dict[str, dict[str, Any]]:
        """What a new device of the same register loads at once."""
        other = Device(self.shop, self.register_id, self.principal)
        await other.catch_up()
        return other.rows
