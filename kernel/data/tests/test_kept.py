"""Kept answers are what their statement would give, and what a group has said becomes rows as if each Work
had run alone.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from random import Random
from unittest.mock import patch

import pytest
from tortoise.exceptions import IntegrityError

from kernel.data.database import Database
from kernel.data.kept import KEPT_MAX, KeptAnswers
from kernel.data.questions import About, KeptQuestion, KeyQuestion, changed_by
from kernel.data.sqlite import EmbeddedClient
from kernel.data.tests.conftest import ALMA
from kernel.data.tests.toy_models import Parcel
from kernel.data.work import Work
from kernel.errors import Fault, Refusal
from kernel.money import Money

PARCELS = About("toy_parcel", on_servers=False)
PRICE = "SELECT price FROM toy_parcel WHERE name = ?"
ADD = "INSERT INTO toy_parcel (id, company_id, name, price) VALUES (?, 'alma', ?, ?)"
SET = "UPDATE toy_parcel SET price = ? WHERE name = ?"
Change = Callable[[Work], Awaitable[object]]


async def kept_price(work: Work, name: str = "a") -> int | None:
    (rows,) = await work.together(KeptQuestion(PRICE, (name,), PARCELS))
    return rows[0]["price"] if rows else None


async def plain_price(work: Work, name: str = "a") -> int | None:
    row = await work.row(PRICE, name)
    return None if row is None else row["price"]


async def add(work: Work, name: str = "a", price: int = 1) -> None:
    await work.write(ADD, name, name, price)


async def _by_model(work: Work) -> None:
    await Parcel.filter(name="a").update(price=Money(2))


CHANGES: dict[str, Change] = {
    "said": lambda work: work.write(SET, 2, "a"),
    "said for many": lambda work: work.write_many(SET, [(2, "a")]),
    "said for one": lambda work: work.write_one(SET, 2, "a", otherwise=Fault("none")),
    "run": lambda work: work.execute(SET, 2, "a"),
    "run for many": lambda work: work.execute_many(SET, [(2, "a")]),
    "giving rows": lambda work: work.rows("UPDATE toy_parcel SET price = 2 WHERE name = 'a' RETURNING id"),
    "of a model": _by_model,
}


@pytest.mark.parametrize("way", CHANGES)
async def test_an_answer_is_kept_until_its_table_is_changed(database: Database, way: str) -> None:
    await database.transact(add, principal=ALMA)
    assert await database.transact(kept_price, principal=ALMA) == 1
    with patch.object(EmbeddedClient, "select") as select:
        assert await database.transact(kept_price, principal=ALMA) == 1
    assert not select.called

    async def service(work: Work) -> int | None:
        await CHANGES[way](work)
        return await kept_price(work)

    assert await database.transact(service, principal=ALMA) == 2
    assert await database.transact(kept_price, principal=ALMA) == 2


async def test_what_others_commit_to_the_file_is_seen_by_the_next_work(database: Database) -> None:
    await database.transact(add, principal=ALMA)
    assert await database.transact(kept_price, principal=ALMA) == 1

    with sqlite3.connect(database.url.path) as other:
        other.execute(SET, (3, "a"))

    assert await database.transact(kept_price, principal=ALMA) == 3


@pytest.mark.parametrize("has_asked", [True, False])
async def test_what_is_undone_was_never_the_answer(database: Database, has_asked: bool) -> None:
    async def change_and_fail(work: Work) -> None:
        await work.write(SET, 9, "a")
        if has_asked:  # so it was written, and the group is undone
            assert await kept_price(work) == 9
        raise Refusal("PARCEL_TOO_HEAVY")

    await database.transact(add, principal=ALMA)
    assert await database.transact(kept_price, principal=ALMA) == 1
    services: list[Change] = [add_b, change_and_fail, kept_price, kept_price]

    outcomes = await asyncio.gather(
        *(database.transact(service, principal=ALMA) for service in services), return_exceptions=True
    )

    assert isinstance(outcomes[1], Refusal)
    assert outcomes[2:] == [1, 1]


async def test_what_was_left_by_a_refused_work_is_not_kept(database: Database) -> None:
    left = KeptQuestion(PRICE, ("a",), PARCELS)

    async def leave_and_fail(work: Work) -> None:
        await work.write(SET, 9, "a")
        work.leave_kept(left, (9,))
        raise Refusal("PARCEL_TOO_HEAVY")

    async def look(work: Work) -> object:
        return await work.first_kept(left)

    await database.transact(add, principal=ALMA)
    _, *answers = await asyncio.gather(
        *(database.transact(service, principal=ALMA) for service in (leave_and_fail, look)),
        return_exceptions=True,
    )

    assert answers == [(1,)]


async def test_what_could_not_be_committed_is_not_kept(database: Database) -> None:
    async def change(work: Work) -> int | None:
        await work.write(SET, 9, "a")
        return await kept_price(work)

    await database.transact(add, principal=ALMA)
    with (
        patch(
            "kernel.data.group_commit._Flusher.commit", side_effect=sqlite3.OperationalError("disk is full")
        ),
        pytest.raises(sqlite3.OperationalError),
    ):
        await database.transact(change, principal=ALMA)

    assert await database.transact(kept_price, principal=ALMA) == 1


async def add_b(work: Work) -> None:
    await add(work, "b")


async def test_one_that_takes_a_key_of_its_group_fails_alone(database: Database) -> None:
    names = ("a", "b", "a", "c", "b")

    outcomes = await asyncio.gather(
        *(database.transact(add, name, place, principal=ALMA) for place, name in enumerate(names)),
        return_exceptions=True,
    )

    failed = [isinstance(outcome, IntegrityError) for outcome in outcomes]
    assert failed == [False, False, True, False, True]
    assert [await database.transact(kept_price, name, principal=ALMA) for name in "abc"] == [0, 1, 3]


async def test_who_asks_for_a_key_of_its_group_finds_it(database: Database) -> None:
    async def add_once(work: Work, price: int) -> int:
        (rows,) = await work.together(KeyQuestion(PRICE, ("a",)))
        if rows:
            return int(rows[0]["price"])
        await add(work, price=price)
        return price

    answers = await asyncio.gather(
        *(database.transact(add_once, price, principal=ALMA) for price in range(5, 9))
    )

    assert answers == [5, 5, 5, 5]


async def test_nobody_pays_for_the_statement_of_another(database: Database) -> None:
    """Even one who catches what it hears when it reads."""

    async def read(work: Work) -> str:
        try:
            return f"price {await plain_price(work)}"
        except IntegrityError:
            return "heard of a stranger's mistake"

    await database.transact(add, principal=ALMA)
    outcomes = await asyncio.gather(
        *(database.transact(service, principal=ALMA) for service in (add_b, add, read)),
        return_exceptions=True,
    )

    assert isinstance(outcomes[1], IntegrityError)
    assert outcomes[2] == "price 1"


@pytest.mark.parametrize("worthless", [1 << 70, "\ud800"])
async def test_what_cannot_be_written_at_all_harms_nobody_else(
    database: Database, worthless: int | str
) -> None:
    async def say_worthless(work: Work) -> None:
        await add(work, "b")
        await work.write(ADD, "c", "c", worthless)
        await add(work, "d")

    async def read(work: Work) -> int | None:
        return await plain_price(work, "b")

    outcomes = await asyncio.gather(
        *(database.transact(service, principal=ALMA) for service in (add, say_worthless, read)),
        return_exceptions=True,
    )

    assert isinstance(outcomes[1], OverflowError | UnicodeEncodeError)
    assert (outcomes[0], outcomes[2]) == (None, None)
    assert [await database.transact(kept_price, name, principal=ALMA) for name in "abcd"] == [1] + [None] * 3


async def test_who_catches_its_own_mistake_has_made_it_all_the_same(database: Database) -> None:
    async def add_twice(work: Work) -> None:
        await add(work)
        await add(work)
        for name in "ab":
            with pytest.raises(IntegrityError):
                await plain_price(work, name)
            await add(work, "b")

    with pytest.raises(IntegrityError):
        await database.transact(add_twice, principal=ALMA)

    assert await database.transact(kept_price, principal=ALMA) is None


@pytest.mark.parametrize("seed", range(25))
async def test_any_order_of_works_ends_as_if_each_had_run_alone(database: Database, seed: int) -> None:
    random = Random(seed)
    prices: dict[str, int] = {}  # as they should be
    expected: list[set[type]] = []  # of each Work: what it may end with

    def story() -> Change:
        steps = [
            (random.choice(["add", "say", "run", "ask"]), random.choice("abcd"), random.randrange(100))
            for _ in range(random.randint(1, 5))
        ]
        is_refused, reads_first = random.random() < 0.2, random.random() < 0.5
        after, is_taken = dict(prices), False
        for kind, name, price in steps:
            is_taken |= kind == "add" and name in after
            if kind == "add" or (kind in ("say", "run") and name in after):
                after[name] = price
        if not is_taken and not is_refused:
            prices.update(after)
        # A key that is taken is heard of when the row is written, which a refusal may come before.
        failures = {kind for kind, is_so in ((IntegrityError, is_taken), (Refusal, is_refused)) if is_so}
        expected.append(failures or {type(None)})

        async def service(work: Work) -> None:
            for kind, name, price in steps:
                if kind == "add":
                    await add(work, name, price)
                elif kind == "say":
                    await work.write(SET, price, name)
                elif kind == "run":
                    await work.execute(SET, price, name)
                else:
                    assert await kept_price(work, name) == await plain_price(work, name)
            if is_refused and reads_first:
                await plain_price(work)
            if is_refused:
                raise Refusal("PARCEL_TOO_HEAVY")

        return service

    for _ in range(8):
        services = [story() for _ in range(random.randint(1, 8))]
        outcomes = await asyncio.gather(
            *(database.transact(service, principal=ALMA) for service in services), return_exceptions=True
        )
        for outcome, wanted in zip(outcomes, expected[-len(services) :], strict=True):
            assert type(outcome) in wanted
        for name in "abcd":
            assert await database.transact(kept_price, name, principal=ALMA) == prices.get(name)


async def test_memory_has_a_limit() -> None:
    kept = KeptAnswers()
    questions = [KeptQuestion(PRICE, (str(number),), PARCELS) for number in range(KEPT_MAX + 1)]
    for question in questions:
        kept.keep(question, ())

    assert kept.of(questions[0]) is None
    assert kept.of(questions[-1]) == ()


def test_a_subject_is_changed_by_statements_that_name_its_tables() -> None:
    assert PARCELS in changed_by(SET)
    assert PARCELS in changed_by("WITH x AS (SELECT 1) DELETE FROM toy_parcel")
    assert PARCELS in changed_by('INSERT INTO "toy_parcel" VALUES (?)')
    assert PARCELS not in changed_by("UPDATE toy_parcel_box SET price = ?")
    assert PARCELS not in changed_by(PRICE)
    own = About("toy_box", but=("UPDATE toy_box SET a = ?",))
    assert own not in changed_by("UPDATE toy_box SET a = ?")
    assert own in changed_by("UPDATE toy_box SET b = ?")
