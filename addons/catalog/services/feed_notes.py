"""What a writer tells the change feed: these cards are other now. Reading the feed does not belong here.

Numbers are given out in the last step of a Work, under the lock of the company's head row: so they rise in
the order of commits and a reader never passes one that is still to come, also with many writers on a server,
who hold that lock for two short statements each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import IntEnum

from addons.catalog.domain.feed import EntryKind
from addons.catalog.services.feed_head import advance_head, ensure_feed
from addons.catalog.services.tables import select_in
from kernel.data.work import Work

FEED = "cat_feed"
FEED_COLUMNS = ("id", "company_id", "kind", "seq", "moved_seq", "is_out", "at_ms")
FEED_TOPIC = "catalog.feed"  # notices carry the id of the company

_TABLES = {EntryKind.CARD: "cat_product", EntryKind.BUNDLE: "cat_bundle", EntryKind.GROUP: "cat_group"}
_INSERT = f"INSERT INTO {FEED} ({', '.join(FEED_COLUMNS)}) VALUES ({', '.join('?' * len(FEED_COLUMNS))})"
_UPSERT = {
    "sqlite": f"{_INSERT} ON CONFLICT(id) DO UPDATE SET seq=excluded.seq,"
    " moved_seq=MAX(moved_seq, excluded.moved_seq), at_ms=excluded.at_ms,"
    " is_out=CASE WHEN excluded.moved_seq > 0 THEN excluded.is_out ELSE is_out END",
    "mysql": f"{_INSERT} ON DUPLICATE KEY UPDATE seq=VALUES(seq),"
    " moved_seq=GREATEST(moved_seq, VALUES(moved_seq)), at_ms=VALUES(at_ms),"
    " is_out=CASE WHEN VALUES(moved_seq) > 0 THEN VALUES(is_out) ELSE is_out END",
}


async def note_cards(
    work: Work,
    product_ids: Iterable[str],
    *,
    is_moved: bool = True,
    archived: Collection[str] | None = None,
) -> None:
    """These products of the principal's company are new or other than before: name, price, barcodes, groups…

    Call it in the Work that writes them, before or after, as often as you like. is_moved False: it surely was
    there before, archived as now or not, in the same groups and at the same registers. archived: which of
    them are archived, for who knows; None: it is looked up.
    """
    work.at_end(Stamping).add(
        work.company_id, EntryKind.CARD, product_ids, is_moved=is_moved, archived=archived
    )


async def note_bundles(work: Work, bundle_ids: Iterable[str]) -> None:
    """These packages are new or other than before: name, barcode, lines, registers, archived."""
    _note(work, EntryKind.BUNDLE, bundle_ids)


async def note_groups(work: Work, group_ids: Iterable[str]) -> None:
    """These groups are new or other than before.

    One that got another parent takes its goods along: note_cards for all products in and below it too.
    """
    _note(work, EntryKind.GROUP, group_ids)


async def note_view(work: Work, register_id: str) -> None:
    """The register sees the catalogue otherwise now: assortment, percent, rounding, price type, own goods.

    Devices of the register find that out by themselves at their next question; this makes them ask.
    """
    assert register_id
    work.notice(FEED_TOPIC, work.company_id)


def _note(work: Work, kind: EntryKind, ids: Iterable[str]) -> None:
    work.at_end(Stamping).add(work.company_id, kind, ids, is_moved=True, archived=None)


class _Place(IntEnum):
    """What is known of an entry's place at the end of the Work."""

    AS_BEFORE = 0
    UNKNOWN = 1
    IN_SALE = 2
    ARCHIVED = 3


class Stamping:
    """The last step of a Work that changed cards: numbers them all at once."""

    def __init__(self) -> None:
        self._noted: dict[str, dict[EntryKind, dict[str, _Place]]] = {}

    def add(
        self,
        company_id: str,
        kind: EntryKind,
        ids: Iterable[str],
        *,
        is_moved: bool,
        archived: Collection[str] | None,
    ) -> None:
        """Remember; what was once moved stays so, what has to be looked up too."""
        noted = self._noted.setdefault(company_id, {}).setdefault(kind, {})
        known = _Place.UNKNOWN if archived is None else _Place.IN_SALE
        for each in ids:
            if not is_moved:
                noted.setdefault(each, _Place.AS_BEFORE)
            elif noted.get(each) is not _Place.UNKNOWN:
                noted[each] = _Place.ARCHIVED if archived and each in archived else known

    async def run(self, work: Work) -> None:
        """See kernel.data.work.LastStep."""
        for company_id, kinds in sorted(self._noted.items()):
            count = sum(map(len, kinds.values()))
            if not count:
                continue
            for kind, noted in kinds.items():
                await _look_up(work, company_id, kind, noted)
            await ensure_feed(work, company_id)
            last = await advance_head(work, company_id, count)
            numbers = iter(range(last - count + 1, last + 1))
            rows = (
                (
                    each,
                    company_id,
                    kind.value,
                    seq := next(numbers),
                    seq if place else 0,
                    int(place is _Place.ARCHIVED),
                    work.now_ms,
                )
                for kind, noted in kinds.items()
                for each, place in noted.items()
            )
            await work.execute_many(_UPSERT[work.dialect], rows)
            work.notice(FEED_TOPIC, company_id)


async def _look_up(work: Work, company_id: str, kind: EntryKind, noted: dict[str, _Place]) -> None:
    """Which of those whose place is unknown are archived."""
    unknown = [each for each, place in noted.items() if place is _Place.UNKNOWN]
    if not unknown:
        return
    sql = f"SELECT id FROM {_TABLES[kind]} WHERE company_id = ? AND is_archived = 1 AND id IN ({{marks}})"
    for row in await select_in(work, sql, unknown, before=[company_id]):
        noted[row["id"]] = _Place.ARCHIVED
