"""How commands speak: a table for people, JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

AS_JSON = typer.Option(False, "--json", help="Print JSON for programs.")

console = Console()


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


def print_rows(rows: Sequence[Mapping[str, str]], *, as_json: bool, wide: Collection[str] = ()) -> None:
    """The same rows as a table or as JSON; columns are the keys of the first row.

    wide: columns left out of the table on a terminal where not all of them fit.
    """
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        return
    columns = list(rows[0])
    if _width(rows) > console.width:
        columns = [column for column in columns if column not in wide]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(escape(row[column]) for column in columns))
    console.print(table, highlight=False)


def _width(rows: Sequence[Mapping[str, str]]) -> int:
    """Characters the widest line of all columns would take."""
    longest = [max(len(column), *(len(row[column]) for row in rows)) for column in rows[0]]
    return sum(longest) + 2 * (len(longest) - 1)
