"""Input objects built without `__init__`: only where it would do nothing but set the fields."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from kernel.gql.variables import plain_builder


@dataclass
class Plain:
    """As Strawberry makes inputs."""

    name: str
    parts: list[str] = field(default_factory=list)


@dataclass
class Checked(Plain):
    def __post_init__(self) -> None:
        self.name = self.name.strip()


@dataclass(init=False)
class Written(Plain):
    def __init__(self, name: str, parts: list[str]) -> None:
        self.name, self.parts = name.upper(), parts


@dataclass(slots=True)
class Slotted:
    name: str
    parts: list[str]


def test_a_plain_input_is_equal_to_one_made_by_its_init() -> None:
    build = plain_builder(Plain, {"name", "parts"})
    assert build is not None
    made = build({"name": "нан", "parts": ["a"]})
    assert made == Plain("нан", ["a"])
    made.parts.append("b")
    assert build({"name": "нан", "parts": ["a"]}).parts == ["a"]


@pytest.mark.parametrize("kind", [Checked, Written, Slotted])
def test_an_init_that_does_more_is_called(kind: type) -> None:
    assert plain_builder(kind, {"name", "parts"}) is None


def test_a_field_nobody_reads_is_left_to_its_default() -> None:
    assert plain_builder(Plain, {"name"}) is None
