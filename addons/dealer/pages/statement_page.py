"""The statement of a month as an Excel file, for those who serve clients."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from starlette.requests import Request
from starlette.responses import Response

from addons.dealer.domain.months import ALMATY
from addons.dealer.services.statement import StatementLine, month_statement
from kernel.app import App
from kernel.clock import from_ms
from kernel.web.rendering import language_of

PATH = "/dealer/statement.xlsx"
MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTHS = (16, 40, 10, 30, 14, 14, 8)
_HEADS = {
    "ru": ("БИН", "Клиент", "Касса №", "Касса", "С", "По", "Дней"),
    "kk": ("БСН", "Клиент", "Касса №", "Касса", "Бастап", "Дейін", "Күн"),
    "en": ("BIN", "Client", "Register no.", "Register", "From", "To", "Days"),
}
_TOTALS = {"ru": "Касс", "kk": "Касса", "en": "Registers"}


async def statement_xlsx(request: Request) -> Response:
    """Query parameter month=YYYY-MM. Raises Refusal: UNAUTHENTICATED, FORBIDDEN, MONTH_MALFORMED."""
    principal = request.state.principal
    principal.require("dealer.serve")
    month = request.query_params.get("month", "")
    app: App = request.app.state.sauda
    async with app.database.reading(principal) as reader:
        lines = await month_statement(reader, month)
    language = principal.language or language_of(request)
    content = await asyncio.to_thread(workbook_of, lines, month, language)
    headers = {
        "content-disposition": f'attachment; filename="dealer-{month}.xlsx"',
        "cache-control": "no-store",
    }
    return Response(content, media_type=MEDIA, headers=headers)


def workbook_of(lines: Sequence[StatementLine], month: str, language: str) -> bytes:
    """The file: a line for each register, and how many there were. Texts never become formulas."""
    book = Workbook()
    sheet = book.active
    sheet.title = month
    sheet.append(_HEADS.get(language, _HEADS["ru"]))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for line in lines:
        first, last = (from_ms(each).astimezone(ALMATY).date() for each in (line.from_ms, line.to_ms - 1))
        texts = (line.client_bin, line.client_title, line.register_number, line.register_title)
        sheet.append((*texts, first, last, line.days))
        for column in (1, 2, 4):
            sheet.cell(sheet.max_row, column).data_type = "s"
    sheet.append(())
    registers = len({(line.client_bin, line.register_number) for line in lines})
    sheet.append((_TOTALS.get(language, _TOTALS["ru"]), None, registers))
    for place, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
