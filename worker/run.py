"""Running a worker inside a process: alone (`sauda worker`) or beside the gateway (`sauda up`)."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from kernel.config_sections import WorkerSettings
from worker.health import health_page
from worker.worker import Host, Worker

HEALTH_HOST = "0.0.0.0"

_log = structlog.get_logger("sauda.worker")


async def run_worker(host: Host) -> None:
    """Work until SIGTERM or SIGINT, then finish in order; a second signal is not waited for by anybody.

    The host (kernel.app.App) must be running. Serves the health page when worker.health_port is set.
    """
    worker = Worker(host)
    _log.info("working", add_ons=[manifest.name for manifest in host.registry.addons])
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    port = host.registry.settings_of(WorkerSettings).health_port
    try:
        async with health_page(worker, HEALTH_HOST, port) if port else contextlib.nullcontext():
            await worker.run()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def working(host: Host) -> AsyncIterator[Worker]:
    """A worker beside the block; on leaving it finishes the jobs at hand. Signals are the block's business.

    A worker that breaks ends the block with its error.
    """
    worker = Worker(host)
    block = asyncio.current_task()
    assert block is not None
    task = asyncio.create_task(worker.run(), name="worker")
    is_over = False

    def ended(_: asyncio.Task[None]) -> None:
        if not is_over:
            block.cancel()

    task.add_done_callback(ended)
    try:
        yield worker
    finally:
        is_over = True
        worker.stop()
        if task.done() and not task.cancelled() and task.exception() is not None:
            block.uncancel()
        await task
