"""What the source files of an add-on say: which modules they import and which refusal codes they raise.

Reads syntax trees only; nothing is imported or run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Folders that are not part of what the add-on promises at run time.
APART = frozenset({"tests", "migrations", "node_modules", "__pycache__"})
CODE_CALLS = frozenset({"Refusal", "Unavailable"})


@dataclass(frozen=True, slots=True)
class Found:
    """A name and where it stands."""

    name: str
    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.name}"


def source_files(folder: Path) -> list[Path]:
    """Python files of the add-on itself, without tests, migrations and generated code."""
    return [
        path
        for path in sorted(folder.rglob("*.py"))
        if not APART & set(path.relative_to(folder).parts) and not path.stem.endswith("_pb2")
    ]


def imported_modules(folder: Path, package: str) -> Iterator[Found]:
    """Every module imported by the files, relative imports spelt out in full."""
    for path in source_files(folder):
        inside = path.relative_to(folder).with_suffix("").parts
        here = [*package.split("."), *inside]
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Import):
                yield from (Found(alias.name, path, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = ".".join(here[: -node.level]) if node.level else ""
                module = ".".join(part for part in (base, node.module) if part)
                yield Found(module, path, node.lineno)
                # "from addons import trade" and "from addons.trade import services" name modules too
                yield from (Found(f"{module}.{alias.name}", path, node.lineno) for alias in node.names)


def refusal_codes(folder: Path) -> Iterator[Found]:
    """Every code given as a literal to Refusal(...) or Unavailable(...)."""
    for path in source_files(folder):
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Call) and _called(node) in CODE_CALLS and node.args:
                yield from (Found(code, path, node.lineno) for code in _literals(node.args[0]))


def text_of(folder: Path) -> str:
    """All source text together, for "is this word used anywhere" questions."""
    return "\n".join(path.read_text(encoding="utf-8") for path in source_files(folder))


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def texts_used(pages: Path, owner: str) -> set[str]:
    """Keys of the owner's own texts that templates and modules of its pages name in full."""
    named = re.compile(rf"""(?:\bt\(|title=|note=|text\()\s*["']{owner}\.(\w+)["']\s*[,)]""")
    files = [path for path in sorted(pages.rglob("*")) if path.suffix in (".html", ".py")]
    return {key for path in files for key in named.findall(path.read_text(encoding="utf-8"))}
