"""`sauda connect-1c`, and CommerceML of `sauda export-1c`: the exchange with 1C from the command line."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import typer

from addons.catalog_1c.adapters.sales_xml import sales_xml
from addons.catalog_1c.cli import COMPANY
from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.domain.exchange import PATHS
from addons.catalog_1c.domain.sales_documents import SalesOut
from addons.catalog_1c.models import Connection
from addons.catalog_1c.services.access import make_access, revoke_access
from addons.catalog_1c.services.sales_out import acknowledge_offer
from addons.catalog_1c.services.sales_session import sales_of
from addons.catalog_1c.services.sessions import check_title, new_connection
from addons.organization.api import find_company
from kernel.app import App
from kernel.commands.output import AS_JSON, console, print_json
from kernel.config_sections import ServerSettings
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.security.principal import SYSTEM, Principal
from kernel.setup import prepare

CHANNEL_FILE = "commerceml_file"  # files are acknowledged apart from the exchange over HTTP

connecting = typer.Typer(name="connect-1c", add_completion=False)

TITLE = typer.Argument("1C", help="Name of the 1C base; made when it is new.")
REVOKE = typer.Option(False, "--revoke", help="Only take its login away.")


@connecting.command(name="connect-1c")
def connect_1c(
    title: str = TITLE, company: str = COMPANY, revoke: bool = REVOKE, as_json: bool = AS_JSON
) -> None:
    """Give a 1C base a login and a secret for the exchange over HTTP. The secret is shown once.

    A base that had a login gets a new one; the old one opens nothing any more.

    Examples:

      sauda connect-1c "УТ магазин"

      sauda connect-1c "УТ магазин" --revoke
    """

    async def connect() -> tuple[str, str, str] | None:
        async with _running(company) as (app, principal):
            connection_id = await app.database.transact(_found_or_made, title, principal=principal)
            if revoke:
                await app.database.transact(revoke_access, connection_id, principal=principal)
                return None
            login, secret = await make_access(app.database, connection_id, principal=principal)
            return login, secret, app.config.section(ServerSettings).public_url.rstrip("/")

    given = asyncio.run(connect())
    if given is None:
        console.print("1C may not sign in any more.")
        return
    login, secret, address = given
    if as_json:
        print_json({"login": login, "secret": secret, "paths": list(PATHS), "address": address})
        return
    console.print(f"address  {address or 'http://<this server>'}{PATHS[0]}")
    console.print(f"login    {login}")
    console.print(f"secret   {secret}")


def export_commerceml(out: Path, company: str, connection: str, *, acknowledges: bool) -> None:
    """Write what was sold and not acknowledged as a CommerceML file. Raises Refusal C1C_CONNECTION_UNKNOWN.

    acknowledges: what is in the file is taken for told, once the file is on disk.
    """

    async def export() -> int:
        async with _running(company) as (app, principal):
            database = app.database
            connection_id = await database.transact(_found, connection, principal=principal)
            sales = await database.transact(_offered, connection_id, principal=principal)
            await asyncio.to_thread(_write, out, sales_xml(sales))
            if acknowledges and sales.offer.id:
                await database.transact(acknowledge_offer, connection_id, sales.offer.id, principal=principal)
            return len(sales.offer.shifts)

    console.print(f"{asyncio.run(export())} shifts are in {out}")


async def _offered(work: Work, connection_id: ConnectionId) -> SalesOut:
    return await sales_of(work, connection_id, channel=CHANNEL_FILE)


async def _found(work: Work, title: str) -> ConnectionId:
    connection = await Connection.get_or_none(title=check_title(title))
    if connection is None:
        raise Refusal("C1C_CONNECTION_UNKNOWN")
    return ConnectionId(connection.id)


async def _found_or_made(work: Work, title: str) -> ConnectionId:
    name = check_title(title)
    connection = await Connection.get_or_none(title=name) or await new_connection(work, name)
    return ConnectionId(connection.id)


@asynccontextmanager
async def _running(company: str) -> AsyncIterator[tuple[App, Principal]]:
    app = App.build()
    await prepare(app)
    async with app.running():
        async with app.database.reading(SYSTEM) as reader:
            card = await find_company(reader, company.strip())
        yield app, SYSTEM.within(card.id)


def _write(out: Path, body: bytes) -> None:
    """Whole or not at all: 1C never sees half a file."""
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(out)
