"""A letter as bytes of RFC 5322: headers that cannot be broken out of, text, HTML, files."""

from __future__ import annotations

import email.policy
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from kernel.clock import from_ms
from kernel.config_sections import MailSettings
from kernel.mail.letter import File, Letter
from kernel.texts import one_line

_NOT_IN_NAMES = str.maketrans(dict.fromkeys('/\\:*?"<>|', "-"))


def message_of(
    letter: Letter, files: Sequence[File], settings: MailSettings, *, posted_ms: int
) -> EmailMessage:
    """The message; the same letter has the same Message-ID and Date at every try, so that a mailbox which got
    it twice can know.
    """
    message = EmailMessage(policy=email.policy.SMTP)
    name = one_line(settings.sender_name)
    message["From"] = Address(display_name=name, addr_spec=settings.sender)
    message["To"] = Address(addr_spec=letter.to)
    if settings.reply_to:
        message["Reply-To"] = Address(addr_spec=settings.reply_to)
    message["Subject"] = one_line(letter.subject)
    message["Message-ID"] = f"<{letter.id}@{settings.sender.rpartition('@')[2]}>"
    message["Date"] = format_datetime(from_ms(posted_ms))
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: holiday robots do not answer
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    for file in files:
        main, _, sub = file.media_type.partition("/")
        clean = one_line(file.name).translate(_NOT_IN_NAMES) or "file"
        message.add_attachment(file.content, maintype=main, subtype=sub or "octet-stream", filename=clean)
    return message
