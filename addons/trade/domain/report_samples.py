"""A Z report and a cash slip that never were: what themes are tried on."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from addons.trade.domain.kinds import CashDirection, FiscalState, PaymentKind, SaleKind
from addons.trade.domain.receipt_samples import AT, KGD_NUMBER, SALE
from addons.trade.domain.report_paper import (
    CashSlip,
    PaperHead,
    ReportGroup,
    ReportOperationLine,
    ReportPaper,
    ReportTaxLine,
    ReportTitle,
)
from kernel.money import Money

HEAD: Final = PaperHead(
    company_title=SALE.company_title,
    company_title_kk=SALE.company_title_kk,
    bin=SALE.bin,
    address=SALE.address,
    address_kk=SALE.address_kk,
    register_number=1,
    operator_name=SALE.operator_name,
    kkm_registration_number=KGD_NUMBER,
    kkm_factory_number=SALE.kkm_factory_number,
    at=AT + timedelta(hours=12),
)
_SELL: Final = ReportOperationLine(
    kind=SaleKind.SELL,
    count=118,
    total=Money.parse("1234567.50"),
    discount=Money.parse("8410.50"),
    change=Money.tenge(41_250),
    payments=(
        (PaymentKind.CASH, 71, Money.parse("634567.50")),
        (PaymentKind.CARD, 40, Money.tenge(550_000)),
        (PaymentKind.MOBILE, 7, Money.tenge(50_000)),
    ),
)
_RETURN: Final = ReportOperationLine(
    kind=SaleKind.SELL_RETURN,
    count=2,
    total=Money.tenge(4_640),
    payments=((PaymentKind.CASH, 2, Money.tenge(4_640)),),
)
Z_REPORT: Final = ReportPaper(
    head=HEAD,
    title=ReportTitle.Z,
    shift_number=3,
    document_number=121,
    opened_at=AT,
    closed_at=AT + timedelta(hours=12),
    documents=121,
    offline_documents=4,
    operations=(_SELL, _RETURN),
    taxes=(
        ReportTaxLine(1600, SaleKind.SELL, Money.tenge(1_160_000), Money.tenge(160_000)),
        ReportTaxLine(500, SaleKind.SELL, Money.tenge(63_000), Money.tenge(3_000)),
        ReportTaxLine(1600, SaleKind.SELL_RETURN, Money.tenge(4_640), Money.tenge(640)),
    ),
    deposits=(1, Money.tenge(20_000)),
    withdrawals=(2, Money.tenge(600_000)),
    drawer=Money.parse("49927.50"),
    revenue=Money.parse("1229927.50"),
    non_nullable=(
        (SaleKind.SELL, Money.parse("20500000.00"), Money.parse("21734567.50")),
        (SaleKind.SELL_RETURN, Money.tenge(120_000), Money.tenge(124_640)),
    ),
    chain_head="9f2b6a0c4e" * 6 + "abcd",
    digest="41d7f0a3bc" * 6 + "0123",
)
CASHIERS: Final = ReportPaper(
    head=HEAD,
    title=ReportTitle.CASHIERS,
    shift_number=3,
    opened_at=AT,
    groups=(
        ReportGroup("7 · Айгүл Сейітова", (_SELL, _RETURN)),
        ReportGroup("8 · Ерлан Қасымов", (_RETURN,)),
    ),
)
SLIP: Final = CashSlip(
    head=HEAD,
    direction=CashDirection.WITHDRAWAL,
    amount=Money.tenge(600_000),
    state=FiscalState.FISCALIZED,
    document_number=120,
    shift_number=3,
)
