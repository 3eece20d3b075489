"""Marking codes: what scanners make of them, and that a piece is sold once."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.catalog.api import MarkAsked, ProductId, give_back_marks, read_mark, release_marks, take_marks
from addons.catalog.domain.barcode import check_digit
from addons.catalog.domain.keyboard import (
    _KAZAKH,
    _KAZAKH_SHIFTED,
    _KEYS,
    _RUSSIAN,
    _RUSSIAN_SHIFTED,
    _SHIFTED,
    typed_in_latin,
)
from addons.catalog.domain.mark import GS, MarkKind
from addons.catalog.tests.makers import Shop, new_shop
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.testing import mysql_database

GTIN = "0460043993125" + str(check_digit("0460043993125"))
SERIAL = "5Qbaz!&xYz012"
SHOES = f"01{GTIN}21{SERIAL}{GS}91EE06{GS}92{'aB3+' * 11}"
MILK = f"01{GTIN}215Qb(z){GS}93dGVz"
CARTON = f"01{GTIN}21JgXJ5.T{GS}8005112000{GS}93dGVz"
PACK = f"{GTIN}8X?io+qCABm8wAY"
AS_RUSSIAN = str.maketrans(_KEYS + _SHIFTED, _RUSSIAN + _RUSSIAN_SHIFTED)
AS_KAZAKH = str.maketrans(_KEYS + _SHIFTED, _KAZAKH + _KAZAKH_SHIFTED)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (SHOES, MarkKind.GS1),
        (MILK, MarkKind.GS1),
        (CARTON, MarkKind.CARTON),
        (PACK, MarkKind.PACK),
        ("RU-430301-AAA7582931", MarkKind.OTHER),  # fur
        (f"01{GTIN[:-1]}021{SERIAL}", MarkKind.OTHER),  # a GTIN that was misread
    ],
)
def test_forms_of_marks_are_told_apart(text: str, kind: MarkKind) -> None:
    mark = read_mark(text, field="mark")

    assert (mark.kind, mark.text) == (kind, text)


@pytest.mark.parametrize("text", [SHOES, MILK, CARTON])
@pytest.mark.parametrize(
    "scanned",
    [
        lambda text: f"]d2{text}",
        lambda text: f"{GS}{text}\r\n",
        lambda text: text.replace(GS, "<GS>"),
        lambda text: text.replace(GS, "\u241d"),
        lambda text: text.replace(GS, ""),
        lambda text: text.replace(GS, "").translate(AS_RUSSIAN),
        lambda text: text.replace(GS, "").translate(AS_KAZAKH),
    ],
    ids=["symbology", "FNC1 first", "GS in words", "GS as a sign", "GS lost", "Russian", "Kazakh"],
)
def test_what_a_scanner_did_to_a_mark_is_undone(text: str, scanned: object) -> None:
    assert callable(scanned)

    mark = read_mark(scanned(text), field="mark")

    assert (mark.text, mark.gtin) == (text, GTIN)


def test_printed_form_is_the_same_mark() -> None:
    printed = read_mark(f"(01){GTIN}(21){SERIAL}(91)EE06(92){'aB3+' * 11}", field="mark")

    assert printed == read_mark(SHOES, field="mark")


def test_piece_is_known_by_gtin_and_serial_whatever_became_of_the_tail() -> None:
    whole, cut = read_mark(SHOES, field="mark"), read_mark(f"01{GTIN}21{SERIAL}", field="mark")
    pack, bare = read_mark(PACK, field="mark"), read_mark(PACK[:21], field="mark")

    assert (whole.key, pack.key) == (cut.key, bare.key)
    assert len({whole.key, pack.key, read_mark(CARTON, field="mark").key}) == 3
    assert read_mark(f"01{GTIN}21abc", field="mark").key != read_mark(f"01{GTIN}21ABC", field="mark").key


@pytest.mark.parametrize("text", ["", "   ", "a" * 256, "01\x00\x02"])
def test_what_is_no_code_at_all_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_mark(text, field="lines.0.marks.0")

    assert (refused.value.code, refused.value.field) == ("MARK_MALFORMED", "lines.0.marks.0")


@given(st.text(alphabet="".join(sorted(set(_KEYS + _SHIFTED))), min_size=1), st.booleans())
def test_any_keys_are_read_back_when_one_of_them_shows_the_layout(keys: str, is_kazakh: bool) -> None:
    keys += "q2"  # й, and ә in the Kazakh layout

    assert typed_in_latin(keys.translate(AS_KAZAKH if is_kazakh else AS_RUSSIAN)) == keys


@given(st.text(max_size=60))
def test_any_text_is_refused_or_a_mark_that_stays_itself(text: str) -> None:
    with suppress(Refusal):
        mark = read_mark(text, field="mark")
        assert read_mark(mark.text, field="mark").key == mark.key


def asked(*texts: str) -> list[MarkAsked]:
    return [MarkAsked(read_mark(text, field="m"), ProductId("p"), "lines.0.marks") for text in texts]


async def test_mark_is_taken_once_and_given_back() -> None:
    async with new_shop() as shop:
        await shop.run(take_marks, "sale-1", asked(SHOES, PACK))

        for again in ([f"]d2{SHOES}"], [MILK, PACK[:21]], [MILK, MILK]):
            with pytest.raises(Refusal) as refused:
                await shop.run(take_marks, "sale-2", asked(*again))
            assert (refused.value.code, refused.value.field) == ("MARK_TAKEN", "lines.0.marks")
        await shop.neighbour().run(take_marks, "sale-3", asked(SHOES))  # another company's business
        await shop.run(give_back_marks, [read_mark(SHOES, field="m").key])
        await shop.run(take_marks, "sale-4", asked(SHOES))
        await shop.run(release_marks, "sale-4")
        await shop.run(take_marks, "sale-5", asked(SHOES, MILK))

        rows = await shop.rows("SELECT subject, gtin FROM cat_mark ORDER BY subject")
        assert [row["subject"] for row in rows] == ["sale-1", "sale-3", "sale-5", "sale-5"]


@pytest.mark.mariadb
async def test_of_many_who_take_a_mark_at_once_one_gets_it_on_mariadb() -> None:
    async with mysql_database() as url, new_shop(url=url) as shop:

        async def take(number: int) -> str:
            async def attempt(work: Work) -> None:
                await take_marks(work, f"sale-{number}", asked(SHOES))

            try:
                await shop.run(attempt)
            except Refusal as refusal:
                return refusal.code
            except Exception as error:  # noqa: BLE001 - what the second call of a sale meets
                return type(error).__name__
            return "taken"

        outcomes = await asyncio.gather(*(take(number) for number in range(6)))

        assert outcomes.count("taken") == 1
        assert set(outcomes) <= {"taken", "MARK_TAKEN", "IntegrityError"}
        assert await _is_refused(shop)


async def _is_refused(shop: Shop) -> bool:
    with pytest.raises(Refusal):
        await shop.run(take_marks, "later", asked(SHOES))
    return True
