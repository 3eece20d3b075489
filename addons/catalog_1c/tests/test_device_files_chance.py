"""Goods files of offline registers, property by property: whatever is written is read, whatever comes is
refused."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from addons.catalog_1c.adapters import equipment_goods
from addons.catalog_1c.domain import atol_goods, shtrih_goods
from addons.catalog_1c.domain.device_files import GoodsFile, ReadOptions
from addons.catalog_1c.tests.device_makers import (
    FULL,
    equipment,
    equipment_good,
    frontol,
    frontol_good,
    shtrih,
    shtrih_good,
)
from kernel.errors import Refusal

UNUSED = "#,$<+*№;\r\n¤\x00\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e"


def read_atol(content: bytes, **options: str) -> GoodsFile:
    return atol_goods.read_goods(content, file="goods.txt", options=ReadOptions(**options))  # type: ignore[arg-type]


def read_kassir(content: bytes, **options: str) -> GoodsFile:
    return shtrih_goods.read_goods(content, file="goods.spr", options=ReadOptions(**options))  # type: ignore[arg-type]


def read_service(content: bytes) -> GoodsFile:
    return equipment_goods.read_goods(content, file="goods.xml", options=ReadOptions())


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for read in (atol_goods.read_goods, shtrih_goods.read_goods, equipment_goods.read_goods):
        for head in (b"", b"##@@&&\n#\n$$$ADDQUANTITY\n", b"##@@&&$$$RPL\n#\n", b"<PriceList><Goods>"):
            with suppress(Refusal):
                assert read(head + content, file="f", options=ReadOptions()).goods is not None


plain = st.text(
    st.characters(codec="cp1251", exclude_categories=("Cc", "Zs", "Zl", "Zp"), exclude_characters=UNUSED),
    min_size=1,
    max_size=40,
).filter(lambda text: text == text.strip() and text.isprintable())  # fmt: skip
prices = st.integers(0, 10**9).map(lambda tiyn: f"{tiyn // 100}.{tiyn % 100:02d}")
barcodes = st.lists(st.from_regex(r"[0-9]{4,14}", fullmatch=True), unique=True, max_size=3)
wares = st.lists(
    st.tuples(plain, plain, prices, barcodes, plain | st.just("")), unique_by=lambda ware: ware[0], max_size=8
)


@given(wares)
def test_what_is_written_in_the_text_formats_is_read_back(
    goods: list[tuple[str, str, str, list[str], str]],
) -> None:
    files = [
        read_atol(frontol(*FULL, "$$$ADDQUANTITY", *(
            frontol_good(code, name, amount, barcodes=codes, f26=article)
            for code, name, amount, codes, article in goods
        )), encoding="cp1251"),
        read_kassir(shtrih(*(
            line for code, name, amount, codes, article in goods
            for line in (
                shtrih_good(code, name, amount, barcode="".join(codes[:1]), f12=article),
                *(f"#{code};{barcode};{name}" for barcode in codes[1:]),
            )
        ), mode="$$$CLR $$$ADD"), encoding="cp1251"),
    ]  # fmt: skip

    for file in files:
        read = [
            (
                each.external_id,
                each.name,
                each.prices and each.prices[0].amount,
                list(each.barcodes or ()),
                each.article,
            )
            for each in file.goods
        ]
        assert read == [tuple(each) for each in goods]


@given(wares)
def test_what_is_written_as_xml_is_read_back(goods: list[tuple[str, str, str, list[str], str]]) -> None:
    rows = [
        equipment_good(code, Name=name, Price=amount, Article=article, barcodes=codes)
        for code, name, amount, codes, article in goods
    ]

    file = read_service(equipment(*rows))

    read = [
        (
            each.external_id,
            each.name,
            each.prices and each.prices[0].amount,
            list(each.barcodes or ()),
            each.article,
        )
        for each in file.goods
    ]
    assert read == [tuple(each) for each in goods]
