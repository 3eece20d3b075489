"""Writes migration files of one add-on: `python -m kernel.data.makemigrations <add-on>`. For authors; never
run on an installation.

One operation per file: MariaDB and MySQL cannot undo DDL, so a file must either be applied whole or not at
all.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from tortoise import Model
from tortoise.context import TortoiseContext
from tortoise.indexes import Index
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.operations import CreateModel, Operation
from tortoise.migrations.writer import MigrationWriter, slugify_migration_name

from kernel.addons.loader import load_addons
from kernel.app import table_sets
from kernel.data.database import CONNECTION
from kernel.data.migrate import KERNEL_APP, TableSet, tortoise_apps
from kernel.errors import Fault, SetupFault

_SCRATCH = {"engine": "tortoise.backends.sqlite", "credentials": {"file_path": ":memory:"}}


async def unwritten(apps: Sequence[TableSet], label: str) -> list[MigrationWriter]:
    """What the models of that add-on have and its migration files have not; nothing is written."""
    async with TortoiseContext() as context:
        await context.init(config={"connections": {CONNECTION: _SCRATCH}, "apps": tortoise_apps(apps)})
        assert context.apps is not None
        for model in context.apps.get_models_iterable():
            _check(model)
            model._meta.table_description = ""  # a docstring with ";" would cut the script on SQLite
        changes = await MigrationAutodetector(context.apps, tortoise_apps(apps)).changes()
    return [change for change in changes if change.app_label == label]


async def write(apps: Sequence[TableSet], label: str) -> list[str]:
    """Paths of the files written for that add-on, one per changed table or column."""
    app = next(app for app in apps if app.label == label)
    package = Path(importlib.import_module(app.migrations).__path__[0])
    changes = await unwritten(apps, label)
    number = len(known := _files(package))
    previous = max(known, default=None)
    written: list[str] = []
    for change in changes:
        outside = [dependency for dependency in change.dependencies if dependency[0] != label]
        for operation in change.operations:
            number += 1
            name = f"{number:04d}_{_name(operation)}"
            inside = [(label, previous)] if previous else []
            writer = MigrationWriter(
                name,
                label,
                [operation],
                dependencies=[*outside, *inside],
                initial=previous is None,
                migrations_module=app.migrations,
            )
            written.append(str(writer.write()))
            previous = name
    return written


def _check(model: type[Model]) -> None:
    """Tortoise's migrations take names of fields in an index for names of columns."""
    meta = model._meta
    indexed = {
        name for index in meta.indexes for name in (index.fields if isinstance(index, Index) else index)
    }
    indexed |= {name for together in meta.unique_together for name in together}
    renamed = [name for name in indexed if meta.fields_map[name].source_field]
    if renamed:
        raise Fault(
            f"{model.__name__}: indexed fields must be named as their columns: {', '.join(sorted(renamed))}"
        )


def _files(package: Path) -> list[str]:
    return [path.stem for path in package.glob("[0-9]*.py")]


def _name(operation: Operation) -> str:
    model = (
        getattr(operation, "name", None)
        if isinstance(operation, CreateModel)
        else getattr(operation, "model_name", None)
    )
    verb = "" if isinstance(operation, CreateModel) else f"{type(operation).__name__}_"
    column = "" if isinstance(operation, CreateModel) else f"_{getattr(operation, 'name', '')}"
    return slugify_migration_name(f"{verb}{model or 'change'}{column}")


def main() -> None:
    """Entry of the module: names of add-ons, or "kernel", as arguments."""
    for label in sys.argv[1:]:
        try:
            registry = load_addons([] if label == KERNEL_APP else [label])
        except SetupFault as fault:
            sys.exit("\n".join(fault.problems))
        paths = asyncio.run(write(table_sets(registry), label))
        sys.stdout.write("".join(f"{path}\n" for path in paths) or f"{label}: nothing has changed\n")


if __name__ == "__main__":
    main()
