"""Keys of the software's signature: Ed25519 (RFC 8032). Who signs keeps the key file far from the registers;
an installation knows public keys only.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kernel.errors import SetupFault

NAME_LENGTH = 16  # hex digits of SHA-256 of the public key, for people
PUBLIC_PREFIX = "ed25519:"


class PublicKey:
    """A key that checks signatures; its text stands in `build.public_key`."""

    def __init__(self, raw: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(raw)
        self.text = PUBLIC_PREFIX + base64.b64encode(raw).decode()
        self.name = hashlib.sha256(raw).hexdigest()[:NAME_LENGTH]

    @classmethod
    def parse(cls, text: str) -> PublicKey:
        """Read "ed25519:<base64 of 32 bytes>". Raises SetupFault."""
        prefix, found, encoded = text.strip().partition(":")
        try:
            raw = base64.b64decode(encoded, validate=True)
            if not found or prefix + found != PUBLIC_PREFIX:
                raise ValueError(text)
            return cls(raw)
        except (binascii.Error, ValueError):
            raise SetupFault(
                [f"build.public_key: {text!r} is not a key; `sauda build keygen` prints one"]
            ) from None

    def is_signed(self, signature: bytes, message: bytes) -> bool:
        """Whether this key's owner signed the message."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """A key that signs, out of its file."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.public = PublicKey(raw)

    @classmethod
    def make(cls, path: Path) -> SigningKey:
        """A fresh key in a new file of mode 600. Raises SetupFault when the file is there already."""
        key = Ed25519PrivateKey.generate()
        text = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise SetupFault([f"{path}: {os.strerror(error.errno or 0).lower()}"]) from error
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
        return cls(key)

    @classmethod
    def read(cls, path: Path) -> SigningKey:
        """The key of a file. Raises SetupFault when it is not an Ed25519 key in PEM."""
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise SetupFault([f"{path}: not a key file of `sauda build keygen` ({error})"]) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise SetupFault([f"{path}: an Ed25519 key is expected"])
        return cls(key)

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(message)
