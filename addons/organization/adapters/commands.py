"""Commands of `sauda` about people, keys and rights. What they do is done by services."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import typer

from addons.organization.domain.commands import CreateCompany, CreateOwner
from addons.organization.services.signing_keys import rotate_signing_key
from addons.organization.services.users import create_owner, hash_password, set_password
from kernel.addons.loader import load_addons
from kernel.app import App
from kernel.cli import EXIT_FAILED
from kernel.commands.output import console
from kernel.gql.access_page import access_page
from kernel.gql.schema import build_schema
from kernel.security.principal import SYSTEM
from kernel.setup import prepare

user = typer.Typer(name="user", help="People who sign in with a password.", no_args_is_help=True)
keys = typer.Typer(name="keys", help="Keys that sign access tokens.", no_args_is_help=True)
access = typer.Typer(name="access", help="Print who may do and ask for what.")

EMAIL = typer.Option(..., help="Address to sign in with.")
PASSWORD_STDIN = typer.Option(False, "--password-stdin", help="Read the password from standard input.")


@user.callback()
def _user() -> None:
    """People who sign in with a password."""


@user.command("create-owner")
def create_owner_command(
    email: str = EMAIL,
    company_bin: str = typer.Option(..., help="BIN or IIN of the new company, 12 digits."),
    company_title: str = typer.Option(..., help="Title of the new company."),
    company_title_kk: str = typer.Option("", help="The same in Kazakh."),
    name: str = typer.Option("", help="Name of the person; the address when left out."),
    language: str = typer.Option("ru", help="Language of messages: ru, kk or en."),
    password_stdin: bool = PASSWORD_STDIN,
) -> None:
    """A new company with its first user, the owner.

    Example:

      sauda user create-owner --email me@example.kz --company-bin 230140000109 --company-title "ТОО Ромашка"
    """
    password = _password(from_stdin=password_stdin)
    company = CreateCompany(bin=company_bin, title=company_title, title_kk=company_title_kk)

    async def run() -> None:
        app = App.build()
        await prepare(app)
        async with app.running():
            command = CreateOwner(email, name or email, await hash_password(password), company, language)
            company_id, _ = await app.database.transact(create_owner, command, principal=SYSTEM)
        console.print(f"company {company_id}: {email} may sign in as its owner")

    asyncio.run(run())


@user.command("set-password")
def set_password_command(email: str = EMAIL, password_stdin: bool = PASSWORD_STDIN) -> None:
    """Give a person a new password and end all their sessions."""
    password = _password(from_stdin=password_stdin)

    async def run() -> None:
        app = App.build()
        async with app.running():
            password_hash = await hash_password(password)
            await app.database.transact(set_password, email, password_hash, principal=SYSTEM)
        console.print(f"{email} has a new password")

    asyncio.run(run())


@keys.callback()
def _keys() -> None:
    """Keys that sign access tokens."""


@keys.command("rotate")
def rotate_command() -> None:
    """Let a new key sign from now on; tokens signed with the old one stay good until they expire."""

    async def run() -> None:
        app = App.build()
        async with app.running():
            kid = await app.database.transact(rotate_signing_key, principal=SYSTEM)
        console.print(f"key {kid} signs now")

    asyncio.run(run())


@access.command()
def access_command(
    write: Path | None = typer.Option(None, help="Write the page to this file."),
    check: Path | None = typer.Option(None, help="Fail when this file says something else."),
) -> None:
    """Print who may do and ask for what, as in docs/access.md.

    Example:

      sauda access --write docs/access.md
    """
    registry = load_addons()
    page = access_page(registry, build_schema(registry))
    if check is not None and check.read_text(encoding="utf-8") != page:
        console.print(f"{check} is out of date: sauda access --write {check}")
        raise typer.Exit(EXIT_FAILED)
    if write is not None:
        write.write_text(page, encoding="utf-8")
    if check is None and write is None:
        sys.stdout.write(page)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer
