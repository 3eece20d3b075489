"""What an agent beside the printers says. Annotations are real: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.delivery.domain.jobs import PrintJobId, ReportFailed, ReportPrinted, ReportPrinter, TakeJobs
from addons.delivery.domain.printers import PRINTERS_MAX, PrinterId
from addons.delivery.gql.enums import PaperState, Problem
from addons.delivery.gql.types import (
    PrinterListType,
    PrinterType,
    PrintJobType,
    PrintOrdersType,
    PrintOrderType,
)
from addons.delivery.services import rows
from addons.delivery.services.hand_out import hand_out
from addons.delivery.services.report import report_failed, report_printed, report_printers
from addons.delivery.services.take import outlet_of_device
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused
from kernel.gql.scalars import UUID

TAKE = "delivery.take_jobs"

TakePrintJobsResult = Annotated[
    PrintOrdersType | Refused,
    strawberry.union("TakePrintJobsResult", description="What is to be printed, or why nothing is given."),
]
ReportPrintedResult = Annotated[
    PrintJobType | Refused, strawberry.union("ReportPrintedResult", description="The print job, or why not.")
]
ReportPrintFailedResult = Annotated[
    PrintJobType | Refused,
    strawberry.union("ReportPrintFailedResult", description="The print job, or why not."),
]
ReportPrintersResult = Annotated[
    PrinterListType | Refused,
    strawberry.union("ReportPrintersResult", description="The outlet's printers, or why not."),
]
Holder = Annotated[
    UUID,
    strawberry.argument(
        description="Made by the agent once and kept beside its memory of what it printed; who has lost that "
        "memory takes a new one."
    ),
]
PaperArgument = Annotated[PaperState, strawberry.argument(description="What the printer says of its roll.")]
JobArgument = Annotated[strawberry.ID, strawberry.argument(description="The print job.")]


@strawberry.input(description="How a printer is.")
class PrinterStateInput:
    printer_id: strawberry.ID = strawberry.field(description="The printer.")
    problem: Problem | None = strawberry.field(default=None, description="Why it would not print.")
    text: str = strawberry.field(default="", description="What the printer or its driver said.")
    paper: PaperState = strawberry.field(default=PaperState.UNKNOWN, description="What it says of its roll.")

    def command(self) -> ReportPrinter:
        """As a command."""
        key = from_global(self.printer_id, "Printer", field="states.printerId")
        return ReportPrinter(PrinterId(key), self.problem, self.text, self.paper)


@strawberry.type
class AgentMutation:
    """What an agent beside the printers says. All of it may be said again."""

    @strawberry.mutation(
        description="Take what is to be printed in the device's outlet: in order per printer, for a while. "
        "What this holder has in hand already comes again.",
        permission_classes=[Requires(TAKE)],
    )
    async def take_print_jobs(
        self,
        info: Info,
        holder: Holder,
        count: Annotated[int, strawberry.argument(description="At most so many of each printer.")] = 3,
    ) -> TakePrintJobsResult:
        orders = await hand_out(info.context.database, info.context.principal, TakeJobs(holder, count))
        return PrintOrdersType(orders=[PrintOrderType.of(each) for each in orders])

    @strawberry.mutation(description="All of it lies on paper.", permission_classes=[Requires(TAKE)])
    async def report_printed(
        self,
        info: Info,
        job_id: JobArgument,
        holder: Holder,
        paper: PaperArgument = PaperState.UNKNOWN,
    ) -> ReportPrintedResult:
        key = PrintJobId(from_global(job_id, "PrintJob", field="jobId"))
        return PrintJobType.of(await info.context.transact(report_printed, ReportPrinted(key, holder, paper)))

    @strawberry.mutation(
        description="It was not printed. It stays first in its queue and comes again after a pause; marked "
        "as a duplicate when it had been begun.",
        permission_classes=[Requires(TAKE)],
    )
    async def report_print_failed(
        self,
        info: Info,
        job_id: JobArgument,
        holder: Holder,
        problem: Annotated[Problem, strawberry.argument(description="Why.")],
        text: Annotated[str, strawberry.argument(description="What the printer or its driver said.")] = "",
        is_begun: Annotated[
            bool, strawberry.argument(description="Whether some of it may lie on paper.")
        ] = False,
        paper: PaperArgument = PaperState.UNKNOWN,
    ) -> ReportPrintFailedResult:
        key = PrintJobId(from_global(job_id, "PrintJob", field="jobId"))
        command = ReportFailed(key, holder, problem, text, is_begun, paper)
        return PrintJobType.of(await info.context.transact(report_failed, command))

    @strawberry.mutation(
        description="How idle printers are: what is wrong is shown before they are needed.",
        permission_classes=[Requires(TAKE)],
    )
    async def report_printers(
        self,
        info: Info,
        states: Annotated[
            list[PrinterStateInput], strawberry.argument(description=f"At most {PRINTERS_MAX}.")
        ],
    ) -> ReportPrintersResult:
        if len(states) > PRINTERS_MAX:
            raise Refusal("PRINTERS_TOO_MANY", field="states", max=PRINTERS_MAX)
        await info.context.transact(report_printers, [each.command() for each in states])
        async with info.context.reading() as reader:
            cards = await rows.printers_of_outlet(reader, await outlet_of_device(reader))
        return PrinterListType(printers=[PrinterType.of(card) for card in cards])
