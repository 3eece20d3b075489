"""Reading inputs of the catalogue: percents, ids, fields that were left out."""

import re
from typing import Any, TypeVar

import strawberry

from addons.catalog.domain.product import GroupId, ProductId
from addons.catalog.domain.source import UNSET
from kernel.errors import Refusal
from kernel.gql.ids import from_global

_PERCENT = re.compile(r"(\d{1,4})(?:\.(\d{1,2}))?", re.ASCII)
Value = TypeVar("Value")


def basis_points(percent: str | None, field: str) -> int | None:
    """Percent as basis points. Raises Refusal("PRODUCT_PERCENT_MALFORMED")."""
    if percent is None:
        return None
    match = _PERCENT.fullmatch(percent)
    if match is None:
        raise Refusal("PRODUCT_PERCENT_MALFORMED", field=field)
    whole, part = match.groups()
    return int(whole) * 100 + int((part or "0").ljust(2, "0"))


def product_id(global_id: str, field: str = "productId") -> ProductId:
    """Raises Refusal("BAD_ID")."""
    return ProductId(from_global(global_id, "Product", field=field))


def group_id(global_id: str | None, field: str) -> GroupId | None:
    """None for an id that was left out. Raises Refusal("BAD_ID")."""
    return None if global_id is None else GroupId(from_global(global_id, "ProductGroup", field=field))


def register_ids(global_ids: list[strawberry.ID], field: str = "registerIds") -> tuple[str, ...]:
    """Raises Refusal("BAD_ID")."""
    return tuple(
        from_global(each, "Register", field=f"{field}.{place}") for place, each in enumerate(global_ids)
    )


def or_unset(value: Value | None) -> Value | Any:
    """UNSET for what was left out or is null."""
    return UNSET if value is strawberry.UNSET or value is None else value
