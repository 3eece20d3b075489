"""`sauda simulate ncalayer`: a stand-in for NCALayer with an authority of its own."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import typer
from rich.console import Console

from simulators.ncalayer.ncanode import NcaNode
from simulators.ncalayer.server import PORT, NcaLayer, serving
from simulators.running import interruption, run_listening
from simulators.serving import serving as serve_app


def simulate_ncalayer(
    bin: str = typer.Option("230140000109", help="BIN of the company whose head signs."),
    port: int = typer.Option(PORT, help="Port to listen on."),
    roots: Path = typer.Option(Path("var/ncalayer"), help="Folder for the certificates to believe."),
    ncanode_port: int = typer.Option(-1, help="Be an NCANode too, at this port; -1 for none."),
    rsa: bool = typer.Option(False, "--rsa", help="Keys of RSA instead of GOST 34.10-2015."),
) -> None:
    """Speak NCALayer's messages at ws://127.0.0.1:13579 and sign whatever comes, at once.

    Example:

      sauda simulate ncalayer --bin 230140000109 --roots var/ncalayer
      SAUDA_ORGANIZATION__SIGNATURE_ROOTS=var/ncalayer sauda up
    """
    layer, console = NcaLayer(bin_=bin, is_gost=not rsa), Console(stderr=True)
    roots.mkdir(parents=True, exist_ok=True)
    for name, der in layer.certificates().items():
        (roots / name).write_bytes(der)

    async def run() -> None:
        async with serving(layer, port=port) as taken:
            console.print(f"NCALayer's stand-in listens at ws://127.0.0.1:{taken}; authorities in {roots}")
            async with AsyncExitStack() as stack:
                if ncanode_port >= 0:
                    node = await stack.enter_async_context(serve_app(NcaNode(layer).app(), port=ncanode_port))
                    console.print(f"NCANode's stand-in listens at http://127.0.0.1:{node.port}")
                await interruption().wait()
        console.print("stopped")

    run_listening(run(), "127.0.0.1", {"--port": port, "--ncanode-port": ncanode_port})
