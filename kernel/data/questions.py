"""Questions to the database that say more of themselves than their statement does.

A plain question is (sql, params). On a server all of them are asked alike; SQLite, where one connection does
all of a process's writing, spares itself what these make needless (kept.py, group_writes.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from kernel.data.work import Param

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
        """Whether the statement, no SELECT, may change one of the tables."""
        return sql not in self._but and self._names.search(sql) is not None


class KeptQuestion(NamedTuple):
    """A SELECT whose answer is kept where that is possible.

    All tables it reads belong to `about`, and nothing but its parameters and their rows makes the answer.
    """

    sql: str
    params: tuple[Param, ...]
    about: About


class KeyQuestion(NamedTuple):
    """A SELECT by a unique key that the asker is going to write itself when nobody has.

    It need not see what others of its group have said and not yet written: should one of them have taken the
    key, the unique index stops the group, and the asker asks again after it.
    """

    sql: str
    params: tuple[Param, ...]


Question: TypeAlias = tuple[str, Sequence["Param"]] | KeyQuestion | KeptQuestion


@lru_cache(maxsize=4096)
def changed_by(sql: str) -> tuple[About, ...]:
    """The subjects of which the statement may change something."""
    return () if is_select(sql) else tuple(about for about in _subjects if about.is_changed_by(sql))


def is_select(sql: str) -> bool:
    """Whether the statement only reads; WITH may do either and is not taken for it."""
    return sql.lstrip()[:6].upper() == "SELECT"
