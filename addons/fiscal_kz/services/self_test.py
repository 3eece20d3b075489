"""A register looks at itself: one list of ticks and crosses, at login and whenever somebody asks.

Nothing here writes, and nothing is said to the OFD: its door is knocked at, which no register's number or
token takes part in.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from addons.fiscal_kz.domain.engine_accept import block_refusal
from addons.fiscal_kz.domain.kinds import Link
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.clock import Measured, TimeSource, time_server_of
from addons.fiscal_kz.services.integrity import JOURNAL_BROKEN, refusal_of, verify_last_shift
from addons.fiscal_kz.services.jobs import lane_key
from addons.fiscal_kz.settings import FiscalSettings
from addons.organization.api import BoardLine, DeviceProbe, Severity, board_of, register_card
from kernel.errors import Fact, Refusal
from kernel.i18n import Explanation, explain, fill, read_texts

if TYPE_CHECKING:
    from addons.fiscal_kz.domain.ways import Way
    from addons.fiscal_kz.services.records import KkmRecord
    from kernel.data.database import Database
    from kernel.data.work import Reader
    from kernel.security.principal import Principal

TEXTS_FILE = Path(__file__).parents[1] / "locale" / "self_test.toml"
GOOD = "OK"
KNOCK_S = 3.0  # how long the OFD's door is waited for
DISK_FREE_MIN_BYTES = 500_000_000
GB = 1_000_000_000
BOARD_SOURCES = {"PRINTER": "delivery.printer", "TERMINAL": "pos_terminal"}
PROBES = {"TERMINAL": "terminal"}  # names under which a DeviceProbe may be offered

_LAST_EXCHANGE = """SELECT x.started_ms, x.ended_ms
FROM (SELECT id FROM fkz_document WHERE kkm_id = ? ORDER BY lane_seq DESC LIMIT 5) d
JOIN fkz_exchange x ON x.document_id = d.id
WHERE x.ended_ms IS NOT NULL AND x.code IS NOT NULL ORDER BY x.started_ms DESC LIMIT 1"""


class SelfCheck(StrEnum):
    """What is looked at, in the order of the screen."""

    STORE = "STORE"  # the fiscal store: the register's journal since its last shift began
    KKM = "KKM"  # active and not blocked
    OFD = "OFD"
    CLOCK = "CLOCK"
    DISK = "DISK"
    PRINTER = "PRINTER"
    TERMINAL = "TERMINAL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One tick or cross. code: OK or that of a refusal; took_ms: how long it took to find out; said: which
    text a tick has, if not the usual one.
    """

    check: SelfCheck
    severity: Severity = Severity.OK
    code: str = GOOD
    facts: Mapping[str, Fact] = field(default_factory=dict)
    took_ms: int = 0
    said: str = ""

    @property
    def is_good(self) -> bool:
        """A tick."""
        return self.severity is Severity.OK

    def title(self, language: str) -> str:
        """What was looked at."""
        return _texts()[self.check][language]

    def explain(self, language: str) -> Explanation:
        """What was found, and what to do."""
        if self.code != GOOD:
            return explain(self.code, self.facts, language)
        return Explanation(fill(_texts()[self.said or f"{self.check}_OK"][language], self.facts))


class Door(Protocol):
    """The way to an OFD, without a word to it. An adapter implements it."""

    async def knock(self, way: Way, *, wait_s: float) -> str | None:
        """None when somebody opens, with TLS if the way has it; else refused, certificate or timeout."""


async def self_test(database: Database, principal: Principal, register_id: str) -> list[Finding]:
    """All findings, in the order of SelfCheck. A flow: the network is met outside of any transaction.

    Raises Refusal: REGISTER_UNKNOWN, REGISTER_FORBIDDEN.
    """
    async with database.reading(principal) as reader:
        principal.require_register(register_id)
        await register_card(reader, register_id)
        kkm = await store.kkm_of_register(reader, register_id)
        now_ms = reader.now_ms
        found = [await _store(reader, register_id, kkm), _kkm(kkm)]
        exchange = None if kkm is None else await reader.row(_LAST_EXCHANGE, kkm.id)
        settings = reader.settings(FiscalSettings)
        board = await board_of(reader, register_id)
    exchange_ms = 0 if exchange is None else exchange["ended_ms"] - exchange["started_ms"]
    found += await asyncio.gather(
        _ofd(database.registry.port(Door), kkm, settings, exchange_ms),
        _clock(database, kkm, settings, now_ms),
    )
    reported = _reported(board)
    found += [_disk(database), *[await _probed(database, principal, register_id, each) for each in reported]]
    order = list(SelfCheck)
    return sorted(found, key=lambda each: order.index(each.check))


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Mapping[str, str]]:
    return read_texts(TEXTS_FILE)


async def _store(reader: Reader, register_id: str, kkm: KkmRecord | None) -> Finding:
    begun = perf_counter()
    verdict = await verify_last_shift(reader, lane_key(register_id), "" if kkm is None else kkm.id)
    took_ms = _since_ms(begun)
    if not verdict.is_whole:
        facts = refusal_of(verdict, kkm).facts
        return Finding(SelfCheck.STORE, Severity.ERROR, JOURNAL_BROKEN, facts, took_ms)
    return Finding(SelfCheck.STORE, facts={"entries": verdict.entries}, took_ms=took_ms)


def _kkm(kkm: KkmRecord | None) -> Finding:
    if kkm is None or not kkm.state.is_active:
        return Finding(SelfCheck.KKM, Severity.ERROR, "KKM_NOT_ACTIVE")
    code = block_refusal(kkm.state)
    if code is not None:
        return Finding(SelfCheck.KKM, Severity.ERROR, code)
    return Finding(SelfCheck.KKM, facts={"number": kkm.card.registration_number or str(kkm.ofd_id)})


async def _ofd(door: Door, kkm: KkmRecord | None, settings: FiscalSettings, exchange_ms: int) -> Finding:
    if kkm is None:
        return Finding(SelfCheck.OFD, Severity.ERROR, "KKM_NOT_ACTIVE")
    try:
        way = settings.profile(kkm.profile).way
    except Refusal as refusal:
        return Finding(SelfCheck.OFD, Severity.ERROR, refusal.code, refusal.facts)
    begun = perf_counter()
    reason = await door.knock(way, wait_s=KNOCK_S)
    took_ms = _since_ms(begun)
    if reason == "certificate":
        return Finding(SelfCheck.OFD, Severity.WARNING, "OFD_CERTIFICATE_WRONG", took_ms=took_ms)
    if reason is not None:
        return Finding(SelfCheck.OFD, Severity.WARNING, "OFD_SILENT", took_ms=took_ms)
    if kkm.state.link is Link.OFFLINE or kkm.state.undelivered:
        return Finding(SelfCheck.OFD, Severity.WARNING, "KKM_OFFLINE", took_ms=took_ms)
    return Finding(SelfCheck.OFD, facts={"ms": took_ms, "exchange_ms": exchange_ms}, took_ms=took_ms)


async def _clock(database: Database, kkm: KkmRecord | None, settings: FiscalSettings, now_ms: int) -> Finding:
    """Against the time server if there is one, else against what is known of the register."""
    if kkm is not None and now_ms + settings.rules.clock_tolerance_ms < kkm.state.last_document_ms:
        return Finding(SelfCheck.CLOCK, Severity.ERROR, "KKM_CLOCK_BEHIND")
    server = time_server_of(settings)
    if server is None:
        return _drift(0 if kkm is None else kkm.state.clock_drift_ms, settings)
    begun = perf_counter()
    measured: Measured | None = await database.registry.port(TimeSource).measure(*server, database.clock)
    took_ms = _since_ms(begun)
    if measured is None:
        facts: dict[str, Fact] = {"server": settings.time_server}
        return Finding(SelfCheck.CLOCK, Severity.WARNING, "TIME_SERVER_SILENT", facts, took_ms)
    drift = _drift(measured.drift_ms, settings)
    said: dict[str, Fact] = {"ms": measured.drift_ms} if drift.is_good else dict(drift.facts)
    return Finding(SelfCheck.CLOCK, drift.severity, drift.code, said, took_ms, "CLOCK_MEASURED")


def _drift(drift_ms: int, settings: FiscalSettings) -> Finding:
    facts: dict[str, Fact] = {"seconds": drift_ms // 1_000}
    if abs(drift_ms) > settings.clock_refuse_seconds * 1_000:
        return Finding(SelfCheck.CLOCK, Severity.ERROR, "KKM_CLOCK_WRONG", facts)
    if abs(drift_ms) > settings.clock_warn_seconds * 1_000:
        return Finding(SelfCheck.CLOCK, Severity.WARNING, "KKM_CLOCK_DRIFTS", facts)
    return Finding(SelfCheck.CLOCK)


def _disk(database: Database) -> Finding:
    """Room where this process stands; with SQLite that is where the data are."""
    url = database.url
    folder = Path(url.path).parent if url.dialect == "sqlite" else Path()
    free = shutil.disk_usage(folder).free
    facts: dict[str, Fact] = {"gb": f"{free // GB}.{free % GB * 10 // GB}"}
    if free < DISK_FREE_MIN_BYTES:
        return Finding(SelfCheck.DISK, Severity.ERROR, "DISK_ALMOST_FULL", facts)
    return Finding(SelfCheck.DISK, facts=facts)


def _reported(board: Sequence[BoardLine]) -> list[Finding]:
    """What is plugged in elsewhere and told about on the status board."""
    found = []
    for name, source in BOARD_SOURCES.items():
        line = next((each for each in board if each.source == source), None)
        found.append(
            Finding(SelfCheck(name))
            if line is None
            else Finding(SelfCheck(name), line.severity, line.code, line.facts)
        )
    return found


async def _probed(database: Database, principal: Principal, register_id: str, told: Finding) -> Finding:
    """The same after a look at the device itself, where an add-on knows how to look."""
    probe = database.registry.offers(DeviceProbe).get(PROBES.get(told.check, ""))
    if probe is None:
        return told
    begun = perf_counter()
    seen = await probe.look(database, principal, register_id)
    took_ms = _since_ms(begun)
    if isinstance(seen, BoardLine):
        return Finding(told.check, seen.severity, seen.code, seen.facts, took_ms)
    if seen is None or not told.is_good:
        return told
    return Finding(told.check, facts=seen, took_ms=took_ms, said=f"{told.check}_READY")


def _since_ms(begun: float) -> int:
    return round((perf_counter() - begun) * 1000)
