"""Posting a letter, and reading what became of letters. Whoever posts waits for nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from kernel.config_sections import MailSettings, SecuritySettings
from kernel.mail.letter import Attachment, Letter, LetterId, LetterState
from kernel.security.sealed import sealer_for

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

JOB_KIND = "kernel.letter"
LETTER_TOPIC = "letter"  # notices: something became of this letter
LETTER_ENDED = "kernel.letter_ended"  # event: sent, refused or expired; body: state, about, recipient, answer
TIDY_MAX = 100  # old letters deleted with each one that ends

_COLUMNS = "id, recipient, subject, about, state, attempts, answer, posted_ms, ended_ms"
SELECT_LETTERS = (
    f"SELECT {_COLUMNS} FROM kernel_letter"  # for lists: with company_id, and read by kept_letter
)
_SELECT = f"SELECT body, {_COLUMNS} FROM kernel_letter WHERE id = ?"
_ABOUT = f"""SELECT {_COLUMNS} FROM kernel_letter
WHERE company_id = ? AND about IN ({{places}}) ORDER BY posted_ms, id"""
_TRY = "UPDATE kernel_letter SET attempts = attempts + 1, answer = ? WHERE id = ?"
_END = "UPDATE kernel_letter SET attempts = attempts + 1, state = ?, answer = ?, ended_ms = ? WHERE id = ?"
_FORGET = "UPDATE kernel_letter SET body = ? WHERE id = ?"
_FORGOTTEN = '{"text":"","html":"","attachments":[]}'
_OLD = "SELECT id FROM kernel_letter WHERE {whose} AND ended_ms < ? LIMIT ?"
_DELETE = "DELETE FROM kernel_letter WHERE id = ?"
_ANSWER_LENGTH_MAX = 250


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A posted letter as people may see it: without its contents."""

    id: LetterId
    recipient: str
    subject: str
    about: str
    state: LetterState
    attempts: int
    answer: str | None
    posted_ms: int
    ended_ms: int | None


def is_mail_on(reader: Reader) -> bool:
    """True when this installation has a mail server to send with."""
    return bool(reader.settings(MailSettings).host)


async def post(work: Work, letter: Letter) -> bool:
    """Send this letter at least once, after the Work is committed; False, and nothing is kept, when this
    installation has no mail server.

    Raises Refusal: EMAIL_MALFORMED, LETTER_TOO_LARGE.
    """
    letter = letter.checked()
    if not is_mail_on(work):
        return False
    company_id = work.principal.company_id
    lane = await work.lane(lane_key(company_id), company_id=company_id)
    await work.insert(
        "kernel_letter",
        {
            "id": letter.id,
            "company_id": company_id,
            "recipient": letter.to,
            "subject": letter.subject,
            "about": letter.about,
            "state": LetterState.WAITING.value,
            "attempts": 0,
            "body": _packed(work, letter),
            "posted_ms": work.now_ms,
        },
    )
    lane.enqueue(JOB_KIND, {"letter": letter.id})
    return True


async def letters_of(reader: Reader, abouts: Sequence[str]) -> list[KeptLetter]:
    """Letters of the principal's company with one of these references, oldest first."""
    if not abouts:
        return []
    sql = _ABOUT.format(places=", ".join("?" * len(abouts)))
    return [kept_letter(row) for row in await reader.rows(sql, reader.company_id, *abouts)]


def lane_key(company_id: str | None, *, later: bool = False) -> str:
    """Letters of a company go one after another; those put off by their readers' servers wait on a lane of
    their own and stand in nobody's way.
    """
    return f"{'mail-later' if later else 'mail'}:{company_id or 'installation'}"


async def stored_letter(reader: Reader, letter_id: str) -> tuple[Letter, KeptLetter] | None:
    """A letter with its contents, of any company; None when it is not kept any more."""
    row = await reader.row(_SELECT, letter_id)
    if row is None:
        return None
    is_secret = '"sealed"' in row["body"][:10]
    body = _unpacked(reader, letter_id, row["body"])
    files = tuple(Attachment(kind, subject_id) for kind, subject_id in body["attachments"])
    letter = Letter(
        row["recipient"],
        row["subject"],
        body["text"],
        body["html"],
        files,
        row["about"],
        is_secret,
        LetterId(letter_id),
    )
    return letter, kept_letter(row)


async def note_try(work: Work, letter_id: str, answer: str) -> None:
    """It was not taken this time; it waits on."""
    await work.execute(_TRY, answer[:_ANSWER_LENGTH_MAX], letter_id)
    work.notice(LETTER_TOPIC, letter_id)


async def end_letter(work: Work, letter: Letter, state: LetterState, answer: str) -> None:
    """Write what became of it, tell who asked for it, and forget letters that ended long ago."""
    answer = answer[:_ANSWER_LENGTH_MAX]
    await work.execute(_END, state.value, answer, work.now_ms, letter.id)
    if letter.is_secret:
        await work.execute(_FORGET, _FORGOTTEN, letter.id)
    body = {"state": state.value, "about": letter.about, "recipient": letter.to, "answer": answer}
    await work.event(LETTER_ENDED, letter.id, body)
    work.notice(LETTER_TOPIC, letter.id)
    await _tidy(work)


async def _tidy(work: Work) -> None:
    company_id = work.principal.company_id
    before_ms = work.now_ms - work.settings(MailSettings).keep_ms // timedelta(milliseconds=1)
    whose, params = ("company_id IS NULL", []) if company_id is None else ("company_id = ?", [company_id])
    old = await work.rows(_OLD.format(whose=whose), *params, before_ms, TIDY_MAX)
    await work.execute_many(_DELETE, [(row["id"],) for row in old])


def kept_letter(row: SqlRow) -> KeptLetter:
    """A row without the contents."""
    return KeptLetter(
        LetterId(row["id"]),
        row["recipient"],
        row["subject"],
        row["about"],
        LetterState(row["state"]),
        row["attempts"],
        row["answer"],
        row["posted_ms"],
        row["ended_ms"],
    )


def _packed(work: Work, letter: Letter) -> str:
    files = [[each.kind, each.subject_id] for each in letter.attachments]
    body = orjson.dumps({"text": letter.text, "html": letter.html, "attachments": files}).decode()
    if not letter.is_secret:
        return body
    sealed = sealer_for(work.settings(SecuritySettings)).seal(body, purpose=_purpose(letter.id))
    return orjson.dumps({"sealed": sealed}).decode()


def _unpacked(reader: Reader, letter_id: str, body: str) -> Mapping[str, Any]:
    unpacked: Mapping[str, Any] = orjson.loads(body)
    if "sealed" in unpacked:
        sealer = sealer_for(reader.settings(SecuritySettings))
        unpacked = orjson.loads(sealer.open(unpacked["sealed"], purpose=_purpose(letter_id)))
    return unpacked


def _purpose(letter_id: str) -> str:
    return f"kernel.letter:{letter_id}"
