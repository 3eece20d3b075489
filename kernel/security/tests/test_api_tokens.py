"""Opaque tokens: shape, checksum, digest."""

from __future__ import annotations

import pytest

from kernel.errors import Refusal
from kernel.security.api_tokens import DIGEST_LENGTH, TokenKind, digest_of, kind_of, make_token


@pytest.mark.parametrize("kind", list(TokenKind))
def test_a_token_names_its_kind_and_keeps_only_a_digest(kind: TokenKind) -> None:
    token = make_token(kind)

    assert token.text.startswith(f"sauda_{kind}_")
    assert kind_of(token.text) is kind
    assert token.digest == digest_of(token.text)
    assert len(token.digest) == DIGEST_LENGTH
    assert token.text.startswith(token.prefix)
    assert len(token.text) - len(token.prefix) > 30


def test_a_token_does_not_show_itself() -> None:
    token = make_token(TokenKind.LIVE)

    assert token.text not in repr(token)
    assert token.digest not in repr(token)


def test_no_two_tokens_are_alike() -> None:
    assert len({make_token(TokenKind.LIVE).text for _ in range(200)}) == 200


def test_any_single_mistyped_character_is_noticed() -> None:
    text = make_token(TokenKind.LIVE).text

    for place in range(len("sauda_live_"), len(text)):
        wrong = text[:place] + ("a" if text[place] != "a" else "b") + text[place + 1 :]
        with pytest.raises(Refusal):
            kind_of(wrong)


@pytest.mark.parametrize(
    "text", ["", "sauda_live_", "sauda_gold_" + "a" * 38, "Bearer x", "sauda_live_" + "é" * 38]
)
def test_what_is_no_token_of_ours_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        kind_of(text)

    assert refusal.value.code == "UNAUTHENTICATED"
