"""What is printed can be read back: letters as letters, codes by a scanner, commands by a printer."""

from __future__ import annotations

import io
import logging
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from kernel.errors import Refusal
from kernel.printing import fonts, picture
from kernel.printing.codes import barcode_modules, barcode_svg, qr_rows, qr_side_max, qr_svg
from kernel.printing.escpos import (
    Encoding,
    EscposOptions,
    QrBy,
    as_escpos,
    encoded,
    known_profiles,
    raster_command,
)
from kernel.printing.escpos_library import Dummy
from kernel.printing.paper import (
    ROLL_58,
    ROLL_80,
    ROLLS,
    Align,
    Barcode,
    Cut,
    Paper,
    Picture,
    Qr,
    Roll,
    Row,
    Rule,
    Size,
    Stroke,
    Style,
    Text,
)
from kernel.printing.pdf import as_pdf
from kernel.printing.picture import DOTS_PER_MM, FINE, as_png
from kernel.printing.tests.printer import Printer

LINK = "https://consumer.oofd.kz?i=1234567890&f=010100000123&s=3672.00&t=20260115T093000"
NUMBER = "176846940000000001"
KAZAKH = "Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі ₸"
PAPER = Paper(
    (
        Text("ФИСКАЛЬНЫЙ ЧЕК", Style(Align.CENTRE, True, Size.LARGE)),
        Rule(Stroke.DOUBLE),
        Row(("2 шт × 320.00", "640.00")),
        Text("ТЕСТ", Style(Align.CENTRE, is_bold=True, is_inverted=True)),
        Text(KAZAKH),
        Rule(Stroke.DASHED),
        Row(("ИТОГО", "640.00"), Style(is_bold=True, size=Size.TALL)),
        Qr(LINK),
        Barcode(NUMBER),
        Cut(),
    ),
    title="Чек № 42",
)


def codes_in(image: Image.Image) -> list[str]:
    return sorted(found.text for found in zxingcpp.read_barcodes(image.convert("L")))


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


@pytest.mark.parametrize("roll", [ROLL_58, ROLL_80])
def test_a_picture_has_the_width_of_its_roll_and_codes_that_scan(roll: Roll) -> None:
    image = opened(as_png(PAPER, roll))

    assert image.width == roll.mm * DOTS_PER_MM * FINE
    assert image.info["dpi"] == pytest.approx((406.4, 406.4), abs=0.1)
    assert codes_in(image) == [NUMBER, LINK]


@pytest.mark.parametrize("roll", [ROLL_58, ROLL_80])
def test_a_pdf_has_letters_and_codes_that_scan(roll: Roll) -> None:
    document = pypdfium2.PdfDocument(as_pdf(PAPER, roll))
    page = document[0]
    said = page.get_textpage().get_text_range()

    assert len(document) == 1
    assert page.get_width() == pytest.approx(roll.mm * 72 / 25.4, abs=0.1)
    assert document.get_metadata_dict()["Title"] == "Чек № 42"
    for text in ("ФИСКАЛЬНЫЙ ЧЕК", "2 шт × 320.00", KAZAKH, "ТЕСТ", "ИТОГО", NUMBER):
        assert text in said
    assert codes_in(page.render(scale=203 / 72).to_pil()) == [NUMBER, LINK]
    document.close()


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert as_pdf(PAPER, ROLL_58) == as_pdf(PAPER, ROLL_58)
    assert as_png(PAPER, ROLL_58) == as_png(PAPER, ROLL_58)


def test_a_pdf_of_many_metres_has_several_pages() -> None:
    document = pypdfium2.PdfDocument(as_pdf(Paper((Text("жол"),) * 3_000), ROLL_58))

    heights = [page.get_height() for page in document]
    assert len(heights) == 3
    assert max(heights) <= 14_400
    assert sum(page.get_textpage().get_text_range().count("жол") for page in document) == 3_000
    document.close()


def test_a_picture_of_many_metres_is_refused() -> None:
    with pytest.raises(Refusal, match="PRINTING_PICTURE_TOO_LONG"):
        as_png(Paper((Text("жол"),) * 3_000), ROLL_58)


@pytest.mark.parametrize("columns", [roll.columns for roll in ROLLS])
@pytest.mark.parametrize("encoding", [Encoding.CP866, Encoding.CP1251, Encoding.RK1048])
def test_a_printer_gets_letters_where_its_code_page_has_them(columns: int, encoding: Encoding) -> None:
    job = as_escpos(PAPER, EscposOptions(columns=columns, encoding=encoding))
    printer = Printer(columns).feed(job)

    assert "  ФИСКАЛЬНЫЙ ЧЕК".strip() in [line.strip() for line in printer.lines]
    assert "=" * columns in printer.lines
    assert any(line.startswith("2 шт ") and line.endswith("640.00") for line in printer.lines)
    assert ("ФИСКАЛЬНЫЙ ЧЕК", True, False, 2, 2) in [(text.strip(), *rest) for text, *rest in printer.looks]
    assert ("ТЕСТ", True, True, 1, 1) in [(text.strip(), *rest) for text, *rest in printer.looks]
    assert [(rest[2], rest[3]) for text, *rest in printer.looks if "ИТОГО" in text] == [(1, 2)]
    assert not any("?" in line for line in printer.lines)
    # The Kazakh letters and the tenge are drawn; the bar code too; the QR is the printer's own.
    assert KAZAKH not in "".join(printer.lines)
    assert printer.qr_codes == [LINK]
    assert all(each.width == columns * 12 for each in printer.pictures)
    assert codes_in(printer.pictures[-1]) == [NUMBER]
    assert printer.cuts == 1
    assert printer.drawers == 0


def test_kazakhstans_code_page_needs_pictures_for_the_tenge_only() -> None:
    options = EscposOptions(columns=32, encoding=Encoding.RK1048)
    printer = Printer(32).feed(as_escpos(Paper((Text("Қайтарым ӘҒҚҢӨҰҮҺІ"), Text("640 ₸"))), options))

    assert printer.lines == ["Қайтарым ӘҒҚҢӨҰҮҺІ"]
    assert len(printer.pictures) == 1


def test_as_a_whole_everything_is_one_picture_without_seams() -> None:
    options = EscposOptions(columns=32, encoding=Encoding.RASTER, qr=QrBy.PICTURE)
    printer = Printer(32).feed(as_escpos(PAPER, options))

    assert "".join(printer.lines).strip() == ""
    assert codes_in(printer.strip()) == [NUMBER, LINK]
    drawn = picture.draw(picture.lay(Paper(PAPER.blocks[:-1]), 32), 32).convert("L")
    assert printer.strip().tobytes() == drawn.tobytes()


@pytest.mark.parametrize(
    ("profile", "columns", "dots", "has_own_qr", "cuts"),
    [
        ("TM-T88V", 42, 504, True, 1),
        ("TM-T88V", 48, 480, True, 1),
        ("NT-5890K", 32, 384, False, 0),
        ("ZJ-5870", 32, 384, False, 0),
    ],
)
def test_a_model_is_asked_only_for_what_it_can_do(
    profile: str, columns: int, dots: int, has_own_qr: bool, cuts: int
) -> None:
    options = EscposOptions(columns=columns, profile=profile)
    printer = Printer(columns).feed(as_escpos(PAPER, options))

    assert {each.width for each in printer.pictures} == {dots}
    assert bool(printer.qr_codes) is has_own_qr
    assert printer.qr_codes or LINK in codes_in(printer.strip())
    assert printer.cuts == cuts


@pytest.mark.parametrize("width", [384, 480, 504])
def test_our_raster_command_is_the_librarys(width: int) -> None:
    strip = Image.effect_noise((width, 60), 200).convert("1")
    printer = Dummy()
    printer.image(strip, impl="bitImageRaster")

    assert raster_command(strip) == printer.output


def test_a_paper_of_many_metres_is_printed() -> None:
    paper = Paper((*(Text(f"Қадам {number}") for number in range(3_000)), Cut()))
    printer = Printer(32).feed(as_escpos(paper, EscposOptions(columns=32, encoding=Encoding.RASTER)))

    assert sum(each.height for each in printer.pictures) == 3_000 * picture.PITCH
    assert max(each.height for each in printer.pictures) <= 240


@pytest.mark.parametrize("encoding", list(Encoding))
def test_words_are_never_commands(encoding: Encoding) -> None:
    """A name that came with goods opens no drawer, cuts no paper and changes no letters."""
    evil = "Нан\x1bp\x00\x19\x19\x1bE\x01\x10\x04\x01\x7f\x00"  # every code page has all of it
    paper = Paper((Text(evil), Row((evil, evil)), Text("\x1b@", Style(is_inverted=True))))
    printer = Printer(48).feed(as_escpos(paper, EscposOptions(encoding=encoding)))

    assert (printer.drawers, printer.cuts) == (0, 0)
    for line in printer.lines:
        assert line.isprintable()


def test_a_drawer_is_opened_before_the_paper_and_a_knife_may_be_missing() -> None:
    job = as_escpos(PAPER, EscposOptions(opens_drawer=True, has_knife=False))
    printer = Printer(48).feed(job)

    assert job.index(b"\x1bp") < job.index(b"\x1bt")
    assert (printer.drawers, printer.cuts) == (1, 0)
    assert printer.lines[-3:] == ["", "", ""]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"columns": 40}, "PRINTING_WIDTH_IMPOSSIBLE"),
        ({"profile": "No-Such-Model"}, "PRINTER_PROFILE_UNKNOWN"),
        ({"profile": "Sunmi-V2", "encoding": Encoding.CP1251}, "PRINTER_ENCODING_UNKNOWN"),
        ({"profile": "OCD-100", "encoding": Encoding.RASTER}, "PRINTER_CANNOT_DRAW"),
    ],
)
def test_what_a_model_cannot_do_is_refused(changes: dict[str, object], code: str) -> None:
    with pytest.raises(Refusal, match=code):
        as_escpos(PAPER, replace(EscposOptions(columns=32), **changes))  # type: ignore[arg-type]


def test_signs_are_said_in_another_way_before_they_are_drawn() -> None:
    assert encoded("2 × «Нан» – 5…", "cp866") == '2 x "Нан" - 5.'.encode("cp866")
    assert encoded("2 «Нан»", "cp1251") == "2 «Нан»".encode("cp1251")
    assert encoded("Қайтарым", "cp1251") is None


def test_loading_the_library_leaves_our_logging_alone() -> None:
    handlers = list(logging.getLogger().handlers)

    assert "TM-T20II" in known_profiles()
    assert logging.getLogger().handlers == handlers


def test_a_picture_is_dithered_for_printers_and_grey_for_people() -> None:
    grey = io.BytesIO()
    Image.linear_gradient("L").save(grey, "PNG")
    paper = Paper((Picture(grey.getvalue(), width_mm=32),))
    printed = Printer(32).feed(as_escpos(paper, EscposOptions(columns=32))).strip()
    shown = opened(as_png(paper, ROLL_58)).convert("L")

    assert {colour for _, colour in printed.getcolors()} == {0, 255}
    middle = printed.crop((80, 64, 304, 192))
    share = sum(number for number, colour in middle.getcolors() if colour == 0) / (224 * 128)
    assert share == pytest.approx(0.5, abs=0.05)
    assert len(shown.getcolors()) == 16


@pytest.mark.parametrize("length", [1, 14, 15, 106, 107, 666, 997])
def test_the_size_of_a_qr_is_known_without_drawing_it(length: int) -> None:
    text = "a" * length

    assert qr_side_max(text) == len(qr_rows(text))
    with pytest.raises(Refusal, match="PRINTING_QR_TOO_LONG"):
        qr_side_max(text + "a" * 997)


@pytest.mark.parametrize("text", ["", "Қазақша", "x" * 41, "a\nb"])
def test_a_bar_code_holds_latin_letters_and_digits(text: str) -> None:
    with pytest.raises(Refusal, match="PRINTING_BARCODE_IMPOSSIBLE"):
        barcode_modules(text)


def test_codes_for_pages_are_svg_without_outside_names() -> None:
    for svg in (qr_svg(LINK), barcode_svg(NUMBER)):
        assert svg.startswith("<svg viewBox=")
        assert "http" not in svg


def test_our_typeface_has_every_letter_we_print_and_one_width() -> None:
    letters = KAZAKH.replace(" ", "") + "АБЯабя№«»×–—·|ЁёABZ019%"
    for name in (fonts.REGULAR, fonts.BOLD):
        typeface = picture.font(name, 12)
        absent = typeface.getmask("\uffff").size, bytes(typeface.getmask("\uffff"))
        for letter in letters:
            mask = typeface.getmask(letter)
            assert (mask.size, bytes(mask)) != absent, letter
            assert typeface.getlength(letter) == 12, letter


def test_a_missing_typeface_is_refused_with_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(fonts, "SYSTEM_FOLDER", tmp_path)
    monkeypatch.setattr(fonts, "packaged_font", lambda name, home=tmp_path: home / name)
    fonts.font_path.cache_clear()

    try:
        with pytest.raises(Refusal, match="PRINTING_FONT_MISSING"):
            fonts.font_path(fonts.BOLD)
    finally:
        fonts.font_path.cache_clear()
    assert not fonts.is_font_present(fonts.BOLD)
    assert fonts.missing_fonts(tmp_path) == [fonts.REGULAR, fonts.BOLD]
