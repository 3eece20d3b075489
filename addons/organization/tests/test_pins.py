"""PINs that are guessed: waits grow for a person, a register and a device; PINs everybody tries first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from addons.organization.api import CreateOperator, CreateRegister, Role, create_operator, create_register
from addons.organization.domain.checks import check_pin_strength
from addons.organization.services.operators import hash_pin
from addons.organization.services.sign_in import SignInOperator, sign_in_operator
from addons.organization.tests.shops import (
    PIN,
    Shop,
    ask,
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

UPDATE = """mutation ($id: ID!, $pin: String!) { updateOperator(input: {id: $id, pin: $pin}) {
    ... on Operator { id } ... on Refused { code field nextAction } } }"""

SIGN_IN = """mutation ($r: ID!, $o: ID!, $pin: String!, $new: String) {
    signInOperator(registerId: $r, operatorId: $o, pin: $pin, newPin: $new) {
    ... on OperatorSession { operator { name } } ... on Refused { code field } } }"""


async def _try(app: App, caller: Principal, register: str, operator: str, pin: str) -> str | int:
    """OK, the refusal's code or the seconds to wait."""
    try:
        await sign_in_operator(app.database, caller, SignInOperator(register, operator, pin))
    except Refusal as refusal:
        return int(refusal.facts["seconds"] or 0) if refusal.code == "AUTH_THROTTLED" else refusal.code
    return "OK"


async def _operators(app: App, shop: Shop, count: int) -> list[str]:
    commands = [CreateOperator(f"Кассир {place}", pin_hash=await pin_hash()) for place in range(count)]
    return [await app.database.transact(create_operator, each, principal=shop.owner) for each in commands]


async def test_a_person_chooses_a_pin_of_their_own_where_another_thought_of_it() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        given = """mutation ($id: ID!, $pin: String!) { updateOperator(input: {
            id: $id, pin: $pin, isPinTemporary: true}) { ... on Operator { id } } }"""
        await ask(app, given, shop.owner, id=to_global("Operator", shop.operator_id), pin=PIN)

        async def sign_in(pin: str, new: str | None = None) -> dict[str, str]:
            people = {
                "r": to_global("Register", shop.register_id),
                "o": to_global("Operator", shop.operator_id),
            }
            return (await ask(app, SIGN_IN, shop.owner, **people, pin=pin, new=new))["signInOperator"]

        answers = [
            await sign_in(PIN),
            await sign_in("9058", "7351"),
            await sign_in(PIN, PIN),
            await sign_in(PIN, "73"),
            await sign_in(PIN, "7351"),
            await sign_in(PIN),
            await sign_in("7351"),
            await sign_in("7351", "8462"),
        ]

        assert answers == [
            {"code": "PIN_MUST_BE_CHOSEN", "field": "newPin"},
            {"code": "PIN_WRONG", "field": "pin"},
            {"code": "PIN_SAME", "field": "newPin"},
            {"code": "PIN_MALFORMED", "field": "newPin"},
            {"operator": {"name": "Данияр"}},
            {"code": "PIN_WRONG", "field": "pin"},
            {"operator": {"name": "Данияр"}},
            {"operator": {"name": "Данияр"}},
        ]
        async with app.database.reading(SYSTEM) as reader:
            alive = await reader.row("SELECT COUNT(*) AS n FROM org_session WHERE revoked_ms IS NULL")
        assert alive == {"n": 1}, "a new PIN ends what the former one opened"


async def test_waits_of_one_operator_double_up_to_a_quarter_of_an_hour() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        waits = []
        for _ in range(3):
            await _try(app, shop.owner, shop.register_id, shop.operator_id, "9058")
        for _ in range(9):
            seconds = await _try(app, shop.owner, shop.register_id, shop.operator_id, PIN)
            assert isinstance(seconds, int)
            waits.append(seconds)
            clock_of(app).advance(timedelta(seconds=seconds))
            assert await _try(app, shop.owner, shop.register_id, shop.operator_id, "9058") == "PIN_WRONG"

        assert waits == [10, 20, 40, 80, 160, 320, 640, 900, 900]


async def test_a_device_that_tries_many_people_at_many_registers_waits_and_others_do_not() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        token = role_of(app, PrincipalKind.SERVICE, "token", shop.company_id, Role.SERVICE)
        registers = [
            await app.database.transact(
                create_register, CreateRegister(shop.outlet_id, f"Касса {place}"), principal=shop.owner
            )
            for place in range(2)
        ]
        people = await _operators(app, shop, 11)
        guesses = [(registers[place % 2], person) for place, person in enumerate(people)] * 2

        answers = [await _try(app, token, *guess, "9058") for guess in guesses[:20]]

        assert answers == ["PIN_WRONG"] * 20
        assert await _try(app, token, registers[0], people[10], PIN) == 5
        assert await _try(app, shop.owner, registers[0], people[10], PIN) == "OK"


async def test_where_money_is_real_nobody_gets_or_uses_a_pin_that_is_tried_first() -> None:
    async with opened_app(core={"production": True}) as app:
        shop = await open_shop(app)
        old = CreateOperator("Ерлан", pin_hash=await hash_pin("0000"))  # from when this was a demo
        operator = await app.database.transact(create_operator, old, principal=shop.owner)
        person = to_global("Operator", operator)

        given = [await ask(app, UPDATE, shop.owner, id=person, pin=pin) for pin in ("1111", "1234", "4071")]

        assert [each["updateOperator"].get("code") for each in given] == ["PIN_WEAK", "PIN_WEAK", None]
        assert given[0]["updateOperator"]["nextAction"]
        weak = await app.database.transact(create_operator, old, principal=shop.owner)
        assert await _try(app, shop.owner, shop.register_id, weak, "0000") == "PIN_WEAK"
        assert await _try(app, shop.owner, shop.register_id, operator, "4071") == "OK"


async def test_a_demo_may_use_any_pin_of_four_digits() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        person = to_global("Operator", shop.operator_id)

        assert "code" not in (await ask(app, UPDATE, shop.owner, id=person, pin="1234"))["updateOperator"]
        assert (await ask(app, UPDATE, shop.owner, id=person, pin="123"))["updateOperator"]["code"] == (
            "PIN_MALFORMED"
        )


@pytest.mark.parametrize("pin", ["0000", "1111", "1234", "4321", "890123", "98765", "555555555555"])
def test_what_everybody_tries_first_is_weak(pin: str) -> None:
    with pytest.raises(Refusal, match="PIN_WEAK"):
        check_pin_strength(pin, is_production=True)
    assert check_pin_strength(pin, is_production=False) == pin


@pytest.mark.parametrize("pin", ["4071", "1212", "1235", "1357", "00001"])
def test_other_pins_are_not_weak(pin: str) -> None:
    assert check_pin_strength(pin, is_production=True) == pin
