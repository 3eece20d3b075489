"""Access tokens: one algorithm, a set of keys that rotates, times by our clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.clock import to_ms
from kernel.errors import Fault, Refusal
from kernel.security.tokens import AUDIENCE, ISSUER, KeySet, SigningKey, kid_of

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
LIFETIME_S = 900


def _sign(keys: KeySet, now: datetime = NOON) -> str:
    return keys.sign(subject_id="user-1", session_id="session-1", now=now, lifetime_s=LIFETIME_S)


def _forge(key: SigningKey, *, algorithm: str = "EdDSA", **changes: Any) -> str:
    issued = int(NOON.timestamp())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "u", "sid": "s", "iat": issued, "exp": issued + 60}
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    signer: Any = Ed25519PrivateKey.from_private_bytes(key.private_raw)
    if algorithm == "HS256":
        signer = signer.public_key().public_bytes_raw()
    return jwt.encode(claims, signer, algorithm=algorithm, headers={"kid": key.kid})


def _reason(keys: KeySet, token: str, now: datetime = NOON) -> object:
    with pytest.raises(Refusal) as refusal:
        keys.verify(token, now=now)
    assert refusal.value.code == "UNAUTHENTICATED"
    return refusal.value.facts["reason"]


def test_a_token_says_whose_session_it_is() -> None:
    keys = KeySet([SigningKey.generate(NOON)])

    claims = keys.verify(_sign(keys), now=NOON)

    assert (claims.subject_id, claims.session_id) == ("user-1", "session-1")
    assert claims.expires_at_s - claims.issued_at_s == LIFETIME_S


def test_a_token_expires_by_our_clock_with_a_little_leeway() -> None:
    keys = KeySet([SigningKey.generate(NOON)])
    token = _sign(keys)

    assert keys.verify(token, now=NOON + timedelta(seconds=LIFETIME_S + 4))
    assert _reason(keys, token, NOON + timedelta(seconds=LIFETIME_S + 5)) == "expired"
    assert _reason(keys, token, NOON - timedelta(seconds=6)) == "not_yet_valid"


def test_a_new_key_signs_while_the_old_one_is_believed_until_retired() -> None:
    old = SigningKey.generate(NOON)
    token = _sign(KeySet([old]))
    later = NOON + timedelta(minutes=1)
    retired_ms = to_ms(NOON + timedelta(minutes=10))
    leaving = SigningKey(old.kid, old.private_raw, old.created_ms, retired_ms)
    fresh = SigningKey.generate(later)
    both = KeySet([leaving, fresh])

    assert kid_of(_sign(both, later)) == fresh.kid
    assert both.verify(token, now=later)
    assert _reason(both, token, NOON + timedelta(minutes=10)) == "retired_key"


def test_a_key_nobody_knows_asks_for_a_fresh_look() -> None:
    token = _sign(KeySet([SigningKey.generate(NOON)]))

    assert _reason(KeySet([SigningKey.generate(NOON)]), token) == "unknown_key"
    assert _reason(KeySet([]), token) == "unknown_key"


def test_nothing_is_signed_without_a_key_in_service() -> None:
    retired = SigningKey.generate(NOON)
    retired = SigningKey(retired.kid, retired.private_raw, retired.created_ms, to_ms(NOON))

    for keys in (KeySet([]), KeySet([retired])):
        with pytest.raises(Fault):
            _sign(keys)


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "sid", "iat", "exp"])
def test_every_claim_is_required(missing: str) -> None:
    key = SigningKey.generate(NOON)

    assert KeySet([key]).verify(_forge(key), now=NOON)
    assert _reason(KeySet([key]), _forge(key, **{missing: None})) == "bad_token"


@pytest.mark.parametrize(
    "change", [{"iss": "other"}, {"aud": "other"}, {"exp": "soon"}, {"iat": 1.5}, {"sid": 7}]
)
def test_a_claim_of_another_value_or_type_is_not_believed(change: dict[str, Any]) -> None:
    key = SigningKey.generate(NOON)

    assert _reason(KeySet([key]), _forge(key, **change)) == "bad_token"


def test_the_algorithm_is_ours_whatever_the_header_says() -> None:
    key = SigningKey.generate(NOON)
    unsigned = jwt.encode({"sub": "u"}, None, algorithm="none", headers={"kid": key.kid})

    with_public_key_as_secret = _forge(key, algorithm="HS256")

    assert _reason(KeySet([key]), with_public_key_as_secret) == "bad_token"
    assert _reason(KeySet([key]), unsigned) == "bad_token"


@pytest.mark.parametrize("garbage", ["", "a.b", "a.b.c", "..", "x" * 5000, "é.é.é", "a.b.c.d"])
def test_garbage_is_refused_calmly(garbage: str) -> None:
    assert _reason(KeySet([SigningKey.generate(NOON)]), garbage) == "bad_token"


def test_a_changed_letter_breaks_the_signature() -> None:
    keys = KeySet([SigningKey.generate(NOON)])
    header, body, signature = _sign(keys).split(".")
    other = "A" if signature[10] != "A" else "B"

    assert _reason(keys, f"{header}.{body}.{signature[:10]}{other}{signature[11:]}") == "bad_token"
