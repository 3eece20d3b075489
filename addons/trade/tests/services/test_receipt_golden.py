"""Receipts look as they did: pictures point by point, jobs for printers byte by byte.

Nothing is tolerated but what another version of a renderer draws in another way, and those are pinned by the
lock (Pillow with its FreeType, python-escpos, segno) and package-lock.json (the typeface). PNG files are
compared after unpacking, because zlib may pack the same points differently; PDF is held to its words and
codes in test_receipt_contents.py.

After a change that is meant: look at the new pictures, then `SAUDA_WRITE_GOLDEN=1 pytest <this file>`.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from addons.trade.domain.receipt_paper import PLAIN_BRANDING, Branding
from addons.trade.domain.receipt_samples import SAMPLES
from addons.trade.domain.receipt_words import ReceiptLanguage
from addons.trade.services.print_receipt import make_paper, theme_of
from kernel.config_sections import WebSettings
from kernel.printing.escpos import Encoding, EscposOptions, QrBy, as_escpos
from kernel.printing.logos import grey_logo
from kernel.printing.paper import Paper, roll_of_mm
from kernel.printing.pdf import png_size
from kernel.printing.picture import as_png
from kernel.printing.tests.printer import Printer

GOLDEN = Path(__file__).parents[1] / "golden"
IS_WRITING = os.environ.get("SAUDA_WRITE_GOLDEN") == "1"


def branding() -> Branding:
    """A logo with greys to dither, two texts, a bar code."""
    image = Image.linear_gradient("L").resize((400, 120))
    ImageDraw.Draw(image).ellipse((150, 10, 250, 110), fill=0)
    out = io.BytesIO()
    image.save(out, "PNG")
    logo = grey_logo(out.getvalue())
    texts = ("Чекті consumer.oofd.kz сайтында тексеріңіз", "Скидка 5 % по карте «Береке»\nInstagram: @bereke")
    return Branding(logo, png_size(logo)[0], texts, is_barcode_printed=True)


def paper(state: str, language: str, extras: Branding = PLAIN_BRANDING, theme: str = "default") -> Paper:
    chosen = theme_of(WebSettings(theme=theme))
    return make_paper(SAMPLES[state], language=ReceiptLanguage(language), theme=chosen, branding=extras)


@pytest.mark.parametrize(
    ("state", "language", "mm", "theme"),
    [
        ("sale", "both", 80, "default"),
        ("sale", "ru", 58, "default"),
        ("offline", "kk", 58, "default"),
        ("copy", "both", 80, "default"),
        ("return", "both", 58, "default"),
        ("test", "ru", 80, "compact"),
    ],
)
def test_pictures_for_people(state: str, language: str, mm: int, theme: str) -> None:
    roll = roll_of_mm(mm)
    assert roll is not None
    extras = branding() if state == "copy" else PLAIN_BRANDING
    made = as_png(paper(state, language, extras, theme), roll)

    path = GOLDEN / f"{state}-{language}-{mm}-{theme}.png"
    if IS_WRITING:
        path.write_bytes(made)
    drawn, known = Image.open(io.BytesIO(made)), Image.open(path)
    assert drawn.size == known.size
    assert drawn.convert("L").tobytes() == known.convert("L").tobytes(), f"{path.name} looks different"


JOBS = [
    ("sale", "ru", EscposOptions(columns=32)),
    ("sale", "both", EscposOptions(columns=48, encoding=Encoding.CP1251)),
    ("sale", "kk", EscposOptions(columns=42, encoding=Encoding.RK1048, profile="TM-T20II")),
    ("offline", "kk", EscposOptions(columns=32, encoding=Encoding.RASTER, qr=QrBy.PICTURE)),
    ("copy", "both", EscposOptions(columns=32, profile="NT-5890K", opens_drawer=True)),
]


@pytest.mark.parametrize(
    ("state", "language", "options"), JOBS, ids=[f"{each[0]}-{each[1]}-{each[2].columns}" for each in JOBS]
)
def test_jobs_for_printers(state: str, language: str, options: EscposOptions) -> None:
    extras = branding() if state == "copy" else PLAIN_BRANDING
    made = as_escpos(paper(state, language, extras), options)

    path = GOLDEN / f"{state}-{language}-{options.columns}-{options.encoding.value}.escpos"
    if IS_WRITING:
        path.write_bytes(made)
    Printer(options.columns).feed(made)  # every byte of it is understood
    assert made == path.read_bytes(), f"{path.name} is printed differently"
