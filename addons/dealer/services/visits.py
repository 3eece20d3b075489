"""The dealer's people enter a client's account and leave it; the client sees who was there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.dealer.services.links import accepted_link, lock_client
from addons.dealer.services.tell import tell
from addons.organization.api import (
    EnterCompany,
    TokenPair,
    company_cards,
    ends_of_sessions,
    enter_company,
    user_name_of,
)
from kernel.ids import CompanyId, new_id
from kernel.security.origin import current_origin

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

VISITS_MAX = 200  # the latest that are shown


@dataclass(frozen=True, slots=True)
class Visit:
    """left_ms None: still inside. other_title: the client's title for a dealer, the dealer's for a client."""

    id: str
    other_id: str
    other_title: str
    user_name: str
    entered_ms: int
    left_ms: int | None
    address: str | None


async def enter_client(work: Work, client_id: str) -> TokenPair:
    """A session in the client's account, with what the client granted and nothing else.

    Raises Refusal: CLIENT_UNKNOWN, ONLY_FOR_USERS, COMPANY_CLOSED.
    """
    await lock_client(work, client_id)
    link = await accepted_link(work, client_id)
    pair = await enter_company(work, EnterCompany(CompanyId(client_id), link.permissions))
    await work.insert(
        "dealer_visit",
        {
            "id": new_id(),
            "dealer_id": work.company_id,
            "client_id": client_id,
            "user_id": work.principal.subject_id,
            "user_name": await user_name_of(work, work.principal.subject_id),
            "session_id": pair.session_id,
            "entered_ms": work.now_ms,
            "address": current_origin().address or None,
        },
    )
    await tell(work, "entered", reader_id=client_id, about_id=work.company_id)
    return pair


async def visits_of(reader: Reader, *, as_dealer: bool) -> list[Visit]:
    """The latest visits of the reader's people at clients, or of dealers at the reader's company."""
    mine, other = ("dealer_id", "client_id") if as_dealer else ("client_id", "dealer_id")
    sql = f"SELECT * FROM dealer_visit WHERE {mine} = ? ORDER BY entered_ms DESC, id DESC LIMIT ?"
    rows = await reader.rows(sql, reader.company_id, VISITS_MAX)
    ends = await ends_of_sessions(reader, [row["session_id"] for row in rows])
    cards = await company_cards(reader, [row[other] for row in rows])
    return [
        Visit(
            id=row["id"],
            other_id=row[other],
            other_title=cards[row[other]].title,
            user_name=row["user_name"],
            entered_ms=row["entered_ms"],
            left_ms=ends.get(row["session_id"]),
            address=row["address"],
        )
        for row in rows
    ]
