"""Decisions about odd values, one by one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from addons.catalog.api import UNSET, Aspect, GoodsRow, VatTable
from addons.catalog_1c.domain.options import MappingOptions
from addons.catalog_1c.domain.prices import PriceChoice
from addons.catalog_1c.domain.records import GoodsRecord, PriceRecord, PriceType
from addons.catalog_1c.services.map_row import RowMapper
from kernel.errors import Refusal
from kernel.money import Money

RETAIL = PriceType("retail", "Розничная", "KZT")


def mapped(record: GoodsRecord, options: MappingOptions | None = None) -> tuple[GoodsRow, list[str]]:
    """The row of a record and the codes of remarks."""
    options = options or MappingOptions()
    prices = PriceChoice(options.price_type, [RETAIL])
    prices.settle()
    mapper = RowMapper(options, prices=prices, table=VatTable(), day=date(2026, 1, 15))
    return mapper.row(record), [note.code for note in mapper.notes]


def record(**values: Any) -> GoodsRecord:
    return GoodsRecord(**{"external_id": "g1", "digest": "d", "is_offer": False, **values})


def one_price(amount: str | None = "10", **values: str) -> PriceRecord:
    return PriceRecord(
        **{
            "type_id": "retail",
            "amount": amount,
            "currency": "KZT",
            "coefficient": "",
            "min_quantity": "",
            **values,
        }
    )


@pytest.mark.parametrize(
    ("prices", "price", "reasons"),
    [
        (None, UNSET, []),
        ((), None, []),
        ((one_price("1 234,565"),), Money(123_457), []),
        ((one_price(currency="тенге"),), Money.tenge(10), []),
        ((one_price(currency="тг."),), Money.tenge(10), []),
        ((one_price(currency=""),), Money.tenge(10), []),
        ((one_price(coefficient="1,000"),), Money.tenge(10), []),
        ((one_price(""),), None, ["C1C_PRICE_EMPTY"]),
        ((one_price(None),), None, ["C1C_PRICE_EMPTY"]),
        ((one_price("0.00"),), None, ["C1C_PRICE_EMPTY"]),
        ((one_price("договорная"),), UNSET, ["C1C_PRICE_UNREADABLE"]),
        ((one_price("-5"),), UNSET, ["C1C_PRICE_UNREADABLE"]),
        ((one_price("99999999999999"),), UNSET, ["C1C_PRICE_UNREADABLE"]),
        ((one_price(currency="руб."),), UNSET, ["C1C_PRICE_CURRENCY"]),
        ((one_price(coefficient="12"),), UNSET, ["C1C_PRICE_FOR_PACK"]),
        ((one_price("9", coefficient="12"), one_price("1")), Money.tenge(1), []),
        ((one_price("8", min_quantity="10"), one_price("9")), Money.tenge(9), []),
        (
            (one_price(type_id="guid_CLUB_city"),),
            UNSET,
            ["C1C_PRICE_TYPE_UNDECLARED", "C1C_PRICE_TYPE_ABSENT"],
        ),
    ],
)
def test_price_is_read_cleared_or_left_out_with_a_reason(
    prices: tuple[PriceRecord, ...] | None, price: object, reasons: list[str]
) -> None:
    row, notes = mapped(record(is_offer=True, prices=prices))

    assert (row.price, notes, row.aspect) == (price, reasons, Aspect.OFFER)


@pytest.mark.parametrize(
    ("texts", "default", "vat_bp", "reasons"),
    [
        (("16",), "", 1600, []),
        (("5%",), "16", 500, []),
        (("", "16"), "", 1600, []),
        (("Без НДС",), "16", None, []),
        (("0",), "", 0, []),
        (("18%",), "", 1800, ["C1C_VAT_NOT_IN_LAW"]),
        (("12",), "", 1200, ["C1C_VAT_NOT_IN_LAW"]),
        (("общая",), "", UNSET, ["C1C_VAT_UNREADABLE"]),
        (("",), "", UNSET, []),
        ((), "", UNSET, []),
        (None, "", UNSET, []),
        (None, "16", 1600, []),
        (None, "Без НДС", None, []),
    ],
)
def test_vat_text_becomes_a_rate(
    texts: tuple[str, ...] | None, default: str, vat_bp: object, reasons: list[str]
) -> None:
    row, notes = mapped(record(vat_texts=texts), MappingOptions(default_vat=default))

    assert (row.vat_bp, notes) == (vat_bp, reasons)


@pytest.mark.parametrize(
    ("code", "name", "kind", "unit", "reasons"),
    [
        ("796 ", "шт", "Товар", "796", []),
        ("0166", "кг", "Товар", "166", []),
        ("2009", "кг", "Товар", "166", []),
        ("   ", "упак.", "Товар", "778", []),
        ("", "л", "Товар", "112", []),
        ("998", "тыс. усл. ед", "Товар", UNSET, ["C1C_UNIT_UNKNOWN"]),
        (None, None, "Услуга", "5114", []),
        (None, None, "Товар", UNSET, []),
    ],
)
def test_unit_is_found_by_number_then_by_name(
    code: str | None, name: str | None, kind: str, unit: object, reasons: list[str]
) -> None:
    row, notes = mapped(record(unit_code=code, unit_name=name, named=(("типноменклатуры", kind),)))

    assert (row.unit_code, notes) == (unit, reasons)


def test_offer_of_a_plain_good_speaks_only_of_price_and_barcodes() -> None:
    row, _ = mapped(
        record(
            is_offer=True,
            name="Иное",
            article="A",
            vat_texts=("5",),
            unit_code="166",
            barcodes=(),
            group_id="x",
        )
    )

    silent = (row.name, row.article, row.vat_bp, row.unit_code, row.barcodes, row.group_external_id)
    assert set(silent) == {UNSET}


def test_offer_of_a_variant_names_it_and_its_good() -> None:
    row, _ = mapped(record(external_id="shoe#42", is_offer=True, name="Кроссовки (42)", barcodes=("111",)))

    assert (row.base_external_id, row.name, row.barcodes) == ("shoe", "Кроссовки (42)", ("111",))


def test_good_whose_own_id_has_a_characteristic_is_no_variant() -> None:
    row, _ = mapped(record(external_id="shoe#42", name="Кроссовки 42"))

    assert (row.base_external_id, row.aspect) == ("", Aspect.CARD)


@pytest.mark.parametrize(("text", "is_marked"), [("Да", True), ("нет", False), ("Табак", True), ("", False)])
def test_mark_is_a_flag_or_the_name_of_a_group(text: str, is_marked: bool) -> None:
    row, _ = mapped(record(named=(("маркируемый товар", text),)))

    assert row.is_marked is is_marked


@pytest.mark.parametrize(
    ("code", "named", "wanted"),
    [
        ("000077", (), 77),
        (None, (("код", "00000000345"),), 345),
        ("НФ-5", (("код", "9"),), None),
        (None, (), None),
    ],
)
def test_numeric_code_of_1c_is_asked_for(
    code: str | None, named: tuple[tuple[str, str], ...], wanted: int | None
) -> None:
    row, _ = mapped(record(code=code, named=named))

    assert row.wanted_code == wanted


def test_undeclared_price_types_are_told_apart_only_when_chosen() -> None:
    two = (one_price(type_id="A"), one_price("7", type_id="B"))

    guess, chosen = PriceChoice(""), PriceChoice("B")
    guess.settle()
    chosen.settle()

    assert guess.choose(two) == "C1C_PRICE_TYPE_AMBIGUOUS"
    assert guess.choose(two[:1]) == two[0]
    assert chosen.choose(two) == two[1]


def test_wanted_price_type_that_was_not_declared_is_refused() -> None:
    choice = PriceChoice("Оптовая", [RETAIL])

    with pytest.raises(Refusal) as caught:
        choice.settle()

    assert (caught.value.code, caught.value.facts["choices"]) == ("C1C_PRICE_TYPE_UNKNOWN", "Розничная")
