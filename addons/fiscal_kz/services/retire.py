"""Programming mode, and the end of a KKM: deleted while it never fiscalized, else decommissioned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.commands import DecommissionKkm
from addons.fiscal_kz.domain.effects import Refuse
from addons.fiscal_kz.domain.events import Decommissioned, ProgrammingBegun, ProgrammingEnded
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.activate import desk_of_register, finish
from addons.fiscal_kz.services.jobs import lane_key
from addons.fiscal_kz.services.journal import Chronicle
from addons.fiscal_kz.services.moving import is_under_way
from addons.fiscal_kz.services.passports import (
    change_passport,
    delete_passport,
    insert_passport,
    open_register,
    passport_of,
)
from addons.fiscal_kz.services.register_news import tell_register
from kernel.errors import Refusal

if TYPE_CHECKING:
    from addons.fiscal_kz.domain.events import Event
    from addons.fiscal_kz.services.desk import Desk
    from kernel.data.work import Work

_ANY_DOCUMENT = "SELECT id FROM fkz_document WHERE kkm_id = ? LIMIT 1"


async def begin_programming(work: Work, register_id: str) -> None:
    """Refuse documents while a person sets the register up.

    Raises Refusal: KKM_SHIFT_OPEN, KKM_BUSY, KKM_NOT_ACTIVE and why it is blocked already.
    """
    work.principal.require("fiscal_kz.activate")
    desk = await desk_of_register(work, register_id)
    await _decide(desk, ProgrammingBegun(desk.lane.length))
    desk.chronicle.note("programming", {"kkm": desk.kkm.id, "by": work.principal.subject_id, "is_on": True})
    await work.audit("fiscal_kz.begin_programming", desk.kkm.id)


async def end_programming(work: Work, register_id: str) -> None:
    """Take documents again. Raises Refusal: KKM_NOT_PROGRAMMING, KKM_NOT_ACTIVE."""
    work.principal.require("fiscal_kz.activate")
    desk = await desk_of_register(work, register_id)
    await _decide(desk, ProgrammingEnded())
    desk.chronicle.note("programming", {"kkm": desk.kkm.id, "by": work.principal.subject_id, "is_on": False})
    await work.audit("fiscal_kz.end_programming", desk.kkm.id)


async def delete_kkm(work: Work, register_id: str) -> None:
    """Forget a KKM that never fiscalized; the register may get another one.

    Raises Refusal: KKM_UNKNOWN, KKM_HAS_DOCUMENTS, KKM_BUSY, KKM_CHECK_PENDING, REGISTER_FORBIDDEN.
    """
    work.principal.require("fiscal_kz.activate")
    register = await open_register(work, register_id)
    lane = await work.lane(lane_key(register.id), company_id=register.company_id)
    kkm = await store.kkm_of_lane(work, lane, register.id)
    paper = await passport_of(work, register.id)
    if kkm is None and paper is None:
        raise Refusal("KKM_UNKNOWN", field="registerId")
    if paper is not None and paper.asked_ms is not None:
        raise Refusal("KKM_CHECK_PENDING", field="registerId")
    if kkm is not None:
        if kkm.state.documents or await work.row(_ANY_DOCUMENT, kkm.id) is not None:
            raise Refusal("KKM_HAS_DOCUMENTS", field="registerId")
        if is_under_way(kkm) or lane.length:
            raise Refusal("KKM_BUSY")
        await store.delete_kkm(work, lane, kkm)
    await delete_passport(work, register.id)
    number = None if paper is None else paper.factory_number
    ofd_id = None if kkm is None else kkm.ofd_id
    Chronicle(lane).note(
        "deleted", {"by": work.principal.subject_id, "ofd_id": ofd_id, "factory_number": number}
    )
    await work.audit("fiscal_kz.delete_kkm", f"register:{register.id}", {"factory_number": number})
    tell_register(work, register.id)


async def decommission_kkm(work: Work, command: DecommissionKkm) -> None:
    """Take a KKM out of use for good; its documents and its journal stay, its id at the OFD is free for
    another register.

    Raises Refusal: KKM_SHIFT_OPEN, KKM_BUSY, KKM_DECOMMISSIONED, KKM_NOT_ACTIVE (there is none).
    """
    work.principal.require("fiscal_kz.activate")
    register_id, reason = command.register_id, command.reason
    desk = await desk_of_register(work, register_id)
    paper = await passport_of(work, register_id)
    if paper is not None and paper.decommissioned_ms is not None:
        raise Refusal("KKM_DECOMMISSIONED", field="registerId")
    if paper is None:
        await insert_passport(work, register_id)
    ofd_id = desk.kkm.ofd_id
    await _decide(desk, Decommissioned(desk.lane.length))
    await store.free_ofd_id(work, desk.lane, desk.kkm)
    await change_passport(work, register_id, {"decommissioned_ms": work.now_ms})
    desk.chronicle.note(
        "decommissioned",
        {
            "kkm": desk.kkm.id,
            "ofd_id": ofd_id,
            "by": work.principal.subject_id,
            "reason": reason,
            "documents": desk.state.documents,
            "life": dict(desk.state.counters.life),
        },
    )
    await work.audit("fiscal_kz.decommission_kkm", desk.kkm.id, {"reason": reason})


async def _decide(desk: Desk, event: Event) -> None:
    effects = desk.decide(event)
    for each in effects:
        if isinstance(each, Refuse):
            raise Refusal(each.code)
    await finish(desk, effects)
