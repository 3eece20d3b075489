"""`sauda simulate onec`: exchange with a server the way an unmodified 1C does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import typer

from simulators.onec.client import PATH, ExchangeFailed, OneC
from simulators.onec.habits import HABITS

FILES = typer.Argument(None, help="Files to send, or folders of them; none to fetch sales only.")
SALES = typer.Option(None, "--sales", help="Fetch sales into this file and acknowledge them.")


def simulate_onec(
    address: str = typer.Argument(..., help="Of the server, such as http://127.0.0.1:8080."),
    files: list[Path] | None = FILES,
    login: str = typer.Option(..., help="Login of the 1C base."),
    secret: str = typer.Option(..., envvar="ONEC_SECRET", help="Its secret."),
    habit: str = typer.Option("trade", help=f"Whose manners: {', '.join(HABITS)}."),
    path: str = typer.Option(PATH, help="Path of the exchange."),
    sales: Path | None = SALES,
    keeps: bool = typer.Option(False, "--keep", help="Do not acknowledge the sales."),
) -> None:
    """Send goods to a server and fetch its sales as 1C does. Exit code 3: it refused, 4: it is silent."""
    if habit not in HABITS:
        raise typer.BadParameter(f"one of {', '.join(HABITS)}", param_hint="--habit")

    async def exchange() -> None:
        async with OneC(address, login, secret, habits=HABITS[habit], path=path) as base:
            found = _contents(files or [])
            if found:
                await base.send(found)
                typer.echo(
                    f"{len(found)} files in {base.log.pieces} pieces, {base.log.polls} times told to wait"
                )
            if sales is not None:
                body = await base.fetch_sales(acknowledges=not keeps)
                await asyncio.to_thread(sales.write_bytes, body)
                typer.echo(f"sales are in {sales}")

    try:
        asyncio.run(exchange())
    except ExchangeFailed as failure:
        typer.echo(str(failure), err=True)
        raise typer.Exit(3) from None
    except httpx.TransportError as silence:
        typer.echo(f"the server does not answer: {silence}", err=True)
        raise typer.Exit(4) from None


def _contents(paths: list[Path]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for path in paths:
        inside = [each for each in sorted(path.rglob("*")) if each.is_file()] if path.is_dir() else [path]
        for each in inside:
            name = str(each.relative_to(path)) if path.is_dir() else each.name
            found[name] = each.read_bytes()
    return found
