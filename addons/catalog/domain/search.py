"""Folding of names into search keys. Ranking and morphology do not belong here."""

from __future__ import annotations

SEARCH_KEY_LENGTH = 120
_FOLD = str.maketrans({"ё": "е", "\u00a0": " ", "«": " ", "»": " ", '"': " "})


def search_key(name: str) -> str:
    """Key of a name for a search by its beginning: lower case, ё as е, quotes and repeated blanks dropped."""
    return " ".join(name.lower().translate(_FOLD).split())[:SEARCH_KEY_LENGTH]


def like_prefix(text: str) -> str:
    """Pattern of LIKE (with ESCAPE '!') for names that begin with the text."""
    key = search_key(text)
    return key.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
