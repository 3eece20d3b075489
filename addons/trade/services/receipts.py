"""Receipts of stored tickets: found by their public link, gathered. How they are printed is in
print_receipt.py, how a page looks belongs to the theme.
"""

from __future__ import annotations

import base64
import secrets
import uuid
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from addons.trade.domain.kinds import FiscalState
from addons.trade.domain.receipt import Receipt, ReceiptStatus, ReturnBasis
from addons.trade.domain.ticket import TicketLine
from addons.trade.services import rows
from addons.trade.services.records import SaleRecord, sale_record
from kernel.clock import from_ms

if TYPE_CHECKING:
    from kernel.data.work import Reader

TOKEN_LENGTH = 44  # 22 characters of the sale's id, 22 of its secret

_STATUS = {
    FiscalState.PENDING: ReceiptStatus.PENDING,
    FiscalState.OFFLINE: ReceiptStatus.AUTONOMOUS,
    FiscalState.FISCALIZED: ReceiptStatus.FISCAL,
    FiscalState.REJECTED: ReceiptStatus.REJECTED,
}


def receipt_token(record: SaleRecord) -> str:
    """The unguessable end of the public link: id and 128-bit secret; so it needs no index of its own."""
    short = base64.urlsafe_b64encode(bytes.fromhex(record.id.replace("-", ""))).rstrip(b"=").decode()
    return short + record.receipt_secret


async def sale_of_token(reader: Reader, token: str) -> SaleRecord | None:
    """The ticket of a public link, of whatever company; None for anything but an exact token."""
    if len(token) != TOKEN_LENGTH:
        return None
    try:
        raw = base64.b64decode(f"{token[:22]}==", altchars=b"-_", validate=True)
    except ValueError:
        return None
    # The secret is the right to see: this is the one read of trade that asks for no company.
    row = await reader.row(
        f"SELECT {rows.SALE_COLUMNS} FROM trd_sale WHERE id = ?", str(uuid.UUID(bytes=raw))
    )
    if row is None or not secrets.compare_digest(row["receipt_secret"].encode(), token[22:].encode()):
        return None
    return sale_record(row)


async def receipt_of(reader: Reader, record: SaleRecord, *, is_copy: bool = False) -> Receipt:
    """The receipt with everything it needs read; the reader must be of the ticket's company."""
    lines = await rows.lines_of(reader, record.id)
    original = None
    if record.original_id is not None:
        original = await rows.sale_by_id(reader, record.original_id)
    return make_receipt(record, tuple(each.line for each in lines), original=original, is_copy=is_copy)


def make_receipt(
    record: SaleRecord,
    lines: tuple[TicketLine, ...],
    *,
    original: SaleRecord | None = None,
    is_copy: bool = False,
) -> Receipt:
    """The receipt of a ticket whose parts are at hand."""
    header, fiscal = record.header, record.fiscal
    zone = ZoneInfo(header.zone)
    return Receipt(
        company_title=header.company_title,
        company_title_kk=header.company_title_kk,
        address=header.address,
        address_kk=header.address_kk,
        bin=header.company_bin,
        kkm_factory_number=fiscal.kkm_factory_number,
        kkm_registration_number=fiscal.kkm_registration_number,
        document_number=fiscal.document_number,
        lines=lines,
        total=record.total,
        ofd_title=fiscal.ofd_title,
        ofd_site=fiscal.ofd_site,
        at=_wall_time(fiscal.at_ms or record.created_ms, zone),
        sign=_sign(record),
        is_vat_payer=header.is_vat_payer,
        qr_text=fiscal.qr_text,
        customer_bin=header.customer.bin,
        kind=record.kind,
        status=_STATUS[fiscal.state],
        is_test=fiscal.is_test,
        outlet_title=header.outlet_title,
        register_number=header.register_number,
        operator_name=header.operator_name,
        operator_code=header.operator_code,
        shift_number=fiscal.shift_number,
        discount=record.discount,
        markup=record.markup,
        payments=record.payments,
        taken=record.taken,
        change=record.change,
        is_offline=fiscal.is_offline,
        basis=None if original is None else _basis(original, zone),
        is_copy=is_copy,
        code=receipt_code(record),
        details=record.details,
        parking=_parking(record, zone),
    )


def receipt_code(record: SaleRecord) -> str:
    """What the bar code of a receipt says: moment of acceptance and number of the register."""
    return f"{record.created_ms:013d}{record.header.register_number:05d}"


def _sign(record: SaleRecord) -> str:
    fiscal = record.fiscal
    if fiscal.sign:
        return fiscal.sign
    return "" if fiscal.offline_number is None else str(fiscal.offline_number)


def _basis(original: SaleRecord, zone: ZoneInfo) -> ReturnBasis:
    at = _wall_time(original.fiscal.at_ms or original.created_ms, zone)
    return ReturnBasis(_sign(original), at, original.fiscal.kkm_registration_number)


def _parking(record: SaleRecord, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    block = None if record.details is None else record.details.domain
    if block is None or block.begin_ms is None or block.end_ms is None:
        return None
    return _wall_time(block.begin_ms, zone), _wall_time(block.end_ms, zone)


def _wall_time(ms: int, zone: ZoneInfo) -> datetime:
    return from_ms(ms).astimezone(zone)
