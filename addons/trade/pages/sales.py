"""Receipts and their lines: search, filters, a file for a spreadsheet."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from starlette.responses import Response

from addons.trade.pages.periods import NAMED, asked_period
from addons.trade.pages.places import CHOICES_SHOWN, PAGES, SALES, TABS, VIEW
from kernel.money import Money
from kernel.web.exports import Part, file_answer
from kernel.web.pages import Menu, Tab
from kernel.web.view import Declined, View

LINES = f"{SALES}/lines"
PAGE_ROWS = 50
EXPORT_PAGE = 100
EXPORT_RECEIPTS_MAX = 50_000
BOOK_RECEIPTS_MAX = 10_000  # a workbook is made in memory
SHEET_TITLE_MAX = 31  # characters, by Excel
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AMOUNTS = frozenset({"quantity", "price", "total", "cash", "card", "mobile"})
KINDS = ("SELL", "SELL_RETURN", "BUY", "BUY_RETURN")
STATES = ("FISCALIZED", "OFFLINE", "PENDING", "REJECTED")
MINUS = ("SELL_RETURN", "BUY")  # money goes out
BOM = "\ufeff"  # a spreadsheet takes the file for UTF-8 by it
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so
COLUMNS = ("date", "register", "receipt", "barcode", "product", "quantity", "price", "total", "cash", "card",
           "mobile", "cashier", "sign", "state")  # fmt: skip


@PAGES.page(SALES, title="trade.sales", permission=VIEW, menu=Menu("trade", 30, "receipt"), tab=Tab(TABS, 10))
async def sales(view: View) -> Response:
    """Receipts, the latest first."""
    wish, filters = await _wish(view)
    data = await view.query("sales", first=PAGE_ROWS, after=view.asked("after") or None, filter=wish)
    return view.show("trade/sales.html", sales=data["sales"], minus=MINUS, tabs=view.tabs(TABS), **filters)


@PAGES.page(LINES, title="trade.lines", permission=VIEW, tab=Tab(TABS, 20))
async def lines(view: View) -> Response:
    """Positions of receipts; a return is negative."""
    wish, filters = await _wish(view)
    data = await view.query("sale_lines", first=PAGE_ROWS, after=view.asked("after") or None, filter=wish)
    return view.show(
        "trade/lines.html",
        info=data["sales"]["pageInfo"],
        rows=[row for sale in data["sales"]["nodes"] for row in _rows(sale)],
        tabs=view.tabs(TABS),
        **filters,
    )


@PAGES.page(f"{LINES}.csv", title="trade.lines", permission=VIEW)
async def lines_file(view: View) -> Response:
    """The same as a CSV file, sent while it is being read; at most EXPORT_RECEIPTS_MAX receipts."""
    wish, filters = await _wish(view)
    total = min(await _count(view, wish), EXPORT_RECEIPTS_MAX)

    async def parts() -> AsyncIterator[Part]:
        yield 0, (BOM + _csv([[view.text(f"trade.column_{name}") for name in COLUMNS]])).encode()
        async for done, sales in _receipts(view, wish, EXPORT_RECEIPTS_MAX):
            yield done, _csv([_cells(view, row) for sale in sales for row in _rows(sale)]).encode()

    media_type = "text/csv; charset=utf-8"
    name = _file_name(filters, "csv")
    return file_answer(view.request, parts(), total=total, name=name, media_type=media_type)


@PAGES.page(f"{LINES}.xlsx", title="trade.lines", permission=VIEW)
async def lines_book(view: View) -> Response:
    """The same as an Excel workbook, of at most BOOK_RECEIPTS_MAX receipts."""
    wish, filters = await _wish(view)
    total = min(await _count(view, wish), BOOK_RECEIPTS_MAX)

    async def parts() -> AsyncIterator[Part]:
        book = Workbook(write_only=True)
        sheet = book.create_sheet(view.text("trade.lines")[:SHEET_TITLE_MAX])
        sheet.append([view.text(f"trade.column_{name}") for name in COLUMNS])
        done = 0
        async for done, sales in _receipts(view, wish, BOOK_RECEIPTS_MAX):
            for row in (row for sale in sales for row in _rows(sale)):
                sheet.append(_typed(_cells(view, row)))
            yield done, b""
        content = io.BytesIO()
        await asyncio.to_thread(book.save, content)
        yield done, content.getvalue()

    return file_answer(view.request, parts(), total=total, name=_file_name(filters, "xlsx"), media_type=EXCEL)


async def _count(view: View, wish: Mapping[str, Any]) -> int:
    found = await view.query("sales_count", filter=wish)
    return int(found["sales"]["totalCount"])


async def _receipts(
    view: View, wish: Mapping[str, Any], limit: int
) -> AsyncIterator[tuple[int, Sequence[Mapping[str, Any]]]]:
    """Receipts page by page, each with how many there were so far; at most the limit."""
    done, cursor = 0, None
    while done < limit:
        page = (await view.query("sale_lines", first=EXPORT_PAGE, after=cursor, filter=wish))["sales"]
        done += len(page["nodes"])
        yield done, page["nodes"]
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return


def _file_name(filters: Mapping[str, Any], ending: str) -> str:
    period = filters["period"]
    return f"sales-{period.first.isoformat()}-{period.last.isoformat()}.{ending}"


def _typed(cells: Sequence[str]) -> list[str | Decimal]:
    """Amounts as numbers, so that a spreadsheet adds them up."""
    return [Decimal(cell) if name in AMOUNTS else cell for name, cell in zip(COLUMNS, cells, strict=True)]


async def _wish(view: View) -> tuple[dict[str, Any], dict[str, Any]]:
    """The filter of the API, and what the form shows. A period always: searches stay bounded."""
    period = asked_period(view, usual="month")
    wish: dict[str, Any] = {"since": period.since.isoformat(), "until": period.until.isoformat()}
    for field, key, known in (("kind", "kind", KINDS), ("state", "state", STATES)):
        if view.asked(key) in known:
            wish[field] = view.asked(key)
    for field, key in (("registerId", "register"), ("operatorId", "cashier")):
        if view.asked(key):
            wish[field] = view.asked(key)
    for field, key in (("totalFrom", "min"), ("totalTo", "max")):
        if view.asked(key):
            wish[field] = _amount(view, view.asked(key), key)
    if text := view.asked("q"):
        wish["sign" if text.isdecimal() else "product"] = text
    return wish, {
        "asked": view.asked,
        "period": period,
        "named": list(NAMED),
        "kinds": KINDS,
        "states": STATES,
        "registers": await view.every("registers", limit=CHOICES_SHOWN),
        "cashiers": await view.every("cashiers", limit=CHOICES_SHOWN),
        "is_filtered": len(wish) > 2,
        "is_narrowed": bool(set(wish) - {"since", "until", "sign", "product"}),
    }


def _amount(view: View, text: str, field: str) -> str:
    plain = text.replace(" ", "").replace("\u00a0", "").replace(",", ".")
    if not plain.replace(".", "", 1).isdecimal():
        raise Declined("BAD_USER_INPUT", view.text("core.bad_value"), field)
    return plain


def _rows(sale: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """A row for every position, its share of the payments beside it; returns are negative."""
    sign = -1 if sale["kind"] in MINUS else 1
    paid = {"CASH": 0, "CARD": 0, "MOBILE": 0}
    for payment in sale["payments"]:
        paid[payment["kind"]] += Money.parse(payment["amount"]).tiyn
    whole = Money.parse(sale["total"]).tiyn
    shares = dict.fromkeys(paid, 0)
    done = 0
    rows = []
    for line in sale["lines"]:
        done += Money.parse(line["total"]).tiyn
        row = {"sale": sale, "line": line, "sign": sign}
        for kind, amount in paid.items():  # of the sum so far, so that the last position makes it whole
            part = amount * done // whole if whole else 0
            row[kind] = str(Money(sign * (part - shares[kind])))
            shares[kind] = part
        row["total"] = str(Money(sign * Money.parse(line["total"]).tiyn))
        rows.append(row)
    return rows


def _cells(view: View, row: Mapping[str, Any]) -> list[str]:
    sale, line = row["sale"], row["line"]
    quantity = f"-{line['quantity']}" if row["sign"] < 0 else line["quantity"]
    receipt = str(sale["documentNumber"] or "")
    state = view.text(f"trade.state_{sale['state']}")
    return [
        sale["ticketAt"] or sale["createdAt"], str(sale["registerNumber"]), receipt, _safe(line["barcode"]),
        _safe(line["name"]), quantity, line["price"], row["total"], row["CASH"], row["CARD"], row["MOBILE"],
        _safe(sale["operatorName"]), sale["sign"] or sale["offlineNumber"] or "", state,
    ]  # fmt: skip


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _csv(rows: Sequence[Sequence[str]]) -> str:
    page = io.StringIO()
    csv.writer(page, delimiter=";").writerows(rows)
    return page.getvalue()
