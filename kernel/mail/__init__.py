"""Letters by e-mail: posted in the transaction that makes them true, sent by a job, told apart by a fixed
Message-ID.

    if not await post(work, Letter(to="buyer@example.kz", subject="Чек", text="…")):
        ...  # this installation sends no e-mail: show or say it in another way

An attachment is named when the letter is posted and made when it is sent: its add-on registers a maker with
`registry.attachment(kind, async (reader, subject_id) -> File)`.
"""

from kernel.email_address import check_address
from kernel.mail.letter import Attachment, File, Letter, LetterId, LetterState
from kernel.mail.post import (
    LETTER_ENDED,
    LETTER_TOPIC,
    SELECT_LETTERS,
    KeptLetter,
    is_mail_on,
    kept_letter,
    letters_of,
    post,
)

__all__ = [
    "LETTER_ENDED",
    "LETTER_TOPIC",
    "SELECT_LETTERS",
    "Attachment",
    "File",
    "KeptLetter",
    "Letter",
    "LetterId",
    "LetterState",
    "check_address",
    "is_mail_on",
    "kept_letter",
    "letters_of",
    "post",
]
