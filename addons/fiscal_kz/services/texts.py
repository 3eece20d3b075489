"""Values as JSON text for columns and back. Written and read here only."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import fields
from functools import lru_cache
from typing import Any

import orjson

from addons.fiscal_kz.domain.bodies import Body, CashBody, DeskBody, Line, Parent, TicketBody
from addons.fiscal_kz.domain.card import KkmCard
from addons.fiscal_kz.domain.counters import Counters
from addons.fiscal_kz.domain.facts import Numbers
from addons.fiscal_kz.domain.kinds import DocumentKind, Means, Operation, Placement
from addons.fiscal_kz.domain.report import OperationRow, PlacementRow, Report, SectionRow, TaxRow

_LINE_FIELDS = tuple(each.name for each in fields(Line))


def to_base64(payload: bytes) -> str:
    """Bytes as text for a column."""
    return b64encode(payload).decode("ascii")


def from_base64(text: str) -> bytes:
    """Bytes of a column."""
    return b64decode(text)


def body_text(body: Body) -> str:
    """JSON of a body; lines as plain lists, because there are many."""
    if isinstance(body, TicketBody):
        parts: dict[str, Any] = {
            "operation": body.operation,
            "operator": (body.operator_code, body.operator_name),
            "lines": [tuple(getattr(line, name) for name in _LINE_FIELDS) for line in body.lines],
            "payments": body.payments,
            "sums": (body.total, body.taken, body.change),
            "customer": (body.customer_bin, body.customer_email, body.customer_phone),
            "parent": body.parent,
        }
        return orjson.dumps(parts).decode()
    return orjson.dumps(body).decode()


def read_body(kind: DocumentKind, text: str) -> Body | None:
    """The body of a document; polls and INFO have none."""
    if not text:
        return None
    parts = orjson.loads(text)
    match kind:
        case DocumentKind.TICKET:
            return _read_ticket(parts)
        case DocumentKind.CASH:
            return CashBody(**{**parts, "placement": Placement(parts["placement"])})
        case _:
            return DeskBody(**parts)


def _read_ticket(parts: dict[str, Any]) -> TicketBody:
    parent = parts["parent"]
    operator_code, operator_name = parts["operator"]
    total, taken, change = parts["sums"]
    customer_bin, customer_email, customer_phone = parts["customer"]
    return TicketBody(
        operation=Operation(parts["operation"]),
        operator_code=operator_code,
        operator_name=operator_name,
        lines=tuple(_read_line(values) for values in parts["lines"]),
        payments=tuple((Means(means), amount) for means, amount in parts["payments"]),
        total=total,
        taken=taken,
        change=change,
        customer_bin=customer_bin,
        customer_email=customer_email,
        customer_phone=customer_phone,
        parent=None if parent is None else Parent(**parent),
    )


def _read_line(values: list[Any]) -> Line:
    values[-1] = tuple(values[-1])
    return Line(*values)


def counters_text(counters: Counters) -> str:
    """JSON [life, shift]."""
    return orjson.dumps([counters.life, counters.shift]).decode()


def read_counters(text: str) -> Counters:
    """Counters of a column."""
    life, shift = orjson.loads(text)
    return Counters(life, shift)


def numbers_text(numbers: Numbers) -> str:
    """JSON of numbers."""
    return orjson.dumps(numbers).decode()


def read_numbers(text: str | None) -> Numbers | None:
    """Numbers of a column."""
    return None if text is None else Numbers(**orjson.loads(text))


def card_text(card: KkmCard) -> str:
    """JSON of a card."""
    return orjson.dumps(card).decode()


@lru_cache(maxsize=8192)
def read_card(text: str) -> KkmCard:
    """A card of a column; the same text gives the same card, which costs nothing to compare."""
    return KkmCard(**orjson.loads(text))


def report_text(report: Report) -> str:
    """JSON of a report."""
    return orjson.dumps(report).decode()


def read_report(text: str) -> Report:
    """A report of a column."""
    parts = orjson.loads(text)
    parts["operations"] = tuple(
        OperationRow(
            **{
                **row,
                "operation": Operation(row["operation"]),
                "lines": tuple(row["lines"]),
                "discount": tuple(row["discount"]),
                "markup": tuple(row["markup"]),
                "payments": tuple((Means(means), count, amount) for means, count, amount in row["payments"]),
            }
        )
        for row in parts["operations"]
    )
    parts["sections"] = tuple(SectionRow(row["section"], _per_operation(row)) for row in parts["sections"])
    parts["taxes"] = tuple(TaxRow(row["rate_bp"], _per_operation(row)) for row in parts["taxes"])
    parts["placements"] = tuple(
        PlacementRow(**{**row, "placement": Placement(row["placement"])}) for row in parts["placements"]
    )
    return Report(**parts)


def _per_operation(row: dict[str, Any]) -> tuple[tuple[Operation, int, int], ...]:
    return tuple((Operation(operation), first, second) for operation, first, second in row["operations"])
