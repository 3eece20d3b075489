"""What a letter is, what its files are, and how they are checked. Nothing here sends or stores."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NewType

from kernel.email_address import check_address
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.texts import one_line

LetterId = NewType("LetterId", str)

SUBJECT_LENGTH_MAX = 200
TEXT_LENGTH_MAX = 1_000_000  # characters of the text, and as many of the HTML
ATTACHMENTS_MAX = 10


class LetterState(StrEnum):
    """What became of a letter."""

    WAITING = "waiting"
    SENT = "sent"  # the mail server took it; whether a person reads it nobody can know
    REFUSED = "refused"  # for good: no such mailbox, too large, taken for spam
    EXPIRED = "expired"  # nobody took it within mail.give_up_ms


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to be made when the letter is sent: who makes it, and of what."""

    kind: str
    subject_id: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that was made."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one reader. `id` becomes its Message-ID, the same for every try.

    about: the sender's own reference ("delivery.receipt:<sale>"), given back with `kernel.letter_ended`.
    is_secret: its text opens something, so it is kept sealed and forgotten once it was sent or given up.
    """

    to: str
    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    about: str = ""
    is_secret: bool = False
    id: LetterId = field(default_factory=lambda: LetterId(new_id()))

    def checked(self) -> Letter:
        """The same letter with a clean address and subject.

        Raises Refusal: EMAIL_MALFORMED, LETTER_TOO_LARGE.
        """
        if max(len(self.text), len(self.html)) > TEXT_LENGTH_MAX or len(self.attachments) > ATTACHMENTS_MAX:
            raise Refusal("LETTER_TOO_LARGE", max=TEXT_LENGTH_MAX, files=ATTACHMENTS_MAX)
        subject = one_line(self.subject)[:SUBJECT_LENGTH_MAX]
        address = check_address(self.to)
        return replace(self, to=address, subject=subject)
