"""How long a subject that keeps guessing must wait: pure rules. Counting attempts is the keeper's business.

Attempts are counted before the guess is checked and forgiven after a right one, so guesses sent at the same
time count too.
"""

from __future__ import annotations

from dataclasses import dataclass

from kernel.errors import Refusal

DOUBLINGS_MAX = 30  # beyond it every delay is at its ceiling anyway


@dataclass(frozen=True, slots=True)
class AttemptPolicy:
    """free guesses cost nothing, then each costs twice the wait of the one before, up to delay_max_s.

    All is forgotten after forget_after_s without a guess.
    """

    free: int
    delay_first_s: int
    delay_max_s: int
    forget_after_s: int


PASSWORD_POLICY = AttemptPolicy(free=5, delay_first_s=5, delay_max_s=900, forget_after_s=86_400)
PIN_POLICY = AttemptPolicy(free=3, delay_first_s=10, delay_max_s=900, forget_after_s=86_400)
# One place trying many people: a wider allowance, the same growing wait.
PLACE_POLICY = AttemptPolicy(free=20, delay_first_s=5, delay_max_s=900, forget_after_s=3_600)
# Letters somebody asks to be sent to one address: a second one for a lost first, then slower and slower.
LETTER_POLICY = AttemptPolicy(free=2, delay_first_s=60, delay_max_s=3_600, forget_after_s=86_400)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Guesses counted for one subject since the last right one. last_ms: when the latest was admitted."""

    count: int = 0
    last_ms: int = 0


def wait_ms(policy: AttemptPolicy, attempts: Attempts, now_ms: int) -> int:
    """Milliseconds until the next guess is admitted; zero when it may come now."""
    if attempts.count < policy.free or is_forgotten(policy, attempts, now_ms):
        return 0
    doublings = min(attempts.count - policy.free, DOUBLINGS_MAX)
    delay_s = min(policy.delay_first_s << doublings, policy.delay_max_s)
    return max(0, attempts.last_ms + delay_s * 1000 - now_ms)


def admit(policy: AttemptPolicy, attempts: Attempts, now_ms: int) -> Attempts:
    """The count with one more guess. Raises Refusal("AUTH_THROTTLED", seconds=…) when it comes too early."""
    left_ms = wait_ms(policy, attempts, now_ms)
    if left_ms > 0:
        raise Refusal("AUTH_THROTTLED", seconds=-(-left_ms // 1000))
    count = 0 if is_forgotten(policy, attempts, now_ms) else attempts.count
    return Attempts(count + 1, now_ms)


def is_forgotten(policy: AttemptPolicy, attempts: Attempts, now_ms: int) -> bool:
    """True when the last guess is so old that the count starts anew."""
    return now_ms - attempts.last_ms >= policy.forget_after_s * 1000
