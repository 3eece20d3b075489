"""`sauda simulate kaspi`, `sauda simulate ecr`: a terminal as a process, until it is interrupted."""

from __future__ import annotations

import json
from contextlib import AbstractAsyncContextManager
from typing import Annotated

import typer
from rich.console import Console

from simulators.running import interruption, run_listening
from simulators.serving import refuse_production
from simulators.smart_terminals.ecr import EcrTerminal
from simulators.smart_terminals.kaspi import KaspiTerminal
from simulators.smart_terminals.plan import CUSTOMER_MS, Ending, Plan
from simulators.smart_terminals.server import Place, serving_ecr, serving_kaspi

HOST = Annotated[str, typer.Option(help="Address to listen on.")]
PORT = Annotated[int, typer.Option(help="Port of the terminal, 0 = any free one.")]
PANEL = Annotated[int, typer.Option(help="Port of the panel: what happened, what shall happen.")]
CUSTOMER = Annotated[int, typer.Option(min=0, help="How long a customer takes, in milliseconds.")]
SPEED = Annotated[int, typer.Option(min=1, help="Seconds of the terminal in one second, for tests.")]
AS_JSON = Annotated[bool, typer.Option("--json", help="Print addresses as one line of JSON, for programs.")]


def simulate_kaspi(
    host: HOST = "127.0.0.1",
    port: PORT = 8085,
    panel_port: PANEL = 8086,
    customer_ms: CUSTOMER = CUSTOMER_MS,
    speed: SPEED = 1,
    codes_as_status: Annotated[
        bool, typer.Option("--codes-as-status", help="Send error numbers as HTTP status too.")
    ] = False,
    as_json: AS_JSON = False,
) -> None:
    """Be a Kaspi Smart POS in the local network until Ctrl-C.

    Examples:

      sauda simulate kaspi

      sauda simulate kaspi --port 0 --panel-port 0 --speed 10 --json
    """
    plan = Plan(usual=Ending(customer_ms=customer_ms))
    terminal = KaspiTerminal(plan=plan, speed=speed)
    place = serving_kaspi(
        terminal, host=host, port=port, panel_port=panel_port, has_codes_as_status=codes_as_status
    )
    _run("Kaspi Smart POS", place, host, {"--port": port, "--panel-port": panel_port}, as_json=as_json)


def simulate_ecr(
    host: HOST = "127.0.0.1",
    port: PORT = 8090,
    panel_port: PANEL = 8091,
    customer_ms: CUSTOMER = CUSTOMER_MS,
    speed: SPEED = 1,
    no_cancel: Annotated[
        bool, typer.Option("--no-cancel", help="Answer -240 to a cancel, as some models do.")
    ] = False,
    as_json: AS_JSON = False,
) -> None:
    """Be a terminal of Halyk or Jusan in cash register mode until Ctrl-C.

    Examples:

      sauda simulate ecr

      sauda simulate ecr --port 0 --panel-port 0 --customer-ms 500 --json
    """
    plan = Plan(usual=Ending(customer_ms=customer_ms))
    terminal = EcrTerminal(plan=plan, speed=speed, can_cancel=not no_cancel)
    place = serving_ecr(terminal, host=host, port=port, panel_port=panel_port)
    _run("ECR", place, host, {"--port": port, "--panel-port": panel_port}, as_json=as_json)


def _run(
    name: str, place: AbstractAsyncContextManager[Place], host: str, ports: dict[str, int], *, as_json: bool
) -> None:
    refuse_production(f"the stand-in of {name}")
    run_listening(_serve(name, place, as_json=as_json), host, ports)


async def _serve(name: str, place: AbstractAsyncContextManager[Place], *, as_json: bool) -> None:
    console, stopped = Console(), interruption()
    async with place as found:
        if as_json:
            told = {"address": found.address, "panel": found.panel, "fingerprint": found.fingerprint}
            typer.echo(json.dumps(told))
        else:
            console.print(f"[bold]{name}[/]  {found.address}")
            console.print(f"panel        {found.panel}/")
            if found.fingerprint:
                console.print(f"certificate  SHA-256 {found.fingerprint}", soft_wrap=True)
        await stopped.wait()
