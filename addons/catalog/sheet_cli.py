"""`sauda import-goods` and `sauda export-goods`: tables of goods from disk and to disk."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import orjson
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from addons.catalog.adapters.sheet_files import SheetFiles
from addons.catalog.domain.sheet_profile import (
    READY_PROFILES,
    SheetFacts,
    SheetKind,
    read_facts,
    title_of,
)
from addons.catalog.domain.sheet_report import (
    ARCHIVE_PERCENT_MAX,
    ErrorPolicy,
    SheetOptions,
    SheetReport,
    SheetState,
    read_report,
    report_facts,
)
from addons.catalog.models_sheet import SheetImport
from addons.catalog.services.sheet_export import export_goods as export_to
from addons.catalog.services.sheet_imports import (
    AddSheet,
    CheckSheet,
    SheetImportId,
    StartSheet,
    add_sheet,
    check_sheet,
    profile_named,
    start_sheet,
    task_of,
)
from addons.catalog.services.sheet_ports import FILE_BYTES_MAX, sheet_path
from addons.catalog.services.sheet_run import Ran, SheetRun
from addons.catalog.settings import CatalogSettings
from addons.organization.api import find_company
from kernel.app import App
from kernel.commands.output import AS_JSON, console, print_json
from kernel.errors import Refusal
from kernel.i18n import explain
from kernel.ids import new_id
from kernel.security.principal import SYSTEM, Principal
from kernel.setup import prepare

import_goods = typer.Typer(name="import-goods", add_completion=False)
export_goods = typer.Typer(name="export-goods", add_completion=False)

COMPANY = typer.Option(
    "", "--company", "-c", help="BIN or identifier; may be left out when there is only one."
)
PROFILE = typer.Option(
    "goods", "--profile", "-p", help=f"{', '.join(READY_PROFILES)}, or one of the company."
)
LANGUAGE = typer.Option("ru", "--lang", help="Language of the remarks: ru, kk or en.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the command tells."""

    state: SheetState
    facts: SheetFacts | None
    report: SheetReport


@import_goods.command(name="import-goods")
def import_goods_command(
    file: Path = typer.Argument(..., help="A CSV or Excel (.xlsx) file.", exists=True, dir_okay=False),
    profile: str = PROFILE,
    company: str = COMPANY,
    skip_bad_rows: bool = typer.Option(False, "--skip-bad-rows", help="Store the good rows all the same."),
    replace_all: bool = typer.Option(
        False, "--replace-all", help="Archive the goods that the file does not name."
    ),
    archive_percent_max: int = typer.Option(
        ARCHIVE_PERCENT_MAX, "--archive-percent-max", min=0, max=100, help="Refuse to archive more than this."
    ),
    is_dry_run: bool = typer.Option(False, "--dry-run", help="Tell what would happen, and stop."),
    is_sure: bool = typer.Option(False, "--yes", "-y", help="Do not ask before storing."),
    language: str = LANGUAGE,
    as_json: bool = AS_JSON,
) -> None:
    """Import goods from a table. What would happen is told first; nothing is stored before you agree.

    Exit code 3: refused, with the reason; 1: not agreed to.

    Examples:

      sauda import-goods goods.xlsx --company 123456789012

      sauda import-goods price.csv --profile price_list --yes --json
    """
    policy = ErrorPolicy.REJECT_FAILED_ROWS if skip_bad_rows else ErrorPolicy.REJECT_ALL
    options = SheetOptions(policy, replace_all, archive_percent_max)

    def agree(outcome: Outcome) -> bool:
        if not as_json:
            _print(outcome, language)
        if is_dry_run or is_sure:
            return is_sure and not is_dry_run
        return not as_json and typer.confirm("Store?")

    outcome = asyncio.run(_import(file, profile, company, options, agree=agree, is_quiet=as_json))
    if as_json:
        print_json({"state": outcome.state.value, **report_facts(outcome.report)})
    elif outcome.state is SheetState.DONE:
        _print(replace(outcome, facts=None), language)
    if outcome.state is SheetState.CHECKED and not is_dry_run:
        raise typer.Exit(1)


@export_goods.command(name="export-goods")
def export_goods_command(
    file: Path = typer.Argument(..., help="Where to write: .csv or .xlsx.", dir_okay=False),
    profile: str = PROFILE,
    company: str = COMPANY,
    with_archived: bool = typer.Option(False, "--with-archived", help="Archived goods too."),
    as_json: bool = AS_JSON,
) -> None:
    """Write the goods of a company as a table that `import-goods` reads.

    Example:

      sauda export-goods goods.xlsx --company 123456789012
    """
    suffix = file.suffix.lower().lstrip(".")
    if suffix not in list(SheetKind):
        raise typer.BadParameter("the name must end in .csv or .xlsx")
    count = asyncio.run(_export(file, SheetKind(suffix), profile, company, with_archived=with_archived))
    if as_json:
        print_json({"file": str(file), "goods": count})
    else:
        console.print(f"{count} goods → {file}")


async def _import(
    file: Path,
    profile: str,
    company: str,
    options: SheetOptions,
    *,
    agree: Callable[[Outcome], bool],
    is_quiet: bool,
) -> Outcome:
    sauda = App.build()
    await prepare(sauda)
    async with sauda.running():
        principal = await _principal(sauda, company)
        size = await asyncio.to_thread(os.path.getsize, file)
        if size > FILE_BYTES_MAX:
            raise Refusal("SHEET_TOO_LARGE", max=FILE_BYTES_MAX // 1024**2)
        import_id = SheetImportId(new_id())
        path = sheet_path(
            sauda.config.section(CatalogSettings).sheets_folder, principal.require_company(), import_id
        )
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(shutil.copyfile, file, path)
        transact = partial(sauda.database.transact, principal=principal)
        await transact(add_sheet, AddSheet(import_id, file.name, size))
        await transact(check_sheet, CheckSheet(import_id, profile, options, by_job=False))
        checked, token = await _run(sauda, principal, import_id, path, is_quiet=is_quiet)
        if not agree(checked):
            return checked
        await transact(start_sheet, StartSheet(import_id, token, by_job=False))
        done, _ = await _run(sauda, principal, import_id, path, is_quiet=is_quiet)
        return done


async def _run(
    sauda: App, principal: Principal, import_id: SheetImportId, path: Path, *, is_quiet: bool
) -> tuple[Outcome, str]:
    """Do what is to be done with the file, in this process; what came of it, with the token of a dry run.

    Raises the Refusal that ended it.
    """
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True, quiet=is_quiet),
        transient=True,
    ) as bar:
        shown = bar.add_task(path.name, total=None)

        def tell(report: SheetReport) -> None:
            bar.update(shown, description=f"{report.read} rows, {report.archived} archived")

        while True:
            async with sauda.database.reading(principal) as reader:
                task = await task_of(reader, import_id)
            if task is None:
                break
            run = SheetRun(sauda.database, task, path, formats=SheetFiles(), progress=tell)
            if await run.run() is not Ran.NOT_YET:
                break
    async with sauda.database.reading(principal):
        row = await SheetImport.get(id=import_id)
    if row.refusal_code:
        raise Refusal(row.refusal_code, **orjson.loads(row.refusal_facts))
    facts = read_facts(orjson.loads(row.facts)) if row.facts else None
    return Outcome(row.state, facts, read_report(orjson.loads(row.report))), row.token


async def _export(file: Path, kind: SheetKind, profile: str, company: str, *, with_archived: bool) -> int:
    sauda = App.build()
    await prepare(sauda)
    async with sauda.running():
        principal = await _principal(sauda, company)
        async with sauda.database.reading(principal):
            chosen = await profile_named(profile)
        return await export_to(
            partial(sauda.database.reading, principal),
            file,
            chosen,
            kind=kind,
            formats=SheetFiles(),
            with_archived=with_archived,
        )


async def _principal(sauda: App, company: str) -> Principal:
    async with sauda.database.reading(SYSTEM) as reader:
        return SYSTEM.within((await find_company(reader, company.strip())).id)


def _print(outcome: Outcome, language: str) -> None:
    report = outcome.report
    if outcome.facts is not None:
        facts = outcome.facts
        told = [
            facts.kind.value,
            facts.encoding or "",
            repr(facts.delimiter.value) if facts.delimiter else "",
        ]
        columns = ", ".join(title_of(column) or "—" for column in facts.columns)
        console.print(" · ".join(each for each in told if each), f"· {facts.decimal.value!r} · {columns}")
    counts = {
        "read": report.read,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "failed": report.failed,
        "archived": report.archived,
        "to archive": report.to_archive,
        "groups made": report.groups_made,
    }
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in counts:
        table.add_column(column, justify="right")
    table.add_row(*(str(value) for value in counts.values()))
    console.print(table)
    for fault in report.faults[:20]:
        message = explain(fault.code, fault.facts, language).message
        console.print(f"{fault.line} · {fault.column or '—'} · {message} {fault.cell}", markup=False)
