"""The same stories on both kinds of database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.data import conversation, gathered
from kernel.data.database import Database
from kernel.jobs.tests.shops import Wire, open_shops
from kernel.jobs.tests.toys import ToyRegistry, open_toys

Toys = tuple[Database, ToyRegistry]


@pytest.fixture(params=["sqlite", pytest.param("mysql", marks=pytest.mark.mariadb)])
async def toys(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Toys]:
    """An empty database and its registry, on SQLite and on MariaDB."""
    async with open_toys(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Toys]:
    """On SQLite only, for stories that have nothing to do with locks."""
    async with open_toys("sqlite", tmp_path) as opened:
        yield opened


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Listens to Works on a server, alone and in groups."""
    wire = Wire()
    for module in (conversation, gathered):
        monkeypatch.setattr(module, "converse", wire.converse)
    return wire


@pytest.fixture
async def shops() -> AsyncIterator[list[Database]]:
    """Two processes on MariaDB."""
    async with open_shops() as opened:
        yield opened
