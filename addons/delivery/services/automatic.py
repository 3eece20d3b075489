"""What happens with new receipts by itself: in companies that chose something, and at no cost in others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.delivery.domain.jobs import RECEIPT, PrintPaper
from addons.delivery.services.mail_receipt import mail_once
from addons.delivery.services.printers import register_printing
from addons.delivery.services.problems import SOURCE
from addons.delivery.services.put import print_paper
from addons.delivery.settings import DeliverySettings
from addons.organization.api import Severity, report_status
from addons.trade.api import FiscalState, SaleFiscalFacts, receipt_card
from kernel.errors import Refusal
from kernel.mail import LetterState

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.events.subscribers import Event

RECEIPT_READY = "delivery.receipt_ready"
MAIL_SOURCE = "delivery.mail"
ABOUT = "delivery.receipt:"


async def follow_sale(work: Work, facts: SaleFiscalFacts) -> None:
    """A receipt may be handed out from now on. Inside the transaction of the fiscal fact: one event at most,
    and nothing at all where the company does not use it.
    """
    if not work.settings(DeliverySettings).follows_sales:
        return
    is_first = facts.state is FiscalState.OFFLINE or (
        facts.state is FiscalState.FISCALIZED and not facts.is_offline
    )
    if is_first:
        await work.event(RECEIPT_READY, facts.sale_id, {})


async def deliver_receipt(work: Work, event: Event) -> None:
    """Print and send it as its register and its company want; being told twice changes nothing."""
    card = await receipt_card(work, event.subject_id)
    printing = await register_printing(work, card.register_id)
    if printing.prints_receipts:
        command = PrintPaper(
            RECEIPT, card.sale_id, card.register_id, copies=printing.copies, once_key=f"sale:{card.sale_id}"
        )
        try:
            await print_paper(work, command)
        except Refusal as refusal:  # printers were changed; the cashier sees it, the sale stands
            await report_status(
                work,
                card.register_id,
                source=SOURCE,
                severity=Severity.ERROR,
                code=refusal.code,
                since_ms=work.now_ms,
            )
    if work.settings(DeliverySettings).mails_receipts:
        await mail_once(work, card)


async def letter_ended(work: Work, event: Event) -> None:
    """A receipt that did not reach its buyer by e-mail is shown at its register until another one does."""
    sale_id = str(event.body["about"]).removeprefix(ABOUT)
    if sale_id == event.body["about"]:
        return
    card = await receipt_card(work, sale_id)
    is_sent = event.body["state"] == LetterState.SENT.value
    await report_status(
        work,
        card.register_id,
        source=MAIL_SOURCE,
        severity=Severity.OK if is_sent else Severity.WARNING,
        code="OK" if is_sent else "RECEIPT_MAIL_REFUSED",
        since_ms=event.at_ms,
        facts={"to": event.body["recipient"], "answer": event.body["answer"]},
    )
