"""`sauda agent`: prints the queue of an outlet on the printers beside it, and asks its card terminals."""

from __future__ import annotations

import asyncio
import logging
import signal
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from agent.agent import Agent
from agent.carrier import Carrier, carry, http_patterns
from agent.devices import ALLOWED, Devices
from agent.documents import BIND, MY_PRINTERS
from agent.memory import Memory, MemoryTaken
from agent.server import RemoteServer, ServerAway, ServerRefuses, demand_url
from kernel.errors import SetupFault

FILE = "agent.db"
TOKEN = "token"

app = typer.Typer(name="agent")


@app.command()
def agent(
    url: Annotated[str, typer.Option(envvar="SAUDA_AGENT_URL", help="Address of the server.")],
    token: Annotated[
        str,
        typer.Option(
            envvar="SAUDA_AGENT_TOKEN",
            help="Device token; left out: the one kept from --bind.",
            show_default=False,
        ),
    ] = "",
    bind: Annotated[
        str, typer.Option(help="One-time binding token: becomes this device's own token, which is kept.")
    ] = "",
    memory: Annotated[
        Path, typer.Option(envvar="SAUDA_AGENT_MEMORY", help="Folder that remembers what was printed.")
    ] = Path("var/agent"),
    allow: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Also print on connections like this, besides {', '.join(ALLOWED)}, or ask terminals at "
            "addresses like https://192.168.1.*:8080; repeatable."
        ),
    ] = None,
    ca: Annotated[Path | None, typer.Option(help="Certificates to trust instead of the system's.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say which printers are to be served, and end.")
    ] = False,
) -> None:
    """Print the queue of the device's outlet until SIGTERM or Ctrl-C.

    Examples:

      sauda agent --url https://kassa.example.kz --bind sauda_bind_…

      sauda agent --url https://kassa.example.kz

      sauda agent --url https://kassa.example.kz --allow 'file:/var/spool/receipts/*'

      sauda agent --url https://kassa.example.kz --allow 'https://192.168.1.20:8080'
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("sauda.agent").setLevel(logging.INFO)  # libraries only when something is wrong
    try:
        demand_url(url)
        tls = None if ca is None else ssl.create_default_context(cafile=str(ca))
        kept = Memory(memory / FILE)
    except (ValueError, OSError) as error:
        raise SetupFault([str(error)]) from error
    except MemoryTaken as taken:
        raise SetupFault(
            [f"{taken}: another agent works with this memory; choose another --memory"]
        ) from taken
    try:
        devices = Devices((*ALLOWED, *(allow or ())))
        asyncio.run(_run(url, token, bind, kept, devices, tls, is_check=check))
    except ServerRefuses as refused:
        raise SetupFault([str(refused), "bind this device again: sauda agent --bind …"]) from refused
    except ServerAway as away:
        raise SetupFault([f"{url}: {away}"]) from away
    finally:
        kept.close()


async def _run(
    url: str,
    token: str,
    bind: str,
    memory: Memory,
    devices: Devices,
    tls: ssl.SSLContext | None,
    *,
    is_check: bool,
) -> None:
    if bind:
        token = await _bound(url, bind, memory, tls)
    token = token or memory.word(TOKEN)
    if not token:
        raise SetupFault(["no token: give --token, or --bind once"])
    async with RemoteServer(url, token, tls=tls) as server:
        if is_check:
            await _check(server, devices)
            return
        agent = Agent(server, memory, devices)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(NotImplementedError):  # on Windows Ctrl-C interrupts at once, and the memory knows
                loop.add_signal_handler(number, agent.stop)
        typer.echo(f"Printing for {url} (Ctrl-C stops it)", err=True)
        carrying = asyncio.create_task(carry(Carrier(server, memory, http_patterns(devices.allowed))))
        try:
            await agent.run()
        finally:
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)


async def _bound(url: str, bind: str, memory: Memory, tls: ssl.SSLContext | None) -> str:
    async with RemoteServer(url, "", tls=tls) as server:
        answer = await server.ask(BIND, {"token": bind})
    if "deviceToken" not in answer:
        raise ServerRefuses(answer["code"], answer["message"])
    return memory.keep_word(TOKEN, answer["deviceToken"])


async def _check(server: RemoteServer, devices: Devices) -> None:
    answer = await server.ask(MY_PRINTERS, {})
    printers = answer["value"]
    for printer in printers:
        outcome = await asyncio.to_thread(devices.look, printer["connection"])
        assert outcome is not None, "nobody prints here yet"
        state = f"{outcome.problem} {outcome.text}".strip() or f"ready, paper: {outcome.paper.lower()}"
        typer.echo(f"{printer['name']}  {printer['connection']}  {state}")
    if not printers:
        typer.echo("no printer is set up for this outlet")
