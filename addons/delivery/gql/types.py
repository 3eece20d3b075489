"""What printers, print jobs and letters look like in GraphQL. Annotations are real: Strawberry reads them."""

import base64
from typing import Self

import strawberry

from addons.delivery.domain.jobs import OPEN_STATES, RECEIPT, PrintJob
from addons.delivery.domain.printers import PrinterCard
from addons.delivery.gql.enums import Encoding, JobState, LetterState, PaperState
from addons.delivery.services.hand_out import Order
from addons.delivery.services.mail_receipt import email_offer
from kernel.clock import from_ms
from kernel.errors import Refusal
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import to_global
from kernel.gql.node import Node
from kernel.gql.refusals import Refused, refused
from kernel.gql.scalars import DateTime
from kernel.mail import KeptLetter


@strawberry.type(name="Printer", description="A printer of an outlet.")
class PrinterType(Node):
    node_permission = "delivery.view"

    card: strawberry.Private[PrinterCard]
    outlet_id: strawberry.ID = strawberry.field(description="Outlet it stands in.")
    name: str = strawberry.field(description="What people call it.")
    connection: str = strawberry.field(
        description="How the agent reaches it: `usb:04b8:0e15`, `network:10.0.0.5:9100`, `file:/dev/usb/lp0`."
    )
    columns: int = strawberry.field(description="Characters on a line: 32, 42 or 48.")
    encoding: Encoding = strawberry.field(description="How letters reach it.")
    profile: str = strawberry.field(description="Model by python-escpos' list of profiles.")
    has_knife: bool = strawberry.field(description="Whether it cuts the paper.")
    opens_drawer: bool = strawberry.field(description="Whether a cash drawer hangs on it and is opened.")
    is_local: bool = strawberry.field(description="Whether the server itself prints on it (`sauda up`).")
    paper: PaperState = strawberry.field(description="What it said last about its roll.")
    seen_at: DateTime | None = strawberry.field(description="When an agent asked for its jobs last.")
    problem_since: DateTime | None = strawberry.field(description="Since when it does not print.")
    problem_text: str = strawberry.field(description="What the agent said about the problem, untranslated.")

    @strawberry.field(description="Why it does not print now, in the caller's language; null when it does.")
    def problem(self, info: Info) -> Refused | None:
        if self.card.problem is None:
            return None
        return refused(Refusal(self.card.problem.value), info.context.language)

    @classmethod
    def of(cls, card: PrinterCard) -> Self:
        """The printer as shown."""
        return cls(
            key=card.id,
            card=card,
            outlet_id=to_global("Outlet", card.outlet_id),
            name=card.name,
            connection=card.connection,
            columns=card.columns,
            encoding=card.encoding,
            profile=card.profile,
            has_knife=card.has_knife,
            opens_drawer=card.opens_drawer,
            is_local=card.is_local,
            paper=card.paper,
            seen_at=_moment(card.seen_ms),
            problem_since=_moment(card.problem_since_ms),
            problem_text=card.problem_text,
        )

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> "PrinterType | None":
        card: PrinterCard | None = await context.loader("delivery.printer_by_id").load(key)
        return None if card is None else cls.of(card)


@strawberry.type(name="PrintJob", description="A paper in a printer's queue.")
class PrintJobType(Node):
    node_permission = "delivery.view"

    job: strawberry.Private[PrintJob]
    kind: str = strawberry.field(description="What is printed, such as `delivery.receipt`.")
    sale_id: strawberry.ID | None = strawberry.field(description="The ticket, when it is a receipt.")
    register_id: strawberry.ID | None = strawberry.field(description="Register it was asked for at.")
    number: int = strawberry.field(description="Its number in the printer's queue.")
    copies: int = strawberry.field(description="How many; from the second on they are marked as duplicates.")
    is_marked_duplicate: bool = strawberry.field(
        description="Whether it carries «КӨШІРМЕ / ДУБЛИКАТ»: asked for again, or possibly printed before."
    )
    state: JobState = strawberry.field(description="What became of it.")
    attempts: int = strawberry.field(description="How often an agent took it.")
    created_at: DateTime = strawberry.field(description="When it was asked for.")
    ended_at: DateTime | None = strawberry.field(description="When it left the queue.")

    @strawberry.field(description="The printer; null when it was removed.")
    async def printer(self, info: Info) -> PrinterType | None:
        return await PrinterType.load(info.context, self.job.printer_id)

    @strawberry.field(
        description="Why it was not printed at the last try, in the caller's language; null if all is well."
    )
    def problem(self, info: Info) -> Refused | None:
        if self.job.problem is None:
            return None
        return refused(Refusal(self.job.problem), info.context.language)

    @strawberry.field(
        description="The address the buyer left, while the receipt is not printed and could be sent instead."
    )
    async def email_offer(self, info: Info) -> str | None:
        is_waiting = self.job.state in OPEN_STATES and self.job.problem is None
        if self.job.kind != RECEIPT or is_waiting or self.job.state is JobState.PRINTED:
            return None
        async with info.context.reading() as reader:
            return await email_offer(reader, self.job.subject_id)

    @classmethod
    def of(cls, job: PrintJob) -> Self:
        """The job as shown."""
        return cls(
            key=job.id,
            job=job,
            kind=job.kind,
            sale_id=to_global("Sale", job.subject_id) if job.kind == RECEIPT else None,
            register_id=None if job.register_id is None else to_global("Register", job.register_id),
            number=job.number,
            copies=job.copies,
            is_marked_duplicate=job.is_marked,
            state=job.state,
            attempts=job.attempts,
            created_at=from_ms(job.created_ms),
            ended_at=_moment(job.ended_ms),
        )

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> "PrintJobType | None":
        job: PrintJob | None = await context.loader("delivery.job_by_id").load(key)
        return None if job is None else cls.of(job)


@strawberry.type(name="PrintOrder", description="A job in an agent's hand, with what is to be sent.")
class PrintOrderType:
    job_id: strawberry.ID = strawberry.field(description="The job, for the report.")
    printer_id: strawberry.ID = strawberry.field(description="The printer.")
    printer_name: str = strawberry.field(description="What people call it.")
    connection: str = strawberry.field(description="How to reach it.")
    number: int = strawberry.field(description="Order in the printer's queue.")
    is_marked_duplicate: bool = strawberry.field(description="Whether the paper says it is a duplicate.")
    lease_until: DateTime = strawberry.field(
        description="Until then nobody else gets it; later it counts as possibly printed."
    )
    content: str = strawberry.field(description="ESC/POS bytes for the printer in base64.")

    @classmethod
    def of(cls, order: Order) -> Self:
        """The order as handed out."""
        assert order.job.lease_until_ms is not None
        return cls(
            job_id=to_global("PrintJob", order.job.id),
            printer_id=to_global("Printer", order.printer.id),
            printer_name=order.printer.name,
            connection=order.printer.connection,
            number=order.job.number,
            is_marked_duplicate=order.job.is_marked,
            lease_until=from_ms(order.job.lease_until_ms),
            content=base64.b64encode(order.content).decode(),
        )


@strawberry.type(name="PrintOrders", description="What an agent has in hand now.")
class PrintOrdersType:
    orders: list[PrintOrderType] = strawberry.field(description="In the order of printing, per printer.")


@strawberry.type(name="PrinterList", description="Printers of an outlet.")
class PrinterListType:
    printers: list[PrinterType] = strawberry.field(description="Oldest first.")


@strawberry.type(name="PrintNews", description="There may be something to print; take it to see.")
class PrintNewsType:
    waiting: int = strawberry.field(description="Jobs that wait in this outlet.")


@strawberry.type(
    name="Letter", description="A letter by e-mail: with a receipt, or word to an administrator."
)
class LetterType:
    key: strawberry.Private[str]
    id: strawberry.ID = strawberry.field(description="Its id, the beginning of its Message-ID.")
    to: str = strawberry.field(description="Whom it was sent to.")
    subject: str = strawberry.field(description="Its subject.")
    state: LetterState = strawberry.field(description="What became of it.")
    attempts: int = strawberry.field(description="How often it was handed to a mail server.")
    answer: str | None = strawberry.field(description="What the mail server said last.")
    posted_at: DateTime = strawberry.field(description="When it was posted.")
    ended_at: DateTime | None = strawberry.field(description="When it was sent, refused or given up.")

    @classmethod
    def of(cls, letter: KeptLetter) -> Self:
        """The letter as shown."""
        return cls(
            key=letter.id,
            id=strawberry.ID(letter.id),
            to=letter.recipient,
            subject=letter.subject,
            state=letter.state,
            attempts=letter.attempts,
            answer=letter.answer,
            posted_at=from_ms(letter.posted_ms),
            ended_at=_moment(letter.ended_ms),
        )


@strawberry.type(name="SaleDelivery", description="How a receipt reached its buyer.")
class SaleDeliveryType:
    link: str | None = strawberry.field(
        description="Public page of the receipt; null while this installation has no public address."
    )
    email: str | None = strawberry.field(description="The address the buyer left with the sale.")
    letters: list[LetterType] = strawberry.field(description="Letters, oldest first.")
    print_jobs: list[PrintJobType] = strawberry.field(description="Print jobs, oldest first.")


@strawberry.type(name="RegisterPrinting", description="What a register does with its receipts.")
class RegisterPrintingType:
    printer_id: strawberry.Private[str | None]
    prints_receipts: bool = strawberry.field(description="Whether every receipt is printed by itself.")
    copies: int = strawberry.field(description="How many of each.")

    @strawberry.field(description="Where it prints; null: on the only printer of its outlet.")
    async def printer(self, info: Info) -> PrinterType | None:
        return None if self.printer_id is None else await PrinterType.load(info.context, self.printer_id)


@strawberry.type(name="RegisterPrintingChanged", description="The set-up was taken over.")
class RegisterPrintingChangedType:
    register_id: strawberry.ID = strawberry.field(description="The register.")
    printing: RegisterPrintingType = strawberry.field(description="What it does from now on.")


@strawberry.type(name="ReceiptMail", description="Whom a company sends its receipts to by itself.")
class ReceiptMailType:
    mails_receipts: bool = strawberry.field(description="To every buyer who left an address.")
    mails_unprinted: bool = strawberry.field(
        description="To buyers who left an address and whose receipt could not be printed."
    )
    is_mail_on: bool = strawberry.field(description="Whether this installation has a mail server.")


@strawberry.type(name="PrinterRemoved", description="The printer is not used any more.")
class PrinterRemovedType:
    printer_id: strawberry.ID = strawberry.field(description="The printer that was.")


def _moment(ms: int | None) -> DateTime | None:
    return None if ms is None else from_ms(ms)
