"""A company chooses some settings for itself: only those meant for it, seen by itself alone, at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import ClassVar

import pytest

from kernel.addons.registry import Registry
from kernel.app import App
from kernel.company_settings import COMPANY, choose_setting
from kernel.errors import Refusal
from kernel.ids import CompanyId, new_id
from kernel.security.principal import SYSTEM, Principal
from kernel.testing.app import running_app
from tests.kernel.test_registry import manifest


@dataclass(frozen=True, slots=True)
class PaintSettings:
    SECTION: ClassVar[str] = "paint"

    coats: int = field(default=2, metadata=COMPANY)
    supplier: str = "ours"


MINE = SYSTEM.within(CompanyId(new_id()))
OTHER = SYSTEM.within(CompanyId(new_id()))


@pytest.fixture
async def app() -> AsyncIterator[App]:
    registry = Registry()
    with registry.owned_by(manifest("paint", settings=["paint"])):
        registry.settings(PaintSettings)
    registry.freeze()
    async with running_app(registry=registry, settings={"paint": {"coats": 3}}) as app:
        yield app


async def choose(app: App, name: str, text: str | None, principal: Principal = MINE) -> None:
    await app.database.transact(choose_setting, PaintSettings, name, text, principal=principal)


async def coats(app: App, principal: Principal) -> int:
    async with app.database.reading(principal) as reader:
        return reader.settings(PaintSettings).coats


async def seen(condition: Callable[[], object]) -> None:
    """Let the notice arrive; it is handled within a few turns of the loop."""
    for _ in range(1000):
        if await condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("not seen")


async def test_the_installation_decides_until_a_company_chooses(app: App) -> None:
    assert await coats(app, MINE) == 3
    assert await coats(app, SYSTEM) == 3


async def test_a_choice_counts_for_its_company_only(app: App) -> None:
    await choose(app, "coats", "5")

    await seen(lambda: _is(app, MINE, 5))
    assert await coats(app, OTHER) == 3
    assert await coats(app, SYSTEM) == 3


async def test_a_choice_can_be_taken_back(app: App) -> None:
    await choose(app, "coats", "5")
    await seen(lambda: _is(app, MINE, 5))

    await choose(app, "coats", None)

    await seen(lambda: _is(app, MINE, 3))


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("supplier", "mine", "SETTING_NOT_CHOOSABLE"),
        ("colour", "red", "SETTING_NOT_CHOOSABLE"),
        ("coats", "many", "SETTING_MALFORMED"),
    ],
)
async def test_what_is_not_for_a_company_is_refused(app: App, name: str, text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        await choose(app, name, text)

    assert refused.value.code == code
    assert await coats(app, MINE) == 3


async def test_a_stored_value_that_fits_no_more_is_left_out(app: App) -> None:
    async def store_nonsense(work) -> None:
        row = {"id": new_id(), "company_id": work.company_id, "name": "paint.coats", "value": "many"}
        await work.insert("kernel_company_setting", row)

    await app.database.transact(store_nonsense, principal=MINE)
    async with app.database.reading(SYSTEM) as reader:
        await app.database.choices.refresh(reader)

    assert await coats(app, MINE) == 3


async def _is(app: App, principal: Principal, expected: int) -> bool:
    return await coats(app, principal) == expected
