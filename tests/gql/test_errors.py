"""What a caller sees when something goes wrong, and what reaches our logs."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from kernel.gql.ids import to_global
from kernel.gql.schema import KernelSchema, build_schema
from kernel.security.principal import ANONYMOUS, Principal
from tests.gql.shop import CLERK, GUEST, context_of, shop_registry

REGISTRY = shop_registry()


@pytest.fixture(scope="module")
def schema() -> KernelSchema:
    return build_schema(REGISTRY)


async def errors_of(
    schema: KernelSchema, document: str, principal: Principal = CLERK, **variables: Any
) -> list[dict[str, Any]]:
    result = await schema.execute(document, variables, context_of(REGISTRY, principal))
    return [dict(error.formatted) for error in result.errors or ()]


@pytest.mark.parametrize("document", ["{broken}", "{nullPromise}", "mutation {sell(number: 0) {__typename}}"])
async def test_an_unexpected_error_is_one_sentence_with_the_request_id_and_is_logged_once(
    schema: KernelSchema, document: str
) -> None:
    with capture_logs() as logs:
        (error,) = await errors_of(schema, document)

    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": "req-1"}
    assert error["message"] == "Something went wrong on our side. If you write to us, name the request req-1."
    assert [(each["event"], each["request_id"]) for each in logs] == [("operation failed", "req-1")]
    assert logs[0]["exc_info"] is not None


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        ("{", {}, "GRAPHQL_PARSE_FAILED"),
        ("{nothing}", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("{echo(money: 1.5)}", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query($m: Money!) {echo(money: $m)}", {"m": 1.5}, "BAD_USER_INPUT"),
        ("query($m: Money!) {echo(money: $m)}", {}, "BAD_USER_INPUT"),
        ("query A {echo} query B {echo}", {}, "BAD_USER_INPUT"),
        ("{goods {nodes {id}}}", {}, "BAD_USER_INPUT"),
        ('{goods(first: 1, before: "x") {nodes {id}}}', {}, "BAD_USER_INPUT"),
        ('{node(id: "zzz") {id}}', {}, "BAD_ID"),
        ("{declined}", {}, "REGISTER_FORBIDDEN"),
    ],
)
async def test_a_mistake_of_the_caller_has_a_code_and_is_not_logged(
    schema: KernelSchema, document: str, variables: dict[str, Any], code: str
) -> None:
    with capture_logs() as logs:
        (error,) = await errors_of(schema, document, **variables)

    assert error["extensions"]["code"] == code
    assert error["extensions"]["requestId"] == "req-1"
    assert logs == []


async def test_a_bad_page_says_which_reason(schema: KernelSchema) -> None:
    (error,) = await errors_of(schema, "{goods(first: 101) {nodes {id}}}")

    assert error["extensions"] == {
        "code": "BAD_USER_INPUT",
        "reason": "PAGE_SIZE_OUT_OF_RANGE",
        "field": "first",
        "requestId": "req-1",
    }


async def test_a_refusal_speaks_the_language_of_the_caller(schema: KernelSchema) -> None:
    (english,) = await errors_of(schema, "{declined}", CLERK)
    (kazakh,) = await errors_of(schema, "{declined}", GUEST)

    assert english["message"] == "You may not work with this register."
    assert kazakh["message"] == "Бұл кассамен жұмыс істеуге рұқсатыңыз жоқ."
    assert kazakh["extensions"]["field"] == "register"


async def test_a_refusal_of_a_mutation_is_a_member_of_its_union(schema: KernelSchema) -> None:
    document = "mutation {sell(number: -1) {__typename ... on Refused {code message field nextAction}}}"

    result = await schema.execute(document, None, context_of(REGISTRY))

    assert result.errors is None
    assert result.data == {
        "sell": {
            "__typename": "Refused",
            "code": "REGISTER_FORBIDDEN",
            "message": "You may not work with this register.",
            "field": "number",
            "nextAction": "Ask the administrator to give you this register.",
        }
    }


@pytest.mark.parametrize(("principal", "code"), [(ANONYMOUS, "UNAUTHENTICATED"), (GUEST, "FORBIDDEN")])
@pytest.mark.parametrize(
    "document", ["{goods(first: 1) {nodes {id}}}", "mutation {sell(number: 1) {__typename}}"]
)
async def test_a_caller_without_the_right_gets_an_error_never_a_member_of_the_union(
    schema: KernelSchema, document: str, principal: Principal, code: str
) -> None:
    (error,) = await errors_of(schema, document, principal)

    assert error["extensions"]["code"] == code


async def test_node_asks_for_the_right_of_its_type(schema: KernelSchema) -> None:
    document = f'{{node(id: "{to_global("Good", "3")}") {{id ... on Good {{title}}}}}}'

    allowed = await schema.execute(document, None, context_of(REGISTRY, CLERK))
    (error,) = await errors_of(schema, document, GUEST)

    assert allowed.data == {"node": {"id": to_global("Good", "3"), "title": "Good 3"}}
    assert error["extensions"]["code"] == "FORBIDDEN"
