"""Receipts of stored tickets: gathered, laid out as text, their QR drawn.

How a page looks belongs to the theme.
"""

from __future__ import annotations

import base64
import io
import secrets
import uuid
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import segno

from addons.trade.domain.kinds import FiscalState
from addons.trade.domain.receipt import Receipt, ReceiptStatus, ReturnBasis
from addons.trade.domain.receipt_text import receipt_lines, width_is_possible
from addons.trade.domain.receipt_words import ReceiptLanguage
from addons.trade.domain.ticket import TicketLine
from addons.trade.services import rows
from addons.trade.services.records import SaleRecord, sale_record
from kernel.clock import from_ms
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Reader

QUIET_ZONE = 2  # modules of light around the drawn code
TOKEN_LENGTH = 44  # 22 characters of the sale's id, 22 of its secret

_STATUS = {
    FiscalState.PENDING: ReceiptStatus.PENDING,
    FiscalState.OFFLINE: ReceiptStatus.AUTONOMOUS,
    FiscalState.FISCALIZED: ReceiptStatus.FISCAL,
    FiscalState.REJECTED: ReceiptStatus.REJECTED,
}


def receipt_token(record: SaleRecord) -> str:
    """The unguessable end of the public link: id and 128-bit secret; so it needs no index of its own."""
    short = base64.urlsafe_b64encode(uuid.UUID(record.id).bytes).rstrip(b"=").decode()
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


async def receipt_of(reader: Reader, record: SaleRecord) -> Receipt:
    """The receipt with everything it needs read; the reader must be of the ticket's company."""
    lines = await rows.lines_of(reader, record.id)
    original = None
    if record.original_id is not None:
        original = await rows.sale_by_id(reader, record.original_id)
    return make_receipt(record, tuple(each.line for each in lines), original=original)


def make_receipt(
    record: SaleRecord, lines: tuple[TicketLine, ...], *, original: SaleRecord | None = None
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
    )


def receipt_text(
    receipt: Receipt,
    *,
    width: int = 48,
    language: ReceiptLanguage = ReceiptLanguage.BOTH,
    with_qr: bool = True,
) -> str:
    """The receipt for a terminal; a QR wider than the paper is drawn all the same.

    Raises Refusal("RECEIPT_WIDTH_IMPOSSIBLE").
    """
    if not width_is_possible(width):
        raise Refusal("RECEIPT_WIDTH_IMPOSSIBLE", field="width")
    lines = receipt_lines(receipt, width=width, language=language)
    if with_qr and receipt.qr_text:
        drawn = draw_qr(receipt.qr_text)
        margin = " " * max(0, (width - len(drawn[0])) // 2)
        lines += ["", *(margin + line for line in drawn)]
    return "\n".join(lines) + "\n"


def draw_qr(text: str) -> list[str]:
    """The QR in half blocks, two modules a character: light modules are drawn, for a dark terminal."""
    matrix = [list(row) for row in segno.make_qr(text, error="l").matrix_iter(border=QUIET_ZONE)]
    if len(matrix) % 2:
        matrix.append([0] * len(matrix[0]))
    halves = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    return [
        "".join(halves[bool(above), bool(below)] for above, below in zip(upper, lower, strict=True))
        for upper, lower in zip(matrix[::2], matrix[1::2], strict=True)
    ]


def qr_svg(text: str) -> str:
    """The QR as an inline SVG element without a size: the page decides."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        border=QUIET_ZONE,
        svgclass=None,
        lineclass=None,
    )
    return out.getvalue().decode()


def _sign(record: SaleRecord) -> str:
    fiscal = record.fiscal
    if fiscal.sign:
        return fiscal.sign
    return "" if fiscal.offline_number is None else str(fiscal.offline_number)


def _basis(original: SaleRecord, zone: ZoneInfo) -> ReturnBasis:
    at = _wall_time(original.fiscal.at_ms or original.created_ms, zone)
    return ReturnBasis(_sign(original), at, original.fiscal.kkm_registration_number)


def _wall_time(ms: int, zone: ZoneInfo) -> datetime:
    return from_ms(ms).astimezone(zone)
