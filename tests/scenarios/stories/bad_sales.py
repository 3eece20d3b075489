"""Carts that make no sense: refused with a code, in the language asked for, and nothing is stored."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.gql.ids import to_global
from kernel.ids import new_id
from simulators.till import documents
from simulators.till.client import RefusedByServer
from simulators.till.shop import Till, card, cash, free_line
from tests.scenarios.stage import Stage, nothing_stored, refusal

LANGUAGES = ("ru", "kk", "en")
BREAD = free_line("Нан", "210.00")
LARGEST = "9999999999999.99"


def stranger(type_name: str) -> str:
    """A well-formed id of nothing."""
    return str(to_global(type_name, new_id()))


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "price x quantity": ({"lines": [free_line("Нан", LARGEST, "1000")]}, "MONEY_TOO_LARGE"),
    "sum of lines": ({"lines": [free_line("Нан", LARGEST), free_line("Нан", LARGEST)]}, "MONEY_TOO_LARGE"),
    "beyond counters": (
        {"lines": [free_line("Нан", "5000000000.01")], "payments": [card("5000000000.01")]},
        "KKM_SUM_TOO_LARGE",
    ),
    "change beyond counters": ({"payments": [cash("9000000000000.00")]}, "KKM_SUM_TOO_LARGE"),
    "nothing sold": ({"lines": []}, "SALE_EMPTY"),
    "zero of it": ({"lines": [free_line("Нан", "210.00", "0")]}, "SALE_LINE_ZERO"),
    "negative price": ({"lines": [free_line("Нан", "-210.00")]}, "SALE_PRICE_NEGATIVE"),
    "no price": ({"lines": [{"name": "Нан"}]}, "SALE_PRICE_MISSING"),
    "no name": ({"lines": [{"name": "  ", "price": "1.00"}]}, "SALE_NAME_MISSING"),
    "long name": ({"lines": [free_line("Н" * 5_000, "1.00")]}, "SALE_NAME_TOO_LONG"),
    "too many lines": ({"lines": [BREAD] * 1_001}, "SALE_TOO_LONG"),
    "discount": ({"lines": [{**BREAD, "discount": {"amount": "210.01"}}]}, "SALE_DISCOUNT_TOO_LARGE"),
    "negative discount": ({"discount": {"amount": "-1.00"}}, "SALE_MODIFIER_NEGATIVE"),
    "percent": ({"markup": {"basisPoints": -1}}, "SALE_PERCENT_OUT_OF_RANGE"),
    "two reductions": ({"discount": {"amount": "1.00", "basisPoints": 100}}, "SALE_REDUCTION_AMBIGUOUS"),
    "vat": ({"lines": [{**BREAD, "vatBp": 10_001}]}, "SALE_VAT_OUT_OF_RANGE"),
    "unknown barcode": ({"lines": [{"barcode": "4870000009999"}]}, "SALE_PRODUCT_UNKNOWN"),
    "unknown code": ({"lines": [{"code": 77_777}]}, "SALE_PRODUCT_UNKNOWN"),
    "unknown product": ({"lines": [{"productId": stranger("Product")}]}, "SALE_PRODUCT_UNKNOWN"),
    "two products": ({"lines": [{"code": 9999, "barcode": "4870000009999"}]}, "SALE_PRODUCT_AMBIGUOUS"),
    "no payment": ({"payments": []}, "SALE_PAYMENT_MISSING"),
    "too little": ({"payments": [cash("209.99")]}, "SALE_UNDERPAID"),
    "card for more": ({"payments": [card("210.01")]}, "SALE_NONCASH_TOO_LARGE"),
    "cash beside enough": ({"payments": [card("210.00"), cash("1.00")]}, "SALE_CASH_NOT_NEEDED"),
    "cash twice": ({"payments": [cash("110.00"), cash("100.00")]}, "SALE_PAYMENT_REPEATED"),
    "negative cash": ({"payments": [card("210.00"), cash("-1.00")]}, "SALE_PAYMENT_NOT_POSITIVE"),
    "other total": ({"expectedTotal": "210.01"}, "SALE_TOTAL_DIFFERS"),
    "customer": ({"customer": {"bin": "12345678901"}}, "BIN_MALFORMED"),
    "unknown register": ({"registerId": stranger("Register")}, "REGISTER_UNKNOWN"),
    "unknown operator": ({"operatorId": stranger("Operator")}, "OPERATOR_UNKNOWN"),
    "no operator": ({"operatorId": None}, "SALE_OPERATOR_REQUIRED"),
    "id of another type": ({"registerId": stranger("Sale")}, "BAD_ID"),
    "garbage for an id": ({"registerId": "'; DROP TABLE trd_sale; --"}, "BAD_ID"),
}


class BadSaleStories:
    """Nothing by halves."""

    IS_TILL_SHARED = True

    @pytest.mark.parametrize(("wrong", "code"), BAD.values(), ids=BAD)
    async def test_a_cart_that_makes_no_sense_is_refused_in_three_languages(
        self, stage: Stage, till: Till, wrong: dict[str, Any], code: str
    ) -> None:
        cart = {
            "saleKey": documents.new_key(),
            "registerId": till.register_id,
            "operatorId": till.operator_id,
            "lines": [BREAD],
            "payments": [cash("210.00")],
        }
        refused = []

        async with till.client.with_token(till.client.token or "") as speaker:
            with nothing_stored(stage):
                for language in LANGUAGES:
                    speaker.http.headers["accept-language"] = language
                    with pytest.raises(RefusedByServer) as caught:
                        await speaker.mutate(documents.REGISTER_SALE, input={**cart, **wrong}, wait=0)
                    refused.append(caught.value)

        assert {each.code for each in refused} == {code}
        assert len({str(each) for each in refused}) == len(LANGUAGES)

    async def test_a_register_without_a_kkm_sells_nothing(self, stage: Stage, till: Till) -> None:
        bare = await stage.shop.owner.mutate(
            documents.CREATE_REGISTER, input={"outletId": stage.shop.outlet_id, "title": "Жаңа касса"}
        )
        unready = Till(till.client, bare["id"], till.operator_id, 0)

        with nothing_stored(stage):
            code = await refusal(unready.sell([BREAD], [cash("210.00")]))

        assert code == "KKM_NOT_ACTIVE"

    async def test_a_wait_that_is_no_wait_is_refused(self, stage: Stage, till: Till) -> None:
        with nothing_stored(stage):
            codes = [
                await refusal(till.sell([BREAD], [cash("210.00")], wait_ms=wait)) for wait in (-1, 10_001)
            ]

        assert codes == ["WAIT_OUT_OF_RANGE"] * 2

    @pytest.mark.parametrize("amount", ["0.00", "-5.00"])
    async def test_cash_moves_by_more_than_nothing(self, stage: Stage, till: Till, amount: str) -> None:
        with nothing_stored(stage):
            codes = [
                await refusal(till.move_cash(document, amount))
                for document in (documents.DEPOSIT, documents.WITHDRAW)
            ]

        assert codes == ["CASH_AMOUNT_NOT_POSITIVE"] * 2

    async def test_returns_that_make_no_sense_are_refused(self, stage: Stage, till: Till) -> None:
        sale = await till.sell([free_line("Нан", "210.00", "2")], [card("420.00")])
        back = await till.give_back(sale["id"], lines=[{"position": 1, "quantity": "1"}])
        one = {"position": 1, "quantity": "1"}
        bad: list[tuple[str, dict[str, Any], str]] = [
            (back["id"], {}, "RETURN_OF_RETURN"),
            (stranger("Sale"), {}, "SALE_UNKNOWN"),
            (sale["id"], {"lines": [{"position": 2, "quantity": "1"}]}, "RETURN_POSITION_UNKNOWN"),
            (sale["id"], {"lines": [one, one]}, "RETURN_POSITION_REPEATED"),
            (sale["id"], {"lines": [{"position": 1, "quantity": "1.001"}]}, "RETURN_MORE_THAN_SOLD"),
            (sale["id"], {"payments": [cash("210.00")]}, "RETURN_KIND_EXCEEDED"),
            (sale["id"], {"payments": [card("209.00")]}, "RETURN_PAYMENT_MISMATCH"),
        ]

        with nothing_stored(stage):
            codes = [await refusal(till.give_back(original, **wrong)) for original, wrong, _ in bad]

        assert codes == [code for *_, code in bad]
