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
from addons.trade.services.records import (
    CashRecord,
    SaleRecord,
    StoredLine,
    cash_record,
    sale_fiscal,
    sale_record,
    stored_line,
)

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

FISCAL_COLUMNS = (
    "state, sign, offline_number, is_offline, ticket_at, kkm_registration_number, kkm_factory_number, "
    "shift_number, document_number, qr_text, ofd_title, ofd_site, rejection_code, is_test"
)
SALE_COLUMNS = (
    "id, company_id, sale_key, body_digest, kind, register_id, operator_id, created_at, total, discount, "
    "markup, vat, taken, change_back, cash, card, mobile, returned_cash, returned_card, returned_mobile, "
    f"original_id, receipt_secret, header, {FISCAL_COLUMNS}"
)
LINE_COLUMNS = (
    "position", "product_id", "name", "section", "quantity", "price", "amount", "discount", "markup", "total",
    "vat_bp", "vat", "unit_code", "unit_name", "barcode", "ntin", "marks", "shared_discount", "shared_markup",
    "returned", "original_position",
)  # fmt: skip
CASH_COLUMNS = (
    "id, cash_key, direction, register_id, operator_id, created_at, amount, state, is_offline, "
    "offline_number, ticket_at, kkm_registration_number, shift_number, document_number, "
    "rejection_code, is_test"
)
SHIFT_COLUMNS = (
    "id, company_id, register_id, number, opened_at, closed_at, closed_by, kkm_registration_number, "
    "documents, offline_documents, deposits, withdrawals, drawer, operations, is_test"
)
SELECT_SHIFT = f"SELECT {SHIFT_COLUMNS} FROM trd_shift_summary"
_LINE_INSERT = ("id", "company_id", "sale_id", *LINE_COLUMNS)
SELECT_SALE = f"SELECT {SALE_COLUMNS} FROM trd_sale"
_BY_ID = f"{SELECT_SALE} WHERE id = ? AND company_id = ?"
_FISCAL = f"SELECT {FISCAL_COLUMNS} FROM trd_sale WHERE id = ? AND company_id = ?"
_BY_KEY = f"{SELECT_SALE} WHERE company_id = ? AND sale_key = ?"
_LINES = (
    f"SELECT sale_id, {', '.join(LINE_COLUMNS)} FROM trd_sale_line "
    "WHERE company_id = ? AND sale_id IN ({marks}) ORDER BY sale_id, position"
)


async def insert_sale(work: Work, record: SaleRecord) -> None:
    """A new ticket's own row, its outcome pending. Raises tortoise IntegrityError when the key is taken."""
    paid = {payment.kind: payment.amount.tiyn for payment in record.payments}
    await work.insert(
        "trd_sale",
        {
            "id": record.id,
            "company_id": record.company_id,
            "sale_key": record.sale_key,
            "body_digest": record.body_digest,
            "kind": record.kind.value,
            "register_id": record.register_id,
            "operator_id": record.operator_id,
            "created_at": record.created_ms,
            "total": record.total.tiyn,
            "discount": record.discount.tiyn,
            "markup": record.markup.tiyn,
            "vat": record.vat.tiyn,
            "taken": record.taken.tiyn,
            "change_back": record.change.tiyn,
            "cash": paid.get(PaymentKind.CASH, 0),
            "card": paid.get(PaymentKind.CARD, 0),
            "mobile": paid.get(PaymentKind.MOBILE, 0),
            "returned_cash": 0,
            "returned_card": 0,
            "returned_mobile": 0,
            "original_id": record.original_id,
            "receipt_secret": record.receipt_secret,
            "header": record.header.to_json(),
            "state": FiscalState.PENDING.value,
            "is_offline": 0,
            "kkm_registration_number": "",
            "kkm_factory_number": "",
            "qr_text": "",
            "ofd_title": "",
            "ofd_site": "",
            "is_test": 0,
        },
    )


async def insert_lines(work: Work, order: TicketOrder) -> None:
    """All lines of the ticket in one statement."""
    await work.insert_many(
        "trd_sale_line",
        _LINE_INSERT,
        [_line_values(order.company_id, order.sale_id, line) for line in order.lines],
    )


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


async def locked_sale(work: Work, sale_id: str) -> SaleRecord | None:
    """As sale_by_id, its row locked to the end of the transaction."""
    sql = f"{_BY_ID} FOR UPDATE" if work.dialect == "mysql" else _BY_ID
    row = await work.row(sql, sale_id, work.company_id)
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
    rows: Sequence[SqlRow] = await reader.rows(
        _LINES.format(marks=", ".join("?" * len(sale_ids))), reader.company_id, *sale_ids
    )
    lines: dict[str, list[StoredLine]] = {each: [] for each in sale_ids}
    for row in rows:
        lines[row["sale_id"]].append(stored_line(row))
    return [tuple(lines[each]) for each in sale_ids]


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
    await work.execute(
        "UPDATE trd_sale SET returned_cash = returned_cash + ?, returned_card = returned_card + ?, "
        "returned_mobile = returned_mobile + ? WHERE id = ? AND company_id = ?",
        *(sign * amounts.get(kind, 0) for kind in PaymentKind),
        original_id,
        work.company_id,
    )
    await work.execute_many(
        "UPDATE trd_sale_line SET returned = returned + ? WHERE id = ?",
        [
            (sign * line.quantity.thousandths, line_id(original_id, line.original_position))
            for line in lines
            if line.original_position is not None
        ],
    )


async def insert_cash(work: Work, order: CashOrder, *, body_digest: str) -> None:
    """The row of a cash operation. Raises tortoise IntegrityError when the key is taken."""
    await work.insert(
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
