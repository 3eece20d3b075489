"""`sauda refusals`: every refusal of this set of add-ons as one page."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from kernel.addons.loader import load_addons
from kernel.cli import EXIT_FAILED
from kernel.commands.output import console
from kernel.refusals_page import refusals_page, rooms_of

app = typer.Typer()


@app.command()
def refusals(
    write: Path | None = typer.Option(None, help="Write the page to this file."),
    check: Path | None = typer.Option(None, help="Fail when this file says something else."),
) -> None:
    """Print every refusal with its texts and next step, and the usual troubles, as in docs/refusals.md.

    Example:

      sauda refusals --write docs/refusals.md
    """
    page = refusals_page(rooms_of(load_addons().addons))
    if check is not None and (not check.exists() or check.read_text(encoding="utf-8") != page):
        console.print(f"{check} is out of date: sauda refusals --write {check}")
        raise typer.Exit(EXIT_FAILED)
    if write is not None:
        write.write_text(page, encoding="utf-8")
    if check is None and write is None:
        sys.stdout.write(page)
