"""Send a receipt to its buyer by e-mail: when asked, by itself, or because it could not be printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.delivery.domain.letter import letter_html, letter_subject, letter_text
from addons.delivery.settings import DeliverySettings
from addons.trade.api import FiscalState, ReceiptCard, ReceiptLanguage, receipt_card, receipt_text
from kernel.config_sections import ServerSettings
from kernel.errors import Refusal
from kernel.mail import Attachment, Letter, LetterId, is_mail_on, letters_of, post

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

LETTERS_MAX = 10  # about one receipt
TEXT_COLUMNS = 42
PDF = "trade.receipt_pdf"


@dataclass(frozen=True, slots=True)
class SendReceipt:
    """email None: the address the buyer left with the sale."""

    sale_id: str
    email: str | None = None
    language: ReceiptLanguage = ReceiptLanguage.BOTH


def about(sale_id: str) -> str:
    """What letters with the receipt of a sale are about."""
    return f"delivery.receipt:{sale_id}"


async def send_receipt(work: Work, command: SendReceipt) -> LetterId:
    """The letter is on its way once the Work is committed.

    Raises Refusal: SALE_UNKNOWN, REGISTER_FORBIDDEN, SALE_NOT_FISCAL_YET, SALE_REJECTED, BUYER_EMAIL_MISSING,
    EMAIL_MALFORMED, MAIL_NOT_SET_UP, RECEIPT_MAILED_TOO_OFTEN.
    """
    card = await receipt_card(work, command.sale_id)
    work.principal.require_register(card.register_id)
    if len(await letters_of(work, [about(card.sale_id)])) >= LETTERS_MAX:
        raise Refusal("RECEIPT_MAILED_TOO_OFTEN", max=LETTERS_MAX)
    letter = await _letter(work, card, command)
    if not await post(work, letter):
        raise Refusal("MAIL_NOT_SET_UP")
    await work.audit("delivery.send_receipt", f"sale:{card.sale_id}", {"to": letter.to})
    return letter.id


async def mail_once(work: Work, card: ReceiptCard) -> bool:
    """Send it by itself to the address left with the sale, if there is one and nothing was sent there yet."""
    if not card.customer_email or not is_mail_on(work):
        return False
    if await letters_of(work, [about(card.sale_id)]):
        return False
    try:
        return await post(work, await _letter(work, card, SendReceipt(card.sale_id)))
    except Refusal:  # no address after all: what the buyer said was written down as it was said
        return False


async def mail_unprinted(work: Work, sale_id: str) -> bool:
    """Send a receipt that could not be printed, where the company wants that."""
    if not work.settings(DeliverySettings).mails_unprinted:
        return False
    return await mail_once(work, await receipt_card(work, sale_id))


async def email_offer(reader: Reader, sale_id: str) -> str | None:
    """The address a receipt that is not printed may be sent to; None when there is none, or no mail."""
    if not is_mail_on(reader):
        return None
    return (await receipt_card(reader, sale_id)).customer_email


def link_of(reader: Reader, card: ReceiptCard) -> str | None:
    """The public page of the receipt; None while this installation has no public address."""
    base = reader.settings(ServerSettings).public_url.rstrip("/")
    return f"{base}{card.path}" if base else None


async def _letter(work: Work, card: ReceiptCard, command: SendReceipt) -> Letter:
    if card.state is FiscalState.PENDING:
        raise Refusal("SALE_NOT_FISCAL_YET", field="saleId")
    if card.state is FiscalState.REJECTED:
        raise Refusal("SALE_REJECTED", field="saleId")
    to = command.email or card.customer_email
    if not to:
        raise Refusal("BUYER_EMAIL_MISSING", field="email")
    link = link_of(work, card)
    shown = await receipt_text(work, card.sale_id, columns=TEXT_COLUMNS, language=command.language)
    has_pdf = work.database.registry.attachment_maker(PDF) is not None
    return Letter(
        to,
        letter_subject(card, command.language),
        letter_text(card, shown, link, command.language),
        letter_html(card, shown, link, command.language),
        (Attachment(PDF, card.sale_id),) if has_pdf else (),
        about(card.sale_id),
    ).checked()
