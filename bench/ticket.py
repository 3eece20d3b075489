"""The sale every bench of the main path makes: three lines with 16 % VAT, paid in cash, in 2.0.3."""

from __future__ import annotations

from datetime import datetime

from protocols.ofd.build import build_ticket
from protocols.ofd.codes import V203, Operation, PaymentType
from protocols.ofd.values import Geo, Line, Payment, Registration, Service, Ticket

AT = datetime(2026, 1, 15, 10, 30)  # noqa: DTZ001 - wall time of a register
NAMES = ("Нан бидай 500 г", "Сүт 2,5 % 1 л", "Чай чёрный байховый 250 г")
PRICES = (18500, 64900, 189000)  # tiyn

SERVICE = Service(
    registration=Registration(
        kgd_number="000000000001",
        serial_number="SN-00000001",
        org_title="ТОО «Өлшем»",
        org_address="г. Алматы, пр. Абая, 1",
        org_address_kz="Алматы қ., Абай даңғ., 1",
        org_bin="230140000109",
        org_oked="47111",
    ),
    geo=Geo(432389, 768897),
)


def vat_inside(amount: int, bp: int = 1600) -> int:
    """VAT inside an amount, half up to a tiyn."""
    return (amount * bp * 2 + 10_000 + bp) // (2 * (10_000 + bp))


def bench_ticket(number: int | None = None, at: datetime = AT) -> bytes:
    """The request bytes of one sale; `number` is the printed document number."""
    lines = tuple(
        Line(
            name,
            "1",
            1000,
            price,
            price,
            "796",
            vat_bp=1600,
            vat=vat_inside(price),
            barcode=f"487000000000{i}",
        )
        for i, (name, price) in enumerate(zip(NAMES, PRICES, strict=True))
    )
    total = sum(PRICES)
    ticket = Ticket(
        operation=Operation.SELL,
        at=at,
        operator_code=1,
        operator_name="Айгүл",
        lines=lines,
        payments=(Payment(PaymentType.CASH, total),),
        total=total,
        taken=total,
        change=0,
        shift_number=1,
        document_number=number,
    )
    return build_ticket(ticket, SERVICE, version=V203)
