"""One conversation with the mail server of this installation: which of four things came of it.

Nothing here decides when to try again.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from email.message import EmailMessage

import aiosmtplib

from kernel.config_sections import MailSettings, MailTls
from kernel.data.work import forbid_in_transaction
from kernel.texts import one_line

CONVERSATION_LIMIT_S = 120
ANSWER_LIMIT_S = 30
TOO_LARGE = 552  # by the SIZE announced with the sender
ABOUT_US = frozenset({421, 530, 534, 535, 538})  # closing down; log in first, or otherwise


@dataclass(frozen=True, slots=True)
class Taken:
    """The server answers for the letter from now on."""

    answer: str


@dataclass(frozen=True, slots=True)
class Refused:
    """This letter never: 5xx about its sender, reader or contents."""

    answer: str


@dataclass(frozen=True, slots=True)
class PutOff:
    """This letter not now: 4xx about its reader or contents; others may go."""

    answer: str


@dataclass(frozen=True, slots=True)
class Silent:
    """No letter goes now: no connection, no log-in, no TLS. The letter may even have been taken, if the line
    was cut after its last dot.
    """

    reason: str


Outcome = Taken | Refused | PutOff | Silent


async def hand_over(message: EmailMessage, recipient: str, settings: MailSettings) -> Outcome:
    """Give one message to the server. Expected failures are results."""
    forbid_in_transaction()
    try:
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=settings.password.reveal() or None,
            timeout=ANSWER_LIMIT_S,
            use_tls=settings.tls is MailTls.TLS,
            start_tls=settings.tls is MailTls.STARTTLS,
            tls_context=_tls_context(settings),
        )
        async with asyncio.timeout(CONVERSATION_LIMIT_S), client:
            _, answer = await client.send_message(message, sender=settings.sender, recipients=[recipient])
            return Taken(_text(answer))
    except aiosmtplib.SMTPRecipientsRefused as refused:
        return _verdict(refused.recipients[0])
    except aiosmtplib.SMTPDataError as refused:
        return _verdict(refused)
    except aiosmtplib.SMTPSenderRefused as refused:  # we may not send here, or not that much
        return _verdict(refused) if refused.code == TOO_LARGE else Silent(_said(refused))
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as silence:
        return Silent(_text(f"{type(silence).__name__}: {silence}"))


def _verdict(answer: aiosmtplib.SMTPResponseException) -> Outcome:
    if answer.code in ABOUT_US:
        return Silent(_said(answer))
    return Refused(_said(answer)) if 500 <= answer.code < 600 else PutOff(_said(answer))


def _said(answer: aiosmtplib.SMTPResponseException) -> str:
    return _text(f"{answer.code} {answer.message}")


def _tls_context(settings: MailSettings) -> ssl.SSLContext | None:
    if settings.tls is MailTls.NONE:
        return None
    return ssl.create_default_context(cafile=settings.ca_file or None)


def _text(answer: str) -> str:
    return one_line(answer)
