"""The search for goods by what people type. How the index is kept lives in search_index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum

from addons.catalog.domain.barcode import barcode_key
from addons.catalog.domain.product import CODE_MAX
from addons.catalog.domain.search import (
    after_prefix,
    folded,
    grams,
    in_other_layouts,
    search_key,
    typos_allowed,
    typos_between,
    words,
)
from addons.catalog.services.search_index import GOOD, GRAM, INDEX, POSTING, TERM
from addons.catalog.services.tables import BARCODE, PRODUCT, REGISTER_VIEW, in_lists, select_in
from addons.catalog.services.view import IN_ASSORTMENT
from kernel.data.work import Param, Reader, SqlRow
from kernel.values import value

TEXT_MAX = 255  # characters of a search that are read
WORDS_MAX = 8  # words of a search that are read
RESULTS_MAX = 200  # goods one search can give, over all of its pages
TERMS_MAX = 200  # words of the dictionary that one typed beginning may stand for, in order of the alphabet
CANDIDATES_MAX = 500  # goods looked at closely in one way of reading the text
PROBES_MAX = 50_000  # look-ups when two words are compared that are each in more goods than that
NAMES_MAX = 5_000  # goods with the beginning of a name that are asked whether a register may sell them
BARCODE_DIGITS_MIN = 4  # a shorter number is not taken for the beginning of a barcode
MENDED_FROM_MAX = 100  # words of the dictionary compared with a mistyped one
MENDED_TO_MAX = 5  # words that one mistyped word may stand for

_OWN = f"(SELECT id FROM {INDEX} WHERE company_id = ?)"
_FACTS = "SELECT p.code, p.id, p.search_key, p.article"
_SOLD_AT = (
    f" AND (SELECT {IN_ASSORTMENT} FROM (SELECT ? AS register_id) r"
    f" LEFT JOIN {REGISTER_VIEW} v ON v.register_id = r.register_id) = 1"
)
Question = tuple[str, Sequence[Param]]


class Tier(IntEnum):
    """In which way a good was found; the smaller comes first."""

    BARCODE = 0  # the barcode or NTIN itself
    CODE = 1  # the product code itself
    ARTICLE = 2  # the article itself
    NAME = 3  # the name begins with the text
    WORDS = 4  # every word of the text begins a word of the name, the Kazakh name or the article
    PART_OF_BARCODE = 5  # a barcode begins with the text


@value
class Match:
    """A good that was found; name_key orders the goods of a tier."""

    tier: Tier
    name_key: str
    product_id: str


@value
class _Shown:
    """A condition about a product p, with its parameters: which goods the search is about."""

    sql: str
    params: tuple[Param, ...] = ()
    is_narrow: bool = False  # most goods may be out of it


@value
class _Meaning:
    """What one typed word may stand for: numbers of words of the dictionary, and what to look for in the
    words of a good."""

    terms: tuple[int, ...]
    marks: tuple[str, ...]


async def search_products(
    reader: Reader,
    text: str,
    *,
    needed: int = RESULTS_MAX,
    is_archived: bool | None = False,
    register_id: str | None = None,
) -> list[Match]:
    """The goods a text may mean, best first, at most RESULTS_MAX.

    Ranking: by Tier, then by folded name, then by age. Letters of Kazakh stand for their Russian likes and
    back. A text that finds nothing is read again as typed in another layout of the keyboard (Latin as Russian
    and as Kazakh, Russian as Latin), then with typos mended: one in words from 4 letters, two from 8, numbers
    never. So what is found as typed is never mixed with guesses.

    needed: how many goods the caller will look at; later tiers are not asked once earlier ones give more.
    is_archived: True, False, or None for both. register_id: only what that register may sell.

    Bounds: of a beginning shared by more than TERMS_MAX words, or of words each in more than CANDIDATES_MAX
    goods, the first ones are looked at; goods whose name begins with the text come whole up to RESULTS_MAX,
    for a register the first NAMES_MAX of them are asked.
    """
    shown = _Shown("" if is_archived is None else f" AND p.is_archived = {int(is_archived)}")
    if register_id is not None:
        shown = _Shown(shown.sql + _SOLD_AT, (register_id, register_id), is_narrow=True)
    search = _Search(reader, needed=min(needed, RESULTS_MAX), shown=shown)
    text = text[:TEXT_MAX]
    await search.directly(text)
    await search.by_words(text)
    if search.found:
        return search.ranked()
    others = list(in_other_layouts(text))
    for other in others:
        await search.by_name(other)
        await search.by_words(other)
        if search.found:
            return search.ranked()
    for each in (text, *others):
        await search.by_words(each, is_mending=True)
        if search.found:
            break
    return search.ranked()


class _Search:
    """What one search has found so far."""

    def __init__(self, reader: Reader, *, needed: int, shown: _Shown) -> None:
        self.found: dict[int, Match] = {}
        self._reader = reader
        self._company_id = reader.company_id
        self._needed = needed
        self._shown = shown

    def ranked(self) -> list[Match]:
        """Best first."""
        ordered = sorted(self.found.values(), key=lambda each: (each.tier, each.name_key, each.product_id))
        return ordered[:RESULTS_MAX]

    async def directly(self, text: str) -> None:
        """By barcode, code and beginning of the name: indexes of the goods themselves, one round trip."""
        asked: list[tuple[Tier, Question]] = []
        stripped = text.strip()
        if key := barcode_key(stripped):
            asked.append((Tier.BARCODE, self._of_barcodes("b.key_text = ?", key)))
        if stripped.isascii() and stripped.isdigit():
            if 1 <= int(stripped) <= CODE_MAX:
                asked.append((Tier.CODE, self._of_products("p.code = ?", int(stripped))))
            if len(stripped) >= BARCODE_DIGITS_MIN and key == stripped:  # not a whole GTIN
                for begun in (stripped, f"0{stripped}"):  # a GTIN of 13 digits is kept as 14
                    within = self._of_barcodes(
                        "b.key_text >= ? AND b.key_text < ?", begun, after_prefix(begun)
                    )
                    asked.append((Tier.PART_OF_BARCODE, within))
        if name_key := search_key(text):
            asked.append((Tier.NAME, self._of_names(name_key)))
        if asked:
            answers = await self._reader.together(*(question for _, question in asked))
            for (tier, _), rows in zip(asked, answers, strict=True):
                self._add(tier, rows)

    async def by_name(self, text: str) -> None:
        """By the beginning of the name."""
        if name_key := search_key(text):
            sql, params = self._of_names(name_key)
            self._add(Tier.NAME, await self._reader.rows(sql, *params))

    async def by_words(self, text: str, *, is_mending: bool = False) -> None:
        """By beginnings of words; is_mending: words that the dictionary does not have are mended."""
        typed = words(text)[:WORDS_MAX]
        if not typed or sum(each.tier <= Tier.NAME for each in self.found.values()) > self._needed:
            return
        meant = await self._beginnings(typed)
        if is_mending:
            meant = [
                each if each.terms else await self._mended(word)
                for each, word in zip(meant, typed, strict=True)
            ]
        if not all(each.terms for each in meant):
            return
        article = folded(text)
        for rows in await self._candidates(meant):
            fits = [row for row in rows if all(any(m in row["words"] for m in each.marks) for each in meant)]
            self._add(Tier.ARTICLE, [row for row in fits if folded(row["article"]) == article])
            self._add(Tier.WORDS, fits)

    def _add(self, tier: Tier, rows: Iterable[SqlRow]) -> None:
        for row in rows:
            known = self.found.get(row["code"])
            if known is None or tier < known.tier:
                self.found[row["code"]] = Match(tier, row["search_key"], row["id"])

    # --- goods by their own tables

    def _of_names(self, name_key: str) -> Question:
        within = "company_id = ? AND search_key >= ? AND search_key < ?"
        order = "ORDER BY search_key, id LIMIT"
        shown, limit = self._shown, self._needed + 1
        bounds = (self._company_id, name_key, after_prefix(name_key))
        if shown.is_narrow:
            first = f"SELECT * FROM {PRODUCT} WHERE {within} {order} {NAMES_MAX}"
            return f"{_FACTS} FROM ({first}) p WHERE 1 = 1{shown.sql} LIMIT ?", (
                *bounds,
                *shown.params,
                limit,
            )
        return f"{_FACTS} FROM {PRODUCT} p WHERE {within}{shown.sql} {order} ?", (
            *bounds,
            *shown.params,
            limit,
        )

    def _of_products(self, condition: str, *params: Param) -> Question:
        sql = f"{_FACTS} FROM {PRODUCT} p WHERE p.company_id = ? AND {condition}{self._shown.sql} LIMIT ?"
        return sql, (self._company_id, *params, *self._shown.params, self._needed + 1)

    def _of_barcodes(self, condition: str, *params: Param) -> Question:
        sql = (
            f"{_FACTS} FROM {BARCODE} b JOIN {PRODUCT} p ON p.id = b.product_id"
            f" WHERE b.company_id = ? AND {condition}{self._shown.sql} ORDER BY b.key_text LIMIT ?"
        )
        return sql, (self._company_id, *params, *self._shown.params, self._needed + 1)

    # --- goods by the index of words

    async def _beginnings(self, typed: Sequence[str]) -> list[_Meaning]:
        """Words of the dictionary that begin with each typed one."""
        sql = (
            f"SELECT id FROM {TERM} WHERE index_id = {_OWN} AND word >= ? AND word < ? ORDER BY word LIMIT ?"
        )
        answers = await self._reader.together(
            *((sql, (self._company_id, word, after_prefix(word), TERMS_MAX)) for word in typed)
        )
        return [
            _Meaning(tuple(row["id"] for row in rows), (f" {word}",))
            for word, rows in zip(typed, answers, strict=True)
        ]

    async def _mended(self, typed: str) -> _Meaning:
        """Words of the dictionary that are the typed one but for its typos, the nearest ones only."""
        allowed = typos_allowed(typed)
        if not allowed:
            return _Meaning((), ())
        pieces = grams(typed)
        shared_min = max(1, len(pieces) - 3 * allowed)  # one typo spoils at most three pieces
        marks, padded = next(iter(in_lists(pieces)))
        near = await self._reader.rows(
            f"SELECT term_id FROM {GRAM} WHERE index_id = {_OWN} AND gram IN ({marks})"
            " GROUP BY term_id HAVING COUNT(*) >= ? ORDER BY COUNT(*) DESC, term_id LIMIT ?",
            self._company_id,
            *padded,
            shared_min,
            MENDED_FROM_MAX,
        )
        rows = await select_in(
            self._reader,
            f"SELECT id, word FROM {TERM} WHERE index_id = {_OWN} AND id IN ({{marks}})",
            [row["term_id"] for row in near],
            before=[self._company_id],
        )
        measured = [
            (distance, abs(len(row["word"]) - len(typed)), row["word"], row["id"])
            for row in rows
            if (distance := typos_between(typed, row["word"])) <= allowed
        ]
        nearest = [each for each in sorted(measured) if each[0] == min(measured)[0]][:MENDED_TO_MAX]
        return _Meaning(tuple(each[3] for each in nearest), tuple(f" {each[2]} " for each in nearest))

    async def _candidates(self, meant: Sequence[_Meaning]) -> list[Sequence[SqlRow]]:
        """Goods with the rarest of the words, or with the two rarest when each is in very many."""
        terms = [each.terms for each in meant]
        if len(terms) > 1:
            terms = await self._rarest_first(terms)
        marks, params = _list(terms[0])
        if len(terms) == 1:
            sql = f"SELECT code FROM {POSTING} WHERE term_id IN ({marks}) LIMIT ?"
        else:
            other_marks, other = _list(terms[1])
            sql = (
                f"SELECT p.code FROM (SELECT code FROM {POSTING} WHERE term_id IN ({marks}) LIMIT ?) p WHERE"
                f" EXISTS (SELECT 1 FROM {POSTING} q WHERE q.term_id IN ({other_marks}) AND q.code = p.code)"
                " LIMIT ?"
            )
            params = [*params, PROBES_MAX // len(terms[1]), *other]
        rows = await self._reader.rows(sql, *params, CANDIDATES_MAX)
        questions = [
            (
                f"{_FACTS}, g.words FROM {GOOD} g JOIN {PRODUCT} p ON p.company_id = ? AND p.code = g.code"
                f" WHERE g.index_id = {_OWN} AND g.code IN ({piece_marks}){self._shown.sql}",
                (self._company_id, self._company_id, *piece, *self._shown.params),
            )
            for piece_marks, piece in in_lists(row["code"] for row in rows)
        ]
        return await self._reader.together(*questions) if questions else []

    async def _rarest_first(self, terms: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """At most two lists of words: the one in the fewest goods alone when those are few, else two.

        The goods of the first are walked, and each is looked up in the second, which therefore is the shorter
        one.
        """
        questions: list[Question] = []
        for each in terms:
            marks, params = _list(each)
            within = f"SELECT 1 AS one FROM {POSTING} WHERE term_id IN ({marks}) LIMIT {CANDIDATES_MAX + 1}"
            questions.append((f"SELECT COUNT(*) AS n FROM ({within}) few", params))
        counts = [rows[0]["n"] for rows in await self._reader.together(*questions)]
        places = range(len(terms))
        first = min(places, key=lambda place: (counts[place], -len(terms[place])))
        if counts[first] <= CANDIDATES_MAX:
            return [terms[first]]
        second = min((place for place in places if place != first), key=lambda place: len(terms[place]))
        return [terms[first], terms[second]]


def _list(terms: Sequence[int]) -> tuple[str, list[str | int]]:
    """Marks and parameters of one IN list; TERMS_MAX fits in one."""
    return next(iter(in_lists(terms)))
