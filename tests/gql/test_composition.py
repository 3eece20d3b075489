"""What does not fit together is refused before anything is served, naming every owner at fault."""

from typing import Any

import pytest
import strawberry

from kernel.addons.registry import Registry
from kernel.gql.composition import SchemaError
from kernel.gql.context import Info
from kernel.gql.permissions import Public, Requires
from kernel.gql.schema import build_schema
from tests.gql.shop import GoodType, context_of, shop_registry


def problems_of(*more: Any) -> tuple[str, ...]:
    with pytest.raises(SchemaError) as caught:
        build_schema(shop_registry(*more, freeze=False))
    return tuple(caught.value.problems)


@strawberry.type
class SecondGoods:
    @strawberry.field(name="goods", description="Goods again.", permission_classes=[Public])
    def other_goods(self) -> int:
        return 1


@strawberry.type
class Unguarded:
    @strawberry.field(description="Anybody?")
    def secret(self) -> int:
        return 1

    @strawberry.field(description="Nobody.", permission_classes=[Requires("extra.fly")])
    def flight(self) -> int:
        return 1


@strawberry.input(name="Wish")
class WishInput:
    text: str


@strawberry.interface(name="Thing")
class Thing:
    size: int


@strawberry.type(name="Extra", description="More.")
class ExtraType:
    text: str = strawberry.field(description="Text.")


async def extra_of_good(root: strawberry.Parent[Any], info: Info) -> ExtraType | None:
    """What extra knows."""
    return ExtraType(text=f"extra {root.key}")


async def promised_extra(root: strawberry.Parent[Any]) -> ExtraType:
    """Never null, it says."""
    return ExtraType(text="x")


def test_two_root_fields_with_one_graphql_name_are_refused_naming_both_owners() -> None:
    (problem,) = problems_of(lambda registry: registry.query(SecondGoods))

    assert problem == "Query.goods is brought by shop and by extra"


def test_root_fields_without_a_rule_or_with_an_unknown_permission_are_all_listed() -> None:
    problems = problems_of(lambda registry: registry.query(Unguarded))

    assert problems == (
        "extra: Query.secret carries neither Requires(…) nor Public",
        "extra: Query.flight requires extra.fly, which no manifest declares",
    )


@pytest.mark.parametrize(
    ("opened", "contributed", "word"),
    [
        (WishInput, ("Wish", extra_of_good), "input"),
        (Thing, ("Thing", extra_of_good), "interface"),
        (None, ("Good", promised_extra), "nullable"),
        (None, ("Pair", extra_of_good), "not open"),
    ],
)
def test_contributions_that_would_fail_in_silence_are_refused(
    opened: type | None, contributed: tuple[str, Any], word: str
) -> None:
    def register(registry: Registry) -> None:
        if opened is not None:
            registry.open_type(opened)
        registry.contribute(contributed[0], "extra", contributed[1])

    (problem,) = problems_of(register)

    assert problem.startswith("extra: ")
    assert word in problem


async def test_a_plain_function_is_enough_to_contribute_a_field() -> None:
    registry = shop_registry(lambda registry: registry.contribute("Good", "extra", extra_of_good))
    schema = build_schema(registry)

    result = await schema.execute(
        "{goods(first: 1) {nodes {extra {text} tax {code}}}}", context_value=context_of(registry)
    )

    assert result.errors is None
    assert result.data == {"goods": {"nodes": [{"extra": {"text": "extra 0"}, "tax": {"code": "T0"}}]}}


async def test_without_the_contributing_addon_the_field_does_not_exist() -> None:
    """Also: the same types make a second schema in one process (trap of field extensions)."""
    build_schema(shop_registry())
    registry = shop_registry(with_tax=False)
    schema = build_schema(registry)

    result = await schema.execute(
        "{goods(first: 1) {nodes {tax {code}}}}", context_value=context_of(registry)
    )

    assert result.errors is not None
    assert result.errors[0].extensions["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "tax" not in schema.as_str()


def test_the_printed_schema_does_not_depend_on_the_order_of_registration() -> None:
    def early(registry: Registry) -> None:
        registry.query(AnotherQuery)

    one = build_schema(shop_registry(early)).as_str()
    two = build_schema(shop_registry(early, with_tax=True)).as_str()

    assert one == two
    assert one.index("another:") < one.index("broken:") < one.index("goods(")


@strawberry.type
class AnotherQuery:
    @strawberry.field(description="Another.", permission_classes=[Public])
    def another(self) -> int:
        return 1


def test_open_types_keep_their_own_fields() -> None:
    schema = build_schema(shop_registry())

    fields = schema.core.type_map["Good"].fields  # type: ignore[attr-defined]

    assert set(fields) == {"id", "title", "price", "related", "tax"}
    assert [each.name for each in GoodType.__strawberry_definition__.fields if each.name == "tax"] == []  # type: ignore[attr-defined]
