"""Details of a ticket as the JSON text of its row and back. Written and read here only; sums in tiyn."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import orjson

from addons.trade.domain.details import DomainBlock, TicketDetails, TradeDomain
from addons.trade.domain.kinds import PaymentKind
from addons.trade.domain.ticket import CardDetails, MobileDetails, TicketLine
from kernel.money import Money
from kernel.quantity import Quantity

_LINE_FIELDS = tuple(each.name for each in fields(TicketLine))
_SUMS = ("price", "sum", "discount", "markup", "total", "vat", "shared_discount", "shared_markup")


def details_text(details: TicketDetails) -> str:
    """JSON of what is told; what is not is left out."""
    parts: dict[str, Any] = {}
    if details.domain is not None:
        parts["domain"] = {
            name: told for name, told in _domain(details.domain).items() if told not in (None, "")
        }
    if details.card is not None:
        parts["card"] = details.card
    if details.mobile is not None:
        parts["mobile"] = details.mobile
    if details.elsewhere:
        parts["elsewhere"] = details.elsewhere
    if details.is_vat_on_top:
        parts["is_vat_on_top"] = True
    if details.stornoed:
        parts["stornoed"] = [_line(each) for each in details.stornoed]
    if details.sold_ms is not None:
        parts["sold_ms"] = details.sold_ms
    return orjson.dumps(parts).decode()


def read_details(text: str) -> TicketDetails:
    """Back from the row."""
    parts = orjson.loads(text)
    domain, card, mobile = parts.get("domain"), parts.get("card"), parts.get("mobile")
    return TicketDetails(
        domain=None if domain is None else _read_domain(domain),
        card=None if card is None else CardDetails(**card),
        mobile=None if mobile is None else MobileDetails(**mobile),
        elsewhere=tuple(PaymentKind(each) for each in parts.get("elsewhere", ())),
        is_vat_on_top=parts.get("is_vat_on_top", False),
        stornoed=tuple(_read_line(each) for each in parts.get("stornoed", ())),
        sold_ms=parts.get("sold_ms"),
    )


def _domain(block: DomainBlock) -> dict[str, Any]:
    return {
        "domain": block.domain.value,
        "account_number": block.account_number,
        "correction_number": block.correction_number,
        "correction_sum": None if block.correction_sum is None else block.correction_sum.tiyn,
        "card_number": block.card_number,
        "car_number": block.car_number,
        "is_order": block.is_order,
        "current_fee": None if block.current_fee is None else block.current_fee.tiyn,
        "begin_ms": block.begin_ms,
        "end_ms": block.end_ms,
    }


def _read_domain(parts: dict[str, Any]) -> DomainBlock:
    told = dict(parts, domain=TradeDomain(parts["domain"]))
    for name in ("correction_sum", "current_fee"):
        if name in told:
            told[name] = Money(told[name])
    return DomainBlock(**told)


def _line(line: TicketLine) -> dict[str, Any]:
    parts = {name: getattr(line, name) for name in _LINE_FIELDS}
    parts.update({name: parts[name].tiyn for name in _SUMS}, quantity=line.quantity.thousandths)
    return parts


def _read_line(parts: dict[str, Any]) -> TicketLine:
    sums = {name: Money(parts[name]) for name in _SUMS}
    more = {"quantity": Quantity(parts["quantity"]), "marks": tuple(parts["marks"])}
    return TicketLine(**{**parts, **sums, **more})
