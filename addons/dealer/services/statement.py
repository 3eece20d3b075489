"""The statement of a month: which registers of which clients were looked after, on how many days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.dealer.domain.months import days_served, month_bounds
from addons.organization.api import company_cards, registers_of_companies

if TYPE_CHECKING:
    from kernel.data.work import Reader

CLIENTS_AT_ONCE = 500
LINES_MAX = 200_000


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A register in a month. from_ms up to, without, to_ms: the span looked after, inside the month."""

    client_bin: str
    client_title: str
    register_number: int
    register_title: str
    from_ms: int
    to_ms: int
    days: int


async def month_statement(reader: Reader, month: str) -> list[StatementLine]:
    """Lines by client and number, of registers that are in use.

    month: "YYYY-MM". Raises Refusal("MONTH_MALFORMED").
    """
    begin_ms, end_ms = month_bounds(month)
    end_ms = min(end_ms, reader.now_ms)
    rows = await reader.rows(
        """SELECT client_id, answered_ms, ended_ms FROM dealer_link
           WHERE dealer_id = ? AND state IN ('accepted', 'ended') AND answered_ms < ?
           AND (ended_ms IS NULL OR ended_ms > ?) ORDER BY client_id, answered_ms""",
        reader.company_id,
        end_ms,
        begin_ms,
    )
    spans: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        span = (max(row["answered_ms"], begin_ms), min(row["ended_ms"] or end_ms, end_ms))
        spans.setdefault(row["client_id"], []).append(span)
    lines: list[StatementLine] = []
    clients = list(spans)
    for place in range(0, len(clients), CLIENTS_AT_ONCE):
        part = clients[place : place + CLIENTS_AT_ONCE]
        cards = await company_cards(reader, part)
        for register in await registers_of_companies(reader, part):
            card = cards[register.company_id]
            for first_ms, last_ms in spans[register.company_id]:
                since_ms = max(first_ms, register.created_ms)
                days = days_served(since_ms, last_ms)
                if days and not register.is_decommissioned and len(lines) < LINES_MAX:
                    lines.append(
                        StatementLine(
                            card.bin, card.title, register.number, register.title, since_ms, last_ms, days
                        )
                    )
    return sorted(lines, key=lambda line: (line.client_title, line.client_bin, line.register_number))
