"""Guesses are counted across processes, the same way in Redis and in the database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from addons.organization.services.attempts import Guess, count_guess, forgive, take_back
from addons.organization.services.sign_in import SignIn, sign_in
from addons.organization.tests.shops import PASSWORD, open_shop
from kernel.app import App
from kernel.clock import FrozenClock
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security import guess_counts
from kernel.security.guess_counts import RedisCounts
from kernel.security.principal import SYSTEM
from kernel.security.rate_limits import AttemptPolicy
from kernel.testing.app import running_app

REDIS_URL, NOBODY = "redis://127.0.0.1:6379/0", "redis://127.0.0.1:1/0"
POLICY = AttemptPolicy(free=3, delay_first_s=10, delay_max_s=30, forget_after_s=600)
WIDE = AttemptPolicy(free=5, delay_first_s=5, delay_max_s=900, forget_after_s=600)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may answer late; only a Redis that is not there is away."""
    monkeypatch.setattr(guess_counts, "ANSWER_LIMIT_S", 60.0)


@asynccontextmanager
async def _house(bus_url: str) -> AsyncIterator[App]:
    async with running_app(["organization"], settings={"bus": {"url": bus_url}}) as app:
        yield app


@pytest.fixture(params=["memory:", pytest.param(REDIS_URL, marks=pytest.mark.redis)])
async def app(request: pytest.FixtureRequest) -> AsyncIterator[App]:
    """organization with counts in the database, or in Redis."""
    async with _house(request.param) as app:
        yield app


def _guess(policy: AttemptPolicy = POLICY) -> Guess:
    return Guess(f"test:{new_id()}", policy)


async def _waits(app: App, *guesses: Guess) -> int:
    """Seconds to wait; 0 when the guess was counted."""
    try:
        await count_guess(app.database, guesses)
    except Refusal as refusal:
        return int(str(refusal.facts["seconds"]))
    return 0


def _advance(app: App, seconds: int) -> None:
    assert isinstance(app.clock, FrozenClock)
    app.clock.advance(timedelta(seconds=seconds))


async def _write(app: App, service: object, what: object) -> None:
    await app.database.transact(service, what, principal=SYSTEM)  # type: ignore[arg-type]


async def test_after_the_free_ones_each_guess_waits_twice_as_long_up_to_a_limit(app: App) -> None:
    guess, waits = _guess(), []

    for _ in range(7):
        wait = await _waits(app, guess)
        waits.append(wait)
        if wait:
            _advance(app, wait - 1)
            assert await _waits(app, guess) == 1  # an early guess is not counted and costs nothing
            _advance(app, 1)
            assert await _waits(app, guess) == 0

    assert waits == [0, 0, 0, 10, 20, 30, 30]


async def test_all_is_forgotten_after_a_while_or_after_a_right_guess(app: App) -> None:
    guess = _guess()
    for _ in range(3):
        await _waits(app, guess)
    assert await _waits(app, guess) == 10

    await _write(app, forgive, guess.subject)
    assert [await _waits(app, guess) for _ in range(4)] == [0, 0, 0, 10]
    _advance(app, 600)
    assert [await _waits(app, guess) for _ in range(4)] == [0, 0, 0, 10]


async def test_a_right_guess_is_taken_back_and_the_wrong_ones_before_it_stay(app: App) -> None:
    guess = _guess()
    for _ in range(3):
        await _waits(app, guess)

    await _write(app, take_back, [guess])

    assert [await _waits(app, guess) for _ in range(2)] == [0, 10]


async def test_a_guess_that_one_subject_refuses_is_counted_at_none(app: App) -> None:
    person, place = _guess(), _guess(WIDE)
    for _ in range(3):
        assert await _waits(app, person, place) == 0

    for _ in range(9):
        assert await _waits(app, person, place) == 10

    assert [await _waits(app, place) for _ in range(3)] == [0, 0, 5]


async def test_guesses_at_the_same_moment_are_all_counted(app: App) -> None:
    guess = _guess()

    waits = await asyncio.gather(*(_waits(app, guess) for _ in range(20)))

    assert sorted(waits) == [0] * 3 + [10] * 17


@pytest.mark.redis
async def test_processes_share_one_count_and_installations_do_not() -> None:
    async with _house(REDIS_URL) as app:
        guess, name = _guess(), app.database.url.path
        twin = RedisCounts(REDIS_URL, name=name, clock=app.clock)
        stranger = RedisCounts(REDIS_URL, name="another installation", clock=app.clock)
        now_ms, told = 1_768_451_400_000, [(guess.subject, guess.policy)]
        for each in (twin, stranger):
            await each.start()
        try:
            for _ in range(3):
                await _waits(app, guess)
            with pytest.raises(Refusal):
                await twin.admit(told, now_ms)
            assert await stranger.admit(told, now_ms)
        finally:
            for each in (twin, stranger):
                each.forgive(guess.subject)
                await each.close()


async def test_without_redis_the_database_counts_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with _house(NOBODY) as app:
        shop = await open_shop(app)
        caplog.set_level(logging.ERROR, "kernel.security.guess_counts")
        wrong = SignIn(shop.email, "not the password")

        codes = []
        for _ in range(6):
            with pytest.raises(Refusal) as refusal:
                await sign_in(app.database, wrong)
            codes.append(refusal.value.code)

        assert codes == ["SIGN_IN_WRONG"] * 5 + ["AUTH_THROTTLED"]
        assert "counted in the database" in caplog.text
        with pytest.raises(Refusal) as right:
            await sign_in(app.database, SignIn(shop.email, PASSWORD))
        assert right.value.code == "AUTH_THROTTLED"  # away is not open
