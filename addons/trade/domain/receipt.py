"""Everything a receipt must say (order 626, chapter 3, item 56), before anybody decides how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from addons.trade.domain.details import TicketDetails
from addons.trade.domain.kinds import SaleKind
from addons.trade.domain.ticket import TicketLine, TicketPayment
from kernel.money import Money


class ReceiptStatus(StrEnum):
    """What the paper is worth."""

    FISCAL = "fiscal"  # has the operator's sign
    AUTONOMOUS = "autonomous"  # issued without a link, has its own number; says «Автономный»
    PENDING = "pending"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class VatRow:
    """Turnover and VAT of one rate; rate_bp None collects what is sold without VAT."""

    rate_bp: int | None
    turnover: Money
    vat: Money


@dataclass(frozen=True, slots=True)
class ReturnBasis:
    """The ticket that a return undoes."""

    sign: str
    at: datetime
    kkm_registration_number: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt; `at` is the wall time of the outlet. Numbers of item 56 stand beside what answers them."""

    company_title: str  # 1
    company_title_kk: str
    address: str  # 2
    address_kk: str
    bin: str  # 3
    kkm_factory_number: str  # 4
    kkm_registration_number: str  # 5
    document_number: int | None  # 6
    lines: tuple[TicketLine, ...]  # 7–10
    total: Money  # 11
    ofd_title: str  # 12
    ofd_site: str
    at: datetime  # 13
    sign: str  # 14
    is_vat_payer: bool  # 15
    qr_text: str  # 16
    customer_bin: str | None  # 17
    kind: SaleKind
    status: ReceiptStatus
    is_test: bool
    outlet_title: str
    register_number: int
    operator_name: str
    operator_code: int
    shift_number: int | None
    discount: Money
    markup: Money
    payments: tuple[TicketPayment, ...]
    taken: Money
    change: Money
    is_offline: bool = False  # was issued autonomously, delivered since or not
    basis: ReturnBasis | None = None
    is_copy: bool = False  # a duplicate or a reprint
    code: str = ""  # digits by which a scanner finds the ticket again
    details: TicketDetails | None = None
    parking: tuple[datetime, datetime] | None = None  # wall times of the outlet

    @property
    def is_fiscal_paper(self) -> bool:
        """True when it may be called «Фискальный чек»: it carries a sign and the OFD is no simulator."""
        return self.status in (ReceiptStatus.FISCAL, ReceiptStatus.AUTONOMOUS) and not self.is_test

    @property
    def is_purchase(self) -> bool:
        """True when the other side sells to the company."""
        return self.kind in (SaleKind.BUY, SaleKind.BUY_RETURN)

    @property
    def subtotal(self) -> Money:
        """Total before the receipt's own modifiers."""
        return self.total + self.discount - self.markup

    @property
    def vat_rows(self) -> tuple[VatRow, ...]:
        """VAT by rate, highest first; empty for a company that is no VAT payer."""
        return vat_rows(self.lines) if self.is_vat_payer else ()


def vat_rows(lines: Sequence[TicketLine]) -> tuple[VatRow, ...]:
    """Turnover and VAT of the lines by rate, highest rate first, goods without VAT last."""
    sums: dict[int | None, tuple[Money, Money]] = {}
    for line in lines:
        turnover, vat = sums.get(line.vat_bp, (Money.ZERO, Money.ZERO))
        sums[line.vat_bp] = (turnover + line.total, vat + line.vat)
    rates = sorted(sums, key=lambda rate: -1 if rate is None else rate, reverse=True)
    return tuple(VatRow(rate, *sums[rate]) for rate in rates)


def tenge_text(amount: Money) -> str:
    """A sum with its thousands apart: 1234567.5 -> "1 234 567.50"."""
    tenge, tiyn = divmod(abs(amount.tiyn), 100)
    grouped = f"{tenge:,}".replace(",", " ")
    return f"{'-' if amount.tiyn < 0 else ''}{grouped}.{tiyn:02d}"
