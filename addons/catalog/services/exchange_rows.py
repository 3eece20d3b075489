"""Orders of exchange as rows: reading them, closing them, telling who waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addons.catalog.domain.exchange import OPEN_STATES, ExchangeKind, ExchangeState, FailReason
from addons.organization.api import Severity, report_status
from kernel.data.work import Param, Work
from kernel.values import value

EXCHANGE = "cat_exchange"
ORDER_TOPIC = "catalog.order"  # notices carry the id of the order
SOURCE = "catalog"  # on the status board
FAILED_CODE = "CATALOG_EXCHANGE_FAILED"
SELECT_EXCHANGE = f"SELECT * FROM {EXCHANGE}"
IS_OPEN = f"state IN ({', '.join(repr(str(state)) for state in OPEN_STATES)})"


@value
class ExchangeRow:
    """An order as it stands. Moments are epoch ms; what has not happened is None."""

    id: str
    register_id: str
    kind: ExchangeKind
    state: ExchangeState
    reason: str
    note: str
    moved_count: int
    is_full: bool
    epoch: str
    target_seq: int
    follower_id: str
    created_ms: int
    taken_ms: int | None
    ready_ms: int | None
    ended_ms: int | None
    until_ms: int


def exchange_row(row: Mapping[str, Any]) -> ExchangeRow:
    """Out of a row of SELECT_EXCHANGE."""
    return ExchangeRow(
        id=row["id"],
        register_id=row["register_id"],
        kind=ExchangeKind(row["kind"]),
        state=ExchangeState(row["state"]),
        reason=row["reason"],
        note=row["note"],
        moved_count=row["moved_count"],
        is_full=bool(row["is_full"]),
        epoch=row["epoch"],
        target_seq=row["target_seq"],
        follower_id=row["follower_id"],
        created_ms=row["created_ms"],
        taken_ms=row["taken_ms"],
        ready_ms=row["ready_ms"],
        ended_ms=row["ended_ms"],
        until_ms=row["until_ms"],
    )


async def change_exchange(work: Work, exchange: ExchangeRow, values: Mapping[str, Param]) -> None:
    """Write it and tell who follows orders."""
    columns = ", ".join(f"{name} = ?" for name in values)
    await work.execute(
        f"UPDATE {EXCHANGE} SET {columns} WHERE id = ? AND company_id = ?",
        *values.values(),
        exchange.id,
        work.company_id,
    )
    work.notice(ORDER_TOPIC, exchange.id)


async def fail_exchange(work: Work, exchange: ExchangeRow, reason: FailReason, note: str = "") -> None:
    """Close it as failed; the status board says so until one of the register succeeds."""
    await change_exchange(
        work,
        exchange,
        {
            "state": ExchangeState.FAILED.value,
            "reason": reason.value,
            "note": note or exchange.note,
            "ended_ms": work.now_ms,
        },
    )
    if reason is not FailReason.REPLACED:
        await _on_board(
            work,
            exchange,
            Severity.WARNING,
            FAILED_CODE,
            {"kind": exchange.kind.value, "reason": reason.value},
        )


async def clear_board(work: Work, exchange: ExchangeRow) -> None:
    """An exchange of the register succeeded."""
    await _on_board(work, exchange, Severity.OK, "OK", {})


async def _on_board(
    work: Work, exchange: ExchangeRow, severity: Severity, code: str, facts: Mapping[str, str]
) -> None:
    await report_status(
        work,
        exchange.register_id,
        source=SOURCE,
        severity=severity,
        code=code,
        since_ms=work.now_ms,
        facts=facts,
    )
