"""One batch of a file in one transaction: what came before the rows, the rows, and offers that waited for
them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from addons.catalog.api import (
    Aspect,
    GoodsRow,
    GroupRow,
    PriceRow,
    SourceKey,
    StockRow,
    price_types_named,
    product_ids_of,
    take_source_groups,
    take_source_packs,
    take_source_prices,
    take_source_stock,
    upsert_goods,
    upsert_groups,
)
from addons.catalog_1c.domain.commands import ConnectionId, SessionId
from addons.catalog_1c.domain.encoding import price_types_text, properties_text
from addons.catalog_1c.domain.records import Extras, GroupRecord, PriceType
from addons.catalog_1c.domain.report import Note
from addons.catalog_1c.models import Connection
from addons.catalog_1c.services.awaited_pictures import await_pictures
from addons.catalog_1c.services.pending import PENDING_MAX, hold, release
from addons.catalog_1c.services.ports import Properties
from kernel.data.work import Work


@dataclass(frozen=True, slots=True)
class StoreBatch:
    """properties, price_types: everything known by now, None when nothing new was told. waiting: offers held
    before. would_create: of a dry run the goods it found to be new so far; None when rows are stored."""

    connection_id: ConnectionId
    session_id: SessionId
    groups: Sequence[GroupRecord]
    rows: Sequence[GoodsRow]
    waiting: int
    properties: Properties | None = None
    price_types: Sequence[PriceType] | None = None
    would_create: Set[str] | None = None
    extras: Mapping[str, Extras] = field(default_factory=dict)


class WouldBe(Exception):
    """Undoes the batch of a dry run and tells what would have become of it."""

    def __init__(self, outcome: BatchOutcome) -> None:
        super().__init__("dry run")
        self.outcome = outcome


@dataclass(slots=True)
class BatchOutcome:
    """What became of the rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    archived: int = 0
    new_ids: Sequence[str] = ()
    prices: int = 0
    stock: int = 0
    pictures_left: int = 0
    held: int = 0
    attached: int = 0
    groups_created: int = 0
    groups_updated: int = 0
    notes: list[Note] = field(default_factory=list)


async def store_batch(work: Work, command: StoreBatch) -> BatchOutcome:
    """Store the batch; every row ends in exactly one count of the outcome or in a note that says "skipped".

    Raises WouldBe in place of storing in a dry run.
    """
    source = SourceKey(command.connection_id)
    outcome = BatchOutcome()
    await _store_preamble(command)
    if command.groups:
        groups = await upsert_groups(work, source, [_group(each) for each in command.groups])
        outcome.groups_created, outcome.groups_updated = len(groups.created), groups.updated
        outcome.notes.extend(Note(code, external_id) for external_id, code in groups.notes)
    if command.rows:
        report = await upsert_goods(work, source, command.rows)
        outcome.created, outcome.updated = len(report.created), report.updated
        outcome.new_ids = report.created
        outcome.unchanged, outcome.archived = report.unchanged, report.archived
        outcome.notes.extend(Note(code, external_id) for external_id, code in report.notes)
        outcome.notes.extend(Note(code, external_id, is_skip=True) for external_id, code in report.skipped)
        await _hold_unknown(work, command, report.unknown, outcome)
        await _store_extras(work, source, command.extras, outcome)
        is_more = command.rows[0].aspect is Aspect.OFFER
        await _note_pictures(work, command, command.extras, outcome, is_more=is_more)
        if command.waiting and report.created:
            await _attach(work, command, report.created, outcome)
    if command.would_create is not None:
        raise WouldBe(outcome)
    return outcome


async def _store_extras(
    work: Work, source: SourceKey, extras: Mapping[str, Extras], outcome: BatchOutcome
) -> None:
    """Stock, further prices, packs and groups of the goods that are in the catalogue by now."""
    if not extras:
        return
    products = await product_ids_of(work, source, list(extras))
    known = [(products[key], each) for key, each in extras.items() if key in products]
    types = await price_types_named(work, (name for _, each in known for name, _ in each.prices))
    prices = [PriceRow(pid, price, types[name]) for pid, each in known for name, price in each.prices]
    stock = [StockRow(pid, outlet_id, amount) for pid, each in known for outlet_id, amount in each.stock]
    if prices:
        outcome.prices += await take_source_prices(work, source, prices)
    packs = {product_id: each.packs for product_id, each in known if each.packs}
    if packs:
        await take_source_packs(work, source, packs)
    groups = {product_id: each.groups for product_id, each in known if each.groups is not None}
    if groups:
        await take_source_groups(work, source, groups)
    if stock:
        outcome.stock += await take_source_stock(work, stock)


async def _note_pictures(
    work: Work, command: StoreBatch, extras: Mapping[str, Extras], outcome: BatchOutcome, *, is_more: bool
) -> None:
    """Which pictures goods or offers name; they are looked for once the file is read."""
    wanted = {key: each.pictures for key, each in extras.items() if each.pictures}
    if not wanted:
        return
    products = await product_ids_of(work, SourceKey(command.connection_id), list(wanted))
    known = {key: names for key, names in wanted.items() if key in products}
    left = await await_pictures(work, command.connection_id, command.session_id, known, is_more=is_more)
    outcome.pictures_left += len(left)
    outcome.notes.extend(left)


async def _store_preamble(command: StoreBatch) -> None:
    changes = {}
    if command.properties is not None:
        changes["properties"] = properties_text(command.properties)
    if command.price_types is not None:
        changes["price_types"] = price_types_text(command.price_types)
    if changes:
        await Connection.filter(id=command.connection_id).update(**changes)


async def _hold_unknown(
    work: Work, command: StoreBatch, unknown: Sequence[str], outcome: BatchOutcome
) -> None:
    if command.would_create:
        unknown = _without_new(command, unknown, outcome)
    if not unknown:
        return
    by_id = {row.external_id: row for row in command.rows}
    rows = [by_id[external_id] for external_id in unknown]
    room = max(0, PENDING_MAX - command.waiting)
    outcome.notes.extend(Note("C1C_PENDING_FULL", row.external_id, is_skip=True) for row in rows[room:])
    await hold(work, command.connection_id, rows[:room], command.extras)
    outcome.held = len(rows[:room])
    outcome.notes.extend(Note("C1C_OFFER_WAITS", row.external_id) for row in rows[:room])


def _without_new(command: StoreBatch, unknown: Sequence[str], outcome: BatchOutcome) -> list[str]:
    """Offers that would wait only because a dry run has not stored the goods before them."""
    assert command.would_create is not None
    left = []
    bases = {row.external_id: row.base_external_id for row in command.rows}
    for external_id in unknown:
        if external_id in command.would_create:
            outcome.updated += 1
        elif bases[external_id] in command.would_create:
            outcome.created += 1
        else:
            left.append(external_id)
    return left


async def _attach(work: Work, command: StoreBatch, created: Sequence[str], outcome: BatchOutcome) -> None:
    connection_id = command.connection_id
    offers, extras = await release(work, connection_id, created)
    if not offers:
        return
    report = await upsert_goods(work, SourceKey(connection_id), offers)
    outcome.attached = len(offers) - len(report.unknown)
    outcome.notes.extend(Note(code, external_id) for external_id, code in report.notes)
    still = set(report.unknown)
    await hold(work, connection_id, [offer for offer in offers if offer.external_id in still], extras)
    await _store_extras(work, SourceKey(connection_id), extras, outcome)
    await _note_pictures(work, command, extras, outcome, is_more=True)


def _group(record: GroupRecord) -> GroupRow:
    return GroupRow(
        external_id=record.external_id,
        name=record.name,
        parent_external_id=record.parent_id,
        is_deleted=record.is_deleted,
    )
