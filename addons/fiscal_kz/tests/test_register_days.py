"""Two hundred register-days under seeded faults: nothing lost, nothing doubled, order, limits, chain.

`make simulate SEED=… DAYS=…` lives more of them.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from addons.fiscal_kz.domain.counters import DRAWER, Counters
from addons.fiscal_kz.tests.register_days import DAYS_EACH, RegisterDays, live, simulate
from kernel.jobs.lanes import Lane

SCALE = int(os.environ.get("SAUDA_SCALE", "1"))
DAYS = 240 * SCALE
WANTED = {
    "cable cut for days",
    "asked for goods",
    "clock jumped",
    "clock put right",
    "closed by the system",
    "code 2",
    "code 15",
    "counted online",
    "delivered",
    "delivered twice",
    "drawer emptied",
    "halted",
    "marked handled",
    "offline in hand, marked",
    "offline in hand, unmarked",
    "power cut after sending",
    "power cut before sending",
    "power cut before the commit",
    "refused KKM_BLOCKED",
    "refused KKM_BLOCKED_BY_OFD",
    "refused KKM_CLOCK_BEHIND",
    "refused KKM_OFFLINE_TOO_LONG",
    "refused NOT_ENOUGH_CASH",
    "refused SHIFT_NOT_OPEN",
    "slow disk",
}


def test_two_hundred_days_meet_every_trouble_and_leave_no_trace_of_it() -> None:
    _, seen = simulate(1, DAYS)

    assert WANTED - seen.keys() == set()
    assert seen["documents"] > 5 * DAYS


def test_the_same_seed_gives_the_same_trace_however_it_is_split() -> None:
    once, again, parallel = simulate(7, 30), simulate(7, 30), simulate(7, 30, jobs=2)

    assert once == again == parallel
    assert live(7, DAYS_EACH)[0] != live(8, DAYS_EACH)[0]


def _lived() -> RegisterDays:
    register = RegisterDays(3, version=203)
    for _ in range(3):
        register.live_day()
    return register


def test_one_tiyn_too_much_is_noticed() -> None:
    register = _lived()
    state = register.durable.state
    life = {**state.counters.life, DRAWER: state.counters.drawer + 1}
    register.durable.state = state._replace(counters=Counters(life, state.counters.shift))

    with pytest.raises((AssertionError, ValueError)):
        register.end()


def test_a_document_that_the_ofd_lost_is_noticed() -> None:
    register = _lived()
    register.account.documents.pop()

    with pytest.raises(AssertionError):
        register.end()


def test_a_changed_entry_of_the_chain_is_noticed() -> None:
    register = _lived()
    entries = list(register.lane.unwritten)
    entries[0] = replace(entries[0], body=entries[0].body.replace('"sum":', '"sum":1'))
    damaged = Lane(**{**_fields(register.lane), "_entries": entries})
    register.lane = damaged

    with pytest.raises(AssertionError):
        register.end()


def _fields(lane: Lane) -> dict[str, object]:
    names = ("key", "now_ms", "company_id", "head_seq", "tail_seq", "due_ms", "attempts", "faults")
    more = (
        "blocked_code",
        "lease_owner",
        "lease_epoch",
        "journal_seq",
        "journal_digest",
        "head_job",
        "revision",
    )
    return {name: getattr(lane, name) for name in (*names, *more)}
