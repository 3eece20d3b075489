"""`sauda worker`: a process that works lanes."""

from __future__ import annotations

import asyncio

import typer

from kernel import garbage
from kernel.app import App
from kernel.config_sections import LogSettings
from kernel.logs import configure_logs
from worker.run import run_worker

app = typer.Typer(name="worker")


@app.command()
def worker() -> None:
    """Work lanes until SIGTERM: send documents, dispatch events, run schedules. Start as many as you like."""
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        runner.run(_work())


async def _work() -> None:
    house = App.build()
    configure_logs(house.config.section(LogSettings))
    async with house.running():
        garbage.settle()
        await run_worker(house)


def _fast_loop() -> type[asyncio.AbstractEventLoop] | None:
    try:
        from uvloop import Loop
    except ImportError:  # not on every system
        return None
    return Loop
