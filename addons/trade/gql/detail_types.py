"""What few tickets have, in GraphQL: how a card or a phone paid, the line of trade.

Annotations are real: Strawberry reads them.
"""

from dataclasses import asdict

import strawberry

from addons.trade.domain.details import TicketDetails
from addons.trade.gql.enums import PaymentKind, TradeDomain
from addons.trade.services.records import SaleRecord
from kernel.clock import from_ms
from kernel.gql.scalars import DateTime
from kernel.money import Money


@strawberry.type(name="CardDetails", description="How a card paid.")
class CardDetailsType:
    terminal_id: str = strawberry.field(description="Terminal.")
    card_type: str = strawberry.field(description="Kind of card.")
    authorization_code: str = strawberry.field(description="Code of the authorisation.")
    rrn: str = strawberry.field(description="Retrieval reference number.")
    receipt_number: str = strawberry.field(description="Number of the terminal's slip.")


@strawberry.type(name="MobileDetails", description="How a phone paid.")
class MobileDetailsType:
    qr_type: str = strawberry.field(description="Whose QR code it was.")
    qr_id: str = strawberry.field(description="Id of the QR payment.")


@strawberry.type(name="TicketDomain", description="Line of trade with its own facts; null: not told.")
class TicketDomainType:
    type: TradeDomain = strawberry.field(description="Line of trade.")
    account_number: str | None = strawberry.field(description="Account or room.")
    correction_number: str | None = strawberry.field(description="Number of a correction.")
    correction_sum: Money | None = strawberry.field(description="Sum of a correction.")
    card_number: str | None = strawberry.field(description="Fuel card.")
    car_number: str | None = strawberry.field(description="Plate of the car.")
    is_order: bool | None = strawberry.field(description="Whether the taxi was ordered.")
    current_fee: Money | None = strawberry.field(description="The taxi's fee.")
    begin_at: DateTime | None = strawberry.field(description="When parking began.")
    end_at: DateTime | None = strawberry.field(description="When parking ended.")


@strawberry.type(name="SalePayment", description="What was paid by one means.")
class SalePaymentType:
    kind: PaymentKind = strawberry.field(description="Means of payment.")
    amount: Money = strawberry.field(description="Amount without change; of a return: what is handed back.")
    card: CardDetailsType | None = strawberry.field(default=None, description="How a card paid, as told.")
    mobile: MobileDetailsType | None = strawberry.field(
        default=None, description="How a phone paid, as told."
    )
    is_elsewhere: bool = strawberry.field(
        default=False, description="«Безнал»: taken by somebody else's terminal or account."
    )


def shown_payments(record: SaleRecord) -> list[SalePaymentType]:
    """What was paid by each means, with what is special about it."""
    details = record.details
    if details is None:
        return [SalePaymentType(kind=each.kind, amount=each.amount) for each in record.payments]
    shown = []
    for each in record.payments:
        card = details.card if each.kind is PaymentKind.CARD else None
        mobile = details.mobile if each.kind is PaymentKind.MOBILE else None
        shown.append(
            SalePaymentType(
                kind=each.kind,
                amount=each.amount,
                card=None if card is None else CardDetailsType(**asdict(card)),
                mobile=None if mobile is None else MobileDetailsType(**asdict(mobile)),
                is_elsewhere=each.kind in details.elsewhere,
            )
        )
    return shown


def shown_domain(details: TicketDetails | None) -> TicketDomainType | None:
    """The line of trade a ticket named."""
    if details is None or details.domain is None:
        return None
    block = details.domain
    return TicketDomainType(
        type=block.domain,
        account_number=block.account_number or None,
        correction_number=block.correction_number or None,
        correction_sum=block.correction_sum,
        card_number=block.card_number or None,
        car_number=block.car_number or None,
        is_order=block.is_order,
        current_fee=block.current_fee,
        begin_at=None if block.begin_ms is None else from_ms(block.begin_ms),
        end_at=None if block.end_ms is None else from_ms(block.end_ms),
    )
