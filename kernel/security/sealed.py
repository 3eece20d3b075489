"""Secrets at rest: AES-256-GCM with keys that rotate. Nothing here knows what the secrets are for."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kernel.config_sections import SecuritySettings
from kernel.errors import Fault, SetupFault

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = "s1"
KEY_NAME_MAX = 16
# Sealed text is longer than its plain text: 4/3 of (nonce + text + tag) plus version and key name.
OVERHEAD_MAX = 64


class Sealer:
    """Seals short texts for storage. The first key of the mapping seals; all of them open.

    The purpose is bound to the seal: a text moved to another column or row does not open.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise Fault("no sealing key: set security.seal_key")
        for name, key in keys.items():
            if len(key) != KEY_BYTES or not name.isalnum() or len(name) > KEY_NAME_MAX:
                raise Fault(f"sealing key {name!r} must be {KEY_BYTES} bytes with a short alphanumeric name")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._current = next(iter(keys))

    def seal(self, plain: str, *, purpose: str) -> str:
        """Text to store. purpose names the place, e.g. "fiscal_kz.token:<kkm id>"."""
        nonce = os.urandom(NONCE_BYTES)
        body = self._ciphers[self._current].encrypt(
            nonce, plain.encode(), self._bound(self._current, purpose)
        )
        return f"{VERSION}.{self._current}.{base64.b64encode(nonce + body).decode()}"

    def open(self, sealed: str, *, purpose: str) -> str:
        """The plain text. Raises Fault when the key is gone, the text was changed or belongs elsewhere."""
        version, _, rest = sealed.partition(".")
        name, _, body = rest.partition(".")
        cipher = self._ciphers.get(name)
        if version != VERSION or cipher is None:
            raise Fault("a sealed secret was made with a key we do not have")
        try:
            raw = base64.b64decode(body, validate=True)
            return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], self._bound(name, purpose)).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise Fault("a sealed secret was changed or belongs to another place") from None

    def open_or_none(self, given: str, *, purpose: str) -> str | None:
        """The plain text of a seal that a client brings back; None for one we did not make."""
        try:
            return self.open(given, purpose=purpose)
        except Fault:
            return None

    def is_stale(self, sealed: str) -> bool:
        """True when the text opens with an older key and should be sealed again."""
        return not sealed.startswith(f"{VERSION}.{self._current}.")

    @staticmethod
    def _bound(name: str, purpose: str) -> bytes:
        return f"{VERSION}.{name}.{purpose}".encode()


@lru_cache(maxsize=4)
def sealer_for(settings: SecuritySettings) -> Sealer:
    """The sealer of this installation: `sealer_for(work.settings(SecuritySettings))`. Raises Fault on a bad
    key.
    """
    return Sealer(parse_keys(settings.seal_key.reveal() or key_file(Path(settings.seal_key_file))))


def demand_seal_key(settings: SecuritySettings, *, is_production: bool) -> None:
    """In production no key is made by itself: a database without its key would be found out too late.

    Raises SetupFault.
    """
    if is_production and not settings.seal_key and not Path(settings.seal_key_file).exists():
        path = settings.seal_key_file
        first = f"core.production: no sealing key: there is no {path}, and security.seal_key is not set"
        raise SetupFault([first, "bring the key of this installation (a new one: openssl rand -base64 32)"])


def parse_keys(text: str) -> dict[str, bytes]:
    """Read "name:base64[,name:base64…]" (first seals) or one bare base64 key.

    Raises Fault, never showing it.
    """
    keys: dict[str, bytes] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, colon, encoded = part.partition(":")
        if not colon:
            name, encoded = "k1", part
        try:
            keys[name] = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise Fault("security.seal_key is not base64") from None
    return keys


def key_file(path: Path) -> str:
    """Contents of the key file, made with a fresh key and mode 600 when missing.

    Processes that start at the same time agree on one key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"k1:{base64.b64encode(os.urandom(KEY_BYTES)).decode()}\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()
