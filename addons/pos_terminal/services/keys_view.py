"""Keys and ceremonies as people may see them: check values, moments, names; nothing that opens anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.keys import CeremonyState, KeyKind, UpdateState
from addons.pos_terminal.services.keys_ceremony import ceremony_row
from addons.pos_terminal.services.terminals import terminal_row
from addons.pos_terminal.settings import AcquiringSettings

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow

_KEYS = """SELECT kind, check_value, loaded_ms, kept FROM pos_key
WHERE terminal_id = ? AND company_id = ? AND state = 'current'"""
_UPDATE = "SELECT state, code FROM pos_key_update WHERE id = ? AND company_id = ?"
_OPEN = """SELECT id FROM pos_key_ceremony
WHERE open_terminal_id = ? AND company_id = ? AND expires_ms > ?"""
_COMPONENTS = """SELECT number, entered_by, entered_ms, check_value FROM pos_key_component
WHERE ceremony_id = ? AND company_id = ? ORDER BY number"""


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key in force."""

    check_value: str
    loaded_ms: int


@dataclass(frozen=True, slots=True)
class KeysView:
    """fresh_until_ms: when working keys are too old for a payment; update_code: why an exchange failed."""

    terminal_id: str
    master: KeyView | None
    pin: KeyView | None
    mac: KeyView | None
    is_fresh: bool
    fresh_until_ms: int | None
    update_state: UpdateState | None
    update_code: str
    ceremony_id: str | None


@dataclass(frozen=True, slots=True)
class ComponentView:
    """Who entered a component when."""

    number: int
    entered_by: str
    entered_ms: int
    check_value: str


@dataclass(frozen=True, slots=True)
class CeremonyView:
    """check_value: of the whole key, "" before all components are there."""

    id: str
    terminal_id: str
    algorithm: str
    size: int
    state: CeremonyState
    component_count: int
    components: tuple[ComponentView, ...]
    check_value: str
    expires_ms: int


async def keys_view(reader: Reader, terminal_id: str) -> KeysView:
    """The keys of a terminal. Raises Refusal: TERMINAL_UNKNOWN, REGISTER_FORBIDDEN."""
    terminal = await _reached(reader, terminal_id)
    rows = await reader.rows(_KEYS, terminal_id, reader.company_id)
    keys = {row["kind"]: KeyView(row["check_value"], row["loaded_ms"]) for row in rows}
    update = await reader.row(_UPDATE, terminal_id, reader.company_id)
    ceremony = await reader.row(_OPEN, terminal_id, reader.company_id, reader.now_ms)
    loaded_ms = terminal["keys_loaded_ms"]
    age_ms = reader.settings(AcquiringSettings).key_age_ms // timedelta(milliseconds=1)
    until_ms = None if loaded_ms is None else loaded_ms + age_ms
    return KeysView(
        terminal_id,
        master=keys.get(KeyKind.MASTER.value),
        pin=keys.get(KeyKind.PIN.value),
        mac=keys.get(KeyKind.MAC.value),
        is_fresh=until_ms is not None and reader.now_ms <= until_ms,
        fresh_until_ms=until_ms,
        update_state=None if update is None else UpdateState(update["state"]),
        update_code="" if update is None else update["code"],
        ceremony_id=None if ceremony is None else ceremony["id"],
    )


async def ceremony_view(reader: Reader, ceremony_id: str) -> CeremonyView:
    """A ceremony. Raises Refusal("KEY_CEREMONY_UNKNOWN")."""
    row = await ceremony_row(reader, ceremony_id)
    components = await reader.rows(_COMPONENTS, ceremony_id, reader.company_id)
    state = CeremonyState(row["state"])
    if state.is_open and row["expires_ms"] <= reader.now_ms:
        state = CeremonyState.EXPIRED
    return CeremonyView(
        row["id"],
        row["terminal_id"],
        row["algorithm"],
        row["size"],
        state,
        row["components"],
        tuple(ComponentView(**each) for each in components),
        row["check_value"],
        row["expires_ms"],
    )


async def pin_key_block(reader: Reader, terminal_id: str) -> tuple[str, KeyView] | None:
    """The wrapped PIN key for the device. Raises Refusal: TERMINAL_UNKNOWN, REGISTER_FORBIDDEN."""
    await _reached(reader, terminal_id)
    for row in await reader.rows(_KEYS, terminal_id, reader.company_id):
        if row["kind"] == KeyKind.PIN:
            return row["kept"], KeyView(row["check_value"], row["loaded_ms"])
    return None


async def _reached(reader: Reader, terminal_id: str) -> SqlRow:
    row = await terminal_row(reader, terminal_id)
    if row["register_id"] is not None:
        reader.principal.require_register(row["register_id"])
    return row
