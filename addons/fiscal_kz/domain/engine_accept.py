"""Taking a document: refuse it, queue it for its turn, or issue it at once as an offline document."""

from __future__ import annotations

from dataclasses import replace

from addons.fiscal_kz.domain.effects import Effect, Issued, Queue, Refuse, Rejected, Reported
from addons.fiscal_kz.domain.events import Accepted
from addons.fiscal_kz.domain.facts import Document, Numbers
from addons.fiscal_kz.domain.kinds import Block, DocumentKind
from addons.fiscal_kz.domain.ledger import count, z_report_of
from addons.fiscal_kz.domain.numbers import next_numbers, next_offline_number
from addons.fiscal_kz.domain.report import report_of
from addons.fiscal_kz.domain.state import Rules, State

_BLOCK_REFUSALS = {
    Block.SERVER: "KKM_BLOCKED_BY_OFD",
    Block.TOKEN: "KKM_TOKEN_INVALID",
    Block.UNKNOWN_DEVICE: "KKM_UNKNOWN_TO_OFD",
    Block.SERVICE: "KKM_BLOCKED",
    Block.REPLAY: "KKM_BLOCKED",
    Block.OFFLINE_TOO_LONG: "KKM_OFFLINE_TOO_LONG",
    Block.PROGRAMMING: "KKM_PROGRAMMING",
    Block.DECOMMISSIONED: "KKM_DECOMMISSIONED",
}


def accept(state: State, event: Accepted, now_ms: int, rules: Rules) -> tuple[State, tuple[Effect, ...]]:
    """Decide about a new document; what cannot be known yet (others wait before it) is left to its turn."""
    document = event.document
    if document.kind.is_question:
        return state, (Queue(),)
    refusal = _standing_refusal(state, now_ms, rules)
    if refusal is not None:
        return state, (Refuse(refusal),)
    if not state.is_autonomous or state.has_backlog:
        early = document_refusal(state, document, now_ms, rules) if event.waiting == 0 else None
        return state, (Queue() if early is None else Refuse(early),)
    late = document_refusal(state, document, now_ms, rules)
    if late is not None:
        return state, (Refuse(late),)
    return issue(state, document, now_ms)


def backlog(state: State, document: Document, now_ms: int, rules: Rules) -> tuple[State, tuple[Effect, ...]]:
    """An accepted document that stood behind the head when the link was lost: issue it, or refuse it after
    all.
    """
    refusal = document_refusal(state, document, now_ms, rules)
    if refusal is not None:
        return state, (Rejected(refusal),)
    return issue(state, document, now_ms)


def _standing_refusal(state: State, now_ms: int, rules: Rules) -> str | None:
    if state.block is not Block.NONE:
        return _BLOCK_REFUSALS[state.block]
    if not state.is_active:
        return "KKM_NOT_ACTIVE"
    if state.oldest_ms is not None and now_ms - state.oldest_ms > rules.offline_limit_ms:
        return "KKM_OFFLINE_TOO_LONG"
    if now_ms + rules.clock_tolerance_ms < state.last_document_ms:
        return "KKM_CLOCK_BEHIND"
    if abs(state.clock_drift_ms) > rules.clock_refuse_ms:
        return "KKM_CLOCK_WRONG"
    return None


def block_refusal(state: State) -> str | None:
    """Why the blocked register refuses work, or None."""
    return _BLOCK_REFUSALS.get(state.block)


def document_refusal(state: State, document: Document, now_ms: int, rules: Rules) -> str | None:
    """Why this document may not be made now, or None.

    24 h of a shift: order 626 part 3; cash: CPCR 2.0.2 §3.7.
    """
    if document.kind is DocumentKind.CLOSE:
        return None if state.is_shift_open else "SHIFT_NOT_OPEN"
    if document.kind is DocumentKind.REPORT:
        return None
    if state.shift_opened_ms is not None:
        too_long = now_ms - state.shift_opened_ms >= rules.shift_limit_ms
        if too_long or state.is_shift_expired:
            return "SHIFT_TOO_LONG"
    if document.cash_out > state.counters.drawer:
        return "NOT_ENOUGH_CASH"
    if not state.counters.can_take(document.weight):
        return "KKM_SUM_TOO_LARGE"
    return None


def issue(
    state: State, document: Document, now_ms: int, *, in_hand: Numbers | None = None, is_marked: bool = True
) -> tuple[State, tuple[Effect, ...]]:
    """Make it an offline document: numbers for good, counters at once, delivery later (CPCR 2.0.2 §5.2).

    in_hand: numbers it already has in the bytes that were being sent.
    """
    if document.kind is DocumentKind.REPORT:
        return state, (Reported(report_of(state, at_ms=now_ms, is_z=False), is_local=True),)
    numbers = in_hand or next_numbers(state, document)
    if document.kind is DocumentKind.TICKET:
        offline_number = next_offline_number(state.last_offline_number, now_ms)
        state = state._replace(last_offline_number=offline_number)
        numbers = replace(numbers, offline_number=offline_number)
    numbers = replace(numbers, is_marked=is_marked)
    report = z_report_of(state, document, numbers)
    state, effects = count(state, document, numbers)
    state = state._replace(
        undelivered=state.undelivered + 1,
        oldest_ms=numbers.at_ms if state.oldest_ms is None else state.oldest_ms,
    )
    return state, (Issued(numbers, is_in_hand=in_hand is not None, report=report), *effects)
