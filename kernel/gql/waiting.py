"""How long a mutation may wait for what becomes of its document. The waiting itself is each add-on's."""

from __future__ import annotations

from kernel.errors import Refusal

WAIT_MS_MAX = 10_000
WAIT_MS_DEFAULT = 5_000


def check_wait(wait_ms: int) -> int:
    """Itself. Raises Refusal("WAIT_OUT_OF_RANGE") unless 0 ≤ wait_ms ≤ WAIT_MS_MAX."""
    if not 0 <= wait_ms <= WAIT_MS_MAX:
        raise Refusal("WAIT_OUT_OF_RANGE", field="wait", max=WAIT_MS_MAX)
    return wait_ms
