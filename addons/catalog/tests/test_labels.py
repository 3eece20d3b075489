"""Price labels: what a customer reads and a scanner too."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pypdfium2
import pytest
import zxingcpp

from addons.catalog.adapters.label_pdf import labels_pdf
from addons.catalog.domain.label import LABELS_MAX, Label, LabelPaper
from addons.catalog.tests.makers import good
from addons.catalog.tests.sheet_makers import Owner, new_owner
from kernel.money import Money

MILK = Label("Молоко «Простоквашино» 2,5 % 930 мл", Money(123_450), "шт", 17, "АРТ-17", "4870001000011")


@pytest.fixture
async def owner() -> AsyncIterator[Owner]:
    async with new_owner() as owner:
        yield owner


@pytest.mark.parametrize(
    ("paper", "pages", "millimetres"),
    [
        (LabelPaper.ROLL_58_40, 22, (58, 40)),
        (LabelPaper.ROLL_43_25, 22, (43, 25)),
        (LabelPaper.A4, 2, (210, 297)),
    ],
)
def test_labels_fill_their_paper_and_scan(
    paper: LabelPaper, pages: int, millimetres: tuple[int, int]
) -> None:
    document = pypdfium2.PdfDocument(labels_pdf([MILK] * 22, paper))
    page = document[0]
    codes = zxingcpp.read_barcodes(page.render(scale=6).to_pil(), formats=zxingcpp.BarcodeFormat.EAN13)
    text = page.get_textpage().get_text_bounded()

    assert len(document) == pages
    assert tuple(round(each / 72 * 25.4) for each in page.get_size()) == millimetres
    assert {code.text for code in codes} == {"4870001000011"}
    assert len(codes) == (21 if paper is LabelPaper.A4 else 1)
    assert "1\u00a0234,50\u00a0₸" in text.replace(" ", "\u00a0")
    assert "Простоквашино" in text


@pytest.mark.parametrize("code", ["96385074", "036000291452", "20123", "ABC-1"])
def test_every_kind_of_barcode_scans(code: str) -> None:
    label = Label("Товар", None, "кг", 1, "", code)

    page = pypdfium2.PdfDocument(labels_pdf([label], LabelPaper.ROLL_58_40))[0]
    (read,) = zxingcpp.read_barcodes(page.render(scale=8).to_pil())

    assert read.text.lstrip("0") == code.lstrip("0")


def test_code_that_no_bars_can_hold_is_printed_as_text() -> None:
    label = Label("Товар", Money(100), "шт", 1, "", "ШТРИХ-1")

    page = pypdfium2.PdfDocument(labels_pdf([label], LabelPaper.ROLL_58_40))[0]

    assert "ШТРИХ-1" in page.get_textpage().get_text_bounded()
    assert not zxingcpp.read_barcodes(page.render(scale=8).to_pil())


async def test_cashier_prints_labels_of_goods_for_sale(owner: Owner) -> None:
    await owner.shop.upsert(
        good("1", name="Чай", price=Money.tenge(990), barcodes=("96385074",)), good("2", name="Кофе")
    )
    headers = {"Authorization": "Bearer cashier"}

    async def ask(**params: str) -> tuple[int, bytes]:
        answer = await owner.client.get("/catalog/labels", params=params, headers=headers)
        return answer.status_code, answer.content

    status, body = await ask(codes="2,1", copies="2")
    document = pypdfium2.PdfDocument(body)
    refused = [
        await ask(codes="1,7"),
        await ask(codes=""),
        await ask(codes="1", copies=str(LABELS_MAX + 1)),
        await ask(codes="1", paper="a5"),
        await ask(codes="; DROP"),
    ]

    assert (status, len(document)) == (200, 4)
    assert "Кофе" in document[1].get_textpage().get_text_bounded()
    assert "990,00" in document[2].get_textpage().get_text_bounded()
    for (status, body), code in zip(
        refused,
        ("LABEL_CODE_UNKNOWN", "LABELS_NONE", "LABELS_TOO_MANY", "LABEL_PAPER_UNKNOWN", "LABEL_CODE_UNKNOWN"),
        strict=True,
    ):
        assert status == 400
        assert code.encode() in body
