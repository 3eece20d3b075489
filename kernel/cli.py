"""`sauda`: one command for everything. The kernel's own commands are in kernel.commands; those of other rooms
come by entry point (group `sauda.commands`) and those of add-ons from the registry, each loaded only when it
is called.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup
from typer.main import get_command

from kernel.errors import Fault, Refusal, SetupFault, Unavailable

COMMAND_GROUP = "sauda.commands"

EXIT_FAILED = 1  # what was checked is not as it should be
EXIT_USAGE = 2  # wrong arguments, configuration or set of add-ons
EXIT_REFUSED = 3  # understood and declined
EXIT_UNAVAILABLE = 4  # a partner (database, server) is silent: try again

EPILOG = (
    "[b]Exit codes[/b]: 0 done · 1 something checked is not right · 2 wrong arguments, settings or add-ons · "
    "3 refused · 4 a partner does not answer."
)

COMPLETION = ("install_completion", "show_completion")  # of `sauda` as a whole, not of each command

# Kernel commands by name: "module:attribute" of a typer app, and one line of help shown without loading it.
OWN_COMMANDS = {
    "migrate": ("kernel.commands.migrate:app", "Bring the database up to date and install what is new."),
    "addon": ("kernel.commands.addon:app", "List, install, deactivate, check and make add-ons."),
    "config": ("kernel.commands.config:app", "Show every setting with where its value comes from."),
    "doctor": ("kernel.commands.doctor:app", "Say what is missing on this machine and how to mend it."),
    "build": ("kernel.commands.build:app", "Sign the files of this installation, or check them."),
    "journal": ("kernel.journal.cli:app", "Verify the chain of digests of every register's journal."),
    "refusals": ("kernel.commands.refusals:app", "Print every refusal with its texts and next steps."),
    "schema": ("kernel.commands.schema:app", "Print the GraphQL schema of this set of add-ons."),
}
# Short help of commands that come by entry point, shown without importing them.
POINT_HELP = {
    "up": "Everything in one process: gateway and worker (embedded defaults).",
    "gateway": "Serve GraphQL, pages and health.",
    "worker": "Work lanes, schedules and the outbox.",
    "agent": "Print the queue of an outlet on the printers beside it.",
    "demo": "A demo shop on the OFD simulator: import goods, sell, print a receipt.",
    "simulate": "Stand-ins of partners that speak the real wire (OFD).",
}
ORDER = (
    "up",
    "demo",
    "gateway",
    "worker",
    "migrate",
    "doctor",
    "config",
    "addon",
    "import-1c",
    "agent",
    "simulate",
)


class LazyCommands(TyperGroup):
    """Finds a command by name and loads only that one."""

    _is_listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of all commands: the kernel's, other rooms' and, when they can be loaded, the add-ons'."""
        names = {*OWN_COMMANDS, *_points(), *_addon_commands()}
        return [*(name for name in ORDER if name in names), *sorted(names - set(ORDER))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command itself, or while help is being printed a stand-in with one line of help."""
        if cmd_name in OWN_COMMANDS:
            target, line = OWN_COMMANDS[cmd_name]
            return _stub(cmd_name, line) if self._is_listing else _loaded(cmd_name, target)
        if point := _points().get(cmd_name):
            line = POINT_HELP.get(cmd_name, f"From {point.value.partition(':')[0]}.")
            return _stub(cmd_name, line) if self._is_listing else _loaded(cmd_name, point.value)
        found = _addon_commands().get(cmd_name)
        return None if found is None else _named(cmd_name, get_command(found))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print help without loading any command."""
        self._is_listing = True
        super().format_help(ctx, formatter)


app = typer.Typer(
    name="sauda",
    cls=LazyCommands,
    help="Sauda: self-hosted platform of online cash registers for Kazakhstan.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        Console().print(f"sauda {version('sauda')}", highlight=False)
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Show it."),
) -> None:
    """Sauda: self-hosted platform of online cash registers for Kazakhstan."""


def main() -> None:
    """Entry of the console script: expected failures become one clear message and an exit code."""
    sys.exit(guarded(app))


def guarded(run: Callable[[], object]) -> int:
    """Run a command; the exit code. Faults in our own code keep their traceback."""
    console = Console(stderr=True)
    try:
        run()
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else EXIT_FAILED
    except Refusal as refusal:
        from kernel.i18n import explain

        text = explain(refusal.code, refusal.facts, "en")
        _tell(console, refusal.code, f"{text.message} {text.next_action or ''}")
        return EXIT_REFUSED
    except Unavailable as silent:
        from kernel.i18n import explain, texts

        text = explain(silent.code, silent.facts, "en")
        is_known = silent.code in texts()
        known = f"{text.message} {text.next_action or ''}"
        _tell(console, silent.code, known if is_known else "a partner does not answer; try again")
        return EXIT_UNAVAILABLE
    except SetupFault as fault:
        for line in fault.problems:
            console.print(f"[red]•[/] {escape(line)}", highlight=False)
        return EXIT_USAGE
    return 0


def _tell(console: Console, code: str, text: str) -> None:
    console.print(f"[red]{code}[/]: {escape(text.strip())}", highlight=False)


def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=COMMAND_GROUP)}


def _addon_commands() -> dict[str, typer.Typer]:
    """Commands that add-ons registered; none when they cannot be loaded (doctor and help still work)."""
    from kernel.addons.loader import load_addons

    try:
        registry = load_addons()
    except (Fault, ImportError) as error:
        Console(stderr=True).print(f"[yellow]add-ons are not loaded:[/] {error}", highlight=False)
        return {}
    return {str(each.thing.info.name): each.thing for each in registry.commands if each.thing.info.name}


def _loaded(name: str, target: str) -> Any:
    module, _, attribute = target.partition(":")
    try:
        return _named(name, get_command(getattr(import_module(module), attribute)))
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        message = f"sauda {name}: {module} is not on this machine; install Sauda whole (make setup)"
        Console(stderr=True).print(f"[red]{message}[/]")
        raise typer.Exit(EXIT_USAGE) from error


def _named(name: str, command: Any) -> Any:
    command.name = name
    command.params = [each for each in command.params if each.name not in COMPLETION]
    return command


def _stub(name: str, line: str) -> Any:
    stub = typer.Typer(name=name, help=line)

    @stub.command(name=name, help=line)
    def nothing() -> None: ...

    return get_command(stub)


if __name__ == "__main__":
    main()
