"""An administrator's word: asked for where the company wants it, given by PIN, good once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from addons.organization.api import (
    ApprovalAction,
    CreateOperator,
    CreateRegister,
    OperatorId,
    RegisterId,
    Role,
    create_operator,
    create_register,
    require_approval,
)
from addons.organization.services.tidy import tidy
from addons.organization.tests.shops import (
    PIN,
    SECOND_BIN,
    Shop,
    ask,
    audited,
    clock_of,
    open_shop,
    opened_app,
    pin_hash,
    role_of,
)
from kernel.app import App
from kernel.errors import Refusal
from kernel.gql.ids import to_global
from kernel.security.principal import SYSTEM, Principal, PrincipalKind

CHOOSE = """mutation ($actions: [ApprovalAction!]!) { setApprovalNeededFor(actions: $actions) {
    ... on ApprovalChoices { neededFor } ... on Refused { code } } }"""
APPROVE = """mutation ($register: ID!, $operator: ID!, $pin: String!, $action: ApprovalAction!) {
    approve(registerId: $register, operatorId: $operator, pin: $pin, action: $action) {
        ... on Approval { token expiresAt } ... on Refused { code field } } }"""
NEEDED = "{ me { company { approvalNeededFor } } }"


@dataclass(frozen=True)
class Counter:
    """A shop whose returns need the word of its administrator at the till."""

    app: App
    shop: Shop
    administrator: OperatorId

    async def choose(self, *actions: ApprovalAction, who: Principal | None = None) -> Any:
        """The owner's choice, heard of by this process."""
        names = [action.name for action in actions]
        chosen = await ask(self.app, CHOOSE, who or self.shop.owner, actions=names)
        async with self.app.database.reading(SYSTEM) as reader:
            await self.app.database.choices.refresh(reader)
        return chosen["setApprovalNeededFor"]

    async def approve(
        self,
        action: ApprovalAction = ApprovalAction.RETURN,
        *,
        pin: str = PIN,
        operator: str | None = None,
        register: str | None = None,
    ) -> Any:
        """What the cashier's till gets when the administrator has typed a PIN."""
        given = await ask(
            self.app,
            APPROVE,
            self.shop.cashier,
            register=to_global("Register", register or self.shop.register_id),
            operator=to_global("Operator", operator or self.administrator),
            pin=pin,
            action=action.name,
        )
        return given["approve"]

    async def use(
        self,
        token: str | None,
        action: ApprovalAction = ApprovalAction.RETURN,
        *,
        who: Principal | None = None,
        register: str | None = None,
    ) -> str:
        """OK, or the code of the refusal."""
        at = register or self.shop.register_id
        try:
            await self.app.database.transact(
                require_approval,
                action,
                register_id=at,
                token=token,
                subject="sale:1",
                principal=who or self.shop.cashier,
            )
        except Refusal as refusal:
            return refusal.code if refusal.field == "approval" else f"{refusal.code} at {refusal.field}"
        return "OK"


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    async with opened_app() as app:
        shop = await open_shop(app)
        command = CreateOperator("Гүлнар", role=Role.ADMINISTRATOR, pin_hash=await pin_hash())
        opened = Counter(
            app, shop, await app.database.transact(create_operator, command, principal=shop.owner)
        )
        await opened.choose(ApprovalAction.RETURN)
        yield opened


async def test_a_company_chooses_what_needs_a_word_and_tills_can_ask(counter: Counter) -> None:
    assert (await ask(counter.app, NEEDED, counter.shop.cashier))["me"]["company"]["approvalNeededFor"] == [
        "RETURN"
    ]

    chosen = await counter.choose(ApprovalAction.CASH_WITHDRAWAL, ApprovalAction.SHIFT_CLOSE)

    assert chosen == {"neededFor": ["SHIFT_CLOSE", "CASH_WITHDRAWAL"]}
    assert await counter.use(None) == "OK"
    assert await counter.use(None, ApprovalAction.SHIFT_CLOSE) == "APPROVAL_REQUIRED"
    assert await counter.choose() == {"neededFor": []}
    assert await counter.use(None, ApprovalAction.SHIFT_CLOSE) == "OK"
    assert (await audited(counter.app, counter.shop.company_id)).count("organization.choose_approvals") == 3


async def test_a_word_is_good_once_and_leaves_its_trace(counter: Counter) -> None:
    assert await counter.use(None) == await counter.use("") == "APPROVAL_REQUIRED"
    token = (await counter.approve())["token"]

    assert await counter.use(token) == "OK"
    assert await counter.use(token) == "APPROVAL_WRONG"

    async with counter.app.database.reading(SYSTEM) as reader:
        rows = await reader.rows(
            """SELECT actor_id, action, facts FROM kernel_audit
               WHERE action IN ('organization.approve', 'organization.use_approval') ORDER BY id"""
        )
        stored = await reader.row("SELECT * FROM org_approval")
    assert [(row["action"], row["actor_id"]) for row in rows] == [
        ("organization.approve", counter.administrator),
        ("organization.use_approval", counter.shop.operator_id),
    ]
    assert counter.administrator in rows[1]["facts"]
    assert stored is not None
    assert stored["subject"] == "sale:1"
    assert token not in str(dict(stored))


async def test_a_word_is_for_one_register_one_kind_of_document_and_two_minutes(counter: Counter) -> None:
    await counter.choose(*ApprovalAction)
    command = CreateRegister(counter.shop.outlet_id, "Касса 2")
    other = await counter.app.database.transact(create_register, command, principal=counter.shop.owner)
    token = (await counter.approve())["token"]

    assert await counter.use(token, register=other) == "APPROVAL_WRONG"
    assert await counter.use(token, ApprovalAction.SHIFT_CLOSE) == "APPROVAL_WRONG"
    spoilt = token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:]  # the last letter has bits to spare
    assert await counter.use(spoilt) == "APPROVAL_WRONG"
    assert await counter.use("open sesame") == "APPROVAL_WRONG"
    clock_of(counter.app).advance(timedelta(seconds=119))
    assert await counter.use(token) == "OK"
    late = (await counter.approve())["token"]
    clock_of(counter.app).advance(timedelta(seconds=120))
    assert await counter.use(late) == "APPROVAL_WRONG"


async def test_a_word_is_not_used_up_by_a_document_that_was_refused(counter: Counter) -> None:
    token = (await counter.approve())["token"]

    async def refused(work: Any) -> None:
        await require_approval(
            work,
            ApprovalAction.RETURN,
            register_id=counter.shop.register_id,
            token=token,
            subject="sale:0",
        )
        raise Refusal("REGISTER_UNKNOWN")

    with pytest.raises(Refusal, match="REGISTER_UNKNOWN"):
        await counter.app.database.transact(refused, principal=counter.shop.cashier)

    assert await counter.use(token) == "OK"


async def test_only_an_administrators_own_pin_is_a_word(counter: Counter) -> None:
    assert await counter.approve(operator=counter.shop.operator_id) == {
        "code": "APPROVER_NOT_ADMINISTRATOR",
        "field": "operatorId",
    }
    for _ in range(3):
        assert (await counter.approve(pin="9058"))["code"] == "PIN_WRONG"
    assert (await counter.approve())["code"] == "AUTH_THROTTLED"


async def test_administrators_people_need_no_other_word_and_programs_do(counter: Counter) -> None:
    company = counter.shop.company_id
    boss = role_of(counter.app, PrincipalKind.OPERATOR, counter.administrator, company, Role.ADMINISTRATOR)
    senior = role_of(counter.app, PrincipalKind.OPERATOR, "senior", company, Role.SENIOR_CASHIER)
    program = role_of(counter.app, PrincipalKind.SERVICE, "token", company, Role.SERVICE)

    assert await counter.use(None, who=boss) == await counter.use(None, who=counter.shop.owner) == "OK"
    assert await counter.use(None, who=SYSTEM.within(company)) == "OK"
    assert await counter.use(None, who=senior) == "APPROVAL_REQUIRED"
    assert await counter.use(None, who=program) == "APPROVAL_REQUIRED"


async def test_a_word_of_another_company_is_no_word(counter: Counter) -> None:
    second = await open_shop(counter.app, SECOND_BIN)
    token = (await counter.approve())["token"]
    await ask(counter.app, CHOOSE, second.owner, actions=["RETURN"])
    async with counter.app.database.reading(SYSTEM) as reader:
        await counter.app.database.choices.refresh(reader)

    register = RegisterId(second.register_id)

    assert await counter.use(token, who=second.cashier, register=register) == "APPROVAL_WRONG"
    assert await counter.use(token, who=second.cashier) == "APPROVAL_WRONG"
    assert await counter.use(token) == "OK"


async def test_old_words_are_thrown_away(counter: Counter) -> None:
    await counter.approve()
    clock_of(counter.app).advance(timedelta(days=91))
    await counter.app.database.transact(tidy, principal=SYSTEM)

    async with counter.app.database.reading(SYSTEM) as reader:
        assert await reader.row("SELECT id FROM org_approval") is None
