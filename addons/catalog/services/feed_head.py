"""The head of a company's feed: which number was given out last. What is numbered does not belong here."""

from __future__ import annotations

import secrets

from addons.catalog.domain.feed import EPOCH_LENGTH
from kernel.data.work import Reader, Work
from kernel.ids import new_id
from kernel.values import value

HEAD = "cat_feed_head"
_HEAD = f"SELECT epoch, seq, floor_seq, ordered_ms FROM {HEAD} WHERE company_id = ?"
_COLUMNS = "(id, company_id, epoch, seq, floor_seq, tidied_seq) VALUES (?, ?, ?, 0, 0, 0)"
_BEGIN = {
    "sqlite": f"INSERT INTO {HEAD} {_COLUMNS} ON CONFLICT (company_id) DO NOTHING",
    "mysql": f"INSERT IGNORE INTO {HEAD} {_COLUMNS}",
}
# Whatever is there when a feed begins gets its number in one statement for each kind.
_NUMBERED = """
INSERT INTO cat_feed (id, company_id, kind, seq, moved_seq, is_out, at_ms)
SELECT id, company_id, '{kind}', ROW_NUMBER() OVER (ORDER BY id) + ?, 0, is_archived, ? FROM {table}
WHERE company_id = ?"""
_KINDS = (("group", "cat_group"), ("card", "cat_product"), ("bundle", "cat_bundle"))


@value
class Head:
    """epoch: which numbering; seq: the last number given out; floor_seq: up to here changes are compacted;
    ordered_ms: when an exchange was ordered last."""

    epoch: str
    seq: int
    floor_seq: int
    ordered_ms: int | None = None


async def feed_head(reader: Reader) -> Head | None:
    """The head of the reader's company; None until its feed begins."""
    row = await reader.row(_HEAD, reader.company_id)
    return None if row is None else Head(**row)


async def begin_feed(work: Work) -> None:
    """Begin the feed of the principal's company, if that was not done."""
    await ensure_feed(work, work.company_id)


async def ensure_feed(work: Work, company_id: str) -> None:
    """Give the company a head, and a number to everything its catalogue holds by now."""
    if await work.row(_HEAD, company_id) is not None:
        return
    epoch = secrets.token_hex(EPOCH_LENGTH // 2)
    made = await work.execute(_BEGIN[work.dialect], new_id(), company_id, epoch)
    if not made:  # another Work was first, and has just committed
        return
    count = 0
    for kind, table in _KINDS:
        statement = _NUMBERED.format(kind=kind, table=table)
        count += await work.execute(statement, count, work.now_ms, company_id)
    await advance_head(work, company_id, count)


async def advance_head(work: Work, company_id: str, count: int) -> int:
    """Take that many numbers; the last of them. The head stays locked until the end of the Work."""
    await work.execute(f"UPDATE {HEAD} SET seq = seq + ? WHERE company_id = ?", count, company_id)
    row = await work.row(_HEAD, company_id)
    assert row is not None
    return int(row["seq"])
