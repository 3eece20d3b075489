"""The doctor: each finding names what is wrong and the deed that mends it, and looking changes nothing."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from kernel import doctor
from kernel.addons.loader import load_addons
from kernel.app import App
from kernel.clock import SystemClock
from kernel.config import Config, Sources, load_config
from kernel.data.work import Work
from kernel.doctor import check_database, check_folders, check_packages, check_port, examine
from kernel.doctor_finding import Level
from kernel.doctor_house import check_house
from kernel.ids import new_id
from kernel.security.principal import SYSTEM
from kernel.setup import prepare
from kernel.signature.build import BuildVerdict, Problem, Wrong

NOWHERE = "mysql://root@127.0.0.1:1/none"


def config(**environ: str) -> Config:
    return load_config(None, Sources({}, "test", environ))


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def test_a_new_machine_is_told_to_migrate_and_nothing_is_made(tmp_path: Path) -> None:
    findings = await examine(config())

    database = next(each for each in findings if each.name == "database")
    assert (database.level, database.remedy) == (Level.WARN, "sauda migrate")
    assert not any(tmp_path.iterdir())  # noqa: ASYNC240 — a look at a temporary folder


def test_a_database_out_of_reach_is_a_failure_with_a_remedy() -> None:
    [finding] = check_database(config(SAUDA_DATABASE__URL=NOWHERE), SystemClock())

    assert finding.level is Level.FAIL
    assert "127.0.0.1:1/none" in finding.text
    assert "CREATE DATABASE none" in finding.remedy


async def test_without_the_database_the_rest_is_still_examined() -> None:
    names = {each.name for each in await examine(config(SAUDA_DATABASE__URL=NOWHERE))}

    assert {"python", "packages", "port", "bus"} <= names
    assert "migrations" not in names


@pytest.mark.mariadb
def test_a_server_is_asked_for_its_mode_zone_and_clock() -> None:
    findings = check_database(config(SAUDA_DATABASE__URL="mysql://root@127.0.0.1/mysql"), SystemClock())

    assert {each.name: each.level for each in findings} == {"database": Level.OK, "clock": Level.OK}


def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "bad.db").write_bytes(b"not a database at all" * 100)

    [finding] = check_database(config(SAUDA_DATABASE__URL="sqlite:///bad.db"), SystemClock())

    assert finding.level is Level.FAIL
    assert "backup" in finding.remedy


def test_a_taken_port_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        [finding] = check_port(config(SAUDA_SERVER__PORT=str(taken.getsockname()[1])), SystemClock())

    assert finding.level is Level.WARN


def test_a_key_others_can_read_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    key = tmp_path / "var" / "seal.key"
    key.write_text("k1:…")
    key.chmod(0o644)

    findings = check_folders(config(), SystemClock())

    assert any(each.remedy == "chmod 600 var/seal.key" and each.level is Level.FAIL for each in findings)


def test_production_without_a_sealing_key_is_a_failure() -> None:
    def keys(**environ: str) -> list[str]:
        found = check_folders(config(SAUDA_CORE__PRODUCTION="1", **environ), SystemClock())
        return [each.text for each in found if each.name == "key file"]

    assert keys() == ["there is no var/seal.key"]
    assert keys(SAUDA_SECURITY__SEAL_KEY="k1:…") == []


def test_packages_of_other_versions_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "requires", lambda _: ["typer>=99", "no-such-package-at-all>=1"])

    [finding] = check_packages(config(), SystemClock())

    assert finding.level is Level.FAIL
    assert "typer is" in finding.text
    assert "no-such-package-at-all is missing" in finding.text


@pytest.mark.parametrize(
    ("verdict", "is_production", "level"),
    [
        (BuildVerdict(files=7, key="0f"), True, Level.OK),
        (BuildVerdict(unsigned="no public key is pinned"), False, Level.CROSS),
        (BuildVerdict(unsigned="no public key is pinned"), True, Level.FAIL),
        (BuildVerdict((Problem(Wrong.ALTERED, "kernel/app.py"),)), True, Level.FAIL),
    ],
)
async def test_the_signature_is_a_tick_or_a_cross(
    verdict: BuildVerdict, is_production: bool, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "verify_build", lambda *_, **__: verdict)
    settings = config(SAUDA_CORE__PRODUCTION=str(is_production))

    [finding] = doctor.check_signature(settings, SystemClock())

    assert finding.level is level
    assert bool(finding.remedy) == (level is Level.FAIL)
    if level is Level.FAIL:  # then nothing of an add-on is loaded to look further
        assert "add-ons" not in {each.name for each in await examine(settings)}


async def test_a_lane_that_stands_still_and_a_missing_worker_are_told(tmp_path: Path) -> None:
    settings = config(SAUDA_DATABASE__URL=f"sqlite:///{tmp_path / 'shop.db'}")
    app = App.build(settings, registry=load_addons())
    await prepare(app)
    async with app.running():
        await app.database.transact(_block_a_lane, principal=SYSTEM)

    findings = {each.name: each for each in await check_house(settings, SystemClock())}

    assert findings["lane"].text == "register:7 stands still: OFD_BLOCKED"
    assert findings["worker"].level is Level.WARN


async def _block_a_lane(work: Work) -> None:
    lane = await work.lane("register:7", company_id=new_id())
    lane.enqueue("test.something", {})
    lane.block("OFD_BLOCKED")
