"""Loaders: one batch for many, and nothing loaded for one request, event or operation is seen by another."""

import pytest

from kernel.gql.ids import to_global
from kernel.gql.schema import KernelSchema, build_schema
from kernel.security.principal import ANONYMOUS
from tests.gql.shop import GOODS, context_of, shop_registry

REGISTRY = shop_registry()


@pytest.fixture(scope="module")
def schema() -> KernelSchema:
    return build_schema(REGISTRY)


async def test_a_page_of_parents_costs_one_batch_of_a_contributed_field(schema: KernelSchema) -> None:
    context = context_of(REGISTRY)

    result = await schema.execute("{goods(first: 50) {nodes {tax {code}}}}", None, context)

    assert result.errors is None
    assert [len(batch) for batch in context.database.batches] == [50]  # type: ignore[attr-defined]


async def test_nodes_come_in_the_order_asked_with_null_for_the_missing(schema: KernelSchema) -> None:
    context = context_of(REGISTRY)
    ids = [to_global("Good", key) for key in ("5", str(GOODS), "2", "5")]

    result = await schema.execute("query($ids: [ID!]!) {nodes(ids: $ids) {id}}", {"ids": ids}, context)

    assert result.data == {"nodes": [{"id": ids[0]}, None, {"id": ids[2]}, {"id": ids[3]}]}
    assert context.database.batches == [["5", str(GOODS), "2"]]  # type: ignore[attr-defined]


async def test_more_ids_than_allowed_are_refused(schema: KernelSchema) -> None:
    ids = [to_global("Good", "1")] * 101

    result = await schema.execute(
        "query($ids: [ID!]!) {nodes(ids: $ids) {id}}", {"ids": ids}, context_of(REGISTRY)
    )

    assert result.errors is not None
    assert result.errors[0].extensions["code"] == "TOO_MANY_IDS"


async def test_every_event_of_a_subscription_reads_the_truth_again(schema: KernelSchema) -> None:
    """The source loads the good, the field below loads its tax: both afresh for each event."""
    context = context_of(REGISTRY)

    events = await schema.subscribe("subscription {watch(times: 3) {tax {code}}}", context_value=context)
    seen = [event.data async for event in events]

    assert seen == [{"watch": {"tax": {"code": "T7"}}}] * 3
    assert context.database.batches == [["7"]] * 6  # type: ignore[attr-defined]


async def test_a_refusal_at_the_beginning_of_a_subscription_ends_it_with_a_code(schema: KernelSchema) -> None:
    context = context_of(REGISTRY, ANONYMOUS)

    events = await schema.subscribe("subscription {watch {title}}", context_value=context)
    (only,) = [event async for event in events]

    assert only.errors is not None
    assert only.errors[0].extensions["code"] == "UNAUTHENTICATED"
