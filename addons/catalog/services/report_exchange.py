"""A device says how far it is with an order."""

from __future__ import annotations

from addons.catalog.domain.exchange import (
    NOTE_LENGTH_MAX,
    ExchangeKind,
    ExchangeState,
    FailReason,
    ReportExchange,
    may_follow,
)
from addons.catalog.services.ack_catalog import FOLLOWER, follower_of
from addons.catalog.services.exchange_rows import (
    SELECT_EXCHANGE,
    ExchangeRow,
    change_exchange,
    clear_board,
    exchange_row,
    fail_exchange,
)
from kernel.data.work import Param, Work
from kernel.errors import Refusal
from kernel.texts import one_line

MOVED_MAX = 1_000_000_000
_LOCK = {"sqlite": "", "mysql": " FOR UPDATE"}
_APPLIED = (
    f"""SELECT epoch, seq FROM {FOLLOWER} WHERE register_id = ? AND follower_id = ? AND company_id = ?"""
)


async def report_exchange(work: Work, command: ReportExchange) -> str:
    """Move the order on; its id. The same report again changes nothing.

    Raises Refusal: EXCHANGE_UNKNOWN, REGISTER_FORBIDDEN, EXCHANGE_IS_OVER, EXCHANGE_NOT_COMPLETE (goods are
    applied only once ackCatalog said so), EXCHANGE_NOTE_TOO_LONG, EXCHANGE_COUNT_OUT_OF_RANGE.
    """
    note = one_line(command.note)
    if len(note) > NOTE_LENGTH_MAX:
        raise Refusal("EXCHANGE_NOTE_TOO_LONG", field="note", max=NOTE_LENGTH_MAX)
    if command.moved_count is not None and not 0 <= command.moved_count <= MOVED_MAX:
        raise Refusal("EXCHANGE_COUNT_OUT_OF_RANGE", field="movedCount", max=MOVED_MAX)
    exchange = await _own(work, command.exchange_id)
    if not may_follow(exchange.state, command.state):
        raise Refusal("EXCHANGE_IS_OVER", field="state", state=exchange.state.value)
    if exchange.state is command.state and not note and command.moved_count is None:
        return exchange.id
    if command.state is ExchangeState.FAILED:
        await fail_exchange(work, exchange, FailReason.DEVICE_REFUSED, note)
        return exchange.id
    if command.state is ExchangeState.APPLIED:
        await _require_applied(work, exchange)
        await clear_board(work, exchange)
    await change_exchange(work, exchange, _values(work, exchange, command, note))
    return exchange.id


async def _own(work: Work, exchange_id: str) -> ExchangeRow:
    sql = f"{SELECT_EXCHANGE} WHERE id = ? AND company_id = ?{_LOCK[work.dialect]}"
    row = await work.row(sql, exchange_id, work.company_id)
    if row is None:
        raise Refusal("EXCHANGE_UNKNOWN", field="exchangeId")
    exchange = exchange_row(row)
    work.principal.require_register(exchange.register_id)
    return exchange


async def _require_applied(work: Work, exchange: ExchangeRow) -> None:
    if exchange.kind is not ExchangeKind.SEND_GOODS:
        return
    row = await work.row(_APPLIED, exchange.register_id, follower_of(work), work.company_id)
    if row is None or (row["epoch"] == exchange.epoch and row["seq"] < exchange.target_seq):
        raise Refusal("EXCHANGE_NOT_COMPLETE", field="state")


def _values(work: Work, exchange: ExchangeRow, command: ReportExchange, note: str) -> dict[str, Param]:
    values: dict[str, Param] = {"state": command.state.value, "follower_id": follower_of(work)}
    if exchange.taken_ms is None:
        values["taken_ms"] = work.now_ms
    if command.state in (ExchangeState.READY, ExchangeState.APPLIED) and exchange.ready_ms is None:
        values["ready_ms"] = work.now_ms
    if command.state is ExchangeState.APPLIED:
        values["ended_ms"] = exchange.ended_ms or work.now_ms
    if note:
        values["note"] = note
    if command.moved_count is not None:
        values["moved_count"] = command.moved_count
    return values
