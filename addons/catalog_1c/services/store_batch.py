"""One batch of a file in one transaction: what came before the rows, the rows, and offers that waited for
them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from addons.catalog.api import GoodsRow, GroupRow, SourceKey, upsert_goods, upsert_groups
from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.domain.encoding import price_types_text, properties_text
from addons.catalog_1c.domain.records import GroupRecord, PriceType
from addons.catalog_1c.domain.report import Note
from addons.catalog_1c.models import Connection
from addons.catalog_1c.services.pending import PENDING_MAX, hold, release
from addons.catalog_1c.services.ports import Properties
from kernel.data.work import Work


@dataclass(frozen=True, slots=True)
class StoreBatch:
    """properties, price_types: everything known by now, None when nothing new was told. waiting: offers held
    before."""

    connection_id: ConnectionId
    groups: Sequence[GroupRecord]
    rows: Sequence[GoodsRow]
    waiting: int
    properties: Properties | None = None
    price_types: Sequence[PriceType] | None = None


@dataclass(slots=True)
class BatchOutcome:
    """What became of the rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    archived: int = 0
    held: int = 0
    attached: int = 0
    groups_created: int = 0
    groups_updated: int = 0
    notes: list[Note] = field(default_factory=list)


async def store_batch(work: Work, command: StoreBatch) -> BatchOutcome:
    """Store the batch; every row ends in exactly one count of the outcome or in a note that says
    "skipped"."""
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
        outcome.unchanged, outcome.archived = report.unchanged, report.archived
        outcome.notes.extend(Note(code, external_id) for external_id, code in report.notes)
        outcome.notes.extend(Note(code, external_id, is_skip=True) for external_id, code in report.skipped)
        await _hold_unknown(work, command, report.unknown, outcome)
        if command.waiting and report.created:
            await _attach(work, command.connection_id, report.created, outcome)
    return outcome


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
    if not unknown:
        return
    by_id = {row.external_id: row for row in command.rows}
    rows = [by_id[external_id] for external_id in unknown]
    room = max(0, PENDING_MAX - command.waiting)
    outcome.notes.extend(Note("C1C_PENDING_FULL", row.external_id, is_skip=True) for row in rows[room:])
    await hold(work, command.connection_id, rows[:room])
    outcome.held = len(rows[:room])
    outcome.notes.extend(Note("C1C_OFFER_WAITS", row.external_id) for row in rows[:room])


async def _attach(
    work: Work, connection_id: ConnectionId, created: Sequence[str], outcome: BatchOutcome
) -> None:
    offers = await release(work, connection_id, created)
    if not offers:
        return
    report = await upsert_goods(work, SourceKey(connection_id), offers)
    outcome.attached = len(offers) - len(report.unknown)
    outcome.notes.extend(Note(code, external_id) for external_id, code in report.notes)
    still = set(report.unknown)
    await hold(work, connection_id, [offer for offer in offers if offer.external_id in still])


def _group(record: GroupRecord) -> GroupRow:
    return GroupRow(
        external_id=record.external_id,
        name=record.name,
        parent_external_id=record.parent_id,
        is_deleted=record.is_deleted,
    )
