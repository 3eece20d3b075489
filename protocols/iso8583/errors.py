"""What can be wrong with bytes or keys of the exchange; nothing here knows of payments."""

from __future__ import annotations


class WireError(ValueError):
    """The bytes cannot be what they claim to be. The text never holds a value of a field."""


class BadFrame(WireError):
    """A length of zero, beyond the limit or not a number, or a broken TPDU: the stream is lost."""


class TruncatedFrame(BadFrame):
    """The stream ended inside a frame."""


class MalformedMessage(WireError):
    """The bytes are no message of this dialect, or a message does not fit the dialect."""


class BadKey(ValueError):
    """A key of a wrong length or kind, or a check value that differs. The text never holds the key."""


class BadKeyBlock(BadKey):
    """A key block that was changed, was made with another key or is not allowed for this use."""
