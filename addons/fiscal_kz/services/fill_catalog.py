"""The OFD's list goes into the catalogue, a step in each transaction; what is there already writes nothing.

The list is read from the answer that was kept, so a step that runs again finds the same goods at the same
place. A good whose barcode another product has is left out and told: two cards for one thing help nobody.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from addons.catalog.api import (
    Aspect,
    SourceKey,
    known_digests,
    product_by_barcode,
    upsert_goods,
    upsert_groups,
)
from addons.fiscal_kz.domain.goods import OfdGood, goods_row, group_rows, source_of
from addons.fiscal_kz.services.nomenclature import (
    ASK_TOPIC,
    AskState,
    GoodsAsk,
    goods_ask,
    refuse_ask,
)
from addons.fiscal_kz.services.ports import Wire
from kernel.errors import Refusal
from kernel.jobs.policy import DONE, Again, Settled

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job

STEP = 500  # goods of one transaction
NOTES_MAX = 50  # goods left out that are told by name
TAKEN = "OFD_GOOD_IN_CATALOG"

_KEPT = """SELECT e.answer, k.profile FROM fkz_exchange e JOIN fkz_kkm k ON k.id = e.kkm_id
WHERE e.id = ? AND e.company_id = ?"""
_STEP = """UPDATE fkz_nomenclature SET place = ?, created = ?, updated = ?, unchanged = ?, skipped = ?,
notes = ?, state = ?, settled_ms = ? WHERE id = ? AND company_id = ?"""


async def fill_catalog(work: Work, job: Job) -> Settled:
    """The next step of a list."""
    ask = await goods_ask(work, str(job.body["ask"]))
    if ask is None or ask.state is not AskState.FILLING or ask.exchange_id is None:
        return DONE
    kept = await work.row(_KEPT, ask.exchange_id, work.company_id)
    told = None if kept is None else work.port(Wire).read_goods(base64.b64decode(kept["answer"]))
    if kept is None or told is None:
        await refuse_ask(work, work.company_id, ask.id, "OFD_GOODS_UNREADABLE")
        return DONE
    source = source_of(kept["profile"])
    if ask.place == 0 and told.groups:
        try:
            await upsert_groups(work, source, group_rows(told.groups))
        except Refusal as refusal:
            await refuse_ask(work, work.company_id, ask.id, refusal.code)
            return DONE
    return await _step(work, ask, source, told.goods)


async def _step(work: Work, ask: GoodsAsk, source: SourceKey, goods: Sequence[OfdGood]) -> Settled:
    piece = goods[ask.place : ask.place + STEP]
    place = ask.place + len(piece)
    left_out = await _known_elsewhere(work, source, piece)
    rows = [goods_row(each) for each in piece if each.id not in left_out]
    report = await upsert_goods(work, source, rows)
    notes = [*ask.notes, *((each.title, TAKEN) for each in piece if each.id in left_out), *report.skipped]
    is_over = place >= len(goods)
    await work.execute(
        _STEP,
        place,
        ask.created + len(report.created),
        ask.updated + report.updated,
        ask.unchanged + report.unchanged,
        ask.skipped + len(left_out) + len(report.skipped),
        orjson.dumps(notes[:NOTES_MAX]).decode(),
        (AskState.DONE if is_over else AskState.FILLING).value,
        work.now_ms if is_over else None,
        ask.id,
        work.company_id,
    )
    if not is_over:
        return Again(0)
    await work.audit("fiscal_kz.fill_catalog", f"register:{ask.register_id}", {"version": ask.version})
    work.notice(ASK_TOPIC, ask.id)
    return DONE


async def _known_elsewhere(work: Work, source: SourceKey, piece: Sequence[OfdGood]) -> set[int]:
    """Goods that are new to this source while a product of another has their barcode."""
    ours = await known_digests(work, source, [str(each.id) for each in piece], aspect=Aspect.CARD)
    found = set()
    for each in piece:
        is_new = str(each.id) not in ours
        if is_new and each.barcode and await product_by_barcode(work, each.barcode) is not None:
            found.add(each.id)
    return found
