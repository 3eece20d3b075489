"""Cached bytecode beside signed sources: what Python would run instead of a source must be that source.

A `.pyc` is not signed: installers and interpreters write it anew on every machine, and its bytes differ from
run to run. So each one that this interpreter would load is compared with what it makes of the signed source.
One that would not be loaded (another version, an older source) does no harm and is left alone. A `.pyc`
outside of `__pycache__` is a module of its own and counts as any other file.
"""

from __future__ import annotations

import importlib.util
import marshal
from collections.abc import Mapping
from pathlib import Path
from types import CodeType

HEADER_BYTES = 16
_HASHED, _CHECKED = 1, 2  # PEP 552
_MASK = 0xFFFFFFFF


def foreign_bytecode(sources: Mapping[str, Path]) -> list[str]:
    """Names of the sources whose cached bytecode would be loaded and says something else."""
    return [name for name, path in sources.items() if name.endswith(".py") and _is_foreign(path)]


def _is_foreign(path: Path) -> bool:
    cache = Path(importlib.util.cache_from_source(str(path)))
    try:
        raw = cache.read_bytes()
    except OSError:  # there is none
        return False
    source = path.read_bytes()
    if not _would_be_loaded(raw[:HEADER_BYTES], path, source):
        return False
    try:
        cached = marshal.loads(raw[HEADER_BYTES:])
    except (EOFError, ValueError, TypeError):
        return True
    # Two code objects are equal when they do the same; only their bytes on disk depend on chance.
    return not isinstance(cached, CodeType) or cached != _compiled(source, path)


def _would_be_loaded(header: bytes, path: Path, source: bytes) -> bool:
    if len(header) < HEADER_BYTES or header[:4] != importlib.util.MAGIC_NUMBER:
        return False
    flags = int.from_bytes(header[4:8], "little")
    if flags & _HASHED:
        is_checked = bool(flags & _CHECKED)
        return not is_checked or header[8:16] == importlib.util.source_hash(source)
    stat = path.stat()
    stamp = (int(stat.st_mtime) & _MASK).to_bytes(4, "little") + (stat.st_size & _MASK).to_bytes(4, "little")
    return header[8:16] == stamp


def _compiled(source: bytes, path: Path) -> CodeType | None:
    try:
        code = compile(source, str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    return code
