"""Mutations of delivery. Annotations are real: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.delivery.domain.jobs import (
    RECEIPT,
    TEST_PAGE,
    PrintPaper,
)
from addons.delivery.domain.printers import PrinterId, PrinterSetup
from addons.delivery.gql.enums import Encoding, ReceiptLanguage
from addons.delivery.gql.types import (
    LetterType,
    PrinterRemovedType,
    PrinterType,
    PrintJobType,
    ReceiptMailType,
    RegisterPrintingChangedType,
    RegisterPrintingType,
)
from addons.delivery.services import rows
from addons.delivery.services.mail_receipt import SendReceipt, about, send_receipt
from addons.delivery.services.printers import (
    CreatePrinter,
    SetReceiptMail,
    SetRegisterPrinting,
    UpdatePrinter,
    create_printer,
    remove_printer,
    set_receipt_mail,
    set_register_printing,
    update_printer,
)
from addons.delivery.services.put import print_any, print_receipt, print_trial
from addons.delivery.services.report import cancel_job
from kernel.gql.context import Info
from kernel.gql.ids import from_global, from_global_or_none, split_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused
from kernel.mail import is_mail_on, letters_of

DELIVER, MANAGE = "delivery.deliver", "delivery.manage"

SendReceiptResult = Annotated[
    LetterType | Refused, strawberry.union("SendReceiptResult", description="The letter, or why not.")
]
PrintReceiptResult = Annotated[
    PrintJobType | Refused, strawberry.union("PrintReceiptResult", description="The print job, or why not.")
]
PrintTestPageResult = Annotated[
    PrintJobType | Refused, strawberry.union("PrintTestPageResult", description="The print job, or why not.")
]
CancelPrintJobResult = Annotated[
    PrintJobType | Refused, strawberry.union("CancelPrintJobResult", description="The print job, or why not.")
]
CreatePrinterResult = Annotated[
    PrinterType | Refused, strawberry.union("CreatePrinterResult", description="The printer, or why not.")
]
UpdatePrinterResult = Annotated[
    PrinterType | Refused, strawberry.union("UpdatePrinterResult", description="The printer, or why not.")
]
RemovePrinterResult = Annotated[
    PrinterRemovedType | Refused,
    strawberry.union("RemovePrinterResult", description="The printer that was, or why not."),
]
SetRegisterPrintingResult = Annotated[
    RegisterPrintingChangedType | Refused,
    strawberry.union("SetRegisterPrintingResult", description="What the register does now, or why not."),
]
SetReceiptMailResult = Annotated[
    ReceiptMailType | Refused,
    strawberry.union("SetReceiptMailResult", description="What the company chose, or why not."),
]
PrintPaperResult = Annotated[
    PrintJobType | Refused, strawberry.union("PrintPaperResult", description="The print job, or why not.")
]
PrinterArgument = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Where; left out: the register's printer, or the outlet's only one."),
]
CopiesArgument = Annotated[
    int, strawberry.argument(description="How many; from the second on they are marked as duplicates.")
]
JobArgument = Annotated[strawberry.ID, strawberry.argument(description="The print job.")]


@strawberry.input(description="How a printer is set up.")
class PrinterInput:
    name: str = strawberry.field(description="What people call it, unique in the outlet.")
    connection: str = strawberry.field(
        description="How the agent reaches it: `usb:04b8:0e15` (vendor:product), `network:10.0.0.5:9100`, "
        "`file:/dev/usb/lp0`."
    )
    columns: int = strawberry.field(default=48, description="32 on 58 mm paper; 42 or 48 on 80 mm.")
    encoding: Encoding = strawberry.field(default=Encoding.CP866, description="How letters reach it.")
    profile: str = strawberry.field(default="default", description="Model by python-escpos' profiles.")
    has_knife: bool = strawberry.field(default=True, description="Whether it cuts the paper.")
    opens_drawer: bool = strawberry.field(
        default=False, description="Whether a drawer is opened before printing."
    )
    is_local: bool = strawberry.field(default=False, description="Whether `sauda up` prints on it by itself.")

    def setup(self) -> PrinterSetup:
        """As a command's value."""
        return PrinterSetup(
            self.name,
            self.connection,
            self.columns,
            self.encoding,
            self.profile,
            self.has_knife,
            self.opens_drawer,
            self.is_local,
        )


@strawberry.type
class DeliveryMutation:
    """What people and tills ask for."""

    @strawberry.mutation(
        description="Send the receipt of a ticket by e-mail: as text and HTML, with the PDF attached.",
        permission_classes=[Requires(DELIVER)],
    )
    async def send_receipt(
        self,
        info: Info,
        sale_id: Annotated[strawberry.ID, strawberry.argument(description="The ticket.")],
        email: Annotated[
            str | None,
            strawberry.argument(description="Where to; left out: the address given with the sale."),
        ] = None,
        language: Annotated[
            ReceiptLanguage, strawberry.argument(description="Language of the letter.")
        ] = ReceiptLanguage.BOTH,
    ) -> SendReceiptResult:
        key = from_global(sale_id, "Sale", field="saleId")
        letter_id = await info.context.transact(send_receipt, SendReceipt(key, email, language))
        async with info.context.reading() as reader:
            letters = await letters_of(reader, [about(key)])
        return LetterType.of(next(each for each in letters if each.id == letter_id))

    @strawberry.mutation(
        description="Print the receipt of a ticket. A receipt printed before is marked «КӨШІРМЕ / ДУБЛИКАТ».",
        permission_classes=[Requires(DELIVER)],
    )
    async def print_receipt(
        self,
        info: Info,
        sale_id: Annotated[strawberry.ID, strawberry.argument(description="The ticket.")],
        printer_id: PrinterArgument = None,
        copies: CopiesArgument = 1,
    ) -> PrintReceiptResult:
        sale = from_global(sale_id, "Sale", field="saleId")
        printer = from_global_or_none(printer_id, "Printer", field="printerId")
        command = PrintPaper(RECEIPT, sale, "", None if printer is None else PrinterId(printer), copies)
        return PrintJobType.of(await info.context.transact(print_receipt, command))

    @strawberry.mutation(
        description="Print a document of another kind, such as a report, as its add-on sets it.",
        permission_classes=[Requires(DELIVER)],
    )
    async def print_paper(
        self,
        info: Info,
        kind: Annotated[str, strawberry.argument(description="What, by the name its add-on gave it.")],
        subject_id: Annotated[strawberry.ID, strawberry.argument(description="Of what.")],
        register_id: Annotated[
            strawberry.ID, strawberry.argument(description="At which register it is asked for.")
        ],
        printer_id: PrinterArgument = None,
        copies: CopiesArgument = 1,
    ) -> PrintPaperResult:
        register = from_global(register_id, "Register", field="registerId")
        printer = from_global_or_none(printer_id, "Printer", field="printerId")
        _, subject = split_global(subject_id)
        command = PrintPaper(kind, subject, register, None if printer is None else PrinterId(printer), copies)
        return PrintJobType.of(await info.context.transact(print_any, command))

    @strawberry.mutation(
        description="Print a page that shows the printer's width and letters.",
        permission_classes=[Requires(MANAGE)],
    )
    async def print_test_page(
        self,
        info: Info,
        printer_id: Annotated[strawberry.ID, strawberry.argument(description="The printer.")],
    ) -> PrintTestPageResult:
        key = from_global(printer_id, "Printer", field="printerId")
        command = PrintPaper(TEST_PAGE, key, "", PrinterId(key))
        return PrintJobType.of(await info.context.transact(print_trial, command))

    @strawberry.mutation(
        description="Take a paper out of the queue that nobody wants any more.",
        permission_classes=[Requires(DELIVER)],
    )
    async def cancel_print_job(self, info: Info, job_id: JobArgument) -> CancelPrintJobResult:
        key = from_global(job_id, "PrintJob", field="jobId")
        return PrintJobType.of(await info.context.transact(cancel_job, key))

    @strawberry.mutation(description="A new printer of an outlet.", permission_classes=[Requires(MANAGE)])
    async def create_printer(
        self,
        info: Info,
        outlet_id: Annotated[strawberry.ID, strawberry.argument(description="Where it stands.")],
        input: PrinterInput,
    ) -> CreatePrinterResult:
        outlet = from_global(outlet_id, "Outlet", field="outletId")
        key = await info.context.transact(create_printer, CreatePrinter(outlet, input.setup()))
        return await _printer(info, key)

    @strawberry.mutation(description="Set a printer up anew.", permission_classes=[Requires(MANAGE)])
    async def update_printer(
        self,
        info: Info,
        printer_id: Annotated[strawberry.ID, strawberry.argument(description="The printer.")],
        input: PrinterInput,
    ) -> UpdatePrinterResult:
        key = PrinterId(from_global(printer_id, "Printer", field="printerId"))
        await info.context.transact(update_printer, UpdatePrinter(key, input.setup()))
        return await _printer(info, key)

    @strawberry.mutation(
        description="Stop using a printer; what waits for it is cancelled.",
        permission_classes=[Requires(MANAGE)],
    )
    async def remove_printer(
        self,
        info: Info,
        printer_id: Annotated[strawberry.ID, strawberry.argument(description="The printer.")],
    ) -> RemovePrinterResult:
        key = from_global(printer_id, "Printer", field="printerId")
        await info.context.transact(remove_printer, key)
        return PrinterRemovedType(printer_id=printer_id)

    @strawberry.mutation(
        description="Say where a register prints and whether every receipt by itself.",
        permission_classes=[Requires(MANAGE)],
    )
    async def set_register_printing(
        self,
        info: Info,
        register_id: Annotated[strawberry.ID, strawberry.argument(description="The register.")],
        prints_receipts: Annotated[bool, strawberry.argument(description="Every receipt by itself.")],
        printer_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Where; left out: on the only printer of its outlet."),
        ] = None,
        copies: Annotated[int, strawberry.argument(description="How many of each.")] = 1,
    ) -> SetRegisterPrintingResult:
        register = from_global(register_id, "Register", field="registerId")
        printer = from_global_or_none(printer_id, "Printer", field="printerId")
        chosen = None if printer is None else PrinterId(printer)
        command = SetRegisterPrinting(register, chosen, prints_receipts, copies)
        await info.context.transact(set_register_printing, command)
        printing = RegisterPrintingType(printer_id=chosen, prints_receipts=prints_receipts, copies=copies)
        return RegisterPrintingChangedType(register_id=register_id, printing=printing)

    @strawberry.mutation(
        description="Say whom the company's receipts are sent to by themselves.",
        permission_classes=[Requires(MANAGE)],
    )
    async def set_receipt_mail(
        self,
        info: Info,
        mails_receipts: Annotated[
            bool, strawberry.argument(description="To every buyer who left an address.")
        ],
        mails_unprinted: Annotated[
            bool, strawberry.argument(description="To those whose receipt could not be printed.")
        ],
    ) -> SetReceiptMailResult:
        await info.context.transact(set_receipt_mail, SetReceiptMail(mails_receipts, mails_unprinted))
        async with info.context.reading() as reader:
            is_on = is_mail_on(reader)
        return ReceiptMailType(
            mails_receipts=mails_receipts, mails_unprinted=mails_unprinted, is_mail_on=is_on
        )


async def _printer(info: Info, printer_id: str) -> PrinterType:
    async with info.context.reading() as reader:
        return PrinterType.of(await rows.printer(reader, printer_id))
