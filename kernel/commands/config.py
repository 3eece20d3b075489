"""`sauda config`: every setting with the source of its value, and what a company chose for itself."""

from __future__ import annotations

import asyncio
from uuid import UUID

import typer

from kernel.addons.lifecycle import load_chosen
from kernel.addons.loader import load_addons
from kernel.addons.registry import Registry
from kernel.app import App
from kernel.commands.output import AS_JSON, console, print_rows
from kernel.company_settings import choosable, choose_setting
from kernel.config import ConfigError, load_config, variable_of
from kernel.config_sections import KERNEL_SECTIONS
from kernel.config_values import show_value
from kernel.ids import CompanyId
from kernel.security.principal import SYSTEM

app = typer.Typer(help="Settings: defaults < file < environment < company.")

COMPANY = typer.Option("", "--company", help="Id of a company: with what it chose for itself.")


@app.callback()
def config() -> None:
    """Settings: defaults < sauda.toml (or SAUDA_CONFIG) < environment SAUDA_SECTION__NAME < company."""


@app.command()
def show(
    section: str = typer.Argument("", help="Only this section."),
    company: str = COMPANY,
    as_json: bool = AS_JSON,
) -> None:
    """Every setting, its value, where the value comes from and, on a wide terminal or with --json, the
    variable that sets it. Secrets stay hidden.

    Examples:

      sauda config show

      sauda config show database --json
    """
    loaded = load_config(load_addons())
    known = sorted({value.section for value in loaded.shown})
    if section and section not in known:
        raise ConfigError([f"{section}: no such section (known: {', '.join(known)})"])
    rows = [
        {
            "setting": f"{value.section}.{value.name}",
            "value": value.text,
            "source": value.source,
            "variable": variable_of(value.section, value.name),
        }
        for value in loaded.shown
        if not section or value.section == section
    ]
    if company:
        chosen = asyncio.run(_choices_of(App.build(loaded), company))
        for row in rows:
            if row["setting"] in chosen:
                row.update(value=chosen[row["setting"]], source=f"company {company}")
    print_rows(rows, as_json=as_json, wide=("variable",))


@app.command()
def choose(
    setting: str = typer.Argument(help="section.name, as `sauda config show` prints it."),
    value: str = typer.Argument(
        help="The company's own value; an empty text goes back to the installation's."
    ),
    company: str = typer.Option(..., "--company", help="Id of the company."),
) -> None:
    """Choose a setting for one company; running processes follow within half a minute at most.

    Example:

      sauda config choose trade.discount_limit_bp 500 --company 0198f3a0-7b1c-7c3e-9d52-3a1f0c9e4b11
    """
    if not _is_id(company):
        raise typer.BadParameter("the id of a company is a UUID", param_hint="--company")
    section, _, name = setting.partition(".")
    owned = load_chosen()
    target = _sections(owned).get(section)
    if target is None:
        raise ConfigError([f"{setting}: no such section (known: {', '.join(sorted(_sections(owned)))})"])
    asyncio.run(_choose(App.build(registry=owned), target, name, value or None, company))
    console.print(f"{setting} is {value or 'as installed'} for company {company}", highlight=False)


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _sections(registry: Registry) -> dict[str, type]:
    own = {str(section.SECTION): section for section in KERNEL_SECTIONS}  # type: ignore[attr-defined]
    return own | {name: each.thing for name, each in registry.settings_sections.items()}


async def _choose(sauda: App, section: type, name: str, value: str | None, company: str) -> None:
    principal = SYSTEM.within(CompanyId(company))
    async with sauda.running():
        await sauda.database.transact(choose_setting, section, name, value, principal=principal)


async def _choices_of(sauda: App, company: str) -> dict[str, str]:
    """Choosable settings whose value for the company differs from the installation's."""
    async with sauda.running():
        found = {}
        for name, section in _sections(sauda.registry).items():
            mine: object = sauda.database.choices.settings_of(section, company)
            ours: object = sauda.database.choices.settings_of(section, None)
            for each in choosable(section):
                if getattr(mine, each) != getattr(ours, each):
                    found[f"{name}.{each}"] = show_value(getattr(mine, each))
        return found
