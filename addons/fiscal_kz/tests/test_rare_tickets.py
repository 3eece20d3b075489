"""Marks, lines of trade, VAT on top and of last year, storno: what few tickets carry, on its whole way."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from addons.catalog.api import CreateProduct, PackCode, create_product
from addons.fiscal_kz.domain.bodies import TicketBody, modifier_taxes
from addons.fiscal_kz.domain.kinds import DocumentKind
from addons.fiscal_kz.domain.rarities import (
    CardPaid,
    DomainBlock,
    DomainType,
    LineCodes,
    MobilePaid,
    Rarities,
    Stornoed,
    split_by_marks,
)
from addons.fiscal_kz.services.texts import body_text, may_have_marks, read_body
from addons.fiscal_kz.tests.random_tickets import random_line, random_ticket
from addons.fiscal_kz.tests.shop import SELL, Shop, open_shop
from addons.fiscal_kz.tests.test_documents import (
    GIVE_BACK,
    asked,
    both_sides_agree,
    buy,
    goods,
    last_ticket,
    receipt,
    settled,
)
from kernel.gql.ids import to_global
from kernel.ids import new_id
from kernel.money import Money
from kernel.quantity import Quantity
from protocols.ofd import ofd_pb2 as pb

VERSIONS = (202, 203, 204)
SET_DOMAIN = """mutation($id: ID!, $domain: TradeDomain!) { setKkmDomain(registerId: $id, domain: $domain) {
    __typename ... on Kkm { domain } } }"""
REFUSED = """mutation($input: RegisterSaleInput!) { registerSale(input: $input, wait: 0) {
    __typename ... on Refused { code field } } }"""


async def add(shop: Shop, name: str, **details: Any) -> None:
    """One more product."""
    product = CreateProduct(name, **details)
    shop.products = {  # type: ignore[misc]
        **shop.products,
        name: await shop.app.database.transact(create_product, product, principal=shop.owner),
    }


async def sell(shop: Shop, *lines: dict[str, Any], **more: Any) -> Any:
    """Offered, worked and through; cash unless told otherwise."""
    return await settled(shop, await shop.ask(SELL, input=asked(shop, lines=list(lines), **more)))


def cash(amount: str) -> list[dict[str, str]]:
    return [{"kind": "CASH", "amount": amount}]


@pytest.mark.parametrize("version", VERSIONS)
async def test_marked_pieces_travel_one_each_in_2_0_2_and_together_later(version: int) -> None:
    marks = ["0104870001234567215abc", "0104870001234567215def", "0104870001234567215ghi"]
    async with open_shop(default_version=version) as shop:
        price = Money.parse("333.33")
        await add(shop, "Темекі", price=price, vat_bp=1600, is_marked=True, gtin="04870001234567")

        line = goods(shop, "Темекі", "3", marks=marks, discount={"amount": "10.01"})
        sale = await sell(shop, line, goods(shop, "Нан"), payments=cash("2000"))

        commodities = [each.commodity for each in last_ticket(shop).items if each.type == pb.ITEM_COMMODITY]
        if version == 202:
            assert [each.excise_stamp for each in commodities] == [*marks, ""]
            assert {each.quantity for each in commodities} == {1000}
        else:
            assert [list(each.list_excise_stamp) for each in commodities] == [marks, []]
            assert commodities[0].quantity == 3000
        assert {each.barcode for each in commodities} == {"04870001234567", ""}
        assert sale["total"] == "1189.98"
        await both_sides_agree(shop)


@pytest.mark.parametrize("version", [202, 203])
async def test_marked_boxes_travel_with_one_mark_each(version: int) -> None:
    marks = ["0104870001234567215abc", "0104870001234567215def"]
    async with open_shop(default_version=version) as shop:
        box = PackCode("14870001234564", Quantity.pieces(10))
        await add(shop, "Темекі", price=Money.tenge(900), vat_bp=1600, is_marked=True, packs=(box,))

        line = {"barcode": box.barcode, "quantity": "2", "marks": marks}
        sale = await sell(shop, line, payments=cash("18000"))

        told = [each.commodity for each in last_ticket(shop).items]
        assert [each.quantity for each in told] == ([1000, 1000] if version == 202 else [2000])
        assert sale["total"] == "18000.00"
        await both_sides_agree(shop)


@pytest.mark.parametrize("version", VERSIONS)
async def test_marked_pieces_come_back_one_by_one(version: int) -> None:
    marks = ["0104870001234567215abc", "0104870001234567215def", "0104870001234567215ghi"]
    async with open_shop(default_version=version) as shop:
        await add(shop, "Темекі", price=Money.parse("333.33"), vat_bp=1600, is_marked=True)
        line = goods(shop, "Темекі", "3", marks=marks, discount={"amount": "10.01"})
        sale = await sell(shop, line, payments=cash("989.98"))
        back = {"saleKey": new_id(), "registerId": to_global("Register", shop.register_id)}
        back |= {"originalId": sale["id"], "lines": [{"position": 1, "quantity": "1", "marks": [marks[1]]}]}

        one = await settled(shop, await shop.ask(TAKE_BACK, input=back))
        told = last_ticket(shop).items[0].commodity
        rest = await settled(shop, await shop.take_back(sale["id"]))

        assert ([told.excise_stamp] if version == 202 else list(told.list_excise_stamp)) == [marks[1]]
        assert told.quantity == 1000
        assert Money.parse(one["total"]) + Money.parse(rest["total"]) == Money.parse(sale["total"])
        await both_sides_agree(shop)


def test_pieces_of_a_marked_line_add_up_to_it_whatever_it_costs() -> None:
    dice = random.Random(20_262)
    for _ in range(500):
        count = dice.randint(2, 7)
        line = random_line(dice)
        amount = line.price * count
        discount, markup = dice.choice((0, 1, amount // 7)), dice.choice((0, 1, amount // 3))
        total = amount - discount + markup
        vat = 0 if line.vat_bp is None else Money(total).vat_inside(line.vat_bp).tiyn
        line = line._replace(
            quantity=count * 1000, sum=amount, discount=discount, markup=markup, total=total, vat=vat,
            marks=tuple(str(each) for each in range(count)),
        )  # fmt: skip

        pieces = split_by_marks(line)

        for name in ("quantity", "sum", "discount", "markup", "total", "vat"):
            assert sum(getattr(each, name) for each in pieces) == getattr(line, name), name
        for piece in pieces:
            before, of_discount, of_markup = modifier_taxes(piece)
            assert before - of_discount + of_markup == piece.vat
            assert min(before, of_discount, of_markup) >= 0
            assert piece.discount or not of_discount
            assert piece.markup or not of_markup


@pytest.mark.parametrize("version", VERSIONS)
async def test_stamps_and_national_codes_have_fields_of_their_own(version: int) -> None:
    async with open_shop(default_version=version) as shop:
        wine = {"price": Money.tenge(3000), "vat_bp": 1600, "ntin": "0200000000017"}
        await add(shop, "Шарап", **wine, barcodes=("4870000000013",))

        line = {"barcode": "0200000000017", "section": "2"}
        line |= {"physicalLabel": "AB 0012345", "warehouseId": "W-9"}
        sale = await sell(shop, line, payments=cash("3000"))

        commodity = last_ticket(shop).items[0].commodity
        assert (commodity.physical_label, commodity.product_id) == ("AB 0012345", "W-9")
        assert (commodity.barcode, commodity.section_code) == ("4870000000013", "2")
        assert commodity.ntin == ("" if version == 202 else "0200000000017")
        assert ["Акцизная", "марка", "AB", "0012345"] in [
            each.split() for each in (await receipt(shop, sale)).splitlines()
        ]
        stored = "query($id: ID!) { sale(id: $id) { lines { physicalLabel warehouseId section } } }"
        assert (await shop.ask(stored, id=sale["id"]))["lines"] == [
            {"physicalLabel": "AB 0012345", "warehouseId": "W-9", "section": "2"}
        ]
        await both_sides_agree(shop)


BLOCKS: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "SERVICES", "accountNumber": "Л-15"}, "services", "Л-15"),
    ({"type": "HOTELS", "accountNumber": "204"}, "services", "204"),
    ({"type": "GASOIL", "cardNumber": "F-1", "correctionSum": "5.50"}, "gasoil", "F-1"),
    ({"type": "TAXI", "carNumber": "777ABC02", "isOrder": False, "currentFee": "300"}, "taxi", "777ABC02"),
    (
        {"type": "PARKING", "beginAt": "2026-01-15T03:00:00Z", "endAt": "2026-01-15T04:30:00Z"},
        "parking",
        "15.01.2026 08:00",
    ),
]


@pytest.mark.parametrize("version", VERSIONS)
async def test_each_line_of_trade_tells_its_own_facts(version: int) -> None:
    async with open_shop(default_version=version) as shop:
        await sell(shop, goods(shop, "Нан"), payments=cash("200"))
        assert last_ticket(shop).domain.type == pb.DOMAIN_TRADING
        for block, name, printed in BLOCKS:
            sale = await sell(shop, goods(shop, "Нан"), payments=cash("200"), domain=block)

            domain = last_ticket(shop).domain
            assert domain.type == pb.DomainType.Value(f"DOMAIN_{block['type']}")
            assert domain.HasField(name)  # type: ignore[arg-type]
            assert printed in await receipt(shop, sale)
            returned = await settled(shop, await shop.take_back(sale["id"]))
            assert last_ticket(shop).domain == domain, returned
        await both_sides_agree(shop)


@pytest.mark.parametrize(
    ("block", "code", "field"),
    [
        ({"type": "SERVICES"}, "SALE_DOMAIN_FIELD_MISSING", "domain.accountNumber"),
        (
            {"type": "TAXI", "carNumber": "1", "currentFee": "3"},
            "SALE_DOMAIN_FIELD_MISSING",
            "domain.isOrder",
        ),
        ({"type": "TRADING", "carNumber": "1"}, "SALE_DOMAIN_FIELD_FOREIGN", "domain.carNumber"),
        ({"type": "GASOIL", "cardNumber": "9" * 65}, "SALE_DOMAIN_FIELD_BAD", "domain.cardNumber"),
        (
            {"type": "PARKING", "beginAt": "2026-01-15T03:00:00Z", "endAt": "2026-01-15T02:00:00Z"},
            "SALE_DOMAIN_FIELD_BAD",
            "domain.endAt",
        ),
    ],
)
async def test_a_block_that_cannot_be_is_refused_by_field(block: Any, code: str, field: str) -> None:
    async with open_shop() as shop:
        given = asked(shop, lines=[goods(shop, "Нан")], payments=cash("200"), domain=block)

        refused = await shop.ask(REFUSED, input=given)

        assert (refused["code"], refused["field"]) == (code, field)


async def test_a_kkm_works_in_the_line_of_trade_chosen_for_it() -> None:
    async with open_shop() as shop:
        register = to_global("Register", shop.register_id)
        chosen = await shop.ask(SET_DOMAIN, id=register, domain="GASOIL")
        await sell(shop, goods(shop, "Нан"), payments=cash("200"))
        told = last_ticket(shop).domain.type
        await shop.ask(SET_DOMAIN, id=register, domain="TAXI")
        given = asked(shop, lines=[goods(shop, "Нан")], payments=cash("200"))
        refused = await shop.ask(REFUSED, input=given)
        await sell(shop, goods(shop, "Нан"), payments=cash("200"), domain=BLOCKS[3][0])

        assert chosen == {"__typename": "Kkm", "domain": "GASOIL"}
        assert told == pb.DOMAIN_GASOIL
        assert (refused["code"], refused["field"]) == ("KKM_DOMAIN_FIELD_MISSING", "domain.carNumber")
        assert last_ticket(shop).domain.taxi.car_number == "777ABC02"


@pytest.mark.parametrize("version", VERSIONS)
async def test_vat_on_top_is_added_to_the_prices_and_told_as_such(version: int) -> None:
    async with open_shop(default_version=version) as shop:
        await add(shop, "Тас", price=Money.parse("33.33"), vat_bp=1600)
        lines = (goods(shop, "Тас", "3"), goods(shop, "Дәрі"), goods(shop, "Қызмет"))

        sale = await sell(shop, *lines, payments=cash("3000"), isVatOnTop=True)

        # 99.99 + 16.00; 1500.00 + 75.00 less 10 %; without VAT
        assert sale["total"] == "2533.49"
        first = last_ticket(shop).items[0].commodity
        assert (first.sum.bills, first.sum.coins) == (115, 99)
        assert (first.taxes[0].sum.bills, first.taxes[0].sum.coins) == (16, 0)
        assert not first.taxes[0].is_in_total_sum
        text = (await receipt(shop, sale)).splitlines()
        assert ["НДС", "сверх", "цены", "16%", "16.00"] in [each.split() for each in text]
        lines_back = [{"position": 1, "quantity": "1"}]
        part = await shop.ask(TAKE_BACK, input=asked(shop, originalId=sale["id"], lines=lines_back))
        assert (await settled(shop, part))["total"] == "38.66"
        assert not last_ticket(shop).items[0].commodity.taxes[0].is_in_total_sum
        await settled(shop, await shop.take_back(sale["id"]))
        assert (await both_sides_agree(shop))["revenue"] == "0.00"


TAKE_BACK = GIVE_BACK.replace("registerPurchaseReturn", "registerReturn")


async def test_a_return_in_2026_carries_the_rate_of_2025() -> None:
    # The OFD lives today, the shop at the end of 2025: how far their clocks may be apart is no matter here.
    async with open_shop(is_active=False, clock_refuse_seconds=10**9) as shop:
        vars(shop.clock)["_now"] = datetime(2025, 12, 31, 10, 0, tzinfo=UTC)
        await shop.activate()
        sale = await shop.sell(("Нан", "2"), cash="400.00")
        old = last_ticket(shop).items[0].commodity.taxes[0].percent
        await shop.close()
        shop.clock.advance(timedelta(days=5))

        await shop.sell(("Нан", "3"), cash="600.00")
        new = last_ticket(shop).items[0].commodity.taxes[0].percent
        await settled(shop, await shop.take_back(sale["id"]))

        returned = last_ticket(shop).items[0].commodity
        assert (old, new, returned.taxes[0].percent) == (12_000, 16_000, 12_000)
        assert (returned.taxes[0].sum.bills, returned.taxes[0].sum.coins) == (42, 86)  # 400 × 12 / 112
        await both_sides_agree(shop)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_stornoed_position_is_told_and_counted_nowhere(version: int) -> None:
    async with open_shop(default_version=version) as shop:
        await shop.move_cash("depositCash", "1000")
        lines = (
            goods(shop, "Дәрі", "2", isStorno=True),
            goods(shop, "Нан", "2"),
            goods(shop, "Сүт 1 л", isStorno=True),
            goods(shop, "Қызмет"),
        )

        sale = await sell(shop, *lines, payments=cash("1400"), discount={"amount": "100"})

        kinds = [each.type for each in last_ticket(shop).items]
        off = [pb.ITEM_COMMODITY, pb.ITEM_DISCOUNT, pb.ITEM_STORNO_COMMODITY, pb.ITEM_STORNO_DISCOUNT]
        sold = [pb.ITEM_COMMODITY, pb.ITEM_DISCOUNT]
        assert kinds == [*off, *sold, pb.ITEM_COMMODITY, pb.ITEM_STORNO_COMMODITY, *sold]
        assert (sale["total"], sale["change"]) == ("1300.00", "100.00")
        shown = "query($id: ID!) { sale(id: $id) { lines { position name } stornoLines { position total } } }"
        kept = await shop.ask(shown, id=sale["id"])
        assert [each["position"] for each in kept["lines"]] == [2, 4]
        assert kept["stornoLines"] == [
            {"position": 1, "total": "2700.00"},
            {"position": 3, "total": "649.50"},
        ]
        text = await receipt(shop, sale)
        assert text.count("СТОРНО") == 2
        position = [{"position": 1, "quantity": "1"}]
        none = await shop.ask(TAKE_BACK, input=asked(shop, originalId=sale["id"], lines=position))
        assert none["code"] == "RETURN_POSITION_UNKNOWN"
        back = await settled(shop, await shop.take_back(sale["id"]))
        assert back["total"] == "1300.00"
        await settled(
            shop,
            await buy(
                shop, goods(shop, "Нан", price="5"), goods(shop, "Нан", price="7", isStorno=True), cash="5"
            ),
        )
        await both_sides_agree(shop)


async def test_a_refusal_names_the_position_as_the_cart_has_it() -> None:
    async with open_shop() as shop:
        bad = goods(shop, "Нан", discount={"amount": "200"})
        lines = [goods(shop, "Нан", isStorno=True), goods(shop, "Нан"), bad]
        refused = await shop.ask(REFUSED, input=asked(shop, lines=lines, payments=cash("200")))
        nothing = [goods(shop, "Нан", isStorno=True)]
        empty = await shop.ask(REFUSED, input=asked(shop, lines=nothing, payments=cash("200")))

        assert (refused["code"], refused["field"]) == ("SALE_DISCOUNT_TOO_LARGE", "lines.2.discount")
        assert empty["code"] == "SALE_ALL_STORNOED"


def test_whatever_a_ticket_carries_survives_its_row() -> None:
    dice = random.Random(7)
    for _ in range(300):
        ticket = replace(random_ticket(dice, None), rarities=random_rarities(dice))

        again = read_body(DocumentKind.TICKET, body_text(ticket))

        assert isinstance(again, TicketBody)
        assert again == ticket
        assert again.facts == ticket.facts


def test_the_text_of_a_ticket_tells_whether_a_line_has_marks() -> None:
    dice = random.Random(11)
    told = set()
    for _ in range(300):
        ticket = replace(random_ticket(dice, None), operator_name='"",["', customer_email='a",["b')
        marks = dice.choice(((), (), ("010460", 'x"y'), ('",["',)))
        lines = tuple(each._replace(name='Нан ",["', marks=dice.choice(((), marks))) for each in ticket.lines)

        text = body_text(replace(ticket, lines=lines))

        has_marks = any(each.marks for each in lines)
        assert may_have_marks(text) == has_marks
        told.add(has_marks)
    assert told == {False, True}


def random_rarities(dice: random.Random) -> Rarities | None:
    """Each rarity by a coin."""

    def coin() -> bool:
        return dice.random() < 0.5

    if dice.random() < 0.1:
        return None
    marked = random_line(dice)._replace(marks=("a", "b"))
    block = DomainBlock(dice.choice(list(DomainType)), "1", "2", 3, "4", "5", coin(), 6, 7, 8)
    return Rarities(
        domain=block if coin() else None,
        card=CardPaid("1", "2", "3", "4", "5") if coin() else None,
        mobile=MobilePaid("1", "2") if coin() else None,
        is_vat_on_top=coin(),
        stornoed=tuple(Stornoed(place, marked, "x", "y") for place in range(dice.randint(0, 2))),
        codes=tuple(LineCodes(index, "l", "w") for index in range(dice.randint(0, 2))),
    )
