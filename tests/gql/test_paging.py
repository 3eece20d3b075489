"""Keyset pages: every row once in either direction, also while rows are added; never more than a page."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Refusal
from kernel.gql.paging import (
    Connection,
    Key,
    KeysetList,
    Page,
    fetch_page,
    page,
    read_cursor,
    write_cursor,
)


class TableReader:
    """As much of a Reader as paging needs, over one table in memory."""

    def __init__(self, rows: Sequence[tuple[int, str]]) -> None:
        self.statements: list[str] = []
        self.database = self
        self.principal = None
        self._connection = sqlite3.connect(":memory:")
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("CREATE TABLE sale (made INTEGER, id TEXT PRIMARY KEY)")
        self.add(rows)

    def add(self, rows: Sequence[tuple[int, str]]) -> None:
        self._connection.executemany("INSERT INTO sale VALUES (?, ?)", rows)

    async def rows(self, sql: str, *params: Any) -> list[Mapping[str, Any]]:
        self.statements.append(sql)
        return [dict(row) for row in self._connection.execute(sql, params)]

    async def row(self, sql: str, *params: Any) -> Mapping[str, Any] | None:
        return next(iter(await self.rows(sql, *params)), None)

    @asynccontextmanager
    async def reading(self, principal: object) -> Any:
        yield self

    def close(self) -> None:
        self._connection.close()


LATEST_FIRST = KeysetList(
    select="SELECT sale.id, sale.made FROM sale",
    where="sale.made >= ?",
    params=(0,),
    keys=(Key("sale.made", int, is_descending=True), Key("sale.id", str)),
)


@pytest.fixture
def reader() -> Iterator[TableReader]:
    made = TableReader([(number // 3, f"id{number:02d}") for number in range(20)])
    yield made
    made.close()


async def ask(reader: TableReader, asked: Page) -> Connection[str]:
    found: Connection[str] = await fetch_page(reader, LATEST_FIRST, asked, lambda row: row["id"])  # type: ignore[arg-type]
    return found


async def walk(reader: TableReader, size: int, *, backward: bool = False) -> list[str]:
    seen: list[str] = []
    cursor = None
    for _ in range(100):
        found = await ask(reader, Page(size, is_backward=backward, cursor=cursor))
        seen = [*found.nodes, *seen] if backward else [*seen, *found.nodes]
        if not (found.has_previous if backward else found.has_next):
            return seen
        cursor = write_cursor(found.places[0 if backward else -1])
    raise AssertionError("the walk does not end")


@settings(max_examples=30)
@given(st.lists(st.integers(0, 5), max_size=40), st.integers(1, 12))
async def test_walking_either_way_shows_every_row_once_in_order(made: list[int], size: int) -> None:
    rows = [(moment, f"id{number:02d}") for number, moment in enumerate(made)]
    reader = TableReader(rows)
    expected = [name for _, name in sorted(rows, key=lambda row: (-row[0], row[1]))]

    assert await walk(reader, size) == expected
    assert await walk(reader, size, backward=True) == expected
    reader.close()


async def test_rows_added_meanwhile_shift_nothing(reader: TableReader) -> None:
    first = await ask(reader, Page(5))
    reader.add([(100, "new1"), (101, "new2")])
    second = await ask(reader, Page(5, cursor=write_cursor(first.places[-1])))

    assert not set(first.nodes) & set(second.nodes)
    assert "new1" not in second.nodes


async def test_a_page_is_one_statement_and_the_count_is_asked_only_when_wanted(reader: TableReader) -> None:
    found = await ask(reader, Page(5))
    assert len(reader.statements) == 1

    assert await found.counter() == 20
    assert len(reader.statements) == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "PAGE_SIZE_NEEDED"),
        ({"first": 1, "last": 1}, "PAGE_SIZE_NEEDED"),
        ({"first": 0}, "PAGE_SIZE_OUT_OF_RANGE"),
        ({"last": 101}, "PAGE_SIZE_OUT_OF_RANGE"),
        ({"first": 1, "before": "x"}, "PAGE_ARGUMENTS_MIXED"),
    ],
)
def test_a_page_says_its_size_once_and_within_bounds(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        page(**arguments)

    assert caught.value.code == code


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!",
        "W10",
        write_cursor(["id01", 5]),
        write_cursor([1]),
        write_cursor([True, "a"]),
        "A" * 600,
    ],
)
def test_a_cursor_of_another_make_is_a_user_error(cursor: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_cursor(cursor, [int, str])

    assert caught.value.code == "BAD_CURSOR"
