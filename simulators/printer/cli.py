"""`sauda simulate printer`: the stand-in as a process of its own, until it is interrupted."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.panel import Panel

from simulators.printer.server import Job, Paper, PrinterSimulator
from simulators.running import interruption, run_listening

LOOK_S = 0.2


def simulate_printer(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port, 0 = any free one.")] = 9100,
    paper: Annotated[
        Paper, typer.Option(help="The roll; SIGUSR1 changes between enough and out.")
    ] = Paper.ENOUGH,
    silent: Annotated[
        bool, typer.Option("--silent", help="Answer no question, as cheap printers do.")
    ] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help="Drop every connection.")] = False,
    folder: Annotated[Path | None, typer.Option(help="Keep the bytes of each paper as a file here.")] = None,
) -> None:
    """Be a network printer for tests, demos and service engineers, until Ctrl-C.

    Examples:

      sauda simulate printer

      sauda simulate printer --port 0 --paper out
    """
    simulator = PrinterSimulator(paper=paper, is_silent=silent, is_refusing=refuse)
    run_listening(_serve(simulator, host, port, folder), host, {"--port": port})


async def _serve(simulator: PrinterSimulator, host: str, port: int, folder: Path | None) -> None:
    console, stopped = Console(), interruption()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, _change_roll, simulator, console)
    async with simulator.running(host, port):
        console.print(f"[bold]printer[/]  {host}:{simulator.port}  paper: {simulator.paper.value}")
        shown: set[int] = set()
        while not stopped.is_set():
            for number, job in enumerate(simulator.jobs):
                if job.is_closed and number not in shown:
                    shown.add(number)
                    _show(job, number, console, folder)
            try:
                async with asyncio.timeout(LOOK_S):
                    await stopped.wait()
            except TimeoutError:
                pass


def _show(job: Job, number: int, console: Console, folder: Path | None) -> None:
    if job.is_empty:
        return
    console.print(Panel(job.text.rstrip() or "(a picture)", title=f"paper {number + 1}", expand=False))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number + 1:04d}.bin").write_bytes(job.received)


def _change_roll(simulator: PrinterSimulator, console: Console) -> None:
    simulator.paper = Paper.ENOUGH if simulator.paper is Paper.OUT else Paper.OUT
    console.print(f"paper: {simulator.paper.value}")
