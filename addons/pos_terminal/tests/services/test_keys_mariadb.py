"""The statements about keys on MariaDB: a ceremony, exchanges, what is too old, and a second key at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from addons.pos_terminal.domain.driver import Approved
from addons.pos_terminal.domain.keys import CEREMONY_LIFE_MS
from addons.pos_terminal.services.keys_ceremony import expire_ceremonies
from addons.pos_terminal.services.keys_update import refresh_keys
from addons.pos_terminal.tests.services.key_house import key_house
from kernel.clock import FrozenClock
from kernel.security.principal import SYSTEM
from kernel.testing.schema import mysql_database

pytestmark = pytest.mark.mariadb


async def test_keys_live_on_mariadb_too(tmp_path: Path) -> None:
    async with mysql_database() as url, key_house(tmp_path, url=url) as house:
        database, clock = house.merchant.app.database, house.merchant.app.clock
        assert isinstance(clock, FrozenClock)
        await house.load()
        assert isinstance(await house.pay(125_000, stan=500), Approved)
        clock.advance(timedelta(hours=23))
        await database.transact(refresh_keys, principal=SYSTEM)
        await house.work()
        assert isinstance(await house.pay(125_000, stan=501), Approved)
        await house.ceremony()
        clock.advance(timedelta(milliseconds=CEREMONY_LIFE_MS))
        await database.transact(expire_ceremonies, principal=SYSTEM)
        await house.load()
        assert isinstance(await house.pay(125_000, stan=502), Approved)

        rows = await house.merchant.rows("SELECT kind, state FROM pos_key ORDER BY kind, state")
        assert [(row["kind"], row["state"]) for row in rows] == [
            ("TAK", "current"), ("TMK", "current"), ("TPK", "current"),
        ]  # fmt: skip
        wiped = await house.merchant.rows("SELECT id FROM pos_key_component WHERE sealed <> ''")
        assert wiped == []
