"""The exchange of working keys: asked for by people or by the clock, done in the terminal's lane.

Both keys of an exchange come into force together, after their check values agreed; those before stay for
answers that are on their way. An exchange that failed changes nothing, and is asked for again by the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.driver import Agreed, Declined, DriverOrder, DriverOutcome, NotSent, Step
from addons.pos_terminal.domain.keys import EARLY_MS, RETRY_MS, KeyKind, KeyState, UpdateState
from addons.pos_terminal.domain.terminal import TerminalState
from addons.pos_terminal.services.contracts import capabilities_of, contract_row
from addons.pos_terminal.services.keys_store import (
    DATABASE_STORE,
    WRAPPED_STORE,
    ClearKey,
    KeyHandle,
    KeyPlace,
    chosen_store,
    handle_of,
    open_block,
)
from addons.pos_terminal.services.news import CARDS_TOPIC
from addons.pos_terminal.services.payment_step import driver_of, lane_key
from addons.pos_terminal.services.ports import TerminalDriver
from addons.pos_terminal.services.stan import next_stan
from addons.pos_terminal.services.terminal_card import terminal_card
from addons.pos_terminal.services.terminals import note_working_keys, terminal_row
from addons.pos_terminal.settings import AcquiringSettings
from kernel.errors import Refusal, Unavailable
from kernel.ids import CompanyId, new_id
from kernel.jobs.policy import DONE, Settled
from kernel.money import Money
from kernel.security.principal import SYSTEM
from protocols.iso8583.crypto import CHECK_SIZE, Algorithm, MacRule, are_equal, check_value
from protocols.iso8583.errors import BadKey
from protocols.iso8583.key_block import OpenedKey, Usage

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Param, Reader, SqlRow, Work
    from kernel.jobs.lanes import Job

KEYS_JOB, FORGET_JOB = "pos_terminal.keys", "pos_terminal.forget_key"
REFRESH_EVERY = timedelta(minutes=1)
REFRESH_MAX = 100  # terminals a minute
EXCHANGE_LIMIT_MS = 60_000
FURTHER_MESSAGES = 2  # the second key, and signing on where the contract wants it
CHECK_DIGITS = CHECK_SIZE * 2

KEYS_REJECTED = "TERMINAL_KEYS_REJECTED"  # a driver's word that its host does not know the keys

_PIN_USAGES = frozenset({Usage.PIN.value})
_MAC_USAGES = {
    Usage.MAC_CMAC.value: MacRule.CMAC,
    Usage.MAC_RETAIL.value: MacRule.X9_19,
    Usage.MAC_X9_9.value: MacRule.X9_9,
}
_MASTER = """SELECT algorithm, size, store, kept FROM pos_key
WHERE terminal_id = ? AND company_id = ? AND kind = 'TMK' AND state = 'current'"""
_STALE = """
SELECT t.id, t.company_id FROM pos_terminal t
JOIN pos_key m ON m.terminal_id = t.id AND m.kind = 'TMK' AND m.state = 'current'
LEFT JOIN pos_key_update u ON u.id = t.id
WHERE t.state IN ('keys_loaded', 'active') AND (t.keys_loaded_ms IS NULL OR t.keys_loaded_ms <= ?)
AND (u.id IS NULL OR (u.state <> 'queued' AND u.ended_ms <= ?))
ORDER BY t.keys_loaded_ms, t.id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class ExchangePlan:
    """An exchange that may begin: its numbers are durable."""

    database: Database
    driver: TerminalDriver
    order: DriverOrder = field(repr=False)
    master: KeyHandle


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was proved. kept: in which way it lies in `store`."""

    kind: KeyKind
    algorithm: Algorithm
    size: int
    check_value: str
    store: str
    kept: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Exchanged:
    """keys: both new ones; none when the exchange failed, with the code of why."""

    keys: tuple[NewKey, ...] = ()
    code: str = ""


async def ask_update(work: Work, terminal_id: str) -> str:
    """Have the working keys exchanged; the terminal's id. While one is on its way, nothing more happens.

    Raises Refusal: TERMINAL_UNKNOWN, REGISTER_FORBIDDEN, TERMINAL_CLOSED, TERMINAL_BLOCKED,
    TERMINAL_HAS_NO_KEYS, TERMINAL_NOT_READY, TERMINAL_MASTER_KEY_NEEDED.
    """
    row = await terminal_row(work, terminal_id)
    if row["register_id"] is not None:
        work.principal.require_register(row["register_id"])
    await require_keys(work, row)
    if row["state"] == TerminalState.BLOCKED:
        raise Refusal("TERMINAL_BLOCKED", field="terminalId", title=row["title"])
    if await work.row(_MASTER, terminal_id, work.company_id) is None:
        raise Refusal("TERMINAL_MASTER_KEY_NEEDED", field="terminalId", title=row["title"])
    if await enqueue_update(work, terminal_id):
        await work.audit("pos_terminal.update_keys", f"terminal:{terminal_id}", {})
    return terminal_id


async def require_keys(reader: Reader, row: SqlRow) -> None:
    """Raises Refusal: TERMINAL_CLOSED, TERMINAL_HAS_NO_KEYS, TERMINAL_NOT_READY (it has no number yet)."""
    if row["state"] == TerminalState.CLOSED:
        raise Refusal("TERMINAL_CLOSED", field="terminalId", title=row["title"])
    contract = await contract_row(reader, row["contract_id"])
    if not capabilities_of(reader, contract["driver"]).needs_keys:
        raise Refusal("TERMINAL_HAS_NO_KEYS", field="terminalId", title=row["title"])
    if not row["terminal_code"]:
        raise Refusal("TERMINAL_NOT_READY", field="terminalId", title=row["title"])


async def enqueue_update(work: Work, terminal_id: str) -> bool:
    """Put an exchange into the terminal's lane, unless one is there."""
    lane = await work.lane(lane_key(terminal_id), company_id=work.company_id)
    known = await work.row("SELECT state FROM pos_key_update WHERE id = ?", terminal_id)
    if known is not None and known["state"] == UpdateState.QUEUED:
        return False
    fresh: dict[str, Param] = {
        "state": UpdateState.QUEUED.value,
        "code": "",
        "asked_ms": work.now_ms,
        "asked_by": work.principal.subject_id,
        "ended_ms": None,
    }
    if known is None:
        await work.insert("pos_key_update", {"id": terminal_id, "company_id": work.company_id, **fresh})
    else:
        await _write_update(work, terminal_id, fresh)
    lane.enqueue(KEYS_JOB, {"terminal": terminal_id})
    work.notice(CARDS_TOPIC, work.company_id)
    return True


async def distrust_keys(work: Work, terminal_id: str, outcome: DriverOutcome) -> bool:
    """When the host does not know the keys that signed a message: no operation begins before new ones were
    exchanged, which the clock sees to. Keys younger than an exchange are believed. Whether it was so.
    """
    if getattr(outcome, "code", "") != KEYS_REJECTED:
        return False
    sql = """UPDATE pos_terminal SET keys_loaded_ms = NULL
             WHERE id = ? AND company_id = ? AND keys_loaded_ms <= ?"""
    await work.execute(sql, terminal_id, work.company_id, work.now_ms - EXCHANGE_LIMIT_MS)
    return True


async def refresh_keys(work: Work) -> None:
    """Exchanges for terminals whose keys will soon be too old, are missing, or could not be exchanged."""
    age_ms = work.settings(AcquiringSettings).key_age_ms // timedelta(milliseconds=1)
    latest_ms = work.now_ms - max(age_ms - EARLY_MS, age_ms // 2)
    for row in await work.rows(_STALE, latest_ms, work.now_ms - RETRY_MS, REFRESH_MAX):
        with work.acting_as(SYSTEM.within(CompanyId(row["company_id"]))) as own:
            await enqueue_update(own, row["id"])


async def prepare_exchange(work: Work, job: Job) -> ExchangePlan | Settled:
    """Numbers for its messages, and the master key for use."""
    terminal_id = str(job.body["terminal"])
    await work.lane(job.lane_key, company_id=job.company_id)
    master = await work.row(_MASTER, terminal_id, work.company_id)
    try:
        if master is None:
            raise Refusal("TERMINAL_MASTER_KEY_NEEDED")
        card, _ = await terminal_card(work, terminal_id)
        driver = driver_of(work, card.driver)
        batch, stan = await next_stan(work, terminal_id)
        more = tuple([(await next_stan(work, terminal_id))[1] for _ in range(FURTHER_MESSAGES)])
    except Refusal as refusal:
        await _end(work, terminal_id, refusal.code)
        return DONE
    order = DriverOrder(
        Step.KEYS,
        str(job.id),
        card,
        Money.ZERO,
        stan=stan,
        more_stans=more,
        batch=batch,
        sent_ms=work.now_ms,
        deadline_ms=EXCHANGE_LIMIT_MS,
    )
    handle = handle_of(work.database, terminal_id, KeyKind.MASTER, master)
    return ExchangePlan(work.database, driver, order, handle)


async def exchange(plan: ExchangePlan) -> Exchanged:
    """Ask the host, prove both keys, take them in. Over the network, outside of transactions."""
    outcome = await plan.driver.perform(plan.order)
    if not isinstance(outcome, Agreed):
        return Exchanged(code=_why(outcome))
    try:
        return await _taken_in(plan, outcome.memo)
    except BadKey:
        return Exchanged(code="TERMINAL_KEYS_DIFFER")
    except Unavailable:
        return Exchanged(code="TERMINAL_KEYS_AWAY")


async def _taken_in(plan: ExchangePlan, memo: Mapping[str, str]) -> Exchanged:
    """Raises BadKey, Unavailable."""
    pin = await _proved(plan.master, memo.get("pin_key", ""), usages=_PIN_USAGES)
    mac = await _proved(plan.master, memo.get("mac_key", ""), usages=frozenset(_MAC_USAGES))
    rule = _MAC_USAGES[mac.header.usage]
    is_fit = mac.header.algorithm is rule.algorithm and len(mac.key) in rule.key_sizes
    if not is_fit or are_equal(pin.key, mac.key):
        return Exchanged(code="TERMINAL_KEYS_UNFIT")
    name, store = chosen_store(plan.database)
    place = KeyPlace(plan.order.terminal.id, KeyKind.MAC)
    kept = await store.keep(plan.database, place, ClearKey(mac.header.algorithm, mac.key))
    block = memo["pin_key"][CHECK_DIGITS:]
    return Exchanged((_new(KeyKind.MAC, mac, name, kept), _new(KeyKind.PIN, pin, WRAPPED_STORE, block)))


async def settle_exchange(work: Work, job: Job, plan: ExchangePlan, result: Exchanged) -> Settled:
    """Both keys into force, or why not."""
    terminal_id = plan.order.terminal.id
    lane = await work.lane(job.lane_key, company_id=job.company_id)
    for key in result.keys:
        await put_key(work, terminal_id, key)
    if result.keys:
        await note_working_keys(work, terminal_id)
    await _end(work, terminal_id, result.code)
    facts = {key.kind.value: key.check_value for key in result.keys}
    lane.journal("card.keys", {"terminal": terminal_id, "code": result.code, "check_values": facts})
    return DONE


async def put_key(work: Work, terminal_id: str, key: NewKey) -> None:
    """The key into force; the one in force becomes the previous one, the one before that is destroyed."""
    kind = key.kind.value
    await drop_keys(work, terminal_id, "kind = ? AND state = 'previous'", kind)
    retire = """UPDATE pos_key SET state = ?, retired_ms = ?
                WHERE terminal_id = ? AND company_id = ? AND kind = ? AND state = 'current'"""
    await work.execute(retire, KeyState.PREVIOUS.value, work.now_ms, terminal_id, work.company_id, kind)
    row: dict[str, Param] = {
        "id": new_id(),
        "company_id": work.company_id,
        "terminal_id": terminal_id,
        "kind": kind,
        "state": KeyState.CURRENT.value,
        "algorithm": key.algorithm.value,
        "size": key.size,
        "check_value": key.check_value,
        "store": key.store,
        "kept": key.kept,
        "loaded_ms": work.now_ms,
        "loaded_by": work.principal.subject_id,
        "retired_ms": None,
    }
    await work.insert("pos_key", row)


async def drop_keys(work: Work, terminal_id: str, condition: str, *params: Param) -> None:
    """Delete keys of a terminal, and have their stores destroy what they hold of them."""
    where = f"FROM pos_key WHERE terminal_id = ? AND company_id = ? AND {condition}"
    bound = (terminal_id, work.company_id, *params)
    for row in await work.rows(f"SELECT store, kept {where}", *bound):
        if row["store"] not in (DATABASE_STORE, WRAPPED_STORE):
            lane = await work.lane(f"pos-keys:{terminal_id}", company_id=work.company_id)
            lane.enqueue(FORGET_JOB, {"store": row["store"], "kept": row["kept"]})
    await work.execute(f"DELETE {where}", *bound)


async def _proved(master: KeyHandle, told: str, *, usages: frozenset[str]) -> OpenedKey:
    """A key out of a check value and a block. Raises BadKey."""
    check, block = told[:CHECK_DIGITS], told[CHECK_DIGITS:]
    opened = await open_block(master, block, usages=usages)
    if check_value(opened.header.algorithm, opened.key) != check.upper():
        raise BadKey("the check value differs")
    return opened


def _new(kind: KeyKind, opened: OpenedKey, store: str, kept: str) -> NewKey:
    check = check_value(opened.header.algorithm, opened.key)
    return NewKey(kind, opened.header.algorithm, len(opened.key), check, store, kept)


def _why(outcome: DriverOutcome) -> str:
    return outcome.code if isinstance(outcome, NotSent | Declined) else "TERMINAL_KEYS_UNANSWERED"


async def _end(work: Work, terminal_id: str, code: str) -> None:
    state = UpdateState.FAILED if code else UpdateState.DONE
    await _write_update(work, terminal_id, {"state": state.value, "code": code, "ended_ms": work.now_ms})
    work.notice(CARDS_TOPIC, work.company_id)


async def _write_update(work: Work, terminal_id: str, values: dict[str, Param]) -> None:
    columns = ", ".join(f"{column} = ?" for column in values)
    sql = f"UPDATE pos_key_update SET {columns} WHERE id = ? AND company_id = ?"
    await work.execute(sql, *values.values(), terminal_id, work.company_id)
