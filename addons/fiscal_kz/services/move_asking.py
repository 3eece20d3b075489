"""A register is to move to another company: its OFD is asked whose the KKM is by now (INFO tells the BIN).

Only the new company's BIN lets the KKM go along. The question is a job of the register's lane, so it is
durable before a byte leaves; silence is not a no: it is asked again, later and later, for a day, and by hand
at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.card import GEO_VERSION
from addons.fiscal_kz.domain.kinds import Block
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.jobs import INFO_PURPOSE_MOVE, enqueue_info, lane_key
from addons.fiscal_kz.services.moving import refuse_undelivered
from addons.organization.api import (
    MoveWorkplace,
    OutletId,
    RegisterId,
    WorkplaceMoveAsked,
    as_guest,
    company_cards,
    finish_move,
    outlet_card,
    tell_of_move,
)
from kernel import crash
from kernel.errors import Refusal
from kernel.ids import CompanyId
from kernel.jobs.policy import DONE, Settled
from kernel.security.principal import SYSTEM

if TYPE_CHECKING:
    from addons.fiscal_kz.domain.card import KkmCard
    from addons.fiscal_kz.services.desk import Desk
    from kernel.data.database import Database
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job, Lane
    from kernel.journal.canonical import JSON

ASK_MOVE_JOB, FINISH_MOVE_JOB = "fiscal_kz.ask_move", "fiscal_kz.finish_move"
SILENT, OTHER_BIN = "OFD_SILENT", "KKM_BIN_DIFFERS"
ASK_AGAIN_MS = 60_000  # doubled with each silence
ASK_AGAIN_MAX_MS = 3_600_000
ASKS_MAX = 30  # about a day; then only by hand


async def ask_holder(work: Work, payload: object) -> None:
    """Hook organization.workplace_move_asked: put a move off whose KKM works, and ask its OFD.

    Raises Refusal: KKM_BUSY, KKM_GEO_REQUIRED (the KKM would be blocked in an outlet without a position).
    """
    assert isinstance(payload, WorkplaceMoveAsked)
    move = payload.move
    lane = await work.lane(lane_key(move.register_id), company_id=move.from_company_id)
    kkm = await store.kkm_of_lane(work, lane, move.register_id)
    if kkm is None or not kkm.state.is_active or kkm.state.block is Block.DECOMMISSIONED:
        return
    refuse_undelivered(kkm, lane)
    await _demand_position(work, move, kkm.state.version)
    enqueue_info(lane, kkm, purpose=INFO_PURPOSE_MOVE, more=_told(move, 1))
    payload.is_put_off = True


async def holder_told(desk: Desk, card: KkmCard, asked: Mapping[str, JSON]) -> None:
    """INFO was answered: the new company's BIN lets the move go on, in a transaction of its own."""
    move, _ = _read(asked)
    found = await company_cards(desk.work, [move.to_company_id])
    if card.org_bin == found[move.to_company_id].bin:
        lane = await _lane(desk.work, move, "move")
        lane.enqueue(FINISH_MOVE_JOB, _told(replace(move, with_registration=True), 1))
        desk.chronicle.note("holder_changed", {"kkm": desk.kkm.id, "bin": card.org_bin})
    else:
        await tell_of_move(desk.work, move, OTHER_BIN)


async def holder_unknown(desk: Desk, code: str, asked: Mapping[str, JSON]) -> None:
    """INFO was refused, or nobody answered: who waits is told, and silence is asked again."""
    move, asks = _read(asked)
    if not await tell_of_move(desk.work, move, code) or code != SILENT or asks >= ASKS_MAX:
        return
    lane = await _lane(desk.work, move, "move_ask")
    pause = min(ASK_AGAIN_MAX_MS, ASK_AGAIN_MS << min(asks - 1, 10))
    if not lane.length:  # else it is put off already
        lane.enqueue(ASK_MOVE_JOB, _told(move, asks + 1), due_ms=desk.work.now_ms + pause)


async def ask_again(work: Work, job: Job) -> None:
    """After a silence: the question once more, unless the move was given up or the KKM is at work."""
    move, asks = _read(job.body)
    if not await tell_of_move(work, move, SILENT):
        return
    lane = await work.lane(lane_key(move.register_id), company_id=move.from_company_id)
    kkm = await store.kkm_of_lane(work, lane, move.register_id)
    if kkm is None or kkm.state.block is Block.DECOMMISSIONED:
        return
    try:
        refuse_undelivered(kkm, lane)
    except Refusal as refusal:
        await tell_of_move(work, move, refusal.code)
        return
    enqueue_info(lane, kkm, purpose=INFO_PURPOSE_MOVE, more=_told(move, asks))


class FinishMoveJob:
    """JobHandler: the move is one transaction of its own, so that a refusal of any add-on undoes all of it
    and can still be told. After a crash it runs again, and finds nobody waiting any more if it was done.
    """

    async def prepare(self, work: Work, job: Job) -> tuple[Database, MoveWorkplace] | Settled:
        """What is to be done."""
        return work.database, _read(job.body)[0]

    async def perform(self, plan: tuple[Database, MoveWorkplace]) -> str | None:
        """Code of the refusal, if it was refused."""
        database, move = plan
        crash.point("fiscal_kz.before_finish_move")
        try:
            await database.transact(finish_move, move, principal=SYSTEM.within(move.from_company_id))
        except Refusal as refusal:
            return refusal.code
        crash.point("fiscal_kz.after_finish_move")
        return None

    async def settle(self, work: Work, job: Job, plan: object, result: str | None) -> Settled:
        """Tell who waits why it cannot be."""
        if result is not None:
            await tell_of_move(work, _read(job.body)[0], result)
        return DONE


async def _demand_position(work: Work, move: MoveWorkplace, version: int) -> None:
    with work.acting_as(as_guest(work.principal, move.to_company_id)) as there:
        outlet = await outlet_card(there, move.to_outlet_id)
    if version >= GEO_VERSION and (outlet.latitude_e4 is None or outlet.longitude_e4 is None):
        raise Refusal("KKM_GEO_REQUIRED", outlet=outlet.title)


async def _lane(work: Work, move: MoveWorkplace, kind: str) -> Lane:
    return await work.lane(f"{kind}:{move.register_id}", company_id=move.from_company_id)


def _told(move: MoveWorkplace, asks: int) -> dict[str, JSON]:
    return {
        "register": move.register_id,
        "from": move.from_company_id,
        "to": move.to_company_id,
        "outlet": move.to_outlet_id,
        "with_registration": move.with_registration,
        "asks": asks,
    }


def _read(body: Mapping[str, JSON]) -> tuple[MoveWorkplace, int]:
    move = MoveWorkplace(
        RegisterId(str(body["register"])),
        CompanyId(str(body["from"])),
        CompanyId(str(body["to"])),
        OutletId(str(body["outlet"])),
        with_registration=bool(body["with_registration"]),
    )
    return move, int(str(body["asks"]))
