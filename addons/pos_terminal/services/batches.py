"""Batches of a terminal: cut off at the end of the banking day, compared with the host, closed.

The cut stands in the terminal's own lane, after what was begun before it; from then on operations bear the
next number. The comparison has a lane of its own: a host that is away keeps no buyer waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from addons.organization.api import Severity, report_status
from addons.pos_terminal.domain.driver import (
    Agreed,
    BatchOperation,
    BatchTotals,
    Declined,
    DriverOrder,
    DriverOutcome,
    EntryMode,
    NotSent,
    Step,
)
from addons.pos_terminal.domain.payment import UNSETTLED, OperationKind, PaymentState
from addons.pos_terminal.services.news import CARDS_TOPIC
from addons.pos_terminal.services.payment_rows import marks
from addons.pos_terminal.services.payment_step import driver_of, lane_key
from addons.pos_terminal.services.stan import next_stan
from addons.pos_terminal.services.terminal_card import terminal_card, terminal_terms
from addons.pos_terminal.services.terminals import terminal_row
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.jobs.policy import DONE, Again, Settled
from kernel.money import Money

if TYPE_CHECKING:
    from addons.pos_terminal.services.ports import TerminalDriver
    from kernel.data.work import Reader, SqlRow, Work
    from kernel.jobs.lanes import Job

CUT_JOB, CLOSE_JOB = "pos_terminal.cut_batch", "pos_terminal.close_batch"
BATCH_MAX = 999_999  # then 1 again
BATCH_OPERATIONS_MAX = 100_000
BATCHES_SHOWN = 400
WAIT_MS, WAIT_LIMIT_MS = 30_000, 3_600_000  # for operations of the batch that are not over
PAUSE_MS, PAUSE_LONG_MS, QUICK_ATTEMPTS = 10_000, 300_000, 6
GIVE_UP_MS = 24 * 3_600_000
OUT_OF_BALANCE = "out_of_balance"  # the host's word that the sums differ after an upload, too
SOURCE = "pos_terminal.batch"  # on the status board
CLOSING, CLOSED, DIFFERS, UNANSWERED = "closing", "closed", "differs", "unanswered"

_TAKEN = (PaymentState.APPROVED, PaymentState.VOIDED, PaymentState.REFUNDED)
_OPERATIONS = f"""
SELECT * FROM pos_payment WHERE terminal_id = ? AND batch = ? AND company_id = ?
AND state IN ({marks(_TAKEN)}) ORDER BY stan LIMIT ?
"""
_STEPS = {OperationKind.PURCHASE: Step.PAY, OperationKind.VOID: Step.VOID, OperationKind.REFUND: Step.REFUND}


@dataclass(frozen=True, slots=True)
class ClosePlan:
    """A comparison that is durable and may be performed now."""

    batch_id: str
    driver: TerminalDriver
    order: DriverOrder = field(repr=False)


async def close_by_hand(work: Work, terminal_id: str) -> str:
    """The open batch is cut off now and compared. Raises Refusal: TERMINAL_UNKNOWN, BATCH_EMPTY."""
    terminal = await terminal_row(work, terminal_id)
    if not await _has_operations(work, terminal_id, terminal["batch"]):
        raise Refusal("BATCH_EMPTY", field="terminalId", batch=terminal["batch"])
    await ask_cut(work, terminal_id, "")
    await work.audit("pos_terminal.close_batch", f"terminal:{terminal_id}", {"batch": terminal["batch"]})
    return terminal_id


async def ask_cut(work: Work, terminal_id: str, day: str) -> None:
    """Let the open batch end after what is under way. day: the banking day it ends, "" for none."""
    lane = await work.lane(lane_key(terminal_id), company_id=work.company_id)
    lane.enqueue(CUT_JOB, {"terminal": terminal_id, "day": day})


async def cut_batch(work: Work, job: Job) -> None:
    """The next operation bears the next number. An empty batch goes on."""
    terminal_id = str(job.body["terminal"])
    terminal = await terminal_row(work, terminal_id)
    batch = terminal["batch"]
    if not await _has_operations(work, terminal_id, batch):
        return
    terms = await terminal_terms(work, terminal_id)
    try:
        is_compared = driver_of(work, terms.driver).capabilities.has_settlement
    except Refusal:
        is_compared = False  # its driver is gone, and with it whom to ask
    sql = "UPDATE pos_terminal SET batch = ?, changed_ms = ? WHERE id = ? AND company_id = ?"
    await work.execute(sql, batch % BATCH_MAX + 1, work.now_ms, terminal_id, work.company_id)
    stans = [(await next_stan(work, terminal_id))[1] for _ in range(2)] if is_compared else [0, 0]
    batch_id = new_id()
    totals = _totals(await _operations(work, terminal_id, batch))
    await work.insert(
        "pos_batch",
        {
            "id": batch_id,
            "company_id": work.company_id,
            "contract_id": terms.contract_id,
            "terminal_id": terminal_id,
            "number": batch,
            "day": str(job.body["day"]),
            "state": CLOSING if is_compared else CLOSED,
            "stan": stans[0],
            "more_stan": stans[1],
            "result": "",
            "code": "",
            "attempts": 0,
            "created_ms": work.now_ms,
            "closed_ms": None if is_compared else work.now_ms,
            **_columns(totals),
        },
    )
    if is_compared:
        beside = await work.lane(f"pos-batch:{terminal_id}", company_id=work.company_id)
        beside.enqueue(CLOSE_JOB, {"batch": batch_id})
    work.notice(CARDS_TOPIC, work.company_id)


async def prepare_close(work: Work, job: Job) -> ClosePlan | Settled:
    """Totals as of now, once nothing of the batch is open any more, or for an hour at most."""
    row = await _batch(work, str(job.body["batch"]))
    if row is None or row["state"] != CLOSING:
        return DONE
    age_ms = work.now_ms - row["created_ms"]
    if age_ms < WAIT_LIMIT_MS and await _has_open(work, row):
        return Again(WAIT_MS)
    card, terms = await terminal_card(work, row["terminal_id"])
    try:
        driver = driver_of(work, terms.driver)
    except Refusal:
        return Again(PAUSE_LONG_MS)
    operations = await _operations(work, row["terminal_id"], row["number"])
    totals = _totals(operations)
    await _write(work, row, {**_columns(totals), "attempts": row["attempts"] + 1})
    order = DriverOrder(
        step=Step.SETTLE,
        operation_id=row["id"],
        terminal=card,
        amount=totals.purchases_sum - totals.voids_sum - totals.refunds_sum,
        stan=row["stan"],
        batch=row["number"],
        sent_ms=row["created_ms"],
        attempt=row["attempts"] + 1,
        deadline_ms=driver.capabilities.wait_max_ms,
        more_stans=(row["more_stan"],),
        totals=totals,
        operations=tuple(_upload(each) for each in operations),
    )
    return ClosePlan(row["id"], driver, order)


async def settle_close(work: Work, plan: ClosePlan, outcome: DriverOutcome) -> Settled:
    """In balance, different, or again after a pause."""
    row = await _batch(work, plan.batch_id)
    assert row is not None, "batches stay"
    match outcome:
        case Agreed(note) if note != OUT_OF_BALANCE:
            await _close(work, row, CLOSED, note)
            return DONE
        case Agreed(note):
            await _close(work, row, DIFFERS, note)
            return DONE
        case Declined(code):
            await _close(work, row, DIFFERS, "", code)
            return DONE
    if work.now_ms - row["created_ms"] >= GIVE_UP_MS:
        await _close(work, row, UNANSWERED, "", "ACQUIRER_ABSENT")
        return DONE
    code = outcome.code if isinstance(outcome, NotSent) else "CARD_OUTCOME_UNKNOWN"
    await _write(work, row, {"code": code})
    return Again(PAUSE_MS if row["attempts"] < QUICK_ATTEMPTS else PAUSE_LONG_MS)


async def batches_of(reader: Reader, terminal_id: str) -> Sequence[SqlRow]:
    """Batches of a terminal that were cut off, the latest first."""
    sql = "SELECT * FROM pos_batch WHERE terminal_id = ? AND company_id = ? ORDER BY id DESC LIMIT ?"
    return await reader.rows(sql, terminal_id, reader.company_id, BATCHES_SHOWN)


async def _close(work: Work, row: SqlRow, state: str, result: str, code: str = "") -> None:
    await _write(work, row, {"state": state, "result": result, "code": code, "closed_ms": work.now_ms})
    terminal = await terminal_row(work, row["terminal_id"])
    if terminal["register_id"] is not None:
        is_well = state == CLOSED
        await report_status(
            work,
            terminal["register_id"],
            source=SOURCE,
            severity=Severity.OK if is_well else Severity.WARNING,
            code="OK" if is_well else "CARD_BATCH_DIFFERS" if state == DIFFERS else "CARD_BATCH_UNANSWERED",
            since_ms=work.now_ms,
            facts={"batch": row["number"], "terminal": terminal["title"]},
        )
    work.notice(CARDS_TOPIC, work.company_id)


async def _write(work: Work, row: SqlRow, values: dict[str, str | int | None]) -> None:
    columns = ", ".join(f"{column} = ?" for column in values)
    sql = f"UPDATE pos_batch SET {columns} WHERE id = ? AND company_id = ?"
    await work.execute(sql, *values.values(), row["id"], work.company_id)


async def _batch(reader: Reader, batch_id: str) -> SqlRow | None:
    sql = "SELECT * FROM pos_batch WHERE id = ? AND company_id = ?"
    return await reader.row(sql, batch_id, reader.company_id)


async def _has_operations(reader: Reader, terminal_id: str, batch: int) -> bool:
    sql = "SELECT id FROM pos_payment WHERE terminal_id = ? AND batch = ? AND company_id = ? LIMIT 1"
    return await reader.row(sql, terminal_id, batch, reader.company_id) is not None


async def _has_open(reader: Reader, row: SqlRow) -> bool:
    states = [state.value for state in UNSETTLED]
    sql = f"""SELECT id FROM pos_payment WHERE terminal_id = ? AND batch = ? AND company_id = ?
              AND state IN ({marks(states)}) LIMIT 1"""
    found = await reader.row(sql, row["terminal_id"], row["number"], reader.company_id, *states)
    return found is not None


async def _operations(reader: Reader, terminal_id: str, batch: int) -> Sequence[SqlRow]:
    states = [state.value for state in _TAKEN]
    return await reader.rows(
        _OPERATIONS, terminal_id, batch, reader.company_id, *states, BATCH_OPERATIONS_MAX
    )


def _totals(rows: Sequence[SqlRow]) -> BatchTotals:
    """A void is counted beside the purchase it takes back; what was reversed is not among the rows."""
    counts = dict.fromkeys(OperationKind, 0)
    sums = dict.fromkeys(OperationKind, 0)
    for row in rows:
        kind = OperationKind(row["kind"])
        counts[kind] += 1
        sums[kind] += row["approved"]
    return BatchTotals(
        purchases=counts[OperationKind.PURCHASE],
        purchases_sum=Money(sums[OperationKind.PURCHASE]),
        voids=counts[OperationKind.VOID],
        voids_sum=Money(sums[OperationKind.VOID]),
        refunds=counts[OperationKind.REFUND],
        refunds_sum=Money(sums[OperationKind.REFUND]),
    )


def _columns(totals: BatchTotals) -> dict[str, str | int | None]:
    return {
        "purchases": totals.purchases,
        "purchases_tiyn": totals.purchases_sum.tiyn,
        "voids": totals.voids,
        "voids_tiyn": totals.voids_sum.tiyn,
        "refunds": totals.refunds,
        "refunds_tiyn": totals.refunds_sum.tiyn,
    }


def _upload(row: SqlRow) -> BatchOperation:
    return BatchOperation(
        step=_STEPS[OperationKind(row["kind"])],
        stan=row["stan"],
        amount=Money(row["approved"]),
        sent_ms=row["sent_ms"],
        rrn=row["rrn"],
        authorization_code=row["authorization_code"],
        response_code=row["response_code"],
        entry_mode=EntryMode(row["entry_mode"]),
    )
