"""Settings of trade, each of which a company may choose for itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from addons.trade.domain.receipt_words import ReceiptLanguage
from kernel.config_values import COMPANY


@dataclass(frozen=True, slots=True)
class TradeSettings:
    """How a company sells.

    discount_limit_bp: largest discount without the right trade.free_discount, in basis points (10000 = any);
    are_marks_required: a marked product is sold only with its DataMatrix codes;
    receipt_language: what receipts are printed in when nobody asks for another: ru, kk or both;
    is_vat_on_top: prices are without VAT, which is added to every line, unless a sale says otherwise;
    is_receipt_barcode_printed: a bar code at the foot of a receipt, by which a scanner finds it again.
    """

    SECTION: ClassVar[str] = "trade"

    discount_limit_bp: int = field(default=10_000, metadata=COMPANY)
    are_marks_required: bool = field(default=True, metadata=COMPANY)
    is_vat_on_top: bool = field(default=False, metadata=COMPANY)
    receipt_language: ReceiptLanguage = field(default=ReceiptLanguage.BOTH, metadata=COMPANY)
    is_receipt_barcode_printed: bool = field(default=False, metadata=COMPANY)
