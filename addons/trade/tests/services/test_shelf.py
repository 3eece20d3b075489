"""Selling by the register's view of the catalogue: its price, its assortment, what its scanner reads; and a
marked piece is sold once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from addons.catalog.api import (
    BundleLineAsked,
    CreateBundle,
    CreateGroup,
    CreateProduct,
    PackCode,
    ProductId,
    ScaleLabelRule,
    ScaleValue,
    SetRegisterView,
    SetScaleRules,
    UpdateProduct,
    check_digit,
    create_bundle,
    create_group,
    create_product,
    set_register_view,
    set_scale_rules,
    update_product,
)
from addons.organization.api import CreateRegister, create_register
from addons.trade.api import FiscalState, SaleId
from addons.trade.domain.commands import LineAsked, ReturnSale
from addons.trade.gql.outcome import sold
from addons.trade.services.cancel_sale import CancelSale, cancel_sale
from addons.trade.services.register_sale import register_sale
from addons.trade.services.return_sale import return_sale
from addons.trade.tests.shop import Shop, open_shop
from kernel.errors import Refusal
from kernel.gql.context import GqlContext
from kernel.ids import new_id
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.security.principal import SYSTEM
from kernel.testing.schema import mysql_database

GTIN = "04600439931256"
MARK = f"01{GTIN}215Qbaz!&xYz012\x1d91EE06\x1d92{'aB3+' * 11}"


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


async def set_up(shop: Shop, service: Any, command: object) -> Any:
    """A service of the catalogue, on behalf of the company."""
    return await shop.app.database.transact(service, command, principal=SYSTEM.within(shop.company_id))


def scanned(barcode: str, quantity: str = "1", **changes: Any) -> LineAsked:
    return replace(LineAsked(Quantity.parse(quantity), barcode=barcode), **changes)


async def refusal_of(shop: Shop, command: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await shop.run(register_sale, command)
    return f"{refused.value.code} {refused.value.field}"


async def sell(shop: Shop, *lines: LineAsked, cash: str = "100000") -> list[tuple[str, str, str]]:
    """Name, quantity and total of each position sold."""
    await shop.run(register_sale, shop.buy(*lines, cash=cash))
    return [(each.name, str(each.quantity), str(each.total)) for each in shop.fiscalizer.tickets[-1].lines]


async def test_register_sells_at_its_percent_and_its_price_needs_no_leave(shop: Shop) -> None:
    view = SetRegisterView((shop.register_id,), percent_bp=9_000)
    await set_up(shop, set_register_view, view)

    told = replace(shop.line("Сүт 1 л"), price=Money.tenge(585))
    free = LineAsked(Quantity.ONE, name="Шай", price=Money.tenge(100))
    lines = await sell(shop, shop.line("Сүт 1 л", "2"), told, free, scanned("4870000000013"))

    assert [total for _, _, total in lines] == ["1170.00", "585.00", "100.00", "180.00"]
    old = shop.buy(replace(shop.line("Сүт 1 л"), price=Money.parse("649.50")), cash="650")
    assert await refusal_of(shop, old) == "SALE_PRICE_FIXED lines.0.price"


async def test_what_the_register_does_not_have_is_not_sold(shop: Shop) -> None:
    group = await set_up(shop, create_group, CreateGroup("Нан"))
    await set_up(shop, update_product, UpdateProduct(ProductId(shop.goods["Нан"]), group_id=group))
    view = SetRegisterView((shop.register_id,), is_all_goods=False, group_ids=(group,))
    await set_up(shop, set_register_view, view)

    assert len(await sell(shop, shop.line("Нан"), LineAsked(Quantity.ONE, name="Шай", price=Money(100)))) == 2
    milk = shop.buy(replace(shop.line("Сүт 1 л"), price=Money.parse("649.50")), cash="1000")
    assert await refusal_of(shop, milk) == "SALE_PRODUCT_NOT_HERE lines.0"


async def test_box_label_and_package_become_positions(shop: Shop) -> None:
    bread, milk = (ProductId(shop.goods[name]) for name in ("Нан", "Сүт 1 л"))
    await set_up(shop, update_product, UpdateProduct(bread, packs=(PackCode("99", Quantity.pieces(10)),)))
    rules = (
        ScaleLabelRule("21", ScaleValue.WEIGHT, 5, 5, 3),
        ScaleLabelRule("22", ScaleValue.PRICE, 5, 5, 0),
    )
    await set_up(shop, set_scale_rules, SetScaleRules(rules))
    cheese = CreateProduct("Бри", price=Money.tenge(4000), code=54321, unit_code="166")
    await set_up(shop, create_product, cheese)
    held = (BundleLineAsked(bread, Quantity.ONE), BundleLineAsked(milk, Quantity.pieces(2)))
    await set_up(shop, create_bundle, CreateBundle("Таңғы ас", held, barcode="777"))

    weighed, priced = (body + str(check_digit(body)) for body in ("215432100250", "225432101999"))
    lines = await sell(shop, scanned("99", "2"), scanned(weighed), scanned(priced), scanned("777", "3"))

    assert lines == [
        ("Нан", "20", "4000.00"),
        ("Бри", "0.25", "1000.00"),
        ("Бри", "1", "1999.00"),
        ("Нан", "3", "600.00"),
        ("Сүт 1 л", "6", "3897.00"),
    ]
    dear = shop.buy(scanned("777", price=Money.tenge(1)), cash="5000")
    assert await refusal_of(shop, dear) == "SALE_BUNDLE_PLAIN lines.0"
    part = shop.buy(shop.line("Нан"), scanned("777", is_storno=True), cash="200")
    await shop.run(register_sale, part)
    assert [each.name for each in shop.fiscalizer.tickets[-1].lines] == ["Нан"]
    given_up = CancelSale(new_id(), shop.register_id, shop.operator_id, (scanned("777"),))
    assert len((await shop.run(cancel_sale, given_up)).lines) == 2


async def test_marked_piece_is_sold_once_and_again_after_its_return(shop: Shop) -> None:
    def smoke(mark: str = MARK) -> Any:
        return shop.buy(shop.line("Темекі", marks=(mark,)), cash="900")

    first = await shop.run(register_sale, smoke(f"]d2{MARK.replace(chr(29), '')}"))
    assert shop.fiscalizer.tickets[-1].lines[0].marks == (MARK,)
    assert await refusal_of(shop, smoke()) == "MARK_TAKEN lines.0.marks"
    assert await shop.count("trd_sale") == 1

    await shop.report(first.sale_id, FiscalState.FISCALIZED)
    back = ReturnSale(SaleId(new_id()), new_id(), shop.register_id, shop.operator_id, first.sale_id)
    returned = await shop.run(return_sale, back)
    second = await shop.run(register_sale, smoke())
    assert await refusal_of(shop, smoke()) == "MARK_TAKEN lines.0.marks"

    await shop.report(second.sale_id, FiscalState.REJECTED)  # it never was
    await shop.report(second.sale_id, FiscalState.REJECTED)
    await shop.report(returned.sale_id, FiscalState.REJECTED)  # so the first sale still holds
    assert await refusal_of(shop, smoke()) == "MARK_TAKEN lines.0.marks"


async def test_what_was_sold_for_practice_is_sold_in_earnest_elsewhere(shop: Shop) -> None:
    async with shop.app.database.reading(SYSTEM) as reader:
        (outlet,) = await reader.rows("SELECT id FROM org_outlet")
    other = await set_up(shop, create_register, CreateRegister(outlet["id"], "Касса 2"))

    def smoke(register_id: str = shop.register_id) -> Any:
        return shop.buy(shop.line("Темекі", marks=(MARK,)), cash="900", register_id=register_id)

    practice = await shop.run(register_sale, smoke())
    await shop.report(practice.sale_id, FiscalState.FISCALIZED, is_test=True)
    assert await refusal_of(shop, smoke()) == "MARK_TAKEN lines.0.marks"  # practice is like the real thing
    assert await refusal_of(shop, smoke(other)) == "MARK_TAKEN lines.0.marks"  # it has sold nothing yet
    bread = await shop.run(register_sale, shop.buy("Нан", cash="200", register_id=other))
    await shop.report(bread.sale_id, FiscalState.FISCALIZED)
    real = await shop.run(register_sale, smoke(other))
    back = ReturnSale(SaleId(new_id()), new_id(), shop.register_id, shop.operator_id, practice.sale_id)
    await shop.run(return_sale, back)

    assert await refusal_of(shop, smoke()) == "MARK_TAKEN lines.0.marks"
    await shop.report(real.sale_id, FiscalState.FISCALIZED)
    assert await refusal_of(shop, smoke(other)) == "MARK_TAKEN lines.0.marks"


async def test_scan_of_a_marked_good_brings_its_mark_along(shop: Shop) -> None:
    goods = UpdateProduct(ProductId(shop.goods["Темекі"]), gtin=GTIN, barcodes=(GTIN[1:],))
    await set_up(shop, update_product, goods)

    await sell(shop, scanned(MARK))

    (line,) = shop.fiscalizer.tickets[-1].lines
    assert (line.marks, line.barcode) == ((MARK,), GTIN)


async def test_marked_box_is_one_piece_at_the_price_of_all_in_it(shop: Shop) -> None:
    box = PackCode("98", Quantity.pieces(10))
    await set_up(shop, update_product, UpdateProduct(ProductId(shop.goods["Темекі"]), packs=(box,)))
    view = SetRegisterView((shop.register_id,), percent_bp=11_000)
    await set_up(shop, set_register_view, view)

    assert await sell(shop, scanned("98", marks=(MARK,))) == [("Темекі", "1", "9900.00")]


@pytest.mark.mariadb
async def test_one_mark_at_two_registers_at_once_is_one_sale_on_mariadb() -> None:
    async with mysql_database() as url, open_shop(url=url) as shop:
        tills = [shop.register_id]
        async with shop.app.database.reading(SYSTEM) as reader:
            (outlet,) = await reader.rows("SELECT id FROM org_outlet")
        for number in range(3):
            tills.append(await set_up(shop, create_register, CreateRegister(outlet["id"], f"Касса {number}")))

        async def attempt(register_id: str) -> str:
            sale = shop.buy(shop.line("Темекі", marks=(MARK,)), cash="900", register_id=register_id)
            context = GqlContext(shop.app, shop.principal, request_id="test", language="en")
            try:
                await sold(context, sale, wait_ms=0)
            except Refusal as refusal:
                return refusal.code
            return "sold"

        outcomes = await asyncio.gather(*map(attempt, tills))

        assert sorted(outcomes) == ["MARK_TAKEN"] * 3 + ["sold"]
        assert await shop.count("trd_sale") == 1
