"""Fields made of an object when they are selected."""

import inspect

import pytest
import strawberry
from graphql import parse

from kernel.gql.ids import to_global
from kernel.gql.node import Node, derived

made: list[str] = []


def _shout(word: "WordType") -> str:
    made.append(word.text)
    return word.text.upper()


@strawberry.type(name="Word", description="A word.")
class WordType(Node):
    text: str = strawberry.field(description="As it is.")
    loud: str = derived(_shout, description="In capital letters.")


@strawberry.type
class WordQuery:
    @strawberry.field(description="A word.")
    def word(self) -> WordType:
        return WordType(key="7", text="нан")


@pytest.mark.parametrize(
    ("selected", "answer", "calls"),
    [
        ("text", {"text": "нан"}, 0),
        ("loud", {"loud": "НАН"}, 1),
        ("id loud", {"id": to_global("Word", "7"), "loud": "НАН"}, 1),
    ],
)
def test_a_derived_field_is_made_when_it_is_selected(
    selected: str, answer: dict[str, str], calls: int
) -> None:
    made.clear()
    result = strawberry.Schema(WordQuery).execute_sync(f"{{word {{{selected}}}}}")

    assert (result.errors, result.data) == (None, {"word": answer})
    assert len(made) == calls


def test_a_derived_field_is_described_like_any_other_and_never_given() -> None:
    schema = strawberry.Schema(WordQuery).as_str()

    assert parse(schema)
    assert '"""In capital letters."""\n  loud: String!' in schema
    assert list(inspect.signature(WordType).parameters) == ["key", "text"]
