"""The growing wait of those who guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Refusal
from kernel.security.rate_limits import AttemptPolicy, Attempts, admit, wait_ms

POLICY = AttemptPolicy(free=3, delay_first_s=10, delay_max_s=60, forget_after_s=3600)


def _guess(times: int, now_ms: int = 1000) -> Attempts:
    attempts = Attempts()
    for _ in range(times):
        now_ms += wait_ms(POLICY, attempts, now_ms)
        attempts = admit(POLICY, attempts, now_ms)
    return attempts


def test_the_first_guesses_cost_no_waiting() -> None:
    for guesses in range(POLICY.free):
        assert wait_ms(POLICY, _guess(guesses), 1000) == 0


@pytest.mark.parametrize(("guesses", "seconds"), [(3, 10), (4, 20), (5, 40), (6, 60), (7, 60), (50, 60)])
def test_each_further_guess_doubles_the_wait_up_to_a_ceiling(guesses: int, seconds: int) -> None:
    attempts = _guess(guesses)

    assert wait_ms(POLICY, attempts, attempts.last_ms) == seconds * 1000
    assert wait_ms(POLICY, attempts, attempts.last_ms + seconds * 1000) == 0


def test_a_guess_too_early_is_refused_with_the_seconds_left_rounded_up() -> None:
    attempts = _guess(3)

    with pytest.raises(Refusal) as refusal:
        admit(POLICY, attempts, attempts.last_ms + 1)

    assert refusal.value.code == "AUTH_THROTTLED"
    assert refusal.value.facts["seconds"] == 10


def test_an_hour_of_quiet_forgets_everything() -> None:
    attempts = _guess(20)

    again = admit(POLICY, attempts, attempts.last_ms + POLICY.forget_after_s * 1000)

    assert again.count == 1


@given(st.integers(0, 10_000), st.integers(0, 10**13), st.integers(0, 10**7))
def test_the_wait_is_never_negative_nor_above_the_ceiling(count: int, last_ms: int, passed_ms: int) -> None:
    assert 0 <= wait_ms(POLICY, Attempts(count, last_ms), last_ms + passed_ms) <= POLICY.delay_max_s * 1000
