"""The command line: help without loading anything heavy, JSON for programs, documented exit codes."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from kernel import cli
from kernel.app import App
from kernel.cli import EXIT_FAILED, EXIT_REFUSED, EXIT_UNAVAILABLE, EXIT_USAGE, app, guarded
from kernel.clock import SystemClock
from kernel.commands import doctor as doctor_command
from kernel.commands import output
from kernel.config import ConfigError
from kernel.data.work import Work
from kernel.doctor_finding import Finding, Level
from kernel.errors import Refusal, Unavailable
from kernel.security.principal import SYSTEM

runner = CliRunner()


def run(*words: str) -> Any:
    return runner.invoke(app, list(words))


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands write to ./var: each test stands in a folder of its own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `sauda migrate` leaves in an empty folder, done once."""
    folder = tmp_path_factory.mktemp("migrated")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run("migrate").exit_code == 0
    return folder


@pytest.fixture
def house(migrated: Path, own_folder: None) -> None:
    """The folder of the test is a new installation."""
    shutil.copytree(migrated, Path.cwd(), dirs_exist_ok=True)


def test_help_names_every_command_and_the_exit_codes() -> None:
    help_text = run("--help").output

    for name in (
        "up",
        "gateway",
        "worker",
        "demo",
        "migrate",
        "addon",
        "simulate",
        "journal",
        "config",
        "doctor",
    ):
        assert f" {name} " in help_text
    assert "Exit codes" in help_text


def test_help_loads_no_server() -> None:
    code = (
        "import sys; from kernel.cli import main; sys.argv = ['sauda', '--version']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert not {'strawberry', 'uvicorn', 'tortoise', 'lxml'} & set(sys.modules), 'too much is loaded'"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", [*cli.OWN_COMMANDS])
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = run(name, "--help")

    assert result.exit_code == 0
    assert len(result.output) > 200


def test_config_is_shown_as_json_with_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAUDA_SERVER__PORT", "8123")

    rows = json.loads(run("config", "show", "server", "--json").output)

    port = next(row for row in rows if row["setting"] == "server.port")
    assert port["value"] == "8123"
    assert port["source"] == "environment SAUDA_SERVER__PORT"


@pytest.mark.usefixtures("house")
def test_a_company_chooses_a_setting_and_it_is_shown_as_its_own() -> None:
    company = "0198f3a0-7b1c-7c3e-9d52-3a1f0c9e4b11"
    chosen = run("config", "choose", "trade.discount_limit_bp", "500", "--company", company)

    assert chosen.exit_code == 0, chosen.output
    rows = json.loads(run("config", "show", "trade", "--company", company, "--json").output)
    limit = next(row for row in rows if row["setting"] == "trade.discount_limit_bp")
    assert (limit["value"], limit["source"]) == ("500", f"company {company}")


def test_addons_are_listed_before_anything_is_installed() -> None:
    rows = json.loads(run("addon", "list", "--json").output)

    assert rows[0]["name"] == "organization"
    assert {row["state"] for row in rows} == {"new"}


@pytest.mark.usefixtures("house")
def test_a_journal_of_a_new_installation_is_whole() -> None:
    result = run("journal", "verify")

    assert result.exit_code == 0
    assert "0 lanes broken" in result.output
    assert json.loads(run("journal", "verify", "--json").output) == {"lanes": 0, "entries": 0, "broken": []}


@pytest.mark.usefixtures("house")
def test_an_addon_goes_and_comes_back() -> None:
    assert run("addon", "deactivate", "organization").exit_code != 0
    steps = [
        run("addon", "deactivate", "catalog_1c"),
        run("addon", "purge", "catalog_1c", "--yes"),
        run("addon", "install", "catalog_1c"),
    ]

    assert [step.exit_code for step in steps] == [0, 0, 0], [step.output for step in steps]
    rows = json.loads(run("addon", "list", "--json").output)
    assert {row["state"] for row in rows} == {"active"}


def test_doctor_fails_when_something_must_be_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = [Finding("database", Level.FAIL, "does not answer", "start it")]
    monkeypatch.setattr(doctor_command, "_findings", lambda: broken)

    result = run("doctor")

    assert result.exit_code == EXIT_FAILED
    assert "mend: start it" in result.output


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError(["server.colour: unknown"]), EXIT_USAGE),
        (Refusal("ADDON_UNKNOWN", name="x"), EXIT_REFUSED),
        (Unavailable("MIGRATION_LOCKED"), EXIT_UNAVAILABLE),
    ],
)
def test_expected_failures_are_messages_with_their_exit_code(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise error

    assert guarded(fail) == code
    assert "Traceback" not in capsys.readouterr().err


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        guarded(fail)


def test_an_unknown_command_is_wrong_usage() -> None:
    assert run("nonsense").exit_code == EXIT_USAGE


def test_a_database_without_tables_is_told_in_one_line_with_the_remedy() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "kernel.cli", "journal", "verify"], capture_output=True, text=True, check=False
    )

    assert result.returncode == 2
    assert "sauda migrate" in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("words", "variables", "code", "said"),
    [
        (
            ["migrate"],
            {"SAUDA_DATABASE__URL": "mysql://x:y@127.0.0.1:1/none"},
            EXIT_UNAVAILABLE,
            "127.0.0.1:1",
        ),
        (["migrate"], {"SAUDA_DATABASE__URL": "oracle://x"}, EXIT_USAGE, "sqlite:/// or mysql://"),
        (["migrate"], {"SAUDA_DATABASE__URL": "mysql://x:y@h:none/s"}, EXIT_USAGE, "database.url"),
        (["migrate"], {"SAUDA_DATABASE__URL": "sqlite:///not-a-database"}, EXIT_USAGE, "not-a-database"),
        (["migrate"], {"SAUDA_BUS__URL": "http://x"}, EXIT_USAGE, "redis://"),
        (["up", "--port", "99999"], {}, EXIT_USAGE, "65535"),
        (["config", "show"], {"SAUDA_FISCAL_KZ__PROFILES": "a;h:port;t;s;test"}, EXIT_USAGE, "h:port"),
        (["config", "show"], {"SAUDA_FISCAL_KZ__PROFILES": "a;h:1;t;s;tset"}, EXIT_USAGE, "tset"),
        (["config", "show", "colour"], {}, EXIT_USAGE, "database"),
        (["config", "choose", "trade.discount_limit_bp", "5", "--company", "x"], {}, EXIT_USAGE, "UUID"),
    ],
)
def test_a_wrong_set_up_is_told_without_a_traceback(
    words: list[str],
    variables: dict[str, str],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("not-a-database").write_text("a text that is longer than the header of a database " * 9)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert guarded(lambda: app(words)) == code
    assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    "words",
    [["up", "--port"], ["simulate", "ofd", "--port"], ["simulate", "ofd", "--port", "0", "--http-port"]],
)
def test_a_taken_port_is_told_without_a_traceback(words: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = [sys.executable, "-m", "kernel.cli", *words, str(listener.getsockname()[1])]
        told = subprocess.run(line, capture_output=True, text=True, check=False, timeout=180)

    assert told.returncode == EXIT_USAGE, told.stderr
    assert "address already in use" in " ".join(told.stderr.split())
    assert "Traceback" not in told.stderr


@pytest.mark.usefixtures("house")
def test_a_lane_that_is_not_here_is_not_called_whole() -> None:
    assert guarded(lambda: app(["journal", "verify", "register:none"])) == EXIT_REFUSED


@pytest.mark.usefixtures("house")
def test_an_export_of_nobody_and_of_no_period_is_refused() -> None:
    company = ["journal", "export", "--company", "0198f3a0-7b1c-7c3e-9d52-3a1f0c9e4b11", "--to", "archive"]

    assert guarded(lambda: app([*company, "--period", "2026-01"])) == EXIT_REFUSED
    assert guarded(lambda: app([*company, "--period", "January"])) == EXIT_REFUSED
    assert not Path("archive").exists()


COMPANY = "0198f3a0-7b1c-7c3e-9d52-3a1f0c9e4b11"


def journal_something(count: int) -> None:
    """Entries of one register, as services write them."""

    async def write(work: Work) -> None:
        lane = await work.lane("register:one", company_id=COMPANY)
        for number in range(count):
            lane.journal("test.note", {"n": number, "secret": "қызыл"})

    async def run_it() -> None:
        house = App.build()
        async with house.running():
            await house.database.transact(write, principal=SYSTEM)

    asyncio.run(run_it())


@pytest.mark.usefixtures("house")
def test_a_journal_is_exported_checked_and_kept() -> None:
    journal_something(3)
    year = str(SystemClock().now().year)
    to = ["--company", COMPANY, "--period", year, "--to"]

    sealed = run("journal", "export", *to, "sealed", "--json")
    opened = run("journal", "export", *to, "opened", "--opened")
    purged = ["journal", "purge", "--company", COMPANY, "--archive", "sealed", "--yes"]
    too_early = guarded(lambda: app([*purged, "--before", str(int(year) + 1), "--reason", "no room"]))

    assert json.loads(sealed.output)["lanes"][0]["entries"] == 3
    assert opened.exit_code == 0, opened.output
    for folder, is_open in (("sealed", False), ("opened", True)):
        text = next(Path(folder).glob("*/*.jsonl")).read_text(encoding="utf-8")
        assert ("қызыл" in text) == is_open
        check = [sys.executable, "-I", "-S", f"{folder}/journal_check.py"]
        done = subprocess.run(check, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert too_early == EXIT_REFUSED
    assert "3 entries of 1 lanes checked" in run("journal", "verify").output


@pytest.mark.parametrize("width", [80, 300])
def test_the_folder_of_an_addon_is_left_to_wide_terminals(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "console", Console(width=width))

    text = run("addon", "list").output

    assert ("folder" in text) == (width > 80)
    assert len(text.splitlines()) == 1 + len(json.loads(run("addon", "list", "--json").output))


@pytest.mark.parametrize("name", ["up", "gateway", "worker", "demo", "access", "migrate"])
def test_a_command_without_sub_commands_offers_none(name: str) -> None:
    text = run(name, "--help").output

    assert "COMMAND" not in text
    assert "completion" not in text
