"""Chance against the feed: any changes in any order between any pages, and every device ends up with exactly
what its register sees. SAUDA_SCALE makes it longer.
"""

from __future__ import annotations

import os
from random import Random

import pytest

from addons.catalog.domain.commands import (
    ArchiveProduct,
    CreateGroup,
    CreateProduct,
    UpdateGroup,
    UpdateProduct,
)
from addons.catalog.domain.commands_view import PriceRow, SetPrices, SetRegisterView
from addons.catalog.domain.product import GroupId, ProductId
from addons.catalog.services.groups import create_group, update_group
from addons.catalog.services.prices import set_prices
from addons.catalog.services.products import archive_product, create_product, update_product
from addons.catalog.services.register_view import set_register_view
from addons.catalog.services.view import view_page
from addons.catalog.tests.feed_devices import Chain, Device, new_chain
from addons.catalog.tests.makers import good
from kernel.errors import Refusal
from kernel.money import Money

SCALE = int(os.environ.get("SAUDA_SCALE", "1"))
STEPS = 60


class Shopkeeper:
    """Does one thing after another to a catalogue, as chance has it."""

    def __init__(self, chain: Chain, chance: Random, devices: list[Device]) -> None:
        self.chain = chain
        self.chance = chance
        self.devices = devices
        self.products: list[ProductId] = []
        self.groups: list[GroupId] = []
        self.imported = 0

    async def act(self) -> None:
        """One thing; what the catalogue refuses is left."""
        doing = self.chance.choice(
            (self._create, self._create, self._change, self._change, self._move, self._archive, self._price)
            + (self._import, self._import, self._group, self._regroup, self._view)
        )
        try:
            await doing()
        except Refusal:
            pass

    async def _create(self) -> None:
        own = self.chance.choice(self.devices).register_id if self.chance.random() < 0.15 else None
        command = CreateProduct(
            f"Товар {self.chance.random()}",
            price=self._money(),
            group_id=self._any_group(),
            own_register_id=own,
        )
        self.products.append(await self.chain.run(create_product, command))

    async def _change(self) -> None:
        await self.chain.run(
            update_product, UpdateProduct(self._any_product(), name=f"Имя {self.chance.random()}")
        )

    async def _move(self) -> None:
        extra = tuple(dict.fromkeys(filter(None, (self._any_group(), self._any_group()))))
        command = UpdateProduct(self._any_product(), group_id=self._any_group(), extra_group_ids=extra)
        await self.chain.run(update_product, command)

    async def _archive(self) -> None:
        command = ArchiveProduct(self._any_product(), self.chance.random() < 0.7)
        await self.chain.run(archive_product, command)

    async def _price(self) -> None:
        from_ms = self.chance.choice((None, 4_000_000_000_000))
        rows = (PriceRow(self._any_product(), self._money(), from_ms=from_ms),)
        await self.chain.run(set_prices, SetPrices(rows))

    async def _import(self) -> None:
        self.imported += 1
        rows = [
            good(
                f"g{n}",
                f"{self.imported}",
                name=f"Из 1С {n} {self.imported % 3}",
                is_deleted=self.chance.random() < 0.1,
            )
            for n in self.chance.sample(range(12), 5)
        ]
        await self.chain.upsert(*rows)

    async def _group(self) -> None:
        parent = self._any_group()
        self.groups.append(await self.chain.run(create_group, CreateGroup("Группа", parent_id=parent)))

    async def _regroup(self) -> None:
        if not self.groups:
            return
        command = UpdateGroup(
            self.chance.choice(self.groups),
            parent_id=self._any_group(),
            is_archived=self.chance.random() < 0.2,
        )
        await self.chain.run(update_group, command)

    async def _view(self) -> None:
        command = SetRegisterView(
            (self.chance.choice(self.devices).register_id,),
            is_all_goods=self.chance.random() < 0.3,
            group_ids=tuple(self.chance.sample(self.groups, min(2, len(self.groups)))),
            percent_bp=self.chance.choice((10_000, 10_000, 9_000)),
        )
        await self.chain.run(set_register_view, command)

    def _any_product(self) -> ProductId:
        if not self.products:
            raise Refusal("PRODUCT_UNKNOWN")
        return self.chance.choice(self.products)

    def _any_group(self) -> GroupId | None:
        return self.chance.choice([*self.groups, None])

    def _money(self) -> Money:
        return Money(self.chance.randrange(1, 100_000))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3 * SCALE))
async def test_every_device_ends_up_with_what_its_register_sees(seed: int) -> None:
    chance = Random(seed)
    async with new_chain() as chain:
        devices = [await chain.device(str(n)) for n in range(3)]
        keeper = Shopkeeper(chain, chance, devices)
        for _ in range(STEPS):
            await keeper.act()
            for device in devices:
                if chance.random() < 0.4:
                    await device.step(limit=chance.randint(1, 5))
            if chance.random() < 0.2:
                newcomer = chain.at(chance.choice(devices).register_id)
                await newcomer.catch_up(limit=3)
                assert newcomer.rows == await newcomer.fresh()
        for device in devices:
            await device.catch_up(limit=chance.randint(1, 50))

            assert device.rows == await device.fresh()
            seen = await chain.read(view_page, device.register_id)
            assert device.names() == sorted(
                each.card.name for each in seen if each.card.name != "Свободная позиция"
            )
            assert {each.card.code: str(each.card.price) for each in seen if each.card.has_price} == {
                row["code"]: row["prices"][0]["price"]
                for row in device.rows.values()
                if row.get("prices") and row["prices"][0]["price"]
            }
