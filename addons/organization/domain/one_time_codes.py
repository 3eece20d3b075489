"""One-time codes of authenticator apps: which step of time a code belongs to.

Source: RFC 6238, SHA-1, 30 seconds, 6 digits: what every authenticator app does.
"""

from __future__ import annotations

import hmac

import pyotp

STEP_S = 30
DRIFT_STEPS = 1  # a clock may be wrong by so many steps either way
CODE_LENGTH = 6


def new_secret() -> str:
    """A fresh secret of 160 bits, base 32."""
    return pyotp.random_base32()


def address_of(secret: str, *, account: str, issuer: str) -> str:
    """The otpauth:// address an app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def step_of(secret: str, code: str, *, now_ms: int, after: int) -> int | None:
    """The step whose code this is, later than `after`; None when there is none. A step counts once."""
    totp, present = pyotp.TOTP(secret), now_ms // 1000 // STEP_S
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if step > after and hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None
