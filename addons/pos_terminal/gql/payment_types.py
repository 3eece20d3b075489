"""Card operations in GraphQL. Annotations are real: Strawberry reads them."""

from typing import Annotated, Self

import strawberry

from addons.pos_terminal.domain.banking_day import UI_MARGIN_MS
from addons.pos_terminal.domain.stage import stage_of
from addons.pos_terminal.gql.payment_enums import (
    EntryMode,
    FiscalSide,
    OperationKind,
    PaymentMethod,
    PaymentState,
    Stage,
    Tender,
    Verdict,
)
from addons.pos_terminal.gql.terminal_types import CardTerminalType
from addons.pos_terminal.services.attention import attention_of
from addons.pos_terminal.services.payment_record import PaymentRecord
from addons.pos_terminal.services.payment_rows import EventRecord
from addons.pos_terminal.services.slip import slip
from addons.pos_terminal.settings import AcquiringSettings
from kernel.clock import from_ms, to_ms
from kernel.errors import Refusal
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import to_global
from kernel.gql.node import Node
from kernel.gql.papers import PaperType
from kernel.gql.refusals import Refused, refused
from kernel.gql.scalars import UUID, Date, DateTime
from kernel.money import Money


def _moment(ms: int | None) -> DateTime | None:
    return None if not ms else from_ms(ms)


@strawberry.type(name="CardEventDetail", description="Something told with an event.")
class EventDetailType:
    name: str = strawberry.field(description="What.")
    value: str = strawberry.field(description="As it was told.")


@strawberry.type(name="CardOperationEvent", description="Something that happened to an operation.")
class OperationEventType:
    number: int = strawberry.field(description="Its place in the story, from 1.")
    at: DateTime = strawberry.field(description="When.")
    kind: str = strawberry.field(description="What, such as Started, Turned, Answered, ReversalAnswered.")
    source: str = strawberry.field(
        description="Who told: cashier, device, terminal, person, statement, sale or clock."
    )
    actor: str = strawberry.field(description="Which person, if it was one.")
    state: PaymentState = strawberry.field(description="The state it led to.")
    details: list[EventDetailType] = strawberry.field(description="What was told; no number of a card.")

    @classmethod
    def of(cls, event: EventRecord) -> Self:
        """As shown."""
        return cls(
            number=event.number,
            at=from_ms(event.at_ms),
            kind=event.kind,
            source=event.source,
            actor=event.actor,
            state=event.state_after,
            details=[EventDetailType(name=name, value=text) for name, text in event.detail.items()],
        )


@strawberry.type(name="CardReview", description="What the first of two persons found out.")
class ReviewType:
    verdict: Verdict = strawberry.field(description="How it ended.")
    person: str = strawberry.field(description="Who says so; somebody else has to confirm it.")


@strawberry.type(name="CardOperation", description="A purchase, void or refund at a card terminal.")
class OperationType(Node):
    node_permission = "pos_terminal.view"

    record: strawberry.Private[PaymentRecord]
    payment_key: UUID = strawberry.field(description="The key it was begun under.")
    kind: OperationKind = strawberry.field(description="What it does with the buyer's money.")
    state: PaymentState = strawberry.field(description="Where the money is.")
    fiscal_state: FiscalSide = strawberry.field(description="What became of its receipt.")
    stage: Stage = strawberry.field(description="What to show the cashier.")
    amount: Money = strawberry.field(description="What was asked for.")
    approved_amount: Money = strawberry.field(description="What the bank took or gave back.")
    refunded_amount: Money = strawberry.field(description="How much of it later operations gave back.")
    method: PaymentMethod = strawberry.field(description="How the buyer pays.")
    tender: Tender = strawberry.field(description="Which payment of a receipt it is.")
    masked_number: str = strawberry.field(description="Of the card: first six and last four digits at most.")
    scheme: str = strawberry.field(description="VISA, MASTERCARD, KASPI …")
    entry_mode: EntryMode = strawberry.field(description="How the card was read.")
    is_wallet: bool = strawberry.field(description="Whether a phone or watch stood for the card.")
    rrn: str = strawberry.field(description="Retrieval reference number of the acquirer.")
    authorization_code: str = strawberry.field(description="Of the card's bank.")
    response_code: str = strawberry.field(description="As the host said it.")
    terminal_code: str = strawberry.field(description="Number of the terminal, as the host said it.")
    slip_number: str = strawberry.field(description="Number of the terminal's slip.")
    order_number: str = strawberry.field(description="Of a QR payment.")
    stan: int | None = strawberry.field(description="Number of its message; null before it left.")
    batch: int | None = strawberry.field(description="The batch it left in.")
    note: str = strawberry.field(description="What the terminal says it is doing, in its own word.")
    register_id: strawberry.ID = strawberry.field(description="Register it was made at.")
    operator_id: strawberry.ID | None = strawberry.field(description="Cashier who made it.")
    original_id: strawberry.ID | None = strawberry.field(description="Of a void or refund: the purchase.")
    sale_id: strawberry.ID | None = strawberry.field(description="The ticket that was made of it.")
    created_at: DateTime = strawberry.field(description="When it was begun.")
    sent_at: DateTime | None = strawberry.field(description="When it left.")
    decided_at: DateTime | None = strawberry.field(description="When its outcome was known.")
    late_approval_at: DateTime | None = strawberry.field(
        description="When the bank approved it after it had been given up; it is reversed, never revived."
    )
    card_until: DateTime | None = strawberry.field(description="Until when a card has to be shown.")
    banking_day: Date | None = strawberry.field(description="To which it belongs, once approved.")
    undo_until: DateTime | None = strawberry.field(
        description="Until when to offer a void or refund: two minutes before the cut-off; null when there "
        "is nothing to take back."
    )
    reversals: int = strawberry.field(description="How often its reversal was sent.")
    review: ReviewType | None = strawberry.field(description="What one person has found out so far.")

    @strawberry.field(description="Why it did not go through, in the caller's language; null if it did.")
    def refusal(self, info: Info) -> Refused | None:
        code = self.record.payment.code
        return refused(Refusal(code), info.context.language) if code else None

    @strawberry.field(description="Why somebody has to look at it, and what to do; null when nobody has to.")
    def attention(self, info: Info) -> Refused | None:
        house, company_id = info.context.database, info.context.principal.company_id
        settings = house.choices.settings_of(AcquiringSettings, company_id)
        code = attention_of(self.record, settings, to_ms(house.clock.now()))
        return None if code is None else refused(Refusal(code), info.context.language)

    @strawberry.field(description="The terminal; null when it is out of the caller's reach.")
    async def terminal(self, info: Info) -> CardTerminalType | None:
        return await CardTerminalType.load(info.context, self.record.terminal_id)

    @strawberry.field(description="Its slip, ready to be printed; no fiscal receipt.")
    async def slip(
        self,
        info: Info,
        is_duplicate: Annotated[bool, strawberry.argument(description="Marked as one.")] = True,
    ) -> PaperType:
        async with info.context.reading() as reader:
            return PaperType(paper=await slip(reader, self.key, is_duplicate))

    @strawberry.field(description="Its story, the oldest first.")
    async def events(self, info: Info) -> list[OperationEventType]:
        found: list[EventRecord] = await info.context.loader("pos_terminal.events_by_operation").load(
            self.key
        )
        return [OperationEventType.of(event) for event in found]

    @strawberry.field(description="Voids and refunds of this purchase, the oldest first.")
    async def undoings(self, info: Info) -> list["OperationType"]:
        found: list[PaymentRecord] = await info.context.loader("pos_terminal.undoings_by_purchase").load(
            self.key
        )
        return [OperationType.of(each) for each in found]

    @classmethod
    def of(cls, record: PaymentRecord) -> Self:
        """As shown."""
        payment, facts, proposal = record.payment, record.facts, record.payment.proposal
        until_ms = None if record.undo_until_ms is None else record.undo_until_ms - UI_MARGIN_MS
        is_undoable = record.kind is OperationKind.PURCHASE and bool(payment.left)
        return cls(
            key=record.id,
            record=record,
            payment_key=UUID(record.payment_key),
            kind=payment.kind,
            state=payment.state,
            fiscal_state=payment.fiscal,
            stage=stage_of(payment, record.note),
            amount=payment.amount,
            approved_amount=payment.approved,
            refunded_amount=payment.refunded,
            method=record.method,
            tender=record.tender,
            masked_number=facts.masked_number,
            scheme=facts.scheme,
            entry_mode=facts.entry_mode,
            is_wallet=facts.is_wallet,
            rrn=facts.rrn,
            authorization_code=facts.authorization_code,
            response_code=facts.response_code,
            terminal_code=facts.terminal_code,
            slip_number=facts.slip_number,
            order_number=facts.order_number,
            stan=record.stan,
            batch=record.batch,
            note=record.note,
            register_id=to_global("Register", record.register_id),
            operator_id=_global("Operator", record.operator_id),
            original_id=_global("CardOperation", record.original_id),
            sale_id=_global("Sale", record.sale_id),
            created_at=from_ms(record.created_ms),
            sent_at=_moment(payment.sent_ms),
            decided_at=_moment(record.decided_ms),
            late_approval_at=_moment(payment.late_ms),
            card_until=_moment(record.deadline_ms) if payment.state is PaymentState.AWAITING_CARD else None,
            banking_day=None if record.banking_day is None else Date.fromisoformat(record.banking_day),
            undo_until=_moment(until_ms) if is_undoable else None,
            reversals=payment.reversals,
            review=None if proposal is None else ReviewType(verdict=proposal.verdict, person=proposal.person),
        )

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> "OperationType | None":
        record: PaymentRecord | None = await context.loader("pos_terminal.operation_by_id").load(key)
        return None if record is None else cls.of(record)


@strawberry.type(name="CardTask", description="What a terminal's device has to ask the buyer for.")
class TaskType:
    operation_id: strawberry.ID = strawberry.field(description="The operation, for presentCard.")
    amount: Money = strawberry.field(description="What is to be paid.")
    method: PaymentMethod = strawberry.field(description="How.")
    until: DateTime = strawberry.field(description="Later it is given up.")

    @classmethod
    def of(cls, record: PaymentRecord) -> Self:
        """As the device gets it."""
        assert record.deadline_ms is not None, "a card is awaited"
        return cls(
            operation_id=to_global("CardOperation", record.id),
            amount=record.payment.amount,
            method=record.method,
            until=from_ms(record.deadline_ms),
        )


@strawberry.type(name="CardTasks", description="What a terminal's device has to do now.")
class TasksType:
    tasks: list[TaskType] = strawberry.field(description="Usually one or none.")


@strawberry.type(name="SaleCard", description="How cards paid a ticket.")
class SaleCardType:
    operations: list[OperationType] = strawberry.field(description="Card operations of the ticket.")


@strawberry.type(name="RegisterTerminal", description="A terminal at a register, as it is now.")
class RegisterTerminalType:
    terminal: CardTerminalType = strawberry.field(description="The terminal.")
    operation: OperationType | None = strawberry.field(
        description="What goes on there; null when it is free."
    )
    waiting_reversals: int = strawberry.field(description="Reversals that are not answered yet.")


@strawberry.type(name="RegisterCard", description="Card terminals of a register.")
class RegisterCardType:
    terminals: list[RegisterTerminalType] = strawberry.field(description="By title.")


def _global(type_name: str, key: str | None) -> strawberry.ID | None:
    return None if key is None else to_global(type_name, key)
