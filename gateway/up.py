"""`sauda up`: gateway and worker in one process, on embedded defaults."""

from __future__ import annotations

import typer

from gateway.cli import HOST, PORT
from gateway.server import run, serving, until_told_to_stop
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
) -> None:
    """Bring the database up to date, then serve and work in one process until SIGTERM or Ctrl-C.

    Examples:

      sauda up

      sauda up --port 0
    """
    run(lambda: _up(host, port))


async def _up(host: str | None, port: int | None) -> None:
    house = App.build()
    configure_logs(house.config.section(LogSettings))
    await prepare(house)
    async with house.running(), working(house) as worker:

        async def is_working() -> bool:
            return worker.is_healthy

        async with serving(house, host=host, port=port, probes={"worker": is_working}) as address:
            typer.echo(f"Sauda is up at {address} (Ctrl-C stops it)", err=True)
            await until_told_to_stop()
