"""The streaming reader: what the odd files of real shops become."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from addons.catalog_1c.demo.many_goods import many_goods, many_groups
from addons.catalog_1c.demo.writer import write_import
from addons.catalog_1c.domain.records import Completeness
from addons.catalog_1c.tests.files import (
    catalogue,
    classifier,
    document,
    goods,
    group,
    offer,
    offers,
    opened,
    price,
    price_type,
    read_batches,
    read_records,
    requisite,
    vat,
    written,
)

READ_AHEAD = 50  # rows of one chunk that the parser has seen and the reader has not given yet


def test_missing_tags_are_told_from_empty_ones(tmp_path: Path) -> None:
    empty = goods("g2", name="", body="<Штрихкод/><Артикул></Артикул><Группы/><СтавкиНалогов/>")

    missing, cleared = read_records(written(tmp_path, document(catalogue(goods("g1", name=None), empty))))

    assert (missing.name, missing.barcodes, missing.article, missing.group_id, missing.vat_texts) == (
        None,
    ) * 5
    assert (cleared.name, cleared.barcodes, cleared.article, cleared.group_id, cleared.vat_texts) == (
        "", (), "", "", (),
    )  # fmt: skip


def test_good_is_read_whole(tmp_path: Path) -> None:
    body = (
        "<Штрихкод>4870071000003</Штрихкод><Штрихкод>12345678</Штрихкод><Артикул>А-1</Артикул><Код>000077</Код>"
        '<БазоваяЕдиница Код="796 " НаименованиеПолное="Штука">шт</БазоваяЕдиница>'
        "<Группы><Ид>milk</Ид><Ид>more</Ид></Группы>" + vat("16%") + requisite("НТИН", "0200400000000")
    )

    (record,) = read_records(written(tmp_path, document(catalogue(goods(body=body)))))

    assert record.barcodes == ("4870071000003", "12345678")
    assert (record.article, record.code, record.unit_code, record.unit_name) == ("А-1", "000077", "796", "шт")
    assert (record.group_id, record.vat_texts, record.named) == (
        "milk",
        ("16%",),
        (("нтин", "0200400000000"),),
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251"])
def test_texts_survive_every_encoding(tmp_path: Path, encoding: str) -> None:
    declaration = '<?xml version="1.0" encoding="windows-1251"?>' if encoding == "cp1251" else ""
    text = document(catalogue(goods(name="Сыр «Ёлка» № 5 &amp; <![CDATA[<b>]]>")), declaration=declaration)

    (record,) = read_records(written(tmp_path, text, encoding=encoding))

    assert record.name == "Сыр «Ёлка» № 5 & <b>"


@pytest.mark.parametrize(
    ("attributes", "body", "is_deleted"),
    [
        (' Статус="Удален"', "", True),
        (' Статус="Изменен"', "", False),
        ("", "<ПометкаУдаления>true</ПометкаУдаления>", True),
        ("", "<ПометкаУдаления>false</ПометкаУдаления>", False),
        ("", "<ПометкаУдаления/>", False),
        (' ПометкаУдаления="true"', "", True),
        ("", "", False),
    ],
)
def test_only_an_explicit_mark_deletes(tmp_path: Path, attributes: str, body: str, is_deleted: bool) -> None:
    row = goods(attributes=attributes, body=body)

    (record,) = read_records(written(tmp_path, document(catalogue(row))))

    assert record.is_deleted is is_deleted


@pytest.mark.parametrize(
    ("changes", "completeness"),
    [("false", Completeness.FULL), ("true", Completeness.CHANGES), (None, Completeness.UNKNOWN)],
)
def test_missing_statement_of_completeness_is_unknown(
    tmp_path: Path, changes: str | None, completeness: Completeness
) -> None:
    ((batch, _),) = read_batches(written(tmp_path, document(catalogue(goods(), changes=changes))))

    assert batch.completeness is completeness


def test_nested_groups_come_parents_first_and_before_the_goods(tmp_path: Path) -> None:
    tree = group("a", "А", group("b", "Б", group("c", "В"))) + group("d", "Г")
    text = document(classifier(tree), catalogue(goods()))

    ((batch, records),) = read_batches(written(tmp_path, text))

    parents = {each.external_id: each.parent_id for each in batch.preamble.groups}
    assert parents == {"a": "", "b": "a", "c": "b", "d": ""}
    order = [each.external_id for each in batch.preamble.groups]
    assert order.index("a") < order.index("b") < order.index("c")
    assert len(records) == 1


def test_file_with_a_classifier_only_gives_its_groups(tmp_path: Path) -> None:
    ((batch, records),) = read_batches(written(tmp_path, document(classifier(group("a", "А")))))

    assert ([each.name for each in batch.preamble.groups], records) == (["А"], [])


def test_values_of_reference_properties_become_texts(tmp_path: Path) -> None:
    prop = (
        "<Свойство><Ид>p1</Ид><Наименование>Маркируемый товар</Наименование><ВариантыЗначений>"
        "<Справочник><ИдЗначения>v1</ИдЗначения><Значение>Да</Значение></Справочник></ВариантыЗначений></Свойство>"
        "<Свойство><Ид>p2</Ид><Наименование>Цвет</Наименование></Свойство>"
    )
    values = (
        "<ЗначенияСвойств><ЗначенияСвойства><Ид>p1</Ид><Значение>v1</Значение></ЗначенияСвойства>"
        "<ЗначенияСвойства><Ид>p2</Ид><Значение>красный</Значение></ЗначенияСвойства></ЗначенияСвойств>"
    )
    both = written(tmp_path, document(classifier(properties=prop), catalogue(goods(body=values))))
    apart = written(tmp_path, document(catalogue(goods(body=values))), name="goods.xml")

    (record,) = read_records(both)
    file = opened(apart, known={"p1": ("Маркируемый товар", {"v1": "Да"})})
    file.next_batch(10)
    (from_memory,) = file.records([0])
    file.close()

    assert record.named == from_memory.named == (("маркируемый товар", "Да"),)


def test_offers_bring_every_price_as_written(tmp_path: Path) -> None:
    row = offer("g1#red", price("1 234,50"), price("", type_id="club", body="<Коэффициент>10</Коэффициент>"))
    types = [price_type("retail", "Розничная"), price_type("club", "Клуб", "USD")]

    ((batch, (record,)),) = read_batches(written(tmp_path, document(offers(row, types=types))))

    assert batch.is_offers
    assert [each.name for each in batch.preamble.price_types] == ["Розничная", "Клуб"]
    assert record.external_id == "g1#red"
    assert record.prices is not None
    assert [(each.type_id, each.amount, each.coefficient) for each in record.prices] == [
        ("retail", "1 234,50", ""),
        ("club", "", "10"),
    ]


def test_offer_without_prices_says_nothing_about_them(tmp_path: Path) -> None:
    text = document(offers("<Предложение><Ид>g1</Ид><Количество>-2.5</Количество></Предложение>"))

    (record,) = read_records(written(tmp_path, text))

    assert record.prices is None


def test_goods_of_documents_are_not_goods_of_the_catalogue(tmp_path: Path) -> None:
    order = f"<Документ><Ид>d</Ид><Товары>{goods('sold')}</Товары></Документ>"

    records = read_records(written(tmp_path, document(catalogue(goods("g1")), order)))

    assert [record.external_id for record in records] == ["g1"]


def test_row_without_an_identifier_is_counted(tmp_path: Path) -> None:
    rows = ["<Товар><Наименование>Без Ид</Наименование></Товар>", goods("  "), goods("x" * 161), goods("g1")]

    ((batch, records),) = read_batches(written(tmp_path, document(catalogue(*rows))))

    assert (batch.nameless, [record.external_id for record in records]) == (3, ["g1"])


def test_goods_and_offers_of_one_file_come_in_batches_of_one_kind(tmp_path: Path) -> None:
    text = document(
        classifier(group("a", "А")),
        catalogue(*(goods(f"g{n}") for n in range(5))),
        offers(*(offer(f"g{n}", price("1")) for n in range(3)), types=[price_type("retail", "Розничная")]),
    )

    batches = read_batches(written(tmp_path, text), limit=2)

    assert [(batch.is_offers, batch.external_ids) for batch, _ in batches] == [
        (False, ["g0", "g1"]),
        (False, ["g2", "g3"]),
        (False, ["g4"]),
        (True, ["g0", "g1"]),
        (True, ["g2"]),
    ]
    assert [record.external_id for _, records in batches for record in records] == [
        "g0", "g1", "g2", "g3", "g4", "g0", "g1", "g2",
    ]  # fmt: skip


def test_digest_changes_with_the_row_and_with_the_salt(tmp_path: Path) -> None:
    def digests(row: str, salt: bytes = b"salt") -> list[str]:
        file = opened(written(tmp_path, document(catalogue(row, goods("g2")))), salt=salt)
        batch = file.next_batch(10)
        file.close()
        assert batch is not None
        return batch.digests

    same, again = digests(goods("g1")), digests(goods("g1"))
    renamed, resalted = digests(goods("g1", name="Кефир")), digests(goods("g1"), b"other")

    assert same == again
    assert renamed[0] != same[0]
    assert renamed[1] == same[1]
    assert resalted[0] != same[0]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.xml"
        write_import(path, many_groups(), many_goods(count))
        file = opened(path)
        tracemalloc.start()
        while (batch := file.next_batch(200)) is not None:
            file.records(range(len(batch)))
            assert file._container is not None
            assert len(file._container) <= READ_AHEAD, "rows that were used stay in the tree"
        _, top = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        file.close()
        return top

    small, large = peak(600), peak(3000)

    assert large < small * 1.5
