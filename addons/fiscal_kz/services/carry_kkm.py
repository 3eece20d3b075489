"""The KKM goes along when its workplace moves to another company: its OFD has told the new one's BIN.

Counters, numbers, token and request number go on in a new row of the new company. The old row stays with its
documents, exchanges and journal, which are kept where they were made; the new register's chain opens with
the old one's head (kernel.journal.joint).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.events import Decommissioned
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.activate import finish
from addons.fiscal_kz.services.desk import Desk
from addons.fiscal_kz.services.integrity import demand_whole
from addons.fiscal_kz.services.jobs import INFO_PURPOSE_RECONCILE, enqueue_info, lane_key
from addons.fiscal_kz.services.moving import refuse_undelivered
from addons.fiscal_kz.services.passports import hand_over_passport
from addons.fiscal_kz.services.register_news import tell_register
from addons.fiscal_kz.services.status import tell_status
from addons.organization.api import RegisterMoved, as_guest
from kernel.ids import new_id
from kernel.journal.joint import continue_chain

if TYPE_CHECKING:
    from addons.fiscal_kz.domain.card import KkmCard
    from addons.fiscal_kz.services.records import KkmRecord
    from addons.organization.api import RegisterCard
    from kernel.data.work import Work
    from kernel.journal.canonical import JSON

_BESIDES = "SELECT activated_ms, notices FROM fkz_kkm WHERE id = ? AND company_id = ?"
_CARRIED = "UPDATE fkz_kkm SET activated_ms = ?, notices = ? WHERE id = ? AND company_id = ?"


async def carry_kkm(work: Work, payload: object) -> None:
    """Hook organization.register_moved; the principal acts for the new company.

    Raises Refusal: KKM_BUSY, JOURNAL_BROKEN (a chain goes on only from a whole one).
    """
    assert isinstance(payload, RegisterMoved)
    old, new = payload.old, payload.new
    if not payload.with_registration:
        return
    with work.acting_as(as_guest(work.principal, old.company_id)) as there:
        lane = await there.lane(lane_key(old.id), company_id=old.company_id)
        kkm = await store.kkm_of_lane(there, lane, old.id)
        if kkm is None:
            return
        refuse_undelivered(kkm, lane)
        await demand_whole(there, lane, kkm)
        desk = Desk(there, lane, kkm)
        await finish(desk, desk.decide(Decommissioned(lane.length)))
        await store.free_ofd_id(there, lane, desk.kkm)
        await there.audit("fiscal_kz.kkm_moved_out", kkm.id, {"to_company": new.company_id})
        tell_register(there, old.id)
    carried = replace(
        kkm, id=new_id(), company_id=new.company_id, register_id=new.id, card=_card(kkm, new), shift_id=None
    )
    place = await work.lane(lane_key(new.id), company_id=new.company_id)
    continue_chain(lane, place, _facts(kkm, carried))
    await store.insert_kkm(work, place, carried)
    if kkm.device_id is not None:
        await store.save_device(work, place, carried, kkm.device_id)
    was = await work.row(_BESIDES, kkm.id, kkm.company_id)
    assert was is not None  # it was read above
    await work.execute(_CARRIED, was["activated_ms"], was["notices"], carried.id, carried.company_id)
    await hand_over_passport(work, old, new)
    await tell_status(Desk(work, place, carried))
    enqueue_info(place, carried, purpose=INFO_PURPOSE_RECONCILE)
    await work.audit("fiscal_kz.kkm_moved_in", carried.id, {"from_company": old.company_id})
    tell_register(work, new.id)


def _card(kkm: KkmRecord, new: RegisterCard) -> KkmCard:
    outlet = new.outlet
    return replace(
        kkm.card,
        zone=outlet.zone,
        latitude_e4=outlet.latitude_e4,
        longitude_e4=outlet.longitude_e4,
        org_title=new.company.title,
        org_address=outlet.address,
        org_address_kk=outlet.address_kk,
        org_bin=new.company.bin,
    )


def _facts(kkm: KkmRecord, carried: KkmRecord) -> dict[str, JSON]:
    """What both chains say of the move: enough to count on from it."""
    state = kkm.state
    return {
        "from_kkm": kkm.id,
        "to_kkm": carried.id,
        "ofd_id": kkm.ofd_id,
        "registration_number": kkm.card.registration_number,
        "shift": state.shift_number,
        "documents": state.documents,
        "life": dict(state.counters.life),
        "shift_counters": dict(state.counters.shift),
    }
