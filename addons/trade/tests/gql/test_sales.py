"""Selling through GraphQL: the answer waits for the outcome, refusals are members of the union, lists are
bounded.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from addons.trade.api import (
    CashDirection,
    CashId,
    FiscalState,
    SaleId,
    ShiftSummaryFacts,
    record_shift_summary,
    sale_original,
)
from addons.trade.domain.commands import MoveCash
from addons.trade.services import record_facts, rows
from addons.trade.services.move_cash import move_cash
from addons.trade.services.register_sale import register_sale
from addons.trade.services.rows import cash_by_id
from addons.trade.tests.shop import BINS, QR, Shop, furnish, open_shop
from kernel.clock import FrozenClock
from kernel.data.work import Reader
from kernel.errors import Refusal
from kernel.gql.context import GqlContext
from kernel.gql.ids import from_global, to_global
from kernel.ids import new_id
from kernel.money import Money
from kernel.security.principal import SYSTEM

SELL = """
mutation Sell($input: RegisterSaleInput!, $wait: Int! = 0) {
  registerSale(input: $input, wait: $wait) {
    __typename
    ... on Sale { id key: saleKey state replayed total change vat sign qrText isTest
      registerNumber operatorName lines { position name quantity total vatBp vat marks }
      payments { kind amount } receiptUrl rejection { code message nextAction } }
    ... on Refused { code message field nextAction }
  }
}
"""


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


async def ask(shop: Shop, query: str, language: str = "ru", **variables: Any) -> Mapping[str, Any]:
    """Data of an operation that must not fail."""
    result = await execute(shop, query, language, **variables)
    assert result.errors is None, result.errors
    return result.data


async def execute(shop: Shop, query: str, language: str = "ru", **variables: Any) -> Any:
    context = GqlContext(shop.app, shop.principal, request_id="test", language=language)
    return await shop.app.schema.execute(query, variable_values=variables, context_value=context)


def cart(shop: Shop, **changes: Any) -> dict[str, Any]:
    wanted = {
        "saleKey": new_id(),
        "registerId": to_global("Register", shop.register_id),
        "lines": [{"productId": to_global("Product", shop.goods["Нан"]), "quantity": "2"}],
        "payments": [{"kind": "CASH", "amount": "500"}],
    }
    return wanted | changes


async def fiscalize_soon(shop: Shop, state: FiscalState = FiscalState.FISCALIZED, **changes: Any) -> None:
    """Report the outcome as soon as the sale is there, as a worker would."""
    await shop.fiscalizer.arrived.wait()
    await shop.report(shop.fiscalizer.tickets[-1].sale_id, state, **changes)


async def test_answer_of_a_sale_waits_for_its_outcome(shop: Shop) -> None:
    answer, _ = await asyncio.gather(ask(shop, SELL, input=cart(shop), wait=5000), fiscalize_soon(shop))

    sale = answer["registerSale"]
    assert (sale["state"], sale["sign"], sale["qrText"]) == ("FISCALIZED", "1234567890", QR)
    assert (sale["total"], sale["change"], sale["vat"]) == ("400.00", "100.00", "55.17")
    assert sale["payments"] == [{"kind": "CASH", "amount": "400.00"}]
    assert sale["lines"] == [
        {
            "position": 1,
            "name": "Нан",
            "quantity": "2",
            "total": "400.00",
            "vatBp": 1600,
            "vat": "55.17",
            "marks": [],
        }
    ]
    assert (sale["operatorName"], sale["registerNumber"], sale["replayed"]) == ("Айгүл С.", 1, False)


@pytest.mark.parametrize("is_here", [True, False])
async def test_outcome_is_read_unless_this_process_committed_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, is_here: bool
) -> None:
    read: list[str] = []
    fiscal_of = rows.fiscal_of

    async def counted(reader: Any, sale_id: Any) -> Any:
        read.append(sale_id)
        return await fiscal_of(reader, sale_id)

    monkeypatch.setattr(rows, "fiscal_of", counted)
    if not is_here:
        monkeypatch.setattr(record_facts, "tell", lambda work, facts: None)

    answer, _ = await asyncio.gather(ask(shop, SELL, input=cart(shop), wait=5000), fiscalize_soon(shop))

    assert (answer["registerSale"]["state"], answer["registerSale"]["sign"]) == ("FISCALIZED", "1234567890")
    assert len(read) == (0 if is_here else 1)


async def test_sale_without_outcome_in_time_is_pending_and_true(shop: Shop) -> None:
    sale = (await ask(shop, SELL, input=cart(shop), wait=0))["registerSale"]

    assert (sale["__typename"], sale["state"], sale["sign"]) == ("Sale", "PENDING", None)


async def test_repeated_key_gives_the_earlier_sale_with_its_outcome(shop: Shop) -> None:
    wanted = cart(shop)
    first = (await ask(shop, SELL, input=wanted))["registerSale"]
    await shop.report(shop.fiscalizer.tickets[0].sale_id, FiscalState.FISCALIZED)

    again = (await ask(shop, SELL, input=wanted, wait=5000))["registerSale"]

    assert again == first | {"replayed": True, "state": "FISCALIZED", "sign": "1234567890", "qrText": QR}


async def test_repeated_key_of_a_pending_sale_waits_too(shop: Shop) -> None:
    wanted = cart(shop)
    await ask(shop, SELL, input=wanted)

    again, _ = await asyncio.gather(ask(shop, SELL, input=wanted, wait=5000), fiscalize_soon(shop))

    assert (again["registerSale"]["state"], again["registerSale"]["replayed"]) == ("FISCALIZED", True)


async def test_rejected_sale_says_why_in_the_callers_language(shop: Shop) -> None:
    outcome = fiscalize_soon(shop, FiscalState.REJECTED, code="SALE_REJECTED")
    answer, _ = await asyncio.gather(ask(shop, SELL, "kk", input=cart(shop), wait=5000), outcome)

    rejection = answer["registerSale"]["rejection"]
    assert rejection["message"] == "Сату қабылданбады: ол фискалданған жоқ."


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"payments": [{"kind": "CARD", "amount": "401"}]}, "SALE_NONCASH_TOO_LARGE", "payments"),
        ({"registerId": to_global("Sale", new_id())}, "BAD_ID", "registerId"),
        ({"registerId": "nonsense"}, "BAD_ID", "registerId"),
        ({"lines": []}, "SALE_EMPTY", "lines"),
        ({"lines": [{"productId": "nonsense"}]}, "BAD_ID", "lines.0.productId"),
        ({"discount": {}}, "SALE_REDUCTION_AMBIGUOUS", "discount"),
        ({"discount": {"basisPoints": -1}}, "SALE_PERCENT_OUT_OF_RANGE", "discount"),
        ({"markup": {"basisPoints": 1, "amount": "1"}}, "SALE_REDUCTION_AMBIGUOUS", "markup"),
        ({"expectedTotal": "399.99"}, "SALE_TOTAL_DIFFERS", "expectedTotal"),
    ],
)
async def test_refusals_are_members_of_the_union(
    shop: Shop, changes: dict[str, Any], code: str, field: str
) -> None:
    refused = (await ask(shop, SELL, input=cart(shop, **changes)))["registerSale"]

    assert (refused["__typename"], refused["code"], refused["field"]) == ("Refused", code, field)
    assert refused["message"]
    assert await shop.count("trd_sale") == 0


@pytest.mark.parametrize("wait", [-1, 10_001])
async def test_wait_is_bounded(shop: Shop, wait: int) -> None:
    refused = (await ask(shop, SELL, input=cart(shop), wait=wait))["registerSale"]

    assert (refused["code"], refused["field"]) == ("WAIT_OUT_OF_RANGE", "wait")


async def test_discounts_markups_and_free_lines_reach_the_sale(shop: Shop) -> None:
    lines = [
        {"barcode": "4870000000013", "discount": {"basisPoints": 1000}},
        {"name": "Гүл", "price": "1000", "markup": {"amount": "50"}, "isWithoutVat": True},
    ]
    wanted = cart(
        shop, lines=lines, discount={"amount": "30"}, payments=[{"kind": "MOBILE", "amount": "1200"}]
    )

    sale = (await ask(shop, SELL, input=wanted))["registerSale"]

    assert sale["total"] == "1200.00"
    assert [line["vatBp"] for line in sale["lines"]] == [1600, None]


RETURN = """
mutation Back($input: RegisterReturnInput!) {
  registerReturn(input: $input, wait: 0) {
    ... on Sale { kind total original { id returnedTotal lines { position returned } } }
    ... on Refused { code }
  }
}
"""


async def test_return_is_made_and_linked(shop: Shop) -> None:
    sale = (await ask(shop, SELL, input=cart(shop)))["registerSale"]
    await shop.report(shop.fiscalizer.tickets[0].sale_id, FiscalState.FISCALIZED)
    wanted = {
        "saleKey": new_id(),
        "registerId": to_global("Register", shop.register_id),
        "originalId": sale["id"],
        "lines": [{"position": 1, "quantity": "0.5"}],
    }

    made = (await ask(shop, RETURN, input=wanted))["registerReturn"]

    assert (made["kind"], made["total"]) == ("SELL_RETURN", "100.00")
    assert made["original"] == {
        "id": sale["id"],
        "returnedTotal": "100.00",
        "lines": [{"position": 1, "returned": "0.5"}],
    }


CASH = """
mutation Cash($input: MoveCashInput!) {
  depositCash(input: $input, wait: 0) {
    ... on CashOperation { direction state amount replayed } ... on Refused { code } }
  withdrawCash(input: $input, wait: 0) { ... on CashOperation { direction } ... on Refused { code } }
}
"""


async def test_cash_is_put_in_and_a_key_is_not_shared_between_directions(shop: Shop) -> None:
    register = to_global("Register", shop.register_id)
    answer = await ask(shop, CASH, input={"cashKey": new_id(), "registerId": register, "amount": "1000"})

    assert answer["depositCash"] == {
        "direction": "DEPOSIT",
        "state": "PENDING",
        "amount": "1000.00",
        "replayed": False,
    }
    assert answer["withdrawCash"] == {"code": "SALE_KEY_CONFLICT"}


LIST = """
query List($filter: SalesFilter, $first: Int, $after: String) {
  sales(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { id state lines { name } }
  }
}
"""


async def test_list_of_sales_is_paged_filtered_and_read_in_few_statements(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(shop.app.clock, FrozenClock)
    sales = []
    for _ in range(5):
        sales.append((await shop.run(register_sale, shop.buy("Нан", "Дәрі", cash="1550"))).sale_id)
        shop.app.clock.advance(timedelta(minutes=1))
    await shop.report(sales[1], FiscalState.FISCALIZED)
    statements: list[str] = []
    original = Reader.rows

    def counted(self: Reader, sql: str, *params: Any) -> Any:
        statements.append(sql)
        return original(self, sql, *params)

    monkeypatch.setattr(Reader, "rows", counted)
    page = (await ask(shop, LIST, first=2))["sales"]
    rest = (await ask(shop, LIST, first=100, after=page["pageInfo"]["endCursor"]))["sales"]

    assert [from_global(node["id"], "Sale") for node in page["nodes"] + rest["nodes"]] == sales[::-1]
    assert page["totalCount"] == 5
    assert (page["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert len(statements) == 2 * 3  # page, count, lines of all
    done = (await ask(shop, LIST, first=9, filter={"state": "FISCALIZED"}))["sales"]["nodes"]
    assert [from_global(node["id"], "Sale") for node in done] == [sales[1]]
    early = {"until": "2026-01-15T04:32:00Z", "registerId": to_global("Register", shop.register_id)}
    assert (await ask(shop, LIST, first=9, filter=early))["sales"]["totalCount"] == 2
    elsewhere = {"registerId": to_global("Register", new_id())}
    assert (await ask(shop, LIST, first=9, filter=elsewhere))["sales"]["nodes"] == []


async def test_sales_of_another_company_are_nowhere(shop: Shop) -> None:
    command = shop.buy("Нан", cash="200")
    accepted = await shop.run(register_sale, command)
    other = await furnish(shop.app, shop.fiscalizer, BINS[1])
    ids = {"id": to_global("Sale", accepted.sale_id), "key": command.sale_key}
    look = """query Look($id: ID!, $key: UUID!) {
      sale(id: $id) { id } saleByKey(saleKey: $key) { id } node(id: $id) { id }
      sales(first: 9) { totalCount } }"""

    ours, theirs = await ask(shop, look, **ids), await ask(other, look, **ids)

    assert all(ours[name] == {"id": ids["id"]} for name in ("sale", "saleByKey", "node"))
    assert theirs == {"sale": None, "saleByKey": None, "node": None, "sales": {"totalCount": 0}}
    limited = replace(shop, principal=replace(shop.principal, register_ids=frozenset()))
    assert await ask(limited, look, **ids) == theirs


async def test_cash_shifts_and_originals_of_another_company_are_nowhere(shop: Shop) -> None:
    accepted = await shop.run(register_sale, shop.buy("Нан", cash="200"))
    await shop.report(accepted.sale_id, FiscalState.FISCALIZED)
    command = MoveCash(
        CashId(new_id()), new_id(), shop.register_id, None, Money.tenge(5), direction=CashDirection.DEPOSIT
    )
    await shop.run(move_cash, command)
    shift = ShiftSummaryFacts(new_id(), shop.register_id, shop.company_id, number=3, opened_ms=1000)
    engine = SYSTEM.within(shop.company_id)
    await shop.app.database.transact(record_shift_summary, shift, principal=engine)
    other = await furnish(shop.app, shop.fiscalizer, BINS[1])
    shifts = "query Shifts($register: ID!) { shifts(registerId: $register, first: 9) { totalCount } }"
    register = to_global("Register", shop.register_id)

    assert (await ask(shop, shifts, register=register))["shifts"]["totalCount"] == 1
    assert (await ask(other, shifts, register=register))["shifts"]["totalCount"] == 0
    async with shop.app.database.reading(other.principal) as reader:
        assert await cash_by_id(reader, command.cash_id) is None
        with pytest.raises(Refusal, match="SALE_UNKNOWN"):
            await sale_original(reader, accepted.sale_id)
    assert await codes_of_subscription(other, accepted.sale_id) == ["SALE_UNKNOWN"]


async def test_rights_are_asked_for_at_every_root_field(shop: Shop) -> None:
    nobody = replace(shop, principal=replace(shop.principal, permissions=frozenset()))

    for query in (
        "{ sales(first: 1) { totalCount } }",
        f'{{ saleByKey(saleKey: "{new_id()}") {{ id }} }}',
        f'{{ shifts(registerId: "{to_global("Register", shop.register_id)}", first: 1) {{ totalCount }} }}',
    ):
        result = await execute(nobody, query)
        assert result.errors[0].extensions["code"] == "FORBIDDEN"
    result = await execute(nobody, SELL, input=cart(shop))
    assert result.errors[0].extensions["code"] == "FORBIDDEN"


async def test_receipt_text_is_given_by_width_and_language(shop: Shop) -> None:
    sale = (await ask(shop, SELL, input=cart(shop)))["registerSale"]
    await shop.report(shop.fiscalizer.tickets[0].sale_id, FiscalState.FISCALIZED)
    query = """query Text($id: ID!, $width: Int!) {
      sale(id: $id) { receiptText(width: $width, language: KK, withQr: false) } }"""

    text = (await ask(shop, query, id=sale["id"], width=32))["sale"]["receiptText"]
    refused = await execute(shop, query, id=sale["id"], width=5)

    assert "ФИСКАЛДЫҚ ЧЕК" in text
    assert max(len(line) for line in text.splitlines()) <= 32
    assert refused.errors[0].extensions["code"] == "PRINTING_WIDTH_IMPOSSIBLE"


STATUS = "subscription Status($id: ID!) { receiptStatus(saleId: $id) { state sign } }"


async def test_subscription_follows_a_sale_to_its_end(shop: Shop) -> None:
    accepted = await shop.run(register_sale, shop.buy("Нан", cash="200"))
    context = GqlContext(shop.app, shop.principal, request_id="test")
    variables = {"id": to_global("Sale", accepted.sale_id)}
    events = await shop.app.schema.subscribe(STATUS, variable_values=variables, context_value=context)
    seen = []

    async for event in events:
        assert event.errors is None
        seen.append(event.data["receiptStatus"]["state"])
        following = {"PENDING": FiscalState.OFFLINE, "OFFLINE": FiscalState.FISCALIZED}
        if seen[-1] in following:
            await shop.report(accepted.sale_id, following[seen[-1]])

    assert seen == ["PENDING", "OFFLINE", "FISCALIZED"]


async def codes_of_subscription(shop: Shop, sale_id: SaleId) -> list[str]:
    context = GqlContext(shop.app, shop.principal, request_id="test")
    variables = {"id": to_global("Sale", sale_id)}
    events = await shop.app.schema.subscribe(STATUS, variable_values=variables, context_value=context)
    return [event.errors[0].extensions["code"] async for event in events]


async def test_subscription_to_an_unknown_sale_is_refused(shop: Shop) -> None:
    assert await codes_of_subscription(shop, SaleId(new_id())) == ["SALE_UNKNOWN"]
