"""What the tidy tests look at: our own source files, read once."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kernel", "addons", "gateway", "worker", "agent", "protocols", "simulators")
_APART = frozenset({"node_modules", "__pycache__", "files"})


@dataclass(frozen=True)
class Source:
    """One Python file of ours."""

    path: Path

    @cached_property
    def text(self) -> str:
        """Its text."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text, filename=str(self.path))

    @property
    def name(self) -> str:
        """Path from the root of the repository, for messages."""
        return str(self.path.relative_to(ROOT))

    @property
    def module(self) -> str:
        """Dotted name; a package is named without __init__."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def is_test(self) -> bool:
        """True for tests and what serves only tests."""
        parts = self.path.relative_to(ROOT).parts
        return "tests" in parts or parts[-1] == "conftest.py" or parts[:2] == ("kernel", "testing")

    @property
    def is_generated(self) -> bool:
        """True for files a tool wrote."""
        return self.path.stem.endswith("_pb2") or "migrations" in self.path.parts


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Python files of these folders, all packages and tests by default."""
    found = []
    for folder in folders or (*PACKAGES, "tests", "bench"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not _APART & set(path.relative_to(ROOT).parts):
                found.append(_source(path))
    return tuple(found)


@cache
def _source(path: Path) -> Source:
    return Source(path)  # one for all sets of folders, so that each file is parsed once


@cache
def calls(source: Source) -> tuple[tuple[str, int], ...]:
    """Dotted names of everything a file calls, with lines."""
    return tuple(
        (ast.unparse(node.func), node.lineno) for node in ast.walk(source.tree) if isinstance(node, ast.Call)
    )
