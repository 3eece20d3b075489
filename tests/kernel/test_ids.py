"""Identifiers made one by one and in bulk."""

from __future__ import annotations

from kernel.ids import is_uuid, new_id, new_ids


def test_ids_are_uuids_of_the_seventh_version_and_never_meet() -> None:
    ids = [*new_ids(2000), *(new_id() for _ in range(100))]

    assert len(set(ids)) == 2100
    assert all(is_uuid(each) and each[14] == "7" and each[19] in "89ab" for each in ids)


def test_ids_made_in_bulk_rise() -> None:
    before = new_id()
    ids = new_ids(500)

    assert ids == sorted(ids)
    assert before[:13] <= ids[0][:13]
    assert new_ids(0) == []
