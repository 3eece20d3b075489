"""A shift nobody closes: people are warned, the system closes it in time, once, online or not, and writes
to the administrator.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from addons.fiscal_kz.domain.shift_clock import shift_clock
from addons.fiscal_kz.services import watch_shifts
from addons.fiscal_kz.tests.shop import Shop, open_shop
from addons.organization.api import CreateRegister, CreateUser, Role, create_register, create_user
from kernel.gql.ids import to_global
from kernel.jobs.drive import run_schedules

MAIL = {"mail": {"host": "127.0.0.1", "port": 9, "tls": "none", "sender": "kassa@example.kz"}}
SHIFT = """query($id: ID!) { kkm(registerId: $id) { shift {
  number isOpen secondsLeft isEnding closesByItselfAt mustCloseBy openedAt } } }"""
CHOOSE = """mutation($input: FiscalChoicesInput!) { setFiscalChoices(input: $input) {
  __typename ... on FiscalChoices { autoCloseMinutes } ... on Refused { code field nextAction } } }"""


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop(others=MAIL) as opened:
        for email, role, language in (
            ("kk@example.kz", Role.ADMINISTRATOR, "kk"),
            ("seller@example.kz", Role.CASHIER, "ru"),
        ):
            user = CreateUser(email=email, name="Ахмет", role=role, password_hash="x" * 60, language=language)
            await opened.app.database.transact(create_user, user, principal=opened.owner)
        yield opened


async def pass_time(shop: Shop, by: timedelta) -> None:
    """Time passes as in a server: schedules, then due jobs. Nobody takes the letters."""
    shop.clock.advance(by)
    await run_schedules(shop.app.database)
    await shop.work()


async def shift(shop: Shop) -> Any:
    return (await shop.ask(SHIFT, id=to_global("Register", shop.register_id)))["shift"]


async def board(shop: Shop) -> dict[str, str]:
    rows = await shop.rows("SELECT source, code FROM org_status")
    return {row["source"]: row["code"] for row in rows}


async def letters(shop: Shop) -> list[tuple[str, str]]:
    rows = await shop.rows("SELECT recipient, subject FROM kernel_letter ORDER BY recipient")
    return [(row["recipient"], row["subject"]) for row in rows]


async def closes(shop: Shop) -> list[Any]:
    return list(
        await shop.rows("SELECT state, body, is_offline, at_ms FROM fkz_document WHERE kind = 'CLOSE'")
    )


async def test_from_hour_20_on_a_countdown_warns_on_the_register_and_the_board(shop: Shop) -> None:
    assert (await shift(shop))["secondsLeft"] is None
    await shop.sell()
    await pass_time(shop, timedelta(hours=19, minutes=59))
    calm, quiet = await shift(shop), await board(shop)

    await pass_time(shop, timedelta(minutes=2))
    tense, warned = await shift(shop), await board(shop)

    assert (calm["isEnding"], calm["secondsLeft"]) == (False, 4 * 3600 + 60)
    assert "fiscal_kz.shift" not in quiet
    assert (tense["isEnding"], tense["secondsLeft"]) == (True, 4 * 3600 - 60)
    assert warned["fiscal_kz.shift"] == "KKM_SHIFT_ENDING"


async def test_the_system_closes_the_shift_once_and_writes_to_the_administrator(shop: Shop) -> None:
    await shop.sell()
    await pass_time(shop, timedelta(hours=23, minutes=50))
    assert (await shift(shop))["isOpen"]

    for _ in range(3):
        await pass_time(shop, timedelta(minutes=5))

    (closed,) = await closes(shop)
    assert closed["state"] == "DONE"
    assert "Система" in closed["body"]
    assert not (await shift(shop))["isOpen"]
    assert "fiscal_kz.shift" not in await board(shop)
    assert await letters(shop) == [("kk@example.kz", "1-ауысым автоматты түрде жабылды: 1 «Касса 1» кассасы")]
    assert shop.ofd.simulator.ledger.violations() == []
    assert (await shop.sell())["shiftNumber"] == 2


async def test_without_a_link_the_z_is_made_at_once_and_delivered_later(shop: Shop) -> None:
    await shop.sell()
    shop.ofd.is_down = True
    await shop.sell()
    await pass_time(shop, timedelta(hours=20))
    await pass_time(shop, timedelta(hours=3, minutes=56))
    (closed,) = await closes(shop)
    offline = (closed["state"], closed["is_offline"], (await shift(shop))["isOpen"])

    shop.ofd.is_down = False
    for _ in range(3):
        await pass_time(shop, timedelta(minutes=2))

    assert offline == ("OFFLINE", 1, False)
    assert [each["state"] for each in await closes(shop)] == ["DONE"]
    assert len(await letters(shop)) == 1
    assert shop.ofd.simulator.ledger.violations() == []


async def test_behind_an_unknown_outcome_the_shift_closes_after_it_resolves(shop: Shop) -> None:
    await shop.sell()
    await pass_time(shop, timedelta(hours=20))
    shop.clock.advance(timedelta(hours=3, minutes=55))
    shop.ofd.script.append("LOST_AFTER")
    await shop.accept(("Нан", "1"), cash="200.00")  # waits at the head; nobody has worked it yet
    await run_schedules(shop.app.database)
    await shop.work()
    for _ in range(3):
        await pass_time(shop, timedelta(seconds=70))

    commands = [each.command for each in shop.account.documents]
    assert commands == [1, 1, 2]  # the sale that nobody heard of, then the close
    assert len(await closes(shop)) == 1
    assert shop.ofd.simulator.ledger.violations() == []


async def test_a_blocked_register_is_named_on_the_board_and_closes_when_it_is_released(shop: Shop) -> None:
    await shop.sell()
    shop.ofd.simulator.block(1001)
    await shop.sell()
    await pass_time(shop, timedelta(hours=20))
    await pass_time(shop, timedelta(hours=4))
    stuck = (await board(shop))["fiscal_kz.shift"], len(await closes(shop))

    shop.ofd.simulator.unblock(1001)
    for _ in range(3):
        await pass_time(shop, timedelta(seconds=70))

    assert stuck == ("KKM_SHIFT_NOT_CLOSED", 0)
    assert [each["state"] for each in await closes(shop)] == ["DONE"]
    assert "fiscal_kz.shift" not in await board(shop)


async def test_more_long_shifts_than_fit_one_look_get_their_jobs_all(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_shifts, "PAGE_REGISTERS", 2)
    monkeypatch.setattr(watch_shifts, "FOUND_MAX", 1)
    await shop.sell()
    for ofd_id in range(1002, 1005):
        register = CreateRegister(shop.outlet_id, f"Касса {ofd_id}")
        shop.register_id = await shop.app.database.transact(create_register, register, principal=shop.owner)
        shop.ofd.simulator.add_register(ofd_id, ofd_id)
        await shop.activate(ofd_id=ofd_id, token=ofd_id)
        await shop.sell()

    await pass_time(shop, timedelta(hours=20, minutes=1))

    told = await shop.rows("SELECT register_id FROM org_status WHERE code = 'KKM_SHIFT_ENDING'")
    assert len(told) == 4
    assert await watch_shifts.long_shifts(shop.app.database) == []


async def test_a_close_that_the_ofd_refuses_is_tried_again(shop: Shop) -> None:
    await shop.sell()
    await pass_time(shop, timedelta(hours=20))
    shop.ofd.script.append(13)
    await pass_time(shop, timedelta(hours=3, minutes=56))
    for _ in range(3):
        await pass_time(shop, timedelta(seconds=70))

    assert sorted(each["state"] for each in await closes(shop)) == ["DONE", "REJECTED"]
    assert len(await letters(shop)) == 1


async def test_a_cashier_who_closes_in_time_gets_no_second_close_and_nobody_a_letter(shop: Shop) -> None:
    await shop.sell()
    await pass_time(shop, timedelta(hours=21))
    await shop.close()
    cleared = await board(shop)
    await shop.sell()
    await pass_time(shop, timedelta(hours=3))

    assert "fiscal_kz.shift" not in cleared
    assert len(await closes(shop)) == 1
    assert (await shift(shop))["isOpen"]
    assert await letters(shop) == []


async def test_a_company_chooses_another_time_or_none(shop: Shop) -> None:
    early = await shop.ask(CHOOSE, input={"autoCloseMinutes": 600})
    silly = await shop.ask(CHOOSE, input={"autoCloseMinutes": 1440})
    async with shop.app.database.reading(shop.owner) as reader:
        await shop.app.database.choices.refresh(reader)
    await shop.sell()
    for _ in range(3):
        await pass_time(shop, timedelta(hours=5, minutes=1))

    assert early == {"__typename": "FiscalChoices", "autoCloseMinutes": 600}
    assert (silly["code"], silly["field"]) == ("AUTO_CLOSE_OUT_OF_RANGE", "autoCloseMinutes")
    assert silly["nextAction"]
    assert len(await closes(shop)) == 1


def test_the_moments_of_a_shift_are_counted_from_its_first_document() -> None:
    clock = shift_clock(1_000, warning_minutes=1200, close_minutes=1435, limit_minutes=1440)
    never = shift_clock(1_000, warning_minutes=1200, close_minutes=0, limit_minutes=1440)

    assert clock == (72_001_000, 86_101_000, 86_401_000)
    assert (clock.first_ms, clock.pause_ms(1_000)) == (72_001_000, 72_000_000)
    assert not clock.is_due(86_100_999)
    assert clock.is_due(86_101_000)
    assert (clock.left_s(86_400_001), clock.left_s(99_999_999)) == (0, 0)
    assert (never.closes_ms, never.is_due(10**12)) == (None, False)
