"""`sauda simulate card-device`: the terminal's own application as a process, until it is interrupted."""

from __future__ import annotations

import asyncio
import itertools
import sys
from typing import Annotated

import typer
from rich.console import Console

from kernel.errors import SetupFault
from simulators.acquirer.cards import BY_TITLE
from simulators.acquirer.device import Act, CardDevice, CardReader, Gesture, Way
from simulators.running import interruption
from simulators.serving import refuse_production


def simulate_card_device(
    terminal: Annotated[str, typer.Option(help="Id of the terminal in Sauda (CardTerminal:…).")],
    token: Annotated[str, typer.Option(envvar="SAUDA_DEVICE_TOKEN", help="Token that may present cards.")],
    url: Annotated[str, typer.Option(help="Address of Sauda.")] = "http://127.0.0.1:8080",
    code: Annotated[str, typer.Option(help="DE41 of the terminal, for its test master key (PIN).")] = "",
    card: Annotated[str, typer.Option(help=f"One of {', '.join(BY_TITLE)}.")] = "visa",
    action: Annotated[
        list[Act] | None, typer.Option(help="What is done at each payment; several: in turn, for ever.")
    ] = None,
    way: Annotated[Way | None, typer.Option(help="How the card is shown, if not as it usually is.")] = None,
    serial: Annotated[int, typer.Option(min=1, max=500_000, help="Serial number of the reader.")] = 1,
    ask: Annotated[bool, typer.Option("--ask", help="Ask at the keyboard what is done each time.")] = False,
) -> None:
    """Play the card terminal's own application until Ctrl-C.

    Examples:

      sauda simulate card-device --terminal CardTerminal:… --token … --card apple-visa

      sauda simulate card-device --terminal CardTerminal:… --token … --action pay --action wrong_pin

      sauda simulate card-device --terminal CardTerminal:… --token … --ask
    """
    refuse_production("a device with test keys")
    if card not in BY_TITLE:
        raise SetupFault([f"--card: one of {', '.join(BY_TITLE)}"])
    console = Console()
    turns = itertools.cycle(action or [Act.PAY])

    def gesture(amount: int) -> Gesture:
        if ask and sys.stdin.isatty():
            shown = f"{amount // 100}.{amount % 100:02d} ₸ — {'/'.join(Act)}"
            return Gesture(BY_TITLE[card], Act(typer.prompt(shown, default=Act.PAY.value)), way)
        return Gesture(BY_TITLE[card], next(turns), way)

    device = CardDevice(
        url, token, terminal, code, gesture=gesture, reader=CardReader(serial), tell=console.print
    )
    console.print(f"[bold]card device[/]  {terminal} at {url}")
    asyncio.run(_serve(device))


async def _serve(device: CardDevice) -> None:
    running = asyncio.create_task(device.run())
    waiting = asyncio.create_task(interruption().wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    running.cancel()
    try:
        await running
    except asyncio.CancelledError:
        pass
