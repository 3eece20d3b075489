"""Every kind of ticket on its whole way: GraphQL, rows, engine, bytes of each protocol version, the OFD's
ledger, the receipt. The Z of the shift must be the OFD's own to the tiyn.
"""

from __future__ import annotations

from typing import Any

import pytest

from addons.fiscal_kz.tests.shop import SALE_FIELDS, SELL, SELLER_BIN, Shop, open_shop
from kernel.gql.ids import to_global
from kernel.ids import new_id
from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.messages import parse_request

VERSIONS = (202, 203, 204)
BUY = f"""mutation($input: RegisterPurchaseInput!) {{
  registerPurchase(input: $input, wait: 0) {{ {SALE_FIELDS} }} }}"""
GIVE_BACK = f"""mutation($input: RegisterReturnInput!) {{
  registerPurchaseReturn(input: $input, wait: 0) {{ {SALE_FIELDS} }} }}"""
TAKE_BACK = GIVE_BACK.replace("registerPurchaseReturn", "registerReturn")
TEXT = "query($id: ID!) { sale(id: $id) { receiptText(language: RU, width: 48) } }"


def last_ticket(shop: Shop) -> pb.TicketRequest:
    """What the OFD got last."""
    shipment = next(each for each in reversed(shop.ofd.sent) if each.payload[1] == pb.COMMAND_TICKET)
    return parse_request(shipment.payload, shipment.version).ticket


def asked(shop: Shop, **given: Any) -> dict[str, Any]:
    return {"saleKey": new_id(), "registerId": to_global("Register", shop.register_id), **given}


def goods(shop: Shop, name: str, quantity: str = "1", **more: Any) -> dict[str, Any]:
    return {"productId": to_global("Product", shop.products[name]), "quantity": quantity, **more}


async def buy(shop: Shop, *lines: dict[str, Any], **paid: str) -> Any:
    payments = [{"kind": kind.upper(), "amount": amount} for kind, amount in paid.items()]
    return await shop.ask(BUY, input=asked(shop, lines=list(lines), payments=payments))


async def settled(shop: Shop, document: Any) -> Any:
    """The ticket after everything due was done; it must have come through."""
    assert document["__typename"] == "Sale", document
    await shop.work()
    sale = await shop.sale(document["id"])
    assert sale["state"] == "FISCALIZED", (sale, list(shop.account.refusals))
    return sale


async def receipt(shop: Shop, sale: Any) -> str:
    return str((await shop.ask(TEXT, id=sale["id"]))["receiptText"])


async def both_sides_agree(shop: Shop) -> Any:
    """Close the shift: the OFD's own Z and ledger say the same."""
    closed = await shop.close()
    assert closed["state"] == "DONE"
    assert shop.ofd.simulator.ledger.violations() == []
    return closed["report"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_purchase_takes_cash_out_and_its_return_brings_it_back(version: int) -> None:
    async with open_shop(default_version=version) as shop:
        await shop.move_cash("depositCash", "1000.00")

        bought = await settled(shop, await buy(shop, goods(shop, "Нан", "2", price="150"), cash="300"))
        returned = await shop.ask(GIVE_BACK, input=asked(
            shop, originalId=bought["id"], lines=[{"position": 1, "quantity": "0.5"}]
        ))  # fmt: skip
        returned = await settled(shop, returned)

        told = last_ticket(shop)
        assert told.operation == pb.OPERATION_BUY_RETURN
        assert told.HasField("parent_ticket") is (version >= 203)
        assert (told.amounts.taken.bills, told.amounts.change.bills) == (75, 0)
        assert shop.account.drawer == 1000_00 - 300_00 + 75_00
        assert "Покупка" in await receipt(shop, bought)
        assert "Возврат покупки" in await receipt(shop, returned)
        report = await both_sides_agree(shop)
        rows = {row["operation"]: (row["count"], row["sum"]) for row in report["operations"]}
        assert rows["BUY"] == (1, "300.00")
        assert rows["BUY_RETURN"] == (1, "75.00")
        assert (report["revenue"], report["drawer"]) == ("-225.00", "775.00")


async def test_a_purchase_needs_the_cash_a_price_and_an_exact_payment() -> None:
    async with open_shop() as shop:
        poor = await buy(shop, goods(shop, "Нан", price="150"), cash="150")
        priceless = await buy(shop, goods(shop, "Нан"), cash="200")
        generous = await buy(shop, goods(shop, "Нан", price="150"), cash="200")
        by_card = await settled(shop, await buy(shop, goods(shop, "Нан", price="150"), card="150"))

        assert poor["code"] == "NOT_ENOUGH_CASH"
        assert priceless["code"] == "PURCHASE_PRICE_MISSING"
        assert generous["code"] == "PURCHASE_PAYMENT_MISMATCH"
        assert by_card["total"] == "150.00"


async def test_a_ticket_is_annulled_by_a_return_of_all_of_it_once() -> None:
    async with open_shop() as shop:
        await shop.move_cash("depositCash", "500")
        sale = await shop.sell(("Нан", "3"), cash="600.00")
        bought = await settled(shop, await buy(shop, goods(shop, "Сүт 1 л", "2", price="200"), cash="400"))

        wrong = await shop.ask(TAKE_BACK, input=asked(shop, originalId=bought["id"]))
        await settled(shop, await shop.take_back(sale["id"]))
        await settled(shop, await shop.ask(GIVE_BACK, input=asked(shop, originalId=bought["id"])))
        again = await shop.ask(GIVE_BACK, input=asked(shop, originalId=bought["id"]))

        assert wrong["code"] == "RETURN_OF_OTHER_KIND"
        assert again["code"] == "RETURN_NOTHING_LEFT"
        commands = {each.payload[1] for each in shop.ofd.sent}
        assert pb.COMMAND_CANCEL_TICKET not in commands
        assert (await both_sides_agree(shop))["revenue"] == "0.00"


async def test_no_more_goes_back_than_was_bought() -> None:
    async with open_shop() as shop:
        await shop.move_cash("depositCash", "1000")
        bought = await settled(shop, await buy(shop, goods(shop, "Нан", "3", price="100"), cash="300"))

        async def back(quantity: str) -> Any:
            lines = [{"position": 1, "quantity": quantity}]
            return await shop.ask(GIVE_BACK, input=asked(shop, originalId=bought["id"], lines=lines))

        await settled(shop, await back("2"))

        assert (await back("1.001"))["code"] == "RETURN_MORE_THAN_SOLD"
        await settled(shop, await back("1"))
        assert (await back("0.001"))["code"] == "RETURN_MORE_THAN_SOLD"


async def test_nobody_sells_to_himself() -> None:
    async with open_shop() as shop:
        refused = await shop.accept(("Нан", "1"), cash="200", customer={"bin": SELLER_BIN})

        assert refused["code"] == "SALE_CUSTOMER_IS_SELLER"
        assert not shop.account.documents  # refused before anything was sent


@pytest.mark.parametrize("version", VERSIONS)
async def test_how_a_card_and_a_phone_paid_is_told_from_2_0_3_on(version: int) -> None:
    card = {
        "terminalId": "T-77", "cardType": "VISA", "authorizationCode": "012345", "rrn": "411122223333",
        "receiptNumber": "9",
    }  # fmt: skip
    async with open_shop(default_version=version) as shop:
        given = asked(shop, lines=[goods(shop, "Нан", "2")], payments=[
            {"kind": "CARD", "amount": "150", "card": card},
            {"kind": "MOBILE", "amount": "250", "isElsewhere": True,
             "mobile": {"qrType": "KASPI", "qrId": "q-1"}},
        ])  # fmt: skip
        sale = await settled(shop, await shop.ask(SELL, input=given))

        by_card, by_phone = last_ticket(shop).payments
        assert by_card.HasField("card_payment_fields") is (version >= 203)
        if version >= 203:
            fields = by_card.card_payment_fields
            assert (fields.pos_terminal_id, fields.pos_card_type) == ("T-77", "VISA")
            assert (fields.pos_autorization_code, fields.pos_rrn) == (12345, 411122223333)
            assert fields.pos_receipt_number == 9
            assert by_phone.mobile_payment_fields.qr_id == "q-1"
        query = """query($id: ID!) { sale(id: $id) { payments {
            kind isElsewhere card { rrn authorizationCode } mobile { qrType } } } }"""
        shown = (await shop.ask(query, id=sale["id"]))["payments"]
        assert shown[0] == {
            "kind": "CARD", "isElsewhere": False, "mobile": None,
            "card": {"rrn": "411122223333", "authorizationCode": "012345"},
        }  # fmt: skip
        assert shown[1]["isElsewhere"]
        text = await receipt(shop, sale)
        assert ["RRN", "411122223333"] in [line.split() for line in text.splitlines()]
        assert "Безнал" in text
        await both_sides_agree(shop)


@pytest.mark.parametrize(
    ("payment", "code", "field"),
    [
        ({"kind": "CASH", "isElsewhere": True}, "PAYMENT_CASH_ELSEWHERE", "payments.0.isElsewhere"),
        ({"kind": "MOBILE", "card": {"rrn": "1"}}, "PAYMENT_DETAILS_FOREIGN", "payments.0"),
        ({"kind": "CARD", "card": {"rrn": "12a"}}, "PAYMENT_DETAIL_MALFORMED", "payments.0.card.rrn"),
        (
            {"kind": "CARD", "card": {"terminalId": "x" * 65}},
            "PAYMENT_DETAIL_MALFORMED",
            "payments.0.card.terminalId",
        ),
    ],
)
async def test_details_that_cannot_be_are_refused_by_field(payment: Any, code: str, field: str) -> None:
    async with open_shop() as shop:
        given = asked(shop, lines=[goods(shop, "Нан")], payments=[{"amount": "200", **payment}])
        mutation = """mutation($input: RegisterSaleInput!) { registerSale(input: $input, wait: 0) {
            __typename ... on Refused { code field } } }"""

        refused = await shop.ask(mutation, input=given)

        assert (refused["code"], refused["field"]) == (code, field)
