"""Third-party scripts: pinned exactly, locked without addresses, all of them accounted for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kernel.printing.fonts import PACKAGED
from kernel.web.scripts import HOME, SCRIPTS

FOLDERS = [HOME, HOME / "tests" / "graphql_http"]


@pytest.mark.parametrize("folder", FOLDERS, ids=["gateway", "audits"])
def test_packages_are_pinned_exactly_and_the_lock_names_no_registry(folder: Path) -> None:
    package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))

    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["dependencies"].values())
    assert lock["packages"][""]["dependencies"] == package["dependencies"]
    entries = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in entries.items() if "resolved" in entry] == []
    assert [name for name, entry in entries.items() if "integrity" not in entry] == []


def test_every_script_and_font_belongs_to_a_pinned_package() -> None:
    package = json.loads((HOME / "package.json").read_text(encoding="utf-8"))

    files = [*SCRIPTS.values(), *PACKAGED.values()]
    packages = {"/".join(file.split("/")[: 2 if file.startswith("@") else 1]) for file in files}
    assert packages <= set(package["dependencies"])


def test_no_script_of_others_is_committed() -> None:
    assert "node_modules/" in (HOME / ".gitignore").read_text(encoding="utf-8").split()
