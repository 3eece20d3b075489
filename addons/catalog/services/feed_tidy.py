"""What time does to the feed and to orders: old tombstones go, orders nobody finished fail."""

from __future__ import annotations

from itertools import takewhile

from addons.catalog.domain.exchange import ExchangeState, FailReason
from addons.catalog.services.exchange_rows import IS_OPEN, SELECT_EXCHANGE, exchange_row, fail_exchange
from addons.catalog.services.feed_head import HEAD
from addons.catalog.services.tables import in_lists
from addons.catalog.settings import CatalogSettings
from kernel.data.work import Work
from kernel.ids import CompanyId
from kernel.security.principal import SYSTEM

DAY_MS = 86_400_000
COMPANIES_MAX = 50  # compacted in one Work; the next run goes on
ENTRIES_MAX = 5_000  # of one company, likewise
ORDERS_MAX = 500  # failed in one Work
ORDERS_KEPT_DAYS = 90

# What is behind tidied_seq was looked through; what is changed later gets a higher number.
_HEADS = f"""SELECT company_id, tidied_seq FROM {HEAD} h WHERE (
SELECT f.at_ms FROM cat_feed f WHERE f.company_id = h.company_id AND f.seq > h.tidied_seq
ORDER BY f.seq LIMIT 1) < ? ORDER BY company_id LIMIT {COMPANIES_MAX}"""
_NEXT = """SELECT id, seq, is_out, at_ms FROM cat_feed WHERE company_id = ? AND seq > ?
ORDER BY seq LIMIT ?"""
_GREATEST = {"sqlite": "MAX", "mysql": "GREATEST"}
_OVERDUE = f"{SELECT_EXCHANGE} WHERE {IS_OPEN} AND until_ms < ? ORDER BY until_ms LIMIT ?"


async def compact_feed(work: Work) -> None:
    """Forget archived cards whose change is older than catalog.feed_kept_days.

    A device that was away for longer loads everything anew; for others nothing changes.
    """
    before_ms = work.now_ms - work.settings(CatalogSettings).feed_kept_days * DAY_MS
    for head in await work.rows(_HEADS, before_ms):
        await _compact(work, head["company_id"], head["tidied_seq"], before_ms)


async def _compact(work: Work, company_id: str, tidied_seq: int, before_ms: int) -> None:
    found = await work.rows(_NEXT, company_id, tidied_seq, ENTRIES_MAX)
    old = list(takewhile(lambda row: row["at_ms"] < before_ms, found))
    if not old:
        return
    gone = [row for row in old if row["is_out"]]
    floor_seq = max((row["seq"] for row in gone), default=0)
    await work.execute(
        f"UPDATE {HEAD} SET tidied_seq = ?, floor_seq = {_GREATEST[work.dialect]}(floor_seq, ?)"
        " WHERE company_id = ?",
        old[-1]["seq"],
        floor_seq,
        company_id,
    )
    for marks, piece in in_lists(row["id"] for row in gone):
        await work.execute(
            f"DELETE FROM cat_feed WHERE is_out = 1 AND at_ms < ? AND id IN ({marks})", before_ms, *piece
        )


async def fail_overdue(work: Work) -> None:
    """Close orders that no device took, or that one took and did not finish in time; forget very old ones."""
    for row in await work.rows(_OVERDUE, work.now_ms, ORDERS_MAX):
        exchange = exchange_row(row)
        is_silent = exchange.state is ExchangeState.WAITING
        reason = FailReason.DEVICE_SILENT if is_silent else FailReason.DEVICE_SLOW
        with work.acting_as(SYSTEM.within(CompanyId(row["company_id"]))) as inner:
            await fail_exchange(inner, exchange, reason)
    before_ms = work.now_ms - ORDERS_KEPT_DAYS * DAY_MS
    await work.execute("DELETE FROM cat_exchange WHERE until_ms < ? AND ended_ms IS NOT NULL", before_ms)
