"""The job of a letter: read it, make its files, hand it to the mail server, write what came of it.

At least once: when the process dies after the server said yes and before we wrote it down, the letter goes
again, with the same Message-ID. A letter refused for good ends its job and stays visible; one that was put
off moves to the lane of those, so that it holds up no other; a silent server holds up all of them, but one
letter does so only for a while, for the silence may be about that very letter.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from kernel.config_sections import MailSettings
from kernel.errors import Refusal
from kernel.jobs.policy import DONE, Again, Done, backoff_ms
from kernel.mail.letter import Letter, LetterState
from kernel.mail.message import message_of
from kernel.mail.post import JOB_KIND, end_letter, lane_key, note_try, stored_letter
from kernel.mail.smtp import Outcome, PutOff, Refused, Silent, Taken, hand_over

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job
    from kernel.jobs.policy import Settled
    from kernel.security.principal import Principal

SILENCES_MAX = 6  # in a row for the letter at the head, about a minute; then another one is tried
WITHOUT_SERVER_MS = 5 * 60_000  # the mail server was taken out of the settings while letters waited

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sending:
    """A letter about to be handed over."""

    letter: Letter
    posted_ms: int
    attempts: int
    settings: MailSettings
    database: Database
    principal: Principal


class LetterJob:
    """Sends one letter."""

    async def prepare(self, work: Work, job: Job) -> Sending | Settled:
        """Read the letter; one that nobody took for too long ends here."""
        found = await stored_letter(work, str(job.body["letter"]))
        if found is None or found[1].state is not LetterState.WAITING:
            return DONE
        letter, stored = found
        settings = work.settings(MailSettings)
        if work.now_ms - stored.posted_ms >= settings.give_up_ms // timedelta(milliseconds=1):
            await end_letter(work, letter, LetterState.EXPIRED, stored.answer or "")
            return DONE
        if not settings.host:
            return Again(WITHOUT_SERVER_MS)
        return Sending(letter, stored.posted_ms, stored.attempts, settings, work.database, work.principal)

    async def perform(self, plan: Sending) -> Outcome:
        """Make the files and talk to the server."""
        files = []
        for each in plan.letter.attachments:
            maker = plan.database.registry.attachment_maker(each.kind)
            if maker is None:
                return PutOff(f"nobody makes {each.kind} now")
            try:
                async with plan.database.reading(plan.principal) as reader:
                    files.append(await maker(reader, each.subject_id))
            except Refusal as refusal:
                return Refused(str(refusal))
            except Exception as error:
                log.error("the file %s of a letter was not made", each.kind, exc_info=error)
                return PutOff(f"{each.kind}: {type(error).__name__}: {error}")
        message = message_of(plan.letter, files, plan.settings, posted_ms=plan.posted_ms)
        return await hand_over(message, plan.letter.to, plan.settings)

    async def settle(self, work: Work, job: Job, plan: Sending, result: Outcome) -> Settled:
        """Write the fact, or when to try again."""
        match result:
            case Taken(answer):
                await end_letter(work, plan.letter, LetterState.SENT, answer)
                return DONE
            case Refused(answer):
                log.warning("letter %s was refused: %s", plan.letter.id, answer)
                await end_letter(work, plan.letter, LetterState.REFUSED, answer)
                return DONE
            case PutOff(answer):
                return await _put_off(work, job, plan, answer)
            case Silent(reason):
                log.warning("mail server %s: %s", plan.settings.host, reason)
                if job.attempts + 1 >= SILENCES_MAX:
                    return await _put_off(work, job, plan, reason)
                await note_try(work, plan.letter.id, reason)
                return Again(backoff_ms(job.attempts + 1))


async def _put_off(work: Work, job: Job, plan: Sending, answer: str) -> Done:
    await note_try(work, plan.letter.id, answer)
    key = lane_key(job.company_id, later=True)
    later = await work.lane(key, company_id=job.company_id)
    later.enqueue(JOB_KIND, {"letter": plan.letter.id}, due_ms=work.now_ms + backoff_ms(plan.attempts + 1))
    return DONE
