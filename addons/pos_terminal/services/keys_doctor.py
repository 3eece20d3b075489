"""What `sauda doctor` asks about keys: does their store work, and have terminals fallen behind."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.keys import KeyKind
from addons.pos_terminal.services.keys_store import (
    DATABASE_STORE,
    WRAPPED_STORE,
    ClearKey,
    KeyPlace,
    store_of,
)
from addons.pos_terminal.settings import AcquiringSettings
from kernel.doctor_finding import Finding, Level
from kernel.errors import Fault, Unavailable
from kernel.security.principal import SYSTEM
from protocols.iso8583.crypto import Algorithm, cmac

if TYPE_CHECKING:
    from kernel.data.database import Database

NAME = "keys of card terminals"
_STORES = "SELECT DISTINCT store FROM pos_key WHERE store <> ?"
_LATE = """SELECT COUNT(*) AS late FROM pos_terminal t
JOIN pos_key m ON m.terminal_id = t.id AND m.kind = 'TMK' AND m.state = 'current'
WHERE t.state IN ('keys_loaded', 'active') AND (t.keys_loaded_ms IS NULL OR t.keys_loaded_ms < ?)"""


async def check_keys(database: Database) -> list[Finding]:
    """A line for each store in use, and one for terminals whose keys are too old."""
    settings = database.registry.settings_of(AcquiringSettings)
    async with database.reading(SYSTEM) as reader:
        stores = {row["store"] for row in await reader.rows(_STORES, WRAPPED_STORE)}
        latest_ms = reader.now_ms - settings.key_age_ms // timedelta(milliseconds=1)
        counted = await reader.row(_LATE, latest_ms)
    if settings.key_store != DATABASE_STORE:
        stores.add(settings.key_store)
    findings = [await _tried(database, name) for name in sorted(stores)]
    late = 0 if counted is None else counted["late"]
    if late:
        text = f"{late} terminals wait for an exchange of keys and take no payments"
        findings.append(Finding(NAME, Level.WARN, text, "see updateRefusal of cardTerminalKeys"))
    return findings


async def _tried(database: Database, name: str) -> Finding:
    """A key goes in, signs rightly, and is destroyed."""
    place, key, said = KeyPlace("doctor", KeyKind.MAC), os.urandom(16), b"doctor"
    try:
        store = store_of(database, name)
        kept = await store.keep(database, place, ClearKey(Algorithm.AES, key))
        try:
            opened = store.opened(database, place, kept, algorithm=Algorithm.AES, size=len(key))
            is_right = await opened.cmac(said) == cmac(Algorithm.AES, key, said)
        finally:
            await store.forget(database, kept)
    except (Unavailable, Fault) as wrong:
        return Finding(
            NAME, Level.FAIL, f"store {name}: {wrong}", "pos_terminal.key_store, hsm_module, hsm_token"
        )
    if not is_right:
        return Finding(NAME, Level.FAIL, f"store {name} signs wrongly", "do not use this module")
    return Finding(NAME, Level.OK, f"store {name} keeps and uses keys")
