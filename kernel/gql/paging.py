"""Lists in Relay's shape over keyset cursors: pages survive inserts, and no page is larger than PAGE_MAX.

Nothing here counts or skips rows; `totalCount` is asked of the database only when the caller selects it.
Annotations are real in this module: Strawberry reads them.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

import orjson
import strawberry

from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader

PAGE_MAX = 100  # rows
CURSOR_MAX = 512  # characters

Item = TypeVar("Item")
CursorValue = int | str

# Arguments of every connection field, so that their descriptions are written once.
First = Annotated[
    int | None, strawberry.argument(description=f"How many from the beginning, 1 to {PAGE_MAX}.")
]
After = Annotated[
    str | None, strawberry.argument(description="Cursor of the edge after which the page begins.")
]
Last = Annotated[int | None, strawberry.argument(description=f"How many from the end, 1 to {PAGE_MAX}.")]
Before = Annotated[
    str | None, strawberry.argument(description="Cursor of the edge before which the page ends.")
]


@strawberry.type(description="Where the page lies in the whole list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether edges follow the last one of this page.")
    has_previous_page: bool = strawberry.field(
        description="Whether edges precede the first one of this page."
    )
    start_cursor: str | None = strawberry.field(description="Cursor of the first edge.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last edge.")


@strawberry.type(description="One place of the list.")
class Edge(Generic[Item]):
    cursor: str = strawberry.field(description="Opaque mark of this place, for `after` and `before`.")
    node: Item = strawberry.field(description="What stands at this place.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Item]):
    nodes: list[Item] = strawberry.field(description="The page, without cursors.")
    places: strawberry.Private[Sequence[Sequence[CursorValue]]]  # key values; a cursor is made when selected
    has_next: strawberry.Private[bool]
    has_previous: strawberry.Private[bool]
    counter: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="The page, with cursors.")
    def edges(self) -> list[Edge[Item]]:
        return [
            Edge(cursor=write_cursor(place), node=node)
            for place, node in zip(self.places, self.nodes, strict=True)
        ]

    @strawberry.field(description="Where the page lies in the whole list.")
    def page_info(self) -> PageInfo:
        return PageInfo(
            has_next_page=self.has_next,
            has_previous_page=self.has_previous,
            start_cursor=write_cursor(self.places[0]) if self.places else None,
            end_cursor=write_cursor(self.places[-1]) if self.places else None,
        )

    @strawberry.field(description="Length of the whole list; counted only when asked for.")
    async def total_count(self) -> int:
        return await self.counter()


@dataclass(frozen=True, slots=True)
class Page:
    """A checked request for a page: how many rows, from which end, next to which place."""

    size: int
    is_backward: bool = False
    cursor: str | None = None


def page(
    first: int | None = None, after: str | None = None, last: int | None = None, before: str | None = None
) -> Page:
    """Check the four arguments of a connection.

    Raises Refusal("PAGE_SIZE_NEEDED") without first or last or with both, ("PAGE_SIZE_OUT_OF_RANGE") outside
    1..PAGE_MAX, ("PAGE_ARGUMENTS_MIXED") for first with before or last with after.
    """
    if (first is None) == (last is None):
        raise Refusal("PAGE_SIZE_NEEDED", max=PAGE_MAX)
    size, cursor, stranger, name = (
        (first, after, before, "first") if first is not None else (last, before, after, "last")
    )
    assert size is not None
    if not 1 <= size <= PAGE_MAX:
        raise Refusal("PAGE_SIZE_OUT_OF_RANGE", field=name, max=PAGE_MAX)
    if stranger is not None:
        raise Refusal("PAGE_ARGUMENTS_MIXED")
    return Page(size=size, is_backward=first is None, cursor=cursor)


def write_cursor(values: Sequence[CursorValue]) -> str:
    """Cursor of the row with these key values."""
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).rstrip(b"=").decode()


def read_cursor(cursor: str, kinds: Sequence[type[int] | type[str]]) -> tuple[CursorValue, ...]:
    """Key values of a cursor of ours. Raises Refusal("BAD_CURSOR") for anything else."""
    if len(cursor) > CURSOR_MAX:
        raise Refusal("BAD_CURSOR")
    try:
        values = orjson.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
    except (binascii.Error, ValueError) as error:
        raise Refusal("BAD_CURSOR") from error
    if not isinstance(values, list) or [type(value) for value in values] != list(kinds):
        raise Refusal("BAD_CURSOR")
    return tuple(values)


@dataclass(frozen=True, slots=True)
class Key:
    """One column of the order; kind is the Python type of its raw value. The last key of a list must be
    unique.
    """

    column: str
    kind: type[int] | type[str] = str
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class KeysetList:
    """A list as SQL: `select` ends after FROM and its joins, `where` is a condition with "?" placeholders.

    The keys' columns must be among the selected ones; `names` gives their name in a row when it differs from
    the column. Raw SQL is not filtered by company: `where` says "company_id = ?" wherever rows belong to one.
    """

    select: str
    where: str
    params: tuple["Param", ...]
    keys: tuple[Key, ...]

    def names(self) -> list[str]:
        """Names of the key columns in a row: what follows the last dot."""
        return [key.column.rpartition(".")[2] for key in self.keys]

    def page_sql(self, asked: Page) -> tuple[str, tuple["Param", ...]]:
        """The statement of one page, one row longer than the page so that we know whether more follow."""
        conditions, params = f"({self.where})", self.params
        if asked.cursor is not None:
            values = read_cursor(asked.cursor, [key.kind for key in self.keys])
            beyond, bound = self._beyond(values, is_backward=asked.is_backward)
            conditions, params = f"{conditions} AND ({beyond})", (*params, *bound)
        order = ", ".join(
            f"{key.column} {'DESC' if key.is_descending != asked.is_backward else 'ASC'}" for key in self.keys
        )
        return f"{self.select} WHERE {conditions} ORDER BY {order} LIMIT {asked.size + 1}", params

    def count_sql(self) -> tuple[str, tuple["Param", ...]]:
        """The statement that counts the whole list."""
        return f"SELECT COUNT(*) AS total FROM ({self.select} WHERE {self.where}) counted", self.params

    def _beyond(
        self, values: tuple[CursorValue, ...], *, is_backward: bool
    ) -> tuple[str, tuple["Param", ...]]:
        """Rows strictly beyond the cursor: k1 > a OR (k1 = a AND (k2 > b OR …)), the first key also as a
        plain range.

        The plain range (`k1 >= a AND …`) lets every engine walk the index.
        """
        clause = ""
        params: tuple[CursorValue, ...] = ()
        for key, value in reversed(list(zip(self.keys, values, strict=True))):
            sign = "<" if key.is_descending != is_backward else ">"
            if clause:
                clause = f"{key.column} {sign}= ? AND ({key.column} {sign} ? OR ({clause}))"
                params = (value, value, *params)
            else:
                clause, params = f"{key.column} {sign} ?", (value,)
        return clause, params


async def fetch_page(
    reader: "Reader",
    listed: KeysetList,
    asked: Page,
    make: Callable[[Mapping[str, Any]], Item],
    *,
    count: Callable[[], Awaitable[int]] | None = None,
) -> Connection[Item]:
    """One page of the list, each row made into an item. One statement, and one more only when `totalCount` is
    selected.

    Raises Refusal("BAD_CURSOR").
    """
    sql, params = listed.page_sql(asked)
    rows = list(await reader.rows(sql, *params))
    has_more = len(rows) > asked.size
    del rows[asked.size :]
    if asked.is_backward:
        rows.reverse()
    names = listed.names()
    places = [tuple(row[name] for name in names) for row in rows]
    counter = count or _counting(reader, listed)
    return connection_of([make(row) for row in rows], places, asked, has_more=has_more, count=counter)


def connection_of(
    items: list[Item],
    places: Sequence[Sequence[CursorValue]],
    asked: Page,
    *,
    has_more: bool,
    count: Callable[[], Awaitable[int]],
) -> Connection[Item]:
    """A connection of items that were read in some other way, in the order of the list, with their key
    values.
    """
    has_cursor = asked.cursor is not None
    return Connection(
        nodes=items,
        places=places,
        has_next=has_cursor if asked.is_backward else has_more,
        has_previous=has_more if asked.is_backward else has_cursor,
        counter=count,
    )


def _counting(reader: "Reader", listed: KeysetList) -> Callable[[], Awaitable[int]]:
    """Count later, in a reading scope of its own: the one of the page may be closed by then."""

    async def count() -> int:
        async with reader.database.reading(reader.principal) as later:
            sql, params = listed.count_sql()
            row = await later.row(sql, *params)
            assert row is not None
            return int(row["total"])

    return count
