"""What few tickets have beside goods and sums: the line of trade they belong to, how a card or a phone paid,
VAT on top of prices, positions taken off again before payment. Sums do not belong here.

Sources: CPCR 2.0.2 §4.5 (Domain and its blocks), CPCR 2.0.3 (CardPaymentFields, MobilePaymentFields).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from addons.trade.domain.kinds import PaymentKind
from addons.trade.domain.ticket import CardDetails, MobileDetails, TicketLine, TicketPayment
from kernel.errors import Refusal
from kernel.money import Money
from kernel.texts import one_line
from kernel.values import value

TEXT_LENGTH_MAX = 64
RRN_DIGITS_MAX = 18
RECEIPT_DIGITS_MAX = 9
Means = TypeVar("Means", CardDetails, MobileDetails)


class TradeDomain(StrEnum):
    """Line of trade of a ticket (DomainTypeEnum)."""

    TRADING = "TRADING"
    SERVICES = "SERVICES"
    GASOIL = "GASOIL"
    HOTELS = "HOTELS"
    TAXI = "TAXI"
    PARKING = "PARKING"


# Fields of DomainBlock by the names callers know them by: wanted, allowed.
_ACCOUNT = {"account_number": "accountNumber"}
_WANTED: dict[TradeDomain, dict[str, str]] = {
    TradeDomain.TRADING: {},
    TradeDomain.SERVICES: _ACCOUNT,
    TradeDomain.HOTELS: _ACCOUNT,
    TradeDomain.GASOIL: {},
    TradeDomain.TAXI: {"car_number": "carNumber", "is_order": "isOrder", "current_fee": "currentFee"},
    TradeDomain.PARKING: {"begin_ms": "beginAt", "end_ms": "endAt"},
}
_ALLOWED: dict[TradeDomain, dict[str, str]] = {
    TradeDomain.GASOIL: {
        "correction_number": "correctionNumber",
        "correction_sum": "correctionSum",
        "card_number": "cardNumber",
    },
}
_NAMES = {
    name: shown
    for table in (_WANTED, _ALLOWED)
    for shown_as in table.values()
    for name, shown in shown_as.items()
}


@value
class DomainBlock:
    """The line of trade and what it asks for; times in epoch ms. Empty and None mean "not told"."""

    domain: TradeDomain
    account_number: str = ""
    correction_number: str = ""
    correction_sum: Money | None = None
    card_number: str = ""
    car_number: str = ""
    is_order: bool | None = None
    current_fee: Money | None = None
    begin_ms: int | None = None
    end_ms: int | None = None

    def checked(self) -> DomainBlock:
        """Itself, texts as one line.

        Refusals: SALE_DOMAIN_FIELD_MISSING, SALE_DOMAIN_FIELD_FOREIGN, SALE_DOMAIN_FIELD_BAD; each names the
        field at fault.
        """
        wanted = _WANTED[self.domain]
        known = wanted | _ALLOWED.get(self.domain, {})
        told: dict[str, str | Money | bool | int] = {}
        for name, shown in _NAMES.items():
            given = getattr(self, name)
            if isinstance(given, str):
                given = one_line(given)
            if given is None or given == "":
                if name in wanted:
                    raise Refusal(
                        "SALE_DOMAIN_FIELD_MISSING", field=f"domain.{shown}", domain=self.domain.value
                    )
                continue
            if name not in known:
                raise Refusal("SALE_DOMAIN_FIELD_FOREIGN", field=f"domain.{shown}", domain=self.domain.value)
            is_bad = len(given) > TEXT_LENGTH_MAX if isinstance(given, str) else False
            if is_bad or (isinstance(given, Money) and given.tiyn < 0):
                raise Refusal("SALE_DOMAIN_FIELD_BAD", field=f"domain.{shown}", max=TEXT_LENGTH_MAX)
            told[name] = given
        if self.begin_ms is not None and self.end_ms is not None and self.end_ms < self.begin_ms:
            raise Refusal("SALE_DOMAIN_FIELD_BAD", field="domain.endAt", max=TEXT_LENGTH_MAX)
        return DomainBlock(self.domain, **told)  # type: ignore[arg-type]


@value
class TicketDetails:
    """What is special about a ticket; who has nothing special has None instead of this.

    elsewhere: means that were taken by somebody else's terminal or account («Безнал»); is_vat_on_top: prices
    are without VAT, which is added to every line's sum; stornoed: positions rung up and taken off again
    before payment, with the sums they would have had; they are in no total; sold_ms: when the till sold it,
    if that was before it was accepted (epoch ms).
    """

    domain: DomainBlock | None = None
    card: CardDetails | None = None
    mobile: MobileDetails | None = None
    elsewhere: tuple[PaymentKind, ...] = ()
    is_vat_on_top: bool = False
    stornoed: tuple[TicketLine, ...] = ()
    sold_ms: int | None = None


def details_of(
    payments: Sequence[TicketPayment],
    *,
    domain: DomainBlock | None = None,
    is_vat_on_top: bool = False,
    stornoed: tuple[TicketLine, ...] = (),
    sold_ms: int | None = None,
) -> TicketDetails | None:
    """What is special, None as on most tickets.

    Refusals: those of DomainBlock.checked, PAYMENT_DETAILS_FOREIGN, PAYMENT_DETAIL_MALFORMED,
    PAYMENT_CASH_ELSEWHERE.
    """
    is_paid_plainly = not any(each.details is not None or each.is_elsewhere for each in payments)
    if is_paid_plainly and domain is None and not is_vat_on_top and not stornoed and sold_ms is None:
        return None
    card: CardDetails | None = None
    mobile: MobileDetails | None = None
    elsewhere = []
    for index, payment in enumerate(payments):
        field = f"payments.{index}"
        if payment.is_elsewhere:
            if payment.kind is PaymentKind.CASH:
                raise Refusal("PAYMENT_CASH_ELSEWHERE", field=f"{field}.isElsewhere")
            elsewhere.append(payment.kind)
        match payment.details:
            case None:
                continue
            case CardDetails() as given if payment.kind is PaymentKind.CARD:
                card = _checked_card(given, f"{field}.card")
            case MobileDetails() as given if payment.kind is PaymentKind.MOBILE:
                mobile = MobileDetails(
                    _text(given.qr_type, f"{field}.mobile.qrType"), _text(given.qr_id, f"{field}.mobile.qrId")
                )
            case _:
                raise Refusal("PAYMENT_DETAILS_FOREIGN", field=field, kind=payment.kind.value)
    return TicketDetails(
        domain=None if domain is None else domain.checked(),
        card=card,
        mobile=mobile,
        elsewhere=tuple(elsewhere),
        is_vat_on_top=is_vat_on_top,
        stornoed=stornoed,
        sold_ms=sold_ms,
    )


def _checked_card(given: CardDetails, field: str) -> CardDetails:
    """An authorisation code may hold letters (ISO 8583 field 38); the other numbers are digits."""
    return CardDetails(
        terminal_id=_text(given.terminal_id, f"{field}.terminalId"),
        card_type=_text(given.card_type, f"{field}.cardType"),
        authorization_code=_text(given.authorization_code, f"{field}.authorizationCode"),
        rrn=_digits(given.rrn, RRN_DIGITS_MAX, f"{field}.rrn"),
        receipt_number=_digits(given.receipt_number, RECEIPT_DIGITS_MAX, f"{field}.receiptNumber"),
    )


def _text(given: str, field: str) -> str:
    text = one_line(given)
    if len(text) > TEXT_LENGTH_MAX:
        raise Refusal("PAYMENT_DETAIL_MALFORMED", field=field, max=TEXT_LENGTH_MAX)
    return text


def _digits(given: str, length_max: int, field: str) -> str:
    text = given.strip()
    if text and not (text.isascii() and text.isdigit() and len(text) <= length_max):
        raise Refusal("PAYMENT_DETAIL_MALFORMED", field=field, max=length_max)
    return text
