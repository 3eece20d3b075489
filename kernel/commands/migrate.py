"""`sauda migrate`: tables of the kernel and of every add-on, then the state of what is installed."""

from __future__ import annotations

import asyncio

import typer

from kernel.app import App, table_sets
from kernel.commands.output import AS_JSON, console, print_json
from kernel.config import DatabaseSettings
from kernel.data.migrate import pending
from kernel.setup import prepare

app = typer.Typer()


@app.command()
def migrate(
    dry_run: bool = typer.Option(False, "--dry-run", help="Only say what would be applied."),
    as_json: bool = AS_JSON,
) -> None:
    """Bring the database up to date and install what is new. Only forwards; safe to run again.

    Examples:

      sauda migrate

      SAUDA_DATABASE__URL=mysql://sauda:secret@db/sauda sauda migrate --dry-run
    """
    sauda = App.build()
    if dry_run:
        url = sauda.config.section(DatabaseSettings).url
        todo = asyncio.run(pending(url, table_sets(sauda.registry)))
        news: list[str] = []
    else:
        todo, news = asyncio.run(prepare(sauda, progress=None if as_json else console.print))
    if as_json:
        print_json({"dry_run": dry_run, "files": todo, "addons": news})
        return
    for line in news:
        console.print(f"installed {line}")
    if dry_run:
        for key in todo:
            console.print(key, highlight=False)
    done = "to apply" if dry_run else "applied"
    console.print(f"{len(todo)} migrations {done}" if todo else "the database is up to date")
