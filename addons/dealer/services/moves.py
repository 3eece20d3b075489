"""Registers move between a dealer's company and a client's, when both sides agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.dealer.domain.cards import LinkId, LinkState, MoveId, MoveState
from addons.dealer.services.links import lock_client, own_link
from addons.dealer.services.tell import tell
from addons.organization.api import (
    MoveWorkplace,
    OutletId,
    RegisterId,
    as_guest,
    move_workplace,
    outlet_card,
    register_card,
)
from kernel.errors import Refusal
from kernel.ids import CompanyId, new_id

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

MOVES_MAX = 200  # that wait on one link; the latest that are shown


@dataclass(frozen=True, slots=True)
class ProposeMove:
    """One side proposes. register_id: of the principal's company, or of the other side's when to_outlet_id
    names an outlet of the principal's.
    """

    link_id: LinkId
    register_id: RegisterId
    to_outlet_id: OutletId | None = None


@dataclass(frozen=True, slots=True)
class AnswerMove:
    """to_outlet_id: named by the receiving side, unless the proposal did."""

    move_id: MoveId
    is_accepted: bool
    to_outlet_id: OutletId | None = None


async def propose_move(work: Work, command: ProposeMove) -> MoveId:
    """A proposal that waits for the other side.

    Raises Refusal: DEALER_LINK_UNKNOWN, REGISTER_UNKNOWN, REGISTER_DECOMMISSIONED, OUTLET_UNKNOWN,
    MOVE_PROPOSED_ALREADY, MOVES_TOO_MANY.
    """
    link = await own_link(work, command.link_id)
    await lock_client(work, link.client_id)
    link = await own_link(work, command.link_id)
    if link.state is not LinkState.ACCEPTED:
        raise Refusal("DEALER_LINK_UNKNOWN", field="linkId")
    other_id = link.dealer_id if link.client_id == work.company_id else link.client_id
    is_giving = command.to_outlet_id is None
    from_id, to_id = (work.company_id, other_id) if is_giving else (other_id, work.company_id)
    if command.to_outlet_id is not None:
        await outlet_card(work, command.to_outlet_id)
    with work.acting_as(as_guest(work.principal, CompanyId(from_id))) as there:
        register = await register_card(there, command.register_id)
    if register.is_decommissioned:
        raise Refusal("REGISTER_DECOMMISSIONED", field="registerId", number=register.number)
    sql = "SELECT id FROM dealer_move WHERE register_id = ? AND state = 'proposed'"
    if await work.row(sql, register.id) is not None:
        raise Refusal("MOVE_PROPOSED_ALREADY", field="registerId")
    sql = "SELECT COUNT(*) AS waiting FROM dealer_move WHERE link_id = ? AND state = 'proposed'"
    row = await work.row(sql, link.id)
    if row is not None and row["waiting"] >= MOVES_MAX:
        raise Refusal("MOVES_TOO_MANY", max=MOVES_MAX)
    move_id = MoveId(new_id())
    await work.insert(
        "dealer_move",
        {
            "id": move_id,
            "link_id": link.id,
            "from_id": from_id,
            "to_id": to_id,
            "register_id": register.id,
            "register_title": register.title,
            "to_outlet_id": command.to_outlet_id,
            "proposed_by": work.company_id,
            "state": MoveState.PROPOSED.value,
            "proposed_ms": work.now_ms,
        },
    )
    await _note(work, "dealer.propose_move", other_id, register.id)
    await tell(work, "move_proposed", reader_id=other_id, about_id=work.company_id, register=register.title)
    return move_id


async def answer_move(work: Work, command: AnswerMove) -> MoveId:
    """The other side agrees, and the register moves at once; or it does not.

    Raises Refusal: MOVE_UNKNOWN, MOVE_OUTLET_MISSING, and those of organization's move_workplace: an open
    shift or undelivered documents keep a register where it is.
    """
    row = await _waiting(work, command.move_id)
    link = await own_link(work, row["link_id"])
    await lock_client(work, link.client_id)
    row = await _waiting(work, command.move_id)
    if row["proposed_by"] == work.company_id:
        raise Refusal("MOVE_UNKNOWN", field="id")
    new_id_ = None
    if command.is_accepted:
        outlet_id = row["to_outlet_id"] or command.to_outlet_id
        if outlet_id is None:
            raise Refusal("MOVE_OUTLET_MISSING", field="toOutletId")
        move = MoveWorkplace(
            RegisterId(row["register_id"]),
            CompanyId(row["from_id"]),
            CompanyId(row["to_id"]),
            OutletId(outlet_id),
        )
        new_id_ = await move_workplace(work, move)
    state = MoveState.DONE if command.is_accepted else MoveState.DECLINED
    await _settle(work, command.move_id, state, new_id_)
    await _note(work, f"dealer.move_{state}", row["proposed_by"], row["register_id"])
    if command.is_accepted:
        title = row["register_title"]
        await tell(work, "moved", reader_id=row["proposed_by"], about_id=row["from_id"], register=title)
    return command.move_id


async def cancel_move(work: Work, move_id: MoveId) -> MoveId:
    """The side that proposed takes it back. Raises Refusal("MOVE_UNKNOWN")."""
    row = await _waiting(work, move_id)
    if row["proposed_by"] != work.company_id:
        raise Refusal("MOVE_UNKNOWN", field="id")
    await _settle(work, move_id, MoveState.CANCELLED, None)
    other_id = row["to_id"] if row["from_id"] == work.company_id else row["from_id"]
    await _note(work, "dealer.move_cancelled", other_id, row["register_id"])
    return move_id


async def moves_of(reader: Reader) -> list[SqlRow]:
    """Proposals of which the reader's company is a side, the latest first."""
    sql = """SELECT * FROM dealer_move WHERE from_id = ? OR to_id = ?
             ORDER BY proposed_ms DESC, id DESC LIMIT ?"""
    return list(await reader.rows(sql, reader.company_id, reader.company_id, MOVES_MAX))


async def _waiting(work: Work, move_id: str) -> SqlRow:
    sql = "SELECT * FROM dealer_move WHERE id = ? AND state = 'proposed' AND (from_id = ? OR to_id = ?)"
    row = await work.row(sql, move_id, work.company_id, work.company_id)
    if row is None:
        raise Refusal("MOVE_UNKNOWN", field="id")
    return row


async def _settle(work: Work, move_id: str, state: MoveState, new_register_id: str | None) -> None:
    await work.execute(
        "UPDATE dealer_move SET state = ?, answered_ms = ?, new_register_id = ? WHERE id = ?",
        state.value,
        work.now_ms,
        new_register_id,
        move_id,
    )


async def _note(work: Work, action: str, other_id: str, register_id: str) -> None:
    await work.audit(action, f"register:{register_id}", {"company": other_id})
    mine = work.company_id
    with work.acting_as(as_guest(work.principal, CompanyId(other_id))) as there:
        await there.audit(action, f"register:{register_id}", {"company": mine})
