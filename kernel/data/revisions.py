"""Answers kept in memory on a server, where other processes write too: each as of a revision of its company.

A transaction that changes a table of which answers are kept raises the revision of its principal's company
right before its COMMIT, whichever process runs it; on behalf of nobody's company, or of all, it raises
everybody's. Who uses a kept answer proves in the same transaction that the revision is still the one it was
read at: it is what the statement would give now, or it is found out. Rows changed past this program are
noticed after KEPT_MAX_S.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from kernel.data.kept import KEPT_MAX
from kernel.data.questions import KeptQuestion, KeyQuestion, Question
from kernel.data.statements import percent_style

if TYPE_CHECKING:
    from kernel.data.pooled import ServerTransaction

KEPT_MAX_S = 60
QUESTIONS_MAX = 500  # asked by one statement
EVERYBODY = ""  # in the place of a company

STAMP = (
    "SELECT CAST(COALESCE(SUM(revision), 0) AS SIGNED) AS stamp FROM kernel_revision "
    f"WHERE company_id IN ('{EVERYBODY}', %s)"
)
# Fails when the stamp is another one. A SELECT, because SET would wait for who is just raising it.
STILL = f"SELECT IF(({STAMP}) = %s, 1, (SELECT 1 UNION SELECT 2)) AS stands"
RAISE = (
    "INSERT INTO kernel_revision (company_id, revision) VALUES (%s, 1) "
    "ON DUPLICATE KEY UPDATE revision = revision + 1"
)

Rows = Sequence[Any]


class Kept:
    """Answers as of one stamp of a company. Those who hold it may go on reading when it is out of date."""

    __slots__ = ("answers", "stamp", "until")

    def __init__(self, stamp: int) -> None:
        self.stamp = stamp
        self.until = time.monotonic() + KEPT_MAX_S
        self.answers: dict[KeptQuestion, Rows] = {}


class CompanyAnswers:
    """Of one process, by company; the company that was asked about anew longest ago is forgotten first."""

    def __init__(self) -> None:
        self._companies: dict[str, Kept] = {}
        self._count = 0
        self._keys: dict[KeyQuestion, None] = {}

    def of(self, company_id: str) -> Kept | None:
        """What is kept, if it is young enough; the server alone knows whether it is still true."""
        kept = self._companies.get(company_id)
        return None if kept is None or kept.until < time.monotonic() else kept

    def keep(self, company_id: str, stamp: int, answers: dict[KeptQuestion, Rows]) -> None:
        """Answers read in one transaction after its stamp."""
        kept = self.of(company_id)
        if kept is not None and kept.stamp > stamp:
            return
        if kept is None or kept.stamp < stamp:
            self.forget(company_id)
            kept = self._companies[company_id] = Kept(stamp)
        before = len(kept.answers)
        kept.answers.update(answers)
        self._count += len(kept.answers) - before
        while self._count > KEPT_MAX:
            self.forget(next(iter(self._companies)))

    def is_new(self, key: KeyQuestion) -> bool:
        """Whether this process hears of the key for the first time; one that comes again is better asked."""
        if key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > KEPT_MAX:
            del self._keys[next(iter(self._keys))]
        return True

    def forget(self, company_id: str) -> None:
        """Forget what is kept of a company; of all of them for EVERYBODY."""
        if company_id == EVERYBODY:
            self._companies.clear()
            self._count = 0
        elif (kept := self._companies.pop(company_id, None)) is not None:
            self._count -= len(kept.answers)


def taken_for_granted(kept: Kept, questions: Iterable[Question]) -> list[Rows] | None:
    """Answers to all of the questions without asking, None when one of them must be asked. They are true if
    STILL is, and if the write of each key succeeds.
    """
    answers: list[Rows] = []
    for question in questions:
        if type(question) is KeyQuestion:
            answers.append(())
        elif type(question) is KeptQuestion and question in kept.answers:
            answers.append(kept.answers[question])
        else:
            return None
    return answers


async def ask(
    transaction: ServerTransaction, answers: CompanyAnswers, company_id: str, questions: Sequence[Question]
) -> list[Rows]:
    """Answers in the order of the questions, those that are kept not asked again; one round trip unless the
    company's revision has moved.
    """
    wanted = [each for each in questions if type(each) is KeptQuestion]
    kept = answers.of(company_id) if wanted else None
    known = {} if kept is None else {each: kept.answers[each] for each in wanted if each in kept.answers}
    asked: list[tuple[str, Sequence[Any]]] = [
        (percent_style(each[0]), each[1]) for each in questions if type(each) is not KeptQuestion
    ]
    plain = len(asked)
    if wanted:
        asked.append((STAMP, (company_id,)))
    pieces = list(_pieces(each for each in wanted if each not in known))
    said = await transaction.ask(*asked, *map(_statement, pieces))
    found = iter(answer.rows for answer in said[:plain])
    if wanted:
        stamp = said[plain].rows[0]["stamp"]
        fresh = _sorted_out(pieces, [answer.rows for answer in said[plain + 1 :]])
        answers.keep(company_id, stamp, fresh)
        if known and kept is not None and kept.stamp != stamp:
            pieces = list(_pieces(known))
            again = await transaction.ask((STAMP, (company_id,)), *map(_statement, pieces))
            known = _sorted_out(pieces, [answer.rows for answer in again[1:]])
            answers.keep(company_id, again[0].rows[0]["stamp"], known)
        known |= fresh
    return [known[each] if type(each) is KeptQuestion else next(found) for each in questions]


def _pieces(questions: Iterable[KeptQuestion]) -> Iterable[list[KeptQuestion]]:
    """Questions that one statement answers, together."""
    gathered: dict[Any, list[KeptQuestion]] = {}
    for each in dict.fromkeys(questions):
        gathered.setdefault((each.many, each.params[:-1]) if each.many else each, []).append(each)
    for together in gathered.values():
        for place in range(0, len(together), QUESTIONS_MAX):
            yield together[place : place + QUESTIONS_MAX]


def _statement(piece: list[KeptQuestion]) -> tuple[str, Sequence[Any]]:
    first = piece[0]
    if first.many is None or len(piece) == 1:
        return percent_style(first.sql), first.params
    marks = ", ".join("?" * len(piece))
    params = (*first.params[:-1], *(each.params[-1] for each in piece))
    return percent_style(first.many.sql.replace("{marks}", marks)), params


def _sorted_out(pieces: Iterable[list[KeptQuestion]], found: Iterable[Rows]) -> dict[KeptQuestion, Rows]:
    answers: dict[KeptQuestion, Rows] = {}
    for piece, rows in zip(pieces, found, strict=True):
        if len(piece) == 1:
            answers[piece[0]] = rows
            continue
        assert piece[0].many is not None
        by_key: dict[Any, list[Any]] = {}
        for row in rows:
            by_key.setdefault(row[piece[0].many.key], []).append(row)
        answers |= {each: by_key.get(each.params[-1], []) for each in piece}
    return answers
