"""Slow hashes: right, wrong, missing and old."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from kernel.errors import Refusal, Unavailable
from kernel.security import passwords
from kernel.security.passwords import HASH_LENGTH_MAX, hash_secret, verify_secret


async def test_a_hash_verifies_its_own_secret_only() -> None:
    encoded = await hash_secret("сәлем 1234")

    assert (await verify_secret(encoded, "сәлем 1234")).is_right
    assert not (await verify_secret(encoded, "сәлем 1235")).is_right


async def test_hashes_of_one_secret_differ_and_fit_their_column() -> None:
    first, second = await hash_secret("1234"), await hash_secret("1234")

    assert first != second
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert len(first) <= HASH_LENGTH_MAX


async def test_nobody_has_the_secret_of_a_missing_hash() -> None:
    verdict = await verify_secret(None, "9b0d6f5f-1b1c-4f57-8e0e-8d0a2f6d7a11")

    assert not verdict.is_right


async def test_a_hash_of_an_older_profile_is_right_and_stale() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("1234")

    verdict = await verify_secret(old, "1234")

    assert verdict.is_right
    assert verdict.is_stale
    assert not (await verify_secret(await hash_secret("1234"), "1234")).is_stale


async def test_a_broken_hash_is_wrong_rather_than_a_crash() -> None:
    assert not (await verify_secret("not a hash", "1234")).is_right


async def test_an_endless_secret_is_refused_before_it_costs_anything() -> None:
    with pytest.raises(Refusal) as refusal:
        await hash_secret("x" * 257)

    assert refusal.value.code == "SECRET_TOO_LONG"
    assert not (await verify_secret(passwords.NOBODY, "x" * 257)).is_right


async def test_a_crowd_of_hashes_is_asked_to_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_waiting", passwords.WAITING_MAX)

    with pytest.raises(Unavailable) as silent:
        await hash_secret("1234")

    assert silent.value.code == "HASHING_BUSY"
