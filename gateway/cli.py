"""`sauda gateway`: a process that serves GraphQL, pages and health."""

from __future__ import annotations

import typer

from gateway.server import run, serve
from kernel.app import App
from kernel.config_sections import LogSettings
from kernel.logs import configure_logs
from worker.hand import helping

HOST = typer.Option(None, help="Address to listen at (default: server.host of the settings).")
PORT = typer.Option(
    None, min=0, max=65_535, help="Port; 0 takes a free one (default: server.port of the settings)."
)

app = typer.Typer(name="gateway")


@app.command()
def gateway(
    host: str | None = HOST,
    port: int | None = PORT,
) -> None:
    """Serve GraphQL, pages and health until SIGTERM. Start as many as you like behind a balancer.

    Examples:

      sauda gateway

      sauda gateway --host 0.0.0.0 --port 8000
    """
    run(lambda: _serve(host, port))


async def _serve(host: str | None, port: int | None) -> None:
    house = App.build()
    configure_logs(house.config.section(LogSettings))
    async with house.running(), helping(house):
        await serve(house, host=host, port=port)
