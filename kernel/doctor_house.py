"""Checks of the installation itself, through its database: add-ons, migrations, workers, lanes, and what
add-ons look at. Nothing is changed.
"""

from __future__ import annotations

from pathlib import Path

from kernel.addons.lifecycle import load_chosen
from kernel.addons.registry import Registry
from kernel.app import App, table_sets
from kernel.clock import Clock, to_ms
from kernel.config import Config, DatabaseSettings
from kernel.data.database import DatabaseUrl
from kernel.data.migrate import pending
from kernel.data.work import Reader
from kernel.doctor_finding import Finding, Level
from kernel.errors import Fault
from kernel.security.principal import SYSTEM

WORKER_SILENT_MS = 60_000
WAITING_MAX_MS = 10 * 60_000


async def check_house(config: Config, clock: Clock) -> list[Finding]:
    """Every add-on can be loaded and is well, nothing is left to migrate, a worker lives, no lane is
    stuck.
    """
    url = config.section(DatabaseSettings).url
    try:
        registry = load_chosen(url)
    except Fault as fault:
        return [Finding("add-ons", Level.FAIL, str(fault).replace("\n", "; "), "sauda addon list")]
    names = ", ".join(manifest.name for manifest in registry.addons)
    findings = [Finding("add-ons", Level.OK, names)]
    left = await pending(url, table_sets(registry))
    if left:
        text = f"{len(left)} to apply: {', '.join(left[:5])}"
        return [*findings, Finding("migrations", Level.WARN, text, "sauda migrate")]
    findings.append(Finding("migrations", Level.OK, "all applied"))
    if DatabaseUrl.parse(url).dialect == "sqlite" and not _exists(url):
        return findings
    return [*findings, *await _look_inside(config, registry, to_ms(clock.now()))]


async def _look_inside(config: Config, registry: Registry, now_ms: int) -> list[Finding]:
    app = App.build(config, registry=registry)
    async with app.database.opened():
        async with app.database.reading(SYSTEM) as reader:
            findings = [await _worker(reader, now_ms), *await _lanes(reader, now_ms)]
        for each in registry.checkups:
            findings += await each.thing(app.database)
    return findings


async def _worker(reader: Reader, now_ms: int) -> Finding:
    row = await reader.row("SELECT MAX(seen_ms) AS seen_ms FROM kernel_worker")
    seen_ms = row["seen_ms"] if row else None
    if seen_ms is None:
        return Finding("worker", Level.WARN, "no worker is running", "sauda up, or sauda worker")
    age_ms = now_ms - int(seen_ms)
    if age_ms > WORKER_SILENT_MS:
        return Finding("worker", Level.WARN, f"silent for {age_ms // 1000} s", "sauda up, or sauda worker")
    return Finding("worker", Level.OK, f"seen {max(age_ms, 0) // 1000} s ago")


async def _lanes(reader: Reader, now_ms: int) -> list[Finding]:
    blocked = await reader.rows(
        "SELECT lane_key, blocked_code FROM kernel_lane "
        "WHERE blocked_code IS NOT NULL ORDER BY lane_key LIMIT 20"
    )
    findings = [
        Finding(
            "lane", Level.WARN, f"{row['lane_key']} stands still: {row['blocked_code']}", "see its register"
        )
        for row in blocked
    ]
    row = await reader.row("SELECT MIN(due_ms) AS due_ms FROM kernel_lane WHERE due_ms IS NOT NULL")
    waited_ms = now_ms - int(row["due_ms"]) if row and row["due_ms"] is not None else 0
    if waited_ms > WAITING_MAX_MS:
        text = f"a lane has been waiting for {waited_ms // 60_000} min"
        findings.append(Finding("queue", Level.WARN, text, "start more workers"))
    return findings or [Finding("lanes", Level.OK, "none stands still")]


def _exists(url: str) -> bool:
    return Path(DatabaseUrl.parse(url).path).exists()
