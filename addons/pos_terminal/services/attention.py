"""What people have to look at, on the status board of the register where it happened.

One line a register, the gravest matter first. What depends on time alone is found by `watch` (schedule).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from addons.organization.api import Severity, report_status
from addons.pos_terminal.domain.payment import (
    REVERSAL_OVERDUE_MS,
    REVERSALS_BEFORE_ALARM,
    FiscalSide,
    PaymentState,
)
from addons.pos_terminal.services.payment_record import PaymentRecord
from addons.pos_terminal.settings import AcquiringSettings

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, SqlRow, Work

SOURCE = "pos_terminal"
# By gravity. Each condition is said of a row of pos_payment; "?" is a moment, see _moments.
_MATTERS = (
    ("CARD_REVERSED_AFTER_RECEIPT", Severity.ERROR, "state = 'REVERSED' AND fiscal IN ('PENDING', 'DONE')"),
    ("CARD_IN_REVIEW", Severity.ERROR, "state = 'REVIEW'"),
    (
        "CARD_TAKEN_NOT_REVERSED",
        Severity.ERROR,
        f"state = 'REVERSING' AND late_ms > 0 AND reversals >= {REVERSALS_BEFORE_ALARM}",
    ),
    ("CARD_REVERSAL_OVERDUE", Severity.ERROR, "state = 'REVERSING' AND reversing_ms <= ?"),
    ("CARD_RECEIPT_REFUSED", Severity.ERROR, "state = 'APPROVED' AND fiscal = 'REFUSED'"),
    (
        "CARD_REVERSAL_UNANSWERED",
        Severity.WARNING,
        f"state = 'REVERSING' AND reversals >= {REVERSALS_BEFORE_ALARM}",
    ),
    (
        "CARD_WITHOUT_RECEIPT",
        Severity.WARNING,
        "state = 'APPROVED' AND fiscal = 'AWAITED' AND decided_ms <= ?",
    ),
)
_OPEN = (
    "(state IN ('REVIEW', 'REVERSING', 'REVERSED') "
    "OR (state = 'APPROVED' AND fiscal IN ('REFUSED', 'AWAITED')))"
)


def attention_sql(reader: Reader) -> tuple[str, tuple[Param, ...]]:
    """A condition on rows of pos_payment: somebody has to look at this operation."""
    parts, params = [], []
    for _, _, condition in _MATTERS:
        parts.append(f"({condition})")
        params += _moments(reader, condition)
    return f"({' OR '.join(parts)})", tuple(params)


def attention_of(record: PaymentRecord, settings: AcquiringSettings, now_ms: int) -> str | None:
    """Why somebody has to look at this operation: a code with a text; None when nobody has to."""
    payment, state = record.payment, record.state
    if state is PaymentState.REVIEW:
        return "CARD_IN_REVIEW"
    if state is PaymentState.REVERSED and payment.fiscal in (FiscalSide.PENDING, FiscalSide.DONE):
        return "CARD_REVERSED_AFTER_RECEIPT"
    if state is PaymentState.REVERSING:
        is_unanswered = payment.reversals >= REVERSALS_BEFORE_ALARM
        if is_unanswered and payment.late_ms:
            return "CARD_TAKEN_NOT_REVERSED"
        if payment.reversing_ms <= now_ms - REVERSAL_OVERDUE_MS:
            return "CARD_REVERSAL_OVERDUE"
        return "CARD_REVERSAL_UNANSWERED" if is_unanswered else None
    if state is PaymentState.APPROVED and payment.fiscal is FiscalSide.REFUSED:
        return "CARD_RECEIPT_REFUSED"
    is_awaited = state is PaymentState.APPROVED and payment.fiscal is FiscalSide.AWAITED
    if is_awaited and (record.decided_ms or 0) <= now_ms - _ms(settings.unclaimed_ms):
        return "CARD_WITHOUT_RECEIPT"
    return None


async def tell_board(work: Work, register_id: str) -> None:
    """Put the gravest matter of a register on its board, or take the line off."""
    columns, params = [], []
    for place, (_, _, condition) in enumerate(_MATTERS):
        columns.append(f"SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) AS n{place}")
        params += _moments(work, condition)
    sql = (
        f"SELECT {', '.join(columns)}, MIN(COALESCE(decided_ms, sent_ms)) AS since_ms FROM pos_payment "
        f"WHERE register_id = ? AND company_id = ? AND {_OPEN}"
    )
    row = await work.row(sql, *params, register_id, work.company_id)
    assert row is not None, "sums always have a row"
    await _tell(work, register_id, row)


async def _tell(work: Work, register_id: str, row: SqlRow) -> None:
    for place, (code, severity, _) in enumerate(_MATTERS):
        if row[f"n{place}"]:
            await report_status(
                work,
                register_id,
                source=SOURCE,
                severity=severity,
                code=code,
                since_ms=row["since_ms"] or work.now_ms,
                facts={"operations": int(row[f"n{place}"])},
            )
            return
    await report_status(
        work, register_id, source=SOURCE, severity=Severity.OK, code="OK", since_ms=work.now_ms
    )


def _moments(reader: Reader, condition: str) -> list[Param]:
    """The moment a condition compares with."""
    if "?" not in condition:
        return []
    unclaimed_ms = _ms(reader.settings(AcquiringSettings).unclaimed_ms)
    return [reader.now_ms - (REVERSAL_OVERDUE_MS if "reversing_ms" in condition else unclaimed_ms)]


def _ms(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)
