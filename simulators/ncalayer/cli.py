"""`sauda simulate ncalayer`: a stand-in for NCALayer with an authority of its own."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console

from simulators.ncalayer.server import PORT, NcaLayer, serving
from simulators.running import interruption, run_listening


def simulate_ncalayer(
    bin: str = typer.Option("230140000109", help="BIN of the company whose head signs."),
    port: int = typer.Option(PORT, help="Port to listen on."),
    roots: Path = typer.Option(Path("var/ncalayer"), help="Folder for the certificates to believe."),
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
            await interruption().wait()
        console.print("stopped")

    run_listening(run(), "127.0.0.1", {"--port": port})
