"""`sauda simulate equipment`: a 1C base with its EquipmentService, for trials and integrators."""

from __future__ import annotations

from pathlib import Path

import typer

from simulators.equipment.base import EquipmentBase
from simulators.equipment.server import serving_equipment
from simulators.running import interruption, run_listening

FILES = typer.Argument(None, help="Price lists (XML) to serve, one package each.")


def simulate_equipment(
    files: list[Path] | None = FILES,
    host: str = typer.Option("127.0.0.1", help="Address to listen on."),
    port: int = typer.Option(7790, help="Port, 0 = any free one."),
    device: str = typer.Option("TILL-1", help="Identifier of the device it knows."),
    login: str = typer.Option("till", help="User of the web service."),
    password: str = typer.Option("secret", envvar="EQUIPMENT_PASSWORD", help="Its password."),
) -> None:
    """Serve price lists as 1C does and print the reports of sales that come, until Ctrl-C."""
    base = EquipmentBase(
        devices={device},
        login=login,
        password=password,
        price_list=[path.read_bytes() for path in files or []],
    )

    async def serve() -> None:
        stopped = interruption()
        async with serving_equipment(base, host=host, port=port) as address:
            typer.echo(address)
            await stopped.wait()
        for document in base.reports.values():
            typer.echo(document.decode())

    run_listening(serve(), host, {"--port": port})
