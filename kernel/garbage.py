"""The collector of cyclic garbage, set for processes that serve for days."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects that live as long as their request are no garbage: 256 sales on their way hold 24,000 of them, and
# looking through them after each wave took a twentieth of the processor. Hardly any are in cycles.
THRESHOLDS = (100_000, 20, 20)


def settle() -> None:
    """Call when the process is ready: what was made until now stays and is not looked through again."""
    gc.set_threshold(*THRESHOLDS)
    gc.freeze()


@contextmanager
def paused() -> Iterator[None]:
    """Collect nothing meanwhile: loading makes much and throws little away.

    Models read their own source as they are made, and CPython 3.11 may fail to when it collects in the
    middle of it (python/cpython#106905).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
