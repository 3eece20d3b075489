"""Goods of the OFD: asked for in the register's lane, answered with the whole list or one good by barcode.

COMMAND_NOMENCLATURE (CPCR 2.0.2 §3.9) changes nothing at the OFD and does not renew the token, but it carries
TOKEN and REQNUM like every request, so it waits for its turn behind the documents. A whole list is filled
into the catalogue in steps of its own (services/fill_catalog.py); one good is taken when a person says so.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import orjson

from addons.catalog.api import (
    Aspect,
    known_digests,
    product_by_barcode,
    upsert_goods,
)
from addons.fiscal_kz.domain.codes import NO_SUCH_BARCODE_203, NO_SUCH_COMMAND
from addons.fiscal_kz.domain.commands import AskGoods, TakeGood
from addons.fiscal_kz.domain.engine_accept import block_refusal
from addons.fiscal_kz.domain.goods import GoodsResult, OfdGood, OfdGoods, goods_row, source_of
from addons.fiscal_kz.domain.kinds import Block
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.jobs import enqueue_nomenclature, lane_key
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from addons.fiscal_kz.domain.effects import Rejected
    from addons.fiscal_kz.services.desk import Desk
    from addons.fiscal_kz.services.ports import OfdAnswered
    from addons.fiscal_kz.services.records import DocumentRecord
    from kernel.data.work import Reader, SqlRow, Work

EDIT_CATALOG = "catalog.edit"
ASK_TOPIC = "ofd_goods"  # notices: id of the ask that was answered or filled
FILL_JOB = "fiscal_kz.fill_catalog"
SINCE_VERSION = 203  # one good by barcode
SHOWN_MAX = 20  # asks of a register, newest first
KEPT_MS = 30 * 24 * 3_600_000  # answers about single goods

_COLUMNS = """id, register_id, kkm_id, barcode, state, reject_code, version, exchange_id, place, total,
created, updated, unchanged, skipped, notes, found, product_id, asked_ms, settled_ms"""
_BY_ID = f"SELECT {_COLUMNS} FROM fkz_nomenclature WHERE id = ? AND company_id = ?"
_LAST = f"""SELECT {_COLUMNS} FROM fkz_nomenclature WHERE kkm_id = ? AND company_id = ?
ORDER BY asked_ms DESC, id DESC LIMIT ?"""
_PENDING = """SELECT id FROM fkz_nomenclature
WHERE kkm_id = ? AND company_id = ? AND state IN ('ASKED', 'FILLING') LIMIT 1"""
_LOADED = """SELECT version, settled_ms FROM fkz_nomenclature
WHERE kkm_id = ? AND company_id = ? AND barcode IS NULL AND state = 'DONE'
ORDER BY asked_ms DESC, id DESC LIMIT 1"""
_FORGET = """DELETE FROM fkz_nomenclature
WHERE kkm_id = ? AND company_id = ? AND barcode IS NOT NULL AND asked_ms < ?"""
_REFUSE = """UPDATE fkz_nomenclature SET state = 'REFUSED', reject_code = ?, settled_ms = ?
WHERE id = ? AND company_id = ?"""
_ANSWER = """UPDATE fkz_nomenclature SET state = ?, version = ?, exchange_id = ?, total = ?, found = ?,
product_id = ?, settled_ms = ? WHERE id = ? AND company_id = ?"""
_TAKE = "UPDATE fkz_nomenclature SET product_id = ? WHERE id = ? AND company_id = ?"


class AskState(StrEnum):
    """How far an ask has come."""

    ASKED = "ASKED"  # waits for its turn or for the OFD
    FILLING = "FILLING"  # the list is here and goes into the catalogue
    DONE = "DONE"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class GoodsAsk:
    """A row; see models.NomenclatureAsk. notes: (title, code) of goods that were left out."""

    id: str
    register_id: str
    kkm_id: str
    barcode: str | None
    state: AskState
    reject_code: str | None
    version: int | None
    exchange_id: str | None
    place: int
    total: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    notes: tuple[tuple[str, str], ...]
    found: OfdGood | None
    product_id: str | None
    asked_ms: int
    settled_ms: int | None


@dataclass(frozen=True, slots=True)
class LoadedGoods:
    """What a register has of its OFD's goods. version 0: nothing was filled in yet."""

    version: int
    loaded_ms: int | None
    asks: tuple[GoodsAsk, ...]


async def ask_goods(work: Work, command: AskGoods) -> str:
    """Ask the OFD for its list, or for one good; id of the ask.

    Raises Refusal: KKM_NOT_ACTIVE, KKM_OFFLINE, why it is blocked, OFD_GOODS_PENDING, OFD_BARCODE_MALFORMED,
    OFD_BARCODE_UNSUPPORTED (before 2.0.3).
    """
    work.principal.require(EDIT_CATALOG)
    work.principal.require_register(command.register_id)
    command.check()
    lane = await work.lane(lane_key(command.register_id), company_id=work.company_id)
    kkm = await store.kkm_of_lane(work, lane, command.register_id)
    if kkm is None or not kkm.state.is_active:
        raise Refusal("KKM_NOT_ACTIVE", field="registerId")
    refusal = block_refusal(kkm.state)
    if refusal is not None and kkm.state.block is not Block.PROGRAMMING:
        raise Refusal(refusal, field="registerId")
    if kkm.state.is_autonomous:
        raise Refusal("KKM_OFFLINE", field="registerId")
    if command.barcode is not None and kkm.state.version < SINCE_VERSION:
        raise Refusal("OFD_BARCODE_UNSUPPORTED", field="barcode")
    if await work.row(_PENDING, kkm.id, work.company_id) is not None:
        raise Refusal("OFD_GOODS_PENDING", field="registerId")
    await work.execute(_FORGET, kkm.id, work.company_id, work.now_ms - KEPT_MS)
    ask_id = new_id()
    await work.insert(
        "fkz_nomenclature",
        {
            "id": ask_id,
            "company_id": work.company_id,
            "register_id": command.register_id,
            "kkm_id": kkm.id,
            "barcode": command.barcode,
            "state": AskState.ASKED.value,
            "place": 0, "total": 0, "created": 0, "updated": 0, "unchanged": 0, "skipped": 0,
            "notes": "[]",
            "asked_ms": work.now_ms,
        },
    )  # fmt: skip
    enqueue_nomenclature(lane, kkm, ask_id)
    return ask_id


async def goods_request(desk: Desk, record: DocumentRecord) -> bytes:
    """The bytes of the question: the version this register has, or the barcode."""
    company_id = desk.kkm.company_id
    row = await desk.work.row(_BY_ID, record.id, company_id)
    barcode = None if row is None else row["barcode"]
    loaded = await desk.work.row(_LOADED, desk.kkm.id, company_id)
    version = 0 if loaded is None else loaded["version"] or 0
    return desk.wire.goods(
        desk.kkm.card, loaded_version=version, barcode=barcode or "", version=desk.state.version
    )


async def goods_answered(desk: Desk, ask_id: str, exchange_id: str, answer: OfdAnswered) -> None:
    """The OFD answered with a list. A whole one is filled in by a job of its own: the register is free."""
    work, company_id = desk.work, desk.kkm.company_id
    row = await work.row(_BY_ID, ask_id, company_id)
    told = desk.wire.read_goods(answer.payload)
    if row is None:
        return
    refusal = _objection(told, row["barcode"])
    if refusal is not None or told is None:
        await refuse_ask(work, company_id, ask_id, refusal or "OFD_GOODS_UNREADABLE")
        return
    is_list = row["barcode"] is None
    is_filled = is_list and told.result is GoodsResult.FOUND and bool(told.goods)
    good = None if is_list else told.goods[0]
    known = None if good is None else await product_by_barcode(work, row["barcode"])
    await work.execute(
        _ANSWER,
        (AskState.FILLING if is_filled else AskState.DONE).value,
        told.version,
        exchange_id,
        len(told.goods) if is_list else 0,
        None if good is None else orjson.dumps(asdict(good)).decode(),
        None if known is None else known.id,
        None if is_filled else work.now_ms,
        ask_id,
        company_id,
    )
    if is_filled:
        lane = await work.lane(f"nomenclature:{company_id}", company_id=company_id)
        lane.enqueue(FILL_JOB, {"ask": ask_id})
    else:
        work.notice(ASK_TOPIC, ask_id)


async def goods_refused(desk: Desk, ask_id: str, rejected: Rejected) -> None:
    """The OFD said no, kept silent, or was not asked because the register may not."""
    code, result_code = rejected.code, rejected.result_code
    if result_code in NO_SUCH_COMMAND:
        code = "OFD_GOODS_UNSUPPORTED"
    elif result_code == NO_SUCH_BARCODE_203 and desk.state.version == SINCE_VERSION:
        code = "OFD_GOOD_UNKNOWN"
    await refuse_ask(desk.work, desk.kkm.company_id, ask_id, code)


async def refuse_ask(work: Work, company_id: str, ask_id: str, code: str) -> None:
    """The ask brought nothing, for this reason."""
    await work.execute(_REFUSE, code, work.now_ms, ask_id, company_id)
    work.notice(ASK_TOPIC, ask_id)


async def take_good(work: Work, command: TakeGood) -> str:
    """Put the good that was found into the catalogue; id of the product. Twice is once.

    Raises Refusal: OFD_ASK_UNKNOWN, OFD_GOOD_NOT_FOUND (nothing was found by that ask), OFD_GOOD_IN_CATALOG
    (another product has the barcode).
    """
    work.principal.require(EDIT_CATALOG)
    ask = await goods_ask(work, command.ask_id)
    if ask is None:
        raise Refusal("OFD_ASK_UNKNOWN", field="askId")
    if ask.found is None or ask.barcode is None:
        raise Refusal("OFD_GOOD_NOT_FOUND", field="askId")
    lane = await work.lane(lane_key(ask.register_id), company_id=work.company_id)
    kkm = await store.kkm_of_lane(work, lane, ask.register_id)
    if kkm is None:
        raise Refusal("KKM_NOT_ACTIVE", field="askId")
    source, row = source_of(kkm.profile), goods_row(ask.found)
    ours = await known_digests(work, source, [row.external_id], aspect=Aspect.CARD)
    present = await product_by_barcode(work, ask.barcode)
    if present is not None and not ours:
        raise Refusal("OFD_GOOD_IN_CATALOG", field="askId", code=present.code, name=present.name)
    await upsert_goods(work, source, [row])
    taken = await product_by_barcode(work, ask.barcode)
    assert taken is not None, "its barcode was written a moment ago"
    await work.execute(_TAKE, taken.id, ask.id, work.company_id)
    await work.audit("fiscal_kz.take_good", f"product:{taken.id}", {"barcode": ask.barcode})
    return taken.id


async def goods_ask(reader: Reader, ask_id: str) -> GoodsAsk | None:
    """One ask of a register the caller may see."""
    row = await reader.row(_BY_ID, ask_id, reader.company_id)
    if row is None:
        return None
    reader.principal.require_register(row["register_id"])
    return _ask(row)


async def loaded_goods(reader: Reader, register_id: str) -> LoadedGoods:
    """What a register has of its OFD's goods, and its last asks.

    Raises Refusal: REGISTER_FORBIDDEN, KKM_NOT_ACTIVE.
    """
    reader.principal.require_register(register_id)
    kkm = await store.kkm_of_register(reader, register_id)
    if kkm is None:
        raise Refusal("KKM_NOT_ACTIVE", field="registerId")
    company_id = reader.company_id
    loaded = await reader.row(_LOADED, kkm.id, company_id)
    rows = await reader.rows(_LAST, kkm.id, company_id, SHOWN_MAX)
    return LoadedGoods(
        version=0 if loaded is None else loaded["version"] or 0,
        loaded_ms=None if loaded is None else loaded["settled_ms"],
        asks=tuple(_ask(row) for row in rows),
    )


def _objection(told: OfdGoods | None, barcode: str | None) -> str | None:
    """Why an answer brings nothing, or None."""
    if told is None:
        return "OFD_GOODS_UNREADABLE"
    if told.result is GoodsResult.UNKNOWN_BARCODE or (barcode is not None and not told.goods):
        return "OFD_GOOD_UNKNOWN"
    if barcode is not None and told.goods[0].barcode != barcode:
        return "OFD_GOOD_UNKNOWN"  # an OFD that does not know the search answers with its list
    return "OFD_GOODS_NONE" if told.result is GoodsResult.NO_VERSION else None


def _ask(row: SqlRow) -> GoodsAsk:
    facts = dict(row)
    found = facts.pop("found")
    facts["state"] = AskState(facts["state"])
    facts["notes"] = tuple((title, code) for title, code in orjson.loads(facts["notes"]))
    return GoodsAsk(found=None if found is None else OfdGood(**orjson.loads(found)), **facts)
