"""`sauda simulate sntp`: a time server with an offset."""

from __future__ import annotations

import typer

from simulators.running import interruption, run_listening
from simulators.sntp.server import SntpStandIn


def simulate_sntp(
    host: str = typer.Option("127.0.0.1", help="Address to listen on."),
    port: int = typer.Option(8123, help="UDP port."),
    offset_ms: int = typer.Option(0, help="What it adds to this machine's clock, milliseconds."),
) -> None:
    """Tell the time, wrong by an offset, until interrupted."""

    async def serve() -> None:
        async with SntpStandIn(offset_ms=offset_ms).running(host, port) as address:
            typer.echo(f"SNTP on {address[0]}:{address[1]}, {offset_ms} ms ahead of this machine")
            await interruption().wait()

    run_listening(serve(), host, {"--port": port})
