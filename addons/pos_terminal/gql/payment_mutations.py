"""Mutations of card operations. Annotations are real: Strawberry reads them."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import strawberry
from tortoise.exceptions import IntegrityError

from addons.pos_terminal.domain.driver import CardData
from addons.pos_terminal.gql.payment_enums import EntryMode, PaymentMethod, Verdict
from addons.pos_terminal.gql.payment_types import OperationType
from addons.pos_terminal.services.end_payment import (
    ReviewPayment,
    SettleReceipt,
    ask_again,
    cancel_payment,
    review_payment,
    settle_receipt,
)
from addons.pos_terminal.services.present_card import PART_BYTES_MAX, PresentCard, present_card, withdraw_card
from addons.pos_terminal.services.start_payment import Begun, StartPayment, start_payment
from addons.pos_terminal.services.undo_payment import UndoPayment, undo_payment
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import from_global, from_global_or_none, to_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused
from kernel.gql.scalars import UUID
from kernel.money import Money

Command = TypeVar("Command")

StartCardPaymentResult = Annotated[
    OperationType | Refused,
    strawberry.union("StartCardPaymentResult", description="The operation on its way, or why not."),
]
VoidCardPaymentResult = Annotated[
    OperationType | Refused,
    strawberry.union("VoidCardPaymentResult", description="The void on its way, or why not."),
]
RefundCardResult = Annotated[
    OperationType | Refused,
    strawberry.union("RefundCardResult", description="The refund on its way, or why not."),
]
CancelCardPaymentResult = Annotated[
    OperationType | Refused,
    strawberry.union("CancelCardPaymentResult", description="The operation as it is now, or why not."),
]
RecheckCardOperationResult = Annotated[
    OperationType | Refused,
    strawberry.union("RecheckCardOperationResult", description="The operation as it is now, or why not."),
]
ReviewCardOperationResult = Annotated[
    OperationType | Refused,
    strawberry.union("ReviewCardOperationResult", description="The operation as it is now, or why not."),
]
SettleCardReceiptResult = Annotated[
    OperationType | Refused,
    strawberry.union("SettleCardReceiptResult", description="The operation as it is now, or why not."),
]
OperationId = Annotated[strawberry.ID, strawberry.argument(description="The operation.")]
OperationKey = Annotated[
    UUID, strawberry.argument(description="Made and stored by the client before sending; of this new one.")
]


@strawberry.input(description="A payment to be taken by a card terminal.")
class StartCardPaymentInput:
    payment_key: UUID = strawberry.field(description="Made and stored by the client before sending.")
    register_id: strawberry.ID = strawberry.field(description="Register that takes the money.")
    amount: Money = strawberry.field(description="What this card is to pay.")
    terminal_id: strawberry.ID | None = strawberry.field(
        default=None, description="Left out: the register's only one, or the operator's own."
    )
    operator_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who takes it; left out by a signed-in operator."
    )
    method: PaymentMethod = strawberry.field(default=PaymentMethod.CARD, description="How the buyer pays.")
    with_receipt: bool = strawberry.field(
        default=True, description="A ticket will be made of it; false: the money is taken without one."
    )


@strawberry.input(description="What a device read from a card, encrypted by the device; base64.")
class PresentCardInput:
    operation_id: strawberry.ID = strawberry.field(description="From terminalTasks.")
    entry_mode: EntryMode = strawberry.field(description="How the card was read.")
    track: str = strawberry.field(default="", description="Encrypted track 2, or the token's cryptogram.")
    ksn: str = strawberry.field(default="", description="Key serial number of that encryption.")
    pin_block: str = strawberry.field(default="", description="Encrypted PIN block.")
    chip: str = strawberry.field(default="", description="EMV data without the number and track 2.")
    masked_number: str = strawberry.field(default="", description="Six digits, stars, four digits.")
    scheme: str = strawberry.field(default="", description="VISA, MASTERCARD, UNIONPAY …")
    is_wallet: bool = strawberry.field(default=False, description="A phone or watch stands for the card.")


@strawberry.type(name="CardPresented", description="The payment is on its way with this card.")
class CardPresentedType:
    operation_id: strawberry.ID = strawberry.field(description="The operation.")


PresentCardResult = Annotated[
    CardPresentedType | Refused,
    strawberry.union("PresentCardResult", description="That it is on its way, or why not."),
]


@strawberry.type(name="CardWithdrawn", description="The payment is given up, or being undone.")
class CardWithdrawnType:
    operation_id: strawberry.ID = strawberry.field(description="The operation.")


WithdrawCardResult = Annotated[
    CardWithdrawnType | Refused,
    strawberry.union("WithdrawCardResult", description="That it is being undone, or why not."),
]


@strawberry.input(description="What one person found out about an operation.")
class ReviewCardOperationInput:
    operation_id: strawberry.ID = strawberry.field(description="The operation.")
    verdict: Verdict = strawberry.field(description="How it ended.")
    evidence: str = strawberry.field(
        description="Where it stands: the terminal's journal, a slip, the bank's answer."
    )
    rrn: str = strawberry.field(default="", description="As it stands there.")
    authorization_code: str = strawberry.field(default="", description="As it stands there.")


@strawberry.type
class PaymentMutation:
    """Root fields that write."""

    @strawberry.mutation(
        description="Take a payment by card or QR. The same paymentKey always gives the same operation; "
        "another body under it is refused. Follow it by cardOperationChanged.",
        permission_classes=[Requires("pos_terminal.pay")],
    )
    async def start_card_payment(self, info: Info, input: StartCardPaymentInput) -> StartCardPaymentResult:
        command = StartPayment(
            payment_key=input.payment_key,
            register_id=from_global(input.register_id, "Register", field="registerId"),
            amount=input.amount,
            terminal_id=from_global_or_none(input.terminal_id, "CardTerminal", field="terminalId"),
            operator_id=from_global_or_none(input.operator_id, "Operator", field="operatorId"),
            method=input.method,
            with_receipt=input.with_receipt,
        )
        return await _begun(info.context, start_payment, command)

    @strawberry.mutation(
        description="For a terminal's device: hand over the encrypted card of an operation that awaits one.",
        permission_classes=[Requires("pos_terminal.present_card")],
    )
    async def present_card(self, info: Info, input: PresentCardInput) -> PresentCardResult:
        card = CardData(
            entry_mode=input.entry_mode,
            track=_bytes(input.track, "track"),
            ksn=_bytes(input.ksn, "ksn"),
            pin_block=_bytes(input.pin_block, "pinBlock"),
            chip=_bytes(input.chip, "chip"),
            masked_number=input.masked_number,
            scheme=input.scheme,
            is_wallet=input.is_wallet,
        )
        key = from_global(input.operation_id, "CardOperation", field="operationId")
        await info.context.transact(present_card, PresentCard(key, card))
        return CardPresentedType(operation_id=to_global("CardOperation", key))

    @strawberry.mutation(
        description="For a terminal's device: the card was taken away, or its chip refused after the "
        "approval. Nothing leaves, or what was approved within two minutes and has no receipt is reversed.",
        permission_classes=[Requires("pos_terminal.present_card")],
    )
    async def withdraw_card(self, info: Info, operation_id: OperationId) -> WithdrawCardResult:
        key = await info.context.transact(withdraw_card, _key(operation_id))
        return CardWithdrawnType(operation_id=to_global("CardOperation", key))

    @strawberry.mutation(
        description="Give up a payment that is going on: this very one, and none that has been approved.",
        permission_classes=[Requires("pos_terminal.pay")],
    )
    async def cancel_card_payment(self, info: Info, operation_id: OperationId) -> CancelCardPaymentResult:
        return await _changed(info.context, cancel_payment, _key(operation_id))

    @strawberry.mutation(
        description="Take a purchase back whole, until the cut-off of its banking day. Without the right "
        "pos_terminal.refund only what the cashier took himself and no receipt stands on.",
        permission_classes=[Requires("pos_terminal.pay")],
    )
    async def void_card_payment(
        self, info: Info, operation_key: OperationKey, operation_id: OperationId
    ) -> VoidCardPaymentResult:
        command = UndoPayment(operation_key, _key(operation_id))
        return await _begun(info.context, undo_payment, command)

    @strawberry.mutation(
        description="Give a purchase back to its card, or a part of it where the acquirer allows; until the "
        "cut-off of its banking day.",
        permission_classes=[Requires("pos_terminal.refund")],
    )
    async def refund_card(
        self,
        info: Info,
        operation_key: OperationKey,
        operation_id: OperationId,
        amount: Annotated[Money, strawberry.argument(description="How much.")],
    ) -> RefundCardResult:
        command = UndoPayment(operation_key, _key(operation_id), amount)
        return await _begun(info.context, undo_payment, command)

    @strawberry.mutation(
        description="Ask the terminal once more what became of an operation in review.",
        permission_classes=[Requires("pos_terminal.pay")],
    )
    async def recheck_card_operation(
        self, info: Info, operation_id: OperationId
    ) -> RecheckCardOperationResult:
        return await _changed(info.context, ask_again, _key(operation_id))

    @strawberry.mutation(
        description="Say how an operation in review ended; when a second person says the same, it is closed.",
        permission_classes=[Requires("pos_terminal.review")],
    )
    async def review_card_operation(
        self, info: Info, input: ReviewCardOperationInput
    ) -> ReviewCardOperationResult:
        command = ReviewPayment(
            _key(input.operation_id), input.verdict, input.evidence, input.rrn, input.authorization_code
        )
        return await _changed(info.context, review_payment, command)

    @strawberry.mutation(
        description="No receipt is to be made of this operation any more, and nobody has to look at it.",
        permission_classes=[Requires("pos_terminal.review")],
    )
    async def settle_card_receipt(
        self,
        info: Info,
        operation_id: OperationId,
        reason: Annotated[str, strawberry.argument(description="How it was seen to.")],
    ) -> SettleCardReceiptResult:
        return await _changed(info.context, settle_receipt, SettleReceipt(_key(operation_id), reason))


async def _begun(
    context: GqlContext, service: Callable[[Work, Command], Awaitable[Begun]], command: Command
) -> OperationType:
    """The operation the service began; should its key or its terminal have been taken at the same moment, the
    second call knows.
    """
    try:
        begun = await context.transact(service, command)
    except IntegrityError:
        begun = await context.transact(service, command)
    return await _shown(context, begun.operation_id)


async def _changed(
    context: GqlContext, service: Callable[[Work, Command], Awaitable[str]], command: Command
) -> OperationType:
    return await _shown(context, await context.transact(service, command))


async def _shown(context: GqlContext, operation_id: str) -> OperationType:
    found = await OperationType.load(context, operation_id)
    assert found is not None, "committed a moment ago, within the caller's reach"
    return found


def _key(operation_id: strawberry.ID) -> str:
    return from_global(operation_id, "CardOperation", field="operationId")


def _bytes(text: str, field: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Refusal("CARD_DATA_MALFORMED", field=field) from None
    if len(found) > PART_BYTES_MAX:
        raise Refusal("CARD_DATA_MALFORMED", field=field)
    return found
