"""`sauda simulate acquirer`: the host as a process of its own, until it is interrupted."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from kernel.errors import SetupFault
from protocols.iso8583.dialect import DIALECTS
from simulators.acquirer.control import key_facts
from simulators.acquirer.server import AcquirerSimulator
from simulators.acquirer.settings import AcquirerSettings, TerminalData
from simulators.running import interruption, run_listening
from simulators.serving import refuse_production

FIRST_TERMINAL = 88_000_001
MERCHANT = "SAUDA0000000001"


def simulate_acquirer(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the exchange, 0 = any free one.")] = 8583,
    http_port: Annotated[int, typer.Option(help="Port of the ledger page, 0 = any, -1 = none.")] = 8584,
    terminals: Annotated[int, typer.Option(min=0, max=100_000, help="Terminals to know.")] = 10,
    first_terminal: Annotated[
        int, typer.Option(min=0, max=99_999_999, help="Code of the first; others follow.")
    ] = FIRST_TERMINAL,
    merchant: Annotated[str, typer.Option(help="Merchant code of all of them.")] = MERCHANT,
    dialect: Annotated[str, typer.Option(help=f"One of {', '.join(DIALECTS)}.")] = "iso87",
    cut_off: Annotated[str, typer.Option(help="When the next banking day begins, Asia/Almaty.")] = "22:30",
    latency_ms: Annotated[int, typer.Option(min=0, max=60_000, help="Added to every answer.")] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print host and ports as one line of JSON, for programs.")
    ] = False,
) -> None:
    """Be an acquirer's host for tests, demos and integrators, until Ctrl-C.

    Examples:

      sauda simulate acquirer

      sauda simulate acquirer --port 0 --http-port 0 --json
    """
    refuse_production("the stand-in of an acquirer")
    settings = AcquirerSettings(
        host=host,
        port=port,
        http_port=None if http_port < 0 else http_port,
        options={"dialect": dialect},
        cut_off_minute=_minute(cut_off),
        latency_ms=latency_ms,
    )
    try:
        simulator = AcquirerSimulator(settings)
    except ValueError as error:
        raise SetupFault([f"--dialect: one of {', '.join(DIALECTS)}"]) from error
    for index in range(terminals):
        simulator.add_terminal(TerminalData(f"{first_terminal + index:08}", merchant))
    story = _serve(simulator, f"{first_terminal:08}" if terminals else "", as_json=as_json)
    run_listening(story, host, {"--port": port, "--http-port": http_port})


async def _serve(simulator: AcquirerSimulator, first: str, *, as_json: bool) -> None:
    console, stopped = Console(), interruption()
    async with simulator.running() as endpoint:
        if as_json:
            typer.echo(json.dumps(endpoint._asdict()))
            await stopped.wait()
            return
        console.print(f"[bold]acquirer[/]   {endpoint.host}:{endpoint.port}  {simulator.dialect.name}")
        if endpoint.http_port is not None:
            console.print(f"ledger     http://{endpoint.host}:{endpoint.http_port}/")
        if first:
            facts = key_facts(simulator, first)
            console.print(f"terminals  {len(simulator.exchange.terminals)}: {first}…")
            console.print(f"test keys  of {first}, others at /keys/CODE:", soft_wrap=True)
            console.print_json(data=facts)
        await stopped.wait()
    console.print(f"postings: {len(simulator.ledger.postings)}")


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    if not (hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
        raise SetupFault([f"--cut-off: {text} is no time of day such as 22:30"])
    return int(hour) * 60 + int(minute)
