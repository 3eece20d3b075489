"""Terminals as rows: connected, changed, blocked, closed. How a new one is applied for is applications.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.exceptions import IntegrityError

from addons.organization.api import outlet_card, register_card
from addons.pos_terminal.domain.application import check_reason, check_title
from addons.pos_terminal.domain.commands import ChangeTerminal, ConnectTerminal, Place, ProvisionTerminal
from addons.pos_terminal.domain.contract import check_address, check_code
from addons.pos_terminal.domain.payment import UNSETTLED
from addons.pos_terminal.domain.terminal import TerminalState
from addons.pos_terminal.services.contracts import capabilities_of, contract_row, offered
from addons.pos_terminal.services.news import CARDS_TOPIC
from addons.pos_terminal.services.own_row import own_row
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

TERMINALS_MAX = 10_000  # of a company
_UNSETTLED = ", ".join(f"'{state.value}'" for state in sorted(UNSETTLED))


async def terminal_row(reader: Reader, terminal_id: str, *, field: str = "terminalId") -> SqlRow:
    """A terminal of the reader's company. Raises Refusal("TERMINAL_UNKNOWN")."""
    return await own_row(reader, "pos_terminal", terminal_id, unknown="TERMINAL_UNKNOWN", field=field)


async def new_terminal(
    work: Work, contract: SqlRow, place: Place, state: TerminalState, **values: str | int | None
) -> str:
    """A row for a terminal; its id. Raises Refusal: those of check_place, CONTRACT_INACTIVE, TERMINALS_MANY,
    TERMINAL_CODE_TAKEN.
    """
    if not contract["is_active"]:
        raise Refusal("CONTRACT_INACTIVE", field="contractId", title=contract["title"])
    sql = "SELECT COUNT(*) AS found FROM pos_terminal WHERE company_id = ?"
    counted = await work.row(sql, work.company_id)
    assert counted is not None, "an aggregate has one row"
    if counted["found"] >= TERMINALS_MAX:
        raise Refusal("TERMINALS_MANY", max=TERMINALS_MAX)
    place = await check_place(work, place)
    terminal_id = new_id()
    blank = dict.fromkeys(("serial_number", "address", "iban", "bic", "contact_email"), "")
    row: dict[str, str | int | None] = {
        "id": terminal_id,
        "company_id": work.company_id,
        "contract_id": contract["id"],
        "outlet_id": place.outlet_id,
        "register_id": place.register_id,
        "title": place.title,
        "state": state.value,
        "merchant_code": contract["merchant_code"],
        "is_through_agent": 0,
        "batch": 1,
        "last_stan": 0,
        "created_ms": work.now_ms,
        "changed_ms": work.now_ms,
        **blank,
        **values,
    }
    try:
        await work.insert("pos_terminal", row)
    except IntegrityError:
        raise Refusal("TERMINAL_CODE_TAKEN", field="terminalCode") from None
    work.notice(CARDS_TOPIC, work.company_id)
    return terminal_id


async def check_place(work: Work, place: Place) -> Place:
    """The same, tidy. Raises Refusal: OUTLET_UNKNOWN, REGISTER_UNKNOWN, TERMINAL_REGISTER_ELSEWHERE,
    APPLICATION_FIELD_…
    """
    await outlet_card(work, place.outlet_id)
    if place.register_id is not None:
        register = await register_card(work, place.register_id)
        if register.outlet_id != place.outlet_id:
            raise Refusal("TERMINAL_REGISTER_ELSEWHERE", field="registerId", number=register.number)
        if register.is_decommissioned:
            raise Refusal("REGISTER_DECOMMISSIONED", field="registerId", number=register.number)
    return Place(place.outlet_id, place.register_id, check_title(place.title))


async def check_serial(work: Work, serial_number: str, *, except_id: str | None = None) -> None:
    """One device is one terminal. Raises Refusal("TERMINAL_SERIAL_TAKEN")."""
    sql = """SELECT title FROM pos_terminal WHERE company_id = ? AND serial_number = ? AND id <> ?
             AND state NOT IN ('closed', 'rejected') LIMIT 1"""
    other = await work.row(sql, work.company_id, serial_number, except_id or "")
    if serial_number and other is not None:
        raise Refusal("TERMINAL_SERIAL_TAKEN", field="serialNumber", title=other["title"])


async def connect_terminal(work: Work, command: ConnectTerminal) -> str:
    """A smart terminal of the shop: no application, no keys of ours. Its id.

    Raises Refusal: TERMINAL_NEEDS_APPLICATION (its driver has keys), CONTRACT_UNKNOWN, ACQUIRER_…_MALFORMED
    and those of new_terminal and check_serial.
    """
    contract = await contract_row(work, command.contract_id)
    if capabilities_of(work, contract["driver"]).needs_keys:
        raise Refusal("TERMINAL_NEEDS_APPLICATION", field="contractId")
    serial = command.serial_number.strip()[:64]
    await check_serial(work, serial)
    terminal_id = await new_terminal(
        work,
        contract,
        command.place,
        TerminalState.ACTIVE,
        address=check_address(command.address),
        serial_number=serial,
        terminal_code=check_code(command.terminal_code, field="terminalCode") or None,
        is_through_agent=int(command.is_through_agent),
    )
    await work.audit("pos_terminal.connect", f"terminal:{terminal_id}", {"driver": contract["driver"]})
    return terminal_id


async def change_terminal(work: Work, command: ChangeTerminal) -> str:
    """Another name, till or address. A terminal that was applied for stays in the outlet of its application.

    Raises Refusal: TERMINAL_UNKNOWN, TERMINAL_CLOSED, TERMINAL_OUTLET_FIXED, TERMINAL_NOT_QUIET (another
    address while an operation is open) and those of check_place.
    """
    row = await terminal_row(work, command.id, field="id")
    if row["state"] == TerminalState.CLOSED:
        raise Refusal("TERMINAL_CLOSED", field="id", title=row["title"])
    place = await check_place(work, command.place)
    contract = await contract_row(work, row["contract_id"])
    needs_keys = capabilities_of(work, contract["driver"]).needs_keys
    if needs_keys and place.outlet_id != row["outlet_id"]:
        raise Refusal("TERMINAL_OUTLET_FIXED", field="outletId")
    address = check_address(command.address)
    if (address, command.is_through_agent) != (row["address"], bool(row["is_through_agent"])):
        await require_quiet(work, row)
    values: dict[str, str | int | None] = {
        "outlet_id": place.outlet_id,
        "register_id": place.register_id,
        "title": place.title,
        "address": address,
        "is_through_agent": int(command.is_through_agent),
    }
    await write_terminal(work, command.id, values)
    await work.audit("pos_terminal.change", f"terminal:{command.id}", {"title": place.title})
    return command.id


async def provision_terminal(work: Work, command: ProvisionTerminal) -> str:
    """The acquirer's numbers of an approved terminal; its keys are awaited.

    Raises Refusal: TERMINAL_UNKNOWN, TERMINAL_STATE, ACQUIRER_CODE_MALFORMED, APPLICATION_FIELD_EMPTY,
    TERMINAL_CODE_TAKEN.
    """
    row = await terminal_row(work, command.id, field="id")
    require_state(row, TerminalState.APPROVED, TerminalState.PROVISIONED)
    terminal_code = check_code(command.terminal_code, field="terminalCode")
    merchant_code = check_code(command.merchant_code, field="merchantCode") or row["merchant_code"]
    for name, code in (("terminalCode", terminal_code), ("merchantCode", merchant_code)):
        if not code:
            raise Refusal("APPLICATION_FIELD_EMPTY", field=name)
    values: dict[str, str | int | None] = {
        "terminal_code": terminal_code,
        "merchant_code": merchant_code,
        "state": TerminalState.PROVISIONED.value,
    }
    try:
        await write_terminal(work, command.id, values)
    except IntegrityError:
        raise Refusal("TERMINAL_CODE_TAKEN", field="terminalCode") from None
    facts = {"terminal_code": terminal_code, "merchant_code": merchant_code}
    await work.audit("pos_terminal.provision", f"terminal:{command.id}", facts)
    return command.id


async def note_master_key(work: Work, terminal_id: str) -> None:
    """Its master key is in: the first exchange of working keys is awaited. Called by the key services."""
    sql = "UPDATE pos_terminal SET state = ?, changed_ms = ? WHERE id = ? AND company_id = ? AND state = ?"
    states = (TerminalState.KEYS_LOADED.value, work.now_ms, terminal_id, work.company_id)
    await work.execute(sql, *states, TerminalState.PROVISIONED.value)
    work.notice(CARDS_TOPIC, work.company_id)


async def note_working_keys(work: Work, terminal_id: str) -> None:
    """Working keys were exchanged and their check values agree: it may take payments from now on.

    A blocked terminal stays blocked. Called by the key services.
    """
    sql = "UPDATE pos_terminal SET keys_loaded_ms = ?, changed_ms = ? WHERE id = ? AND company_id = ?"
    await work.execute(sql, work.now_ms, work.now_ms, terminal_id, work.company_id)
    sql = "UPDATE pos_terminal SET state = ? WHERE id = ? AND company_id = ? AND state IN (?, ?)"
    waiting = (TerminalState.PROVISIONED.value, TerminalState.KEYS_LOADED.value)
    await work.execute(sql, TerminalState.ACTIVE.value, terminal_id, work.company_id, *waiting)
    work.notice(CARDS_TOPIC, work.company_id)


async def block_terminal(work: Work, terminal_id: str, reason: str) -> str:
    """No new operation begins there; open ones end as they do.

    Raises Refusal: TERMINAL_UNKNOWN, TERMINAL_STATE, APPLICATION_FIELD_…
    """
    row = await terminal_row(work, terminal_id, field="id")
    require_state(row, TerminalState.ACTIVE, TerminalState.PROVISIONED, TerminalState.KEYS_LOADED)
    why = check_reason(reason)
    await write_terminal(work, terminal_id, {"state": TerminalState.BLOCKED.value})
    await work.audit("pos_terminal.block", f"terminal:{terminal_id}", {"reason": why})
    return terminal_id


async def unblock_terminal(work: Work, terminal_id: str) -> str:
    """Back to work; without working keys it waits for them.

    Raises Refusal: TERMINAL_UNKNOWN, TERMINAL_STATE.
    """
    row = await terminal_row(work, terminal_id, field="id")
    require_state(row, TerminalState.BLOCKED)
    contract = await contract_row(work, row["contract_id"])
    is_waiting = capabilities_of(work, contract["driver"]).needs_keys and row["keys_loaded_ms"] is None
    state = TerminalState.PROVISIONED if is_waiting else TerminalState.ACTIVE
    await write_terminal(work, terminal_id, {"state": state.value})
    await work.audit("pos_terminal.unblock", f"terminal:{terminal_id}", {})
    return terminal_id


async def close_terminal(work: Work, terminal_id: str) -> str:
    """It never works again: its secrets are dropped, its operator is free, its operations stay.

    Raises Refusal: TERMINAL_UNKNOWN, TERMINAL_CLOSED, TERMINAL_NOT_QUIET, TERMINAL_BATCH_OPEN (its host has
    not been told of the last operations: without keys it never would be).
    """
    row = await terminal_row(work, terminal_id, field="id")
    if row["state"] == TerminalState.CLOSED:
        raise Refusal("TERMINAL_CLOSED", field="id", title=row["title"])
    await require_quiet(work, row)
    await _require_told(work, row)
    await end_binding(work, terminal_id)
    sql = """UPDATE pos_application SET state = 'withdrawn' WHERE terminal_id = ? AND company_id = ?
             AND state NOT IN ('approved', 'withdrawn')"""
    await work.execute(sql, terminal_id, work.company_id)
    state = TerminalState.CLOSED.value
    await write_terminal(work, terminal_id, {"state": state, "operator_id": None, "secrets_sealed": None})
    await work.audit("pos_terminal.close", f"terminal:{terminal_id}", {})
    return terminal_id


async def _require_told(work: Work, terminal: SqlRow) -> None:
    contract = await contract_row(work, terminal["contract_id"])
    can = offered(work, contract["driver"])
    if can is None or not can.has_settlement:
        return
    sql = "SELECT id FROM pos_payment WHERE terminal_id = ? AND batch = ? AND company_id = ? LIMIT 1"
    in_batch = await work.row(sql, terminal["id"], terminal["batch"], work.company_id)
    sql = "SELECT id FROM pos_batch WHERE terminal_id = ? AND state = 'closing' AND company_id = ? LIMIT 1"
    if in_batch is not None or await work.row(sql, terminal["id"], work.company_id) is not None:
        raise Refusal("TERMINAL_BATCH_OPEN", field="id", title=terminal["title"])


async def end_binding(work: Work, terminal_id: str) -> None:
    """Whoever works with it does so no more: the line of history ends now."""
    sql = """UPDATE pos_operator_binding SET until_ms = ?, unbound_by = ?
             WHERE terminal_id = ? AND company_id = ? AND until_ms IS NULL"""
    await work.execute(sql, work.now_ms, work.principal.subject_id, terminal_id, work.company_id)


async def require_quiet(work: Work, terminal: SqlRow) -> None:
    """No operation of this terminal is open or unknown. Raises Refusal("TERMINAL_NOT_QUIET")."""
    sql = f"SELECT id FROM pos_payment WHERE terminal_id = ? AND state IN ({_UNSETTLED}) LIMIT 1"
    if await work.row(sql, terminal["id"]) is not None:
        raise Refusal("TERMINAL_NOT_QUIET", field="terminalId", title=terminal["title"])


def require_state(terminal: SqlRow, *states: TerminalState) -> None:
    """Raises Refusal("TERMINAL_STATE") unless it is in one of these."""
    if terminal["state"] not in states:
        raise Refusal("TERMINAL_STATE", field="id", title=terminal["title"], state=terminal["state"])


async def write_terminal(work: Work, terminal_id: str, values: dict[str, str | int | None]) -> None:
    """Change columns of a terminal and tell who listens."""
    columns = ", ".join(f"{column} = ?" for column in values)
    sql = f"UPDATE pos_terminal SET {columns}, changed_ms = ? WHERE id = ? AND company_id = ?"
    await work.execute(sql, *values.values(), work.now_ms, terminal_id, work.company_id)
    work.notice(CARDS_TOPIC, work.company_id)
