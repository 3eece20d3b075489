"""`sauda config show`: every setting with the source of its value."""

from __future__ import annotations

import typer

from kernel.addons.loader import load_addons
from kernel.commands.output import AS_JSON, print_rows
from kernel.config import load_config, variable_of

app = typer.Typer(help="Settings: defaults < file < environment < company.")


@app.callback()
def config() -> None:
    """Settings: defaults < sauda.toml (or SAUDA_CONFIG) < environment SAUDA_SECTION__NAME < company."""


@app.command()
def show(
    section: str = typer.Argument("", help="Only this section."),
    as_json: bool = AS_JSON,
) -> None:
    """Every setting, its value, where the value comes from and the variable that sets it. Secrets stay
    hidden.

    Examples:

      sauda config show

      sauda config show database --json
    """
    values = [value for value in load_config(load_addons()).shown if not section or value.section == section]
    rows = [
        {
            "setting": f"{value.section}.{value.name}",
            "value": value.text,
            "source": value.source,
            "variable": variable_of(value.section, value.name),
        }
        for value in values
    ]
    print_rows(rows, as_json=as_json)
