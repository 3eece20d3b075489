"""`sauda import-1c`: read files of 1C from disk into the catalogue of a company."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from addons.catalog_1c.adapters.commerceml import CommerceMl
from addons.catalog_1c.adapters.device_files import DeviceGoods
from addons.catalog_1c.domain import commands
from addons.catalog_1c.domain.device_files import ENCODINGS, DeviceFormat, ReadOptions
from addons.catalog_1c.domain.file_names import PICTURE_FOLDER, is_image
from addons.catalog_1c.domain.report import ImportReport, Note
from addons.catalog_1c.services.import_files import import_files
from addons.catalog_1c.services.ports import CatalogueFormat
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
    "",
    "--connection",
    help="Name of the 1C base; goods are kept apart by it. Left out: the only base there is, else 1C.",
)
PRICE_TYPE = typer.Option(None, "--price-type", help="Price type to sell by: its name or Ид. Remembered.")
DEFAULT_VAT = typer.Option(
    None, "--default-vat", help='Rate of goods without one: "16" or "Без НДС". Remembered.'
)
COMMERCEML = "commerceml"
FORMATS = (COMMERCEML, *DeviceFormat)
FORMAT = typer.Option(COMMERCEML, "--format", help=f"Format of the files: {', '.join(FORMATS)}.")
ENCODING = typer.Option("", "--encoding", help=f"Of text files: {', '.join(ENCODINGS)}; found by itself.")
TAX_GROUPS = typer.Option(
    None, "--tax-group", help='What a tax group of text files means, such as 1=16 or "3=Без НДС".'
)
LANGUAGE = typer.Option("ru", "--lang", help="Language of the remarks: ru, kk or en.")


@app.command(name="import-1c")
def import_1c(
    files: list[Path] = FILES,
    company: str = COMPANY,
    connection: str = CONNECTION,
    price_type: str | None = PRICE_TYPE,
    default_vat: str | None = DEFAULT_VAT,
    format: str = FORMAT,
    encoding: str = ENCODING,
    tax_groups: list[str] | None = TAX_GROUPS,
    language: str = LANGUAGE,
    as_json: bool = AS_JSON,
) -> None:
    """Import goods, groups and prices that 1C exported. Repeating it changes nothing.

    Nothing is stored when a file is broken. Exit code 3: refused, with the reason.

    Examples:

      sauda import-1c import0_1.xml offers0_1.xml --company 123456789012

      sauda import-1c webdata/ --price-type Розничная --json

      sauda import-1c goods.txt --format frontol --tax-group 1=16
    """
    command = commands.ImportFiles(
        paths=tuple(_expanded(files)),
        connection=connection or None,
        price_type=price_type,
        default_vat=default_vat,
    )
    reader = _format(format, encoding, tax_groups or [])
    result = asyncio.run(_run(command, company, reader, is_quiet=as_json))
    if as_json:
        print_json(_as_json(result, language))
    else:
        _print(result, language)


def _format(name: str, encoding: str, tax_groups: list[str]) -> CatalogueFormat:
    if name == COMMERCEML:
        return CommerceMl()
    if name not in FORMATS:
        raise typer.BadParameter(f"one of {', '.join(FORMATS)}", param_hint="--format")
    if encoding and encoding not in ENCODINGS:
        raise typer.BadParameter(f"one of {', '.join(ENCODINGS)}", param_hint="--encoding")
    return DeviceGoods(DeviceFormat(name), ReadOptions(encoding, taxes_of(tax_groups)))


def taxes_of(tax_groups: list[str]) -> dict[str, str]:
    """Rates by the number of their group."""
    pairs = [each.partition("=") for each in tax_groups]
    if not all(group and equals and rate for group, equals, rate in pairs):
        raise typer.BadParameter("GROUP=RATE", param_hint="--tax-group")
    return {group.strip(): rate.strip() for group, _, rate in pairs}


async def _run(
    command: commands.ImportFiles, company: str, format: CatalogueFormat, *, is_quiet: bool
) -> commands.ImportResult:
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
                format=format,
                principal=SYSTEM.within(card.id),
                progress=show,
                picture_folders=_picture_folders(command.paths),
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


def _picture_folders(paths: Sequence[Path]) -> list[Path]:
    """Folders of the files beside which pictures lie."""
    folders = dict.fromkeys(path.parent for path in paths)
    return [
        each
        for each in folders
        if (each / PICTURE_FOLDER).is_dir() or any(is_image(inside.name) for inside in each.iterdir())
    ]


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
