"""Keeping the search index beside the goods: after every change, and once for all goods of a company.

Written by jobs, so a good is found by its code, its barcodes and the beginning of its name at once, and by
its words a moment later. Everything may be repeated: a good is compared with what the index has of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from addons.catalog.domain.search import FOLDING_VERSION, GOOD_WORDS_MAX, grams, search_key, words
from addons.catalog.services.tables import PRODUCT, select_in
from kernel.data.work import Work
from kernel.events.subscribers import Event
from kernel.ids import CompanyId
from kernel.jobs.lanes import Job
from kernel.jobs.policy import DONE, Again, Settled

PRODUCTS_NAMED = "catalog.products_named"  # event: goods were made, or got other words; body: their codes
FILL_JOB = "catalog.fill_search"
FILL_EVERY = timedelta(minutes=10)  # how soon a company without an index is noticed
FILL_ROWS = 500  # goods in one transaction
COMPANIES_MAX = 200  # begun by one run of the schedule

SEARCHED_COLUMNS = ("name", "name_kk", "article")  # of a product; whose words it is found by
INDEX, GOOD, TERM = "cat_search_index", "cat_search_good", "cat_search_term"
POSTING, GRAM = "cat_search_posting", "cat_search_gram"


async def goods_were_named(work: Work, codes: Sequence[int]) -> None:
    """Tell the index that these goods are new, or have another name or article; called by whoever writes."""
    if codes:
        await work.event(PRODUCTS_NAMED, work.company_id, {"codes": list(codes)})


async def index_named(work: Work, event: Event) -> None:
    """Subscriber: give the goods of the event the words they have now."""
    match event.body:
        case {"codes": [*codes]}:
            index_id, _ = await _lock_index(work)
            await index_goods(work, index_id, [code for code in codes if isinstance(code, int)])


async def begin_filling(work: Work) -> None:
    """Schedule: a job for every company whose goods are not in the index of this version yet."""
    rows = await work.rows(
        f"SELECT c.company_id FROM cat_code_counter c LEFT JOIN {INDEX} i ON i.company_id = c.company_id"
        " WHERE i.id IS NULL OR i.folding <> ? OR i.is_filled = 0 ORDER BY c.company_id LIMIT ?",
        FOLDING_VERSION,
        COMPANIES_MAX,
    )
    for row in rows:
        company_id = CompanyId(row["company_id"])
        lane = await work.lane(f"catalog.search:{company_id}", company_id=company_id)
        if not lane.length:
            lane.enqueue(FILL_JOB, {})


async def fill_search(work: Work, job: Job) -> Settled:
    """Job: index the next goods in the order of their codes; again until there are none."""
    index_id, filled = await _lock_index(work)
    rows = await work.rows(
        f"SELECT code FROM {PRODUCT} WHERE company_id = ? AND code > ? ORDER BY code LIMIT ?",
        work.company_id,
        filled,
        FILL_ROWS,
    )
    codes = [row["code"] for row in rows]
    await index_goods(work, index_id, codes)
    is_filled = len(codes) < FILL_ROWS
    await work.execute(
        f"UPDATE {INDEX} SET filled_code = ?, is_filled = ? WHERE id = ? AND company_id = ?",
        codes[-1] if codes else filled,
        int(is_filled),
        index_id,
        work.company_id,
    )
    return DONE if is_filled else Again(0)


async def index_goods(work: Work, index_id: int, codes: Sequence[int]) -> None:
    """Make the index agree with the goods of these codes; those it agrees with already are only read."""
    fresh = await _fresh_words(work, codes)
    known = await _known_words(work, index_id, codes)
    changed = {code: now for code, now in fresh.items() if now != known.get(code)}
    if not changed:
        return
    gone = [(word, code) for code in changed for word in known.get(code, frozenset()) - changed[code]]
    come = [(word, code) for code, now in changed.items() for word in now - known.get(code, frozenset())]
    terms = await _term_ids(work, index_id, {word for word, _ in (*gone, *come)})
    await work.execute_many(
        f"DELETE FROM {POSTING} WHERE term_id = ? AND code = ?",
        [(terms[word], code) for word, code in gone if word in terms],
    )
    await work.insert_many(POSTING, ("term_id", "code"), sorted((terms[word], code) for word, code in come))
    await work.execute_many(
        f"DELETE FROM {GOOD} WHERE index_id = ? AND code = ?",
        [(index_id, code) for code in changed if code in known],
    )
    await work.insert_many(
        GOOD, ("index_id", "code", "words"), [(index_id, code, _text(now)) for code, now in changed.items()]
    )


async def _lock_index(work: Work) -> tuple[int, int]:
    """The number of the company's index and how far it is filled, locked; made when there is none and begun
    anew when words are folded in another way now.
    """
    company_id = work.company_id
    select = f"SELECT id, folding, filled_code FROM {INDEX} WHERE company_id = ?"
    if work.dialect == "mysql":
        select += " FOR UPDATE"
    row = await work.row(select, company_id)
    if row is None:
        ignore = "INSERT IGNORE" if work.dialect == "mysql" else "INSERT OR IGNORE"
        await work.execute(
            f"{ignore} INTO {INDEX} (company_id, folding, filled_code, is_filled) VALUES (?, ?, ?, ?)",
            company_id,
            FOLDING_VERSION,
            0,
            0,
        )
        row = await work.row(select, company_id)
        assert row is not None
    if row["folding"] != FOLDING_VERSION:
        await work.execute(
            f"UPDATE {INDEX} SET folding = ?, filled_code = ?, is_filled = ? WHERE id = ? AND company_id = ?",
            FOLDING_VERSION,
            0,
            0,
            row["id"],
            company_id,
        )
        return int(row["id"]), 0
    return int(row["id"]), int(row["filled_code"])


async def _fresh_words(work: Work, codes: Iterable[int]) -> dict[int, frozenset[str]]:
    """Words the goods have now. Keys of names made by an older folding are made anew on the way."""
    sql = (
        f"SELECT code, name, name_kk, article, search_key FROM {PRODUCT}"
        " WHERE company_id = ? AND code IN ({marks})"
    )
    rows = await select_in(work, sql, codes, before=[work.company_id])
    stale = [(key, row["code"]) for row in rows if (key := search_key(row["name"])) != row["search_key"]]
    await work.execute_many(
        f"UPDATE {PRODUCT} SET search_key = ? WHERE company_id = ? AND code = ?",
        [(key, work.company_id, code) for key, code in stale],
    )
    return {
        row["code"]: frozenset(words(row["name"], row["name_kk"], row["article"])[:GOOD_WORDS_MAX])
        for row in rows
    }


async def _known_words(work: Work, index_id: int, codes: Iterable[int]) -> dict[int, frozenset[str]]:
    sql = f"SELECT code, words FROM {GOOD} WHERE index_id = ? AND code IN ({{marks}})"
    rows = await select_in(work, sql, codes, before=[index_id])
    return {row["code"]: frozenset(row["words"].split()) for row in rows}


async def _term_ids(work: Work, index_id: int, wanted: set[str]) -> Mapping[str, int]:
    """Numbers of the words; new ones enter the dictionary with their pieces."""
    sql = f"SELECT id, word FROM {TERM} WHERE index_id = ? AND word IN ({{marks}})"
    found = {row["word"]: row["id"] for row in await select_in(work, sql, wanted, before=[index_id])}
    missing = sorted(wanted - found.keys())
    if missing:
        await work.insert_many(TERM, ("index_id", "word"), [(index_id, word) for word in missing])
        made = {row["word"]: row["id"] for row in await select_in(work, sql, missing, before=[index_id])}
        await work.insert_many(
            GRAM,
            ("index_id", "gram", "term_id"),
            [(index_id, gram, term_id) for word, term_id in made.items() for gram in grams(word)],
        )
        found.update(made)
    return found


def _text(found: frozenset[str]) -> str:
    return f" {' '.join(sorted(found))} "
