"""How commands speak: a table for people, JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import orjson
import typer
from rich.console import Console
from rich.table import Table

AS_JSON = typer.Option(False, "--json", help="Print JSON for programs.")

console = Console()


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


def print_rows(rows: Sequence[Mapping[str, str]], *, as_json: bool) -> None:
    """The same rows as a table or as JSON; columns are the keys of the first row."""
    if as_json:
        print_json(list(rows))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in rows[0] if rows else ():
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*row.values())
    console.print(table)
