"""Pages of the feed: full rows of what a view shows, and what may have left it, in the order of the feed.

A page is read once for all devices of a view that stand at the same place. Where a device stands, and whether
it may go on from there, belongs to feed_changes.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from addons.catalog.domain.feed import CHECK_PRIME, CHECK_SHARE_SQL, EntryKind
from addons.catalog.domain.view import register_price
from addons.catalog.services.feed_head import HEAD, Head
from addons.catalog.services.feed_view import FeedView, feed_view
from addons.catalog.services.tables import (
    BARCODE,
    BUNDLE,
    BUNDLE_LINE,
    BUNDLE_REGISTER,
    EXTRA_GROUP,
    GROUP,
    PRICE,
    PRODUCT,
    REGISTER_VIEW,
    in_lists,
)
from addons.catalog.services.view import IN_ASSORTMENT, PRICES_TO_COME_MAX
from kernel.data.work import Param, Reader, SqlRow
from kernel.money import Money
from kernel.values import value

ROWS_KEPT_MAX = 8_000  # of all pages of a process, about 4 KiB each
CHECKS_KEPT_MAX = 512  # one for each view
CHECK_REST = 9  # times what a check took: checks of a view take a tenth of the time at most
PASSED_OVER = 10  # entries looked at for one row, at most, where a register shows only a part

CARD_COLUMNS = (
    "code", "name", "name_kk", "characteristic", "article", "barcode", "group_id", "section", "price_tiyn",
    "vat_kind", "vat_bp", "unit_code", "unit_name", "ntin", "gtin", "is_marked", "is_price_editable",
    "discount_bp", "markup_bp", "base_id",
)  # fmt: skip
_IS_CARD_IN = f"p.is_archived = 0 AND ({IN_ASSORTMENT})"
_IS_BUNDLE_IN = f"""b.is_archived = 0 AND (b.is_everywhere = 1 OR EXISTS (
SELECT 1 FROM {BUNDLE_REGISTER} r WHERE r.bundle_id = b.id AND r.register_id = ?))"""
_PAGE = f"""
SELECT f.id, f.kind, f.seq, f.moved_seq, CASE f.kind
WHEN '{EntryKind.CARD}' THEN CASE WHEN {_IS_CARD_IN}
  THEN JSON_ARRAY({", ".join(f"p.{name}" for name in CARD_COLUMNS)}) END
WHEN '{EntryKind.BUNDLE}' THEN CASE WHEN {_IS_BUNDLE_IN} THEN JSON_ARRAY(b.name, b.name_kk, b.barcode) END
ELSE CASE WHEN g.is_archived = 0 THEN JSON_ARRAY(g.code, g.name, g.name_kk, g.parent_id) END
END AS row_text
FROM cat_feed f LEFT JOIN {PRODUCT} p ON p.id = f.id AND f.kind = '{EntryKind.CARD}'
LEFT JOIN {BUNDLE} b ON b.id = f.id AND f.kind = '{EntryKind.BUNDLE}'
LEFT JOIN {GROUP} g ON g.id = f.id AND f.kind = '{EntryKind.GROUP}'
LEFT JOIN {REGISTER_VIEW} v ON v.register_id = ?
WHERE f.company_id = ? AND f.seq > ? ORDER BY f.seq LIMIT ?"""
_BARCODES = f"""SELECT product_id, barcode, coefficient_thousandths FROM {BARCODE}
WHERE product_id IN ({{marks}}) ORDER BY product_id, place"""
_EXTRA = f"SELECT product_id, group_id FROM {EXTRA_GROUP} WHERE product_id IN ({{marks}}) ORDER BY group_id"
_PRICES = f"""SELECT product_id, price_type_id, from_ms, price_tiyn FROM {PRICE}
WHERE product_id IN ({{marks}}) AND price_type_id IN ('', ?) ORDER BY product_id, from_ms"""
_LINES = f"""SELECT bundle_id, product_id, quantity_thousandths FROM {BUNDLE_LINE}
WHERE bundle_id IN ({{marks}}) ORDER BY bundle_id, place"""
_CHECK = f"""
SELECT h.seq, t.n, t.total FROM {HEAD} h CROSS JOIN (
  SELECT COUNT(*) AS n, SUM({CHECK_SHARE_SQL.format(seq="s.seq")}) AS total FROM (
    SELECT f.seq FROM cat_feed f JOIN {PRODUCT} p ON p.id = f.id
    LEFT JOIN {REGISTER_VIEW} v ON v.register_id = ?
    WHERE f.company_id = ? AND f.kind = '{EntryKind.CARD}' AND {_IS_CARD_IN}
    UNION ALL
    SELECT f.seq FROM {BUNDLE} b JOIN cat_feed f ON f.id = b.id WHERE b.company_id = ? AND {_IS_BUNDLE_IN}
    UNION ALL
    SELECT f.seq FROM {GROUP} g JOIN cat_feed f ON f.id = g.id WHERE g.company_id = ? AND g.is_archived = 0
  ) s
) t WHERE h.company_id = ?"""


class RowMaker(Protocol):
    """Makes what devices get; rows of a page are made once and told to many."""

    def card(
        self,
        product_id: str,
        version: int,
        columns: Sequence[Any],
        *,
        group_ids: Sequence[str],
        barcodes: Sequence[tuple[str, int]],
        prices: Sequence[tuple[int | None, Money | None]],
    ) -> Any:
        """A card: columns as CARD_COLUMNS; barcodes with coefficients in thousandths; prices with the moment
        (epoch ms) from which each holds, None for the one that holds already."""
        ...

    def bundle(
        self, bundle_id: str, version: int, columns: Sequence[Any], lines: Sequence[tuple[str, int]]
    ) -> Any:
        """A package: name, name_kk, barcode; products with quantities in thousandths."""
        ...

    def group(self, group_id: str, version: int, columns: Sequence[Any]) -> Any:
        """A group: code, name, name_kk, parent_id."""
        ...

    def kept(self, rows: list[Any]) -> list[Any]:
        """All rows of one kind of a page, which will be told to many and never change."""
        ...


@value
class Gone:
    """Something the view does not show; it may have left it with the change of number moved_seq."""

    kind: EntryKind
    id: str
    moved_seq: int


@dataclass(slots=True)
class Page:
    """What follows a place in the feed. head_seq: the head before it was read; end_seq: up to where it goes;
    is_last: nothing followed when it was read."""

    head_seq: int
    end_seq: int
    is_last: bool
    cards: list[Any] = field(default_factory=list)
    bundles: list[Any] = field(default_factory=list)
    groups: list[Any] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)

    def serves(self, since: int, head_seq: int) -> bool:
        """Whether it is still right for a device that knows its view as of `since`."""
        return self.head_seq >= since and (not self.is_last or self.end_seq >= head_seq)

    def __len__(self) -> int:
        return len(self.cards) + len(self.bundles) + len(self.groups) + len(self.gone)


@value
class Check:
    """What a device that is up to date has: how many rows, and the sum over their versions."""

    seq: int
    count: int
    checksum: int


class FeedPages:
    """Pages and checks of one process. Keys begin with the epoch, which no two feeds share."""

    def __init__(self, rows: RowMaker) -> None:
        self._rows = rows
        self._pages: OrderedDict[tuple[str, str, str, int, int], Page] = OrderedDict()
        self._kept_rows = 0
        self._checks: OrderedDict[tuple[str, str, str], tuple[Check, float]] = OrderedDict()
        self._locks: dict[object, asyncio.Lock] = {}

    async def page(
        self, reader: Reader, view: FeedView, head: Head, *, after: int, since: int, limit: int
    ) -> Page:
        """What follows number `after` in the view, about `limit` rows, as it was at `since` or later: what
        left the view before is told to nobody who stands there, so no older page may bring it back.
        """
        key = (head.epoch, view.company_id, view.key, after, limit)
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                found = self._pages.get(key)
                if found is not None and found.serves(since, head.seq):
                    self._pages.move_to_end(key)
                    return found
                page = await read_page(reader, view, self._rows, head, after=after, limit=limit)
                if await _is_unchanged(reader, view):
                    self._keep(key, page)
                return page
        finally:
            if not lock.locked():
                self._locks.pop(key, None)

    async def check(self, reader: Reader, view: FeedView, head: Head) -> Check | None:
        """What a device of the view has at the head; None when that is not known now: the head has moved on,
        or checks of this view took their share of the time.
        """
        key = (head.epoch, view.company_id, view.key)
        lock = self._locks.setdefault(key, asyncio.Lock())
        clock = reader.database.clock
        try:
            async with lock:
                found, rest_until_s = self._checks.get(key, (None, 0.0))
                if (found is None or found.seq != head.seq) and clock.monotonic() >= rest_until_s:
                    begun_s = clock.monotonic()
                    found = await read_check(reader, view)
                    now_s = clock.monotonic()
                    if await _is_unchanged(reader, view):
                        self._checks[key] = found, now_s + (now_s - begun_s) * CHECK_REST
                        self._checks.move_to_end(key)
                        while len(self._checks) > CHECKS_KEPT_MAX:
                            self._checks.popitem(last=False)
        finally:
            if not lock.locked():
                self._locks.pop(key, None)
        return found if found is not None and found.seq == head.seq else None

    def _keep(self, key: tuple[str, str, str, int, int], page: Page) -> None:
        before = self._pages.pop(key, None)
        self._kept_rows += len(page) - (len(before) if before is not None else 0)
        self._pages[key] = page
        while self._kept_rows > ROWS_KEPT_MAX and len(self._pages) > 1:
            _, oldest = self._pages.popitem(last=False)
            self._kept_rows -= len(oldest)


async def _is_unchanged(reader: Reader, view: FeedView) -> bool:
    """Whether what was just read is of this very view, and may be told to others of it."""
    now, _ = await feed_view(reader, view.register_id)
    return now.key == view.key


async def read_page(
    reader: Reader, view: FeedView, make: RowMaker, head: Head, *, after: int, limit: int
) -> Page:
    """Read a page, in two round trips."""
    looked_at = limit if view.rules.is_all_goods else limit * PASSED_OVER
    register_id = view.register_id
    entries = await reader.rows(
        _PAGE, register_id, register_id, register_id, view.company_id, after, looked_at
    )
    shown: list[SqlRow] = []
    page = Page(head.seq, head.seq, is_last=len(entries) < looked_at)
    for entry in entries:
        if entry["row_text"] is None:
            page.gone.append(Gone(EntryKind(entry["kind"]), entry["id"], entry["moved_seq"]))
        elif len(shown) == limit:
            page.is_last = False
            break
        else:
            shown.append(entry)
        page.end_seq = entry["seq"]
    if page.is_last:  # the head was read before: nothing up to there is missing, even if it was compacted
        page.end_seq = max(page.end_seq, head.seq)
    await _fill(reader, view, make, page, shown)
    return page


async def read_check(reader: Reader, view: FeedView) -> Check:
    """Count and sum in one statement, so that both are of one moment; it looks at the whole catalogue."""
    register_id, company_id = view.register_id, view.company_id
    (row,) = await reader.rows_aside(
        _CHECK, register_id, company_id, register_id, company_id, register_id, company_id, company_id
    )
    return Check(int(row["seq"]), int(row["n"]), int(row["total"] or 0) % CHECK_PRIME)


async def _fill(reader: Reader, view: FeedView, make: RowMaker, page: Page, shown: list[SqlRow]) -> None:
    cards = [entry["id"] for entry in shown if entry["kind"] == EntryKind.CARD]
    bundles = [entry["id"] for entry in shown if entry["kind"] == EntryKind.BUNDLE]
    price_type_id = view.rules.price_type_id or ""
    barcodes, extra, price_rows, lines = await _details(
        reader,
        (_BARCODES, cards, ()),
        (_EXTRA, cards, ()),
        (_PRICES, cards, (price_type_id,)),
        (_LINES, bundles, ()),
    )
    codes = _grouped(barcodes, "product_id", lambda row: (row["barcode"], row["coefficient_thousandths"]))
    groups = _grouped(extra, "product_id", lambda row: row["group_id"])
    prices = _grouped(price_rows, "product_id", lambda row: row)
    parts = _grouped(lines, "bundle_id", lambda row: (row["product_id"], row["quantity_thousandths"]))
    now_ms = reader.now_ms
    for entry in shown:
        key, version, columns = entry["id"], entry["seq"], orjson.loads(entry["row_text"])
        if entry["kind"] == EntryKind.CARD:
            first = columns[_GROUP]
            card = make.card(
                key,
                version,
                columns,
                group_ids=[*([first] if first else ()), *groups.get(key, ())],
                barcodes=codes.get(key, ()),
                prices=_prices(view, columns[_PRICE], prices.get(key, ()), now_ms),
            )
            page.cards.append(card)
        elif entry["kind"] == EntryKind.BUNDLE:
            page.bundles.append(make.bundle(key, version, columns, parts.get(key, ())))
        else:
            page.groups.append(make.group(key, version, columns))
    page.cards, page.bundles, page.groups = map(make.kept, (page.cards, page.bundles, page.groups))


_GROUP, _PRICE = CARD_COLUMNS.index("group_id"), CARD_COLUMNS.index("price_tiyn")
_Asked = tuple[str, Sequence[str], Sequence[Param]]


async def _details(reader: Reader, *asked: _Asked) -> list[list[SqlRow]]:
    """Rows of each question about many ids, all in one round trip."""
    questions: list[tuple[str, Sequence[Param]]] = []
    places: list[int] = []
    for place, (sql, ids, after) in enumerate(asked):
        for marks, piece in in_lists(ids):
            questions.append((sql.replace("{marks}", marks), [*piece, *after]))
            places.append(place)
    found: list[list[SqlRow]] = [[] for _ in asked]
    if questions:
        for place, rows in zip(places, await reader.together(*questions), strict=True):
            found[place].extend(rows)
    return found


def _grouped(rows: Iterable[SqlRow], key: str, what: Callable[[SqlRow], Any]) -> Mapping[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(what(row))
    return found


def _prices(
    view: FeedView, price_tiyn: int | None, rows: Sequence[SqlRow], now_ms: int
) -> list[tuple[int | None, Money | None]]:
    """The price that holds and those to come, at most PRICES_TO_COME_MAX of them, by the register's rules."""
    rules = view.rules
    ordinary = None if price_tiyn is None else Money(price_tiyn)
    of_type: Money | None = None
    known: list[tuple[int | None, Money | None]] = [
        (None, register_price(ordinary, None, rules.percent_bp, rules.step_tiyn))
    ]
    for row in rows:
        price = None if row["price_tiyn"] is None else Money(row["price_tiyn"])
        if row["price_type_id"]:
            of_type = price
        else:
            ordinary = price
        asked = register_price(ordinary, of_type, rules.percent_bp, rules.step_tiyn)
        if row["from_ms"] <= now_ms:
            known = [(None, asked)]
        elif len(known) <= PRICES_TO_COME_MAX:
            known.append((row["from_ms"], asked))
    return known
