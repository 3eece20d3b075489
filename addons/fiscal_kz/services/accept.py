"""Taking a document into a register's lane, inside the caller's transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.bodies import Body, version_refusal
from addons.fiscal_kz.domain.effects import Issued, Refuse
from addons.fiscal_kz.domain.events import Accepted
from addons.fiscal_kz.domain.kinds import Block, DocumentKind
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.desk import Desk
from addons.fiscal_kz.services.jobs import enqueue_document
from addons.fiscal_kz.services.kept import keep_for_turn
from addons.fiscal_kz.services.records import DocumentRecord, DocumentState, KkmRecord
from addons.organization.api import OutletCard
from kernel import crash
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Lane


async def accept_document(
    work: Work,
    lane: Lane,
    *,
    register_id: str,
    outlet: OutletCard,
    kind: DocumentKind,
    body: Body,
    total: int = 0,
    created_ms: int,
    subject_id: str | None = None,
    client_key: str | None = None,
) -> DocumentRecord:
    """Queue the document, or issue it at once while the register is autonomous.

    Raises Refusal: KKM_NOT_ACTIVE, KKM_BLOCKED and its kin, KKM_OFFLINE_TOO_LONG, KKM_CLOCK_BEHIND,
    SHIFT_TOO_LONG, SHIFT_NOT_OPEN, NOT_ENOUGH_CASH, KKM_SUM_TOO_LARGE.
    """
    kkm = await store.kkm_of_register(work, register_id)
    if kkm is None:
        raise Refusal("KKM_NOT_ACTIVE")
    if lane.is_blocked and kkm.state.block is Block.NONE:
        raise Refusal("KKM_BLOCKED")  # stopped by a fault of ours, not by the OFD
    unsayable = version_refusal(body, kkm.state.version)
    if unsayable is not None:
        raise Refusal(unsayable)
    kkm = await _follow_outlet(work, kkm, outlet)
    desk = Desk(work, lane, kkm)
    record = DocumentRecord(
        id=new_id(),
        kind=kind,
        state=DocumentState.QUEUED,
        subject_id=subject_id,
        lane_seq=lane.tail_seq + 1,
        created_ms=created_ms,
        body=body,
        total=total,
    )
    effects = desk.decide(Accepted(record.document, waiting=lane.length))
    for effect in effects:
        if isinstance(effect, Refuse):
            raise Refusal(effect.code)
    await store.insert_document(work, kkm, record, client_key=client_key)
    await desk.perform(record, effects)
    await desk.save()
    is_queued = kind is not DocumentKind.REPORT or not desk.state.is_autonomous or desk.state.has_backlog
    if is_queued:
        enqueue_document(lane, kkm, record.id, kind)
        if desk.is_untouched:  # its turn may come in this very Work: what was written is not read back
            keep_for_turn(work, kkm, record)
    crash.point("fiscal_kz.accepted")
    if any(isinstance(effect, Issued) for effect in effects):
        return replace(record, state=DocumentState.OFFLINE)
    return record if is_queued else replace(record, state=DocumentState.DONE)


async def _follow_outlet(work: Work, kkm: KkmRecord, outlet: OutletCard) -> KkmRecord:
    """Requests carry the position of the outlet as it is now (mandatory from CPCR 2.0.3)."""
    card = kkm.card
    now = (outlet.zone, outlet.latitude_e4, outlet.longitude_e4)
    if (card.zone, card.latitude_e4, card.longitude_e4) == now:
        return kkm
    card = replace(card, zone=outlet.zone, latitude_e4=outlet.latitude_e4, longitude_e4=outlet.longitude_e4)
    kkm = replace(kkm, card=card)
    await store.save_card(work, kkm, profile=kkm.profile, ofd_id=kkm.ofd_id)
    return kkm
