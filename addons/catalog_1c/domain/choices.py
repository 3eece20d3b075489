"""What people chose for one 1C base beyond names of fields: VAT texts, warehouses, sales on their way back.

The JSON form of it is here too, because both have to name the same fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import orjson

from addons.catalog_1c.domain.sales import SalesBy

CHOICES_MAX = 200  # entries of one map


class SalesOperation(StrEnum):
    """ХозОперация of documents with sales. Unmodified configurations of 1C take orders only."""

    ORDER = "order"
    RELEASE = "release"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class ConnectionChoices:
    """vat_texts: text of a rate as 1C writes it, folded, → basis points, None without VAT. warehouses: Ид of
    a warehouse in 1C → outlet. price_types: Ид or name of a price type in 1C → name of ours.

    outlet_ids: whose sales go to this base; empty for all. sales_since_ms: shifts closed before stay here;
    0: since the connection was made. language: of the reasons 1C is told. takes_pictures: whether
    pictures of goods are kept.
    """

    vat_texts: Mapping[str, int | None] = field(default_factory=dict)
    warehouses: Mapping[str, str] = field(default_factory=dict)
    price_types: Mapping[str, str] = field(default_factory=dict)
    outlet_ids: tuple[str, ...] = ()
    sales_by: SalesBy = SalesBy.SHIFT
    sales_operation: SalesOperation = SalesOperation.ORDER
    sales_since_ms: int = 0
    with_test_sales: bool = False
    language: str = "ru"
    takes_pictures: bool = True


def folded(text: str) -> str:
    """A text of 1C as keys of choices are compared: without blanks, in lower case."""
    return "".join(text.split()).lower()


def choices_text(choices: ConnectionChoices) -> str:
    """Choices as JSON."""
    return orjson.dumps(choices).decode()


def read_choices(text: str | None) -> ConnectionChoices:
    """Choices of a stored text; the defaults for a connection that has chosen nothing."""
    if not text:
        return ConnectionChoices()
    body = orjson.loads(text)
    return ConnectionChoices(
        vat_texts=body["vat_texts"],
        warehouses=body["warehouses"],
        price_types=body["price_types"],
        outlet_ids=tuple(body["outlet_ids"]),
        sales_by=SalesBy(body["sales_by"]),
        sales_operation=SalesOperation(body["sales_operation"]),
        sales_since_ms=body["sales_since_ms"],
        with_test_sales=body["with_test_sales"],
        language=body["language"],
        takes_pictures=body.get("takes_pictures", True),  # older choices say nothing of it
    )
