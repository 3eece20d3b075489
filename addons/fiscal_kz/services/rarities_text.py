"""Rarities of a ticket as JSON and back; part of the text of its body (texts.py)."""

from __future__ import annotations

from typing import Any

from addons.fiscal_kz.domain.rarities import (
    CardPaid,
    DomainBlock,
    DomainType,
    Line,
    LineCodes,
    MobilePaid,
    Rarities,
    Stornoed,
)


def rarities_json(rarities: Rarities) -> dict[str, Any]:
    """What is told; what is not is left out. Lines as plain lists."""
    parts: dict[str, Any] = {
        name: each
        for name, each in (
            ("domain", rarities.domain),
            ("card", rarities.card),
            ("mobile", rarities.mobile),
            ("is_vat_on_top", rarities.is_vat_on_top),
            ("codes", rarities.codes),
        )
        if each
    }
    if rarities.stornoed:
        parts["stornoed"] = [
            (each.place, tuple(each.line), each.label, each.warehouse_id) for each in rarities.stornoed
        ]
    return parts


def read_rarities(parts: dict[str, Any]) -> Rarities:
    """Back from JSON."""
    domain, card, mobile = parts.get("domain"), parts.get("card"), parts.get("mobile")
    return Rarities(
        domain=None if domain is None else DomainBlock(**{**domain, "type": DomainType(domain["type"])}),
        card=None if card is None else CardPaid(**card),
        mobile=None if mobile is None else MobilePaid(**mobile),
        is_vat_on_top=parts.get("is_vat_on_top", False),
        stornoed=tuple(
            Stornoed(place, read_line(line), label, warehouse_id)
            for place, line, label, warehouse_id in parts.get("stornoed", ())
        ),
        codes=tuple(LineCodes(**each) for each in parts.get("codes", ())),
    )


def read_line(values: list[Any]) -> Line:
    """A position out of its list."""
    values[-1] = tuple(values[-1])
    return Line(*values)
