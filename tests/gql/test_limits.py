"""Limits of one operation: tokens, depth, aliases, cost; and that measuring is cheap and done once."""

from time import process_time

import pytest

from kernel.gql.documents import DOCUMENTS_MAX
from kernel.gql.limits import Limits
from kernel.gql.schema import KernelSchema, build_schema
from tests.gql.shop import context_of, shop_registry

REGISTRY = shop_registry()


@pytest.fixture(scope="module")
def schema() -> KernelSchema:
    return build_schema(REGISTRY)


async def code_of(schema: KernelSchema, document: str, **variables: object) -> str:
    result = await schema.execute(document, variables, context_of(REGISTRY))
    return str(result.errors[0].extensions["code"]) if result.errors else "ok"


def nested(levels: int) -> str:
    return "{goods(first: 1) {nodes " + "{related " * levels + "{title}" + "}" * levels + "}}"


async def test_depth_is_limited_also_through_fragments(schema: KernelSchema) -> None:
    chain = " ".join(f"fragment f{n} on Good {{related {{...f{n + 1}}}}}" for n in range(11))
    by_fragments = f"{{goods(first: 1) {{nodes {{...f0}}}}}} {chain} fragment f11 on Good {{title}}"

    assert await code_of(schema, nested(13)) == "DOCUMENT_TOO_DEEP"
    assert await code_of(schema, nested(900)) == "DOCUMENT_TOO_DEEP"  # the parser itself gives up
    assert await code_of(schema, by_fragments) == "DOCUMENT_TOO_DEEP"


async def test_aliases_are_limited_also_through_fragments(schema: KernelSchema) -> None:
    plain = "{" + " ".join(f"a{n}: echo" for n in range(16)) + "}"
    by_fragments = (
        "{...f ...f ...f ...f} fragment f on Query {" + " ".join(f"a{n}: echo" for n in range(4)) + "}"
    )

    assert await code_of(schema, plain) == "TOO_MANY_ALIASES"
    assert await code_of(schema, by_fragments) == "TOO_MANY_ALIASES"
    assert await code_of(schema, plain.replace("a15: echo", "")) == "ok"


async def test_a_document_of_too_many_tokens_is_not_even_parsed(schema: KernelSchema) -> None:
    assert await code_of(schema, "{" + "echo " * 2_000 + "}") == "DOCUMENT_TOO_LARGE"


async def test_cost_multiplies_lists_by_what_was_asked(schema: KernelSchema) -> None:
    document = (
        "query($n: Int!) {goods(first: $n) {nodes {title related {title related {title related {id}}}}}}"
    )

    assert await code_of(schema, document, n=1) == "ok"
    assert await code_of(schema, document, n=100) == "QUERY_TOO_COSTLY"
    assert await code_of(schema, document.replace("$n: Int!", "$n: Int = 100")) == "QUERY_TOO_COSTLY"
    assert await code_of(schema, document.replace("$n: Int!", "$n: Int = 1")) == "ok"


async def test_a_page_of_a_hundred_with_eight_fields_is_well_within_the_cost() -> None:
    schema = build_schema(REGISTRY, limits=Limits(cost_max=1_000))
    fields = " ".join(f"f{n}: title" for n in range(8))

    assert await code_of(schema, f"{{goods(first: 100) {{nodes {{{fields}}}}}}}") == "ok"


async def test_fragments_that_double_at_each_step_cost_no_time_to_measure(schema: KernelSchema) -> None:
    """Measured by expansion this document would take 2^60 steps."""
    steps = " ".join(f"fragment f{n} on Query {{...f{n + 1} ...f{n + 1}}}" for n in range(60))
    begun = process_time()

    code = await code_of(schema, f"{{...f0}} {steps} fragment f60 on Query {{a: echo}}")

    assert code == "TOO_MANY_ALIASES"
    assert process_time() - begun < 2


async def test_fragments_in_a_circle_are_a_validation_error(schema: KernelSchema) -> None:
    document = "{...a} fragment a on Query {...b} fragment b on Query {...a}"

    assert await code_of(schema, document) == "GRAPHQL_VALIDATION_FAILED"


async def test_deep_introspection_is_refused(schema: KernelSchema) -> None:
    document = "{__schema {types {fields {type {fields {type {fields {type {fields {name}}}}}}}}}}"

    assert await code_of(schema, document) == "GRAPHQL_VALIDATION_FAILED"


async def test_a_document_is_validated_once_however_often_it_is_asked(schema: KernelSchema) -> None:
    """Rules made per request would make every validation a first one (seven times slower)."""
    document = "query Once {echo}"
    await code_of(schema, document)
    misses, hits = schema.documents.misses, schema.documents.hits

    for _ in range(5):
        assert await code_of(schema, document) == "ok"

    assert (schema.documents.misses - misses, schema.documents.hits - hits) == (0, 5)


async def test_the_store_of_documents_is_bounded_and_mistakes_do_not_push_others_out() -> None:
    schema = build_schema(REGISTRY)
    await code_of(schema, "{echo}")
    for number in range(DOCUMENTS_MAX + 5):
        await code_of(schema, f"{{nothing{number}}}")
    assert len(schema.documents) == 1

    for number in range(DOCUMENTS_MAX + 5):
        schema.documents.prepare(f"query Q{number} {{echo}}")

    assert len(schema.documents) == DOCUMENTS_MAX
