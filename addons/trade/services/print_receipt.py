"""Receipts on every medium: text, ESC/POS, PDF, PNG. All of them from one paper, in the theme's setting."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from addons.trade.domain.commands import SaleId
from addons.trade.domain.receipt import Receipt
from addons.trade.domain.receipt_paper import PLAIN_BRANDING, RECEIPT_KIND, Branding, receipt_paper
from addons.trade.domain.receipt_words import ReceiptLanguage
from addons.trade.services import rows
from addons.trade.services.branding import brandings
from addons.trade.services.receipts import receipt_of
from addons.trade.services.records import SaleRecord
from addons.trade.settings import TradeSettings
from kernel.config_sections import WebSettings
from kernel.errors import Refusal
from kernel.mail import File
from kernel.printing.escpos import EscposOptions, as_escpos
from kernel.printing.layout import check_columns
from kernel.printing.paper import ROLL_80, Paper, Roll, roll_of_mm
from kernel.printing.pdf import as_pdf
from kernel.printing.picture import as_png
from kernel.printing.text import as_text
from kernel.printing.themes import PaperTheme, paper_theme
from kernel.printing.threads import drawn
from kernel.web.themes import chosen_themes

if TYPE_CHECKING:
    from kernel.data.work import Reader


async def paper_of_sale(
    reader: Reader, sale_id: str, *, language: ReceiptLanguage | None = None, is_copy: bool = False
) -> Paper:
    """The receipt of a ticket of the reader's company, as a paper for any medium; language None: what the
    company chose. is_copy: it carries «КӨШІРМЕ / ДУБЛИКАТ».

    Raises Refusal("SALE_UNKNOWN").
    """
    record = await rows.sale_by_id(reader, SaleId(sale_id))
    allowed = reader.principal.register_ids
    if record is None or (allowed is not None and record.register_id not in allowed):
        raise Refusal("SALE_UNKNOWN")
    return await paper_of_record(reader, record, language=language, is_copy=is_copy)


async def paper_of_record(
    reader: Reader, record: SaleRecord, *, language: ReceiptLanguage | None = None, is_copy: bool = False
) -> Paper:
    """The same for a ticket at hand; the reader must be of its company."""
    receipt = await receipt_of(reader, record, is_copy=is_copy)
    (branding,) = await brandings(reader, [record.register_id])
    chosen = language or reader.settings(TradeSettings).receipt_language
    return make_paper(receipt, language=chosen, theme=receipt_theme(reader), branding=branding)


def make_paper(
    receipt: Receipt, *, language: ReceiptLanguage, theme: PaperTheme, branding: Branding = PLAIN_BRANDING
) -> Paper:
    """The paper of a receipt whose parts are at hand."""
    return receipt_paper(receipt, language=language, theme=theme, branding=branding)


def receipt_theme(reader: Reader) -> PaperTheme:
    """How the installation's theme sets receipts."""
    return theme_of(reader.database.registry.settings_of(WebSettings))


@lru_cache(maxsize=16)
def theme_of(settings: WebSettings) -> PaperTheme:
    """How the theme of those settings sets receipts. Raises Fault for a wrong theme."""
    return paper_theme(RECEIPT_KIND, [theme.folder for theme in chosen_themes(settings)])


async def receipt_text(
    reader: Reader,
    sale_id: str,
    *,
    columns: int = 48,
    language: ReceiptLanguage | None = None,
    is_copy: bool = False,
) -> str:
    """The receipt as plain text of 24 to 96 columns.

    Raises Refusal("SALE_UNKNOWN"), ("PRINTING_WIDTH_IMPOSSIBLE").
    """
    check_columns(columns)
    return as_text(await paper_of_sale(reader, sale_id, language=language, is_copy=is_copy), columns)


async def receipt_escpos(
    reader: Reader,
    sale_id: str,
    *,
    options: EscposOptions,
    language: ReceiptLanguage | None = None,
    is_copy: bool = False,
) -> bytes:
    """The receipt as one job for a thermal printer.

    Raises Refusal("SALE_UNKNOWN") and those of kernel.printing.escpos.
    """
    paper = await paper_of_sale(reader, sale_id, language=language, is_copy=is_copy)
    return await drawn(as_escpos, paper, options)


async def receipt_pdf(
    reader: Reader,
    sale_id: str,
    *,
    paper_mm: int = 80,
    language: ReceiptLanguage | None = None,
    is_copy: bool = False,
) -> bytes:
    """The receipt as a PDF of a roll of 58 or 80 mm.

    Raises Refusal("SALE_UNKNOWN"), ("PRINTING_WIDTH_IMPOSSIBLE"), ("PRINTING_FONT_MISSING").
    """
    roll = roll_or_refusal(paper_mm)
    paper = await paper_of_sale(reader, sale_id, language=language, is_copy=is_copy)
    return await drawn(as_pdf, paper, roll)


async def receipt_png(
    reader: Reader,
    sale_id: str,
    *,
    paper_mm: int = 80,
    language: ReceiptLanguage | None = None,
    is_copy: bool = False,
) -> bytes:
    """The receipt as a picture of a roll of 58 or 80 mm.

    Raises Refusal as `receipt_pdf`, and ("PRINTING_PICTURE_TOO_LONG").
    """
    roll = roll_or_refusal(paper_mm)
    paper = await paper_of_sale(reader, sale_id, language=language, is_copy=is_copy)
    return await drawn(as_png, paper, roll)


async def receipt_attachment(reader: Reader, sale_id: str) -> File:
    """The receipt as a file of a letter, on a roll of 80 mm. Raises Refusal as `receipt_pdf`."""
    paper = await paper_of_sale(reader, sale_id)
    return File(f"receipt-{sale_id}.pdf", "application/pdf", await drawn(as_pdf, paper, ROLL_80))


def roll_or_refusal(paper_mm: int) -> Roll:
    """The roll of that width. Raises Refusal("PRINTING_WIDTH_IMPOSSIBLE")."""
    roll = roll_of_mm(paper_mm)
    if roll is None:
        raise Refusal("PRINTING_WIDTH_IMPOSSIBLE", field="paper")
    return roll
