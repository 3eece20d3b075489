"""A sealed entry opens with its key, at its place, and nowhere else; the chain needs no key."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Fault, Refusal
from kernel.journal.chain import JournalEntry
from kernel.journal.sealing import JournalSealer, Opened, face_of, is_sealed, key_of

OLD, NEW = {"k1": bytes(range(32))}, {"k2": bytes(range(1, 33))}
BODY, FACE = '{"sum":150000,"user":"Айгүл"}', '{"sum":150000}'
SEALER = JournalSealer(OLD)


def entry(
    body: str = BODY, face: str = FACE, *, sealer: JournalSealer = SEALER, seq: int = 7
) -> JournalEntry:
    place = JournalEntry("alma", "register:one", seq, "toy.note", "", 1_700_000_000_000, "")
    sealed = sealer.seal(
        body,
        face,
        company_id=place.company_id,
        lane_key=place.lane_key,
        seq=seq,
        kind=place.kind,
        at_ms=place.at_ms,
    )
    return replace(place, body=sealed)


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=2_000))
def test_what_was_sealed_is_opened(body: str) -> None:
    sealed = entry(body, "")

    assert is_sealed(sealed.body)
    assert SEALER.open(sealed).body == body


def test_only_the_face_lies_open() -> None:
    sealed = entry()

    assert face_of(sealed.body) == {"sum": 150_000}
    assert "user" not in sealed.body
    assert key_of(sealed.body) == "k1"


def test_what_is_given_away_can_be_proved_without_a_key() -> None:
    sealed = entry()

    opened = SEALER.open(sealed)

    commitment = hashlib.sha256(bytes.fromhex(opened.salt) + opened.body.encode()).hexdigest()
    assert sealed.body.split(".")[2] == commitment
    assert (
        entry().body.split(".")[2] != commitment
    )  # the same facts again: nobody sees that they are the same


@pytest.mark.parametrize(
    "moved",
    [
        {"company_id": "anar"},
        {"lane_key": "register:two"},
        {"seq": 8},
        {"kind": "toy.other"},
        {"at_ms": 1_700_000_000_001},
    ],
)
def test_at_another_place_it_does_not_open(moved: dict[str, object]) -> None:
    with pytest.raises(Fault):
        SEALER.open(replace(entry(), **moved))  # type: ignore[arg-type]


def test_every_altered_character_is_found() -> None:
    sealed = entry()
    for position in range(len("j1."), len(sealed.body)):
        for letter in ("A", "0", "."):
            altered = sealed.body[:position] + letter + sealed.body[position + 1 :]
            if altered != sealed.body:
                with pytest.raises((Fault, Refusal)):
                    SEALER.open(replace(sealed, body=altered))


def test_an_old_key_still_opens_and_the_new_one_seals() -> None:
    old = entry()
    rotated = JournalSealer({**NEW, **OLD})

    assert rotated.open(old).body == BODY
    assert key_of(entry(sealer=rotated).body) == "k2"
    with pytest.raises(Refusal, match="JOURNAL_KEY_MISSING"):
        JournalSealer(NEW).open(old)


def test_an_entry_of_before_is_read_as_it_is() -> None:
    plain = replace(entry(), body=BODY)

    assert SEALER.open(plain) == Opened(BODY)
    assert SEALER.open(plain).facts == face_of(BODY) == {"sum": 150_000, "user": "Айгүл"}


def test_no_nonce_is_used_twice_and_each_lane_has_its_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    nonces = {entry().body.split(".")[3][:16] for _ in range(1_000)}
    assert len(nonces) == 1_000

    monkeypatch.setattr(os, "urandom", bytes)  # were chance to repeat itself, two lanes still differ
    one = entry().body
    other = SEALER.seal(
        BODY,
        FACE,
        company_id="alma",
        lane_key="register:two",
        seq=7,
        kind="toy.note",
        at_ms=1_700_000_000_000,
    )
    assert one.split(".")[3] != other.split(".")[3]
