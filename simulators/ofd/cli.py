"""`sauda simulate ofd`: the stand-in as a process of its own, until it is interrupted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from kernel.errors import SetupFault
from simulators.ofd.nomenclature import good_of
from simulators.ofd.server import OfdSimulator
from simulators.ofd.settings import OfdSettings
from simulators.running import interruption, run_listening

FIRST_ID = 1001
FIRST_TOKEN = 100_000_001

app = typer.Typer(help="Stand-ins that speak the real wire.", no_args_is_help=True)


@app.callback()
def simulators() -> None:
    """Stand-ins that speak the real wire."""


@app.command("ofd")
def simulate_ofd(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the exchange, 0 = any free one.")] = 7777,
    http_port: Annotated[int, typer.Option(help="Port of the ledger page, 0 = any, -1 = none.")] = 7780,
    registers: Annotated[int, typer.Option(min=0, max=100_000, help="Devices to register.")] = 10,
    first_id: Annotated[int, typer.Option(help="Device id of the first register.")] = FIRST_ID,
    first_token: Annotated[
        int, typer.Option(help="Token of the first register; others follow.")
    ] = FIRST_TOKEN,
    open_registration: Annotated[
        bool, typer.Option("--open-registration", help="Give an account to any device id that calls.")
    ] = False,
    latency_ms: Annotated[int, typer.Option(min=0, max=60_000, help="Added to every answer.")] = 0,
    goods: Annotated[
        Path | None,
        typer.Option(help="JSON list of goods for NOMENCLATURE; fields in simulators/ofd/README.md."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print host and ports as one line of JSON, for programs.")
    ] = False,
) -> None:
    """Serve an operator of fiscal data for tests, demos and integrators, until Ctrl-C.

    Examples:

      sauda simulate ofd

      sauda simulate ofd --port 0 --http-port 0 --json
    """
    settings = OfdSettings(
        host=host,
        port=port,
        http_port=None if http_port < 0 else http_port,
        open_registration=open_registration,
        latency_ms=latency_ms,
    )
    simulator = OfdSimulator(settings)
    for index in range(registers):
        simulator.add_register(first_id + index, first_token + index)
    if goods is not None:
        _give_goods(simulator, goods)
    story = _serve(simulator, registers, (first_id, first_token), as_json=as_json)
    run_listening(story, host, {"--port": port, "--http-port": http_port}, loop=_fast_loop())


def _give_goods(simulator: OfdSimulator, path: Path) -> None:
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        simulator.give_goods([good_of(each) for each in given])
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SetupFault([f"{path}: no list of goods: {error}"]) from error


async def _serve(simulator: OfdSimulator, registers: int, first: tuple[int, int], *, as_json: bool) -> None:
    console, stopped = Console(), interruption()
    async with simulator.running() as endpoint:
        if as_json:
            typer.echo(json.dumps(endpoint._asdict()))
            await stopped.wait()
            return
        console.print(f"[bold]ОФД / OFD[/]  {endpoint.host}:{endpoint.port}")
        if endpoint.http_port is not None:
            console.print(f"ledger     http://{endpoint.host}:{endpoint.http_port}/")
        if registers:
            console.print(f"registers  {registers}: id {first[0]}…, token {first[1]}…")
        await stopped.wait()
    console.print(f"accepted documents: {simulator.ledger.accepted()}")


def _fast_loop():  # type: ignore[no-untyped-def]
    try:
        import uvloop
    except ImportError:  # not on every platform
        return None
    return uvloop.new_event_loop
