"""Rows of tables made into GraphQL types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addons.dealer.domain.cards import Link, MoveState
from addons.dealer.gql.types import (
    DealerClientType,
    DealerLinkType,
    DealerMoveType,
    DealerPartyType,
    DealerRegisterType,
    DealerVisitType,
)
from addons.dealer.services.visits import Visit
from addons.organization.api import CompanyCard
from kernel.clock import from_ms
from kernel.gql.ids import to_global

Row = Mapping[str, Any]


def party_of(card: CompanyCard) -> DealerPartyType:
    """The other side of a link."""
    return DealerPartyType(id=to_global("Company", card.id), bin=card.bin, title=card.title)


def link_type(link: Link, cards: Mapping[str, CompanyCard]) -> DealerLinkType:
    """A link with the cards of both its sides."""
    return DealerLinkType(
        key=link.id,
        dealer=party_of(cards[link.dealer_id]),
        client=party_of(cards[link.client_id]),
        state=link.state,
        permissions=sorted(link.permissions),
        asked_at=from_ms(link.asked_ms),
        answered_at=None if link.answered_ms is None else from_ms(link.answered_ms),
        ended_at=None if link.ended_ms is None else from_ms(link.ended_ms),
    )


def client_of(row: Row) -> DealerClientType:
    """Out of a row of serviced_companies."""
    return DealerClientType(
        id=to_global("Company", row["id"]),
        bin=row["bin"],
        title=row["title"],
        registers=row["registers"],
        problems=row["problems"],
        worst=row["worst"],
    )


def register_of(row: Row) -> DealerRegisterType:
    """Out of a row of serviced_registers."""
    return DealerRegisterType(
        key=row["id"],
        id=to_global("Register", row["id"]),
        client_id=to_global("Company", row["company_id"]),
        client_title=row["company_title"],
        number=row["number"],
        title=row["title"],
        outlet_title=row["outlet_title"],
        address=row["address"],
        worst=row["worst"],
        codes=sorted(set(filter(None, (row["codes"] or "").split(",")))),
        since=None if row["since_ms"] is None else from_ms(row["since_ms"]),
    )


def visit_type(visit: Visit) -> DealerVisitType:
    """A visit as both sides see it."""
    return DealerVisitType(
        key=visit.id,
        other=visit.other_title,
        user_name=visit.user_name,
        entered_at=from_ms(visit.entered_ms),
        left_at=None if visit.left_ms is None else from_ms(visit.left_ms),
        address=visit.address,
    )


def move_type(row: Row, company_id: str, cards: Mapping[str, CompanyCard]) -> DealerMoveType:
    """Out of a row of dealer_move, as one of its sides sees it."""
    is_outgoing = row["from_id"] == company_id
    other_id = row["to_id"] if is_outgoing else row["from_id"]
    is_waiting = row["state"] == MoveState.PROPOSED
    return DealerMoveType(
        key=row["id"],
        register_title=row["register_title"],
        is_ours_to_answer=is_waiting and row["proposed_by"] != company_id,
        is_outgoing=is_outgoing,
        other=cards[other_id].title,
        needs_outlet=is_waiting and row["to_outlet_id"] is None,
        state=MoveState(row["state"]),
        code=row["code"],
        proposed_at=from_ms(row["proposed_ms"]),
    )
