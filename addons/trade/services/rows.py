"""The SQL of tickets and cash operations: few statements, always the same text, so that drivers keep them
prepared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from addons.trade.domain.cart import LINES_MAX
from addons.trade.domain.commands import SaleId
from addons.trade.domain.kinds import FiscalState, PaymentKind
from addons.trade.domain.ticket import TicketLine, TicketPayment
from addons.trade.ports import CashOrder, SaleFiscalFacts, TicketOrder
from addons.trade.services.details_text import details_text
from addons.trade.services.records import (
    CashRecord,
    SaleRecord,
    StoredLine,
    cash_record,
    sale_fiscal,
    sale_record,
    stored_line,
)
from kernel.data.questions import KeyQuestion

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, Work
    from kernel.money import Money

    Question = tuple[str, Sequence[Param]]

FISCAL_COLUMNS = (
    "state, sign, offline_number, is_offline, ticket_at, kkm_registration_number, kkm_factory_number, "
    "shift_number, document_number, qr_text, ofd_title, ofd_site, rejection_code, is_test"
)
SALE_COLUMNS = (
    "id, company_id, sale_key, body_digest, kind, register_id, operator_id, created_at, total, discount, "
    "markup, vat, taken, change_back, cash, card, mobile, returned_cash, returned_card, returned_mobile, "
    f"original_id, receipt_secret, header, details, {FISCAL_COLUMNS}"
)
LINE_COLUMNS = (
    "position", "product_id", "name", "section", "quantity", "price", "amount", "discount", "markup", "total",
    "vat_bp", "vat", "unit_code", "unit_name", "barcode", "ntin", "marks", "shared_discount", "shared_markup",
    "returned", "original_position",
)  # fmt: skip
RARE_LINE_COLUMNS = ("label", "warehouse_id")  # of lines that have such a thing
CASH_COLUMNS = (
    "id, cash_key, direction, register_id, operator_id, created_at, amount, state, is_offline, "
    "offline_number, ticket_at, kkm_registration_number, shift_number, document_number, "
    "rejection_code, is_test"
)
SHIFT_COLUMNS = (
    "id, company_id, register_id, number, opened_at, closed_at, closed_by, kkm_registration_number, "
    "documents, offline_documents, deposits, withdrawals, drawer, operations, is_test, withdrawn_at_close"
)
SELECT_SHIFT = f"SELECT {SHIFT_COLUMNS} FROM trd_shift_summary"
_LINE_INSERT = ("id", "company_id", "sale_id", *LINE_COLUMNS)
SELECT_SALE = f"SELECT {SALE_COLUMNS} FROM trd_sale"
_BY_ID = f"{SELECT_SALE} WHERE id = ? AND company_id = ?"
_LOCKED = {"sqlite": _BY_ID, "mysql": f"{_BY_ID} FOR UPDATE"}
_FISCAL = f"SELECT {FISCAL_COLUMNS} FROM trd_sale WHERE id = ? AND company_id = ?"
_BY_KEY = f"{SELECT_SALE} WHERE company_id = ? AND sale_key = ?"
_KEY = "SELECT id, body_digest FROM trd_sale WHERE company_id = ? AND sale_key = ?"
_CASH_KEY = "SELECT id, body_digest FROM trd_cash WHERE company_id = ? AND cash_key = ?"
_LINES = (
    f"SELECT sale_id, returned_marks, {', '.join(LINE_COLUMNS + RARE_LINE_COLUMNS)} FROM trd_sale_line "
    "WHERE company_id = ? AND sale_id IN ({marks}) ORDER BY sale_id, position"
)
_RETURNED_MARKS = "SELECT returned_marks FROM trd_sale_line WHERE id = ? AND company_id = ?"
_INSERT_SALE = f"""
INSERT INTO trd_sale (id, company_id, sale_key, body_digest, kind, register_id, operator_id, created_at,
total, discount, markup, vat, taken, change_back, cash, card, mobile, original_id, receipt_secret, header,
returned_cash, returned_card, returned_mobile, state, is_offline, kkm_registration_number, kkm_factory_number,
qr_text, ofd_title, ofd_site, is_test)
VALUES ({", ".join("?" * 20)}, 0, 0, 0, '{FiscalState.PENDING}', 0, '', '', '', '', '', 0)"""
_INSERT_DETAILED = _INSERT_SALE.replace(", is_test)", ", is_test, details)").replace("'', 0)", "'', 0, ?)")


async def write_sale(
    work: Work, order: TicketOrder, *, vat: Money, body_digest: str, receipt_secret: str, header: str
) -> None:
    """A new ticket's own row, its outcome pending, and its lines. That the key is not taken is known before;
    if another register has used it meanwhile, IntegrityError is raised here or by the commit.
    """
    paid = {payment.kind: payment.amount.tiyn for payment in order.payments}
    details: tuple[str, ...] = () if order.details is None else (details_text(order.details),)
    await work.write(
        _INSERT_DETAILED if details else _INSERT_SALE,
        order.sale_id,
        order.company_id,
        order.sale_key,
        body_digest,
        order.kind.value,
        order.register.id,
        order.operator.id,
        order.created_ms,
        order.total.tiyn,
        order.discount.tiyn,
        order.markup.tiyn,
        vat.tiyn,
        order.taken.tiyn,
        order.change.tiyn,
        paid.get(PaymentKind.CASH, 0),
        paid.get(PaymentKind.CARD, 0),
        paid.get(PaymentKind.MOBILE, 0),
        None if order.original is None else order.original.sale_id,
        receipt_secret,
        header,
        *details,
    )
    lines = [_line_values(order.company_id, order.sale_id, line) for line in order.lines]
    if any(line.label or line.warehouse_id for line in order.lines):
        rare = [
            (*values, line.label or None, line.warehouse_id or None)
            for values, line in zip(lines, order.lines, strict=True)
        ]
        await work.write_rows("trd_sale_line", _LINE_INSERT + RARE_LINE_COLUMNS, rare)
        return
    await work.write_rows("trd_sale_line", _LINE_INSERT, lines)


def line_id(sale_id: str, position: int) -> str:
    """Key of a line's row: lines of one ticket lie together, in order."""
    assert 1 <= position <= LINES_MAX
    return f"{sale_id}/{position:04d}"


def _line_values(company_id: str, sale_id: str, line: TicketLine) -> tuple[str | int | None, ...]:
    return (
        line_id(sale_id, line.position),
        company_id,
        sale_id,
        line.position,
        line.product_id,
        line.name,
        line.section,
        line.quantity.thousandths,
        line.price.tiyn,
        line.sum.tiyn,
        line.discount.tiyn,
        line.markup.tiyn,
        line.total.tiyn,
        line.vat_bp,
        line.vat.tiyn,
        line.unit_code,
        line.unit_name,
        line.barcode,
        line.ntin,
        orjson.dumps(line.marks).decode() if line.marks else "",
        line.shared_discount.tiyn,
        line.shared_markup.tiyn,
        0,
        line.original_position,
    )


async def sale_by_id(reader: Reader, sale_id: str) -> SaleRecord | None:
    """The ticket of the reader's company, or None."""
    row = await reader.row(_BY_ID, sale_id, reader.company_id)
    return None if row is None else sale_record(row)


async def fiscal_of(reader: Reader, sale_id: SaleId) -> SaleFiscalFacts | None:
    """What became of a ticket of the reader's company, or None."""
    row = await reader.row(_FISCAL, sale_id, reader.company_id)
    return None if row is None else sale_fiscal(sale_id, row)


async def sale_by_key(reader: Reader, sale_key: str) -> SaleRecord | None:
    """The ticket of the reader's company with that key, or None."""
    row = await reader.row(_BY_KEY, reader.company_id, sale_key)
    return None if row is None else sale_record(row)


def ask_key(reader: Reader, sale_key: str) -> KeyQuestion:
    """Id and body_digest of the ticket of the reader's company with that key."""
    return KeyQuestion(_KEY, (reader.company_id, sale_key))


def ask_locked_sale(work: Work, sale_id: str) -> Question:
    """Columns for records.sale_record; the row is locked to the end of the transaction."""
    return _LOCKED[work.dialect], (sale_id, work.company_id)


async def locked_sale(work: Work, sale_id: str) -> SaleRecord | None:
    """As sale_by_id, its row locked to the end of the transaction."""
    sql, params = ask_locked_sale(work, sale_id)
    row = await work.row(sql, *params)
    return None if row is None else sale_record(row)


async def sales_by_ids(reader: Reader, sale_ids: Sequence[str]) -> list[SaleRecord | None]:
    """One ticket or None per id, in order; one statement.

    Tickets of strangers are left out here: beside `id IN` a condition on company_id makes SQLite walk the
    company's whole index.
    """
    marks = ", ".join("?" * len(sale_ids))
    rows = await reader.rows(f"{SELECT_SALE} WHERE id IN ({marks})", *sale_ids)
    found = {row["id"]: sale_record(row) for row in rows if row["company_id"] == reader.company_id}
    return [found.get(each) for each in sale_ids]


async def lines_by_sales(reader: Reader, sale_ids: Sequence[str]) -> list[tuple[StoredLine, ...]]:
    """Lines of each ticket, in order; one statement."""
    sql, params = ask_lines(reader, sale_ids)
    lines: dict[str, list[StoredLine]] = {each: [] for each in sale_ids}
    for row in await reader.rows(sql, *params):
        lines[row["sale_id"]].append(stored_line(row))
    return [tuple(lines[each]) for each in sale_ids]


def ask_lines(reader: Reader, sale_ids: Sequence[str]) -> Question:
    """Columns for records.stored_line of tickets of the reader's company, lines of one ticket in order."""
    return _LINES.format(marks=", ".join("?" * len(sale_ids))), (reader.company_id, *sale_ids)


async def lines_of(reader: Reader, sale_id: str) -> tuple[StoredLine, ...]:
    """Lines of one ticket."""
    (lines,) = await lines_by_sales(reader, [sale_id])
    return lines


async def move_returned(
    work: Work,
    original_id: SaleId,
    *,
    payments: Sequence[TicketPayment],
    lines: Sequence[TicketLine],
    sign: int,
) -> None:
    """Add a return to (sign 1) or take it from (sign −1: it was rejected) what came back of the original."""
    amounts = {payment.kind: payment.amount.tiyn for payment in payments}
    await work.write(
        "UPDATE trd_sale SET returned_cash = returned_cash + ?, returned_card = returned_card + ?, "
        "returned_mobile = returned_mobile + ? WHERE id = ? AND company_id = ?",
        *(sign * amounts.get(kind, 0) for kind in PaymentKind),
        original_id,
        work.company_id,
    )
    await work.write_many(
        "UPDATE trd_sale_line SET returned = returned + ? WHERE id = ?",
        [
            (sign * line.quantity.thousandths, line_id(original_id, line.original_position))
            for line in lines
            if line.original_position is not None
        ],
    )
    marked = [line for line in lines if line.marks and line.original_position is not None]
    if marked:
        await _move_returned_marks(work, original_id, marked, sign)


async def _move_returned_marks(
    work: Work, original_id: SaleId, lines: Sequence[TicketLine], sign: int
) -> None:
    """Which pieces came back; the original stays locked while its list is read and written."""
    await locked_sale(work, original_id)
    for line in lines:
        assert line.original_position is not None
        key = line_id(original_id, line.original_position)
        row = await work.row(_RETURNED_MARKS, key, work.company_id)
        known = orjson.loads(row["returned_marks"]) if row and row["returned_marks"] else []
        marks = [each for each in known if each not in line.marks]
        if sign > 0:
            marks += line.marks
        await work.write(
            "UPDATE trd_sale_line SET returned_marks = ? WHERE id = ? AND company_id = ?",
            orjson.dumps(marks).decode(),
            key,
            work.company_id,
        )


def ask_cash_key(reader: Reader, cash_key: str) -> KeyQuestion:
    """Id and body_digest of the cash operation of the reader's company with that key."""
    return KeyQuestion(_CASH_KEY, (reader.company_id, cash_key))


async def write_cash(work: Work, order: CashOrder, *, body_digest: str) -> None:
    """The row of a cash operation. IntegrityError as of write_sale."""
    await work.write_row(
        "trd_cash",
        {
            "id": order.cash_id,
            "company_id": order.company_id,
            "cash_key": order.cash_key,
            "body_digest": body_digest,
            "direction": order.direction.value,
            "register_id": order.register.id,
            "operator_id": order.operator.id,
            "created_at": order.created_ms,
            "amount": order.amount.tiyn,
            "state": FiscalState.PENDING.value,
            "is_offline": 0,
            "kkm_registration_number": "",
            "is_test": 0,
        },
    )


async def cash_by_id(reader: Reader, cash_id: str) -> CashRecord | None:
    """The cash operation of the reader's company, or None."""
    row = await reader.row(
        f"SELECT {CASH_COLUMNS} FROM trd_cash WHERE id = ? AND company_id = ?",
        cash_id,
        reader.company_id,
    )
    return None if row is None else cash_record(row)
