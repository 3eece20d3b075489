"""An add-on made outside of the repository and installed by entry point is a full citizen: it adds a field to
another add-on's type, its job runs, its page is served, and its own checks pass.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.house import ROOT


def run(words: list[str], outside: Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """A process that sees the folder as installed packages, and stands in an empty folder."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SAUDA_")}
    environ["PYTHONPATH"] = os.pathsep.join([str(outside), str(ROOT)])
    return subprocess.run(
        [sys.executable, *words], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages with the new add-on in it and the metadata an installer would leave."""
    folder = tmp_path_factory.mktemp("site")
    words = ["-m", "kernel.cli", "addon", "new", "guest_book", "--in", str(folder), "--short", "guest"]
    made = run(words, folder, tmp_path_factory.mktemp("work"))
    assert made.returncode == 0, made.stdout + made.stderr
    info = folder / "sauda_guest_book-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sauda-guest-book\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[sauda.addons]\nguest_book = guest_book\n")
    return folder


def test_it_is_found_by_its_entry_point(outside: Path, tmp_path: Path) -> None:
    listed = run(["-m", "kernel.cli", "addon", "list", "--json"], outside, tmp_path)

    rows = {row["name"]: row for row in json.loads(listed.stdout)}
    assert rows["guest_book"]["folder"] == str(outside / "guest_book")
    assert rows["guest_book"]["loaded"] == "yes"


def test_its_field_its_job_its_refusal_and_its_page(outside: Path, tmp_path: Path) -> None:
    done = run(["-W", "error", "-m", "tests.kernel.third_party_story"], outside, tmp_path)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])  # log lines may come before

    assert seen["folder"] == str(outside / "guest_book")
    assert seen["left"] == {"data": {"leaveNote": {"text": "Paper!"}}, "errors": []}
    assert seen["refused"] == {"data": {"leaveNote": {"code": "GUEST_BOOK_TEXT_LENGTH"}}, "errors": []}
    assert seen["read"]["data"]["node"] == {"title": "Till 1", "guest": {"count": 1, "latest": "Paper!"}}
    assert seen["letters"] == 6
    assert seen["page"][0] == 200
    assert "guest_book" in seen["page"][1]


def test_its_own_checks_pass(outside: Path, tmp_path: Path) -> None:
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml")]

    checked = run([*words, str(outside / "guest_book" / "tests")], outside, tmp_path)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_its_code_is_as_tidy_as_ours(outside: Path, tmp_path: Path) -> None:
    for words in (
        ["check", "--ignore", "I001"],
        ["format", "--check"],
    ):  # the order of imports knows our names only
        options = ["--no-cache", "--exclude", "migrations", "--config", str(ROOT / "pyproject.toml")]

        tidy = run(["-m", "ruff", *words, *options, str(outside / "guest_book")], outside, tmp_path)

        assert tidy.returncode == 0, tidy.stdout + tidy.stderr
