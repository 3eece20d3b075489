"""The exchange of working keys: who asks, what comes into force, what a host that forgot them gets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from addons.pos_terminal.adapters.iso8583.driver import Iso8583
from addons.pos_terminal.domain.driver import Agreed, Approved, NotKnown
from addons.pos_terminal.domain.keys import KeyForm
from addons.pos_terminal.services import keys_update
from addons.pos_terminal.services.keys_ceremony import (
    StartCeremony,
    start_ceremony,
)
from addons.pos_terminal.services.keys_doctor import check_keys
from addons.pos_terminal.services.keys_update import ask_update, distrust_keys, refresh_keys
from addons.pos_terminal.services.start_payment import StartPayment, start_payment
from addons.pos_terminal.services.terminals import block_terminal
from addons.pos_terminal.tests.refusing import refused
from addons.pos_terminal.tests.services.key_house import CODE, KeyHouse, advance, key_house
from kernel.data.work import Work
from kernel.doctor_finding import Level
from kernel.errors import Fault
from kernel.ids import new_id
from kernel.money import Money
from kernel.security.principal import SYSTEM
from protocols.iso8583.crypto import Algorithm, check_value
from protocols.iso8583.key_block import KeyHeader, Usage, wrap

STORED = """SELECT kind, state, store, kept, check_value FROM pos_key ORDER BY kind, state"""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[KeyHouse]:
    async with key_house(tmp_path) as opened:
        yield opened


async def test_a_wrong_master_key_brings_no_working_keys(house: KeyHouse) -> None:
    """The components were confirmed, but the host has another key: the blocks do not open."""
    house.host.terminal(CODE).keys.master = bytes(range(16))
    await house.load()

    assert await house.states() == ("keys_loaded", "failed", "TERMINAL_KEYS_DIFFER")
    assert (await house.card()).keys is None


async def test_a_host_that_is_away_is_asked_again_until_it_answers(house: KeyHouse) -> None:
    await house.host.refuse_connections()
    await house.load()
    assert await house.states() == ("keys_loaded", "failed", "ACQUIRER_ABSENT")
    await house.host.accept_connections()
    await house.merchant.app.database.transact(refresh_keys, principal=SYSTEM)
    assert (await house.states())[1] == "failed"  # not every minute
    advance(house, minutes=2)

    await house.merchant.app.database.transact(refresh_keys, principal=SYSTEM)
    await house.work()

    assert await house.states() == ("active", "done", "")


async def test_keys_are_exchanged_by_themselves_before_they_are_too_old(house: KeyHouse) -> None:
    await house.load()
    before = {row["kind"]: row["check_value"] for row in await house.merchant.rows(STORED)}
    advance(house, hours=21)
    await house.merchant.app.database.transact(refresh_keys, principal=SYSTEM)
    await house.work()
    assert len(await house.merchant.rows(STORED)) == 3
    advance(house, hours=1)

    await house.merchant.app.database.transact(refresh_keys, principal=SYSTEM)
    await house.work()

    after = {(row["kind"], row["state"]): row["check_value"] for row in await house.merchant.rows(STORED)}
    assert after["TAK", "previous"] == before["TAK"]
    assert after["TAK", "current"] != before["TAK"]
    assert after["TMK", "current"] == before["TMK"]
    assert isinstance(await house.pay(125_000, stan=500), Approved)


async def test_a_message_in_flight_over_an_exchange_is_proved_with_the_key_of_its_time(
    house: KeyHouse,
) -> None:
    await house.load()
    assert isinstance(await house.pay(125_000, stan=500), Approved)  # the host has seen the first key at work
    first = (await house.card()).keys
    assert first is not None
    await house.merchant.do(ask_update, house.terminal_id)
    await house.work()

    second = (await house.card()).keys
    assert second is not None
    old = await first.mac("cmac", b"answer")
    assert old in await second.answer_macs("cmac", b"answer")
    assert await second.mac("cmac", b"answer") != old
    advance(house, minutes=11)
    later = (await house.card()).keys
    assert later is not None
    assert old not in await later.answer_macs("cmac", b"answer")


async def test_a_host_that_lost_its_keys_gets_new_ones(house: KeyHouse) -> None:
    await house.load()
    advance(house, minutes=5)
    house.host.terminal(CODE).keys.forget()

    outcome = await house.pay(125_000, stan=500)
    assert outcome == NotKnown("4020", "TERMINAL_KEYS_REJECTED")
    assert await house.merchant.do(distrust_keys, house.terminal_id, outcome)
    assert (await house.card()).keys is None
    await house.merchant.app.database.transact(refresh_keys, principal=SYSTEM)
    await house.work()

    assert isinstance(await house.pay(125_000, stan=501), Approved)


async def test_another_word_of_a_driver_changes_no_keys(house: KeyHouse) -> None:
    await house.load()

    assert not await house.merchant.do(distrust_keys, house.terminal_id, NotKnown("4021"))
    assert not await house.merchant.do(distrust_keys, house.terminal_id, Agreed())
    assert (await house.card()).keys is not None


@pytest.mark.parametrize(
    ("pin", "mac", "code"),
    [
        (("P0", 1), ("M6", 2), ""),
        (("M6", 1), ("P0", 2), "TERMINAL_KEYS_DIFFER"),  # each for the other's use
        (("P0", 1), ("M3", 2), "TERMINAL_KEYS_UNFIT"),  # an AES key for a TDES MAC
        (("P0", 1), ("M6", 1), "TERMINAL_KEYS_UNFIT"),  # one key for both
        (("P0", 1), ("K0", 2), "TERMINAL_KEYS_DIFFER"),
    ],
)
async def test_only_keys_for_their_use_come_into_force(
    house: KeyHouse, monkeypatch: pytest.MonkeyPatch, pin: tuple[str, int], mac: tuple[str, int], code: str
) -> None:
    master = house.host.terminal(CODE).keys.master

    async def perform(self: Iso8583, order: object) -> Agreed:
        def told(usage: str, number: int) -> str:
            key = bytes([number]) + bytes(range(15))
            return check_value(Algorithm.AES, key) + wrap(
                master, KeyHeader("D", Usage(usage), Algorithm.AES, "N"), key
            )

        return Agreed("keys", {"pin_key": told(*pin), "mac_key": told(*mac)})

    monkeypatch.setattr(Iso8583, "perform", perform)
    await house.load()

    state = "failed" if code else "done"
    assert (await house.states())[1:] == (state, code)


async def test_a_new_master_key_makes_the_working_keys_useless(house: KeyHouse) -> None:
    await house.load()
    await house.host.refuse_connections()

    await house.confirm(await house.ceremony())

    kinds = [(row["kind"], row["state"]) for row in await house.merchant.rows(STORED)]
    assert kinds == [("TMK", "current")]
    assert (await house.card()).keys is None


async def test_keys_are_asked_for_once_and_only_where_they_can_come(house: KeyHouse) -> None:
    merchant = house.merchant
    needed = merchant.do(ask_update, house.terminal_id)
    assert await refused(needed) == "TERMINAL_MASTER_KEY_NEEDED"
    await house.confirm(await house.ceremony())
    await merchant.do(ask_update, house.terminal_id)
    await merchant.do(ask_update, house.terminal_id)
    await house.work()
    assert house.host.terminal(CODE).keys.loads == 1
    await merchant.do(block_terminal, house.terminal_id, "Украден")
    assert await refused(merchant.do(ask_update, house.terminal_id)) == "TERMINAL_BLOCKED"
    unknown = merchant.do(
        start_ceremony, StartCeremony("01234567-0000-7000-8000-000000000000", KeyForm.AES_128)
    )
    assert await refused(unknown) == "TERMINAL_UNKNOWN"
    three = merchant.do(start_ceremony, StartCeremony(house.terminal_id, KeyForm.AES_128, 4))
    assert await refused(three) == "KEY_COMPONENTS_COUNT"


async def test_no_payment_begins_without_keys_or_with_old_ones(house: KeyHouse) -> None:
    def start() -> Any:
        register_id = house.merchant.register_id
        command = StartPayment(new_id(), register_id, Money(125_000), house.terminal_id)
        return house.merchant.do(start_payment, command)

    assert await refused(start()) == "TERMINAL_KEYS_NEEDED"
    await house.confirm(await house.ceremony())
    assert await refused(start()) == "TERMINAL_KEYS_NEEDED"
    await house.work()
    advance(house, hours=24, seconds=1)
    assert await refused(start()) == "TERMINAL_KEYS_OLD"
    assert house.host.ledger.postings == []

    await house.merchant.do(ask_update, house.terminal_id)
    await house.work()
    await start()


async def test_a_worker_that_dies_before_the_keys_are_written_exchanges_them_again(
    house: KeyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host has given keys out that nobody has, and goes on with those in force."""
    await house.load()
    assert isinstance(await house.pay(125_000, stan=500), Approved)
    settle, deaths = keys_update.settle_exchange, [1, 2]  # a settlement is tried twice

    async def dying(*args: Any) -> Any:
        if deaths:
            deaths.pop()
            raise Fault("power cut")
        return await settle(*args)

    monkeypatch.setattr(keys_update, "settle_exchange", dying)
    await house.merchant.do(ask_update, house.terminal_id)
    await house.work()
    assert (await house.states())[1] == "queued"
    assert isinstance(await house.pay(125_000, stan=501), Approved)

    advance(house, minutes=1)
    await house.work()

    assert await house.states() == ("active", "done", "")
    assert house.host.terminal(CODE).keys.loads == 3
    assert isinstance(await house.pay(125_000, stan=502), Approved)


async def test_the_doctor_tells_of_keys_that_are_too_old_and_of_a_store_that_is_gone(house: KeyHouse) -> None:
    database = house.merchant.app.database
    assert await check_keys(database) == []
    await house.load()
    assert [each.level for each in await check_keys(database)] == [Level.OK]

    advance(house, hours=25)

    async def lose(work: Work) -> None:
        await work.execute("UPDATE pos_key SET store = 'gone' WHERE kind = 'TAK'")

    await house.merchant.do(lose)
    found = await check_keys(database)
    assert [each.level for each in found] == [Level.OK, Level.FAIL, Level.WARN]
