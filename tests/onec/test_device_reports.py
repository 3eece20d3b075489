"""Reports of sales in the formats of offline registers, read as 1C reads them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from addons.catalog_1c.adapters import equipment_report
from addons.catalog_1c.domain import atol_report, shtrih_report
from addons.catalog_1c.domain.device_reports import ReportHead, ReportOptions
from addons.catalog_1c.domain.sales import SoldReceipt, SoldShift
from addons.trade.api import CashDirection, SaleKind
from tests.onec.device_sales import (
    SALE_ID,
    cash,
    frontol_sales,
    line,
    log_rows,
    receipt,
    shift,
    shtrih_revenue,
)

HEAD = ReportHead("BASE", 12, 100)
OPTIONS = ReportOptions(zones={"outlet": "Asia/Almaty"})
NAMESPACE = {"e": equipment_report.NAMESPACE}
WRITERS = [atol_report.write_report, shtrih_report.write_report, equipment_report.write_report]


def frontol(*shifts: SoldShift, options: ReportOptions = OPTIONS) -> bytes:
    return atol_report.write_report(shifts, HEAD, options).content


def document(*shifts: SoldShift) -> etree._Element:
    return etree.fromstring(equipment_report.write_report(shifts, HEAD, OPTIONS).content)


def test_a_receipt_comes_to_1c_with_its_code_price_quantity_and_sum() -> None:
    content = frontol(
        shift(receipt(8, line(90_000, price=45_000, thousandths=2500), card=50_000, change=1_000))
    )

    assert content.decode("cp1251").split("\r\n")[:3] == ["#", "BASE", "12"]
    assert frontol_sales(content) == [
        {"code": "17", "price": Decimal(450), "quantity": Decimal("2.5"), "sum": Decimal(900)}
    ]
    rows = {row[3]: row for row in log_rows(content)}
    assert rows["11"][:7] == ["102", "21.11.2026", "10:08:00", "11", "3", "8", "7"]
    assert (rows["11"][11], rows["11"][14], rows["11"][18]) == ("1125,00", "360,00", "4870001")
    payments = [(row[8], row[10], row[11]) for row in log_rows(content) if row[3] == "40"]
    assert payments == [("1", "410,00", "400,00"), ("2", "500,00", "500,00")]
    assert (rows["55"][10], rows["55"][11], rows["55"][19]) == ("2,5", "900,00", "1125,00")


def test_rows_are_numbered_without_gaps_and_the_next_report_goes_on() -> None:
    written = atol_report.write_report([shift(receipt(1, line(100)))], HEAD, OPTIONS)

    numbers = [int(row[0]) for row in log_rows(written.content)]
    assert numbers == list(range(100, 100 + written.transactions))


def test_a_return_takes_its_money_back_in_every_format() -> None:
    sold = shift(
        receipt(1, line(50_000)),
        receipt(2, line(20_000), kind=SaleKind.SELL_RETURN, original=1),
    )

    assert sum(each["sum"] for each in frontol_sales(frontol(sold))) == 300
    assert shtrih_revenue(shtrih_report.write_report([sold], HEAD, OPTIONS).content) == 300
    checks = document(sold).findall(".//e:Check", NAMESPACE)
    assert [each.get("OperationType") for each in checks] == ["1", "2"]
    assert checks[1].get("RefDocumentUUID") == SALE_ID.format(1)


def test_documents_stand_in_the_order_of_the_day_between_opening_and_z() -> None:
    content = frontol(
        shift(
            receipt(3, line(100)),
            receipt(1, line(100)),
            cash=[cash(2, 777), cash(4, 555, CashDirection.WITHDRAWAL)],
        )
    )

    kinds = [int(row[3]) for row in log_rows(content)]
    assert kinds == [62, 42, 11, 40, 55, 50, 42, 11, 40, 55, 51, 61, 63]
    assert [row[11] for row in log_rows(content) if row[3] in ("50", "51")] == ["7,77", "5,55"]


def test_a_shift_told_before_brings_only_what_undoes_a_cancelled_receipt() -> None:
    sold = shift(receipt(1, line(50_000)), receipt(2, line(7_000), is_cancelled=True), is_retold=True)

    assert [each["sum"] for each in frontol_sales(frontol(sold))] == [Decimal(-70)]
    assert shtrih_revenue(shtrih_report.write_report([sold], HEAD, OPTIONS).content) == -70
    # A shift of the service replaces what it was: it is told in full.
    assert [each.get("Number") for each in document(sold).findall(".//e:Check", NAMESPACE)] == ["1"]


def test_a_good_that_is_not_from_this_base_goes_under_a_code_of_its_own() -> None:
    sold = shift(receipt(1, line(100, external_id=""), line(200)))

    written = atol_report.write_report([sold], HEAD, ReportOptions(unknown_code="999"))

    assert [each["code"] for each in frontol_sales(written.content)] == ["999", "17"]
    assert written.unknown_lines == 1


def test_purchases_are_left_out_of_logs_and_counted() -> None:
    sold = shift(receipt(1, line(100), kind=SaleKind.BUY), receipt(2, line(300)))

    written = atol_report.write_report([sold], HEAD, OPTIONS)

    assert [each["sum"] for each in frontol_sales(written.content)] == [Decimal(3)]
    assert written.purchases == 1
    assert [each.get("OperationType") for each in document(sold).findall(".//e:Check", NAMESPACE)] == [
        "3",
        "1",
    ]


def test_a_mark_never_breaks_a_row_or_a_document() -> None:
    mark = "010460;\x1d93abc\r\n<&>\x00"
    sold = shift(receipt(1, line(100, marks=(mark,))))

    row = next(row for row in log_rows(frontol(sold)) if row[3] == "11")
    stamp = document(sold).find(".//e:ExciseStamps", NAMESPACE)
    assert row[31].startswith("010460¤\x1d93abc")
    assert len(row) == atol_report.WIDTH
    assert stamp is not None
    assert stamp.text is not None
    assert stamp.text.startswith("010460;\u241d93abc")


def test_the_service_is_told_the_identities_it_gave() -> None:
    uuid = "5a000000-0000-0000-0000-000000000001"
    sold = shift(
        receipt(
            1,
            line(100, external_id=f"{uuid}#c-1#p-1", vat_bp=None),
            line(100, external_id=f"{uuid}##p-2", vat_bp=1250),
            line(100, external_id="15"),
            card=100,
        ),
        cash=[cash(2, 500)],
    )

    root = document(sold)

    goods = [dict(each.attrib) for each in root.findall(".//e:Good", NAMESPACE)]
    names = ("GoodUUID", "CharacteristicUUID", "PackingUUID", "Code", "TaxRate")
    assert [tuple(good.get(name) for name in names) for good in goods] == [
        (uuid, "c-1", "p-1", None, "none"),
        (uuid, None, "p-2", None, "12.50"),
        (None, None, None, "15", "16"),
    ]
    report = root.find(".//e:SaleReport", NAMESPACE)
    assert report is not None
    assert (report.get("ShiftNumber"), report.get("OpeningDate")) == ("5", "2026-11-21T10:00:00")
    payments = [dict(each.attrib) for each in root.findall(".//e:Payment", NAMESPACE)]
    assert payments == [{"Cash": "2.00"}, {"ElectronicPayment": "1.00"}]
    move = root.find(".//e:IncomeOutcomeCheck", NAMESPACE)
    assert move is not None
    assert (move.get("Type"), move.get("Sum")) == ("Income", "5.00")


amounts = st.integers(1, 10**10)
lines = st.builds(
    line,
    amounts,
    price=st.none() | amounts,
    thousandths=st.integers(1, 10**7),
    external_id=st.sampled_from(["", "17", "ТП-5"]),
)
receipts = st.lists(
    st.tuples(st.lists(lines, min_size=1, max_size=4), st.sampled_from(list(SaleKind)[:2])), max_size=5
)


def built(made: list[tuple[list, SaleKind]]) -> list[SoldReceipt]:  # type: ignore[type-arg]
    return [receipt(place, *own, kind=kind) for place, (own, kind) in enumerate(made, 1)]


@given(receipts)
def test_what_1c_adds_up_is_what_was_sold(made: list[tuple[list, SaleKind]]) -> None:  # type: ignore[type-arg]
    sold = shift(*built(made))
    revenue = Decimal(sum(
        each.sale.total.tiyn * (-1 if each.sale.kind is SaleKind.SELL_RETURN else 1) for each in sold.standing
    )) / 100  # fmt: skip

    assert sum((each["sum"] for each in frontol_sales(frontol(sold))), Decimal(0)) == revenue
    assert shtrih_revenue(shtrih_report.write_report([sold], HEAD, OPTIONS).content) == revenue
    signs = {"1": 1, "2": -1}
    told = sum(
        Decimal(good.get("Sum", "")) * signs[check.get("OperationType", "")]
        for check in document(sold).findall(".//e:Check", NAMESPACE)
        for good in check.findall(".//e:Good", NAMESPACE)
    )
    assert told == revenue


@pytest.mark.parametrize("write", WRITERS)
def test_the_same_shifts_give_the_same_bytes(write: object) -> None:
    sold = [shift(receipt(1, line(100)), cash=[cash(2, 5)])]

    assert callable(write)
    assert write(sold, HEAD, OPTIONS) == write(sold, HEAD, OPTIONS)
