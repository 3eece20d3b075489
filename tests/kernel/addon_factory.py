"""Small add-ons made on disk for tests of the add-on room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

MANIFEST = """
name = "{name}"
short = "{short}"
version = "{version}"
kernel = ">=1,<2"
tables_prefix = "{short}_"
depends = {depends}
after = {after}
conflicts = {conflicts}
owners = ["tests"]
{more}

[title]
ru = "{name}"
kk = "{name}"
en = "{name}"
"""


def write_addon(parent: Path, name: str, *, register: str = "pass", **promises: Any) -> Path:
    """A folder with addon.toml and addon.py whose register(registry) is the given text."""
    folder = parent / name
    folder.mkdir()
    facts: dict[str, Any] = {"version": "1.0", "depends": [], "after": [], "conflicts": [], "more": ""}
    facts |= {"short": name.replace("_", "")} | promises
    (folder / "addon.toml").write_text(MANIFEST.format(name=name, **facts), encoding="utf-8")
    (folder / "__init__.py").write_text("")
    body = "\n".join(f"    {line}" for line in register.splitlines())
    (folder / "addon.py").write_text(f"def register(registry):\n{body}\n", encoding="utf-8")
    return folder
