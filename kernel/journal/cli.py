"""`sauda journal`: looking after the journals from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from kernel.app import App
from kernel.clock import from_ms
from kernel.commands.output import AS_JSON, console, print_json
from kernel.config_sections import SecuritySettings
from kernel.data.work import Reader
from kernel.errors import Refusal
from kernel.ids import CompanyId
from kernel.journal.export import LaneExport, export_lane, finish_export, lanes_of
from kernel.journal.periods import ZONE, Period, parse_period
from kernel.journal.retention import begin_purge, check_archive, plan_purge, purge_some
from kernel.journal.sealing import journal_sealer
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
        told = [
            {
                "lane": each.lane_key,
                "entry": each.seq,
                "breach": str(each.breach),
                "kind": each.kind,
                "at": None if each.at_ms is None else from_ms(each.at_ms).isoformat(),
            }
            for each in broken
        ]
        print_json({"lanes": seen.lanes, "entries": seen.entries, "broken": told})
    else:
        for each in broken:
            at = "" if each.at_ms is None else f" ({each.kind}, {from_ms(each.at_ms).isoformat()})"
            console.print(f"[red]{each.lane_key}: entry {each.seq}{at} is {each.breach}[/red]")
        in_short = f"{seen.entries} entries of {seen.lanes} lanes checked, {len(broken)} lanes broken"
        console.print(in_short, soft_wrap=True)
    raise typer.Exit(code=1 if broken else 0)


@app.command()
def export(
    company: Annotated[str, typer.Option(help="Id of the company.")],
    period: Annotated[str, typer.Option(help="A year, month or day: 2026, 2026-01, 2026-01-31.")],
    to: Annotated[Path, typer.Option(help="Folder to write to; earlier periods may lie there.")],
    lane: Annotated[str | None, typer.Option(help="One lane only, such as register:<id>.")] = None,
    zone: Annotated[str, typer.Option(help="Time zone in which the period begins and ends.")] = ZONE,
    opened: Annotated[bool, typer.Option("--opened", help="Write what was sealed in the open too.")] = False,
    as_json: bool = AS_JSON,
) -> None:
    """Write the journals of a period as files that can be kept and checked without Sauda.

    The folder gets a manifest for each register and journal_check.py, which needs Python alone. Exit code 1
    when a chain is broken; the files are written all the same.

    Examples:

      sauda journal export --company 0198f3a0-7b1c-7c3e-9d52-3a1f0c9e4b11 --period 2026-01 --to archive

      python3 -I -S archive/journal_check.py
    """
    done = asyncio.run(_export(company, parse_period(period, zone), to, lane, is_opened=opened))
    if as_json:
        rows = [
            {"lane": each.lane_key, "entries": each.entries, "broken": each.broken, "sha256": each.sha256}
            for each in done.exports
        ]
        print_json({"lanes": rows, "index_sha256": done.index_sha256})
    else:
        for each in done.exports:
            if each.broken is not None:
                console.print(f"[red]{each.lane_key}: entry {each.broken} is not what was written[/red]")
        entries = sum(each.entries for each in done.exports)
        console.print(f"{entries} entries of {len(done.exports)} lanes written to {to}", soft_wrap=True)
        console.print(f"note this elsewhere: index {done.index_sha256}", highlight=False, soft_wrap=True)
    raise typer.Exit(code=1 if any(each.broken for each in done.exports) else 0)


@dataclass(frozen=True, slots=True)
class _Exported:
    """Lanes written, and the digest of their index."""

    exports: list[LaneExport]
    index_sha256: str


async def _export(
    company: str, period: Period, folder: Path, lane: str | None, *, is_opened: bool
) -> _Exported:
    house = App.build()
    opener = journal_sealer(house.config.section(SecuritySettings)) if is_opened else None
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    exports = []
    async with house.running(), house.database.reading(SYSTEM) as reader:
        lanes = await lanes_of(reader, company)
        if lane is not None and lane not in lanes:
            raise Refusal("LANE_UNKNOWN", lane=lane)
        with Progress(*columns, console=console, transient=True) as progress:
            for key in lanes if lane is None else [lane]:
                progress.add_task(f"writing {key}")
                exports.append(
                    await export_lane(reader, key, period, folder, company_id=company, opener=opener)
                )
        index = finish_export(folder, period, exports, company_id=company, made_ms=reader.now_ms)
    return _Exported(exports, index)


@app.command()
def purge(
    company: Annotated[str, typer.Option(help="Id of the company.")],
    before: Annotated[
        str, typer.Option(help="What is older than the beginning of this period goes: 2021-01.")
    ],
    archive: Annotated[Path, typer.Option(help="Folder of the exports that hold it.")],
    reason: Annotated[str, typer.Option(help="Why; it stays in the audit.")],
    zone: Annotated[str, typer.Option(help="Time zone in which the period begins.")] = ZONE,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """Delete journal entries whose term is over (journal.keep_years) and which lie in a whole archive.

    Refused before the term, and for entries that were not exported. The chain goes on from the head that the
    archive ends with.

    Example:

      sauda journal purge --company 0198f3a0-7b1c-7c3e-9d52-3a1f0c9e4b11 --before 2021-01 --archive archive
      --reason "storage term over"
    """
    period = parse_period(before, zone)
    check_archive(archive)
    asyncio.run(_purge(company, period, archive, reason, is_sure=yes))


async def _purge(company: str, before: Period, archive: Path, reason: str, *, is_sure: bool) -> None:
    house, principal = App.build(), SYSTEM.within(CompanyId(company))
    async with house.running():
        async with house.database.reading(principal) as reader:
            plans = [
                await plan_purge(reader, lane, before, archive) for lane in await lanes_of(reader, company)
            ]
        plans = [each for each in plans if each.entries]
        entries = sum(each.entries for each in plans)
        console.print(f"{entries} entries of {len(plans)} lanes are older than {before.name}", soft_wrap=True)
        if entries and not is_sure:
            typer.confirm("Delete them? This cannot be undone", abort=True)
        for plan in plans:
            await house.database.transact(
                begin_purge, plan, principal=principal, company_id=company, reason=reason
            )
            while await house.database.transact(purge_some, plan, principal=principal):
                pass
    console.print(f"{entries} entries deleted")


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
