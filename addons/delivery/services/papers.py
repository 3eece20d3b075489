"""Papers that delivery itself brings to the print queue: a receipt, and a page to try a printer with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.delivery.services import rows
from addons.trade.api import paper_of_sale
from kernel.printing.paper import CENTRED, Cut, Paper, Qr, Row, Rule, Text

if TYPE_CHECKING:
    from kernel.data.work import Reader

LETTERS = "ӘәҒғҚқҢңӨөҰұҮүҺһІі ₸"


async def receipt(reader: Reader, sale_id: str, is_duplicate: bool) -> Paper:
    """The receipt of a sale as it stands now. Raises Refusal("SALE_UNKNOWN")."""
    return await paper_of_sale(reader, sale_id, is_copy=is_duplicate)


async def trial_page(reader: Reader, printer_id: str, is_duplicate: bool) -> Paper:
    """What the printer is called, how wide it is, and every letter that goes wrong first.

    Raises Refusal("PRINTER_UNKNOWN").
    """
    printer = await rows.printer(reader, printer_id)
    blocks = (
        Text("Сынақ беті / Тестовая страница", CENTRED),
        Text("Фискалдық емес / Нефискальный документ", CENTRED),
        Rule(),
        Row(("Принтер", printer.name)),
        Row(("Таңба / Символов", str(printer.columns))),
        Row(("Кодтау / Кодировка", printer.encoding.value)),
        Text(("1234567890" * 5)[: printer.columns]),
        Text("АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"),
        Text("абвгдеёжзийклмнопрстуфхцчшщъыьэюя"),
        Text(LETTERS),
        Qr(f"sauda:test:{printer.id}"),
        Cut(),
    )
    return Paper(blocks, title=printer.name)
