"""Keys in a PKCS#11 module, tried with SoftHSM: it signs as the standards say, and nothing comes out."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from addons.pos_terminal.adapters.pkcs11_keys import Pkcs11Keys
from addons.pos_terminal.domain.driver import Approved
from addons.pos_terminal.domain.keys import KeyKind
from addons.pos_terminal.services.keys_store import (
    ClearKey,
    DatabaseKeys,
    KeyPlace,
    open_block,
)
from addons.pos_terminal.services.keys_update import ask_update
from addons.pos_terminal.settings import AcquiringSettings
from addons.pos_terminal.tests.services.key_house import KeyHouse, key_house
from kernel.addons.registry import Registry
from kernel.config_sections import SecuritySettings
from kernel.config_values import Secret
from kernel.data.database import Database
from kernel.errors import Fault, Unavailable
from kernel.testing.app import TEST_SETTINGS
from protocols.iso8583.crypto import Algorithm, MacRule, cmac, mac
from protocols.iso8583.errors import BadKey
from protocols.iso8583.key_block import KeyHeader, Usage, wrap

LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
TOKEN, PIN = "sauda-test", "648219"
PLACE = KeyPlace("01234567-0000-7000-8000-000000000000", KeyKind.MAC)
AES_KEY, TDES_KEY = bytes(range(16)), bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


def library() -> str:
    """Where SoftHSM is. Skips without it, fails in CI."""
    found = next((each for each in LIBRARIES if Path(each).exists()), None)
    if found and shutil.which("softhsm2-util"):
        return found
    if os.environ.get("CI"):
        pytest.fail("CI has no softhsm2: .ci/run installs it")
    pytest.skip("NOT TESTED: the PKCS#11 store of keys needs the package softhsm2")


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Settings of an initialized token. The library reads its environment once a process."""
    module = library()
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    command = ["softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", PIN]
    subprocess.run(command, check=True, capture_output=True)
    return {"key_store": "hsm", "hsm_module": module, "hsm_token": TOKEN, "hsm_pin": PIN}


def installation(**settings: object) -> Database:
    """As much of a database as a store of keys looks at: the settings."""
    registry = Registry()
    registry.bind_settings(
        {
            AcquiringSettings: AcquiringSettings(**settings),  # type: ignore[arg-type]
            SecuritySettings: SecuritySettings(seal_key=Secret(TEST_SETTINGS["security"]["seal_key"])),
        }
    )
    return cast(Database, SimpleNamespace(registry=registry))


@pytest.fixture
def database(token: Mapping[str, str]) -> Database:
    return installation(**{**token, "hsm_pin": Secret(token["hsm_pin"])})


@pytest.mark.parametrize(
    ("rule", "key"),
    [(MacRule.CMAC, AES_KEY), (MacRule.X9_19, TDES_KEY), (MacRule.X9_9, TDES_KEY)],
    ids=["cmac", "retail", "x9.9"],
)
async def test_the_module_signs_as_the_library_does(database: Database, rule: MacRule, key: bytes) -> None:
    store = Pkcs11Keys()
    kept = await store.keep(database, PLACE, ClearKey(rule.algorithm, key))
    handle = store.opened(database, PLACE, kept, algorithm=rule.algorithm, size=len(key))

    for size in (0, 1, 7, 8, 9, 16, 200):
        data = os.urandom(size)
        assert await handle.mac(rule, data) == mac(rule, key, data)
        assert await handle.cmac(data) == cmac(rule.algorithm, key, data)
    await store.forget(database, kept)


async def test_a_key_goes_in_and_does_not_come_out(database: Database) -> None:
    pkcs11 = pytest.importorskip("pkcs11")
    store = Pkcs11Keys()
    kept = await store.keep(database, PLACE, ClearKey(Algorithm.TDES, TDES_KEY))

    def told(session: object) -> list[str]:
        objects = session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY})  # type: ignore[attr-defined]
        answers = []
        for each in objects:
            if not each[pkcs11.Attribute.LABEL].startswith(kept):
                continue
            try:
                answers.append(each[pkcs11.Attribute.VALUE].hex())
            except pkcs11.AttributeSensitive:
                answers.append("sensitive")
        return answers

    assert await store.within(database, told) == ["sensitive", "sensitive"]  # the key and its left part
    await store.forget(database, kept)
    assert await store.within(database, told) == []
    await store.forget(database, kept)


@pytest.mark.parametrize(
    ("version", "algorithm", "master"), [("D", Algorithm.AES, AES_KEY), ("B", Algorithm.TDES, TDES_KEY)]
)
async def test_a_block_opens_without_the_master_key_leaving_the_module(
    database: Database, version: str, algorithm: Algorithm, master: bytes
) -> None:
    store, inside = Pkcs11Keys(), os.urandom(16)
    block = wrap(master, KeyHeader(version, Usage.PIN, algorithm, "E"), inside)
    kept = await store.keep(database, PLACE, ClearKey(algorithm, master))
    handle = store.opened(database, PLACE, kept, algorithm=algorithm, size=len(master))

    assert (await open_block(handle, block, usages=frozenset({"P0"}))).key == inside


async def test_a_key_is_not_used_for_another_place_or_rule(database: Database) -> None:
    for store in (Pkcs11Keys(), DatabaseKeys()):
        kept = await store.keep(database, PLACE, ClearKey(Algorithm.AES, AES_KEY))
        other = KeyPlace(PLACE.terminal_id, KeyKind.MASTER)
        with pytest.raises(Fault):
            store.opened(database, other, kept, algorithm=Algorithm.AES, size=16)
        handle = store.opened(database, PLACE, kept, algorithm=Algorithm.AES, size=16)
        with pytest.raises(BadKey):
            await handle.mac(MacRule.X9_19, b"data")


@pytest.mark.parametrize("wrong", [{"hsm_token": "other"}, {"hsm_module": "/no/such.so"}])
async def test_a_module_that_does_not_let_us_in_is_away(
    token: Mapping[str, str], wrong: dict[str, str]
) -> None:
    database = installation(**{**token, **wrong, "hsm_pin": Secret(token["hsm_pin"])})
    with pytest.raises(Unavailable):
        await Pkcs11Keys().keep(database, PLACE, ClearKey(Algorithm.AES, AES_KEY))


async def test_a_terminal_lives_with_its_keys_in_the_module(tmp_path: Path, token: Mapping[str, str]) -> None:
    """With TDES, where a key is two objects and a MAC two steps."""
    options = {"dialect": "iso87-bcd"}
    async with key_house(tmp_path, options=options, settings={"pos_terminal": token}) as house:
        await house.load()
        assert isinstance(await house.pay(125_000, stan=500), Approved)
        first = await _stores(house)
        for _ in range(2):  # the key before the one before is destroyed
            await house.merchant.do(ask_update, house.terminal_id)
            await house.work()
            assert isinstance(await house.pay(125_000, stan=501), Approved)

        assert {row["store"] for row in first.values()} == {"hsm", "wrapped"}
        assert TDES_KEY.hex() not in str(first)
        store = Pkcs11Keys()
        database = house.merchant.app.database
        gone = store.opened(
            database, KeyPlace(house.terminal_id, KeyKind.MAC), first["TAK"]["kept"],
            algorithm=house.form.algorithm, size=16,
        )  # fmt: skip
        with pytest.raises(Unavailable):
            await gone.cmac(b"")


async def _stores(house: KeyHouse) -> dict[str, Mapping[str, str]]:
    rows = await house.merchant.rows("SELECT kind, store, kept FROM pos_key WHERE state = 'current'")
    return {row["kind"]: row for row in rows}
