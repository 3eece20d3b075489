"""A stand-in as a process: until it is interrupted, failing in words."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from kernel.errors import SetupFault


def interruption() -> asyncio.Event:
    """Set when this process is told to end, by Ctrl-C or by SIGTERM."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def run_listening(
    story: Coroutine[Any, Any, None],
    host: str,
    ports: dict[str, int],
    *,
    loop: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> None:
    """Run it to its end; ports: by the option that chose them. Raises SetupFault when one is taken."""
    try:
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(story)
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        places = " or ".join(f"{host}:{port}" for port in ports.values() if port > 0)
        raise SetupFault([f"cannot listen at {places}: {reason}; see {' and '.join(ports)}"]) from error
