"""What an INFO answer leads to: a register becomes active, or its counters are compared with the OFD's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from addons.fiscal_kz.domain.events import Activated
from addons.fiscal_kz.domain.kinds import DocumentKind
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.clock import ofd_time_seen
from addons.fiscal_kz.services.compare import reconcile
from addons.fiscal_kz.services.jobs import INFO_PURPOSE_ACTIVATE, INFO_PURPOSE_MOVE
from addons.fiscal_kz.services.move_asking import holder_told, holder_unknown
from addons.fiscal_kz.services.ports import InfoFacts, OfdAnswered
from addons.fiscal_kz.services.records import DocumentRecord, DocumentState
from addons.fiscal_kz.services.register_news import tell_register
from addons.fiscal_kz.services.status import tell_status
from addons.trade.api import AdvertKind, record_register_adverts
from kernel.ids import new_id

if TYPE_CHECKING:
    from addons.fiscal_kz.services.desk import Desk
    from kernel.journal.canonical import JSON

ACTIVATION_TOPIC = "kkm_activation"  # notices: id of the register whose activation ended
# CPCR 2.0.2 §4.11 TicketAdTypeEnum; INFO (4) is shown by the status of the register, not printed.
ADVERTS = {0: AdvertKind.OFD, 1: AdvertKind.ORGANIZATION, 2: AdvertKind.OUTLET, 3: AdvertKind.KKM}


async def info_answered(
    desk: Desk, answer: OfdAnswered, *, purpose: str, asked: Mapping[str, JSON] | None = None
) -> None:
    """Take registration data; then activate, compare, or let the KKM move. asked: body of the job."""
    facts = desk.wire.read_info(answer.payload, desk.kkm.card, version=desk.state.version)
    desk.kkm = replace(desk.kkm, card=facts.card)
    await store.save_card(desk.work, desk.lane, desk.kkm, profile=desk.kkm.profile, ofd_id=desk.kkm.ofd_id)
    await desk.work.execute(
        "UPDATE fkz_kkm SET notices = ? WHERE id = ?", orjson.dumps(facts.notices).decode(), desk.kkm.id
    )
    adverts = [(ADVERTS[kind], text) for kind, text in facts.notices if kind in ADVERTS]
    await record_register_adverts(desk.work, desk.kkm.register_id, adverts)
    await ofd_time_seen(desk, facts.told_ms)
    if purpose == INFO_PURPOSE_ACTIVATE:
        await _activate(desk, facts)
    elif purpose == INFO_PURPOSE_MOVE:
        await holder_told(desk, facts.card, asked or {})
    else:
        await reconcile(desk, facts)


async def info_refused(
    desk: Desk, code: str, *, purpose: str, asked: Mapping[str, JSON] | None = None
) -> None:
    """The OFD refused or kept silent; an activation has failed, a comparison is left for another time."""
    if purpose == INFO_PURPOSE_MOVE:
        await holder_unknown(desk, code, asked or {})
    if purpose != INFO_PURPOSE_ACTIVATE:
        return
    await desk.work.execute("UPDATE fkz_kkm SET activation_code = ? WHERE id = ?", code, desk.kkm.id)
    desk.chronicle.note("activation_failed", {"kkm": desk.kkm.id, "code": code})
    desk.work.notice(ACTIVATION_TOPIC, desk.kkm.register_id)


async def _activate(desk: Desk, facts: InfoFacts) -> None:
    is_new = desk.state.documents == 0
    event = Activated(
        version=desk.state.version,
        shift_number=facts.shift_number,
        shift_opened_ms=facts.shift_opened_ms if facts.is_shift_open else None,
        documents=facts.documents,
        counters=facts.counters if is_new else None,
    )
    effects = desk.decide(event)
    if is_new and desk.state.is_shift_open and desk.shift_id is None:
        desk.shift_id = new_id()
        await _adopt_shift(desk)
    await desk.perform(_nobody(desk), effects)
    await desk.work.execute(
        "UPDATE fkz_kkm SET activated_ms = ?, activation_code = NULL WHERE id = ?",
        desk.work.now_ms,
        desk.kkm.id,
    )
    desk.lane.unblock()
    desk.chronicle.note(
        "activated",
        {
            "kkm": desk.kkm.id,
            "ofd_id": desk.kkm.ofd_id,
            "registration_number": facts.card.registration_number,
            "version": desk.state.version,
            "shift": desk.state.shift_number,
            "life": dict(desk.state.counters.life),
            "shift_counters": dict(desk.state.counters.shift),
        },
    )
    await tell_status(desk)
    desk.work.notice(ACTIVATION_TOPIC, desk.kkm.register_id)
    tell_register(desk.work, desk.kkm.register_id)


async def _adopt_shift(desk: Desk) -> None:
    from addons.fiscal_kz.services.shifts import open_shift_row

    assert desk.state.shift_opened_ms is not None
    await open_shift_row(desk, desk.state.shift_number, desk.state.shift_opened_ms)


def _nobody(desk: Desk) -> DocumentRecord:
    return DocumentRecord(
        id="", kind=DocumentKind.INFO, state=DocumentState.DONE, subject_id=None, lane_seq=0,
        created_ms=desk.work.now_ms, raw_body=None, total=0,
    )  # fmt: skip
