"""Ten thousand steps of a register's life under faults: nothing lost, nothing doubled, order kept, both
sides equal to the tiyn.
"""

from __future__ import annotations

import os

import pytest

from addons.fiscal_kz.domain.kinds import DocumentKind, Operation, Placement
from addons.fiscal_kz.tests.simulation import Register

SCALE = int(os.environ.get("SAUDA_SCALE", "1"))
STEPS = 1_000
SEEDS = 12 * SCALE


def live(seed: int, steps: int = STEPS, version: int = 203) -> Register:
    """A life of that many steps, then fine weather until everything is settled."""
    register = Register(seed, version=version)
    for _ in range(steps):
        register.step()
        assert register.durable.state.counters.drawer >= 0
    register.settle_everything()
    return register


def assert_both_sides_agree(register: Register) -> None:
    """The OFD's ledger against our documents, counters and drawer."""
    ledger = list(register.account.documents)
    facts = [each for each in register.durable.entries.values() if each.numbers is not None]
    assert {each.outcome for each in facts} <= {"done"}
    facts.sort(key=lambda each: each.numbers.document_number)
    assert [each.numbers.document_number for each in facts] == list(range(1, len(facts) + 1))
    assert [document.number for document in ledger] == list(range(1, len(facts) + 1))
    for entry, document in zip(facts, ledger, strict=True):
        assert document.sign == entry.sign
        assert document.shift_number == entry.numbers.shift_number
        assert document.is_offline == entry.numbers.is_marked
        if entry.document.kind is DocumentKind.TICKET:
            assert document.total == entry.total
    state, account = register.durable.state, register.account
    assert state.counters.drawer == account.drawer
    for index, operation in enumerate(Operation):  # BUY, BUY_RETURN, SELL, SELL_RETURN as on the wire
        assert state.counters.non_nullable(operation) == account.sums[index]
        assert state.counters.total_count(operation) == account.ticket_counts[index]
    for index, placement in enumerate(Placement):
        assert state.counters.total_count(placement) == account.placement_counts[index]
    assert state.shift_number == account.shift_number
    assert state.is_shift_open == account.is_shift_open
    assert state.undelivered == 0
    assert (
        register.ofd.ledger.violations() == []
    )  # includes every Z: our report against theirs, field by field


@pytest.mark.parametrize("seed", range(SEEDS))
def test_after_any_life_the_ofd_and_the_register_agree_to_the_tiyn(seed: int) -> None:
    register = live(seed, version=(202, 203)[seed % 2])

    assert_both_sides_agree(register)
    offline = [e.numbers.offline_number for e in register.durable.entries.values() if e.numbers]
    given = [number for number in offline if number is not None]
    assert len(given) == len(set(given))
    assert all(0 < number < 2**31 for number in given)


def test_lives_meet_every_kind_of_trouble() -> None:
    seen: dict[str, int] = {}
    for seed in range(10):
        for what, times in live(seed, steps=700).seen.items():
            seen[what] = seen.get(what, 0) + times

    wanted = {
        "power cut before sending",
        "power cut after sending",
        "delivered",
        "drawer emptied",
        "halted",
        "code 0",
        "code 2",
        "code 15",
        "offline in hand, marked",
        "offline in hand, unmarked",
        "counted online",
        "refused KKM_BLOCKED_BY_OFD",
        "refused SHIFT_TOO_LONG",
        "refused SHIFT_NOT_OPEN",
        "refused NOT_ENOUGH_CASH",
    }
    assert wanted - seen.keys() == set()
    assert any(what.startswith("rejected ") for what in seen)


def test_the_same_seed_gives_the_same_trace() -> None:
    first, second, other = live(5, steps=600), live(5, steps=600), live(6, steps=600)

    assert first.trace.hexdigest() == second.trace.hexdigest()
    assert first.trace.hexdigest() != other.trace.hexdigest()
