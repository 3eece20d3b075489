"""`sauda watch-folder` and `sauda export-1c`: files of offline registers in a folder of this machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from addons.catalog_1c.adapters.equipment_folder import alone_in
from addons.catalog_1c.adapters.equipment_tools import Tools
from addons.catalog_1c.cli import COMMERCEML, COMPANY, ENCODING, LANGUAGE, TAX_GROUPS, taxes_of
from addons.catalog_1c.domain import commands
from addons.catalog_1c.domain.device_files import DeviceFormat
from addons.catalog_1c.domain.equipment import (
    FILE_NAMES,
    FileNames,
    LinkEquipment,
    LinkId,
    LinkSnapshot,
    LinkWay,
)
from addons.catalog_1c.exchange_cli import export_commerceml
from addons.catalog_1c.services.equipment_folder_run import FolderRun
from addons.catalog_1c.services.equipment_links import link_equipment, link_of_connection, link_snapshot
from addons.organization.api import find_company, register_names
from kernel.app import App
from kernel.commands.output import console
from kernel.errors import Refusal
from kernel.i18n import explain
from kernel.security.principal import SYSTEM, Principal
from kernel.setup import prepare

watching = typer.Typer(name="watch-folder", add_completion=False)
exporting = typer.Typer(name="export-1c", add_completion=False)

FORMATS = ", ".join(DeviceFormat)
EXPORTED = f"{COMMERCEML}, {FORMATS}"
FOLDER = typer.Argument(
    ..., help="Folder that 1C writes to and reads from.", exists=True, file_okay=False, writable=True
)
OUT = typer.Option(..., "--out", help="File of the report.")
FORMAT = typer.Option(..., "--format", help=f"Format of the files: {FORMATS}.")
EXPORT_FORMAT = typer.Option(..., "--format", help=f"Format of the file: {EXPORTED}.")
CONNECTION = typer.Option(commands.DEFAULT_CONNECTION, "--connection", help="Name of the 1C base.")
REGISTER = typer.Option(
    None, "--register", help="Number of the register whose sales go back; text formats need it."
)
GOODS = typer.Option("", "--goods", help="Name of the goods file, if not the usual one.")
REPORT = typer.Option("", "--report", help="Name of the report, if not the usual one.")
NO_FLAG = typer.Option(False, "--no-flag", help="1C writes no flag file: read when nobody writes any more.")
ARCHIVES_ABSENT = typer.Option(
    False, "--archive-absent", help="Goods that a full load does not name go out of sale; at most a tenth."
)
EVERY_S = typer.Option(15, "--every", min=1, max=3600, help="Seconds between two looks.")
ONCE = typer.Option(False, "--once", help="Look once and end.")
ACKNOWLEDGES = typer.Option(False, "--acknowledge", help="Of commerceml: what is written is taken for told.")
AGAIN = typer.Option(False, "--again", help="Tell the standing report once more: 1C has lost it.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says of a link."""

    company: str
    connection: str
    format: str
    register: int | None
    names: FileNames
    encoding: str = ""
    tax_groups: tuple[str, ...] = ()
    archives_absent: bool = False


@watching.command(name="watch-folder")
def watch_folder(
    folder: Path = FOLDER,
    format: str = FORMAT,
    company: str = COMPANY,
    connection: str = CONNECTION,
    register: int | None = REGISTER,
    goods: str = GOODS,
    report: str = REPORT,
    no_flag: bool = NO_FLAG,
    encoding: str = ENCODING,
    tax_groups: list[str] | None = TAX_GROUPS,
    archives_absent: bool = ARCHIVES_ABSENT,
    every_s: int = EVERY_S,
    once: bool = ONCE,
    again: bool = AGAIN,
    language: str = LANGUAGE,
) -> None:
    """Be an offline register for a 1C base: take goods from the folder, leave reports of sales in it.

    Ends with Ctrl-C. With --once: exit code 3 when something stood in the way.

    Examples:

      sauda watch-folder /srv/1c/till1 --format frontol --register 1 --connection Розница --tax-group 1=16
    """
    usual = _names(format)
    names = replace(
        usual,
        goods=goods or usual.goods,
        report=report or usual.report,
        goods_flag="" if no_flag else usual.goods_flag,
    )
    asked = Asked(
        company, connection, format, register, names, encoding, tuple(tax_groups or ()), archives_absent
    )

    async def watch() -> None:
        async with _link(asked) as (app, principal, link):
            is_again = again
            while True:
                trouble = await _look(app, principal, link, folder, again=is_again)
                is_again = is_again and trouble is not None
                if trouble is not None and once:
                    raise trouble
                if trouble is not None:
                    console.print(explain(trouble.code, trouble.facts, language).message, style="yellow")
                if once:
                    return
                await asyncio.sleep(every_s)

    try:
        with alone_in(folder):
            asyncio.run(watch())
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@exporting.command(name="export-1c")
def export_1c(
    out: Path = OUT,
    format: str = EXPORT_FORMAT,
    company: str = COMPANY,
    connection: str = CONNECTION,
    register: int | None = REGISTER,
    again: bool = AGAIN,
    acknowledges: bool = ACKNOWLEDGES,
) -> None:
    """Write what was sold since 1C took the report before, as a file that 1C loads.

    While 1C has not marked the file as read nothing is written over it. A file of CommerceML bears no mark:
    it holds everything until --acknowledge. Exit code 3: refused, with the reason.

    Examples:

      sauda export-1c --format frontol --register 1 --out /srv/1c/sales.txt

      sauda export-1c --format commerceml --connection "УТ магазин" --out orders.xml --acknowledge
    """
    if format == COMMERCEML:
        export_commerceml(out, company, connection, acknowledges=acknowledges)
        return
    names = replace(_names(format), report=out.name, goods_flag="", report_flag="")
    asked = Asked(company, connection, format, register, names)

    async def export() -> None:
        async with _link(asked) as (app, principal, link):
            run = _run(app, principal, link, out.parent, again=again)
            await run.tell_sales()

    with alone_in(out.parent):
        asyncio.run(export())


def _names(format: str) -> FileNames:
    if format not in tuple(DeviceFormat):
        raise typer.BadParameter(f"one of {FORMATS}", param_hint="--format")
    return FILE_NAMES[DeviceFormat(format)]


@asynccontextmanager
async def _link(asked: Asked) -> AsyncIterator[tuple[App, Principal, LinkSnapshot]]:
    """The link of the connection, made or brought up to what was asked. One that the server runs is left
    alone."""
    app = App.build()
    await prepare(app)
    async with app.running():
        database = app.database
        async with database.reading(SYSTEM) as reader:
            principal = SYSTEM.within((await find_company(reader, asked.company.strip())).id)
        async with database.reading(principal) as reader:
            known = await link_of_connection(reader, asked.connection)
            registers = {each.number: each.id for each in await register_names(reader)}
        if known is not None and (known.command.folder or known.command.way is LinkWay.SERVICE):
            raise Refusal("C1C_LINK_FOLDER_TAKEN", value=known.command.folder or asked.connection)
        if asked.register is not None and asked.register not in registers:
            raise Refusal("C1C_LINK_REGISTER")
        command = LinkEquipment(
            connection=asked.connection,
            format=DeviceFormat(asked.format),
            way=LinkWay.FOLDER,
            names=asked.names,
            register_id=None if asked.register is None else registers[asked.register],
            encoding=asked.encoding,
            taxes=taxes_of(list(asked.tax_groups)),
            archives_absent=asked.archives_absent,
        )
        if known is not None:
            command = _merged(known.command, command)
        link_id: LinkId = await database.transact(link_equipment, command, principal=principal)
        async with database.reading(principal) as reader:
            link = await link_snapshot(reader, link_id)
        assert link is not None
        yield app, principal, link


def _merged(known: LinkEquipment, asked: LinkEquipment) -> LinkEquipment:
    """What was asked over what the link says already."""
    return replace(
        known,
        format=asked.format,
        names=asked.names,
        register_id=asked.register_id or known.register_id,
        encoding=asked.encoding or known.encoding,
        taxes=asked.taxes or known.taxes,
        archives_absent=asked.archives_absent or known.archives_absent,
    )


async def _look(
    app: App, principal: Principal, link: LinkSnapshot, folder: Path, *, again: bool
) -> Refusal | None:
    try:
        await _run(app, principal, link, folder, again=again).run()
    except Refusal as refusal:
        return refusal
    return None


def _run(app: App, principal: Principal, link: LinkSnapshot, folder: Path, *, again: bool) -> FolderRun:
    tools = Tools()
    there = tools.folder(Path(os.path.abspath(folder)), link.command.names, link.command.format)
    return FolderRun(app.database, principal, link, folder=there, tools=tools, again=again)
