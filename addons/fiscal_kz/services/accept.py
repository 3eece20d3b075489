"""Taking a document into a register's lane, inside the caller's transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.bodies import Body, TicketBody, in_domain
from addons.fiscal_kz.domain.effects import Queue, Refuse
from addons.fiscal_kz.domain.events import Accepted
from addons.fiscal_kz.domain.kinds import Block, DocumentKind
from addons.fiscal_kz.domain.rarities import DomainType
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.desk import Desk
from addons.fiscal_kz.services.integrity import JOURNAL_BROKEN, demand_whole, refuse_broken
from addons.fiscal_kz.services.jobs import enqueue_document
from addons.fiscal_kz.services.memory import remember_documents
from addons.fiscal_kz.services.proof import demand_provable
from addons.fiscal_kz.services.records import DocumentRecord, DocumentState, KkmRecord
from addons.organization.api import OutletCard
from kernel import crash
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security.principal import Principal, PrincipalKind

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
) -> str:
    """Queue the document, or issue it at once while the register is autonomous; its id.

    Raises Refusal: JOURNAL_BROKEN, KKM_NOT_ACTIVE, KKM_BOUND_TO_OTHER_DEVICE, KKM_BLOCKED and its kin,
    KKM_OFFLINE_TOO_LONG, KKM_CLOCK_BEHIND, SHIFT_TOO_LONG, SHIFT_NOT_OPEN, NOT_ENOUGH_CASH,
    KKM_SUM_TOO_LARGE, KKM_DOMAIN_FIELD_MISSING.
    """
    kkm = await store.kkm_of_lane(work, lane, register_id)
    if kkm is None:
        raise Refusal("KKM_NOT_ACTIVE")
    if kkm.device_id is not None and not _is_bound_device(work.principal, kkm.device_id):
        raise Refusal("KKM_BOUND_TO_OTHER_DEVICE")
    if lane.is_blocked:
        if lane.blocked_code == JOURNAL_BROKEN:
            await refuse_broken(work, lane, kkm)
        if kkm.state.block is Block.NONE:
            raise Refusal("KKM_BLOCKED")  # stopped by a fault of ours, not by the OFD
    if kind is DocumentKind.CLOSE:
        await demand_provable(work, lane, kkm)
    elif kkm.state.shift_opened_ms is None and kind.is_fiscal:
        await demand_whole(work, lane, kkm)
    if kkm.card.domain is not DomainType.TRADING and isinstance(body, TicketBody):
        body = in_domain(body, kkm.card.domain)
    kkm = await _follow_outlet(work, lane, kkm, outlet)
    desk = Desk(work, lane, kkm)
    record = DocumentRecord(
        id=new_id(),
        kind=kind,
        state=DocumentState.QUEUED,
        subject_id=subject_id,
        lane_seq=lane.tail_seq + 1,
        created_ms=created_ms,
        raw_body=body,
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
        if lane.length == 1 and isinstance(effects[0], Queue):  # its turn may come in this very Work
            remember_documents(lane, (record,))
    crash.point("fiscal_kz.accepted")
    return record.id


def _is_bound_device(principal: Principal, device_id: str) -> bool:
    """Our own jobs (a shift closed by itself) come from no device."""
    return principal.device_id == device_id or principal.kind is PrincipalKind.SYSTEM


async def _follow_outlet(work: Work, lane: Lane, kkm: KkmRecord, outlet: OutletCard) -> KkmRecord:
    """Requests carry the position of the outlet as it is now (mandatory from CPCR 2.0.3)."""
    card = kkm.card
    now = (outlet.zone, outlet.latitude_e4, outlet.longitude_e4)
    if (card.zone, card.latitude_e4, card.longitude_e4) == now:
        return kkm
    card = replace(card, zone=outlet.zone, latitude_e4=outlet.latitude_e4, longitude_e4=outlet.longitude_e4)
    kkm = replace(kkm, card=card)
    await store.save_card(work, lane, kkm, profile=kkm.profile, ofd_id=kkm.ofd_id)
    return kkm
