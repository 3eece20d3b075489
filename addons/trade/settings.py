"""Settings of trade; each value may be overridden for a company."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class TradeSettings:
    """How a company sells.

    discount_limit_bp: largest discount without the right trade.free_discount, in basis points (10000 = any);
    are_marks_required: a marked product is sold only with its DataMatrix codes; receipt_base_url: address
    that
    people reach the receipt pages at, without a trailing slash (empty: addresses begin with "/").
    """

    SECTION: ClassVar[str] = "trade"

    discount_limit_bp: int = 10_000
    are_marks_required: bool = True
    receipt_base_url: str = ""
