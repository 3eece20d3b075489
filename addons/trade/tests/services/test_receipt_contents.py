"""Order 626, chapter 3, item 56: everything a receipt must say is on every medium, whatever theme sets it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from addons.trade.domain.receipt import Receipt, ReceiptStatus, tenge_text
from addons.trade.domain.receipt_paper import RECEIPT_KIND, Branding
from addons.trade.domain.receipt_samples import SALE, SAMPLES
from addons.trade.domain.receipt_words import WORDS, ReceiptLanguage
from addons.trade.services.print_receipt import make_paper, theme_of
from kernel.config_sections import WebSettings
from kernel.printing.escpos import EscposOptions, as_escpos
from kernel.printing.paper import ROLL_58, ROLL_80, ROLLS, Paper
from kernel.printing.pdf import as_pdf
from kernel.printing.picture import as_png
from kernel.printing.tests.printer import Printer
from kernel.printing.text import as_text
from kernel.web.themes import installed_themes

RU, KK, BOTH = ReceiptLanguage.RU, ReceiptLanguage.KK, ReceiptLanguage.BOTH
THEMES = [theme.name for theme in installed_themes(WebSettings())]
BUYER = "230140000021"
FULL = replace(SALE, customer_bin=BUYER)

# Each item of the list, and how the receipt answers it.
ITEMS: Mapping[str, Callable[[Receipt], list[str]]] = {
    "1 taxpayer's name": lambda r: [r.company_title],
    "2 address of use": lambda r: [r.address],
    "3 IIN/BIN": lambda r: [r.bin],
    "4 factory number": lambda r: [r.kkm_factory_number],
    "5 registration number": lambda r: [r.kkm_registration_number],
    "6 number of the receipt": lambda r: [f"Чек № {r.document_number}"],
    "7 name of the goods": lambda r: [line.name for line in r.lines],
    "8 catalogue and marking codes": lambda r: [
        code.replace("\x1d", "|") for line in r.lines for code in (line.ntin, *line.marks) if code
    ],
    "9 quantity and unit": lambda r: [f"{line.quantity} {line.unit_name}" for line in r.lines],
    "10 unit price": lambda r: [f"× {tenge_text(line.price)}" for line in r.lines],
    "11 total": lambda r: [f"{tenge_text(r.total)} ₸"],
    "12 OFD and its site": lambda r: [r.ofd_title, r.ofd_site],
    "13 date and time": lambda r: [f"{r.at:%d.%m.%Y %H:%M:%S}"],
    "14 fiscal sign": lambda r: [r.sign],
    "15 VAT and its rate": lambda r: [
        *("НДС 16%", "НДС 5%"),
        *(tenge_text(row.vat) for row in r.vat_rows if row.vat),
    ],
    "17 buyer's IIN/BIN": lambda r: [r.customer_bin or ""],
}


def paper(receipt: Receipt, language: ReceiptLanguage = RU, *, theme: str = "default") -> Paper:
    return make_paper(receipt, language=language, theme=theme_of(WebSettings(theme=theme)))


def squeezed(text: str) -> str:
    """Without the spaces and line ends that a narrow paper puts between words."""
    return "".join(text.split())


def missing(receipt: Receipt, said: str) -> list[str]:
    seen = squeezed(said)
    return [
        f"{name}: {value}"
        for name, values in ITEMS.items()
        for value in values(receipt)
        if squeezed(value) not in seen
    ]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("columns", [24, *(roll.columns for roll in ROLLS)])
def test_text_says_every_item_of_the_order(theme: str, columns: int) -> None:
    assert missing(FULL, as_text(paper(FULL, theme=theme), columns)) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("roll", [ROLL_58, ROLL_80])
def test_a_pdf_says_every_item_of_the_order(theme: str, roll) -> None:
    document = pypdfium2.PdfDocument(as_pdf(paper(FULL, theme=theme), roll))
    said = document[0].get_textpage().get_text_range()
    picture = document[0].render(scale=203 / 72).to_pil().convert("L")
    document.close()

    assert missing(FULL, said) == []
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [FULL.qr_text]  # 16


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("roll", [ROLL_58, ROLL_80])
def test_a_picture_has_the_link_of_the_ofd_unchanged(theme: str, roll) -> None:
    png = Image.open(io.BytesIO(as_png(paper(FULL, BOTH, theme=theme), roll))).convert("L")

    assert [found.text for found in zxingcpp.read_barcodes(png)] == [FULL.qr_text]


@pytest.mark.parametrize("columns", [roll.columns for roll in ROLLS])
def test_a_printer_prints_every_item_of_the_order(columns: int) -> None:
    """In Russian only the tenge and Kazakh names are drawn: those are compared as pictures in the goldens."""
    plain = replace(
        FULL,
        operator_name="Айгуль",
        lines=tuple(replace(line, name="Хлеб", unit_name="шт") for line in FULL.lines),
    )
    printer = Printer(columns).feed(as_escpos(paper(plain), EscposOptions(columns=columns)))

    left = missing(plain, "\n".join(printer.lines).replace(" x ", " × ").replace('"', "«"))
    assert {each.partition(":")[0] for each in left} <= {"1 taxpayer's name", "2 address of use", "11 total",
                                                         "12 OFD and its site"}  # fmt: skip
    assert "ТОО «Береке Маркет«" in "\n".join(printer.lines).replace('"', "«")
    assert printer.qr_codes == [plain.qr_text]
    assert len(printer.pictures) == 1  # the total, with its ₸


@pytest.mark.parametrize("language", list(ReceiptLanguage))
def test_the_buyers_number_and_vat_appear_only_when_they_are_due(language: ReceiptLanguage) -> None:
    words = [word for pair in (WORDS["customer"], WORDS["vat_inside"]) for word in pair]
    said = as_text(paper(SAMPLES["no_vat"], language), 48)

    assert not any(word in said for word in words)
    assert "НДС" not in said
    assert "ҚҚС" not in said


@pytest.mark.parametrize(
    ("state", "kazakh", "russian"),
    [
        ("offline", "Автономды", "Автономный"),
        ("delivered", "Автономды", "Автономный"),
        ("copy", "КӨШІРМЕ", "ДУБЛИКАТ"),
        ("test", "ТЕСТ, фискалдық емес", "ТЕСТ, нефискальный"),
        ("pending", "әлі фискалдық емес", "ещё не фискальный"),
        ("rejected", "Чек қабылданбады", "Чек отклонён"),
        ("return", "Сатуды қайтару", "Возврат продажи"),
        ("purchase", "Сатып алу", "Покупка"),
    ],
)
def test_every_state_is_marked_in_every_language(state: str, kazakh: str, russian: str) -> None:
    said = {language: squeezed(as_text(paper(SAMPLES[state], language), 32)) for language in ReceiptLanguage}

    assert squeezed(russian) in said[RU]
    assert squeezed(kazakh) in said[KK]
    assert squeezed(russian) in said[BOTH]
    assert squeezed(kazakh) in said[BOTH]
    for language in ReceiptLanguage:
        assert (state in ("copy", "test", "pending", "rejected")) is any(
            getattr(getattr(block, "style", None), "is_inverted", False)
            for block in paper(SAMPLES[state], language).blocks
        )


@pytest.mark.parametrize("state", sorted(SAMPLES))
def test_only_a_paper_with_a_sign_of_a_real_ofd_is_called_fiscal(state: str) -> None:
    receipt = SAMPLES[state]
    said = as_text(paper(receipt, BOTH), 48)
    is_fiscal = receipt.status in (ReceiptStatus.FISCAL, ReceiptStatus.AUTONOMOUS) and not receipt.is_test

    assert ("ФИСКАЛЬНЫЙ ЧЕК" in said) is is_fiscal
    assert ("ФИСКАЛДЫҚ ЧЕК" in said) is is_fiscal
    assert (receipt.qr_text != "") is (receipt.status in (ReceiptStatus.FISCAL, ReceiptStatus.AUTONOMOUS))


@pytest.mark.parametrize("state", sorted(SAMPLES))
def test_samples_add_up(state: str) -> None:
    receipt = SAMPLES[state]

    assert sum(line.total.tiyn for line in receipt.lines) == receipt.total.tiyn
    assert sum(payment.amount.tiyn for payment in receipt.payments) == receipt.total.tiyn
    for line in receipt.lines:
        assert line.sum - line.discount + line.markup == line.total


def test_an_offline_receipt_carries_its_own_number_and_link() -> None:
    receipt = SAMPLES["offline"]
    said = as_text(paper(receipt), 48)

    assert "Автономный признак" in said
    assert "Фискальный признак" not in said
    assert receipt.sign in receipt.qr_text


def test_company_texts_and_the_bar_code_stand_below() -> None:
    branding = Branding(texts=("Реклама ОФД", "Біздің дүкен"), is_barcode_printed=True)
    made = make_paper(SALE, language=RU, theme=theme_of(WebSettings()), branding=branding)
    said = as_text(made, 48)
    picture = Image.open(io.BytesIO(as_png(made, ROLL_58))).convert("L")

    places = [said.index(text) for text in ("Спасибо", "Реклама ОФД", "Біздің дүкен", SALE.code)]
    assert places == sorted(places)
    assert {found.text for found in zxingcpp.read_barcodes(picture)} == {SALE.qr_text, SALE.code}


def test_a_theme_may_not_drop_what_the_order_asks_for() -> None:
    assert RECEIPT_KIND.needed == {"seller", "title", "numbers", "goods", "sums", "fiscal", "check"}
    assert RECEIPT_KIND.needed <= RECEIPT_KIND.parts
