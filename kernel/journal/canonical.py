"""Canonical JSON: one text for one value, so that a digest of it means something. Only integers, text,
booleans, null, lists, maps.

Keys sorted by their UTF-8 bytes, no spaces, UTF-8 without escapes that are not needed. Floats are refused:
money is integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import orjson

JSON: TypeAlias = bool | int | str | Sequence["JSON"] | Mapping[str, "JSON"] | None

INT_MAX = (1 << 63) - 1  # what every JSON reader and a BIGINT column can hold
DEPTH_MAX = 32


def canonical_json(value: Mapping[str, JSON]) -> str:
    """The canonical text of a JSON object.

    Raises TypeError on a float, a non-text key or any other type; ValueError on an integer beyond 64 bits or
    too deep a nest.
    """
    _check((value,), DEPTH_MAX)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError as broken:
        _check_keys(value)
        # What remains is a lone surrogate: text that has no UTF-8 form.
        raise ValueError(f"not expressible as canonical JSON: {broken}") from None


def parse(text: str) -> dict[str, JSON]:
    """The object of a canonical text written by `canonical_json`."""
    value = orjson.loads(text)
    assert isinstance(value, dict)
    return value


def _check(items: Iterable[object], depth: int) -> None:
    """Refuse what orjson would take for JSON, but we do not; that keys are text it looks at itself."""
    for item in items:
        kind = type(item)
        if kind is str or kind is bool or item is None:
            continue
        if kind is int:
            if not -INT_MAX <= item <= INT_MAX:  # type: ignore[operator]  # kind is int
                raise ValueError(f"integer beyond 64 bits: {item}")
        elif kind is not dict and kind is not list and kind is not tuple:
            raise TypeError(f"not a canonical JSON value: {kind.__name__} {item!r}")
        elif depth == 0:
            raise ValueError(f"nested deeper than {DEPTH_MAX}")
        else:
            _check(item.values() if kind is dict else item, depth - 1)  # type: ignore[attr-defined,arg-type]


def _check_keys(value: object) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if type(key) is not str:
                raise TypeError(f"key is not text: {key!r}")
            _check_keys(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _check_keys(item)
