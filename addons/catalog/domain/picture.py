"""Which pictures a product may have. Where their files lie does not belong here."""

from __future__ import annotations

from kernel.errors import Refusal

PICTURE_BYTES_MAX = 2 * 1024 * 1024
PICTURES_MAX = 10  # of one product
DIGEST_HEX_LENGTH = 64  # SHA-256
MEDIA_TYPE_LENGTH_MAX = 16
PICTURES_PATH = "/catalog/pictures"
# First bytes of the formats every browser shows; SVG may hold scripts and is not among them.
_SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


def picture_path(picture_id: str) -> str:
    """Path of a picture on this server."""
    return f"{PICTURES_PATH}/{picture_id}"


def media_type_of(content: bytes, *, field: str) -> str:
    """ "image/png", "image/jpeg" or "image/webp", told by the bytes themselves.

    Raises Refusal("PICTURE_TOO_LARGE") above PICTURE_BYTES_MAX, Refusal("PICTURE_KIND_UNKNOWN") for anything
    else.
    """
    if len(content) > PICTURE_BYTES_MAX:
        raise Refusal("PICTURE_TOO_LARGE", field=field, max=PICTURE_BYTES_MAX // 1024)
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    raise Refusal("PICTURE_KIND_UNKNOWN", field=field)
