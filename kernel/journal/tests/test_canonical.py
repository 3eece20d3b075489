"""One value has one text: sorted, tight, integers only."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.journal.canonical import canonical_json, parse


class Word(StrEnum):
    ONE = "one"


class Text(str):
    __slots__ = ()


class Number(int):
    pass


class Pair(NamedTuple):
    one: int
    two: int


@dataclass
class Place:
    city: str


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(texts, values, max_size=4))
def test_a_value_survives_and_its_text_is_what_any_json_writer_would_sort(value: dict[str, Any]) -> None:
    text = canonical_json(value)

    assert parse(text) == value
    assert canonical_json(dict(reversed(value.items()))) == text
    by_standard_library = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert json.loads(text) == json.loads(by_standard_library)
    assert len(text) <= len(by_standard_library)


def test_keys_are_sorted_and_nothing_is_wasted() -> None:
    assert canonical_json({"b": [1, True, None], "a": {"қ": "«Нан»", "z": -5}}) == (
        '{"a":{"z":-5,"қ":"«Нан»"},"b":[1,true,null]}'
    )


@pytest.mark.parametrize(
    "value",
    [
        *(
            1.0,
            float("nan"),
            float("inf"),
            -0.0,
            1e300,
            Decimal(1),
            b"x",
            {1},
            datetime(2026, 1, 1, tzinfo=UTC),
        ),
        *(
            UUID(int=1),
            Word.ONE,
            Text("x"),
            Number(1),
            Pair(1, 2),
            Place("Almaty"),
            OrderedDict(a=1),
            object(),
        ),
        *({1: "key"}, {None: 1}, {1.5: 1}, {True: 1}, {b"x": 1}, {Word.ONE: 1}, {Text("x"): 1}),
    ],
)
def test_what_has_no_single_text_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical_json({"deep": [{"inside": value}]})
    with pytest.raises(TypeError):
        canonical_json({"deep": ({"first": None, "inside": (0, value)},)})
    with pytest.raises(TypeError):
        canonical_json({"first": "\ud800", "inside": value})


@pytest.mark.parametrize("value", [2**63, 2**64 - 1, -(2**63), "\ud800", {"\ud800": 1}])
def test_what_others_cannot_read_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"64 bits|canonical"):
        canonical_json({"a": value})


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63) + 1])
def test_the_greatest_integers_are_written_exactly(value: int) -> None:
    assert canonical_json({"a": (value,)}) == f'{{"a":[{value}]}}'


def test_endless_nesting_is_refused() -> None:
    value: dict[str, Any] = {}
    value["self"] = value

    with pytest.raises(ValueError, match="deeper"):
        canonical_json(value)
