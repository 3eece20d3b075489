"""`sauda user`, `sauda keys` and `sauda access` on a machine where nothing is installed yet."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from addons.organization.adapters.commands import access, keys, user
from kernel.errors import Refusal

CREATE = [
    "create-owner",
    "--email",
    "a@example.kz",
    "--company-title",
    "Shop",
    "--password-stdin",
    "--company-bin",
]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place to install to."""
    monkeypatch.setenv("SAUDA_DATABASE__URL", f"sqlite:///{tmp_path / 'sauda.db'}")
    monkeypatch.setenv("SAUDA_SECURITY__SEAL_KEY_FILE", str(tmp_path / "seal.key"))
    return tmp_path


def test_the_first_owner_is_made_and_the_same_bin_is_refused(installation: Path) -> None:
    run = CliRunner()

    made = run.invoke(user, [*CREATE, "230140000109"], input="correct horse\n")
    short = run.invoke(user, [*CREATE, "230140000021"], input="short\n")
    again = run.invoke(
        user, [*CREATE[:2], "b@example.kz", *CREATE[3:], "230140000109"], input="correct horse\n"
    )
    rotated = run.invoke(keys, ["rotate"])

    assert made.exit_code == 0, made.output
    assert "a@example.kz may sign in as its owner" in " ".join(made.output.split())
    assert _code(short.exception) == "PASSWORD_TOO_SHORT"
    assert _code(again.exception) == "COMPANY_BIN_TAKEN"
    assert rotated.exit_code == 0, rotated.output
    with sqlite3.connect(installation / "sauda.db") as database:
        emails = database.execute("SELECT email FROM org_user").fetchall()
        sealed = database.execute("SELECT private FROM org_signing_key").fetchall()
    database.close()
    assert emails == [("a@example.kz",)]
    assert [row[0][:6] for row in sealed] == ["s1.k1."]


def test_the_page_of_rights_is_written_and_checked(tmp_path: Path) -> None:
    page = tmp_path / "access.md"
    run = CliRunner()

    assert run.invoke(access, ["--write", str(page)]).exit_code == 0
    assert run.invoke(access, ["--check", str(page)]).exit_code == 0
    page.write_text(page.read_text(encoding="utf-8").replace("| + |", "|   |", 1), encoding="utf-8")
    assert run.invoke(access, ["--check", str(page)]).exit_code == 1


def _code(error: BaseException | None) -> str:
    assert isinstance(error, Refusal), error
    return error.code
