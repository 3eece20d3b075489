"""Marking codes that are sold: taken once in the whole company, given back by a return.

Called by trade in the very transaction of the ticket, so a mark is taken exactly when its ticket exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from addons.catalog.domain.mark import MarkRead
from addons.catalog.domain.product import ProductId
from addons.catalog.services.tables import MARK, in_lists, select_in
from kernel.data.work import Reader, Work
from kernel.errors import Refusal
from kernel.ids import new_ids
from kernel.values import value

_COLUMNS = ("id", "company_id", "key_text", "subject", "product_id", "gtin", "is_practice", "taken_ms")
_SHOWN = 40  # characters of a mark in a refusal


@value
class MarkAsked:
    """A mark of a line; field: where it stands in what was asked."""

    mark: MarkRead
    product_id: ProductId
    field: str


async def take_marks(work: Work, subject: str, marks: Sequence[MarkAsked]) -> None:
    """Take the marks for a ticket.

    Raises Refusal("MARK_TAKEN") when one is sold already, also twice in one ticket. Raises tortoise
    IntegrityError, here or from the commit, when another register takes it at the same moment: a second call
    then knows it.
    """
    if not marks:
        return
    taken = set(await taken_marks(work, [each.mark.key for each in marks]))
    for each in marks:
        if each.mark.key in taken:
            raise Refusal("MARK_TAKEN", field=each.field, mark=each.mark.text[:_SHOWN].replace("\x1d", " "))
        taken.add(each.mark.key)
    await work.insert_many(
        MARK,
        _COLUMNS,
        (
            (
                mark_id,
                work.company_id,
                each.mark.key,
                subject,
                each.product_id,
                each.mark.gtin,
                0,
                work.now_ms,
            )
            for mark_id, each in zip(new_ids(len(marks)), marks, strict=True)
        ),
    )


async def give_back_marks(work: Work, keys: Iterable[str], *, subject: str | None = None) -> None:
    """These marks may be sold again; one that is not taken is fine.

    subject: the ticket that took them; what another one took stays taken. None: whoever took them.
    """
    whose, of = ("", ()) if subject is None else (" AND subject = ?", (subject,))
    for marks, piece in in_lists(keys):
        sql = f"DELETE FROM {MARK} WHERE company_id = ?{whose} AND key_text IN ({marks})"
        await work.execute(sql, work.company_id, *of, *piece)


async def release_marks(work: Work, subject: str) -> None:
    """The ticket never came to be: everything it took may be sold again."""
    await work.execute(f"DELETE FROM {MARK} WHERE subject = ? AND company_id = ?", subject, work.company_id)


async def note_practice(work: Work, subject: str) -> None:
    """The ticket went to a simulated OFD: what it took is sold for practice only."""
    sql = f"UPDATE {MARK} SET is_practice = 1 WHERE subject = ? AND company_id = ?"
    await work.write(sql, subject, work.company_id)


async def taken_marks(reader: Reader, keys: Iterable[str]) -> dict[str, bool]:
    """Which of these marks are sold, each with whether for practice only."""
    sql = f"SELECT key_text, is_practice FROM {MARK} WHERE company_id = ? AND key_text IN ({{marks}})"
    rows = await select_in(reader, sql, keys, before=[reader.company_id])
    return {row["key_text"]: bool(row["is_practice"]) for row in rows}
