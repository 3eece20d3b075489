"""What can be wrong with bytes of the exchange; nothing here knows of registers or rules."""

from __future__ import annotations


class WireError(ValueError):
    """The bytes cannot be what they claim to be."""


class BadMagic(WireError):
    """The frame does not begin with the application code A2 81."""


class BadVersion(WireError):
    """The version field is no X.Y.Z of one digit each."""


class BadSize(WireError):
    """SIZE is smaller than the header or larger than the limit."""


class TruncatedFrame(WireError):
    """The stream ended inside a frame."""


class MalformedMessage(WireError):
    """The payload is no message of the schema, or lacks what every answer has."""


class WrongVersion(ValueError):
    """A value cannot be expressed in the wanted protocol version (our own mistake, not the partner's)."""
