"""A master key put together by several people, none of whom knows it: split knowledge and dual control.

Each person enters one component and compares its check value with the letter. When all are there, the check
value of the whole key is compared and confirmed, the key goes to its store, and the components are wiped.
What is not finished within an hour is wiped too. Source: PCI DSS 4.0.1, 3.7.6; PCI PIN 12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tortoise.exceptions import IntegrityError

from addons.pos_terminal.domain.keys import (
    CEREMONY_LIFE_MS,
    COMPONENTS_MAX,
    COMPONENTS_MIN,
    CeremonyState,
    KeyForm,
    KeyKind,
    check_whole_key,
    read_check_value,
    read_component,
)
from addons.pos_terminal.services.keys_store import ClearKey, KeyPlace, chosen_store
from addons.pos_terminal.services.keys_update import (
    NewKey,
    drop_keys,
    enqueue_update,
    put_key,
    require_keys,
)
from addons.pos_terminal.services.payment_step import lane_key
from addons.pos_terminal.services.terminals import note_master_key, terminal_row
from kernel.config_sections import SecuritySettings
from kernel.errors import Refusal, Unavailable
from kernel.ids import CompanyId, new_id
from kernel.security.principal import SYSTEM, PrincipalKind
from kernel.security.sealed import sealer_for
from protocols.iso8583.crypto import Algorithm, check_value, combined

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Param, Reader, SqlRow, Work
    from kernel.security.principal import Principal

EXPIRE_MAX = 500  # ceremonies a minute

_ONE = "SELECT * FROM pos_key_ceremony WHERE id = ? AND company_id = ?"
_LOCKED = {"sqlite": _ONE, "mysql": f"{_ONE} FOR UPDATE"}
_COMPONENTS = "SELECT * FROM pos_key_component WHERE ceremony_id = ? AND company_id = ? ORDER BY number"


@dataclass(frozen=True, slots=True)
class StartCeremony:
    """components: how many people will enter one each."""

    terminal_id: str
    form: KeyForm
    components: int = COMPONENTS_MIN


@dataclass(frozen=True, slots=True)
class EnterComponent:
    """component: hexadecimal digits. check_value: as in the letter; "" to compare by eye."""

    ceremony_id: str
    component: str = field(repr=False)
    check_value: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class _Ready:
    """A key put together, to be taken in."""

    terminal_id: str
    clear: ClearKey
    check_value: str


async def start_ceremony(work: Work, command: StartCeremony) -> str:
    """Begin; the ceremony's id.

    Raises Refusal: KEY_PEOPLE_ONLY, KEY_COMPONENTS_COUNT, TERMINAL_UNKNOWN, KEY_CEREMONY_OPEN and those of
    require_keys.
    """
    _require_person(work.principal)
    if not COMPONENTS_MIN <= command.components <= COMPONENTS_MAX:
        raise Refusal("KEY_COMPONENTS_COUNT", field="components", min=COMPONENTS_MIN, max=COMPONENTS_MAX)
    row = await terminal_row(work, command.terminal_id)
    await require_keys(work, row)
    sql = "SELECT * FROM pos_key_ceremony WHERE open_terminal_id = ? AND company_id = ?"
    known = await work.row(sql, command.terminal_id, work.company_id)
    if known is not None and known["expires_ms"] <= work.now_ms:
        await _end(work, known, CeremonyState.EXPIRED)
    ceremony_id = new_id()
    fresh: dict[str, Param] = {
        "id": ceremony_id,
        "company_id": work.company_id,
        "terminal_id": command.terminal_id,
        "open_terminal_id": command.terminal_id,
        "state": CeremonyState.OPEN.value,
        "algorithm": command.form.algorithm.value,
        "size": command.form.size,
        "components": command.components,
        "check_value": "",
        "started_ms": work.now_ms,
        "started_by": work.principal.subject_id,
        "expires_ms": work.now_ms + CEREMONY_LIFE_MS,
        "ended_ms": None,
        "ended_by": "",
    }
    try:
        await work.insert("pos_key_ceremony", fresh)
    except IntegrityError:
        raise Refusal("KEY_CEREMONY_OPEN", field="terminalId", title=row["title"]) from None
    facts = {"terminal": command.terminal_id, "form": command.form.value, "components": command.components}
    await work.audit("pos_terminal.start_key_ceremony", f"key_ceremony:{ceremony_id}", facts)
    return ceremony_id


async def enter_component(work: Work, command: EnterComponent) -> str:
    """One person's component; the ceremony's id. The last one makes it READY.

    Raises Refusal: KEY_PEOPLE_ONLY, KEY_CEREMONY_UNKNOWN, KEY_CEREMONY_ENDED, KEY_COMPONENTS_COMPLETE,
    KEY_COMPONENT_MALFORMED, KEY_COMPONENT_WEAK, KEY_CHECK_MALFORMED, KEY_CHECK_DIFFERS, KEY_SAME_PERSON.
    """
    _require_person(work.principal)
    row = await _open_ceremony(work, command.ceremony_id)
    if row["state"] != CeremonyState.OPEN:
        raise Refusal("KEY_COMPONENTS_COMPLETE")
    component = read_component(command.component, row["size"])
    algorithm = Algorithm(row["algorithm"])
    check = check_value(algorithm, component)
    if command.check_value and read_check_value(command.check_value) != check:
        raise Refusal("KEY_CHECK_DIFFERS", field="checkValue", found=check)
    known = await work.rows(_COMPONENTS, row["id"], work.company_id)
    person = work.principal.subject_id
    if any(each["entered_by"] == person for each in known):
        raise Refusal("KEY_SAME_PERSON")
    number = len(known) + 1
    sealer = sealer_for(work.settings(SecuritySettings))
    fresh: dict[str, Param] = {
        "id": new_id(),
        "company_id": work.company_id,
        "ceremony_id": row["id"],
        "number": number,
        "entered_by": person,
        "entered_ms": work.now_ms,
        "check_value": check,
        "sealed": sealer.seal(component.hex(), purpose=_purpose(row["id"], number)),
    }
    await work.insert("pos_key_component", fresh)
    facts = {"number": number, "check_value": check}
    await work.audit("pos_terminal.enter_key_component", f"key_ceremony:{row['id']}", facts)
    if number == row["components"]:
        whole = combined([*_opened(work, row["id"], known), component])
        values: dict[str, Param] = {
            "state": CeremonyState.READY.value,
            "check_value": check_whole_key(algorithm, whole),
        }
        await _write(work, row["id"], values)
    return str(row["id"])


async def confirm_ceremony(database: Database, principal: Principal, ceremony_id: str, check: str) -> str:
    """The whole key is the right one: take it in; the ceremony's id. Working keys are exchanged at once.

    check: the check value in the acquirer's letter. Raises Refusal: KEY_PEOPLE_ONLY, KEY_CEREMONY_UNKNOWN,
    KEY_CEREMONY_ENDED, KEY_COMPONENTS_MISSING, KEY_CHECK_MALFORMED, KEY_CHECK_DIFFERS, KEY_NOT_A_KEEPER,
    TERMINAL_KEYS_AWAY.
    """
    _require_person(principal)
    ready = await database.transact(_ready, ceremony_id, check, principal=principal)
    name, store = chosen_store(database)
    place = KeyPlace(ready.terminal_id, KeyKind.MASTER)
    try:
        kept = await store.keep(database, place, ready.clear)
    except Unavailable:
        raise Refusal("TERMINAL_KEYS_AWAY") from None
    key = NewKey(KeyKind.MASTER, ready.clear.algorithm, len(ready.clear.key), ready.check_value, name, kept)
    try:
        return await database.transact(_take_in, ceremony_id, check, key, principal=principal)
    except Refusal:  # cancelled or confirmed by somebody else meanwhile
        await store.forget(database, kept)
        raise


async def cancel_ceremony(work: Work, ceremony_id: str) -> str:
    """Wipe what was entered; the ceremony's id. Raises Refusal: KEY_CEREMONY_UNKNOWN, KEY_CEREMONY_ENDED."""
    row = await _open_ceremony(work, ceremony_id)
    await _end(work, row, CeremonyState.CANCELLED)
    await work.audit("pos_terminal.cancel_key_ceremony", f"key_ceremony:{ceremony_id}", {})
    return ceremony_id


async def expire_ceremonies(work: Work) -> None:
    """Wipe what was not finished in time."""
    sql = """SELECT id, company_id FROM pos_key_ceremony
             WHERE state IN ('open', 'ready') AND expires_ms <= ? ORDER BY expires_ms LIMIT ?"""
    for row in await work.rows(sql, work.now_ms, EXPIRE_MAX):
        with work.acting_as(SYSTEM.within(CompanyId(row["company_id"]))) as own:
            await _end(own, row, CeremonyState.EXPIRED)


async def ceremony_row(reader: Reader, ceremony_id: str) -> SqlRow:
    """A ceremony of the reader's company. Raises Refusal("KEY_CEREMONY_UNKNOWN")."""
    row = await reader.row(_ONE, ceremony_id, reader.company_id)
    if row is None:
        raise Refusal("KEY_CEREMONY_UNKNOWN", field="ceremonyId")
    return row


async def _ready(work: Work, ceremony_id: str, check: str) -> _Ready:
    row = await _confirmable(work, ceremony_id, check)
    components = await work.rows(_COMPONENTS, row["id"], work.company_id)
    whole = combined(_opened(work, row["id"], components))
    return _Ready(row["terminal_id"], ClearKey(Algorithm(row["algorithm"]), whole), row["check_value"])


async def _take_in(work: Work, ceremony_id: str, check: str, key: NewKey) -> str:
    """The key into force. Working keys that came under the one before are of no use any more."""
    row = await ceremony_row(work, ceremony_id)
    terminal_id = row["terminal_id"]
    await work.lane(lane_key(terminal_id), company_id=work.company_id)
    row = await _confirmable(work, ceremony_id, check)
    await drop_keys(work, terminal_id, "kind <> ?", KeyKind.MASTER.value)
    await put_key(work, terminal_id, key)
    await drop_keys(work, terminal_id, "state = 'previous'")
    await work.execute(
        "UPDATE pos_terminal SET keys_loaded_ms = NULL WHERE id = ? AND company_id = ?",
        terminal_id,
        work.company_id,
    )
    await note_master_key(work, terminal_id)
    await _end(work, row, CeremonyState.DONE)
    facts = {"terminal": terminal_id, "check_value": key.check_value}
    await work.audit("pos_terminal.confirm_key_ceremony", f"key_ceremony:{ceremony_id}", facts)
    await enqueue_update(work, terminal_id)
    return ceremony_id


async def _confirmable(work: Work, ceremony_id: str, check: str) -> SqlRow:
    row = await _open_ceremony(work, ceremony_id)
    if row["state"] != CeremonyState.READY:
        raise Refusal("KEY_COMPONENTS_MISSING", count=row["components"])
    keepers = await work.rows(_COMPONENTS, row["id"], work.company_id)
    if work.principal.subject_id not in {each["entered_by"] for each in keepers}:
        raise Refusal("KEY_NOT_A_KEEPER")
    if read_check_value(check) != row["check_value"]:
        raise Refusal("KEY_CHECK_DIFFERS", field="checkValue", found=row["check_value"])
    return row


async def _open_ceremony(work: Work, ceremony_id: str) -> SqlRow:
    row = await work.row(_LOCKED[work.dialect], ceremony_id, work.company_id)
    if row is None:
        raise Refusal("KEY_CEREMONY_UNKNOWN", field="ceremonyId")
    if not CeremonyState(row["state"]).is_open or row["expires_ms"] <= work.now_ms:
        raise Refusal("KEY_CEREMONY_ENDED", field="ceremonyId")
    return row


async def _end(work: Work, row: SqlRow, state: CeremonyState) -> None:
    values: dict[str, Param] = {
        "state": state.value,
        "open_terminal_id": None,
        "ended_ms": work.now_ms,
        "ended_by": work.principal.subject_id,
    }
    columns = ", ".join(f"{column} = ?" for column in values)
    bound = (row["id"], work.company_id)
    sql = f"UPDATE pos_key_ceremony SET {columns} WHERE id = ? AND company_id = ?"
    await work.execute(sql, *values.values(), *bound)
    wipe = "UPDATE pos_key_component SET sealed = '' WHERE ceremony_id = ? AND company_id = ?"
    await work.execute(wipe, *bound)


async def _write(work: Work, ceremony_id: str, values: dict[str, Param]) -> None:
    columns = ", ".join(f"{column} = ?" for column in values)
    sql = f"UPDATE pos_key_ceremony SET {columns} WHERE id = ? AND company_id = ?"
    await work.execute(sql, *values.values(), ceremony_id, work.company_id)


def _opened(reader: Reader, ceremony_id: str, rows: Sequence[SqlRow]) -> list[bytes]:
    sealer = sealer_for(reader.settings(SecuritySettings))
    return [
        bytes.fromhex(sealer.open(row["sealed"], purpose=_purpose(ceremony_id, row["number"])))
        for row in rows
    ]


def _require_person(principal: Principal) -> None:
    """A component is known to a person, never to a program."""
    if principal.kind is not PrincipalKind.USER:
        raise Refusal("KEY_PEOPLE_ONLY")


def _purpose(ceremony_id: str, number: int) -> str:
    return f"pos_terminal.key_component:{ceremony_id}:{number}"
