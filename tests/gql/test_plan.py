"""A plan answers exactly as graphql-core does: the same data, the same errors, the same calls, in the same
order.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from kernel.gql.kept import WRITTEN_MAX
from kernel.gql.limits import Limits
from kernel.gql.plan import PLANNED_FIELDS_MAX
from kernel.gql.schema import KernelSchema, build_schema
from tests.gql.conftest import CANCELLING
from tests.gql.documents import Writer
from tests.gql.oddities import KEPT, VALUES, log, register_oddities
from tests.gql.shop import CLERK, GUEST, context_of, shop_registry

REGISTRY = shop_registry(register_oddities)
SCHEMA = build_schema(REGISTRY, limits=Limits(cost_max=10**9, aliases_max=10**3))

ODD = """
fragment All on Odd {
  __typename name number sure mood price marks maybeMarks table now soon secret
  named { __typename name ... on Odd { number } ...Said }
}
fragment Said on Calm { said }
fragment Tree on Odd {
  ...All sureNow sureSoon
  child { ...All again: name child { name sure sureNow sureSoon now } }
  children { ...All soon } sureChildren { name now soon sureSoon sureNow }
}
"""
FORMS = {
    "all": "{ __typename %s(what: $what) { ...All } }",
    "tree": "{ %s(what: $what) { name ...Tree child { sure } } }",
    "parts": "{ %s(what: $what) { name number child { name } children { number } sureChildren { name } } }",
    "aliases": """{ one: %s(what: $what) { ...Tree } two: sureOdd(what: $what) { name }
      other: odd(what: $what) { sureNow } }""",
}


pytestmark = CANCELLING


async def both(
    document: str,
    variables: dict[str, Any] | None = None,
    *,
    principal: Any = CLERK,
    schema: KernelSchema = SCHEMA,
) -> tuple[Any, Any]:
    """What the plan and what graphql-core give: data, errors, notes."""
    answers = []
    for run_planned in (True, False):
        log.clear()
        context = context_of(REGISTRY, principal)
        prepared = schema.documents.prepare(document)
        assert not prepared.errors, prepared.errors
        operation = prepared.operation(None)
        assert operation is not None
        assert operation.plan is not None, "there is no plan to compare"
        with capture_logs():  # printing what went wrong takes longer than doing it
            if run_planned:
                result = await schema.execute(document, variables, context)
            else:
                result = await schema.execute_unplanned(prepared, variables, context)
        errors = [each.formatted for each in result.errors or ()]
        answers.append((result.data, errors, list(log)))
    return answers[0], answers[1]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("root", ["odd", "sureOdd", "oddNow"])
@pytest.mark.parametrize("what", VALUES)
async def test_values_of_every_kind_are_written_as_graphql_core_writes_them(
    what: str, root: str, form: str
) -> None:
    document = f"query Q($what: String!) {FORMS[form] % root} {ODD}"
    used = [part for part in ODD.split("fragment ") if part.strip()]
    document = document if "...Tree" in document else f"query Q($what: String!) {FORMS[form] % root}"
    if "...All" in document and "fragment" not in document:
        document += "".join(f"fragment {part}" for part in used if not part.startswith("Tree"))

    planned, core = await both(document, {"what": what})

    assert planned == core


@pytest.mark.parametrize("what", [*VALUES, "refuse", "forbid"])
async def test_mutations_run_once_in_order_and_stop_where_graphql_core_stops(what: str) -> None:
    document = """
    mutation M($what: String!) {
      first: noteNow(what: "plain") { __typename ... on Odd { name now } }
      second: noteNow(what: $what) {
        __typename ... on Odd { name sure } ... on Refused { code message field } }
      third: note(what: $what) {
        __typename ... on Named { name } ... on Odd { sureSoon } ... on Refused { code } }
      last: note(what: "calm") { __typename ... on Calm { said } }
    }"""

    planned, core = await both(document, {"what": what})

    assert planned == core
    assert planned[2][:2] == ["plain", what]


@pytest.mark.parametrize("what", [*VALUES])
async def test_members_of_a_union_are_told_apart(what: str) -> None:
    document = """
    query Q($what: String!) { oddMember(what: $what) {
      __typename ... on Named { name } ... on Odd { number soon } ... on Calm { said }
      ... on Refused { code field }
    } }"""

    planned, core = await both(document, {"what": what})

    assert planned == core


@pytest.mark.parametrize(
    "names", [["plain", "none", "calm"], ["later", "error"], [], ["plain"] * 3 + ["later"], None]
)
async def test_lists_of_objects(names: list[str] | None) -> None:
    planned, core = await both(
        "query Q($names: [String!]) { oddOnes(names: $names) { name now soon child { name } } }",
        {"names": names},
    )

    assert planned == core


KEPT_FIELDS = {
    "plain": ("name sure marks child { name } children { sure }", True),
    "by argument": ("name now", False),
    "by right": ("name secret", False),
    "below": ("name child { name soon }", False),
}


@pytest.mark.parametrize("fields", KEPT_FIELDS)
async def test_a_list_told_to_many_is_written_once_if_it_is_the_same_for_all(fields: str) -> None:
    selected, is_kept = KEPT_FIELDS[fields]
    document = f'{{ odd(what: "kept") {{ children {{ {selected} }} sureChildren {{ name }} }} }}'
    first = await SCHEMA.execute(document, None, context_of(REGISTRY, CLERK))
    again = await SCHEMA.execute(document, None, context_of(REGISTRY, CLERK))
    by_guest, by_core = await both(document, principal=GUEST)

    assert by_guest == by_core
    assert first.data == again.data
    assert (first.data["odd"]["children"] is again.data["odd"]["children"]) is is_kept
    assert first.data["odd"]["sureChildren"] is again.data["odd"]["sureChildren"]


async def test_few_answers_of_a_list_are_kept() -> None:
    for count in range(WRITTEN_MAX + 3):
        fields = " ".join(f"name{n}: name" for n in range(count + 1))
        await SCHEMA.execute(
            f'{{ odd(what: "kept") {{ children {{ {fields} }} }} }}', None, context_of(REGISTRY, CLERK)
        )

    assert len(KEPT._written) == WRITTEN_MAX


@pytest.mark.parametrize("principal", [CLERK, GUEST], ids=["clerk", "guest"])
async def test_rights_are_asked_for_at_every_field(principal: Any) -> None:
    planned, core = await both('{ few { name } odd(what: "plain") { name secret } }', principal=principal)
    changed, by_core = await both(
        'mutation { noteFew(what: "plain") { __typename } note(what: "calm") { __typename } }',
        principal=principal,
    )

    assert planned == core
    assert changed == by_core
    assert bool(planned[1]) is bool(changed[1]) is (principal is GUEST)
    assert ("plain" in changed[2]) is (principal is CLERK), "the guest's mutation was called"


ARGUMENTS = [
    "told",
    "told(number: 7, mood: CALM, marks: [])",
    "told(maybe: null, marks: null)",
    'told(input: {name: "a", leftOut: 3, inner: {}})',
    'told(inputs: [{name: "a", many: [null, {marks: ["x"]}]}])',
    'told(inputs: {name: "a", price: "1.50", quantity: "2", mood: WILD})',
    "told(fussy: {size: 3})",
    "told(fussy: {size: 13})",
    "told(fussy: {size: 30})",
    "told(loop: {next: {next: null}})",
    "called",
    "alias: called",
]


@pytest.mark.parametrize("field", ARGUMENTS)
async def test_arguments_written_in_the_document(field: str) -> None:
    planned, core = await both(f"{{ {field} }}")

    assert planned == core
    assert planned[0] or planned[1]


texts = st.sampled_from(["a", "Нан", "", "WILD", "CALM", "1.50", "2"])
odd_values = st.recursive(
    st.sampled_from([None, True, 1, -3, 2**40, 1.5, "", "CALM", "1.50", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["name", "text", "marks", "no", "size"]), inner, max_size=2)
    ),
    max_leaves=4,
)
inner_inputs = st.fixed_dictionaries(
    {}, optional={"text": texts | odd_values, "marks": st.lists(texts, max_size=2) | odd_values}
)
odd_inputs = st.fixed_dictionaries(
    {"name": texts},
    optional={
        "price": texts | odd_values,
        "quantity": st.sampled_from(["1", "0.125"]) | odd_values,
        "mood": st.sampled_from(["CALM", "WILD"]) | odd_values,
        "inner": st.none() | inner_inputs | odd_values,
        "many": st.lists(st.none() | inner_inputs, max_size=2) | odd_values,
        "leftOut": st.integers(-3, 3) | odd_values,
    },
)
TOLD = """
query Told($input: OddInput, $inputs: [OddInput!] = [{name: "default", inner: {}}], $number: Int! = 3,
  $mood: Mood! = CALM, $marks: [String!] = ["m"], $maybe: Int, $fussy: FussyInput) {
  told(input: $input, inputs: $inputs, number: $number, mood: $mood, marks: $marks, maybe: $maybe,
    fussy: $fussy)
  again: told(number: $number, mood: $mood, maybe: $maybe)
}"""


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "input": odd_inputs | odd_values,
            "inputs": st.lists(odd_inputs, max_size=2) | odd_inputs | odd_values,
            "number": st.integers(0, 9) | odd_values,
            "mood": st.sampled_from(["CALM", "WILD"]) | odd_values,
            "marks": st.lists(texts, max_size=2) | odd_values,
            "maybe": st.integers(0, 9) | odd_values,
            "fussy": st.fixed_dictionaries({"size": st.sampled_from([1, 13, 30, None])}) | odd_values,
            "stranger": odd_values,
        },
    )
)
@settings(max_examples=150, deadline=None)
async def test_variables_reach_resolvers_as_graphql_core_gives_them(variables: dict[str, Any]) -> None:
    planned, core = await both(TOLD, variables)

    assert planned == core


async def test_everyday_operations_never_reach_graphql_core(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*args: object, **kwargs: object) -> None:
        raise AssertionError("graphql-core was asked")

    monkeypatch.setattr(KernelSchema, "execute_unplanned", forbidden)
    monkeypatch.setattr(KernelSchema, "executor", forbidden)
    thing = {"name": "Нан", "price": "1.50", "mood": "WILD", "inner": None, "many": [{"marks": ["x"]}, None]}

    told = await SCHEMA.execute(TOLD, {"input": thing, "fussy": {"size": 1}}, context_of(REGISTRY))
    tree = await SCHEMA.execute(
        '{ odd(what: "plain") { ...Tree } goods(first: 2) { edges { node { id tax { code } } } } }' + ODD,
        None,
        context_of(REGISTRY),
    )
    refused = await SCHEMA.execute(
        'mutation { noteNow(what: "refuse") { ... on Refused { code } } }', None, context_of(REGISTRY)
    )

    assert told.errors is tree.errors is refused.errors is None
    assert (tree.data or {})["odd"]["soon"] == 7
    assert refused.data == {"noteNow": {"code": "BAD_ID"}}


async def test_one_variable_in_two_places_is_not_shared() -> None:
    document = """query Q($input: OddInput!, $marks: [String!]) {
      one: spoiled(input: $input, marks: $marks) two: spoiled(input: $input, marks: $marks) }"""

    planned, core = await both(document, {"input": {"name": "a"}, "marks": ["m"]})

    assert planned == core
    assert planned[0] == {"one": "('a!', ['m', 'spoiled'])", "two": "('a!', ['m', 'spoiled'])"}


@pytest.mark.parametrize(
    "arguments", ['(input: {name: "a"}, marks: ["m"])', "(input: $input, marks: $marks)"]
)
async def test_what_a_resolver_does_to_its_arguments_ends_with_the_request(arguments: str) -> None:
    document = (
        'query Q($input: OddInput! = {name: "a"}, $marks: [String!] = ["m"]) { spoiled' + arguments + " }"
        if "$" in arguments
        else f"{{ spoiled{arguments} }}"
    )

    first, _ = await both(document)
    second, core = await both(document)

    assert first == second == core
    assert first[0] == {"spoiled": "('a!', ['m', 'spoiled'])"}


@pytest.mark.parametrize(
    "variables",
    [{}, {"what": None}, {"what": 5}, {"what": ["plain"]}],
    ids=["absent", "null", "number", "list"],
)
async def test_a_mistake_in_variables_is_found_before_anything_is_done(variables: dict[str, Any]) -> None:
    document = """mutation M($what: String!) {
      first: noteNow(what: "plain") { __typename } second: note(what: $what) { __typename } }"""

    planned, core = await both(document, variables)

    assert planned == core
    assert planned[1]
    assert planned[2] == [], "something was done before the mistake was found"


async def test_a_nullable_variable_may_be_null_only_where_null_is_allowed() -> None:
    document = 'query Q($number: Int = 4) { told(number: $number) odd(what: "plain") { name } }'

    for variables in ({}, {"number": None}, {"number": 3}):
        planned, core = await both(document, variables)
        assert planned == core


@pytest.mark.parametrize(
    "document",
    [
        "query Q($yes: Boolean!) { few @include(if: $yes) { name } }",
        "query Q($loop: LoopInput) { told(loop: $loop) }",
        "query Q @skip(if: true) { called }",
    ],
)
def test_directives_and_types_that_hold_themselves_are_left_to_graphql_core(document: str) -> None:
    prepared = SCHEMA.documents.prepare(document)

    assert all(each.plan is None for each in prepared.operations.values())


async def test_introspection_is_answered() -> None:
    planned, core = await both('{ __schema { queryType { name } } __type(name: "Odd") { name } called }')

    assert planned == core
    assert planned[0]["__type"] == {"name": "Odd"}


async def test_each_operation_of_a_document_has_its_own_plan() -> None:
    document = 'query A { called } mutation B { note(what: "calm") { __typename } }'

    for name, expected in (("A", ["called"]), ("B", ["note"])):
        result = await SCHEMA.execute(document, {}, context_of(REGISTRY), None, name)
        assert result.errors is None
        assert list(result.data or ()) == expected


async def test_a_plan_stays_small_and_answers_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    assert PLANNED_FIELDS_MAX > 100
    monkeypatch.setattr("kernel.gql.plan.PLANNED_FIELDS_MAX", 5)
    schema = build_schema(REGISTRY)
    document = '{ odd(what: "deep") { name sure child { name sure now child { name soon } } } called }'

    planned, core = await both(document, schema=schema)

    assert planned == core
    assert planned[0]["odd"]["child"]["child"]["name"] == "low"


@given(st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
async def test_documents_nobody_thought_of(seed: int) -> None:
    writer = Writer(SCHEMA.core, random.Random(seed), texts=[*VALUES], without=["waits"])
    document, variables = writer.operation()
    operation = SCHEMA.documents.prepare(document).operation(None)
    if operation is None or operation.plan is None:
        return  # too large, two selections of one name that differ, or variables that hold themselves

    planned, core = await both(document, variables)

    assert planned == core, document
