"""Registers move between a dealer's company and a client's, when both sides agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from addons.dealer.domain.cards import LinkId, LinkState, MoveId, MoveState
from addons.dealer.services.links import BOARD_TOPIC, lock_client, own_link
from addons.dealer.services.tell import tell
from addons.organization.api import (
    MoveWorkplace,
    OutletId,
    RegisterId,
    WorkplaceMoveTold,
    as_guest,
    ask_to_move,
    outlet_card,
    register_card,
)
from kernel.errors import Refusal
from kernel.ids import CompanyId, new_id
from kernel.security.principal import PrincipalKind

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

MOVES_MAX = 200  # that wait on one link; the latest that are shown
_PASSES = "OFD_SILENT"  # by itself: it is asked again
_OPEN = "state IN ('proposed', 'checking')"
_CHECKED = "SELECT * FROM dealer_move WHERE register_id = ? AND state = 'checking'"


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
    sql = f"SELECT id FROM dealer_move WHERE register_id = ? AND {_OPEN}"
    if await work.row(sql, register.id) is not None:
        raise Refusal("MOVE_PROPOSED_ALREADY", field="registerId")
    sql = f"SELECT COUNT(*) AS waiting FROM dealer_move WHERE link_id = ? AND {_OPEN}"
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
    """The other side agrees, and the register moves, at once or when those who have to be asked first have
    answered (an OFD, whose the KKM is); or it does not.

    Raises Refusal: MOVE_UNKNOWN, MOVE_OUTLET_MISSING, and those of organization's move_workplace: an open
    shift or undelivered documents keep a register where it is.
    """
    row = await _locked(work, command.move_id, MoveState.PROPOSED)
    if row["proposed_by"] == work.company_id:
        raise Refusal("MOVE_UNKNOWN", field="id")
    if not command.is_accepted:
        await _settle(work, row, MoveState.DECLINED)
        await _note(work, "dealer.move_declined", row["proposed_by"], row["register_id"])
        return command.move_id
    outlet_id = row["to_outlet_id"] or command.to_outlet_id
    if outlet_id is None:
        raise Refusal("MOVE_OUTLET_MISSING", field="toOutletId")
    with work.acting_as(as_guest(work.principal, CompanyId(row["to_id"]))) as there:
        await outlet_card(there, OutletId(outlet_id))
    sql = "UPDATE dealer_move SET to_outlet_id = ? WHERE id = ?"
    await work.execute(sql, outlet_id, command.move_id)
    await _note(work, "dealer.move_agreed", row["proposed_by"], row["register_id"])
    await _move(work, {**row, "to_outlet_id": outlet_id})
    return command.move_id


async def check_move(work: Work, move_id: MoveId) -> MoveId:
    """Either side has a move that was agreed on tried again: ask whose the KKM is, or, when it was taken out
    of use meanwhile, move without it.

    Raises Refusal: MOVE_UNKNOWN, and those of organization's move_workplace.
    """
    row = await _locked(work, move_id, MoveState.CHECKING)
    await _note(work, "dealer.check_move", _other(work, row), row["register_id"])
    await _move(work, row)
    return move_id


async def cancel_move(work: Work, move_id: MoveId) -> MoveId:
    """The side that proposed takes it back; either side does while it is checked. Raises
    Refusal("MOVE_UNKNOWN").
    """
    row = await _locked(work, move_id, MoveState.PROPOSED, MoveState.CHECKING)
    if row["state"] == MoveState.PROPOSED and row["proposed_by"] != work.company_id:
        raise Refusal("MOVE_UNKNOWN", field="id")
    await _settle(work, row, MoveState.CANCELLED)
    await _note(work, "dealer.move_cancelled", _other(work, row), row["register_id"])
    return move_id


async def hear_of_move(work: Work, payload: object) -> None:
    """Hook organization.workplace_move_told: a register could not move yet, may move now, or has moved. The
    principal acts for one of the sides.
    """
    assert isinstance(payload, WorkplaceMoveTold)
    row = await work.row(_CHECKED, payload.move.register_id)
    if row is None:
        return
    link_row = await work.row("SELECT client_id FROM dealer_link WHERE id = ?", row["link_id"])
    assert link_row is not None  # links are never deleted
    await lock_client(work, link_row["client_id"])
    row = await work.row(_CHECKED, payload.move.register_id)
    if row is None or row["to_id"] != payload.move.to_company_id:
        return
    payload.is_wanted = True
    if payload.register_id is not None:
        await _done(work, row, payload.register_id)
    elif payload.code is not None and payload.code != row["code"]:
        await work.execute("UPDATE dealer_move SET code = ? WHERE id = ?", payload.code, row["id"])
        await _note(work, "dealer.move_waits", _other(work, row), row["register_id"], code=payload.code)
        if payload.code != _PASSES:
            await _tell_waiting(work, row, payload.code)


async def _move(work: Work, row: Mapping[str, Any]) -> None:
    """Move the register now, or note that others are asked first."""
    move = MoveWorkplace(
        RegisterId(row["register_id"]),
        CompanyId(row["from_id"]),
        CompanyId(row["to_id"]),
        OutletId(row["to_outlet_id"]),
    )
    new_id_ = await ask_to_move(work, move)
    if new_id_ is not None:
        await _done(work, row, new_id_)
        return
    sql = "UPDATE dealer_move SET state = ?, answered_ms = ?, code = NULL WHERE id = ?"
    await work.execute(sql, MoveState.CHECKING.value, work.now_ms, row["id"])


async def _done(work: Work, row: Mapping[str, Any], new_register_id: str) -> None:
    """It has moved: both audits say so, and whoever did not do it gets a letter."""
    await _settle(work, row, MoveState.DONE, new_register_id)
    await _note(work, "dealer.move_done", _other(work, row), row["register_id"])
    doer = None if work.principal.kind is PrincipalKind.SYSTEM else work.company_id
    for side in (row["from_id"], row["to_id"]):
        if side != doer:
            title = row["register_title"]
            await tell(work, "moved", reader_id=side, about_id=row["from_id"], register=title)


async def moves_of(reader: Reader) -> list[SqlRow]:
    """Proposals of which the reader's company is a side, the latest first."""
    sql = """SELECT * FROM dealer_move WHERE from_id = ? OR to_id = ?
             ORDER BY proposed_ms DESC, id DESC LIMIT ?"""
    return list(await reader.rows(sql, reader.company_id, reader.company_id, MOVES_MAX))


async def _locked(work: Work, move_id: str, *states: MoveState) -> SqlRow:
    """The proposal in one of these states, its client locked. Raises Refusal("MOVE_UNKNOWN")."""
    row = await _waiting(work, move_id, states)
    link = await own_link(work, row["link_id"])
    await lock_client(work, link.client_id)
    return await _waiting(work, move_id, states)


async def _waiting(work: Work, move_id: str, states: Sequence[MoveState]) -> SqlRow:
    marks = ", ".join("?" * len(states))
    sql = f"SELECT * FROM dealer_move WHERE id = ? AND state IN ({marks}) AND (from_id = ? OR to_id = ?)"
    row = await work.row(sql, move_id, *(each.value for each in states), work.company_id, work.company_id)
    if row is None:
        raise Refusal("MOVE_UNKNOWN", field="id")
    return row


async def _tell_waiting(work: Work, row: Mapping[str, Any], code: str) -> None:
    title = row["register_title"]
    for side in (row["from_id"], row["to_id"]):
        other_id = _opposite(row, side)
        await tell(work, "move_waits", reader_id=side, about_id=other_id, register=title, code=code)


async def _settle(
    work: Work, row: Mapping[str, Any], state: MoveState, new_register_id: str | None = None
) -> None:
    await work.execute(
        "UPDATE dealer_move SET state = ?, answered_ms = ?, new_register_id = ?, code = NULL WHERE id = ?",
        state.value,
        work.now_ms,
        new_register_id,
        row["id"],
    )


def _other(work: Work, row: Mapping[str, Any]) -> str:
    return _opposite(row, work.company_id)


def _opposite(row: Mapping[str, Any], side: str) -> str:
    return str(row["to_id"] if row["from_id"] == side else row["from_id"])


async def _note(work: Work, action: str, other_id: str, register_id: str, **facts: str) -> None:
    await work.audit(action, f"register:{register_id}", {"company": other_id, **facts})
    mine = work.company_id
    for side in (mine, other_id):
        work.notice(BOARD_TOPIC, side)
    with work.acting_as(as_guest(work.principal, CompanyId(other_id))) as there:
        await there.audit(action, f"register:{register_id}", {"company": mine, **facts})
