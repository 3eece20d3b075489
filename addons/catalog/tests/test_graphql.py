"""The catalogue as an integrator sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from addons.catalog.tests.makers import Shop, good, new_shop
from kernel.gql.context import GqlContext
from kernel.money import Money
from kernel.security.principal import Principal, PrincipalKind

CREATE = """
mutation($input: CreateProductInput!) {
  createProduct(input: $input) {
    ... on Product { id code name price vat { kind percent } barcodes group { code name } discountPercent }
    ... on Refused { refusal: code message field }
  }
}"""
LIST = """
query($filter: ProductFilter, $first: Int, $after: String) {
  products(filter: $filter, first: $first, after: $after) {
    totalCount nodes { code name group { code parent { name } } barcodes }
    pageInfo { hasNextPage endCursor }
  }
}"""


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with new_shop() as shop:
        yield shop


async def ask(
    shop: Shop, document: str, *, principal: Principal | None = None, **variables: Any
) -> dict[str, Any]:
    result = await run(shop, document, principal=principal, **variables)
    assert result.errors is None, result.errors
    assert result.data is not None
    return dict(result.data)


async def run(shop: Shop, document: str, *, principal: Principal | None = None, **variables: Any) -> Any:
    context = GqlContext(shop.app, principal or shop.principal, request_id="test", language="en")
    return await shop.app.schema.execute(document, variable_values=variables, context_value=context)


async def test_product_is_made_changed_archived_and_found_again(shop: Shop) -> None:
    group = await ask(
        shop,
        'mutation { createProductGroup(input: {name: "Молочное"}) { ... on ProductGroup { id code } } }',
    )
    made = await ask(
        shop,
        CREATE,
        input={
            "name": "Кефир",
            "price": "495.50",
            "vatPercent": "16",
            "barcodes": ["4870071000003"],
            "groupId": group["createProductGroup"]["id"],
            "discountPercent": "7.5",
        },
    )
    product = made["createProduct"]
    changed = await ask(
        shop,
        "mutation($input: UpdateProductInput!) { updateProduct(input: $input) "
        "{ ... on Product { name price vat { kind percent } group { code } } } }",
        input={"productId": product["id"], "price": None, "vatPercent": None, "name": "Айран"},
    )
    found = await ask(shop, '{ product(barcode: "04870071000003") { id name } }')
    await ask(shop, "mutation($id: ID!) { archiveProduct(productId: $id) { __typename } }", id=product["id"])
    gone = await ask(shop, '{ product(barcode: "04870071000003") { id } }')
    node = await ask(
        shop, "query($id: ID!) { node(id: $id) { ... on Product { name isArchived } } }", id=product["id"]
    )

    assert product["code"] == 1
    assert (product["price"], product["vat"]) == ("495.50", {"kind": "STANDARD", "percent": "16"})
    assert (product["barcodes"], product["discountPercent"]) == (["4870071000003"], "7.5")
    assert changed["updateProduct"] == {
        "name": "Айран",
        "price": None,
        "vat": {"kind": "NONE", "percent": None},
        "group": {"code": "1"},
    }
    assert found["product"] == {"id": product["id"], "name": "Айран"}
    assert gone["product"] is None
    assert node["node"] == {"name": "Айран", "isArchived": True}


async def test_refused_product_names_the_field_in_the_callers_language(shop: Shop) -> None:
    answer = await ask(shop, CREATE, input={"name": "Хлеб", "vatPercent": "16,0"})

    assert answer["createProduct"]["refusal"] == "PRODUCT_PERCENT_MALFORMED"
    assert answer["createProduct"]["field"] == "vatPercent"
    assert answer["createProduct"]["message"].startswith("A percent looks like")


async def test_list_is_searched_by_beginning_of_name_in_any_case_and_paged(shop: Shop) -> None:
    names = ["Молоко 2", "МОЛОКО 1", "молоко 3", "Масло", "Помолка"]
    await shop.upsert(*(good(f"g{n}", name=name, barcodes=(f"10{n}",)) for n, name in enumerate(names)))

    first = (await ask(shop, LIST, filter={"namePrefix": "мОлОкО"}, first=2))["products"]
    second = (
        await ask(shop, LIST, filter={"namePrefix": "молоко"}, first=2, after=first["pageInfo"]["endCursor"])
    )["products"]

    assert first["totalCount"] == 3
    assert [node["name"] for node in first["nodes"] + second["nodes"]] == ["МОЛОКО 1", "Молоко 2", "молоко 3"]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


async def test_list_of_many_costs_one_statement_for_each_level(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from addons.catalog.api import GroupRow, upsert_groups
    from kernel.data.work import Reader

    await shop.run(upsert_groups, shop.source, [GroupRow("a", "А"), GroupRow("b", "Б", "a")])
    await shop.upsert(*(good(f"g{n}", group_external_id="b", barcodes=(f"10{n}",)) for n in range(50)))
    statements: list[str] = []
    rows = Reader.rows

    async def counted(self: Reader, sql: str, *params: Any) -> Any:
        statements.append(sql)
        return await rows(self, sql, *params)

    monkeypatch.setattr(Reader, "rows", counted)
    answer = await ask(
        shop, "{ products(first: 50) { nodes { name barcodes group { code parent { name } } } } }"
    )

    assert answer["products"]["nodes"][0]["group"] == {"code": "1.1", "parent": {"name": "А"}}
    assert len(answer["products"]["nodes"]) == 50
    assert len(statements) <= 4


async def test_prices_are_text_with_two_digits(shop: Shop) -> None:
    await shop.upsert(good(price=Money(54_500)))

    answer = await ask(shop, "{ product(code: 1) { price } }")

    assert answer["product"]["price"] == "545.00"


async def test_cashier_sees_products_and_may_not_change_them(shop: Shop) -> None:
    cashier = Principal(
        PrincipalKind.OPERATOR, "op", shop.principal.company_id, shop.app.registry.roles["cashier"]
    )

    await ask(shop, "{ products(first: 1) { nodes { code } } }", principal=cashier)
    denied = await run(shop, CREATE, principal=cashier, input={"name": "Хлеб"})

    assert denied.errors[0].extensions["code"] == "FORBIDDEN"
    assert await shop.rows("SELECT id FROM cat_product") == []
