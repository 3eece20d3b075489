"""Rules every test of the house obeys: partners on this machine only, and MariaDB or Redis when they are
here.

Fixtures of business do not belong here: each add-on has its own factories, the running app comes from
`kernel.testing`.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kernel.garbage import paused, settle

MARIADB_ADDRESS = (os.environ.get("SAUDA_TEST_MARIADB_HOST", "127.0.0.1"), 3306)
REDIS_ADDRESS = (os.environ.get("SAUDA_TEST_REDIS_HOST", "127.0.0.1"), 6379)
PROBE_TIMEOUT_S = 0.5
_LOCAL_HOSTS = {"127.0.0.1", "::1", "localhost", "0.0.0.0", ""}
OWN_STAGES = {"alone", "browser"}  # markers of few tests, each with a pytest call of its own in `make test`

# Each stage, each of its workers and hundreds of processes of the house import the same files: they are
# compiled once, also where the shell asks for no bytecode.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

if float(os.environ.get("SAUDA_SCALE", "1")) > 1:  # heavy proofs take their time
    os.environ.setdefault("PYTEST_TIMEOUT", "0")


def _answers(address: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(address, timeout=PROBE_TIMEOUT_S):
            return True
    except OSError:
        return False


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A stage of few tests imports only the files that name its marker, not all of the house."""
    wanted = OWN_STAGES & set(config.getoption("markexpr").split(" and "))
    if not wanted or collection_path.suffix != ".py" or not collection_path.name.startswith("test_"):
        return None
    text = collection_path.read_text(encoding="utf-8")
    return None if all(re.search(rf"\b{marker}\b", text) for marker in wanted) else True


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What was imported for all tests stays: as in a process that serves it is not looked through again and
    again, which took a quarter of the processor.
    """
    with paused():
        yield
    settle()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run; with CI set nothing is skipped, so a missing partner fails
    loudly."""
    if os.environ.get("CI"):
        return
    for marker, address in (("mariadb", MARIADB_ADDRESS), ("redis", REDIS_ADDRESS)):
        marked = [item for item in items if item.get_closest_marker(marker)]
        if marked and not _answers(address):
            for item in marked:
                item.add_marker(
                    pytest.mark.skip(reason=f"{marker} does not answer at {address[0]}:{address[1]}")
                )


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests talk to this machine only: a connection to another host fails at once."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and str(address[0]) not in _LOCAL_HOSTS:
            raise AssertionError(f"a test tried to reach {address[0]}:{address[1]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def scale() -> int:
    """How large heavy proofs are: SAUDA_SCALE, 1 in `make test`, 100 in `make test-full`."""
    return int(os.environ.get("SAUDA_SCALE", "1"))
