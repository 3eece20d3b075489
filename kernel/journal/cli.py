"""`sauda journal`: looking after the journals from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from kernel.app import App
from kernel.commands.output import AS_JSON, console, print_json
from kernel.data.work import Reader
from kernel.errors import Refusal
from kernel.journal.verify import LaneVerdict, lane_exists, verify_all, verify_lane
from kernel.security.principal import SYSTEM

app = typer.Typer(name="journal", help="The journals of the registers.", no_args_is_help=True)


@app.callback()
def journal() -> None:
    """The journals of the registers."""


@app.command()
def verify(
    lane: Annotated[
        str | None, typer.Argument(help="One lane, such as register:<id>; all of them when left out.")
    ] = None,
    as_json: bool = AS_JSON,
) -> None:
    """Check that no journal entry was altered, lost, moved or added. Exit code 1 when one was.

    Examples:

      sauda journal verify

      sauda journal verify register:0198f3a0-7b1c-7c3e-9d52-3a1f0c9e4b11 --json
    """
    seen = asyncio.run(_verify(lane, is_quiet=as_json))
    broken = seen.broken
    if as_json:
        told = [{"lane": each.lane_key, "entry": each.seq, "breach": str(each.breach)} for each in broken]
        print_json({"lanes": seen.lanes, "entries": seen.entries, "broken": told})
    else:
        for each in broken:
            console.print(f"[red]{each.lane_key}: entry {each.seq} is {each.breach}[/red]")
        in_short = f"{seen.entries} entries of {seen.lanes} lanes checked, {len(broken)} lanes broken"
        console.print(in_short, soft_wrap=True)
    raise typer.Exit(code=1 if broken else 0)


@dataclass(slots=True)
class _Seen:
    """What was checked so far."""

    lanes: int = 0
    entries: int = 0
    broken: list[LaneVerdict] = field(default_factory=list)


async def _verify(lane: str | None, *, is_quiet: bool) -> _Seen:
    seen = _Seen()
    house = App.build()
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    async with house.running(), house.database.reading(SYSTEM) as reader:
        with Progress(*columns, console=console, transient=True, disable=is_quiet) as progress:
            task = progress.add_task("checking")
            async for verdict in _verdicts(reader, lane):
                seen.lanes, seen.entries = seen.lanes + 1, seen.entries + verdict.entries
                progress.update(task, description=f"checked {seen.lanes} lanes, {seen.entries} entries")
                if not verdict.is_whole:
                    seen.broken.append(verdict)
    return seen


async def _verdicts(reader: Reader, lane: str | None) -> AsyncIterator[LaneVerdict]:
    if lane is not None:
        verdict = await verify_lane(reader, lane)
        if verdict.is_whole and not verdict.entries and not await lane_exists(reader, lane):
            raise Refusal("LANE_UNKNOWN", lane=lane)
        yield verdict
        return
    async for verdict in verify_all(reader):
        yield verdict
