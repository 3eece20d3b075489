"""Life of an add-on: installed, upgraded, deactivated with its rows kept, activated again, purged only when
allowed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from packaging.version import Version

from kernel.addons.discovery import discover
from kernel.addons.lifecycle import (
    AddonState,
    Installed,
    activate,
    chosen,
    deactivate,
    install,
    installed_addons,
    purge,
    require_active,
    states_of,
    switch_for_company,
)
from kernel.addons.manifest import Manifest
from kernel.app import App
from kernel.clock import FrozenClock
from kernel.config_sections import JournalSettings
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.jobs.policy import BLOCKED_WITHOUT_HANDLER
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.testing.app import OPENING_DAY, running_app
from kernel.testing.schema import mysql_database

ADDONS = ("organization", "catalog")


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(OPENING_DAY)


@pytest.fixture
async def app(clock: FrozenClock) -> AsyncIterator[App]:
    """An application whose two add-ons are installed."""
    async with running_app(["catalog"], clock=clock) as app:
        await app.database.transact(install, app.registry.addons, principal=SYSTEM)
        yield app


def available() -> dict[str, Manifest]:
    found = discover()
    return {name: found[name] for name in ADDONS}


async def states(app: App) -> dict[str, Installed]:
    async with app.database.reading(SYSTEM) as reader:
        return await installed_addons(reader)


async def do(app: App, service, *words, principal: Principal = SYSTEM, **more):
    return await app.database.transact(service, *words, principal=principal, **more)


async def code_of(awaitable) -> str:
    with pytest.raises(Refusal) as refused:
        await awaitable
    return refused.value.code


async def test_installing_twice_changes_nothing(app: App) -> None:
    news = await do(app, install, app.registry.addons)

    assert news == []
    assert {name: each.state for name, each in (await states(app)).items()} == dict.fromkeys(
        ADDONS, AddonState.ACTIVE
    )


async def test_a_newer_version_is_an_upgrade_and_an_older_one_is_refused(app: App) -> None:
    now = app.registry.addon("catalog")
    newer = replace(now, version=Version("9.0"))

    news = await do(app, install, [newer])

    assert news == [f"catalog {now.version} → 9.0"]
    assert await code_of(do(app, install, [now])) == "ADDON_OLDER"


async def test_an_addon_others_need_cannot_be_deactivated(app: App) -> None:
    assert await code_of(do(app, deactivate, "organization", available=available())) == "ADDON_NEEDED"


async def test_a_deactivated_addon_is_not_loaded_next_time_and_its_rows_stay(app: App) -> None:
    await do(app, _add_group)

    await do(app, deactivate, "catalog", available=available())

    assert chosen(available(), await states(app)) == ["organization"]
    assert chosen(available(), states_of(f"sqlite:///{app.database.url.path}")) == ["organization"]
    async with app.database.reading(SYSTEM) as reader:
        assert await reader.row("SELECT id FROM cat_group") is not None


async def test_parked_jobs_go_on_after_activation(app: App) -> None:
    await do(app, deactivate, "catalog", available=available())
    await do(app, _park_lane)

    await do(app, activate, "catalog")

    async with app.database.reading(SYSTEM) as reader:
        lane = await reader.row("SELECT blocked_code, due_ms FROM kernel_lane")
    assert lane is not None
    assert lane["blocked_code"] is None
    assert lane["due_ms"] is not None
    assert chosen(available(), await states(app)) == sorted(ADDONS)


async def test_an_active_addon_is_not_purged(app: App) -> None:
    assert await code_of(do(app, purge, app.registry.addon("catalog"))) == "ADDON_ACTIVE"


async def test_rows_are_kept_until_their_retention_is_over(app: App, clock: FrozenClock) -> None:
    await do(app, _add_group)
    await do(app, deactivate, "catalog", available=available())
    manifest = app.registry.addon("catalog")

    assert await code_of(do(app, purge, manifest)) == "ADDON_RETENTION"
    clock.advance(JournalSettings().keep - timedelta(seconds=1))
    assert await code_of(do(app, purge, manifest)) == "ADDON_RETENTION"
    clock.advance(timedelta(seconds=1))
    assert "cat_group" in await do(app, purge, manifest)


async def test_an_addon_that_was_never_used_can_go_at_once(app: App) -> None:
    await do(app, deactivate, "catalog", available=available())

    dropped = await do(app, purge, app.registry.addon("catalog"))

    assert dropped
    assert all(table.startswith("cat_") for table in dropped)
    assert "catalog" not in await states(app)


async def test_what_is_not_installed_has_no_life(app: App) -> None:
    assert await code_of(do(app, activate, "nonsense")) == "ADDON_NOT_INSTALLED"


async def test_a_company_switches_an_addon_off_for_itself_only(app: App) -> None:
    mine, other = new_id(), new_id()
    me = Principal(PrincipalKind.SYSTEM, subject_id="test", company_id=mine)

    await do(app, switch_for_company, "catalog", principal=me, is_active=False)

    async with app.database.reading(me) as reader:
        assert await code_of(require_active(reader, "catalog")) == "ADDON_OFF_FOR_COMPANY"
    async with app.database.reading(SYSTEM.within(other)) as reader:
        await require_active(reader, "catalog")
    await do(app, switch_for_company, "catalog", principal=me, is_active=True)
    async with app.database.reading(me) as reader:
        await require_active(reader, "catalog")


@pytest.mark.mariadb
async def test_the_same_life_on_mariadb() -> None:
    async with mysql_database() as url, running_app(["catalog"], url=url) as app:
        await do(app, install, app.registry.addons)
        await do(app, deactivate, "catalog", available=available())
        assert chosen(available(), states_of(url)) == ["organization"]

        dropped = await do(app, purge, app.registry.addon("catalog"))

        assert "cat_product" in dropped
        assert set(states_of(url)) == {"organization"}


def test_a_new_database_has_no_states(tmp_path) -> None:
    assert states_of(f"sqlite:///{tmp_path / 'none.db'}") == {}
    assert not (tmp_path / "none.db").exists()


def test_whoever_needs_a_deactivated_addon_rests_with_it() -> None:
    resting = {"organization": Installed("organization", Version("1"), AddonState.INACTIVE)}

    assert chosen(available(), resting) == []


async def _add_group(work: Work) -> None:
    columns = await work.rows(
        "SELECT name, type, \"notnull\" AS is_needed FROM pragma_table_info('cat_group')"
    )
    values = {
        row["name"]: new_id() if row["name"].endswith("id") else (0 if "INT" in row["type"] else "x")
        for row in columns
        if row["is_needed"]
    }
    await work.insert("cat_group", values)


async def _park_lane(work: Work) -> None:
    lane = await work.lane("catalog:test", company_id=new_id())
    lane.enqueue("catalog.something", {})
    lane.block(BLOCKED_WITHOUT_HANDLER)
