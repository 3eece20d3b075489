"""Settings of trade, each of which a company may choose for itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from kernel.company_settings import COMPANY


@dataclass(frozen=True, slots=True)
class TradeSettings:
    """How a company sells.

    discount_limit_bp: largest discount without the right trade.free_discount, in basis points (10000 = any);
    are_marks_required: a marked product is sold only with its DataMatrix codes.
    """

    SECTION: ClassVar[str] = "trade"

    discount_limit_bp: int = field(default=10_000, metadata=COMPANY)
    are_marks_required: bool = field(default=True, metadata=COMPANY)
