"""The lock is the whole truth about what gets installed: hashed, within the declared bounds, from no named
place.
"""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.house import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DEVELOPERS = PROJECT["optional-dependencies"]["dev"]
LOCKED = re.compile(r"^([a-z0-9-]+)==([^\s;\\]+)", re.MULTILINE)


def locked(name: str) -> dict[str, Version]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return {package: Version(version) for package, version in LOCKED.findall(text)}


@pytest.mark.parametrize("text", [*PROJECT["dependencies"], *DEVELOPERS])
def test_every_dependency_has_an_upper_bound(text: str) -> None:
    assert any(bound.operator in ("<", "<=", "==") for bound in Requirement(text).specifier)


@pytest.mark.parametrize(
    ("file", "texts"),
    [("lock.txt", PROJECT["dependencies"]), ("dev.txt", [*PROJECT["dependencies"], *DEVELOPERS])],
)
def test_the_lock_holds_what_is_declared(file: str, texts: list[str]) -> None:
    have = locked(file)
    for requirement in map(Requirement, texts):
        assert have[canonicalize_name(requirement.name)] in requirement.specifier, (
            f"{requirement}: run make lock"
        )


def test_both_locks_agree() -> None:
    runtime, developers = locked("lock.txt"), locked("dev.txt")

    assert {name: developers[name] for name in runtime} == runtime


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_every_locked_package_is_hashed_and_no_place_is_named(path) -> None:
    text = path.read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if entry.strip()]

    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "index-url" not in text


def test_the_driver_that_pushes_itself_in_is_not_locked() -> None:
    """Tortoise takes asyncmy instead of aiomysql as soon as it is merely installed."""
    assert "asyncmy" not in locked("dev.txt")
