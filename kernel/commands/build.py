"""`sauda build`: sign the files of this installation, check them, make the key for it."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import typer

from kernel.cli import EXIT_FAILED
from kernel.clock import SystemClock, to_ms
from kernel.commands.output import AS_JSON, console, print_json
from kernel.config import kernel_section, variable_of
from kernel.config_sections import BuildSettings, WebSettings
from kernel.signature.build import manifest_path, sign_build, signature_path, verify_build
from kernel.signature.keys import SigningKey

app = typer.Typer(help="The signature of the software.", no_args_is_help=True)

KEY = typer.Option(..., "--key", help="Key file made by `sauda build keygen`.")


@app.callback()
def build() -> None:
    """The signature of the software: every file of Sauda, its themes and add-ons, by Ed25519."""


@app.command()
def keygen(path: Path = typer.Argument(help="New key file; keep it far from the registers.")) -> None:
    """Make a key that signs, and print the public key to pin in the settings of every installation.

    Example:

      sauda build keygen ~/sauda-signing.pem
    """
    key = SigningKey.make(path)
    console.print(f"{path}: keep it secret and off the machines that sell; pin its public key:")
    console.print(f"{variable_of('build', 'public_key')}={key.public.text}", highlight=False, soft_wrap=True)


@app.command()
def sign(
    key: Path = KEY,
    manifest: Path | None = typer.Option(None, help="Where to write; default: build.manifest."),
) -> None:
    """Write the manifest of all installed files and sign it.

    Sign after everything is installed: a file that comes later counts as added.

    Example:

      sauda build sign --key ~/sauda-signing.pem
    """
    signer = SigningKey.read(key)
    path = manifest or manifest_path(kernel_section(BuildSettings))
    files = sign_build(
        signer,
        path,
        themes_path=kernel_section(WebSettings).themes_path,
        version=version("sauda"),
        now_ms=to_ms(SystemClock().now()),
    )
    console.print(f"{files} files signed with key {signer.public.name}", highlight=False)
    console.print(f"{path}\n{signature_path(path)}", highlight=False, soft_wrap=True)


@app.command()
def verify(as_json: bool = AS_JSON) -> None:
    """Compare every installed file with the signed manifest. Exit code 1 when one differs.

    Examples:

      sauda build verify

      sauda build verify --json
    """
    verdict = verify_build(kernel_section(BuildSettings), themes_path=kernel_section(WebSettings).themes_path)
    if as_json:
        print_json(
            {
                "good": verdict.is_good,
                "unsigned": verdict.unsigned,
                "key": verdict.key,
                "version": verdict.version,
                "files": verdict.files,
                "problems": [{"name": each.name, "wrong": each.wrong.name} for each in verdict.problems],
            }
        )
    elif verdict.is_good:
        console.print(f"[green]✓[/] {verdict.files} files as signed by key {verdict.key}", highlight=False)
    else:
        for line in verdict.lines():
            console.print(f"[red]✗[/] {line}", highlight=False, soft_wrap=True)
    if not verdict.is_good:
        raise typer.Exit(EXIT_FAILED)
