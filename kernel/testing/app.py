"""A whole application for a test: chosen add-ons, a fresh database, a clock that stands still."""

from __future__ import annotations

import base64
import shutil
import tempfile
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from kernel.addons.discovery import addon_folders, discover
from kernel.addons.graph import select
from kernel.addons.loader import load
from kernel.addons.manifest import Manifest
from kernel.addons.registry import Registry
from kernel.app import App, model_modules
from kernel.clock import Clock, FrozenClock
from kernel.config import Sources, load_config
from kernel.events.bus import Bus, MemoryBus
from kernel.testing.schema import create_tables, sqlite_url

OPENING_DAY = datetime(2026, 1, 15, 4, 30, tzinfo=UTC)  # half past nine in Almaty, 16 % VAT in force

# A key of its own, so that no test makes the key file of an installation.
TEST_SETTINGS = {"security": {"seal_key": "test:" + base64.b64encode(bytes(32)).decode()}}

TEMPLATE = "template.db"

_templates: dict[tuple[str, ...], tempfile.TemporaryDirectory[str]] = {}  # gone with the process


@asynccontextmanager
async def running_app(
    addons: Collection[str] | None = None,
    *,
    registry: Registry | None = None,
    clock: Clock | None = None,
    url: str | None = None,
    bus: Bus | None = None,
    settings: Mapping[str, Mapping[str, object]] | None = None,
) -> AsyncIterator[App]:
    """An open App with empty tables.

    addons: names wanted, with what they depend on (None: all); url: an existing empty database (None: a new
    SQLite file); settings: values by section, as the configuration file would give them.
    """
    registry = registry or load(select(_found(addon_folders()), addons))
    config = load_config(registry, Sources({**TEST_SETTINGS, **(settings or {})}, "test", {}))
    registry.bind_settings(config.values)
    with tempfile.TemporaryDirectory(prefix="sauda-test-") as folder:
        address = url or await _fresh_sqlite(registry, Path(folder))
        if url is not None:
            await create_tables(url, model_modules(registry))
        app = App(
            database_url=address,
            registry=registry,
            config=config,
            bus=bus or MemoryBus(),
            clock=clock or FrozenClock(OPENING_DAY),
        )
        async with app.running():
            yield app


@lru_cache(maxsize=1)
def _found(folders: tuple[Path, ...]) -> dict[str, Manifest]:
    return discover(folders)


async def _fresh_sqlite(registry: Registry, folder: Path) -> str:
    """A copy of a file with all tables, made once per set of add-ons and process."""
    key = tuple(manifest.name for manifest in registry.addons)
    if key not in _templates:
        made = tempfile.TemporaryDirectory(prefix="sauda-template-")
        await create_tables(f"sqlite:///{Path(made.name) / TEMPLATE}", model_modules(registry))
        _templates[key] = made
    url = sqlite_url(folder)
    shutil.copyfile(Path(_templates[key].name) / TEMPLATE, url.removeprefix("sqlite:///"))
    return url
