"""`sauda addon`: what is here, what is active, and a new one to begin with."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import typer

from kernel.addons.discovery import PATH_VARIABLE, addon_folders, discover
from kernel.addons.graph import select
from kernel.addons.lifecycle import Installed, activate, chosen, deactivate, purge, states_of
from kernel.addons.loader import load
from kernel.addons.manifest import Manifest
from kernel.app import App, table_sets
from kernel.cli import EXIT_FAILED
from kernel.commands.output import AS_JSON, console, print_rows
from kernel.config import DatabaseSettings, kernel_section
from kernel.errors import Refusal
from kernel.security.principal import SYSTEM
from kernel.setup import prepare

app = typer.Typer(help="Add-ons of this installation.", no_args_is_help=True)

NAME = typer.Argument(help="Name of the add-on, as in addon.toml.")


@app.callback()
def addon() -> None:
    """Add-ons: found on SAUDA_ADDONS_PATH and by the entry-point group sauda.addons."""


@app.command("list")
def list_addons(as_json: bool = AS_JSON) -> None:
    """Every add-on that is found here or known to the database, in loading order.

    Example:

      sauda addon list --json
    """
    available = discover()
    states = states_of(kernel_section(DatabaseSettings).url)
    loading = set(chosen(available, states))
    rows = [
        _row(manifest, states.get(manifest.name), is_loaded=manifest.name in loading)
        for manifest in select(available)
    ]
    for name in sorted(set(states) - set(available)):
        gone = {"name": name, "version": str(states[name].version), "state": "missing", "loaded": "no"}
        rows.append({**gone, "depends": "", "folder": ""})
    print_rows(rows, as_json=as_json, wide=("folder",))


@app.command()
def install(name: str = NAME) -> None:
    """Make the tables of an add-on and activate it (again). What it depends on is installed too.

    Example:

      sauda addon install catalog_1c
    """
    available = _require(name)
    states = states_of(kernel_section(DatabaseSettings).url)
    wanted = {*chosen(available, states), name}
    sauda = App.build(registry=load(select(available, wanted)))
    asyncio.run(_install(sauda, name))
    console.print(f"{name} is installed and active; start sauda again to serve it")


@app.command("deactivate")
def deactivate_addon(name: str = NAME) -> None:
    """Stop serving an add-on from the next start on: its rows stay, its jobs are parked.

    Example:

      sauda addon deactivate catalog_1c
    """
    available = _require(name)
    asyncio.run(_deactivate(App.build(), name, available))
    console.print(f"{name} is deactivated; start sauda again to stop serving it")


@app.command("purge")
def purge_addon(
    name: str = NAME, yes: bool = typer.Option(False, "--yes", help="Drop its tables without asking.")
) -> None:
    """Drop the tables of a deactivated add-on. Refused while its rows must be kept.

    Example:

      sauda addon purge hello --yes
    """
    manifest = _require(name)[name]
    if not yes:
        typer.confirm(f"Drop every table of {name}? This cannot be undone", abort=True)
    dropped = asyncio.run(_purge(App.build(), manifest))
    console.print(f"{name} is gone, tables dropped: {len(dropped)}")


@app.command()
def check(name: str = NAME) -> None:
    """Run the tests of an add-on: its own and the promises every add-on keeps. Needs the development
    packages.

    Example:

      sauda addon check trade
    """
    manifest = _require(name)[name]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--import-mode=importlib",
        str(manifest.folder / "tests"),
    ]
    house = Path(__file__).resolve().parents[2]
    if (house / "pyproject.toml").exists():
        command += ["-c", str(house / "pyproject.toml"), "--rootdir", str(house)]
    raise typer.Exit(EXIT_FAILED if subprocess.run(command, check=False).returncode else 0)


@app.command()
def new(
    name: str = typer.Argument(help="snake_case; also the name of its folder and package."),
    folder: Path = typer.Option(Path("."), "--in", help="Where to make the folder of the add-on."),
    short: str = typer.Option(
        "", help="Name of the field it adds to other types; default: the name, squeezed."
    ),
) -> None:
    """Make a new add-on that works at once: table, service, GraphQL, a field on Register, page, job, tests.

    Example:

      sauda addon new hello --in ~/my-addons

      SAUDA_ADDONS_PATH=~/my-addons sauda addon check hello
    """
    from kernel.addons.scaffold import write_addon
    from kernel.data.makemigrations import write

    path = write_addon(folder, name, short=short or name.replace("_", ""))
    registry = load(select(discover([*addon_folders(), path.parent.resolve()]), [name]))
    asyncio.run(write(table_sets(registry), name))
    console.print(f"[green]{path}[/] is ready. Next:")
    is_house = registry.addon(name).package != name
    found_by = "" if is_house else f"{PATH_VARIABLE}={path.parent.resolve()} "
    console.print(f"  {found_by}sauda addon check {name}", highlight=False)
    if is_house:
        console.print(
            "  and give it its walls in pyproject.toml ([tool.importlinter])", highlight=False, markup=False
        )


def _row(manifest: Manifest, installed: Installed | None, *, is_loaded: bool) -> dict[str, str]:
    state = "new" if installed is None else installed.state.value
    version = str(manifest.version)
    if installed is not None and installed.version != manifest.version:
        version = f"{installed.version} → {version}"
    return {
        "name": manifest.name,
        "version": version,
        "state": state,
        "loaded": "yes" if is_loaded else "no",
        "depends": ", ".join(str(need) for need in manifest.depends),
        "folder": str(manifest.folder),
    }


def _require(name: str) -> Mapping[str, Manifest]:
    available = discover()
    if name not in available:
        raise Refusal("ADDON_UNKNOWN", name=name)
    return available


async def _install(sauda: App, name: str) -> None:
    await prepare(sauda)
    async with sauda.running():
        await sauda.database.transact(activate, name, principal=SYSTEM)


async def _deactivate(sauda: App, name: str, available: Mapping[str, Manifest]) -> None:
    async with sauda.running():
        await sauda.database.transact(deactivate, name, principal=SYSTEM, available=available)


async def _purge(sauda: App, manifest: Manifest) -> list[str]:
    async with sauda.running():
        return await sauda.database.transact(purge, manifest, principal=SYSTEM)
