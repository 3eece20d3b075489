"""A client asks a dealer, the dealer answers, either side ends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.dealer.domain.cards import Link, LinkId, LinkState
from addons.dealer.services.links import (
    BOARD_TOPIC,
    accepted_link,
    check_rights,
    is_dealer,
    lock_client,
    own_link,
    present_link,
)
from addons.dealer.services.tell import tell
from addons.organization.api import as_guest, find_client, turn_out_guests
from kernel.errors import Refusal
from kernel.ids import CompanyId, new_id

if TYPE_CHECKING:
    from kernel.data.work import Work

REQUESTS_MAX = 1_000  # waiting at one dealer


@dataclass(frozen=True, slots=True)
class AskDealer:
    """dealer: number, name or BIN; permissions: what its people may do in the account."""

    dealer: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """is_blocked: with a no, further requests of that client are not taken."""

    link_id: LinkId
    is_accepted: bool
    is_blocked: bool = False


async def ask_dealer(work: Work, command: AskDealer) -> LinkId:
    """The principal's company asks to be looked after.

    Raises Refusal: DEALER_UNKNOWN (no company of that name serves clients), DEALER_CANNOT_ASK (the company is
    a dealer itself), DEALER_ASKED_ALREADY, DEALER_BLOCKED, DEALER_REQUESTS_TOO_MANY,
    DEALER_RIGHT_NOT_GRANTABLE.
    """
    permissions = check_rights(work, command.permissions)
    dealer_id = await find_client(work, command.dealer)
    if dealer_id is None or dealer_id == work.company_id or not await is_dealer(work, dealer_id):
        raise Refusal("DEALER_UNKNOWN", field="dealer")
    await lock_client(work, work.company_id)
    if await is_dealer(work, work.company_id):
        raise Refusal("DEALER_CANNOT_ASK")
    if await present_link(work, work.company_id) is not None:
        raise Refusal("DEALER_ASKED_ALREADY")
    sql = "SELECT id FROM dealer_block WHERE dealer_id = ? AND client_id = ?"
    if await work.row(sql, dealer_id, work.company_id) is not None:
        raise Refusal("DEALER_BLOCKED", field="dealer")
    sql = "SELECT COUNT(*) AS waiting FROM dealer_link WHERE dealer_id = ? AND state = 'requested'"
    row = await work.row(sql, dealer_id)
    if row is not None and row["waiting"] >= REQUESTS_MAX:
        raise Refusal("DEALER_REQUESTS_TOO_MANY")
    link_id = await insert_link(work, dealer_id, work.company_id, LinkState.REQUESTED, permissions)
    await _note(work, "dealer.ask", dealer_id, {"permissions": permissions})
    await tell(work, "requested", reader_id=dealer_id, about_id=work.company_id)
    return link_id


async def cancel_request(work: Work) -> LinkId:
    """The principal's company takes its request back. Raises Refusal("DEALER_LINK_UNKNOWN")."""
    await lock_client(work, work.company_id)
    link = await present_link(work, work.company_id)
    if link is None or link.state is not LinkState.REQUESTED:
        raise Refusal("DEALER_LINK_UNKNOWN")
    await _set_state(work, link, LinkState.CANCELLED)
    await _note(work, "dealer.cancel", link.dealer_id)
    return link.id


async def answer_request(work: Work, command: AnswerRequest) -> LinkId:
    """The principal's company, a dealer, says yes or no. Raises Refusal("DEALER_LINK_UNKNOWN")."""
    link = await own_link(work, command.link_id)
    await lock_client(work, link.client_id)
    link = await own_link(work, command.link_id)
    if link.dealer_id != work.company_id or link.state is not LinkState.REQUESTED:
        raise Refusal("DEALER_LINK_UNKNOWN", field="id")
    state = LinkState.ACCEPTED if command.is_accepted else LinkState.DECLINED
    await _set_state(work, link, state)
    if command.is_blocked and not command.is_accepted:
        await _block(work, link.client_id)
    await _note(work, f"dealer.{state}", link.client_id, {"is_blocked": command.is_blocked})
    await tell(work, state.value, reader_id=link.client_id, about_id=work.company_id)
    return link.id


async def unblock_client(work: Work, client_id: str) -> str:
    """Requests of that client are taken again. Raises Refusal("CLIENT_UNKNOWN")."""
    sql = "DELETE FROM dealer_block WHERE dealer_id = ? AND client_id = ?"
    if not await work.execute(sql, work.company_id, client_id):
        raise Refusal("CLIENT_UNKNOWN", field="clientId")
    await work.audit("dealer.unblock", f"company:{client_id}")
    return client_id


async def change_rights(work: Work, permissions: tuple[str, ...]) -> LinkId:
    """The client lets its dealer do other things; the dealer's people who are inside come in again.

    Raises Refusal: DEALER_LINK_UNKNOWN, DEALER_RIGHT_NOT_GRANTABLE.
    """
    stored = check_rights(work, permissions)
    await lock_client(work, work.company_id)
    link = await present_link(work, work.company_id)
    if link is None:
        raise Refusal("DEALER_LINK_UNKNOWN")
    await work.execute("UPDATE dealer_link SET permissions = ? WHERE id = ?", stored, link.id)
    await turn_out_guests(work, link.dealer_id)
    await _note(work, "dealer.change_rights", link.dealer_id, {"permissions": stored})
    return link.id


async def part_from_dealer(work: Work) -> LinkId:
    """The client ends it, at any time; the dealer's people are out at once.

    Raises Refusal("DEALER_LINK_UNKNOWN").
    """
    await lock_client(work, work.company_id)
    link = await present_link(work, work.company_id)
    if link is None or link.state is not LinkState.ACCEPTED:
        raise Refusal("DEALER_LINK_UNKNOWN")
    await _end(work, link)
    await _note(work, "dealer.part", link.dealer_id)
    await tell(work, "ended", reader_id=link.dealer_id, about_id=work.company_id)
    return link.id


async def remove_client(work: Work, client_id: str) -> LinkId:
    """The dealer looks after that client no more. Raises Refusal("CLIENT_UNKNOWN")."""
    await lock_client(work, client_id)
    link = await accepted_link(work, client_id)
    await _end(work, link)
    await _note(work, "dealer.remove", client_id)
    await tell(work, "ended", reader_id=client_id, about_id=work.company_id)
    return link.id


async def insert_link(
    work: Work, dealer_id: str, client_id: str, state: LinkState, permissions: str
) -> LinkId:
    """A new link; the client is locked."""
    link_id = LinkId(new_id())
    await work.insert(
        "dealer_link",
        {
            "id": link_id,
            "dealer_id": dealer_id,
            "client_id": client_id,
            "state": state.value,
            "permissions": permissions,
            "asked_ms": work.now_ms,
            "answered_ms": work.now_ms if state is LinkState.ACCEPTED else None,
        },
    )
    return link_id


async def _end(work: Work, link: Link) -> None:
    await work.execute(
        "UPDATE dealer_link SET state = 'ended', ended_ms = ? WHERE id = ?", work.now_ms, link.id
    )
    await work.execute(
        """UPDATE dealer_move SET state = 'cancelled', answered_ms = ?
           WHERE link_id = ? AND state IN ('proposed', 'checking')""",
        work.now_ms,
        link.id,
    )
    with work.acting_as(as_guest(work.principal, CompanyId(link.client_id))) as there:
        await turn_out_guests(there, link.dealer_id)


async def _set_state(work: Work, link: Link, state: LinkState) -> None:
    await work.execute(
        "UPDATE dealer_link SET state = ?, answered_ms = ? WHERE id = ?", state.value, work.now_ms, link.id
    )


async def _block(work: Work, client_id: str) -> None:
    sql = "SELECT id FROM dealer_block WHERE dealer_id = ? AND client_id = ?"
    if await work.row(sql, work.company_id, client_id) is None:
        values = {"id": new_id(), "dealer_id": work.company_id, "client_id": client_id}
        await work.insert("dealer_block", {**values, "created_ms": work.now_ms})


async def _note(work: Work, action: str, other_id: str, facts: dict[str, str | bool] | None = None) -> None:
    """Both audits tell what one side did."""
    await work.audit(action, f"company:{other_id}", facts)
    mine = work.company_id
    for side in (mine, other_id):
        work.notice(BOARD_TOPIC, side)
    with work.acting_as(as_guest(work.principal, CompanyId(other_id))) as there:
        await there.audit(action, f"company:{mine}", facts)
