"""`sauda doctor`: findings of kernel.doctor, printed."""

from __future__ import annotations

import asyncio

import typer

from kernel.cli import EXIT_FAILED
from kernel.commands.output import AS_JSON, console, print_json
from kernel.config import ConfigError, load_config
from kernel.doctor import examine
from kernel.doctor_finding import Finding, Level
from kernel.errors import Fault

app = typer.Typer()

MARKS = {
    Level.OK: "[green]✓[/]",
    Level.CROSS: "[yellow]✗[/]",
    Level.WARN: "[yellow]![/]",
    Level.FAIL: "[red]✗[/]",
}


@app.command()
def doctor(as_json: bool = AS_JSON) -> None:
    """Say what is missing on this machine and how to mend it. Exit code 1 when something must be mended.

    Examples:

      sauda doctor

      SAUDA_DATABASE__URL=mysql://root@127.0.0.1/sauda sauda doctor --json
    """
    findings = _findings()
    if as_json:
        print_json(
            [
                {"name": each.name, "level": each.level.value, "text": each.text, "remedy": each.remedy}
                for each in findings
            ]
        )
    else:
        for each in findings:
            console.print(f"{MARKS[each.level]} [b]{each.name}[/]  {each.text}", highlight=False)
            if each.remedy:
                console.print(f"    mend: {each.remedy}", highlight=False)
    if any(each.level is Level.FAIL for each in findings):
        raise typer.Exit(EXIT_FAILED)


def _findings() -> list[Finding]:
    """Wrong settings are a finding too: the rest is then examined with the defaults."""
    from kernel.addons.loader import load_addons

    problems: list[str] = []
    try:
        registry = load_addons()
    except Fault:
        registry = None  # told by the check of add-ons
    try:
        config = load_config(registry)
    except ConfigError as error:
        problems += error.problems
        from kernel.config import Sources

        config = load_config(None, Sources({}, "", {}))
    wrong = [Finding("settings", Level.FAIL, problem, "sauda config show") for problem in problems]
    return [*wrong, *asyncio.run(examine(config))]
