"""Sales over time and what sold best: two grouped statements over the tickets of a period.

Only fiscal tickets of the kinds SELL and SELL_RETURN count, by the time of their fiscal document. Sums by
means, cashier and register stand in services/turnover.py.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from addons.organization.api import register_names
from addons.trade.domain.turnover import DAY_MS, Period
from addons.trade.services.tickets_by_time import tickets_made
from kernel.errors import Refusal
from kernel.money import Money
from kernel.quantity import Quantity

if TYPE_CHECKING:
    from addons.trade.services.tickets_by_time import Condition
    from kernel.data.work import Reader

HOUR_MS = 3_600_000
PRODUCTS_MAX = 100

_FISCAL = "s.state IN ('FISCALIZED', 'OFFLINE') AND s.kind IN ('SELL', 'SELL_RETURN')"
_SLOTS = """SELECT (s.ticket_at + ?) - (s.ticket_at + ?) % ? AS slot, s.kind AS kind, COUNT(*) AS n,
SUM(s.total) AS total FROM trd_sale s WHERE {where} GROUP BY slot, s.kind"""
_TICKETS = "SELECT s.id AS id, s.kind AS kind FROM trd_sale s WHERE {where}"
_PRODUCTS = """SELECT l.product_id AS product_id, l.name AS name,
SUM(CASE WHEN s.kind = 'SELL' THEN l.total ELSE -l.total END) AS total,
SUM(CASE WHEN s.kind = 'SELL' THEN l.quantity ELSE -l.quantity END) AS quantity, COUNT(*) AS n
FROM ({tickets}) s JOIN trd_sale_line l ON l.sale_id = s.id
GROUP BY l.product_id, l.name ORDER BY total DESC LIMIT {limit}"""


class SalesStep(StrEnum):
    """How long a slot is."""

    HOUR = "HOUR"
    DAY = "DAY"

    @property
    def ms(self) -> int:
        """In milliseconds."""
        return HOUR_MS if self is SalesStep.HOUR else DAY_MS


@dataclass(frozen=True, slots=True)
class SalesSlot:
    """What was sold in one hour or day that had any; at_ms: its begin."""

    at_ms: int
    receipts: int
    returns: int
    sold: Money
    returned: Money


@dataclass(frozen=True, slots=True)
class ProductSales:
    """What was sold of one product, returns taken off; product_id None: a free position."""

    product_id: str | None
    name: str
    positions: int
    quantity: Quantity
    total: Money


async def sales_over_time(
    reader: Reader,
    period: Period,
    step: SalesStep,
    *,
    zone: str,
    register_id: str | None = None,
    outlet_id: str | None = None,
) -> list[SalesSlot]:
    """Slots of a period by the wall clock of the zone, in order; those without sales are left out.

    The zone's offset is that of the begin of the period: Kazakhstan has no summer time.
    Raises Refusal: PERIOD_EMPTY, PERIOD_TOO_LONG, REGISTER_FORBIDDEN, REGISTER_UNKNOWN, ZONE_UNKNOWN.
    """
    period.check()
    offset_ms = _offset_ms(zone, period.since_ms)
    found: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for where, params in await _conditions(reader, period, register_id, outlet_id):
        sql = _SLOTS.format(where=where)
        for row in await reader.rows(sql, offset_ms, offset_ms, step.ms, *params):
            counted = found[int(row["slot"])][row["kind"]]
            counted[0] += int(row["n"])
            counted[1] += int(row["total"])
    return [
        SalesSlot(
            at_ms=slot - offset_ms,
            receipts=kinds["SELL"][0],
            returns=kinds["SELL_RETURN"][0],
            sold=Money(kinds["SELL"][1]),
            returned=Money(kinds["SELL_RETURN"][1]),
        )
        for slot, kinds in sorted(found.items())
    ]


async def best_sellers(
    reader: Reader,
    period: Period,
    count: int,
    *,
    register_id: str | None = None,
    outlet_id: str | None = None,
) -> list[ProductSales]:
    """Products by what was sold of them, the largest sum first. count: 1 to PRODUCTS_MAX.

    Raises Refusal as `sales_over_time`, and PAGE_SIZE_OUT_OF_RANGE.
    """
    period.check()
    if not 1 <= count <= PRODUCTS_MAX:
        raise Refusal("PAGE_SIZE_OUT_OF_RANGE", field="first", max=PRODUCTS_MAX)
    conditions = await _conditions(reader, period, register_id, outlet_id)
    if not conditions:
        return []
    tickets = " UNION ALL ".join(_TICKETS.format(where=where) for where, _ in conditions)
    params = [param for _, bound in conditions for param in bound]
    rows = await reader.rows(_PRODUCTS.format(tickets=tickets, limit=count), *params)
    products = [
        ProductSales(
            row["product_id"],
            row["name"],
            int(row["n"]),
            Quantity(int(row["quantity"])),
            Money(int(row["total"])),
        )
        for row in rows
    ]
    return sorted(products, key=lambda each: (-each.total.tiyn, each.name))


async def _conditions(
    reader: Reader, period: Period, register_id: str | None, outlet_id: str | None
) -> list[Condition]:
    """What the statements look for."""
    if register_id is not None:
        reader.principal.require_register(register_id)
    registers = await register_names(reader, outlet_id=outlet_id)
    ids = [each.id for each in registers if register_id in (None, each.id)]
    if register_id is not None and not ids:
        raise Refusal("REGISTER_UNKNOWN", field="registerId")
    made = await tickets_made(reader, ids, period.since_ms, period.until_ms)
    return [(f"{where} AND {_FISCAL}", params) for where, params in made]


def _offset_ms(zone: str, at_ms: int) -> int:
    if zone not in available_timezones():
        raise Refusal("ZONE_UNKNOWN", field="zone")
    at = datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(ZoneInfo(zone))
    offset = at.utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) * 1000
