"""Returns, shift closes and withdrawals that a company lets through only with an administrator's word."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from addons.fiscal_kz.domain.commands import CloseShift
from addons.fiscal_kz.services.close_shift import close_shift
from addons.fiscal_kz.tests.shop import CASH, CLOSE, REFUSED_FIELDS, REPORT_FIELDS, TAKE_BACK, Shop, open_shop
from addons.fiscal_kz.tests.test_documents import BUY, GIVE_BACK
from addons.organization.api import CreateOperator, Role, create_operator, hash_pin
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.ids import new_id
from kernel.security.principal import Principal, PrincipalKind

PIN = "4071"
APPROVE = f"""mutation($register: ID!, $operator: ID!, $pin: String!, $action: ApprovalAction!) {{
  approve(registerId: $register, operatorId: $operator, pin: $pin, action: $action) {{
    ... on Approval {{ token }} {REFUSED_FIELDS} }} }}"""
CLOSE_WITH = f"""mutation($input: ShiftReportInput!, $approval: String) {{
  closeShift(input: $input, approval: $approval, wait: 0) {{ {REPORT_FIELDS} }} }}"""


@dataclass(frozen=True)
class Till:
    """The till of a senior cashier in a shop with an administrator at hand."""

    shop: Shop
    cashier: Principal
    administrator: str

    async def ask(self, document: str, **variables: Any) -> Any:
        """The only root field, asked by the cashier."""
        context = GqlContext(self.shop.app, self.cashier, request_id="test", language="ru")
        result = await self.shop.app.schema.execute(
            document, variable_values=variables, context_value=context
        )
        assert result.errors is None, result.errors
        assert result.data is not None
        (answer,) = result.data.values()
        await self.shop.work()
        return answer

    @property
    def register(self) -> str:
        return to_global("Register", self.shop.register_id)

    async def approve(self, action: str) -> str:
        """The administrator comes and types the PIN."""
        given = await self.ask(
            APPROVE,
            register=self.register,
            operator=to_global("Operator", self.administrator),
            pin=PIN,
            action=action,
        )
        return str(given["token"])

    async def take_back(self, sale_id: str, **more: Any) -> Any:
        given = {"saleKey": new_id(), "registerId": self.register, "originalId": sale_id, **more}
        return await self.ask(TAKE_BACK, input=given)

    async def move(self, which: str, **more: Any) -> Any:
        given = {"cashKey": new_id(), "registerId": self.register, "amount": "50.00", **more}
        return await self.ask(CASH.replace("WHICH", which), input=given)


@pytest.fixture
async def till() -> AsyncIterator[Till]:
    needed = {"organization": {"approval_needed_for": ["return", "shift_close", "cash_withdrawal"]}}
    async with open_shop(others=needed) as shop:
        transact = shop.app.database.transact
        senior = CreateOperator("Ерлан", role=Role.SENIOR_CASHIER)
        boss = CreateOperator("Гүлнар", role=Role.ADMINISTRATOR, pin_hash=await hash_pin(PIN))
        operator_id = await transact(create_operator, senior, principal=shop.owner)
        administrator = await transact(create_operator, boss, principal=shop.owner)
        cashier = Principal(
            PrincipalKind.OPERATOR,
            operator_id,
            shop.company_id,
            shop.app.registry.roles["senior_cashier"],
            frozenset({shop.register_id}),
        )
        yield Till(shop, cashier, administrator)


async def test_a_return_goes_through_with_an_administrators_word_and_once_per_key(till: Till) -> None:
    sale, other = await till.shop.sell(), await till.shop.sell()

    alone = await till.take_back(sale["id"])
    word, key = await till.approve("RETURN"), new_id()
    taken = await till.take_back(sale["id"], approval=word, saleKey=key)
    again = await till.take_back(sale["id"], approval=word, saleKey=key)
    second = await till.take_back(other["id"], approval=word)

    assert (alone["code"], second["code"]) == ("APPROVAL_REQUIRED", "APPROVAL_WRONG")
    assert alone["nextAction"]
    assert taken["__typename"] == "Sale"
    assert again["id"] == taken["id"]
    states = await till.shop.rows("SELECT state FROM trd_sale ORDER BY id")
    assert [row["state"].upper() for row in states] == ["FISCALIZED"] * 3


async def test_every_way_to_correct_a_ticket_needs_the_same_word(till: Till) -> None:
    sale = await till.shop.sell(("Нан", "2"), cash="400.00")
    line = {"name": "Макулатура", "quantity": "1", "price": "100.00"}
    bought = await till.ask(
        BUY,
        input={
            "saleKey": new_id(), "registerId": till.register, "lines": [line],
            "payments": [{"kind": "CASH", "amount": "100.00"}],
        },
    )  # fmt: skip
    assert bought["__typename"] == "Sale", bought
    purchase = {"registerId": till.register, "originalId": bought["id"]}
    part = {"lines": [{"position": 1, "quantity": "1"}]}

    corrections: list[Callable[..., Awaitable[Any]]] = [
        lambda **more: till.ask(GIVE_BACK, input={"saleKey": new_id(), **purchase, **more}),
        lambda **more: till.take_back(sale["id"], **part, **more),
        lambda **more: till.take_back(sale["id"], **more),
    ]
    for correct in corrections:
        assert (await correct())["code"] == "APPROVAL_REQUIRED"
        taken = await correct(approval=await till.approve("RETURN"))
        assert taken["__typename"] == "Sale", taken
    assert (await till.shop.kkm())["revenue"] == "0.00"


async def test_cash_comes_in_freely_and_goes_out_with_an_administrators_word(till: Till) -> None:
    assert (await till.move("depositCash"))["__typename"] == "CashOperation"
    assert (await till.move("withdrawCash")) == {"__typename": "Refused", "code": "APPROVAL_REQUIRED"}
    wrong = await till.approve("RETURN")
    assert (await till.move("withdrawCash", approval=wrong))["code"] == "APPROVAL_WRONG"

    word = await till.approve("CASH_WITHDRAWAL")

    assert (await till.move("withdrawCash", approval=word))["__typename"] == "CashOperation"
    assert (await till.shop.kkm())["drawer"] == "0.00"


async def test_a_shift_is_closed_with_an_administrators_word_and_by_itself_without(till: Till) -> None:
    await till.shop.sell()
    given = {"key": new_id(), "registerId": till.register}

    assert (await till.ask(CLOSE, input=given))["code"] == "APPROVAL_REQUIRED"
    word = await till.approve("SHIFT_CLOSE")
    closed = await till.ask(CLOSE_WITH, input=given, approval=word)
    again = await till.ask(CLOSE_WITH, input=given, approval=word)
    assert closed["__typename"] == "FiscalReport"
    assert again["id"] == closed["id"]

    await till.shop.sell()
    itself = CloseShift(new_id(), till.shop.register_id, till.administrator)
    await till.shop.app.database.transact(close_shift, itself, principal=till.shop.owner)
    await till.shop.work()
    assert not (await till.shop.kkm())["shift"]["isOpen"]


async def test_an_administrator_at_the_till_needs_nobody_else(till: Till) -> None:
    sale = await till.shop.sell()

    assert (await till.shop.take_back(sale["id"]))["__typename"] == "Sale"
    assert (await till.shop.ask_report(CLOSE))["__typename"] == "FiscalReport"
