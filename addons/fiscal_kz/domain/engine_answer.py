"""An exchange came to an end: an answer with a code, or silence."""

from __future__ import annotations

from addons.fiscal_kz.domain.codes import (
    INVALID_REQUEST_NUMBER,
    INVALID_RETRY_REQUEST,
    INVALID_TOKEN,
    NO_SUCH_COMMAND,
    refusal_of,
    verdict_of,
)
from addons.fiscal_kz.domain.effects import (
    BlockChanged,
    Delivered,
    Effect,
    Finish,
    Fiscalized,
    Halt,
    IssueBacklog,
    Issued,
    LinkChanged,
    Rejected,
    Reported,
    Retry,
    StartPolling,
)
from addons.fiscal_kz.domain.engine_accept import issue
from addons.fiscal_kz.domain.events import Answered, Lost
from addons.fiscal_kz.domain.facts import Document
from addons.fiscal_kz.domain.kinds import Block, Command, DocumentKind, Link, Verdict
from addons.fiscal_kz.domain.ledger import count
from addons.fiscal_kz.domain.report import report_of
from addons.fiscal_kz.domain.state import Exchange, Rules, State

_Step = tuple[State, tuple[Effect, ...]]

_BLOCKS = {
    Verdict.TOKEN: Block.TOKEN,
    Verdict.UNKNOWN_DEVICE: Block.UNKNOWN_DEVICE,
    Verdict.SERVICE: Block.SERVICE,
    Verdict.SERVER_BLOCK: Block.SERVER,
}


# Codes that prove that this TOKEN and REQNUM never were those of an accepted document (ofd_protocol §1.3).
_NEVER_TAKEN = (INVALID_TOKEN, INVALID_REQUEST_NUMBER, INVALID_RETRY_REQUEST)


def answered(state: State, event: Answered, now_ms: int, rules: Rules) -> _Step:
    """Take the answer to the exchange in flight. 254 and 255 are silence with words (CPCR 2.0.2 §5.1)."""
    exchange = state.exchange
    assert exchange is not None
    verdict = verdict_of(event.code, version=state.version)
    if verdict is Verdict.REPEAT:
        return lost(state, Lost(event.document, may_have_arrived=True), now_ms, rules)
    if verdict is Verdict.TOKEN and state.token != exchange.token:
        # A person entered a new token while the old one was in flight: the document goes again under the new
        # one.
        return state._replace(exchange=None), (Retry(0),)
    token = state.token if verdict is Verdict.TOKEN else event.token
    state = state._replace(exchange=None, token=token)
    if exchange.command is Command.SYSTEM:
        return _system_answered(state, event, verdict, now_ms, rules)
    if not event.document.kind.is_fiscal:
        return _question_answered(state, event, verdict, now_ms, rules)
    if verdict is Verdict.OK:
        return _taken(state, event.document, exchange)
    is_unclear = exchange.may_have_arrived and event.code not in _NEVER_TAKEN
    if is_unclear:
        state = state._replace(
            exchange=exchange
        )  # an earlier sending may have been taken: ask with the same pair
    if event.document.issued is not None or (is_unclear and verdict in _BLOCKS):
        return _replay_refused(state, event, verdict, now_ms, rules)
    state = state._replace(exchange=None)
    return _document_refused(state, event, verdict, now_ms, rules)


def _taken(state: State, document: Document, exchange: Exchange) -> _Step:
    """The OFD took the document, now or at an earlier sending whose answer was lost."""
    effects: tuple[Effect, ...] = ()
    if state.block is Block.SERVER:
        state = state._replace(block=Block.NONE, block_code=0)
        effects = (BlockChanged(Block.NONE),)
    if document.issued is not None:
        state, delivered = _delivered(state, document)
        return state, (*effects, *delivered)
    assert exchange.numbers is not None
    state, counted = count(state, document, exchange.numbers)
    if state.server_blocks:
        state = state._replace(server_blocks=0)
    return state, (*effects, Fiscalized(exchange.numbers), *counted, Finish())


def _document_refused(state: State, event: Answered, verdict: Verdict, now_ms: int, rules: Rules) -> _Step:
    """The OFD said no to a document made online.

    It took no number; a block also refuses it, so that nobody waits in vain for a receipt.
    """
    rejected = Rejected(refusal_of(event.code), event.code)
    if verdict is Verdict.SHIFT_EXPIRED:
        return state._replace(is_shift_expired=state.is_shift_open), (rejected, Finish())
    if verdict in _BLOCKS:
        state, effects = _block(state, verdict, event.code, now_ms, rules)
        return state, (rejected, *effects, Finish())
    return state, (rejected, Finish())


def _replay_refused(state: State, event: Answered, verdict: Verdict, now_ms: int, rules: Rules) -> _Step:
    """A server block waits for its release; anything else stops the lane (CPCR 2.0.2 §5.2, §5.3)."""
    if event.document.issued is not None:
        state = state._replace(link=Link.ONLINE)  # somebody answered; new documents still join the queue
    if verdict is Verdict.SERVER_BLOCK and state.server_blocks < rules.server_blocks_max:
        state = state._replace(
            block=Block.SERVER,
            block_code=event.code,
            server_blocks=state.server_blocks + 1,
            retry_at_ms=now_ms + rules.retry_pause_ms,
        )
        return state, (BlockChanged(Block.SERVER, event.code), Retry(rules.retry_pause_ms))
    block = _BLOCKS[verdict] if verdict in (Verdict.TOKEN, Verdict.UNKNOWN_DEVICE) else Block.REPLAY
    state = state._replace(block=block, block_code=event.code)
    return state, (BlockChanged(block, event.code), Halt(block))


def _delivered(state: State, document: Document) -> _Step:
    assert document.issued is not None
    state, news = shortened(state._replace(link=Link.ONLINE, server_blocks=0))
    return state, (Delivered(document.issued), *news, Finish())


def shortened(state: State) -> _Step:
    """One offline document less in the queue; with the last one the offline time is over."""
    left = state.undelivered - 1
    assert left >= 0
    state = state._replace(undelivered=left)
    if left or state.has_backlog:
        return state, ()
    state = state._replace(offline_since_ms=None, oldest_ms=None)
    if state.block is not Block.OFFLINE_TOO_LONG:
        return state, (LinkChanged(Link.ONLINE),)
    return state._replace(block=Block.NONE), (LinkChanged(Link.ONLINE), BlockChanged(Block.NONE))


def _system_answered(state: State, event: Answered, verdict: Verdict, now_ms: int, rules: Rules) -> _Step:
    """SYSTEM: sent for a POLL, or in place of the head while the server blocks us (CPCR 2.0.2 §5.4)."""
    is_poll = event.document.kind is DocumentKind.POLL
    if verdict is Verdict.OK:
        effects: tuple[Effect, ...] = ()
        if state.block is Block.SERVER:
            state = state._replace(block=Block.NONE, block_code=0)
            effects = (BlockChanged(Block.NONE),)
        if state.undelivered == 0 and state.link is Link.OFFLINE:
            state = state._replace(link=Link.ONLINE, offline_since_ms=None)
            effects = (*effects, LinkChanged(Link.ONLINE))
        state = state._replace(link=Link.ONLINE)
        return state, (*effects, Finish() if is_poll else Retry(0))
    if verdict is Verdict.SERVER_BLOCK:
        is_news = state.block is not Block.SERVER
        state = state._replace(
            block=Block.SERVER,
            block_code=event.code,
            retry_at_ms=now_ms + rules.retry_pause_ms,
            link=Link.ONLINE,
        )
        news = (BlockChanged(Block.SERVER, event.code),) if is_news else ()
        return state, (*news, Retry(rules.retry_pause_ms))
    block = _BLOCKS.get(verdict, Block.SERVICE)
    state = state._replace(block=block, block_code=event.code)
    return state, (BlockChanged(block, event.code), Finish() if is_poll else Retry(0))


def _question_answered(state: State, event: Answered, verdict: Verdict, now_ms: int, rules: Rules) -> _Step:
    """REPORT, INFO and NOMENCLATURE change nothing of ours; a block they bring is believed."""
    if verdict is Verdict.OK and event.document.kind.is_question:
        return state, (Finish(),)
    if verdict is Verdict.OK:
        report = report_of(state, at_ms=now_ms, is_z=False)
        return state, (Reported(report, is_local=False), Finish())
    rejected = Rejected(refusal_of(event.code), event.code)
    if event.document.kind is DocumentKind.NOMENCLATURE and event.code in NO_SUCH_COMMAND:
        return state, (rejected, Finish())  # an OFD without a list of goods is no reason to stop selling
    if verdict in _BLOCKS and state.is_active:
        state, effects = _block(state, verdict, event.code, now_ms, rules)
        return state, (rejected, *effects, Finish())
    return state, (rejected, Finish())


def _block(state: State, verdict: Verdict, code: int, now_ms: int, rules: Rules) -> _Step:
    block = _BLOCKS[verdict]
    state = state._replace(block=block, block_code=code)
    if block is Block.SERVER:
        state = state._replace(retry_at_ms=now_ms + rules.retry_pause_ms)
        return state, (BlockChanged(block, code), StartPolling())
    return state, (BlockChanged(block, code),)


def lost(state: State, event: Lost, now_ms: int, rules: Rules) -> _Step:
    """Silence for the whole transaction time.

    A document keeps its exchange; questions are dropped, they change nothing.
    """
    exchange = state.exchange
    assert exchange is not None
    document = event.document
    if document.kind in (DocumentKind.INFO, DocumentKind.NOMENCLATURE):
        return state._replace(exchange=None), (Rejected("OFD_SILENT"), Finish())
    was_online = state.link is Link.ONLINE and state.offline_since_ms is None
    state = state._replace(
        link=Link.OFFLINE,
        offline_since_ms=exchange.started_ms if state.offline_since_ms is None else state.offline_since_ms,
        retry_at_ms=now_ms + rules.retry_pause_ms,
    )
    news: tuple[Effect, ...] = (LinkChanged(Link.OFFLINE),) if was_online else ()
    if exchange.command is Command.SYSTEM:
        behind = (IssueBacklog(),) if was_online else ()
        return state._replace(exchange=None), (*news, *behind, Retry(rules.retry_pause_ms))
    if document.kind is DocumentKind.REPORT:
        report = report_of(state, at_ms=now_ms, is_z=False)
        polling = (StartPolling(), IssueBacklog()) if was_online else ()
        return state._replace(exchange=None), (*news, Reported(report, is_local=True), *polling, Finish())
    exchange = exchange._replace(may_have_arrived=exchange.may_have_arrived or event.may_have_arrived)
    state = state._replace(exchange=exchange)
    if document.issued is not None:
        return state, (*news, Retry(rules.retry_pause_ms))
    return _lost_in_hand(state, document, exchange, now_ms, rules, news)


def _lost_in_hand(
    state: State, document: Document, exchange: Exchange, now_ms: int, rules: Rules, news: tuple[Effect, ...]
) -> _Step:
    """The document in hand keeps its place, TOKEN and REQNUM and becomes the first offline document (CPCR
    2.0.2 §5.2).

    If not a byte of it left, its bytes may say so and carry the offline number. If they may have arrived,
    the repeat must be the same but for offline_period: the OFD either knows it already as an online
    document or takes it as one now.
    """
    is_marked = not exchange.may_have_arrived or rules.is_number_added_after_unknown
    state, issued = issue(state, document, now_ms, in_hand=exchange.numbers, is_marked=is_marked)
    first = issued[0]
    assert isinstance(first, Issued)
    state = state._replace(exchange=exchange._replace(numbers=first.numbers))
    return state, (*news, *issued, IssueBacklog(), Retry(rules.retry_pause_ms))
