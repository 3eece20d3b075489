"""Folding of names into search keys. Ranking and morphology do not belong here."""

from __future__ import annotations

import sys

SEARCH_KEY_LENGTH = 120
_SURROGATES = range(0xD800, 0xE000)
_FOLD = str.maketrans({"ё": "е", "\u00a0": " ", "«": " ", "»": " ", '"': " "})


def search_key(name: str) -> str:
    """Key of a name for a search by its beginning: lower case, ё as е, quotes and repeated blanks dropped."""
    return " ".join(name.lower().translate(_FOLD).split())[:SEARCH_KEY_LENGTH]


def after_prefix(prefix: str) -> str:
    """The first text after everything that begins with the prefix, in order of code points.

    A range walks an index on every database; LIKE does not.
    """
    following = ord(prefix[-1]) + 1
    if following == _SURROGATES.start:
        following = _SURROGATES.stop
    return prefix[:-1] + chr(min(following, sys.maxunicode))
