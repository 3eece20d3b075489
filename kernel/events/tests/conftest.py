"""Databases and buses for stories about events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.data.database import Database
from kernel.jobs.tests.toys import ToyRegistry, open_toys

Toys = tuple[Database, ToyRegistry]


@pytest.fixture(params=["sqlite", pytest.param("mysql", marks=pytest.mark.mariadb)])
async def toys(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Toys]:
    """An empty database and its registry, on SQLite and on MariaDB."""
    async with open_toys(request.param, tmp_path) as opened:
        yield opened
