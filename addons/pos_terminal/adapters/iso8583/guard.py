"""TLS to an acquirer's host: by the authorities this machine believes, or by one pinned certificate."""

from __future__ import annotations

import hashlib
import hmac
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

_FINGERPRINT = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Guard:
    """fingerprint: SHA-256 of the host's certificate in small hexadecimal digits; "": the authorities and the
    name in the certificate decide.
    """

    fingerprint: str = ""

    def context(self) -> ssl.SSLContext:
        """What the connection is made with."""
        return _pinned() if self.fingerprint else _believed()

    def is_peer(self, certificate: bytes | None) -> bool:
        """Whether that is the host's certificate (DER)."""
        if not self.fingerprint:
            return True
        return hmac.compare_digest(hashlib.sha256(certificate or b"").hexdigest(), self.fingerprint)


def guard_of(options: Mapping[str, str]) -> Guard | None:
    """Options of a contract: `fingerprint`, or `tls` = yes; None for a line that is guarded otherwise.

    Raises ValueError for a fingerprint that is none.
    """
    fingerprint = options.get("fingerprint", "").replace(":", "").lower()
    if fingerprint and not _FINGERPRINT.fullmatch(fingerprint):
        raise ValueError("fingerprint")
    return Guard(fingerprint) if fingerprint or options.get("tls") == "yes" else None


@cache
def _believed() -> ssl.SSLContext:
    return ssl.create_default_context()


@cache
def _pinned() -> ssl.SSLContext:
    """Any certificate passes here: `Guard.is_peer` looks at it before a byte is sent."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
