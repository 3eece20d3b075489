"""Answers kept in memory while nothing they speak of is changed: on SQLite only, where one connection does
all of a process's writing and every statement of it passes here.

What other connections commit (an import, a migration) shows in PRAGMA data_version, which is read at the
beginning of each transaction, under the lock; what is undone takes all that was kept with it. So a kept
answer is what the statement would give now. Statements name the tables they change: no table here has a
trigger or a foreign key that would change another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from kernel.data.work import Param

KEPT_MAX = 20_000  # answers, of a kilobyte or less each as a rule; the one asked first goes first

_subjects: list[About] = []


class About:
    """Tables of which answers may be kept; made once per module, beside the statements that read them.

    but: statements that change those tables and say themselves what the answer is afterwards.
    """

    __slots__ = ("_but", "_names")

    def __init__(self, *tables: str, but: Sequence[str] = ()) -> None:
        self._names = re.compile(rf"\b(?:{'|'.join(tables)})\b")
        self._but = frozenset(but)
        _subjects.append(self)
        changed_by.cache_clear()

    def is_changed_by(self, sql: str) -> bool:
        """Whether the statement may change one of the tables."""
        return sql not in self._but and self._names.search(sql) is not None


class KeptQuestion(NamedTuple):
    """A SELECT as `Reader.together` takes it; its answer is kept where that is possible.

    All tables it reads belong to `about`, and nothing but its parameters and their rows makes the answer.
    """

    sql: str
    params: tuple[Param, ...]
    about: About


Question: TypeAlias = tuple[str, Sequence["Param"]] | KeptQuestion


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
        """The statement is about to run on the connection."""
        for about in changed_by(sql):
            self._answers.pop(about, None)


@lru_cache(maxsize=4096)
def changed_by(sql: str) -> tuple[About, ...]:
    """What the statement may change."""
    if sql.lstrip()[:6].upper() == "SELECT":
        return ()
    return tuple(about for about in _subjects if about.is_changed_by(sql))
