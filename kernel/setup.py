"""Making an installation ready to serve: tables, then the state of each add-on. Safe at every start."""

from __future__ import annotations

from kernel.addons.lifecycle import install
from kernel.app import App, table_sets
from kernel.config import DatabaseSettings
from kernel.data.migrate import Progress, migrate
from kernel.security.principal import SYSTEM


async def prepare(app: App, *, progress: Progress | None = None) -> tuple[list[str], list[str]]:
    """Migrate and install; keys of the files applied and a line for each add-on that is new or newer.

    Call it before `app.running()` is entered. Raises what kernel.data.migrate and lifecycle.install raise.
    """
    url = app.config.section(DatabaseSettings).url
    applied = await migrate(url, table_sets(app.registry), clock=app.clock, progress=progress)
    async with app.database.opened():
        news = await app.database.transact(install, app.registry.addons, principal=SYSTEM)
    return applied, news
