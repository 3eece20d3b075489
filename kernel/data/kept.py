"""Answers kept in memory while nothing they speak of is changed: on SQLite only, where one connection does
all of a process's writing and every statement of it passes here.

What other connections commit (an import, a migration) shows in PRAGMA data_version, which is read at the
beginning of each transaction, under the lock; what is undone takes all that was kept with it. So a kept
answer is what the statement would give now. Statements name the tables they change: no table here has a
trigger or a foreign key that would change another.
"""

from __future__ import annotations

from typing import Any

from kernel.data.questions import About, KeptQuestion, changed_by

KEPT_MAX = 20_000  # answers of one subject, a kilobyte or less each as a rule; the one asked first goes first


class KeptAnswers:
    """Of one writing connection."""

    __slots__ = ("_answers",)

    def __init__(self) -> None:
        self._answers: dict[About, dict[KeptQuestion, Any]] = {}

    def of(self, question: KeptQuestion) -> Any:
        """What was kept, None when nothing was."""
        answers = self._answers.get(question.about)
        return None if answers is None else answers.get(question)

    def keep(self, question: KeptQuestion, answer: Any) -> None:
        """Keep the answer that was given, or would be given from now on. Nobody may change it."""
        answers = self._answers.setdefault(question.about, {})
        answers[question] = answer
        if len(answers) > KEPT_MAX:
            del answers[next(iter(answers))]

    def forget(self) -> None:
        """Something was undone, or changed by others."""
        self._answers.clear()

    def change(self, sql: str) -> None:
        """The statement is said on the connection."""
        for about in changed_by(sql):
            self._answers.pop(about, None)
