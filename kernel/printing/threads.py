"""Where papers are drawn: a few threads beside the event loop; a long receipt keeps nobody waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from kernel.errors import Unavailable

THREADS = 2
WAITING_MAX = 64  # papers; more are refused rather than piled up

P = ParamSpec("P")
T = TypeVar("T")

_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="printing")
_waiting = 0


async def drawn(make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `make` returns, made in a thread.

    Raises Unavailable("PRINTING_BUSY") when too many are waiting.
    """
    global _waiting
    if _waiting >= WAITING_MAX:
        raise Unavailable("PRINTING_BUSY")
    _waiting += 1  # only the event loop's thread counts
    try:
        return await asyncio.get_running_loop().run_in_executor(_pool, lambda: make(*args, **kwargs))
    finally:
        _waiting -= 1
