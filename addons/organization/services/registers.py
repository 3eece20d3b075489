"""Create, rename, move and decommission registers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.domain.cards import (
    OutletId,
    RegisterCreated,
    RegisterDecommissioning,
    RegisterId,
    RegisterMoving,
)
from addons.organization.domain.checks import REGISTER_NUMBER_MAX, check_text
from addons.organization.domain.commands import CreateRegister, MoveRegister, UpdateRegister
from addons.organization.services.cards import register_card
from addons.organization.services.devices import require_reported
from addons.organization.services.rows import change, lock_company, own_row, require_all_registers
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Work

TITLE_LENGTH_MAX = 200


async def create_register(work: Work, command: CreateRegister) -> RegisterId:
    """A new register of an outlet; other add-ons prepare it through the hook organization.register_created.

    Raises Refusal: COMPANY_CLOSED, OUTLET_UNKNOWN, REGISTER_NUMBER_TAKEN, REGISTER_NUMBER_OUT_OF_RANGE,
    REGISTER_FORBIDDEN (as all verbs here: the principal is limited to other registers), TEXT_…
    """
    await lock_company(work)
    require_all_registers(work)
    title = check_text(command.title, field="title", length_max=TITLE_LENGTH_MAX)
    await own_row(work, "org_outlet", command.outlet_id, "OUTLET_UNKNOWN", field="outletId")
    register_id = RegisterId(new_id())
    await work.insert(
        "org_register",
        {
            "id": register_id,
            "company_id": work.company_id,
            "outlet_id": command.outlet_id,
            "number": await _number(work, command.number),
            "title": title,
            "is_decommissioned": 0,
            "created_ms": work.now_ms,
        },
    )
    card = await register_card(work, register_id)
    await work.audit("organization.create_register", f"register:{register_id}", {"number": card.number})
    await work.hook("organization.register_created", RegisterCreated(card))
    return register_id


async def update_register(work: Work, command: UpdateRegister) -> RegisterId:
    """Rename a register. Raises Refusal: REGISTER_UNKNOWN, REGISTER_AWAITS_REPORT, TEXT_…"""
    work.principal.require_register(command.register_id)
    await own_row(work, "org_register", command.register_id, "REGISTER_UNKNOWN", field="id")
    await require_reported(work, command.register_id)
    if command.title is not None:
        title = check_text(command.title, field="title", length_max=TITLE_LENGTH_MAX)
        await change(work, "org_register", command.register_id, {"title": title})
        await work.audit("organization.update_register", f"register:{command.register_id}", {"title": title})
    return command.register_id


async def move_register(work: Work, command: MoveRegister) -> RegisterId:
    """Put a register into another outlet of the company, unless an add-on refuses.

    Raises Refusal: REGISTER_UNKNOWN, OUTLET_UNKNOWN, REGISTER_DECOMMISSIONED, and those of the hook.
    """
    work.principal.require_register(command.register_id)
    card = await register_card(work, command.register_id)
    if card.is_decommissioned:
        raise Refusal("REGISTER_DECOMMISSIONED", field="id", number=card.number)
    await own_row(work, "org_outlet", command.to_outlet_id, "OUTLET_UNKNOWN", field="outletId")
    if card.outlet_id == command.to_outlet_id:
        return card.id
    await work.hook("organization.register_moving", RegisterMoving(card.id, OutletId(command.to_outlet_id)))
    await change(work, "org_register", card.id, {"outlet_id": command.to_outlet_id})
    facts = {"from": card.outlet_id, "to": command.to_outlet_id}
    await work.audit("organization.move_register", f"register:{card.id}", facts)
    return card.id


async def decommission_register(work: Work, register_id: RegisterId) -> RegisterId:
    """Take a register out of use for ever, unless an add-on refuses; its number is not given again.

    Raises Refusal: REGISTER_UNKNOWN, REGISTER_DECOMMISSIONED, and those of the hook.
    """
    work.principal.require_register(register_id)
    card = await register_card(work, register_id)
    if card.is_decommissioned:
        raise Refusal("REGISTER_DECOMMISSIONED", field="id", number=card.number)
    await work.hook("organization.register_decommissioning", RegisterDecommissioning(card.id))
    await change(work, "org_register", card.id, {"is_decommissioned": 1})
    await work.audit("organization.decommission_register", f"register:{card.id}")
    return card.id


async def _number(work: Work, wanted: int | None) -> int:
    """The wanted number when it is free, or the next one; the company is locked."""
    if wanted is None:
        row = await work.row(
            "SELECT MAX(number) AS top FROM org_register WHERE company_id = ?", work.company_id
        )
        wanted = ((row["top"] if row else None) or 0) + 1
    if not 1 <= wanted <= REGISTER_NUMBER_MAX:
        raise Refusal("REGISTER_NUMBER_OUT_OF_RANGE", field="number", max=REGISTER_NUMBER_MAX)
    sql = "SELECT id FROM org_register WHERE company_id = ? AND number = ?"
    if await work.row(sql, work.company_id, wanted) is not None:
        raise Refusal("REGISTER_NUMBER_TAKEN", field="number", number=wanted)
    return wanted
