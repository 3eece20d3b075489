"""Bodies of journal entries, opened as their form is described, apart from the product's own code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.support.stored import Row

KEY_NAME, KEY = "test", bytes(32)
SEAL_KEY = f"{KEY_NAME}:{base64.b64encode(KEY).decode()}"  # of every installation made by tests


def opened(row: Row) -> dict[str, Any]:
    """Facts of an entry. Raises ValueError for one that is not sealed, or not for its place."""
    version, name, commitment, sealed, face = str(row["body"]).split(".", 4)
    if (version, name) != ("j1", KEY_NAME):
        raise ValueError(f"sealed as {version} with {name}")
    key = hmac.digest(KEY, b"sauda journal 1\n" + row["lane_key"].encode(), "sha256")
    place = (row["company_id"] or "", row["lane_key"], row["seq"], row["kind"], row["at_ms"], face)
    bound = "\n".join([f"{version}.{name}.{commitment}", *(str(part) for part in place)])
    raw = base64.b64decode(sealed, validate=True)
    try:
        plain = AESGCM(key).decrypt(raw[:12], raw[12:], bound.encode())
    except InvalidTag:
        raise ValueError("changed, or of another place") from None
    if hashlib.sha256(plain).hexdigest() != commitment:
        raise ValueError("not what it was committed to")
    facts: dict[str, Any] = json.loads(plain[16:])
    for field, value in json.loads(face or "{}").items():
        if facts.get(field, value) != value:
            raise ValueError(f"{field} lies open as {value}")
    return facts
