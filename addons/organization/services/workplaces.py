"""A workplace moves to another company: a register is closed here and made anew there.

Documents, journal and what must be kept stay with the old register; what belongs to the workplace (title,
device, and what add-ons bring over by the hook) goes to the new one. What is registered to a company with
others (a KKM, to one BIN) goes only when they say so: an add-on that has to ask them puts the move off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.domain.cards import (
    MoveWorkplace,
    RegisterCard,
    RegisterId,
    RegisterMoved,
    RegisterMoving,
    WorkplaceMoveAsked,
    WorkplaceMoveTold,
)
from addons.organization.domain.commands import CreateRegister
from addons.organization.services.cards import register_card
from addons.organization.services.companies import ACCESS_TOPIC
from addons.organization.services.guests import as_guest
from addons.organization.services.registers import create_register, decommission_register
from addons.organization.services.rows import own_row
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work


async def ask_to_move(work: Work, move: MoveWorkplace) -> RegisterId | None:
    """Move at once; or None: an add-on asks others first, and says by organization.workplace_move_told what
    came of it.

    Raises Refusal as `move_workplace`.
    """
    asked = WorkplaceMoveAsked(move)
    with work.acting_as(as_guest(work.principal, move.from_company_id)) as there:
        await _open_register(there, move.register_id)
        await there.hook("organization.workplace_move_asked", asked)
    return None if asked.is_put_off else await move_workplace(work, move)


async def tell_of_move(work: Work, move: MoveWorkplace, code: str | None = None) -> bool:
    """Say why a move that was put off cannot be yet, or, without a code, ask whether it is wanted still.

    False: nobody waits for it any more.
    """
    told = WorkplaceMoveTold(move, code)
    await work.hook("organization.workplace_move_told", told)
    return told.is_wanted


async def finish_move(work: Work, move: MoveWorkplace) -> RegisterId | None:
    """Do a move that was put off; None when nobody waits for it any more.

    Raises Refusal as `move_workplace`.
    """
    if not await tell_of_move(work, move):
        return None
    new_id = await move_workplace(work, move)
    await work.hook("organization.workplace_move_told", WorkplaceMoveTold(move, register_id=new_id))
    return new_id


async def move_workplace(work: Work, command: MoveWorkplace) -> RegisterId:
    """The register in the other company. Add-ons may refuse by organization.register_moving.

    Raises Refusal: REGISTER_UNKNOWN, REGISTER_DECOMMISSIONED, OUTLET_UNKNOWN, COMPANY_CLOSED, and those of
    the hooks.
    """
    source = as_guest(work.principal, command.from_company_id)
    target = as_guest(work.principal, command.to_company_id)
    with work.acting_as(source) as there:
        old = await _open_register(there, command.register_id)
        moving = RegisterMoving(
            old.id, command.to_outlet_id, command.to_company_id, command.with_registration
        )
        await there.hook("organization.register_moving", moving)
    with work.acting_as(target) as here:
        await own_row(here, "org_outlet", command.to_outlet_id, "OUTLET_UNKNOWN", field="outletId")
        new_id = await create_register(here, CreateRegister(command.to_outlet_id, old.title))
        new = await register_card(here, new_id)
    with work.acting_as(source) as there:
        await decommission_register(there, old.id)
        facts = {"to_company": command.to_company_id, "to_register": new.id}
        await there.audit("organization.move_workplace", f"register:{old.id}", facts)
    await _move_devices(work, command, new.id)
    with work.acting_as(target) as here:
        await here.hook("organization.register_moved", RegisterMoved(old, new, command.with_registration))
        facts = {"from_company": command.from_company_id, "from_register": old.id}
        await here.audit("organization.receive_workplace", f"register:{new.id}", facts)
    return new.id


async def _open_register(reader: Reader, register_id: RegisterId) -> RegisterCard:
    card = await register_card(reader, register_id)
    if card.is_decommissioned:
        raise Refusal("REGISTER_DECOMMISSIONED", field="registerId", number=card.number)
    return card


async def _move_devices(work: Work, command: MoveWorkplace, new_id: str) -> None:
    """Bound tills keep their tokens and speak for the new register; the sessions opened at them end."""
    sql = """SELECT id FROM org_device WHERE company_id = ? AND register_id = ? AND digest IS NOT NULL
             AND revoked_ms IS NULL"""
    for row in await work.rows(sql, command.from_company_id, command.register_id):
        await work.execute(
            "UPDATE org_device SET company_id = ?, register_id = ? WHERE id = ? AND company_id = ?",
            command.to_company_id,
            new_id,
            row["id"],
            command.from_company_id,
        )
        await work.execute(
            """UPDATE org_session SET revoked_ms = ?
               WHERE company_id = ? AND opened_by = ? AND revoked_ms IS NULL""",
            work.now_ms,
            command.from_company_id,
            row["id"],
        )
        work.notice(ACCESS_TOPIC, row["id"])
