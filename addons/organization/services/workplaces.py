"""A workplace moves to another company: a register is closed here and made anew there.

A KKM is registered to one BIN, so documents, journal and what must be kept stay with the old register; what
belongs to the workplace (title, device, and what add-ons bring over by the hook) goes to the new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.organization.domain.cards import OutletId, RegisterId, RegisterMoved, RegisterMoving
from addons.organization.domain.commands import CreateRegister
from addons.organization.services.cards import register_card
from addons.organization.services.companies import ACCESS_TOPIC
from addons.organization.services.guests import as_guest
from addons.organization.services.registers import create_register, decommission_register
from addons.organization.services.rows import own_row
from kernel.errors import Refusal
from kernel.ids import CompanyId

if TYPE_CHECKING:
    from kernel.data.work import Work


@dataclass(frozen=True, slots=True)
class MoveWorkplace:
    """Both companies have agreed; the principal acts for one of them."""

    register_id: RegisterId
    from_company_id: CompanyId
    to_company_id: CompanyId
    to_outlet_id: OutletId


async def move_workplace(work: Work, command: MoveWorkplace) -> RegisterId:
    """The register in the other company. Add-ons may refuse by organization.register_moving.

    Raises Refusal: REGISTER_UNKNOWN, REGISTER_DECOMMISSIONED, OUTLET_UNKNOWN, COMPANY_CLOSED, and those of
    the hooks.
    """
    source = as_guest(work.principal, command.from_company_id)
    target = as_guest(work.principal, command.to_company_id)
    with work.acting_as(source) as there:
        old = await register_card(there, command.register_id)
        if old.is_decommissioned:
            raise Refusal("REGISTER_DECOMMISSIONED", field="registerId", number=old.number)
        moving = RegisterMoving(old.id, command.to_outlet_id, command.to_company_id)
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
        await here.hook("organization.register_moved", RegisterMoved(old, new))
        facts = {"from_company": command.from_company_id, "from_register": old.id}
        await here.audit("organization.receive_workplace", f"register:{new.id}", facts)
    return new.id


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
