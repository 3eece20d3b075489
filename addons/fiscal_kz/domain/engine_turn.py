"""The head of the lane has its turn: send it (again), wait, refuse it, or stop the lane."""

from __future__ import annotations

from addons.fiscal_kz.domain.effects import (
    BlockChanged,
    Effect,
    Finish,
    Halt,
    Rejected,
    Reported,
    Retry,
    Send,
)
from addons.fiscal_kz.domain.engine_accept import block_refusal, document_refusal, issue
from addons.fiscal_kz.domain.facts import Document, Numbers
from addons.fiscal_kz.domain.kinds import Block, Command, DocumentKind, Link
from addons.fiscal_kz.domain.ledger import z_report_of
from addons.fiscal_kz.domain.numbers import next_numbers, next_reqnum
from addons.fiscal_kz.domain.report import Report, report_of
from addons.fiscal_kz.domain.state import Exchange, Rules, State

_Step = tuple[State, tuple[Effect, ...]]


def turned(state: State, document: Document, now_ms: int, rules: Rules) -> _Step:
    """Decide about the head. A request in flight comes first: same command, TOKEN, REQNUM, bytes (§1.3)."""
    if _must_wait(state, document, now_ms):
        return state, (Retry(state.retry_at_ms - now_ms),)
    if document.issued is not None:
        state, aged = _aged(state._replace(oldest_ms=document.issued.at_ms), now_ms, rules)
        state, effects = _queued_turn(state, document, now_ms)
        return state, aged + effects
    if state.exchange is not None:
        return _resume(state, state.exchange, now_ms)
    if document.kind is DocumentKind.INFO:
        return _send(state, document, now_ms)
    if document.kind is DocumentKind.POLL:
        return _poll(state, document, now_ms)
    if document.kind is DocumentKind.NOMENCLATURE:
        return _goods_turn(state, document, now_ms)
    refusal = block_refusal(state) or document_refusal(state, document, now_ms, rules)
    if refusal is not None:
        return state, (Rejected(refusal), Finish())
    if state.is_autonomous:
        return _issue_at_head(state, document, now_ms)
    return _first_send(state, document, now_ms)


def _resume(state: State, exchange: Exchange, now_ms: int) -> _Step:
    """The same request again: after a pause, or after a restart, when nobody knows whether it had left."""
    if state.block not in (Block.NONE, Block.SERVER, Block.OFFLINE_TOO_LONG):
        return state, (Halt(state.block),)
    exchange = exchange._replace(may_have_arrived=True)
    state = state._replace(exchange=exchange)
    return state, (Send(exchange, is_fresh=False, period=_period(state, now_ms)),)


def _must_wait(state: State, document: Document, now_ms: int) -> bool:
    """True inside the pause between attempts; only what would be sent has to wait, and INFO never (a person
    asked).
    """
    is_paused = state.link is Link.OFFLINE or state.block is Block.SERVER
    talks = document.issued is not None or document.kind is DocumentKind.POLL or state.exchange is not None
    return is_paused and talks and now_ms < state.retry_at_ms


def _aged(state: State, now_ms: int, rules: Rules) -> _Step:
    """The oldest undelivered document is older than 72 h: no new work, but the delivery goes on."""
    assert state.oldest_ms is not None
    if state.block is not Block.NONE or now_ms - state.oldest_ms <= rules.offline_limit_ms:
        return state, ()
    return state._replace(block=Block.OFFLINE_TOO_LONG), (BlockChanged(Block.OFFLINE_TOO_LONG),)


def _queued_turn(state: State, document: Document, now_ms: int) -> _Step:
    """An offline document for delivery (CPCR 2.0.2 §5.2); while the server blocks, SYSTEM goes in its place
    (§5.4).
    """
    if state.exchange is not None:
        return _resume(state, state.exchange, now_ms)
    if state.block is Block.SERVER:
        return _send(state, document, now_ms, command=Command.SYSTEM)
    if state.block not in (Block.NONE, Block.OFFLINE_TOO_LONG):
        return state, (Halt(state.block),)
    return _send(state, document, now_ms, numbers=document.issued)


def _poll(state: State, document: Document, now_ms: int) -> _Step:
    if state.block is Block.SERVER:
        return _send(state, document, now_ms)
    if state.block is not Block.NONE or not state.is_autonomous or state.undelivered > 0:
        return state, (Finish(),)  # released, back already, or a document will find out by itself
    return _send(state, document, now_ms)


def _goods_turn(state: State, document: Document, now_ms: int) -> _Step:
    """Goods can wait: nothing is asked while the register is blocked or works without the OFD."""
    refusal = "KKM_OFFLINE" if state.is_autonomous else None
    if state.block not in (Block.NONE, Block.PROGRAMMING):
        refusal = block_refusal(state)
    if refusal is not None:
        return state, (Rejected(refusal), Finish())
    return _send(state, document, now_ms)


def _issue_at_head(state: State, document: Document, now_ms: int) -> _Step:
    """A document of the backlog whose turn came before its number: issue it now and come again to deliver
    it.
    """
    if document.kind is DocumentKind.REPORT:
        return state, (Reported(report_of(state, at_ms=now_ms, is_z=False), is_local=True), Finish())
    state, effects = issue(state, document, now_ms)
    return state, (*effects, Retry(0))


def _first_send(state: State, document: Document, now_ms: int) -> _Step:
    if document.kind is DocumentKind.REPORT:
        return _send(state, document, now_ms, report=report_of(state, at_ms=now_ms, is_z=False))
    numbers = next_numbers(state, document)
    return _send(state, document, now_ms, numbers=numbers, report=z_report_of(state, document, numbers))


def _send(
    state: State,
    document: Document,
    now_ms: int,
    *,
    command: Command | None = None,
    numbers: Numbers | None = None,
    report: Report | None = None,
) -> _Step:
    exchange = Exchange(
        document_id=document.id,
        command=document.kind.command if command is None else command,
        token=state.token,
        reqnum=next_reqnum(state.reqnum),
        started_ms=now_ms,
        numbers=numbers,
    )
    state = state._replace(reqnum=exchange.reqnum, exchange=exchange)
    return state, (Send(exchange, is_fresh=True, period=_period(state, now_ms), report=report),)


def _period(state: State, now_ms: int) -> tuple[int, int] | None:
    """Offline time so far: from the first failed attempt to this sending (CPCR 2.0.2 §5.2)."""
    return None if state.offline_since_ms is None else (state.offline_since_ms, now_ms)
