"""`sauda schema`: the published form of the GraphQL schema."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from kernel.addons.loader import load_addons
from kernel.cli import EXIT_FAILED
from kernel.commands.output import console

app = typer.Typer()


@app.command()
def schema(
    output: Path | None = typer.Option(None, "--output", "-o", help="Write to this file instead."),
    check: Path | None = typer.Option(None, "--check", help="Compare with this file; exit 1 when different."),
) -> None:
    """Print the GraphQL schema (SDL) of this set of add-ons.

    Examples:

      sauda schema --output schema.graphql

      sauda schema --check schema.graphql
    """
    from kernel.gql.schema import build_schema

    text = build_schema(load_addons()).as_str().rstrip() + "\n"
    if check is not None:
        if not check.exists() or check.read_text(encoding="utf-8") != text:
            console.print(f"{check} is not the schema of this code: run sauda schema --output {check}")
            raise typer.Exit(EXIT_FAILED)
        console.print(f"{check} is up to date")
    elif output is not None:
        output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
