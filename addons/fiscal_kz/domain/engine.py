"""The fiscal engine's one decision: (state, event, now) → (state, effects).

Pure: no clock, no database, no network.

The caller stores the new state and the facts of the effects in one transaction, and only then lets anything
reach the network.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from addons.fiscal_kz.domain.effects import BlockChanged, Effect
from addons.fiscal_kz.domain.engine_accept import accept, backlog
from addons.fiscal_kz.domain.engine_answer import answered, lost
from addons.fiscal_kz.domain.engine_turn import turned
from addons.fiscal_kz.domain.events import (
    Accepted,
    Activated,
    Answered,
    Backlog,
    BacklogEnded,
    Event,
    Lost,
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
            return replace(state, has_backlog=event.has_more), ()
        case TokenEntered():
            return _token_entered(state, event)
        case Activated():
            return _activated(state, event)
        case Released():
            return _released(state)
        case _:
            assert_never(event)


def _token_entered(state: State, event: TokenEntered) -> Decision:
    """A token is the remedy for code 2. An exchange in flight keeps the token it was sent with (§1.3)."""
    entered = replace(state, token=event.token)
    if state.block is not Block.TOKEN:
        return entered, ()
    return _released(entered)


def _released(state: State) -> Decision:
    if state.block is Block.NONE:
        return state, ()
    return replace(state, block=Block.NONE, block_code=0, server_blocks=0), (BlockChanged(Block.NONE),)


def _activated(state: State, event: Activated) -> Decision:
    """INFO proved the id and the token.

    Counters of the OFD are taken only by a register without documents of its own.
    """
    if state.undelivered == 0:
        state = replace(state, link=Link.ONLINE, offline_since_ms=None)
    active = replace(
        state, is_active=True, version=event.version, block=Block.NONE, block_code=0, server_blocks=0
    )
    if event.counters is not None:
        active = replace(
            active,
            shift_number=event.shift_number,
            shift_opened_ms=event.shift_opened_ms,
            documents=event.documents,
            counters=event.counters,
        )
    return active, (BlockChanged(Block.NONE),) if state.block is not Block.NONE else ()
