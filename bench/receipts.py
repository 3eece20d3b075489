"""Receipts a second of one core on every medium, each receipt with a number and a link of its own.

    python -m bench.receipts --seconds 2 --runs 3

The ceiling beside each: what the library below it takes for the least of the same size. Text: the finished
lines joined. ESC/POS: python-escpos' own `textln` of the same lines. PDF: reportlab's page with two words.
PNG: Pillow packing a picture of that size that is drawn already. Time is that of our process alone.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from time import process_time

from PIL import Image

from addons.trade.domain.receipt import Receipt
from addons.trade.domain.receipt_samples import SALE
from addons.trade.domain.receipt_words import ReceiptLanguage
from addons.trade.services.print_receipt import make_paper, theme_of
from bench.figures import Figure, show_figures
from bench.measure import spread
from kernel.config_sections import WebSettings
from kernel.printing.escpos import Encoding, EscposOptions, QrBy, as_escpos
from kernel.printing.escpos_library import Dummy
from kernel.printing.paper import ROLL_80, Paper, Text
from kernel.printing.pdf import as_pdf
from kernel.printing.picture import as_png
from kernel.printing.text import as_text

COLUMNS = 48
Once = Callable[[], object]
_numbers = count(1_000_000_000)


def fresh(language: ReceiptLanguage) -> Paper:
    """A receipt that nobody printed before: no cache knows its number and link."""
    sign = str(next(_numbers))
    assert SALE.sign in SALE.qr_text
    receipt: Receipt = replace(SALE, sign=sign, qr_text=SALE.qr_text.replace(SALE.sign, sign))
    return make_paper(receipt, language=language, theme=theme_of(WebSettings()))


def media() -> list[tuple[str, Once, Once]]:
    """Name, the medium, its ceiling."""
    ru, both = ReceiptLanguage.RU, ReceiptLanguage.BOTH
    lines = as_text(fresh(both), COLUMNS).splitlines()
    drawn = Image.open(io.BytesIO(as_png(fresh(both), ROLL_80)))
    drawn.load()
    raster = EscposOptions(columns=COLUMNS, encoding=Encoding.RASTER, qr=QrBy.PICTURE)

    def joined() -> str:
        return "\n".join(lines)

    def plain_escpos() -> bytes:
        printer = Dummy()
        for line in lines:
            printer.textln(line)
        output: bytes = printer.output
        return output

    def packed() -> bytes:
        out = io.BytesIO()
        drawn.save(out, "PNG", bits=4, compress_level=4)
        return out.getvalue()

    def short_pdf() -> bytes:
        return as_pdf(Paper((Text("Чек"), Text("Қайтарым"))), ROLL_80)

    return [
        ("text", lambda: as_text(fresh(both), COLUMNS), joined),
        ("ESC/POS cp866, ru", lambda: as_escpos(fresh(ru), EscposOptions(columns=COLUMNS)), plain_escpos),
        ("ESC/POS cp866, both", lambda: as_escpos(fresh(both), EscposOptions(columns=COLUMNS)), plain_escpos),
        ("ESC/POS as a picture", lambda: as_escpos(fresh(both), raster), plain_escpos),
        ("PDF", lambda: as_pdf(fresh(both), ROLL_80), short_pdf),
        ("PNG", lambda: as_png(fresh(both), ROLL_80), packed),
    ]


def rate(once: Once, seconds: float) -> float:
    """Calls a second of CPU."""
    once()  # loads what is loaded late
    begun, done = process_time(), 0
    while process_time() - begun < seconds:
        once()
        done += 1
    return done / (process_time() - begun)


def run(seconds: float, runs: int) -> list[Figure]:
    """A figure for each medium; it and its ceiling take turns."""
    figures = []
    for name, medium, ceiling in media():
        found: list[float] = []
        possible: list[float] = []
        for _ in range(runs):
            found.append(rate(medium, seconds))
            possible.append(rate(ceiling, seconds / 2))
        ratio = spread(found).median / spread(possible).median
        figures.append(Figure(f"receipts/s, {name}", str(spread(found)), ratio, "", None))
    return figures


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(arguments)
    show_figures("Receipts", run(options.seconds, options.runs))


if __name__ == "__main__":
    main()
