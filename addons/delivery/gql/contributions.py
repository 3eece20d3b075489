"""Fields on types of other add-ons, all named `delivery`. Annotations are real: Strawberry reads them."""

import strawberry

from addons.delivery.domain.jobs import PrintJob
from addons.delivery.domain.printers import PrinterCard
from addons.delivery.gql.types import (
    LetterType,
    PrinterType,
    PrintJobType,
    RegisterPrintingType,
    SaleDeliveryType,
)
from addons.delivery.services.mail_receipt import about, link_of
from addons.delivery.services.printers import RegisterPrinting
from addons.trade.api import receipt_card
from kernel.gql.context import Info
from kernel.gql.node import Node
from kernel.mail import letters_of


@strawberry.field(description="How the receipt reached its buyer; null when the caller may not see it.")
async def delivery_of_sale(root: strawberry.Parent[Node], info: Info) -> SaleDeliveryType | None:
    if not info.context.principal.may("delivery.view"):
        return None
    jobs: list[PrintJob] = await info.context.loader("delivery.jobs_by_sale").load(root.key)
    async with info.context.reading() as reader:
        card = await receipt_card(reader, root.key)
        letters = await letters_of(reader, [about(root.key)])
        link = link_of(reader, card)
    return SaleDeliveryType(
        link=link,
        email=card.customer_email,
        letters=[LetterType.of(each) for each in letters],
        print_jobs=[PrintJobType.of(each) for each in jobs],
    )


@strawberry.type(name="OutletDelivery", description="What an outlet prints on.")
class OutletDeliveryType:
    printers: list[PrinterType] = strawberry.field(description="Printers, oldest first.")


@strawberry.field(description="What the outlet prints on; null when the caller may not see it.")
async def delivery_of_outlet(root: strawberry.Parent[Node], info: Info) -> OutletDeliveryType | None:
    if not info.context.principal.may("delivery.view"):
        return None
    cards: list[PrinterCard] = await info.context.loader("delivery.printers_by_outlet").load(root.key)
    return OutletDeliveryType(printers=[PrinterType.of(card) for card in cards])


@strawberry.field(
    description="What the register does with its receipts; null when the caller may not see it."
)
async def delivery_of_register(root: strawberry.Parent[Node], info: Info) -> RegisterPrintingType | None:
    if not info.context.principal.may("delivery.view"):
        return None
    printing: RegisterPrinting = await info.context.loader("delivery.printing_by_register").load(root.key)
    return RegisterPrintingType(
        printer_id=printing.printer_id, prints_receipts=printing.prints_receipts, copies=printing.copies
    )
