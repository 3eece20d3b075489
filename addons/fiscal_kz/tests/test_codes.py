"""The table of result codes (CPCR 2.0.2 §2.4), row by row: online, and in replay."""

from __future__ import annotations

import pytest

from addons.fiscal_kz.domain.effects import BlockChanged, Finish, Fiscalized, Halt, Issued, Rejected, Retry
from addons.fiscal_kz.domain.engine import decide
from addons.fiscal_kz.domain.events import Accepted, Answered, Lost, TokenEntered, Turned
from addons.fiscal_kz.domain.facts import Document, TicketFacts
from addons.fiscal_kz.domain.kinds import Block, Command, DocumentKind, Link, Means, Operation
from addons.fiscal_kz.domain.numbers import next_offline_number, next_reqnum
from addons.fiscal_kz.domain.state import HOUR_MS, State

NOW = 1_768_451_400_000
TICKET = TicketFacts(Operation.SELL, 20_000, ((Means.CASH, 20_000),), 0, 0, 0, 0, 0, (), ())
FRESH = State(is_active=True, token=77, reqnum=5)


def sale(name: str = "a") -> Document:
    return Document(name, DocumentKind.TICKET, NOW, ticket=TICKET)


def in_flight(state: State = FRESH) -> State:
    return decide(state, Turned(sale()), NOW)[0]


def offline(*, may_have_arrived: bool) -> tuple[State, Document]:
    """A register whose document in hand became an offline document."""
    state, effects = decide(in_flight(), Lost(sale(), may_have_arrived), NOW + 5_000)
    issued = next(each for each in effects if isinstance(each, Issued))
    return state, Document("a", DocumentKind.TICKET, NOW, ticket=TICKET, issued=issued.numbers)


@pytest.mark.parametrize(
    ("code", "refusal", "block"),
    [
        (1, "KKM_UNKNOWN_TO_OFD", Block.UNKNOWN_DEVICE),
        (2, "KKM_TOKEN_INVALID", Block.TOKEN),
        (3, "OFD_REFUSED", Block.SERVICE),
        (4, "OFD_REFUSED", Block.SERVICE),
        (5, "OFD_REFUSED", Block.SERVICE),
        (7, "OFD_REFUSED", Block.SERVICE),
        (8, "OFD_REFUSED", Block.SERVICE),
        (9, "OFD_REFUSED", Block.SERVICE),
        (11, "SHIFT_TOO_LONG", Block.NONE),
        (13, "OFD_REFUSED_DATA", Block.NONE),
        (14, "NOT_ENOUGH_CASH", Block.NONE),
        (15, "KKM_BLOCKED_BY_OFD", Block.SERVER),
        (17, "BUYER_IS_SELLER", Block.NONE),
        (18, "OFD_REFUSED", Block.NONE),
        (77, "OFD_REFUSED", Block.NONE),
    ],
)
def test_online_every_code_but_0_254_255_refuses_the_document(code: int, refusal: str, block: Block) -> None:
    state, effects = decide(in_flight(), Answered(sale(), code, 78), NOW)

    assert Rejected(refusal, code) in effects
    assert effects[-1] == Finish()
    assert state.block is block
    assert (state.documents, state.counters.drawer) == (0, 0)
    assert state.exchange is None


@pytest.mark.parametrize("code", [254, 255])
def test_254_and_255_lasting_the_whole_time_mean_offline(code: int) -> None:
    state, effects = decide(in_flight(), Answered(sale(), code, 78), NOW)

    assert state.link is Link.OFFLINE
    assert state.exchange is not None
    assert (state.exchange.token, state.exchange.reqnum) == (77, 6)
    assert effects[-1] == Retry(60_000)


def test_0_makes_the_document_a_fact_and_takes_the_new_token() -> None:
    state, effects = decide(in_flight(), Answered(sale(), 0, 78), NOW)

    assert isinstance(effects[0], Fiscalized)
    assert (state.token, state.reqnum, state.documents, state.counters.drawer) == (78, 6, 1, 20_000)
    assert (state.shift_number, state.shift_opened_ms) == (1, NOW)


@pytest.mark.parametrize("code", [1, 2, 3, 8, 9, 11, 13, 14, 16, 17, 77])
def test_in_replay_every_code_but_0_15_254_255_stops_the_lane(code: int) -> None:
    state, document = offline(may_have_arrived=False)

    state, effects = decide(state, Answered(document, code, 78), NOW + 70_000)

    assert isinstance(effects[-1], Halt)
    assert state.block is not Block.NONE
    assert BlockChanged(state.block, code) in effects
    assert (state.undelivered, state.documents) == (1, 1)


def test_18_and_19_are_read_by_the_version_of_the_register() -> None:
    old, _ = decide(in_flight(), Answered(sale(), 18, 78), NOW)
    new, _ = decide(in_flight(State(is_active=True, token=77, version=204)), Answered(sale(), 18, 78), NOW)

    assert old.block is Block.NONE
    assert new.block is Block.UNKNOWN_DEVICE


def test_code_2_does_not_change_the_stored_token() -> None:
    state, _ = decide(in_flight(), Answered(sale(), 2, 999), NOW)

    assert state.token == 77


def test_a_token_entered_while_a_document_is_in_flight_is_used_after_the_old_one_is_refused() -> None:
    state, document = offline(may_have_arrived=True)
    state, _ = decide(state, TokenEntered(500), NOW + 10_000)
    assert state.exchange is not None
    assert state.exchange.token == 77  # the unknown outcome is asked for with its own token first

    state, effects = decide(state, Answered(document, 2, 77), NOW + 70_000)
    assert (state.block, effects) == (Block.NONE, (Retry(0),))
    state, _ = decide(state, Turned(document), NOW + 70_000)

    assert state.exchange is not None
    assert (state.exchange.token, state.exchange.reqnum) == (500, 7)


@pytest.mark.parametrize(
    ("code", "is_kept"), [(13, True), (15, True), (3, True), (2, False), (8, False), (9, False)]
)
def test_a_refused_repeat_that_may_have_been_taken_before_keeps_its_pair(code: int, is_kept: bool) -> None:
    state, document = offline(may_have_arrived=True)

    state, _ = decide(state, Answered(document, code, 77), NOW + 70_000)

    assert (state.exchange is not None) == is_kept


def test_after_a_restart_nobody_knows_whether_the_request_had_left() -> None:
    state = in_flight()

    state, effects = decide(state, Turned(sale()), NOW + 9_000)

    assert state.exchange is not None
    assert state.exchange.may_have_arrived
    assert not effects[0].is_fresh  # type: ignore[union-attr]
    assert (state.exchange.token, state.exchange.reqnum, state.exchange.command) == (77, 6, Command.TICKET)


def test_the_bytes_of_a_document_that_may_have_arrived_stay_unmarked() -> None:
    _, unknown = offline(may_have_arrived=True)
    _, unsent = offline(may_have_arrived=False)

    assert unknown.issued is not None
    assert unsent.issued is not None
    assert (unknown.issued.is_marked, unsent.issued.is_marked) == (False, True)
    assert unknown.issued.offline_number == unsent.issued.offline_number  # the paper has it either way


def test_a_third_block_in_a_row_for_one_document_needs_a_person() -> None:
    state, document = offline(may_have_arrived=False)
    now = NOW + 70_000
    blocks = []
    for _ in range(4):
        state, effects = decide(state, Answered(document, 15, 78), now)
        blocks.append(state.block)
        if state.block is Block.SERVER:
            now += 70_000
            state, polling = decide(state, Turned(document), now)
            assert polling[0].exchange.command is Command.SYSTEM  # type: ignore[union-attr]
            state, _ = decide(state, Answered(document, 0, 78), now)
            state, _ = decide(state, Turned(document), now)

    assert blocks == [Block.SERVER] * 3 + [Block.REPLAY]
    assert isinstance(effects[-1], Halt)


def test_request_numbers_wrap_from_65535_to_0() -> None:
    assert next_reqnum(65_534) == 65_535
    assert next_reqnum(65_535) == 0


def test_offline_numbers_grow_even_when_the_clock_stands_still_or_memory_is_lost() -> None:
    first = next_offline_number(0, NOW)
    second = next_offline_number(first, NOW)
    after_loss = next_offline_number(0, NOW + 60_000)

    assert second == first + 1
    assert after_loss > second
    assert after_loss < 2**31


def test_a_document_is_never_dated_before_the_last_one() -> None:
    state, _ = decide(in_flight(), Answered(sale(), 0, 78), NOW)
    late = Document("b", DocumentKind.TICKET, NOW - 30_000, ticket=TICKET)

    state, effects = decide(state, Turned(late), NOW)

    assert effects[0].exchange.numbers.at_ms == NOW  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (State(), "KKM_NOT_ACTIVE"),
        (State(is_active=True, block=Block.SERVER), "KKM_BLOCKED_BY_OFD"),
        (State(is_active=True, block=Block.REPLAY), "KKM_BLOCKED"),
        (State(is_active=True, block=Block.TOKEN), "KKM_TOKEN_INVALID"),
        (State(is_active=True, block=Block.UNKNOWN_DEVICE), "KKM_UNKNOWN_TO_OFD"),
        (State(is_active=True, oldest_ms=NOW - 73 * HOUR_MS, undelivered=1), "KKM_OFFLINE_TOO_LONG"),
        (State(is_active=True, last_document_ms=NOW + 120_000), "KKM_CLOCK_BEHIND"),
        (State(is_active=True, shift_opened_ms=NOW - 24 * HOUR_MS), "SHIFT_TOO_LONG"),
    ],
)
def test_a_register_that_may_not_work_refuses_at_the_door(state: State, refusal: str) -> None:
    after, effects = decide(state, Accepted(sale(), waiting=0), NOW)

    assert [effect.code for effect in effects] == [refusal]  # type: ignore[union-attr]
    assert after == state
