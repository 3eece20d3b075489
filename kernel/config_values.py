"""Values of settings: reading one as its declared type, showing one to people, and the type that never shows
itself.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

COMPANY = {"company": True}  # metadata of a settings field that a company may choose for itself

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


class Secret:
    """A value that does not show itself: not in repr, str, logs or `config show`."""

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself; call it where it is used, not before."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')" if self._value else "Secret('')"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def parse_value(kind: Any, raw: object) -> object:
    """A value of the declared type out of TOML or text. Raises ValueError saying what was expected.

    timedelta is given in milliseconds; a tuple of texts as a list or separated by commas.
    """
    if get_origin(kind) in (Union, UnionType):
        options = [option for option in get_args(kind) if option is not type(None)]
        return None if raw in ("", None) else parse_value(options[0], raw)
    if kind is bool:
        return _parse_bool(raw)
    if kind is int:
        return _parse_int(raw)
    if kind is timedelta:
        return timedelta(milliseconds=_parse_int(raw))
    if get_origin(kind) is tuple:
        parts = raw.split(",") if isinstance(raw, str) else raw
        if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
            raise ValueError("a list of texts is expected")
        return tuple(part.strip() for part in parts if part.strip())
    if not isinstance(raw, str):
        raise ValueError(f"a text is expected, not {raw!r}")
    if kind in (str, Secret, Path):
        return kind(raw)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if raw not in {member.value for member in kind}:
            raise ValueError(f"one of {', '.join(member.value for member in kind)} is expected, not {raw!r}")
        return kind(raw)
    raise ValueError(f"settings of type {kind} are not supported")


def show_value(value: object) -> str:
    """A value as people and TOML would write it; a secret only as being set or not."""
    if isinstance(value, Secret):
        return "(set, hidden)" if value else "(not set)"
    if isinstance(value, timedelta):
        return str(value // timedelta(milliseconds=1))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    return "" if value is None else str(value)


def _parse_bool(raw: object) -> bool:
    text = str(raw).strip().lower()
    if text in _TRUE | _FALSE:
        return text in _TRUE
    raise ValueError(f"true or false is expected, not {raw!r}")


def _parse_int(raw: object) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.strip().removeprefix("-").isdecimal():
        return int(raw)
    raise ValueError(f"a whole number is expected, not {raw!r}")


def without_password(text: str) -> str:
    """`mysql://user:password@host` shown without its password."""
    scheme, found, rest = text.partition("://")
    account, at, host = rest.rpartition("@")
    if not found or not at or ":" not in account:
        return text
    return f"{scheme}://{account.partition(':')[0]}:***@{host}"
