"""A worker's host made of toys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kernel.data.database import Database
from kernel.events.bus import Bus
from kernel.jobs.tests.toys import ToyRegistry, open_toys
from worker import worker as worker_module


@dataclass
class ToyHost:
    """What kernel.app.App is to a worker."""

    database: Database
    registry: ToyRegistry

    @property
    def bus(self) -> Bus:
        return self.database.bus


@pytest.fixture(params=["sqlite", pytest.param("mysql", marks=pytest.mark.mariadb)])
async def host(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ToyHost]:
    """On SQLite and on MariaDB."""
    async with open_toys(request.param, tmp_path) as (database, registry):
        yield ToyHost(database, registry)


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[ToyHost]:
    """On SQLite only."""
    async with open_toys("sqlite", tmp_path) as (database, registry):
        yield ToyHost(database, registry)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks for work every few milliseconds, for stories in which no notice comes."""
    monkeypatch.setattr(worker_module, "POLL_S", 0.01)
