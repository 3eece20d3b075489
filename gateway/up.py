"""`sauda up`: gateway and worker in one process, on embedded defaults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import typer

from agent.local import printing_locally
from gateway.cli import HOST, PORT
from gateway.health import Probe
from gateway.server import run, serving, until_told_to_stop
from gateway.trust import for_people, host_to_serve, own_certificates, trusting
from kernel.app import App
from kernel.config_sections import LogSettings
from kernel.logs import configure_logs
from kernel.setup import prepare
from worker.run import working

app = typer.Typer(name="up")


@app.command()
def up(
    host: str | None = HOST,
    port: int | None = PORT,
    tls: bool = typer.Option(
        False, "--tls", help="HTTPS for the shop's network, by an authority of this installation's own."
    ),
) -> None:
    """Bring the database up to date, then serve and work in one process until SIGTERM or Ctrl-C.

    Examples:

      sauda up

      sauda up --port 0

      sauda up --tls
    """
    run(lambda: _up(host, port, tls=tls))


async def _up(host: str | None, port: int | None, *, tls: bool) -> None:
    house = App.build()
    configure_logs(house.config.section(LogSettings))
    await prepare(house)
    async with house.running(), working(house) as worker:

        async def is_working() -> bool:
            return worker.is_healthy

        serve = _serving_securely if tls else _serving
        async with serve(house, host, port, is_working), printing_locally(house):
            await until_told_to_stop()


@asynccontextmanager
async def _serving(house: App, host: str | None, port: int | None, is_working: Probe) -> AsyncIterator[None]:
    async with serving(house, host=host, port=port, probes={"worker": is_working}) as address:
        typer.echo(f"Sauda is up at {address} (Ctrl-C stops it)", err=True)
        yield


@asynccontextmanager
async def _serving_securely(
    house: App, host: str | None, port: int | None, is_working: Probe
) -> AsyncIterator[None]:
    certificates, host = own_certificates(house), host_to_serve(house, host)
    probes = {"worker": is_working}
    async with serving(house, host=host, port=port, probes=probes, tls=certificates.context) as served:
        address = for_people(certificates, "https", host, urlsplit(served).port)
        async with trusting(house, certificates, host=host, address=address) as page:
            typer.echo(f"Sauda is up at {address} (Ctrl-C stops it)", err=True)
            typer.echo(f"Devices learn to trust it at {page}", err=True)
            typer.echo(f"SHA-256 of its authority: {certificates.authority.fingerprint}", err=True)
            yield
