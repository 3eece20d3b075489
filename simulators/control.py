"""Commands of the control pages: one JSON object with an "action"; which there are is each stand-in's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from inspect import signature
from types import UnionType
from typing import TypeVar, cast, get_args, get_type_hints

Facts = Mapping[str, object]
Made = TypeVar("Made")


class ControlError(ValueError):
    """The command makes no sense; the text says why."""


def facts_of(command: object) -> Facts:
    """What a command tells. Raises ControlError when it is no object."""
    if not isinstance(command, dict):
        raise ControlError("a command is a JSON object")
    return cast("Facts", command)


@contextmanager
def explaining(missing: str) -> Iterator[None]:
    """Within it whatever makes no sense is a ControlError; missing: what a KeyError did not find."""
    try:
        yield
    except KeyError as error:
        raise ControlError(f"no such {missing}: {error.args[0]}") from error
    except ValueError as error:
        raise ControlError(str(error)) from error


def made_of(kind: type[Made], facts: Facts, *, beside: tuple[str, ...] = ()) -> Made:
    """A dataclass or named tuple of the facts, without the action and what is told beside its fields.

    Raises ControlError for a fact that is none of its fields or of another type, and for a missing one;
    ValueError for no word of a StrEnum.
    """
    types = get_type_hints(kind)
    made: dict[str, object] = {}
    for name, value in facts.items():
        if name in ("action", *beside):
            continue
        wanted = types.get(name)
        if wanted is None:
            raise ControlError(f"{name!r} is no field of {kind.__name__}")
        choices = get_args(wanted) if isinstance(wanted, UnionType) else (wanted,)
        if isinstance(wanted, type) and issubclass(wanted, StrEnum):
            value = wanted(str(value))
        elif type(value) not in choices:
            raise ControlError(f"{name!r} must be {' or '.join(each.__name__ for each in choices)}")
        made[name] = value
    for name, field in signature(kind).parameters.items():
        if field.default is field.empty and name not in made:
            raise ControlError(f"{name!r} is missing")
    return kind(**made)


def number_of(facts: Facts, name: str) -> int:
    """Raises ControlError when it is no whole number."""
    value = facts.get(name)
    if type(value) is not int:
        raise ControlError(f"{name!r} must be a whole number")
    return value
