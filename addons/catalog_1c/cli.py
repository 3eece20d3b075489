"""`sauda import-1c`: read 1C exports from disk into the catalogue of a company."""

from __future__ import annotations

import asyncio
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from addons.catalog_1c.adapters.commerceml import CommerceMl
from addons.catalog_1c.domain import commands
from addons.catalog_1c.domain.report import ImportReport, Note
from addons.catalog_1c.services.import_files import import_files
from addons.organization.api import find_company
from kernel.app import App
from kernel.commands.output import AS_JSON, console, print_json
from kernel.i18n import explain
from kernel.security.principal import SYSTEM
from kernel.setup import prepare

_SUFFIXES = (".xml",)

app = typer.Typer(name="import-1c", add_completion=False)

FILES = typer.Argument(..., help="CommerceML files, or folders with *.xml, in any order.", exists=True)
COMPANY = typer.Option(
    "", "--company", "-c", help="BIN or identifier; may be left out when there is only one."
)
CONNECTION = typer.Option(
    commands.DEFAULT_CONNECTION, "--connection", help="Name of the 1C base; goods are kept apart by it."
)
PRICE_TYPE = typer.Option(None, "--price-type", help="Price type to sell by: its name or Ид. Remembered.")
DEFAULT_VAT = typer.Option(
    None, "--default-vat", help='Rate of goods without one: "16" or "Без НДС". Remembered.'
)
LANGUAGE = typer.Option("ru", "--lang", help="Language of the remarks: ru, kk or en.")


@app.command(name="import-1c")
def import_1c(
    files: list[Path] = FILES,
    company: str = COMPANY,
    connection: str = CONNECTION,
    price_type: str | None = PRICE_TYPE,
    default_vat: str | None = DEFAULT_VAT,
    language: str = LANGUAGE,
    as_json: bool = AS_JSON,
) -> None:
    """Import goods, groups and prices that 1C exported (CommerceML 2.x). Repeating it changes nothing.

    Nothing is stored when a file is broken. Exit code 3: refused, with the reason.

    Examples:

      sauda import-1c import0_1.xml offers0_1.xml --company 123456789012

      sauda import-1c webdata/ --price-type Розничная --json
    """
    command = commands.ImportFiles(
        paths=tuple(_expanded(files)),
        connection=connection,
        price_type=price_type,
        default_vat=default_vat,
    )
    result = asyncio.run(_run(command, company, is_quiet=as_json))
    if as_json:
        print_json(_as_json(result, language))
    else:
        _print(result, language)


async def _run(command: commands.ImportFiles, company: str, *, is_quiet: bool) -> commands.ImportResult:
    sauda = App.build()
    await prepare(sauda)
    async with sauda.running():
        async with sauda.database.reading(SYSTEM) as reader:
            card = await find_company(reader, company.strip())
        with _bar(is_quiet=is_quiet) as bar:
            task = bar.add_task("1C", total=None)

            def show(progress: commands.Progress) -> None:
                name = Path(progress.file).name
                bar.update(task, description=name, completed=progress.bytes_read, total=progress.bytes_total)

            return await import_files(
                sauda.database,
                command,
                format=CommerceMl(),
                principal=SYSTEM.within(card.id),
                progress=show,
            )


def _bar(*, is_quiet: bool) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True, quiet=is_quiet),
        transient=True,
    )


def _expanded(paths: list[Path]) -> list[Path]:
    """Folders stand for the XML files in them."""
    found: list[Path] = []
    for path in paths:
        inside = [each for each in sorted(path.rglob("*")) if each.suffix.lower() in _SUFFIXES]
        found.extend(inside if path.is_dir() else [path])
    return found


def _print(result: commands.ImportResult, language: str) -> None:
    report = result.report
    table = Table(title="1C → Sauda", box=None, header_style="bold", pad_edge=False)
    for column in _counts(report):
        table.add_column(column, justify="right")
    table.add_row(*(str(value) for value in _counts(report).values()))
    console.print(table)
    if report.reasons:
        reasons = Table(box=None, header_style="bold", pad_edge=False)
        reasons.add_column("rows", justify="right")
        reasons.add_column("reason", overflow="fold")
        reasons.add_column("for example", overflow="fold")
        for code, count in report.reasons.most_common():
            first = next((note for note in report.notes if note.code == code), Note(code, ""))
            reasons.add_row(str(count), _text(first, language), f"{first.external_id} {first.fact}".strip())
        console.print(reasons)
    if result.waiting:
        console.print(f"{result.waiting} offers wait for their goods", style="yellow")


def _counts(report: ImportReport) -> dict[str, int]:
    return {
        "read": report.read,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "archived": report.archived,
        "skipped": report.skipped,
        "pending": report.pending,
        "attached": report.attached,
        "groups": report.groups_created + report.groups_updated,
    }


def _text(note: Note, language: str) -> str:
    return explain(note.code, {"fact": note.fact}, language).message


def _as_json(result: commands.ImportResult, language: str) -> dict[str, object]:
    notes = [
        {
            "code": note.code,
            "external_id": note.external_id,
            "fact": note.fact,
            "is_skip": note.is_skip,
            "message": _text(note, language),
        }
        for note in result.report.notes
    ]
    return {
        "session_id": result.session_id,
        "connection_id": result.connection_id,
        "files": list(result.files),
        **_counts(result.report),
        "reasons": dict(result.report.reasons),
        "notes": notes,
        "waiting": result.waiting,
    }
