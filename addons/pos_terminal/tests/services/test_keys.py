"""Keys from the letters of the acquirer to the first payment, and everything that does not get that far."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from addons.pos_terminal.domain.driver import Approved
from addons.pos_terminal.domain.keys import CEREMONY_LIFE_MS
from addons.pos_terminal.services.contracts import set_contract
from addons.pos_terminal.services.keys_ceremony import (
    EnterComponent,
    StartCeremony,
    cancel_ceremony,
    enter_component,
    expire_ceremonies,
    start_ceremony,
)
from addons.pos_terminal.services.keys_update import ask_update
from addons.pos_terminal.tests.merchant import contract
from addons.pos_terminal.tests.refusing import refused
from addons.pos_terminal.tests.services.key_house import CODE, KeyHouse, advance, key_house
from kernel.config_sections import LogSettings
from kernel.gql.ids import to_global
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing.logs import logged

STORED = """SELECT kind, state, store, kept, check_value FROM pos_key ORDER BY kind, state"""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[KeyHouse]:
    async with key_house(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    "options", [{}, {"dialect": "iso87-bcd"}, {"mac": "x9.9"}], ids=["aes", "tdes", "des"]
)
async def test_from_two_letters_to_the_first_payment(tmp_path: Path, options: dict[str, str]) -> None:
    async with key_house(tmp_path, options=options) as house:
        ceremony_id = await house.ceremony()
        row = await house.merchant.row("SELECT state, check_value FROM pos_key_ceremony")
        assert dict(row) == {"state": "ready", "check_value": house.check}
        assert (await house.states())[0] == "provisioned"

        await house.confirm(ceremony_id)
        assert (await house.states())[:2] == ("keys_loaded", "queued")
        await house.work()

        assert await house.states() == ("active", "done", "")
        outcome = await house.pay(125_000, stan=500)
        assert isinstance(outcome, Approved)
        kinds = [row["kind"] for row in await house.merchant.rows(STORED)]
        assert kinds == ["TAK", "TMK", "TPK"]


async def test_no_key_and_no_component_is_anywhere_in_the_database_or_the_log(house: KeyHouse) -> None:
    with logged(LogSettings(level="debug")) as log:
        await house.load()
        await house.pay(125_000, stan=500)
        await house.merchant.do(ask_update, house.terminal_id)
        await house.work()
        database = house.merchant.app.database
        async with database.reading(SYSTEM) as reader:
            names = [
                row["name"]
                for row in await reader.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            dump = "".join(
                [str([dict(row) for row in await reader.rows(f"SELECT * FROM {name}")]) for name in names]
            )
    host = house.host.terminal(CODE).keys
    secrets = [each.replace(" ", "") for each in house.letters]
    secrets += [
        key.hex() for key in (host.master, host.current.mac, host.current.pin, host.pending.mac) if key
    ]

    assert len(secrets) >= 5
    assert "pos_key" in names
    text = (dump + log.getvalue()).upper()
    assert not [secret for secret in secrets if secret.upper() in text]
    for row in await house.merchant.rows("SELECT sealed FROM pos_key_component"):
        assert row["sealed"] == ""


async def test_a_pin_key_is_kept_as_it_came_and_given_to_the_device_alone(house: KeyHouse) -> None:
    await house.load()
    document = "query ($id: ID!) { terminalPinKey(terminalId: $id) { keyBlock checkValue } }"
    roles = house.merchant.app.registry.roles
    device = Principal(
        PrincipalKind.DEVICE, "till", house.merchant.company_id, roles["device"], language="en"
    )

    found = await house.merchant.ask(document, device, id=to_global("CardTerminal", house.terminal_id))

    assert found["terminalPinKey"]["keyBlock"].startswith("D")
    pin_row = (await house.merchant.rows(STORED))[-1]
    assert (pin_row["kind"], pin_row["store"]) == ("TPK", "wrapped")
    assert pin_row["check_value"] == found["terminalPinKey"]["checkValue"]


async def test_nobody_enters_two_components_and_no_program_enters_one(house: KeyHouse) -> None:
    merchant, (first, second) = house.merchant, house.letters
    start = StartCeremony(house.terminal_id, house.form)
    robot = Principal(PrincipalKind.SERVICE, "robot", merchant.company_id, merchant.owner.permissions)
    assert await refused(merchant.do(start_ceremony, start, by=robot)) == "KEY_PEOPLE_ONLY"
    opened = await merchant.do(start_ceremony, start)
    assert await refused(merchant.do(start_ceremony, start)) == "KEY_CEREMONY_OPEN"
    await merchant.do(enter_component, EnterComponent(opened, first))

    assert await refused(merchant.do(enter_component, EnterComponent(opened, second))) == "KEY_SAME_PERSON"
    assert await refused(house.confirm(opened)) == "KEY_COMPONENTS_MISSING"
    robots = merchant.do(enter_component, EnterComponent(opened, second), by=robot)
    assert await refused(robots) == "KEY_PEOPLE_ONLY"


async def test_a_component_typed_wrongly_is_seen_by_its_check_value(house: KeyHouse) -> None:
    merchant, (first, second) = house.merchant, house.letters
    opened = await merchant.do(start_ceremony, StartCeremony(house.terminal_id, house.form))
    wrong = merchant.do(enter_component, EnterComponent(opened, second, "000000"))

    assert await refused(wrong) == "KEY_CHECK_DIFFERS"
    assert await merchant.rows("SELECT id FROM pos_key_component") == []
    short = merchant.do(enter_component, EnterComponent(opened, first[:-1]))
    assert await refused(short) == "KEY_COMPONENT_MALFORMED"


async def test_the_whole_key_is_confirmed_by_a_keeper_with_the_value_of_the_letter(house: KeyHouse) -> None:
    ceremony_id = await house.ceremony()

    assert await refused(house.confirm(ceremony_id, "ABCDEF")) == "KEY_CHECK_DIFFERS"
    assert await refused(house.confirm(ceremony_id, by=house.merchant.banker)) == "KEY_NOT_A_KEEPER"
    assert await house.merchant.rows(STORED) == []
    third = house.merchant.do(
        enter_component, EnterComponent(ceremony_id, house.letters[0]), by=house.merchant.banker
    )
    assert await refused(third) == "KEY_COMPONENTS_COMPLETE"
    await house.confirm(ceremony_id)
    assert await refused(house.confirm(ceremony_id)) == "KEY_CEREMONY_ENDED"


async def test_two_equal_components_make_no_key(house: KeyHouse) -> None:
    merchant, (first, _) = house.merchant, house.letters
    opened = await merchant.do(start_ceremony, StartCeremony(house.terminal_id, house.form))
    await merchant.do(enter_component, EnterComponent(opened, first))

    same = merchant.do(enter_component, EnterComponent(opened, first), by=merchant.clerk)

    assert await refused(same) == "KEY_WEAK"


@pytest.mark.parametrize("way", ["cancelled", "expired"])
async def test_what_is_not_finished_is_wiped(house: KeyHouse, way: str) -> None:
    ceremony_id = await house.ceremony()
    if way == "cancelled":
        await house.merchant.do(cancel_ceremony, ceremony_id)
    else:
        advance(house, milliseconds=CEREMONY_LIFE_MS)
        assert await refused(house.confirm(ceremony_id)) == "KEY_CEREMONY_ENDED"
        await house.merchant.app.database.transact(expire_ceremonies, principal=SYSTEM)

    rows = await house.merchant.rows("SELECT sealed FROM pos_key_component")
    assert [row["sealed"] for row in rows] == ["", ""]
    assert await refused(house.confirm(ceremony_id)) == "KEY_CEREMONY_ENDED"
    row = await house.merchant.row("SELECT state, open_terminal_id FROM pos_key_ceremony")
    assert dict(row) == {"state": way, "open_terminal_id": None}
    await house.load()


async def test_a_forgotten_ceremony_does_not_stand_in_the_way_of_the_next(house: KeyHouse) -> None:
    await house.ceremony()
    advance(house, milliseconds=CEREMONY_LIFE_MS)

    await house.load()

    assert (await house.states())[0] == "active"


@pytest.mark.parametrize(
    "option",
    [
        {"dialect": "ascii"},
        {"dialect": "iso87-bcd-tpdu"},  # whose header has to be said
        {"void_window": "sometimes"},
        {"dialekt": "iso87"},
    ],
)
async def test_a_contract_with_options_nobody_knows_is_refused(
    house: KeyHouse, option: dict[str, str]
) -> None:
    command = contract(driver="iso8583", options=option)

    assert await refused(house.merchant.do(set_contract, command)) == "CONTRACT_OPTION_WRONG"


CEREMONY = """
fragment Told on KeyCeremonyResult { ... on Refused { code field }
  ... on KeyCeremony { id state checkValue componentCount components { number checkValue } } }
"""
START = f"""{CEREMONY} mutation ($input: StartKeyCeremonyInput!) {{
  startKeyCeremony(input: $input) {{ ...Told }} }}"""
ENTER = f"""{CEREMONY} mutation ($id: ID!, $text: String!) {{
  enterKeyComponent(ceremonyId: $id, component: $text) {{ ...Told }} }}"""
CONFIRM = f"""{CEREMONY} mutation ($id: ID!, $check: String!) {{
  confirmKeyCeremony(ceremonyId: $id, checkValue: $check) {{ ...Told }} }}"""
KEYS = """query ($id: ID!) { cardTerminalKeys(terminalId: $id) {
  masterKey { checkValue }
  macKey { checkValue } isFresh freshUntil updateState updateRefusal ceremonyId } }"""
UPDATE = """mutation ($id: ID!) { updateTerminalKeys(terminalId: $id) {
  ... on CardTerminalKeys { updateState } ... on Refused { code } } }"""


async def test_the_whole_way_through_graphql(house: KeyHouse) -> None:
    ask, clerk = house.merchant.ask, house.merchant.clerk
    terminal = to_global("CardTerminal", house.terminal_id)
    refused = await ask(UPDATE, id=terminal)
    assert refused["updateTerminalKeys"] == {"code": "TERMINAL_MASTER_KEY_NEEDED"}

    begun = await ask(START, input={"terminalId": terminal, "form": "AES_128"})
    ceremony = begun["startKeyCeremony"]["id"]
    await ask(ENTER, id=ceremony, text=house.letters[0])
    entered = (await ask(ENTER, clerk, id=ceremony, text=house.letters[1]))["enterKeyComponent"]
    assert (entered["state"], entered["checkValue"], len(entered["components"])) == ("READY", house.check, 2)
    assert (await ask(KEYS, id=terminal))["cardTerminalKeys"]["ceremonyId"] == ceremony
    done = (await ask(CONFIRM, clerk, id=ceremony, check=house.check.lower()))["confirmKeyCeremony"]
    assert done["state"] == "DONE"
    await house.work()

    keys = (await ask(KEYS, id=terminal))["cardTerminalKeys"]
    assert (keys["isFresh"], keys["updateState"], keys["ceremonyId"]) == (True, "DONE", None)
    assert keys["masterKey"]["checkValue"] == house.check
    assert (await ask(UPDATE, id=terminal))["updateTerminalKeys"] == {"updateState": "QUEUED"}
