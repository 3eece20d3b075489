"""Rates of VAT by kind and day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from addons.catalog.domain.vat import WITHOUT_VAT, Vat, VatKind, VatTable, day_of, parse_periods
from kernel.errors import Refusal

LAW = VatTable()
DAY_2026 = date(2026, 1, 15)


@pytest.mark.parametrize(
    ("kind", "day", "rate"),
    [
        (VatKind.STANDARD, date(2025, 12, 31), 1200),
        (VatKind.STANDARD, date(2026, 1, 1), 1600),
        (VatKind.MEDICINE, date(2025, 12, 31), None),
        (VatKind.MEDICINE, date(2026, 1, 1), 500),
        (VatKind.MEDICINE, date(2027, 1, 1), 1000),
        (VatKind.PERIODICAL, date(2026, 6, 1), 1000),
        (VatKind.ZERO, date(2026, 6, 1), 0),
        (VatKind.NONE, date(2026, 6, 1), None),
    ],
)
def test_rate_follows_the_law_of_the_day(kind: VatKind, day: date, rate: int | None) -> None:
    assert LAW.rate_on(Vat(kind), day) == rate


@pytest.mark.parametrize(
    ("rate", "kind"),
    [
        (1600, VatKind.STANDARD),
        (500, VatKind.MEDICINE),
        (1000, VatKind.PERIODICAL),
        (0, VatKind.ZERO),
        (1200, VatKind.FIXED),
        (2000, VatKind.FIXED),
    ],
)
def test_rate_given_as_a_number_finds_its_kind(rate: int, kind: VatKind) -> None:
    vat = LAW.vat_for(rate, DAY_2026)

    assert vat.kind is kind
    assert LAW.rate_on(vat, DAY_2026) == rate


def test_no_rate_is_without_vat_and_not_zero_percent() -> None:
    assert LAW.vat_for(None, DAY_2026) == WITHOUT_VAT
    assert LAW.rate_on(WITHOUT_VAT, DAY_2026) is None


@pytest.mark.parametrize("rate", [-1, 10_000])
def test_rate_outside_of_percents_is_refused(rate: int) -> None:
    with pytest.raises(Refusal) as caught:
        LAW.vat_for(rate, DAY_2026)

    assert caught.value.code == "PRODUCT_VAT_OUT_OF_RANGE"


def test_setting_adds_a_change_of_the_law() -> None:
    table = VatTable(parse_periods("medicine 2028-01-01 1200; periodical 2028-01-01 none"))

    assert table.rate_on(Vat(VatKind.MEDICINE), date(2027, 12, 31)) == 1000
    assert table.rate_on(Vat(VatKind.MEDICINE), date(2028, 1, 1)) == 1200
    assert table.rate_on(Vat(VatKind.PERIODICAL), date(2028, 1, 1)) is None


@pytest.mark.parametrize(
    "text", ["medicine", "food 2028-01-01 5", "medicine 2028-13-01 5", "zero 2028-01-01 -5"]
)
def test_malformed_change_of_the_law_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_periods(text)

    assert caught.value.code == "VAT_PERIODS_MALFORMED"


def test_day_of_the_law_begins_at_midnight_of_almaty() -> None:
    assert day_of(datetime(2025, 12, 31, 18, 59, tzinfo=UTC)) == date(2025, 12, 31)
    assert day_of(datetime(2025, 12, 31, 19, 0, tzinfo=UTC)) == date(2026, 1, 1)
