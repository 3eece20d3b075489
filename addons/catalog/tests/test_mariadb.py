"""What only a server with many writers can show of the catalogue: its dialect, locks and races."""

from __future__ import annotations

import asyncio

import pytest

from addons.catalog.api import (
    Aspect,
    CreateProduct,
    GroupRow,
    create_product,
    product_by_barcode,
    upsert_groups,
)
from addons.catalog.tests.makers import good, new_shop
from kernel.money import Money
from kernel.testing import mysql_database

pytestmark = pytest.mark.mariadb
TRICKY = 'Иной "ё" \\ 🙂'  # a card comes as JSON


async def test_import_creates_changes_and_leaves_alone_on_mariadb() -> None:
    async with mysql_database() as url, new_shop(url=url) as shop:
        await shop.run(upsert_groups, shop.source, [GroupRow("a", "А"), GroupRow("b", "Б", "a")])
        rows = [
            good(f"g{n}", name=f"Товар {n}", barcodes=(f"10{n}",), group_external_id="b", vat_bp=1600)
            for n in range(700)
        ]

        created = await shop.upsert(*rows)
        again = await shop.upsert(*rows)
        prices = [good(f"g{n}", aspect=Aspect.OFFER, price=Money.tenge(n + 1)) for n in range(700)]
        priced = await shop.upsert(*prices)
        changed = await shop.upsert(good("g5", "d2", name=TRICKY, barcodes=("777",)))

        found = await shop.read(product_by_barcode, "777")
        assert (len(created.created), again.unchanged, priced.updated, changed.updated) == (700, 700, 700, 1)
        assert found is not None
        assert (found.name, found.price, found.group_code) == (TRICKY, Money.tenge(6), "1.1")
        assert await shop.read(product_by_barcode, "105") is None


async def test_products_made_at_once_get_different_codes_on_mariadb() -> None:
    async with mysql_database() as url, new_shop(url=url) as shop:
        await asyncio.gather(*(shop.run(create_product, CreateProduct(f"Товар {n}")) for n in range(8)))

        codes = sorted(row["code"] for row in await shop.rows("SELECT code FROM cat_product"))
        assert codes == list(range(1, 9))
