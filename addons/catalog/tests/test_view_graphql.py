"""What the console and tills ask about registers' views, through GraphQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from addons.catalog.api import GroupId
from addons.catalog.tests.makers import Store, new_store
from addons.catalog.tests.test_graphql import ask, run
from addons.catalog.tests.test_marks import SHOES
from addons.catalog.tests.test_pricing import label
from kernel.data.work import Reader
from kernel.gql.ids import from_global, to_global
from kernel.security.principal import Principal, PrincipalKind

CARD = """query($id: ID!) { node(id: $id) { ... on Product {
  name groups { name } variants { name characteristic base { code } } purchasePrice
  scanCodes { barcode normal coefficient } prices { price from isInForce priceType { name } }
  stock { outletId quantity } ownRegisterId } } }"""
REGISTER = """query($id: ID!) {
  registerCatalog(registerId: $id) { isAllGoods percent roundingStep groups { name } priceType { name } }
  registerProducts(registerId: $id, first: 10) {
    totalCount nodes { price listPrice product { name code } } pageInfo { hasNextPage } }
}"""
SCAN = """query($register: ID!, $text: String!) { scan(registerId: $register, text: $text) {
  item { price isInAssortment product { name } } quantity price mark { kind text isSold }
  bundle { name lines { quantity item { price product { name } } } } } }"""


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with new_store() as store:
        yield store


async def one(store: Store, document: str, **variables: Any) -> Any:
    """The only field of the answer."""
    (answer,) = (await ask(store, document, **variables)).values()
    return answer


async def new_group(store: Store, name: str, **more: str) -> str:
    """Global id of a new group."""
    document = """mutation($input: CreateProductGroupInput!) { createProductGroup(input: $input) {
      ... on ProductGroup { id } } }"""
    return str((await one(store, document, input={"name": name, **more}))["id"])


def group_key(global_id: str) -> GroupId:
    return GroupId(from_global(global_id, "ProductGroup"))


async def test_card_of_a_product_shows_all_a_screen_needs(store: Store) -> None:
    create = """mutation($input: CreateProductInput!) { createProduct(input: $input) {
      ... on Product { id } ... on Refused { refusal: code field } } }"""
    groups = [await new_group(store, name) for name in ("Сүт", "Акция")]
    own = to_global("Register", store.registers[0])
    product = await one(
        store,
        create,
        input={
            "name": "Айран",
            "price": "500",
            "purchasePrice": "320.50",
            "barcodes": ["4870071000003"],
            "packs": [{"barcode": "14870071000000", "coefficient": "12"}],
            "groupId": groups[0],
            "extraGroupIds": [groups[1]],
            "ownRegisterId": own,
        },
    )
    variant = """mutation($id: ID!) { createProductVariant(input: {productId: $id, characteristic: "2,5 %"}) {
      ... on Product { name } ... on Refused { refusal: code } } }"""
    await one(store, variant, id=product["id"])
    price_type = (await one(store, 'mutation { createPriceType(name: "Клуб") { ... on PriceType { id } } }'))[
        "id"
    ]
    tomorrow = (store.app.clock.now() + timedelta(days=1)).isoformat()
    prices = """mutation($prices: [PriceInput!]!) { setPrices(prices: $prices) {
      ... on ProductsWritten { products { name } } ... on Refused { refusal: code field } } }"""
    rows = [
        {"productId": product["id"], "price": "450", "priceTypeId": price_type},
        {"productId": product["id"], "price": "550", "from": tomorrow},
    ]
    assert await one(store, prices, prices=rows) == {"products": [{"name": "Айран"}]}
    stock = """mutation($rows: [StockInput!]!) { setStock(rows: $rows) {
      ... on ProductsWritten { products { name } } ... on Refused { refusal: code field } } }"""
    outlet = to_global("Outlet", store.outlet_id)
    await one(store, stock, rows=[{"productId": product["id"], "outletId": outlet, "quantity": "-1.5"}])
    wrong = await one(
        store, stock, rows=[{"productId": product["id"], "outletId": outlet, "quantity": "1,5"}]
    )
    assert wrong == {"refusal": "STOCK_MALFORMED", "field": "rows.0.quantity"}

    card = await one(store, CARD, id=product["id"])

    assert [group["name"] for group in card["groups"]] == ["Сүт", "Акция"]
    assert card["variants"] == [{"name": "Айран (2,5 %)", "characteristic": "2,5 %", "base": {"code": 1}}]
    assert (card["purchasePrice"], card["ownRegisterId"]) == ("320.50", own)
    assert card["scanCodes"] == [
        {"barcode": "4870071000003", "normal": "04870071000003", "coefficient": "1"},
        {"barcode": "14870071000000", "normal": "14870071000000", "coefficient": "12"},
    ]
    assert [(row["price"], row["isInForce"], row["priceType"]) for row in card["prices"]] == [
        ("550.00", False, None),
        ("450.00", True, {"name": "Клуб"}),
    ]
    assert card["stock"] == [{"outletId": outlet, "quantity": "-1.5"}]
    changes = await one(
        store,
        """query($id: ID!) { productChanges(productId: $id, first: 5) { nodes {
          action actorKind fields { name before after } } } }""",
        id=product["id"],
    )
    assert [node["action"] for node in changes["nodes"]] == ["priced", "priced", "created"]
    assert {"name": "purchase_price", "before": None, "after": "320.50"} in changes["nodes"][2]["fields"]


async def test_register_is_set_up_previewed_and_scanned_at(store: Store) -> None:
    group = await new_group(store, "Сүт")
    key = group_key(group)
    milk = await store.product(price="649.50", group_id=key, barcodes=("4870071000003",))
    await store.product("Нан", "200")
    await store.product(
        "Бри", "4000", code=54321, group_id=key, gtin="04600439931256", barcodes=("4600439931256",)
    )
    till = to_global("Register", store.registers[0])
    choose = """mutation($input: SetRegisterCatalogInput!) { setRegisterCatalog(input: $input) {
      ... on RegisterCatalogs { catalogs { registerId percent } }
      ... on Refused { refusal: code field } } }"""

    wrong = await one(store, choose, input={"registerIds": [till], "percent": "90 %"})
    done = await one(
        store,
        choose,
        input={
            "registerIds": [till],
            "percent": "90",
            "roundingStep": "1",
            "isAllGoods": False,
            "groupIds": [group],
        },
    )
    shown = await ask(store, REGISTER, id=till)

    assert wrong == {"refusal": "PRODUCT_PERCENT_MALFORMED", "field": "percent"}
    assert done == {"catalogs": [{"registerId": till, "percent": "90"}]}
    assert shown["registerCatalog"] == {
        "isAllGoods": False,
        "percent": "90",
        "roundingStep": "1.00",
        "groups": [{"name": "Сүт"}],
        "priceType": None,
    }
    listed = shown["registerProducts"]
    assert [(node["product"]["name"], node["price"]) for node in listed["nodes"]] == [
        ("Сүт", "585.00"),
        ("Свободная позиция", None),
        ("Бри", "3600.00"),
    ]
    assert (listed["totalCount"], listed["nodes"][0]["listPrice"]) == (3, "649.50")

    rules = """mutation { setScaleRules(rules: [
      {prefix: "21", kind: WEIGHT, codeDigits: 5, valueDigits: 5, decimals: 3}]) {
      ... on ScaleRules { rules { prefix kind } } ... on Refused { refusal: code } } }"""
    assert await one(store, rules) == {"rules": [{"prefix": "21", "kind": "WEIGHT"}]}
    bundle = """mutation($input: CreateProductBundleInput!) { createProductBundle(input: $input) {
      ... on ProductBundle { name isEverywhere lines { quantity product { name } } registerIds shrunkAt }
      ... on Refused { refusal: code field } } }"""
    line = {"productId": to_global("Product", milk), "quantity": "2"}
    made = await one(
        store, bundle, input={"name": "Екеу", "barcode": "777", "lines": [line], "registerIds": [till]}
    )
    assert made["lines"] == [{"quantity": "2", "product": {"name": "Сүт"}}]
    assert (made["registerIds"], made["isEverywhere"], made["shrunkAt"]) == ([till], False, None)

    weighed = await one(store, SCAN, register=till, text=label("215432100250"))
    assert (weighed["item"]["product"]["name"], weighed["quantity"]) == ("Бри", "0.25")
    package = await one(store, SCAN, register=till, text="777")
    assert package["bundle"]["lines"][0]["item"] == {"price": "585.00", "product": {"name": "Сүт"}}
    marked = await one(store, SCAN, register=till, text=f"]d2{SHOES}")
    assert marked["mark"] == {"kind": "GS1", "text": SHOES, "isSold": False}
    assert await one(store, SCAN, register=till, text="404") is None


async def test_products_are_filtered_by_the_tree(store: Store) -> None:
    top = await new_group(store, "Сүт")
    inner = await new_group(store, "Ірімшік", parentId=top)
    milk = await store.product(group_id=group_key(top))
    await store.product("Бри", None, group_id=group_key(inner))
    await store.product("Бәліш", extra_group_ids=(group_key(inner),))
    await store.product("Нан")

    async def names(**filter_: Any) -> list[str]:
        listed = await one(
            store,
            "query($f: ProductFilter) { products(filter: $f, first: 10) { nodes { name } } }",
            f={**filter_},
        )
        return [node["name"] for node in listed["nodes"]]

    assert await names(groupId=top) == ["Сүт"]
    assert await names(groupId=top, isWithSubgroups=True) == ["Сүт", "Бри", "Бәліш"]
    assert await names(groupId=inner) == ["Бри", "Бәліш"]
    assert await names(groupId=inner, namePrefix="бәл") == ["Бәліш"]
    assert await names(baseId=to_global("Product", milk)) == []


async def test_page_of_cards_costs_one_statement_for_each_field(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        await store.product(f"Тауар {number}", barcodes=(f"10{number}",))
    statements: list[str] = []
    rows = Reader.rows

    async def counted(self: Reader, sql: str, *params: Any) -> Any:
        statements.append(sql)
        return await rows(self, sql, *params)

    monkeypatch.setattr(Reader, "rows", counted)
    document = """{ products(first: 30) { nodes { name groups { name } variants { name } scanCodes { barcode }
      prices { price } stock { quantity } pictures { url } } } }"""
    listed = await one(store, document)

    assert len(listed["nodes"]) == 30
    assert len(statements) <= 8


async def test_cashier_sees_views_but_neither_costs_nor_history_nor_other_registers(store: Store) -> None:
    milk = to_global("Product", await store.product(purchase_price=None))
    cashier = Principal(
        PrincipalKind.OPERATOR,
        "op",
        store.principal.company_id,
        store.app.registry.roles["cashier"],
        register_ids=frozenset(store.registers[:1]),
    )

    seen = await run(store, REGISTER, principal=cashier, id=to_global("Register", store.registers[0]))
    other = await run(store, REGISTER, principal=cashier, id=to_global("Register", store.registers[1]))
    cost = await run(store, CARD, principal=cashier, id=milk)
    history = "query($id: ID!) { productChanges(productId: $id, first: 5) { nodes { action } } }"
    told = await run(store, history, principal=cashier, id=milk)

    assert seen.errors is None
    assert {error.extensions["code"] for error in other.errors} == {"REGISTER_FORBIDDEN"}
    assert cost.data["node"]["purchasePrice"] is None
    assert [error.extensions["code"] for error in (*cost.errors, *told.errors)] == ["FORBIDDEN", "FORBIDDEN"]
