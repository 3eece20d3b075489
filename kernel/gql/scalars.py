"""Scalars of the API: money and quantity travel as strings, moments as RFC 3339 in UTC. No business type
belongs here.

Resolvers use the Python types themselves (`Money`, `Quantity`, `datetime`, `date`, `UUID`); the names below
are what they are called in GraphQL. A value outside the bounds is refused while the input is being read,
before any resolver runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from kernel.errors import Refusal
from kernel.ids import is_uuid
from kernel.money import Money
from kernel.quantity import THOUSANDTHS, THOUSANDTHS_MAX, Quantity

DateTime = datetime
Date = date
UUID = NewType("UUID", str)

SCALAR_TEXT_MAX = 64  # characters; nothing honest is longer, so nothing longer is parsed

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _text(value: object, scalar: str) -> str:
    """The value as a bounded string; numbers, booleans and lists are not strings."""
    if not isinstance(value, str):
        raise ValueError(f"{scalar} is a string, never a number.")
    if len(value) > SCALAR_TEXT_MAX:
        raise ValueError(f"{scalar} is at most {SCALAR_TEXT_MAX} characters long.")
    return value


def parse_money(value: object) -> Money:
    """Read "1234.50"; anything else, a JSON number included, is a mistake of the caller."""
    text = _text(value, "Money")
    try:
        return Money.parse(text)
    except Refusal as refusal:
        raise ValueError(
            'Money looks like "1234.50": at most two digits after the point and 13 before it.'
        ) from refusal


def parse_quantity(value: object) -> Quantity:
    """Read "2", "0.125"."""
    text = _text(value, "Quantity")
    try:
        return Quantity.parse(text)
    except Refusal as refusal:
        raise ValueError(
            f'Quantity looks like "2" or "0.125": at most three digits after the point, '
            f"not below zero and not above {THOUSANDTHS_MAX // THOUSANDTHS}."
        ) from refusal


def parse_moment(value: object) -> datetime:
    """Read an RFC 3339 moment; the offset is obligatory and the result is in UTC."""
    text = _text(value, "DateTime")
    if _MOMENT.fullmatch(text) is None:
        raise ValueError('DateTime looks like "2026-11-21T09:30:00Z" and carries its offset.')
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("DateTime is not a moment that exists.") from error


def write_moment(value: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: always the same width, so that texts sort like moments."""
    assert value.tzinfo is not None, "a naive datetime never leaves the house"
    moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    return f"{moment.isoformat(timespec='milliseconds')[:23]}Z"


def parse_date(value: object) -> date:
    """Read "2026-11-21"."""
    text = _text(value, "Date")
    if _DATE.fullmatch(text) is None:
        raise ValueError('Date looks like "2026-11-21".')
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError("Date is not a day that exists.") from error


def parse_uuid(value: object) -> UUID:
    """Read a UUID of any version and give it in lower case."""
    text = _text(value, "UUID").lower()
    if not is_uuid(text):
        raise ValueError('UUID looks like "018f2f6e-7a2b-7c3d-8e4f-5a6b7c8d9e0f".')
    return UUID(text)


SCALARS: Mapping[object, ScalarDefinition] = {
    Money: strawberry.scalar(
        name="Money",
        description=(
            'A sum in tenge as a string, never a number. Written with two digits after the point: "1234.50", '
            '"-0.05". Read with at most 13 digits before the point and at most two after it: "1234.5", "7".'
        ),
        serialize=str,
        parse_value=parse_money,
    ),
    Quantity: strawberry.scalar(
        name="Quantity",
        description=(
            "An amount of goods as a string, never a number, not below zero and at most "
            f'{THOUSANDTHS_MAX // THOUSANDTHS}, with at most three digits after the point: "2", "0.125".'
        ),
        serialize=str,
        parse_value=parse_quantity,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment by RFC 3339 with its offset; always written in UTC.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=write_moment,
        parse_value=parse_moment,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day by RFC 3339, without time or zone.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339#section-5.6",
        serialize=date.isoformat,
        parse_value=parse_date,
    ),
    UUID: strawberry.scalar(
        name="UUID",
        description="A UUID by RFC 9562 in lower case.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc9562",
        serialize=str,
        parse_value=parse_uuid,
    ),
}
