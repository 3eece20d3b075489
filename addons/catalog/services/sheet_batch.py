"""One batch of a sheet's rows: what would become of it, or storing it together with how far the import is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import orjson

from addons.catalog.domain.sheet_profile import SheetKey
from addons.catalog.domain.sheet_report import (
    PREVIEW_ROWS,
    PreviewRow,
    RowAction,
    SheetReport,
    SheetState,
    report_facts,
)
from addons.catalog.domain.sheet_row import CellFault, SheetRow
from addons.catalog.domain.source import PEOPLE, GoodsRow, Unset
from addons.catalog.services.sheet_groups import known_groups, make_groups, missing_groups
from addons.catalog.services.sheet_match import Matched, match_rows
from addons.catalog.services.upsert_goods import upsert_goods
from kernel.data.work import Work
from kernel.errors import Fault

IMPORT = "cat_sheet_import"
TOPIC = "catalog.sheet"  # notices: this import went on


class NoLonger(Fault):
    """The import was stopped, or another process works on it."""


@dataclass(slots=True)
class Batch:
    """Rows of a sheet between two places of it. faults: of rows that could not be read, a list for each."""

    import_id: str
    after_line: int
    until_line: int
    key: SheetKey
    does_make_groups: bool
    rows: list[SheetRow] = field(default_factory=list)
    faults: list[list[CellFault]] = field(default_factory=list)

    @property
    def read(self) -> int:
        """How many rows these are."""
        return len(self.rows) + len(self.faults)


async def try_batch(work: Work, batch: Batch, report: SheetReport) -> tuple[SheetReport, Sequence[int]]:
    """What would become of the batch, on top of the report of those before; and the codes of goods it names.

    Nothing of the catalogue is changed.
    """
    groups = await known_groups(work)
    matched = await match_rows(
        work, batch.rows, key=batch.key, groups=groups, are_groups_to_come=batch.does_make_groups
    )
    after = await _count(work, batch, matched, report, is_dry_run=True)
    await _went_on(work, batch, after, SheetState.CHECKING)
    return after, list(matched.codes.values())


async def store_batch(work: Work, batch: Batch, report: SheetReport) -> SheetReport:
    """Store the batch once, on top of the report of those before. Raises NoLonger when it is stored
    already."""
    made = 0
    groups = await known_groups(work)
    if batch.does_make_groups and (missing := missing_groups(groups, batch.rows)):
        made = await make_groups(work, missing)
        groups = await known_groups(work)
    matched = await match_rows(work, batch.rows, key=batch.key, groups=groups)
    after = await _count(work, batch, matched, report, is_dry_run=False)
    after.groups_made += made
    await _went_on(work, batch, after, SheetState.STORING)
    return after


async def _count(
    work: Work, batch: Batch, matched: Matched, before: SheetReport, *, is_dry_run: bool
) -> SheetReport:
    """Let the import of goods have the rows; the report with them. `before` is left as it is: a Work may run
    again."""
    report = _copy(before)
    report.read += batch.read
    for faults in batch.faults:
        report.fail(faults)
    for fault in matched.faults:
        report.fail([fault])
    done = await upsert_goods(work, PEOPLE, matched.goods, is_dry_run=is_dry_run)
    assert not done.skipped  # match_rows has refused what the import would leave out
    report.created += len(done.created)
    report.updated += done.updated
    report.unchanged += done.unchanged
    report.archived += done.archived
    if is_dry_run:
        _preview(report, matched, batch.faults)
    return report


def _preview(report: SheetReport, matched: Matched, unread: Sequence[Sequence[CellFault]]) -> None:
    if len(report.preview) >= PREVIEW_ROWS:
        return
    rows = [_shown(row, goods, matched) for row, goods in zip(matched.rows, matched.goods, strict=True)]
    rows += [
        PreviewRow(fault.line, RowAction.REFUSE, None, "", fault.cell, None, None)
        for fault in (*matched.faults, *(faults[0] for faults in unread))
    ]
    rows.sort(key=lambda row: row.line)
    report.preview.extend(rows[: PREVIEW_ROWS - len(report.preview)])


def _shown(row: SheetRow, goods: GoodsRow, matched: Matched) -> PreviewRow:
    before = matched.prices.get(row.line)
    return PreviewRow(
        line=row.line,
        action=RowAction.CREATE if goods.product_id is None else RowAction.UPDATE,
        code=matched.codes.get(row.line, row.code),
        barcode=row.first_barcode,
        name="" if isinstance(row.name, Unset) else row.name,
        price=None if isinstance(row.price, Unset) or row.price is None else str(row.price),
        before=None if before is None else str(before),
    )


async def _went_on(work: Work, batch: Batch, report: SheetReport, state: SheetState) -> None:
    is_ours = await work.execute(
        f"UPDATE {IMPORT} SET line = ?, report = ?, runs = 0, seen_ms = ?"
        " WHERE id = ? AND company_id = ? AND state = ? AND line = ?",
        batch.until_line,
        report_text(report),
        work.now_ms,
        batch.import_id,
        work.company_id,
        state.value,
        batch.after_line,
    )
    if not is_ours:
        raise NoLonger(f"import {batch.import_id} is not at row {batch.after_line}")
    work.notice(TOPIC, batch.import_id)


def report_text(report: SheetReport) -> str:
    """The report as its column holds it."""
    return orjson.dumps(report_facts(report)).decode()


def _copy(report: SheetReport) -> SheetReport:
    return replace(
        report, faults=list(report.faults), by_code=report.by_code.copy(), preview=list(report.preview)
    )
