"""A server is asked in few packets, answers come back as aiomysql gives them, and no error passes unheard."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import aiomysql
import pytest
from pymysql import err
from pymysql.constants import CR, ER
from tortoise.exceptions import IntegrityError, OperationalError

from kernel.data import conversation, gathered, pooled
from kernel.data.database import MYSQL_POOL_MAX, Database
from kernel.data.literals import PACKET_BYTES
from kernel.data.tests.conftest import ALMA, make_database
from kernel.data.tests.test_work import names, pack
from kernel.data.tests.toy_models import Parcel
from kernel.data.wire import Answer, converse
from kernel.data.work import Work
from kernel.errors import Fault, Unavailable

pytestmark = pytest.mark.mariadb

COLUMNS = ("id", "company_id", "name")


class Line:
    """What is said to the server: the statements of each packet, one of which may be lost or refused."""

    def __init__(self) -> None:
        self.packets: list[list[str]] = []
        self.lose: str | None = None  # the first packet that ends so is carried out, and its answer lost
        self.refuse: tuple[str, int] | None = None  # the first packet that ends so: refused before the end

    async def converse(
        self, connection: aiomysql.Connection, statements: Sequence[str]
    ) -> tuple[list[Answer], err.MySQLError | None]:
        """As the real one."""
        self.packets.append([statement.partition(" ")[0] for statement in statements])
        if self.refuse is not None and statements[-1].startswith(self.refuse[0]):
            number, self.refuse = self.refuse[1], None
            return [], err.OperationalError(number, "no")
        answers = await converse(connection, statements)
        if self.lose is not None and statements[-1].startswith(self.lose):
            self.lose = None
            connection.close()
            raise err.OperationalError(CR.CR_SERVER_LOST, "lost")
        return answers


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    """Listens to every packet."""
    line = Line()
    for module in (pooled, conversation, gathered):
        monkeypatch.setattr(module, "converse", line.converse)
    return line


async def put(work: Work, name: str) -> None:
    """A row of that name, told and not asked about."""
    await work.write_row("toy_parcel", {"id": f"{name:.36}", "company_id": "alma", "name": name})


async def test_a_work_takes_a_packet_for_each_question_that_waits_and_one_for_the_rest(
    mariadb: Database, line: Line
) -> None:
    async def service(work: Work) -> int:
        await put(work, "a")
        await put(work, "b")
        found = await work.rows("SELECT name FROM toy_parcel")
        await put(work, "c")
        await work.write_many("DELETE FROM toy_parcel WHERE name = ?", [("a",), ("b",)])
        return len(found)

    found = await mariadb.transact(service, principal=ALMA)

    assert found == 2
    assert line.packets == [
        ["BEGIN", "INSERT", "INSERT", "SELECT"],
        ["INSERT", "DELETE", "DELETE", "COMMIT"],
    ]
    assert await names(mariadb) == ["c"]


async def test_a_change_of_one_row_needs_no_packet_of_its_own(mariadb: Database, line: Line) -> None:
    async def service(work: Work) -> None:
        await put(work, "a")
        await work.write_one("UPDATE toy_parcel SET name = ?", "b", otherwise=Fault("none"))
        await work.write_one("DELETE FROM toy_parcel WHERE name = ?", "c", otherwise=Fault("no c"))
        await put(work, "d")

    with pytest.raises(Fault, match="no c"):
        await mariadb.transact(service, principal=ALMA)

    assert line.packets == [
        ["BEGIN", "INSERT", "UPDATE", "SET", "DELETE", "SET", "INSERT", "COMMIT"],
        ["ROLLBACK"],
    ]
    assert await names(mariadb) == []


async def test_questions_asked_together_are_one_packet(mariadb: Database, line: Line) -> None:
    one, two = ("SELECT 1 AS n", ()), ("SELECT ? AS n", ("it's",))

    async with mariadb.reading(ALMA) as reader:
        answers = await reader.together(one, two)

    assert answers == [[{"n": 1}], [{"n": "it's"}]]
    assert line.packets == [["SELECT", "SELECT"]]


async def test_a_work_that_says_nothing_takes_no_packet(mariadb: Database, line: Line) -> None:
    async def service(work: Work) -> str:
        return "done"

    assert await mariadb.transact(service, principal=ALMA) == "done"
    assert line.packets == []


async def test_a_failed_work_is_rolled_back_if_it_had_begun(mariadb: Database, line: Line) -> None:
    async def told(work: Work) -> None:
        await put(work, "a")
        raise LookupError

    async def asked(work: Work) -> None:
        await work.execute("DELETE FROM toy_parcel")
        raise LookupError

    for service in (told, asked):
        with pytest.raises(LookupError):
            await mariadb.transact(service, principal=ALMA)

    assert line.packets == [["BEGIN", "DELETE"], ["ROLLBACK"]]
    assert await names(mariadb) == []


async def test_who_asks_may_hear_of_his_duplicate_and_go_on(mariadb: Database) -> None:
    async def service(work: Work) -> None:
        await put(work, "a")
        with pytest.raises(IntegrityError):
            await work.insert("toy_parcel", {"id": "a", "company_id": "alma", "name": "b"})
        with pytest.raises(IntegrityError):
            await work.insert_many("toy_parcel", COLUMNS, [("c", "alma", "c"), ("a", "alma", "d")])
        await put(work, "e")

    await mariadb.transact(service, principal=ALMA)

    assert await names(mariadb) == ["a", "e"]


async def test_the_failure_of_what_was_told_is_not_taken_for_ones_own(mariadb: Database) -> None:
    async def service(work: Work) -> None:
        await put(work, "a")
        await put(work, "a")
        with pytest.raises(IntegrityError):
            await work.insert("toy_parcel", {"id": "b", "company_id": "alma", "name": "b"})
        await put(work, "c")

    with pytest.raises(IntegrityError):
        await mariadb.transact(service, principal=ALMA)

    assert await names(mariadb) == []


async def test_nested_rows_that_fail_are_undone_alone(mariadb: Database) -> None:
    async def service(work: Work) -> None:
        await put(work, "a")
        for pair in (("b", "a"), ("c", "d")):
            rows = [Parcel(company_id="alma", name=name) for name in pair]
            try:
                await Parcel.bulk_create(rows)
            except IntegrityError:
                await put(work, "e")

    await mariadb.transact(service, principal=ALMA)

    assert await names(mariadb) == ["a", "c", "d", "e"]


@pytest.mark.parametrize(("lost", "runs"), [("COMMIT", 1), ("SELECT", 2)])
async def test_a_connection_lost_at_the_commit_leaves_the_outcome_unknown_and_earlier_nothing(
    mariadb: Database, line: Line, lost: str, runs: int
) -> None:
    begun = []

    async def service(work: Work) -> None:
        begun.append(1)
        await put(work, "a")
        await work.row("SELECT 1 AS one")
        await put(work, "b")

    line.lose = lost
    outcome = await asyncio.gather(mariadb.transact(service, principal=ALMA), return_exceptions=True)

    assert (len(begun), isinstance(outcome[0], Unavailable)) == (runs, lost == "COMMIT")
    assert await names(mariadb) == ["a", "b"]


async def test_a_server_that_goes_before_it_came_to_the_commit_has_undone_all(
    mariadb: Database, line: Line
) -> None:
    line.refuse = "COMMIT", ER.SERVER_SHUTDOWN
    await mariadb.transact(put, "a", principal=ALMA)  # the row was refused, and the COMMIT behind it not run

    line.refuse = "COMMIT", ER.SERVER_SHUTDOWN
    with pytest.raises(Unavailable):
        await mariadb.transact(pack, "b", principal=ALMA)  # the COMMIT, alone in its packet, was refused

    assert line.packets.count(["BEGIN", "INSERT", "COMMIT"]) == 2
    assert await names(mariadb) == ["a"]


async def test_a_deadlock_swallowed_by_a_service_still_runs_it_again(mariadb: Database, line: Line) -> None:
    async def service(work: Work) -> str:
        await put(work, "a")
        try:
            await work.execute("UPDATE toy_parcel SET price = 1")
        except OperationalError:
            await put(work, "b")
            return "careless"
        return "done"

    line.refuse = "UPDATE", ER.LOCK_DEADLOCK

    assert await mariadb.transact(service, principal=ALMA) == "done"
    assert await names(mariadb) == ["a"]


async def test_a_statement_has_one_answer(mariadb: Database) -> None:
    async with mariadb.reading(ALMA) as reader:
        with pytest.raises(err.InterfaceError):
            await reader.rows("SELECT 1; SELECT 2")
        assert await reader.rows("SELECT 3 AS n") == [{"n": 3}]


async def test_a_server_that_cannot_be_reached_is_unavailable(mariadb: Database) -> None:
    address = f"mysql://root@127.0.0.1:1/{mariadb.url.path}"

    async with make_database(address).opened() as nowhere:
        with pytest.raises(Unavailable, match="DATABASE_UNAVAILABLE"):
            await nowhere.transact(put, "a", principal=ALMA)


async def test_what_does_not_fit_a_packet_goes_in_several(mariadb: Database, line: Line) -> None:
    async def service(work: Work) -> int:
        sql = (
            "INSERT INTO toy_parcel (id, company_id, name) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE name = id"
        )
        await work.write_many(sql, ((f"{n:0200}"[-36:], "alma", f"{n:040}") for n in range(20_000)))
        return await work.execute("UPDATE toy_parcel SET price = 1")

    assert await mariadb.transact(service, principal=ALMA) == 20_000
    assert line.packets == [["BEGIN", "INSERT"], ["INSERT", "UPDATE"], ["COMMIT"]]


async def test_more_works_than_connections_wait_for_each_other(mariadb: Database) -> None:
    async def service(work: Work, name: str) -> int:
        row = await work.row("SELECT CONNECTION_ID() AS id")
        assert row is not None
        await put(work, name)
        return int(row["id"])

    ids = await asyncio.gather(
        *(mariadb.transact(service, f"{n}", principal=ALMA) for n in range(3 * MYSQL_POOL_MAX))
    )

    assert len(await names(mariadb)) == 3 * MYSQL_POOL_MAX
    assert len(set(ids)) <= MYSQL_POOL_MAX


async def test_nobody_speaks_past_the_client(mariadb: Database) -> None:
    client: Any = mariadb.reading_client
    for forbidden in (client.execute_many("DELETE", []), client.execute_script("DELETE")):
        with pytest.raises(Fault):
            await forbidden
    for borrow in (client.acquire_connection, client._in_transaction):
        with pytest.raises(Fault):
            borrow()


VALUES = """SELECT 1 AS small, -9223372036854775808 AS big, 18446744073709551615 AS huge, NULL AS nothing,
'' AS empty, 'Қазақ ''тілі'' \\\\ %' AS words, REPEAT('a', 250) AS a250, REPEAT('a', 251) AS a251,
REPEAT('ә', 40000) AS a80000, _binary'\\0\\'\\xff' AS bytes_, 1.50 AS decimal_, 1.5e0 AS float_,
CAST('2026-01-15 10:30:00.5' AS DATETIME(1)) AS moment, CAST('2026-01-15' AS DATE) AS day,
JSON_ARRAY(1, 'ә', NULL) AS list, CAST('x' AS BINARY(3)) AS fixed"""


async def test_every_character_arrives_as_it_was_sent(mariadb: Database) -> None:
    texts = [chr(number) for number in range(128)] + [
        "ТОО «Өлшем»",
        "100 %",
        "a\\'b\"c",
        "'; DROP TABLE x; --",
        "🧾",
    ]

    async def service(work: Work) -> list[str]:
        answers = await work.together(*(("SELECT ? AS text", (text,)) for text in texts))
        return [row["text"] for (row,) in answers]

    assert await mariadb.transact(service, principal=ALMA) == texts


async def test_values_are_those_of_aiomysql(mariadb: Database) -> None:
    client: Any = mariadb.reading_client
    connection = await client.pool.take()
    try:
        async with connection.cursor(aiomysql.DictCursor) as cursor:
            await cursor.execute(VALUES)
            expected = await cursor.fetchall()
    finally:
        client.pool.give_back(connection)

    for _ in range(2):  # described, and known by its description
        (answer,) = await client.ask((VALUES, None))
        assert answer.rows == expected
    assert type(answer.rows[0]["decimal_"]) is Decimal
    assert type(answer.rows[0]["moment"]) is datetime


async def test_an_answer_of_many_packets_and_of_more_than_one_can_hold_is_whole(mariadb: Database) -> None:
    async with mariadb.reading(ALMA) as reader:
        rows = await reader.rows("SELECT seq, REPEAT('x', seq) AS text FROM seq_1_to_3000")
        ((size,),) = [row.values() for row in await reader.rows("SELECT @@max_allowed_packet AS size")]
        (long,) = await reader.rows(f"SELECT REPEAT('y', {size - 1}) AS text")

    assert [(row["seq"], len(row["text"])) for row in rows] == [(n, n) for n in range(1, 3001)]
    assert long["text"].count("y") == size - 1
    assert size > PACKET_BYTES
