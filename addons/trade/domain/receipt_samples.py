"""Receipts that were never sold: what themes are tried on, in every state a receipt can be in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from addons.trade.domain.kinds import PaymentKind, SaleKind
from addons.trade.domain.receipt import Receipt, ReceiptStatus, ReturnBasis
from addons.trade.domain.ticket import TicketLine, TicketPayment
from kernel.money import Money
from kernel.quantity import Quantity

AT: Final = datetime(2026, 1, 15, 9, 30, 0, tzinfo=UTC)
SITE: Final = "consumer.oofd.kz"
KGD_NUMBER: Final = "010100000123"


def _line(position: int, name: str, quantity: str, price: str, **more: object) -> TicketLine:
    """A line whose sums follow from quantity, price, discount and rate."""
    amount = Quantity.parse(quantity)
    each = Money.parse(price)
    whole = each.times(amount)
    discount = more.pop("discount", Money.ZERO)
    shared = more.pop("shared_discount", Money.ZERO)
    rate = more.pop("vat_bp", 1600)
    assert isinstance(discount, Money)
    assert isinstance(shared, Money)
    assert rate is None or isinstance(rate, int)
    total = whole - discount - shared
    vat = Money.ZERO if rate is None else total.vat_inside(rate)
    plain: dict[str, object] = {
        "position": position,
        "product_id": None,
        "name": name,
        "section": "1",
        "quantity": amount,
        "price": each,
        "sum": whole,
        "discount": discount + shared,
        "markup": Money.ZERO,
        "total": total,
        "vat_bp": rate,
        "vat": vat,
        "unit_code": "796",
        "barcode": "",
        "ntin": "",
        "marks": (),
        "unit_name": "шт",
        "shared_discount": shared,
    }
    return TicketLine(**{**plain, **more})  # type: ignore[arg-type]


GOODS: Final = (
    _line(1, "Нан «Бородинский» 400 г", "2", "320", ntin="0200134567890"),
    _line(2, "Сүт «Адал» 2,5 % 1 л", "1", "649.50", ntin="0200345678901", discount=Money.parse("49.50")),
    _line(3, "Ірімшік «Голландский», салмақпен", "0.435", "3200", unit_code="166", unit_name="кг"),
    _line(
        4, "Минералды су 0,5 л", "3", "180", vat_bp=500, ntin="0200456789012",
        marks=("0104870001234567215abcDEF\x1d93dGVz", "0104870001234567215abcGHI\x1d93dGVz",
               "0104870001234567215abcJKL\x1d93dGVz"),
    ),
    _line(5, "Жеткізу қызметі / Доставка по городу до подъезда", "1", "500", vat_bp=None, unit_name="қызмет"),
)  # fmt: skip


def _qr(sign: str, total: Money) -> str:
    return f"https://{SITE}?i={sign}&f={KGD_NUMBER}&s={total}&t={AT:%Y%m%dT%H%M%S}"


_TOTAL: Final = Money(sum(line.total.tiyn for line in GOODS))

SALE: Final = Receipt(
    company_title="ТОО «Береке Маркет»",
    company_title_kk="«Береке Маркет» ЖШС",
    address="г. Алматы, ул. Абая, 10, магазин «Береке»",
    address_kk="Алматы қ., Абай к-сі, 10, «Береке» дүкені",
    bin="230140000109",
    kkm_factory_number="SWK00012345",
    kkm_registration_number=KGD_NUMBER,
    document_number=42,
    lines=GOODS,
    total=_TOTAL,
    ofd_title="АО «Казахтелеком»",
    ofd_site=SITE,
    at=AT,
    sign="1234567890",
    is_vat_payer=True,
    qr_text=_qr("1234567890", _TOTAL),
    customer_bin=None,
    kind=SaleKind.SELL,
    status=ReceiptStatus.FISCAL,
    is_test=False,
    outlet_title="Дүкен «Береке»",
    register_number=1,
    operator_name="Айгүл Сейітова",
    operator_code=7,
    shift_number=3,
    discount=Money.ZERO,
    markup=Money.ZERO,
    payments=(TicketPayment(PaymentKind.CASH, _TOTAL),),
    taken=Money.tenge(5000),
    change=Money.tenge(5000) - _TOTAL,
    code="176846940000000001",
)


def _made(lines: tuple[TicketLine, ...], **more: object) -> Receipt:
    total = Money(sum(line.total.tiyn for line in lines))
    plain: dict[str, object] = {
        "lines": lines,
        "total": total,
        "payments": (TicketPayment(PaymentKind.CARD, total),),
        "taken": Money.ZERO,
        "change": Money.ZERO,
        "qr_text": _qr("1234567890", total),
    }
    return replace(SALE, **{**plain, **more})  # type: ignore[arg-type]


_OFFLINE = replace(
    SALE,
    status=ReceiptStatus.AUTONOMOUS,
    is_offline=True,
    sign="2900000042",
    qr_text=_qr("2900000042", _TOTAL),
)
_SHARED = (
    _line(1, "Нан «Бородинский» 400 г", "2", "320", shared_discount=Money.tenge(64)),
    _line(2, "Шай «Пиала» 250 г", "1", "1860", shared_discount=Money.tenge(186)),
)

SAMPLES: Final[Mapping[str, Receipt]] = {
    "sale": SALE,
    "copy": replace(SALE, is_copy=True),
    "offline": _OFFLINE,
    "delivered": replace(_OFFLINE, status=ReceiptStatus.FISCAL, sign="1234567890", qr_text=SALE.qr_text),
    "test": replace(SALE, is_test=True),
    "pending": replace(SALE, status=ReceiptStatus.PENDING, sign="", qr_text="", document_number=None),
    "rejected": replace(SALE, status=ReceiptStatus.REJECTED, sign="", qr_text="", document_number=None),
    "discount": _made(_SHARED, discount=Money.tenge(250)),
    "return": _made(
        GOODS[:1],
        kind=SaleKind.SELL_RETURN,
        document_number=43,
        sign="1234567899",
        basis=ReturnBasis("1234567890", AT, KGD_NUMBER),
        payments=(TicketPayment(PaymentKind.CASH, GOODS[0].total),),
    ),
    "buyer": _made(GOODS[:3], customer_bin="230140000021"),
    "no_vat": _made(
        (_line(1, "Маникюр, гель-лак", "1", "7000", vat_bp=None, unit_name="усл"),), is_vat_payer=False
    ),
    "purchase": _made(
        (_line(1, "Лом алюминия, пищевой", "12.5", "420", vat_bp=None, unit_name="кг"),), kind=SaleKind.BUY
    ),
}
