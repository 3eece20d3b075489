"""How far behind a device is, for the people who look after it and for the device itself."""

from __future__ import annotations

from collections.abc import Sequence

from addons.catalog.services.feed_head import Head
from kernel.data.work import Reader
from kernel.values import value

WAITING_COUNT_MAX = 10_000  # more are not counted
_BEHIND = f"""SELECT
(SELECT COUNT(*) FROM
  (SELECT 1 FROM cat_feed WHERE company_id = ? AND seq > ? LIMIT {WAITING_COUNT_MAX}) w) AS n,
(SELECT at_ms FROM cat_feed WHERE company_id = ? AND seq > ? ORDER BY seq LIMIT 1) AS oldest_ms"""


@value
class Lag:
    """waiting_count: cards, packages and groups of the company that changed since, at most WAITING_COUNT_MAX;
    since_ms: when the oldest of them did, None when there is none."""

    waiting_count: int
    since_ms: int | None


async def lags(reader: Reader, head: Head | None, places: Sequence[tuple[str, int]]) -> list[Lag]:
    """The lag behind the head of each (epoch, seq) that was applied; of another epoch: everything."""
    company_id = reader.company_id
    seqs = [seq if head is not None and epoch == head.epoch else 0 for epoch, seq in places]
    asked = dict.fromkeys(seq for seq in seqs if head is not None and seq < head.seq)
    answers = await reader.together(
        *((_BEHIND, (company_id, seq, company_id, seq)) for seq in asked)
    ) if asked else []  # fmt: skip
    found = {seq: Lag(rows[0]["n"], rows[0]["oldest_ms"]) for seq, rows in zip(asked, answers, strict=True)}
    return [found.get(seq, Lag(0, None)) for seq in seqs]
