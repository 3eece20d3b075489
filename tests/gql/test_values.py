"""Scalars and ids at the border: strings only, bounded, and nothing we did not make."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Refusal
from kernel.gql.ids import from_global, split_global, to_global
from kernel.gql.scalars import (
    parse_date,
    parse_moment,
    parse_money,
    parse_quantity,
    parse_uuid,
    write_moment,
)
from kernel.gql.schema import build_schema
from kernel.money import Money
from kernel.quantity import Quantity
from tests.gql.shop import context_of, shop_registry


@pytest.mark.parametrize(
    "value", [1, 1.5, True, None, ["1"], "NaN", "1e999999", "1.005", "+1", "", "1" * 65, "١"]
)
def test_money_is_a_plain_bounded_string(value: object) -> None:
    with pytest.raises(ValueError):
        parse_money(value)


@pytest.mark.parametrize("value", [2, "-1", "1.0001", "1e3", "99999999999", "Infinity"])
def test_quantity_is_a_plain_bounded_string(value: object) -> None:
    with pytest.raises(ValueError):
        parse_quantity(value)


@pytest.mark.parametrize(
    "value",
    ["2026-11-21T09:30:00", "2026-13-01T00:00:00Z", "2026-11-21", 1764000000, "0001-01-01T00:00:00+05:00"],
)
def test_a_moment_without_offset_or_existence_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        parse_moment(value)


@pytest.mark.parametrize("value", ["2026-02-30", "21.11.2026", "20261121", "٢٠٢٦-11-21"])
def test_a_day_that_does_not_exist_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        parse_date(value)


@pytest.mark.parametrize(
    "value", ["018f2f6e7a2b7c3d8e4f5a6b7c8d9e0f", "not-a-uuid", "{018f2f6e-7a2b-7c3d-8e4f-5a6b7c8d9e0f}"]
)
def test_a_uuid_has_its_hyphens_and_nothing_else(value: str) -> None:
    with pytest.raises(ValueError):
        parse_uuid(value)


def test_values_are_read_as_they_are_written() -> None:
    moment = datetime(2026, 11, 21, 14, 30, 5, 120_000, timezone(timedelta(hours=5)))

    assert write_moment(moment) == "2026-11-21T09:30:05.120Z"
    assert parse_moment("2026-11-21T14:30:05.12+05:00") == moment.astimezone(UTC)
    assert parse_money("-1234.5") == Money(-123450)
    assert parse_quantity("0.125") == Quantity(125)
    assert parse_date("2026-02-28") == date(2026, 2, 28)
    assert parse_uuid("018F2F6E-7A2B-7C3D-8E4F-5A6B7C8D9E0F") == "018f2f6e-7a2b-7c3d-8e4f-5a6b7c8d9e0f"


async def test_sums_and_moments_leave_as_strings() -> None:
    registry = shop_registry()
    document = '{same(money: "5", moment: "2026-11-21T14:30:05+05:00") {money moment}}'

    result = await build_schema(registry).execute(document, context_value=context_of(registry))

    assert result.data == {"same": {"money": "5.00", "moment": "2026-11-21T09:30:05.000Z"}}


@given(st.from_regex(r"[0-9A-Za-z_.-]{1,64}", fullmatch=True))
def test_a_global_id_comes_back_as_its_key(key: str) -> None:
    assert from_global(to_global("Sale", key), "Sale") == key


@given(st.text(max_size=80))
def test_any_other_text_is_a_bad_id_and_never_a_fault(text: str) -> None:
    try:
        found = split_global(text)
    except Refusal as refusal:
        found = None
        code = refusal.code

    assert code == "BAD_ID" if found is None else to_global(*found) == text


def test_an_id_of_another_type_is_refused_at_its_field() -> None:
    with pytest.raises(Refusal) as caught:
        from_global(to_global("Sale", "1"), "Register", field="registerId")

    assert (caught.value.code, caught.value.field) == ("BAD_ID", "registerId")
