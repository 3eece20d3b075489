"""`sauda journal`: looking after the journals from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from kernel.app import App
from kernel.data.work import Reader
from kernel.journal.verify import LaneVerdict, verify_all, verify_lane
from kernel.security.principal import SYSTEM

app = typer.Typer(name="journal", help="The journals of the registers.", no_args_is_help=True)
console = Console()


@app.callback()
def journal() -> None:
    """The journals of the registers."""


@app.command()
def verify(
    lane: Annotated[
        str | None, typer.Argument(help="One lane, such as register:<id>; all of them when left out.")
    ] = None,
) -> None:
    """Check that no journal entry was altered, lost, moved or added. Exit code 1 when one was."""
    broken = asyncio.run(_verify(lane))
    raise typer.Exit(code=1 if broken else 0)


async def _verify(lane: str | None) -> list[LaneVerdict]:
    broken: list[LaneVerdict] = []
    lanes = entries = 0
    house = App.build()
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    async with house.running(), house.database.reading(SYSTEM) as reader:
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("checking")
            async for verdict in _verdicts(reader, lane):
                lanes, entries = lanes + 1, entries + verdict.entries
                progress.update(task, description=f"checked {lanes} lanes, {entries} entries")
                if not verdict.is_whole:
                    broken.append(verdict)
    for verdict in broken:
        console.print(f"[red]{verdict.lane_key}: entry {verdict.seq} is {verdict.breach}[/red]")
    console.print(f"{entries} entries of {lanes} lanes checked, {len(broken)} lanes broken")
    return broken


async def _verdicts(reader: Reader, lane: str | None) -> AsyncIterator[LaneVerdict]:
    if lane is not None:
        yield await verify_lane(reader, lane)
        return
    async for verdict in verify_all(reader):
        yield verdict
