"""Health: `live` says the process answers, `ready` that it can do its work. No figures, no secrets here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from gateway.answers import json_answer
from kernel.app import App, table_sets
from kernel.data.migrate import pending
from kernel.security.principal import SYSTEM

PROBE_TIMEOUT_S = 3.0

Probe = Callable[[], Awaitable[bool]]


class Health:
    """The two health pages of one application and whatever else its process runs."""

    def __init__(self, app: App, probes: Mapping[str, Probe]) -> None:
        self._app = app
        self._probes: dict[str, Probe] = {
            "database": self._database,
            "migrations": self._migrations,
            **probes,
        }
        self._is_migrated = False

    async def live(self, request: Request) -> Response:
        """200 as long as the event loop turns."""
        return json_answer(200, {"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """200 when every probe says yes, else 503 naming those that do not."""
        answers = await asyncio.gather(*(_ask(probe) for probe in self._probes.values()))
        checks = dict(zip(self._probes, answers, strict=True))
        is_ready = all(checks.values())
        named = {name: "ok" if good else "failed" for name, good in checks.items()}
        return json_answer(
            200 if is_ready else 503, {"status": "ok" if is_ready else "failed", "checks": named}
        )

    async def _database(self) -> bool:
        async with self._app.database.reading(SYSTEM) as reader:
            return await reader.row("SELECT 1 AS one") is not None

    async def _migrations(self) -> bool:
        """Nothing left to apply; once true it stays so: files do not change under a running process."""
        if not self._is_migrated:
            self._is_migrated = not await pending(self._app.database_url, table_sets(self._app.registry))
        return self._is_migrated


async def _ask(probe: Probe) -> bool:
    """The probe's answer; silence, and any failure of a dependency, is a no."""
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            return await probe()
    except Exception:  # noqa: BLE001 - whatever a dependency raises, the answer is "not ready"
        return False
