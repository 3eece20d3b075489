"""Links between dealers and clients: reading them, and locking the client while one changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.dealer.domain.cards import DEALER_ROLE, Link, LinkId, LinkState
from addons.organization.api import guest_permissions, has_member_with_role
from kernel.errors import Refusal
from kernel.ids import CompanyId

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

BOARD_TOPIC = "dealer.board"  # notices: a link or a move of this company, dealer or client, changed
CLIENTS_OF = "SELECT client_id FROM dealer_link WHERE dealer_id = ? AND state = 'accepted'"


async def lock_client(work: Work, client_id: str) -> None:
    """One change at a time of who looks after a client, until the commit."""
    await work.lane(f"dealer:{client_id}", company_id=client_id)


async def present_link(reader: Reader, client_id: str) -> Link | None:
    """The client's accepted link or its request that waits; one of them at most."""
    row = await reader.row(
        """SELECT * FROM dealer_link WHERE client_id = ? AND state IN ('requested', 'accepted')
           ORDER BY asked_ms DESC LIMIT 1""",
        client_id,
    )
    return None if row is None else link_of(row)


async def accepted_link(reader: Reader, client_id: str) -> Link:
    """The accepted link of the reader's company with a client. Raises Refusal("CLIENT_UNKNOWN")."""
    row = await reader.row(
        "SELECT * FROM dealer_link WHERE dealer_id = ? AND client_id = ? AND state = 'accepted' LIMIT 1",
        reader.company_id,
        client_id,
    )
    if row is None:
        raise Refusal("CLIENT_UNKNOWN", field="clientId")
    return link_of(row)


async def own_link(reader: Reader, link_id: str) -> Link:
    """A link of which the reader's company is one side. Raises Refusal("DEALER_LINK_UNKNOWN")."""
    sql = "SELECT * FROM dealer_link WHERE id = ? AND (dealer_id = ? OR client_id = ?)"
    row = await reader.row(sql, link_id, reader.company_id, reader.company_id)
    if row is None:
        raise Refusal("DEALER_LINK_UNKNOWN", field="id")
    return link_of(row)


async def is_dealer(reader: Reader, company_id: str) -> bool:
    """Whether a company has people who serve clients."""
    return await has_member_with_role(reader, company_id, DEALER_ROLE)


def check_rights(reader: Reader, permissions: tuple[str, ...]) -> str:
    """Permissions a client may grant, as they are stored.

    Raises Refusal("DEALER_RIGHT_NOT_GRANTABLE") for one it may not, or has not itself.
    """
    grantable = grantable_rights(reader)
    for permission in permissions:
        if permission not in grantable:
            raise Refusal("DEALER_RIGHT_NOT_GRANTABLE", field="permissions", permission=permission[:80])
    return " ".join(sorted(set(permissions)))


def grantable_rights(reader: Reader) -> frozenset[str]:
    """Everything a client may let a dealer do; what is the dealer's own business is not among it."""
    allowed = guest_permissions(reader.database.registry)
    return frozenset(each for each in allowed if not each.startswith("dealer."))


def link_of(row: SqlRow) -> Link:
    """A row of dealer_link."""
    return Link(
        id=LinkId(row["id"]),
        dealer_id=row["dealer_id"],
        client_id=CompanyId(row["client_id"]),
        state=LinkState(row["state"]),
        permissions=frozenset(row["permissions"].split()),
        asked_ms=row["asked_ms"],
        answered_ms=row["answered_ms"],
        ended_ms=row["ended_ms"],
    )
