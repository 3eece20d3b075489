"""Identifiers made one by one and in bulk."""

from __future__ import annotations

import os
import time

import pytest

from kernel.ids import ID_LENGTH, is_uuid, new_id, new_ids


def test_ids_are_uuids_of_the_seventh_version_and_never_meet() -> None:
    ids = [*new_ids(2000), *(new_id() for _ in range(100))]

    assert len(set(ids)) == 2100
    assert all(is_uuid(each) and each[14] == "7" and each[19] in "89ab" for each in ids)


def test_ids_of_one_process_rise_one_by_one_and_in_bulk() -> None:
    ids = [new_id(), *new_ids(500), *(new_id() for _ in range(2000)), *new_ids(50)]

    assert ids == sorted(ids)
    assert new_ids(0) == []


def test_ids_rise_when_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 0)

    assert new_id() > before


def test_a_forked_process_draws_other_ids_than_its_parent() -> None:
    new_id()  # the rest of what was drawn with it is in memory now
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, "".join(new_ids(100)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    drawn = os.read(reading, 100 * ID_LENGTH).decode()
    theirs = {drawn[at + 19 : at + ID_LENGTH] for at in range(0, len(drawn), ID_LENGTH)}

    assert len(theirs) == 100
    assert not theirs & {each[19:] for each in new_ids(100)}


def test_ids_differ_in_every_digit_but_those_of_the_time() -> None:
    ids = new_ids(2000)

    for at in [*range(16, 18), *range(20, 23), *range(24, ID_LENGTH)]:  # 16 and 17: parts of a millisecond
        assert len({each[at] for each in ids}) == 16
    assert {each[19] for each in ids} == set("89ab")
