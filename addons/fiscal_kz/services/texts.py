"""Values as JSON text for columns and back. Written and read here only."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from functools import lru_cache
from typing import Any

import orjson

from addons.fiscal_kz.domain.bodies import Body, CashBody, DeskBody, Parent, TicketBody
from addons.fiscal_kz.domain.card import KkmCard
from addons.fiscal_kz.domain.counters import Counters
from addons.fiscal_kz.domain.facts import Numbers
from addons.fiscal_kz.domain.kinds import DocumentKind, Means, Operation, Placement
from addons.fiscal_kz.domain.proof import ShiftProof
from addons.fiscal_kz.domain.rarities import DomainType
from addons.fiscal_kz.domain.report import OperationRow, PlacementRow, Report, SectionRow, TaxRow
from addons.fiscal_kz.services.rarities_text import rarities_json, read_line, read_rarities

# What a line's marks, its last word, look like behind the text of its NTIN; inside a text quotes are escaped.
_MARKS = '",["'
_WITHOUT_PARENT = '"parent":null}'


def to_base64(payload: bytes) -> str:
    """Bytes as text for a column."""
    return b2a_base64(payload, newline=False).decode("ascii")


def from_base64(text: str) -> bytes:
    """Bytes of a column."""
    return a2b_base64(text)


def body_text(body: Body) -> str:
    """JSON of a body; lines as plain lists, because there are many."""
    if isinstance(body, TicketBody):
        parts: dict[str, Any] = {
            "operation": body.operation,
            "operator": (body.operator_code, body.operator_name),
            "lines": [tuple(line) for line in body.lines],
            "payments": body.payments,
            "sums": (body.total, body.taken, body.change),
            "customer": (body.customer_bin, body.customer_email, body.customer_phone),
        }
        if body.rarities is not None:
            parts["rarities"] = rarities_json(body.rarities)
        parts["parent"] = body.parent  # the last word, see may_have_parent
        return orjson.dumps(parts).decode()
    return orjson.dumps(body).decode()


def may_have_parent(text: str) -> bool:
    """False for the text of a ticket's body that surely names no original: that is its last word."""
    return not text.endswith(_WITHOUT_PARENT)


def may_have_marks(text: str) -> bool:
    """False for the text of a ticket's body of which surely no line carries a marking code."""
    return _MARKS in text


def read_body(kind: DocumentKind, text: str) -> Body:
    """The body of a document."""
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
        lines=tuple([read_line(values) for values in parts["lines"]]),
        payments=tuple((Means(means), amount) for means, amount in parts["payments"]),
        total=total,
        taken=taken,
        change=change,
        customer_bin=customer_bin,
        customer_email=customer_email,
        customer_phone=customer_phone,
        parent=None if parent is None else Parent(**parent),
        rarities=read_rarities(parts["rarities"]) if "rarities" in parts else None,
    )


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
    parts = orjson.loads(text)
    return KkmCard(**{**parts, "domain": DomainType(parts.get("domain", DomainType.TRADING))})


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
    if parts.get("proof") is not None:
        parts["proof"] = ShiftProof(**parts["proof"])
    return Report(**parts)


def _per_operation(row: dict[str, Any]) -> tuple[tuple[Operation, int, int], ...]:
    return tuple((Operation(operation), first, second) for operation, first, second in row["operations"])
