"""What only a database with many writers can show: locks, races, the dialect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from addons.organization.api import (
    CreateCompany,
    CreateOperator,
    CreateRegister,
    CreateRegisterGroup,
    create_company,
    create_operator,
    create_register,
    create_register_group,
    sale_desk,
)
from addons.organization.services.sessions import TokenPair
from addons.organization.services.sign_in import SignIn, SignInOperator, refresh, sign_in, sign_in_operator
from addons.organization.services.sign_up import SignUp, confirm_sign_up, sign_up
from addons.organization.services.tidy import tidy
from addons.organization.tests.shops import MAIL, PASSWORD, PIN, SECOND_BIN, Shop, ask, last_token, open_shop
from kernel.app import App
from kernel.errors import Refusal
from kernel.security.authenticator import Authenticator
from kernel.security.principal import SYSTEM
from kernel.testing.app import running_app
from kernel.testing.schema import mysql_database

pytestmark = pytest.mark.mariadb
TRICKY = 'Зал "ё" \\ 🙂'  # a desk comes as JSON


@pytest.fixture
async def app() -> AsyncIterator[App]:
    """organization alone on an empty MariaDB database."""
    async with mysql_database() as url, running_app(["organization"], url=url) as app:
        yield app


async def test_registers_made_at_the_same_time_get_different_numbers(app: App) -> None:
    shop = await open_shop(app)
    command = CreateRegister(shop.outlet_id, "Касса")

    await asyncio.gather(
        *(app.database.transact(create_register, command, principal=shop.owner) for _ in range(6))
    )

    async with app.database.reading(shop.owner) as reader:
        rows = await reader.rows("SELECT number FROM org_register ORDER BY number")
    assert [row["number"] for row in rows] == list(range(1, 8))


async def test_one_of_two_companies_opened_with_one_bin_at_once_is_refused(app: App) -> None:
    command = CreateCompany(SECOND_BIN, "Twin")

    twins = await asyncio.gather(
        *(app.database.transact(create_company, command, principal=SYSTEM) for _ in range(2)),
        return_exceptions=True,
    )

    assert sorted(isinstance(each, Refusal) and each.code == "COMPANY_BIN_TAKEN" for each in twins) == [
        False,
        True,
    ]
    assert sum(isinstance(each, str) for each in twins) == 1


async def test_a_limited_operator_is_found_by_the_same_statement(app: App) -> None:
    shop = await open_shop(app)
    transact = app.database.transact
    hall = await transact(create_register, CreateRegister(shop.outlet_id, TRICKY), principal=shop.owner)
    group = await transact(create_register_group, CreateRegisterGroup("Зал", (hall,)), principal=shop.owner)
    limited = CreateOperator("Ерлан", group_ids=(group,))
    operator = await transact(create_operator, limited, principal=shop.owner)

    async with app.database.reading(shop.owner) as reader:
        assert (await sale_desk(reader, hall, operator))[0].title == TRICKY
        with pytest.raises(Refusal) as refusal:
            await sale_desk(reader, shop.register_id, operator)

    assert refusal.value.code == "OPERATOR_NOT_AT_REGISTER"


async def test_pins_guessed_at_the_same_time_are_counted_one_by_one(app: App) -> None:
    shop = await open_shop(app)

    outcomes = await asyncio.gather(*(_outcome(app, shop, f"900{digit}") for digit in range(8)))

    assert sorted(outcomes) == ["AUTH_THROTTLED"] * 5 + ["PIN_WRONG"] * 3


async def test_a_refresh_token_sent_twice_at_once_leaves_one_live_session(app: App) -> None:
    shop = await open_shop(app)
    first = await sign_in(app.database, SignIn(shop.email, PASSWORD))

    pairs = await asyncio.gather(*(refresh(app.database, first.refresh) for _ in range(2)))

    authenticator = app.registry.port(Authenticator)
    for pair in pairs:
        assert (await authenticator.authenticate(app.database, pair.access)).subject_id == shop.user_id
    async with app.database.reading(SYSTEM) as reader:
        assert len(await reader.rows("SELECT id FROM org_session")) == 1


async def test_every_list_and_the_cleaning_speak_its_dialect(app: App) -> None:
    shop = await open_shop(app)
    lists = (
        "outlets",
        "registers",
        "registerGroups",
        "operators",
        "users",
        "devices",
        "apiTokens",
        "auditLog",
    )
    document = " ".join(f"{name}(first: 2) {{ totalCount edges {{ cursor }} }}" for name in lists)

    data = await ask(
        app, f"{{ {document} companies {{ id }} statusBoard(first: 2) {{ totalCount }} }}", shop.owner
    )
    await app.database.transact(tidy, principal=SYSTEM)

    assert data["registers"]["totalCount"] == 1
    assert data["auditLog"]["totalCount"] == 3


async def _outcome(app: App, shop: Shop, pin: str) -> str:
    try:
        pair, _, _ = await sign_in_operator(
            app.database, shop.owner, SignInOperator(shop.register_id, shop.operator_id, pin)
        )
    except Refusal as refusal:
        return refusal.code
    assert isinstance(pair, TokenPair)
    assert pin == PIN
    return "SIGNED_IN"


async def test_a_letter_opens_once_for_two_who_come_at_once_and_a_newcomer_has_a_session() -> None:
    settings = {"mail": MAIL}
    async with mysql_database() as url, running_app(["organization"], url=url, settings=settings) as house:
        await sign_up(house.database, SignUp("new@example.kz", "Жаңа", PASSWORD))
        token = await last_token(house)

        both = await asyncio.gather(
            *(confirm_sign_up(house.database, token) for _ in range(2)), return_exceptions=True
        )

        pairs = [each for each in both if isinstance(each, TokenPair)]
        refused = [each.code for each in both if isinstance(each, Refusal)]
        assert (len(pairs), refused) == (1, ["LETTER_TOKEN_WRONG"])
        authenticator = house.registry.port(Authenticator)  # type: ignore[type-abstract]
        assert (await authenticator.authenticate(house.database, pairs[0].access)).company_id is None
