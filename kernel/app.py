"""The composition root.

One set of add-ons, one database, one bus, one clock. Whoever serves or works gets an App.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from tortoise.exceptions import OperationalError

from kernel.addons.lifecycle import load_chosen
from kernel.addons.registry import Registry
from kernel.clock import Clock, SystemClock
from kernel.config import BusSettings, Config, DatabaseSettings, SecuritySettings, load_config
from kernel.config_sections import CoreSettings
from kernel.data.database import Database
from kernel.data.migrate import KERNEL_APP, KERNEL_MIGRATIONS, TableSet
from kernel.errors import SetupFault
from kernel.events.bus import Bus, MemoryBus
from kernel.events.redis_bus import RedisBus
from kernel.security.guess_counts import counts_of
from kernel.security.principal import SYSTEM
from kernel.security.sealed import demand_seal_key
from kernel.signature.build import demand_signed

if TYPE_CHECKING:
    from kernel.gql.schema import KernelSchema

KERNEL_MODELS = (
    "kernel.data.tables",
    "kernel.jobs.models",
    "kernel.journal.models",
    "kernel.events.models",
    "kernel.addons.models",
    "kernel.mail.models",
)


class App:
    """Everything a process needs to serve requests or to work lanes.

    Use inside `async with app.running()`.
    """

    def __init__(
        self, *, database_url: str, registry: Registry, config: Config, bus: Bus, clock: Clock
    ) -> None:
        self.database_url = database_url
        self.registry = registry
        self.config = config
        self.bus = bus
        self.clock = clock
        self.database = Database(
            database_url, models=model_modules(registry), registry=registry, bus=bus, clock=clock
        )
        name = self.database.url.path
        self.guesses = counts_of(config.section(BusSettings).url, name=name, clock=clock)
        self.database.guesses = self.guesses

    @classmethod
    def build(
        cls, config: Config | None = None, *, registry: Registry | None = None, clock: Clock | None = None
    ) -> App:
        """Load the add-ons that are active here and read the settings; nothing is opened yet.

        In production raises SetupFault unless the software is signed (before anything of an add-on is
        loaded) and a sealing key is here.
        """
        demand_signed(config)
        registry = registry or load_chosen(config.section(DatabaseSettings).url if config else None)
        config = config or load_config(registry)
        demand_seal_key(
            config.section(SecuritySettings), is_production=config.section(CoreSettings).production
        )
        registry.bind_settings(config.values)
        return cls(
            database_url=config.section(DatabaseSettings).url,
            registry=registry,
            config=config,
            bus=bus_of(config.section(BusSettings).url),
            clock=clock or SystemClock(),
        )

    @cached_property
    def schema(self) -> KernelSchema:
        """The GraphQL schema of this set of add-ons, made once."""
        from kernel.gql.schema import build_schema  # commands that serve nothing need not load GraphQL

        return build_schema(self.registry)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[App]:
        """Open the bus and the database; close them on leaving. Raises NotPrepared before `sauda migrate`."""
        await self.bus.start()
        if self.guesses is not None:
            await self.guesses.start()
        try:
            async with self.database.opened():
                await self._demand_tables()
                async with self.database.choices.followed(self.database):
                    yield self
        finally:
            if self.guesses is not None:
                await self.guesses.close()
            await self.bus.close()

    async def _demand_tables(self) -> None:
        async with self.database.reading(SYSTEM) as reader:
            try:
                await reader.row("SELECT COUNT(*) FROM kernel_migration")
            except OperationalError as error:
                raise NotPrepared(error) from error


class NotPrepared(SetupFault):
    """The database has no tables of ours yet, or cannot be read."""

    def __init__(self, cause: Exception) -> None:
        super().__init__([f"the database is not prepared ({cause}); run: sauda migrate"])


def bus_of(url: str) -> Bus:
    """`memory:` within one process, `redis://…` between processes. Raises SetupFault for anything else."""
    if url.startswith("memory:"):
        return MemoryBus()
    if url.startswith(("redis://", "rediss://", "unix://")):
        return RedisBus(url)
    raise SetupFault([f"bus.url must begin with memory: or redis://, not {url.partition(':')[0]}:"])


def model_modules(registry: Registry) -> dict[str, tuple[str, ...]]:
    """Modules with models by Tortoise app label, the kernel first, then add-ons in dependency order."""
    return {KERNEL_APP: KERNEL_MODELS, **registry.model_modules}


def table_sets(registry: Registry) -> list[TableSet]:
    """What migrations are made from, in dependency order."""
    kernel = TableSet(KERNEL_APP, KERNEL_MODELS, KERNEL_MIGRATIONS)
    return [
        kernel,
        *(
            TableSet(label, modules, f"{registry.addon(label).package}.migrations")
            for label, modules in registry.model_modules.items()
        ),
    ]
