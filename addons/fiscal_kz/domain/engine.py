"""The fiscal engine's one decision: (state, event, now) → (state, effects).

Pure: no clock, no database, no network.

The caller stores the new state and the facts of the effects in one transaction, and only then lets anything
reach the network.
"""

from __future__ import annotations

from typing import assert_never

from addons.fiscal_kz.domain.effects import BlockChanged, Effect, Refuse
from addons.fiscal_kz.domain.engine_accept import accept, backlog, block_refusal
from addons.fiscal_kz.domain.engine_answer import answered, lost
from addons.fiscal_kz.domain.engine_handle import handled
from addons.fiscal_kz.domain.engine_turn import turned
from addons.fiscal_kz.domain.events import (
    Accepted,
    Activated,
    Answered,
    Backlog,
    BacklogEnded,
    ClockSeen,
    Decommissioned,
    Event,
    Handled,
    Lost,
    ProgrammingBegun,
    ProgrammingEnded,
    Released,
    TokenEntered,
    Turned,
)
from addons.fiscal_kz.domain.kinds import Block, Link
from addons.fiscal_kz.domain.state import Rules, State

Decision = tuple[State, tuple[Effect, ...]]
DEFAULT_RULES = Rules()


def decide(state: State, event: Event, now_ms: int, rules: Rules = DEFAULT_RULES) -> Decision:
    """What becomes of a register and what has to be done. Never raises for anything the world may do."""
    match event:
        case Accepted():
            return accept(state, event, now_ms, rules)
        case Turned():
            return turned(state, event.document, now_ms, rules)
        case Answered():
            return answered(state, event, now_ms, rules)
        case Lost():
            return lost(state, event, now_ms, rules)
        case Backlog():
            return backlog(state, event.document, now_ms, rules)
        case BacklogEnded():
            return state._replace(has_backlog=event.has_more), ()
        case TokenEntered():
            return _token_entered(state, event)
        case Activated():
            return _activated(state, event)
        case ClockSeen(drift_ms):
            return state._replace(clock_drift_ms=drift_ms), ()
        case Handled():
            return handled(state, event)
        case Released():
            return _released(state) if state.block.is_trouble else (state, ())
        case ProgrammingBegun():
            return _programming_begun(state, event)
        case ProgrammingEnded():
            return _programming_ended(state)
        case Decommissioned():
            return _decommissioned(state, event)
        case _:
            assert_never(event)


def _token_entered(state: State, event: TokenEntered) -> Decision:
    """A token is the remedy for code 2. An exchange in flight keeps the token it was sent with (§1.3)."""
    entered = state._replace(token=event.token)
    if state.block is not Block.TOKEN:
        return entered, ()
    return _released(entered)


def _released(state: State) -> Decision:
    if state.block is Block.NONE:
        return state, ()
    return state._replace(block=Block.NONE, block_code=0, server_blocks=0), (BlockChanged(Block.NONE),)


def _programming_begun(state: State, event: ProgrammingBegun) -> Decision:
    """Programming mode only with a closed shift and nothing under way."""
    if state.block is Block.PROGRAMMING:
        return state, ()
    refusal = _underway(state, event.waiting)
    if not state.is_active:
        refusal = "KKM_NOT_ACTIVE"
    elif state.block is not Block.NONE:
        refusal = block_refusal(state)
    if refusal is not None:
        return state, (Refuse(refusal),)
    return state._replace(block=Block.PROGRAMMING, block_code=0), (BlockChanged(Block.PROGRAMMING),)


def _programming_ended(state: State) -> Decision:
    if state.block is not Block.PROGRAMMING:
        return state, (Refuse("KKM_NOT_PROGRAMMING"),)
    return _released(state)


def _decommissioned(state: State, event: Decommissioned) -> Decision:
    """A blocked register may go too, but none that still owes documents to the OFD."""
    if state.block is Block.DECOMMISSIONED:
        return state, ()
    refusal = _underway(state, event.waiting)
    if refusal is not None:
        return state, (Refuse(refusal),)
    gone = state._replace(is_active=False, block=Block.DECOMMISSIONED, block_code=0, server_blocks=0)
    return gone, (BlockChanged(Block.DECOMMISSIONED),)


def _underway(state: State, waiting: int) -> str | None:
    """Why the register may not leave its work now, or None."""
    if state.is_shift_open:
        return "KKM_SHIFT_OPEN"
    if waiting or state.undelivered or state.has_backlog or state.exchange is not None:
        return "KKM_BUSY"
    return None


def _activated(state: State, event: Activated) -> Decision:
    """INFO proved the id and the token.

    Counters of the OFD are taken only by a register without documents of its own.
    """
    if state.undelivered == 0:
        state = state._replace(link=Link.ONLINE, offline_since_ms=None)
    block = Block.PROGRAMMING if state.block is Block.PROGRAMMING else Block.NONE  # ended by a person alone
    active = state._replace(is_active=True, version=event.version, block=block, block_code=0, server_blocks=0)
    if event.counters is not None:
        active = active._replace(
            shift_number=event.shift_number,
            shift_opened_ms=event.shift_opened_ms,
            documents=event.documents,
            counters=event.counters,
        )
    return active, (BlockChanged(block),) if state.block is not block else ()
