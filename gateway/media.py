"""Which media type an answer has, by the Accept header's weights: the two of GraphQL over HTTP, or HTML."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

ACCEPT_MAX = 1_000  # characters that are read


class Media(StrEnum):
    """Media types of an answer."""

    RESPONSE = "application/graphql-response+json"
    JSON = "application/json"
    HTML = "text/html"


@lru_cache(maxsize=256)
def choose_media(accept: str | None, *, with_page: bool = False) -> Media:
    """The best of the media types for an Accept header; with_page adds HTML, for browsers that come to look.

    No header, `*/*`, and a header that names none of ours all mean JSON, as old clients expect; ours are
    named by weight, and at equal weight by the order in which the client named them (RFC 9110 §12.5.1 leaves
    that order to us).
    """
    best: tuple[float, Media] | None = None
    for part in (accept or "")[:ACCEPT_MAX].split(","):
        name, _, parameters = part.partition(";")
        media = _NAMES.get(name.strip().lower())
        if media is None or (media is Media.HTML and not with_page):
            continue
        weight = _weight(parameters)
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, media)
    return best[1] if best else Media.JSON


_NAMES = {
    "application/graphql-response+json": Media.RESPONSE,
    "application/json": Media.JSON,
    "application/*": Media.JSON,
    "*/*": Media.JSON,
    "text/html": Media.HTML,
    "application/xhtml+xml": Media.HTML,
}


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(int(value.replace(".", "").ljust(4, "0")[:4]) / 1000, 0), 1)
            except ValueError:
                return 0
    return 1
