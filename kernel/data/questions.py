"""Questions to the database that say more of themselves than their statement does.

A plain question is (sql, params) and is always asked. The others say what may be spared: on SQLite, where one
connection does all of a process's writing, by kept.py and group_writes.py; on a server, where others write
too, by revisions.py.
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
    """Tables of which answers may be kept; made beside their models, which whoever writes them has loaded.

    but: statements that change those tables and say themselves what the answer is afterwards.
    on_servers: kept there too; their rows belong to companies, and answers speak of the asker's company only.
    """

    __slots__ = ("_but", "_names", "on_servers")

    def __init__(self, *tables: str, but: Sequence[str] = (), on_servers: bool = True) -> None:
        self._names = re.compile(rf"\b(?:{'|'.join(tables)})\b")
        self._but = frozenset(but)
        self.on_servers = on_servers
        _subjects.append(self)
        changed_by.cache_clear()
        is_revision.cache_clear()

    def is_changed_by(self, sql: str) -> bool:
        """Whether the statement, no SELECT, may change one of the tables."""
        return sql not in self._but and self._names.search(sql) is not None


class Many(NamedTuple):
    """A SELECT that answers at once several kept questions, which differ in their last parameter only.

    sql has "{marks}" in its place; key is the column that tells whose answer a row is.
    """

    sql: str
    key: str


class KeptQuestion(NamedTuple):
    """A SELECT whose answer is kept where that is possible.

    All tables it reads belong to `about`, and nothing but its parameters and their rows makes the answer.
    """

    sql: str
    params: tuple[Param, ...]
    about: About
    many: Many | None = None


class KeyQuestion(NamedTuple):
    """A SELECT by a unique key that the asker is going to write itself when nobody has.

    It need not see what others have said and not yet written, and may be taken for unanswered: should
    somebody have the key, the unique index stops the write, and the asker asks again.
    """

    sql: str
    params: tuple[Param, ...]


Question: TypeAlias = tuple[str, Sequence["Param"]] | KeyQuestion | KeptQuestion


@lru_cache(maxsize=4096)
def changed_by(sql: str) -> tuple[About, ...]:
    """The subjects of which the statement may change something."""
    return () if is_select(sql) else tuple(about for about in _subjects if about.is_changed_by(sql))


@lru_cache(maxsize=4096)
def is_revision(sql: str) -> bool:
    """Whether the statement may change something of which answers are kept on servers."""
    return any(about.on_servers for about in changed_by(sql))


def is_select(sql: str) -> bool:
    """Whether the statement only reads; WITH may do either and is not taken for it."""
    return sql.lstrip()[:6].upper() == "SELECT"
