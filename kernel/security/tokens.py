"""Short-lived access tokens: JSON Web Tokens with one fixed algorithm (Ed25519) and a rotating set of keys.

Sessions, refresh tokens and revocation live with the add-on that implements the Authenticator.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kernel.clock import to_ms
from kernel.errors import Fault, Refusal
from kernel.ids import new_id

ALGORITHM = "EdDSA"
ISSUER = "sauda"
AUDIENCE = "sauda.api"
LEEWAY_S = 5  # clocks of two gateways may differ by this much
TOKEN_LENGTH_MAX = 2048  # characters; ours are under 500
REQUIRED = ("exp", "iat", "sub", "aud", "iss", "sid")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One Ed25519 key. retired_ms: from then on nothing signed with it is believed, None while in service."""

    kid: str
    private_raw: bytes
    created_ms: int
    retired_ms: int | None = None

    @classmethod
    def generate(cls, now: datetime) -> SigningKey:
        """A fresh key; kid is a time-ordered id."""
        return cls(new_id(), Ed25519PrivateKey.generate().private_bytes_raw(), to_ms(now))

    def is_retired(self, now_ms: int) -> bool:
        """True when the key no longer verifies."""
        return self.retired_ms is not None and self.retired_ms <= now_ms


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says: whose session. Permissions come from the session, never from the token."""

    subject_id: str
    session_id: str
    issued_at_s: int
    expires_at_s: int


class KeySet:
    """Keys in service: the newest signs, all that are not retired verify. Rotation makes a new set."""

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        ordered = sorted(keys, key=lambda key: (key.created_ms, key.kid))
        self._keys = {key.kid: key for key in ordered}
        self._newest = ordered[-1] if ordered else None
        self._private: dict[str, Ed25519PrivateKey] = {}
        self._public: dict[str, Ed25519PublicKey] = {}

    @property
    def kids(self) -> frozenset[str]:
        """Names of the keys in the set."""
        return frozenset(self._keys)

    def sign(self, *, subject_id: str, session_id: str, now: datetime, lifetime_s: int) -> str:
        """An access token for the session, valid for lifetime_s seconds. Raises Fault without a key."""
        if self._newest is None or self._newest.is_retired(to_ms(now)):
            raise Fault("no signing key is in service")
        issued_at_s = int(now.timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject_id,
            "sid": session_id,
            "iat": issued_at_s,
            "exp": issued_at_s + lifetime_s,
        }
        key = self._private_of(self._newest)
        return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": self._newest.kid})

    def verify(self, token: str, *, now: datetime) -> AccessClaims:
        """Claims of a token that one of our keys signed and that is still valid at now.

        Raises Refusal("UNAUTHENTICATED", reason=…); "unknown_key" tells the caller to read the keys again.
        """
        kid = kid_of(token)
        key = self._keys.get(kid)
        if key is None:
            raise Refusal("UNAUTHENTICATED", reason="unknown_key")
        now_s = int(now.timestamp())
        if key.is_retired(to_ms(now)):
            raise Refusal("UNAUTHENTICATED", reason="retired_key")
        try:
            claims = jwt.decode(
                token,
                self._public_of(key),
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                # Times are compared below with the port Clock, not with the machine's.
                options={
                    "require": list(REQUIRED),
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.InvalidTokenError:
            raise Refusal("UNAUTHENTICATED", reason="bad_token") from None
        issued, expires = claims["iat"], claims["exp"]
        if type(issued) is not int or type(expires) is not int or not isinstance(claims["sid"], str):
            raise Refusal("UNAUTHENTICATED", reason="bad_token")
        if issued > now_s + LEEWAY_S:
            raise Refusal("UNAUTHENTICATED", reason="not_yet_valid")
        if expires <= now_s - LEEWAY_S:
            raise Refusal("UNAUTHENTICATED", reason="expired")
        return AccessClaims(claims["sub"], claims["sid"], issued, expires)

    def _private_of(self, key: SigningKey) -> Ed25519PrivateKey:
        found = self._private.get(key.kid)
        if found is None:
            found = self._private[key.kid] = Ed25519PrivateKey.from_private_bytes(key.private_raw)
        return found

    def _public_of(self, key: SigningKey) -> Ed25519PublicKey:
        found = self._public.get(key.kid)
        if found is None:
            found = self._public[key.kid] = self._private_of(key).public_key()
        return found


def looks_like_jwt(token: str) -> bool:
    """True for three non-empty dotted parts of sane length; says nothing about the signature."""
    return len(token) <= TOKEN_LENGTH_MAX and token.count(".") == 2 and all(token.split("."))


def kid_of(token: str) -> str:
    """Key name in the header, unverified. Raises Refusal("UNAUTHENTICATED") for none or another algorithm."""
    if not looks_like_jwt(token):
        raise Refusal("UNAUTHENTICATED", reason="bad_token")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        raise Refusal("UNAUTHENTICATED", reason="bad_token") from None
    kid = header.get("kid")
    if header.get("alg") != ALGORITHM or not isinstance(kid, str):
        raise Refusal("UNAUTHENTICATED", reason="bad_token")
    return kid
